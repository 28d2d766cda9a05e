"""The mail server goes away in the middle of things."""

import os
import signal
import socket
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import anyio
import pytest

from folkmoot.core.errors import Unavailable
from folkmoot.mailboxes.special import Use
from folkmoot.mailboxes.values import MAIN
from tests.support.dovecot import Dovecot, start_dovecot
from tests.support.mailboxes import Mail, mail_on
from tests.support.servers import Server, keep

pytestmark = [pytest.mark.anyio, pytest.mark.live]
YEAR = 366 * 24 * 3600
LIMIT = date.today() - timedelta(days=180)  # noqa: DTZ011 - a day, as people write it


class Fragile:
    """A Dovecot that is stopped and started again."""

    def __init__(self) -> None:
        self.server: Server = start_dovecot()
        self.pid = self.server.pid
        imap, sieve, lmtp = map(int, self.server.url.split(","))
        self.dovecot = Dovecot(imap, sieve, lmtp, self.server.directory)

    def stop(self) -> None:
        """Kill it with its children: these would else answer to the end."""
        for pid in [self.pid, *_children(self.pid)]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._wait(there=False)

    def start(self) -> None:
        self.pid = keep(self.server.command, self.server.directory)
        self._wait(there=True)

    def _wait(self, *, there: bool) -> None:
        until = time.monotonic() + 10
        while time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.dovecot.imap), 1):
                if there:
                    return
                time.sleep(0.05)
                continue
            if not there and not Path(f"/proc/{self.pid}").exists():
                return
            time.sleep(0.05)
        pytest.fail("Dovecot neither stops nor starts")


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:  # it has gone already
        return []


@pytest.fixture
def fragile() -> Fragile:
    return Fragile()


@pytest.fixture
async def mail(fragile: Fragile, migrated_file: Path, tmp_path: Path) -> AsyncIterator[Mail]:
    async with mail_on(fragile.dovecot, migrated_file, tmp_path) as opened:
        yield opened
    await anyio.to_thread.run_sync(fragile.stop)


async def test_cleaning_that_was_cut_off_loses_nothing_and_goes_on(
    mail: Mail, fragile: Fragile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("folkmoot.mailboxes.folders.BATCH", 1)
    anna = mail.person()
    async with mail.access.connection(anna) as connection:
        for number in range(3):
            await connection.append("INBOX", b"Subject: s%d\r\n\r\n" % number, received=int(time.time()) - YEAR)
    steps = mail.cleaning.clean(anna, MAIN, "INBOX", LIMIT)
    assert (await anext(steps)).messages == 1
    await anyio.to_thread.run_sync(fragile.stop)
    with pytest.raises(Unavailable):
        await anext(steps)
    for call in (
        lambda: mail.folders.tree(anna),
        lambda: mail.folders.create(anna, MAIN, "", "new"),
        lambda: mail.folders.empty(anna, MAIN, Use.TRASH),
    ):
        with pytest.raises(Unavailable):
            await call()
    await anyio.to_thread.run_sync(fragile.start)
    assert [one async for one in mail.cleaning.clean(anna, MAIN, "INBOX", LIMIT)][-1].messages == 2
    tree = await mail.folders.tree(anna)
    counts = {one.path: one.status.messages for one in tree.folders if one.status is not None}
    assert (counts["INBOX"], counts["Trash"]) == (0, 3)


async def test_an_export_that_was_cut_off_ends_in_an_error_and_not_in_a_short_zip(
    mail: Mail, fragile: Fragile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("folkmoot.mailboxes.exporting.TOGETHER", 1)
    anna = mail.person()
    async with mail.access.connection(anna) as connection:
        for number in range(3):
            await connection.append("INBOX", b"Subject: s%d\r\n\r\n" % number)
    pieces = mail.exporting.mailbox(anna, MAIN, "INBOX")
    await anext(pieces)
    await anyio.to_thread.run_sync(fragile.stop)
    with pytest.raises(Unavailable):
        async for _ in pieces:
            pass
