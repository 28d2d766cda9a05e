"""Quota, cleaning by age, and zip files of messages."""

import io
import time
import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from folkmoot.config.security_section import SecuritySettings
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Forbidden, NotFound
from folkmoot.mailboxes import exporting
from folkmoot.mailboxes.quota import usage
from folkmoot.mailboxes.values import MAIN
from tests.support.dovecot import dovecot
from tests.support.mailboxes import Mail, mail_on

pytestmark = [pytest.mark.anyio, pytest.mark.live]
YEAR = 366 * 24 * 3600
LIMIT = date.today() - timedelta(days=180)  # noqa: DTZ011 - a day, as people write it


async def fill(mail: Mail, caller: Caller, path: str, *, old: int = 0, new: int = 0) -> None:
    now = int(time.time())
    async with mail.access.connection(caller) as connection:
        for number in range(old + new):
            received = now - YEAR if number < old else now
            await connection.append(path, b"Subject: s%d\r\n\r\nx\r\n" % number, received=received)


async def count(mail: Mail, caller: Caller, path: str) -> int:
    folder = (await mail.folders.tree(caller)).find(path)
    assert folder is not None
    assert folder.status is not None
    return folder.status.messages or 0


async def test_the_quota_is_told_with_the_ratio_of_the_settings(
    mail: Mail, migrated_file: Path, tmp_path: Path
) -> None:
    anna = mail.person()
    await fill(mail, anna, "INBOX", new=1)
    told = await usage(mail.access, anna)
    assert told.kibibytes_max == 1024 * 1024
    assert told.kibibytes is not None
    assert told.kibibytes > 0
    (tmp_path / "half").mkdir()
    async with mail_on(dovecot(), migrated_file, tmp_path / "half", imap={"soft_quota_ratio": 0.5}) as other:
        assert (await usage(other.access, other.person())).kibibytes_max == 512 * 1024


async def test_old_mail_goes_to_the_trash_and_new_mail_stays(mail: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("folkmoot.mailboxes.folders.BATCH", 2)
    anna = mail.person()
    await mail.folders.create(anna, MAIN, "", "a")
    await mail.folders.create(anna, MAIN, "a", "b")
    await fill(mail, anna, "a", old=5, new=2)
    await fill(mail, anna, "a/b", old=1, new=1)
    seen = [one async for one in mail.cleaning.clean(anna, MAIN, "a", LIMIT)]
    assert [one.messages for one in seen] == [2, 4, 5, 5]
    assert await count(mail, anna, "a") == 2
    assert await count(mail, anna, "a/b") == 2
    assert await count(mail, anna, "Trash") == 5
    await consume(mail.cleaning.clean(anna, MAIN, "a", LIMIT, below=True, for_good=True))
    assert await count(mail, anna, "a/b") == 1
    assert await count(mail, anna, "Trash") == 5
    await consume(mail.cleaning.clean(anna, MAIN, "Trash", LIMIT))
    assert await count(mail, anna, "Trash") == 0


async def test_cleaning_a_whole_account_leaves_the_trash(mail: Mail) -> None:
    anna = mail.person()
    await fill(mail, anna, "INBOX", old=2)
    await fill(mail, anna, "Trash", old=1)
    await consume(mail.cleaning.clean(anna, MAIN, "", LIMIT))
    assert (await count(mail, anna, "INBOX"), await count(mail, anna, "Trash")) == (0, 3)


async def test_cleaning_stops_when_nobody_listens(mail: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("folkmoot.mailboxes.folders.BATCH", 1)
    anna = mail.person()
    await fill(mail, anna, "INBOX", old=3)
    async for _ in mail.cleaning.clean(anna, MAIN, "INBOX", LIMIT):
        break
    assert await count(mail, anna, "INBOX") == 2


async def test_cleaning_has_to_be_allowed(mail: Mail) -> None:
    anna = mail.person()
    with pytest.raises(NotFound):
        await consume(mail.cleaning.clean(anna, MAIN, "nothing", LIMIT))
    closed = replace(mail.settings, mail=replace(mail.settings.mail, cleaning=False))
    mail.access._settings = lambda _domain: closed
    with pytest.raises(Forbidden):
        await consume(mail.cleaning.clean(anna, MAIN, "INBOX", LIMIT))


async def test_an_export_holds_every_message_as_it_is(mail: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "TOGETHER", 2)
    monkeypatch.setattr(exporting, "TOGETHER_OCTETS", 20_000)
    anna = mail.person()
    await mail.folders.create(anna, MAIN, "", "a")
    await mail.folders.create(anna, MAIN, "a", "b")
    messages = [
        b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\none\r\n",
        b"Subject: ../../etc/passwd\r\n\r\ntwo\r\n",
        b"Subject: large\r\n\r\n" + b"0123456789abcdef\r\n" * 5_000,
        b"Subject: \r\n\r\n",
    ]
    async with mail.access.connection(anna) as connection:
        for message in messages:
            await connection.append("a", message, received=1_700_000_000)
        await connection.append("a/b", messages[0])
    watched: list[tuple[int, int]] = []
    octets = b"".join(
        [
            piece
            async for piece in mail.exporting.mailbox(
                anna, MAIN, "a", below=True, watch=lambda done, total: watched.append((done, total))
            )
        ]
    )
    assert watched[-1] == (5, 5)
    with zipfile.ZipFile(io.BytesIO(octets)) as made:
        assert made.testzip() is None
        assert made.namelist() == ["Grüße 1.eml", "_.._etc_passwd 2.eml", "large 3.eml", "4.eml", "b/Grüße 1.eml"]
        assert [made.read(name) for name in made.namelist()] == [*messages, messages[0]]
        assert made.infolist()[0].date_time[:3] == (2023, 11, 14)
    tree = await mail.folders.tree(anna)
    assert [one.status.unseen for one in tree.folders if one.path == "a" and one.status] == [4]


async def test_chosen_messages_are_exported_and_those_that_are_gone_left_out(mail: Mail) -> None:
    anna = mail.person()
    await fill(mail, anna, "INBOX", new=3)
    octets = b"".join([piece async for piece in mail.exporting.messages(anna, MAIN, "INBOX", [3, 1, 99])])
    with zipfile.ZipFile(io.BytesIO(octets)) as made:
        assert sorted(made.namelist()) == ["s0 1.eml", "s2 3.eml"]


async def test_an_export_has_to_be_allowed(mail: Mail) -> None:
    anna = mail.person()
    with pytest.raises(NotFound):
        await consume(mail.exporting.mailbox(anna, MAIN, "nothing"))
    closed = replace(mail.settings, security=SecuritySettings(export_disabled=("Mail",)))
    mail.access._settings = lambda _domain: closed
    with pytest.raises(Forbidden):
        await consume(mail.exporting.mailbox(anna, MAIN, "INBOX"))
    with pytest.raises(Forbidden):
        await consume(mail.exporting.messages(anna, MAIN, "INBOX", [1]))


async def consume(steps: AsyncIterator[object]) -> None:
    async for _ in steps:
        pass
