"""Messages that leave an account: moved into another one, or reported as junk."""

import itertools
from dataclasses import replace
from pathlib import Path

import pytest

from folkmoot.config.mail_section import JunkReporting
from folkmoot.core.caller import Caller
from folkmoot.core.errors import NotFound, TooLarge
from folkmoot.mailboxes.accounts import Host, NewAccount
from folkmoot.mailboxes.chosen import Chosen
from folkmoot.mailboxes.junk import Junk
from folkmoot.mailboxes.junk_reports import JunkReports
from folkmoot.mailboxes.listing import Listing, ListQuery
from folkmoot.mailboxes.moving import Moving
from folkmoot.mailboxes.values import MAIN
from folkmoot.mime.reading import read_message
from tests.support.dovecot import PASSWORD, dovecot, somebody
from tests.support.mailboxes import Mail
from tests.support.outgoing import post_on
from tests.support.smtp import mail_server

pytestmark = [pytest.mark.anyio, pytest.mark.live]


def message(number: int) -> bytes:
    return f"From: a@example.net\r\nSubject: {number}\r\nMessage-ID: <{number}@example.net>\r\n\r\nHi\r\n".encode()


def elsewhere() -> NewAccount:
    return NewAccount("Home", Host("127.0.0.1", dovecot().imap), somebody(), password=PASSWORD)


async def put(mail: Mail, caller: Caller, count: int, *flags: str) -> list[int]:
    async with mail.access.connection(caller, MAIN) as connection:
        appended = [
            await connection.append("INBOX", message(number), flags=flags, received=1_700_000_000 + number)
            for number in range(count)
        ]
    return [one.uid or 0 for one in appended]


async def test_messages_move_to_another_account_and_back_with_flags_and_dates(mail: Mail) -> None:
    anna = mail.person()
    account = await mail.accounts.add(
        anna, NewAccount("Home", Host("127.0.0.1", dovecot().imap), somebody(), password=PASSWORD)
    )
    uids = await put(mail, anna, 2, "\\Flagged", "$label1")
    moving, listing = Moving(mail.access), Listing(mail.access)
    moved = await moving.move(anna, MAIN, Chosen("INBOX", uids), "INBOX", target_account=account.id)
    there = await listing.window(anna, account.id, "INBOX", ListQuery())
    assert [row.received for row in there.rows] == [1_700_000_001, 1_700_000_000]
    assert all({"\\Flagged", "$label1"} <= row.flags for row in there.rows)
    assert (await listing.window(anna, MAIN, "INBOX", ListQuery())).total == 0
    await moving.undo(anna, MAIN, moved)
    assert (await listing.window(anna, MAIN, "INBOX", ListQuery())).total == 2
    assert (await listing.window(anna, account.id, "INBOX", ListQuery())).total == 0


async def test_what_cannot_go_to_another_account_stays(mail: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = mail.person()
    account = await mail.accounts.add(
        anna, NewAccount("Home", Host("127.0.0.1", dovecot().imap), somebody(), password=PASSWORD)
    )
    uids = await put(mail, anna, 3)
    moving = Moving(mail.access)
    with pytest.raises(NotFound):
        await moving.move(anna, MAIN, Chosen("INBOX", uids), "No such", target_account=account.id)
    monkeypatch.setattr("folkmoot.mailboxes.moving.MESSAGE_MAX", 10)
    with pytest.raises(TooLarge):
        await moving.move(anna, MAIN, Chosen("INBOX", uids), "INBOX", target_account=account.id)
    monkeypatch.setattr("folkmoot.mailboxes.moving.BETWEEN_MAX", 2)
    with pytest.raises(TooLarge):
        await moving.move(anna, MAIN, Chosen("INBOX", uids), "INBOX", target_account=account.id)
    assert (await Listing(mail.access).window(anna, MAIN, "INBOX", ListQuery())).total == 3


async def test_junk_is_reported_with_the_messages_attached(migrated_file: Path, tmp_path: Path) -> None:
    reporting = JunkReporting(junk_address="spam@filter.example", not_junk_address="ham@filter.example", limit=2)
    async with (
        mail_server() as smtp,
        post_on(dovecot(), migrated_file, tmp_path, f"smtp://127.0.0.1:{smtp.port}", junk_reporting=reporting) as post,
    ):
        anna = post.mail.person()
        uids, keys = await put(post.mail, anna, 3), itertools.count()
        reports = JunkReports(post.mail.access, post.direct, post.clock, random_key=lambda: str(next(keys)))
        junk = Junk(post.mail.access, Moving(post.mail.access), reports.send)
        judged = await junk.mark(anna, MAIN, Chosen("INBOX", uids), junk=True)
        assert (judged.reported, judged.fault) == (2, "")
        (report,) = smtp.received
        assert list(report.recipients) == ["spam@filter.example"]
        parts = [part for part in read_message(report.octets).part.walk() if part.content_type == "message/rfc822"]
        assert len(parts) == 2
        assert judged.moved is not None
        assert judged.moved.new is not None
        smtp.received.clear()
        one = replace(judged.moved.new, uids=judged.moved.new.uids[:1])
        assert (await junk.mark(anna, MAIN, one, junk=False)).reported == 1
        assert list(smtp.received[0].recipients) == ["ham@filter.example"]


async def test_a_report_that_fails_keeps_nobody_from_moving(migrated_file: Path, tmp_path: Path) -> None:
    reporting = JunkReporting(junk_address="spam@filter.example")
    async with post_on(dovecot(), migrated_file, tmp_path, "smtp://127.0.0.1:1", junk_reporting=reporting) as post:
        anna = post.mail.person()
        uids = await put(post.mail, anna, 1)
        reports = JunkReports(post.mail.access, post.direct, post.clock, random_key=lambda: "1")
        judged = await Junk(post.mail.access, Moving(post.mail.access), reports.send).mark(
            anna, MAIN, Chosen("INBOX", uids), junk=True
        )
        assert judged.reported == 0
        assert judged.fault
        assert judged.moved is not None
