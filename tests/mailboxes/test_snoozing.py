"""Messages put off, on a real mail server, with whoever moves them dying in between."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from folkmoot.core.caller import Caller
from folkmoot.core.errors import Conflict, MalformedInput, NotFound, Unavailable
from folkmoot.jobs.snooze import CLOSED_MS, Snooze
from folkmoot.mail.imap.connection import Connection
from folkmoot.mailboxes.chosen import Chosen
from folkmoot.mailboxes.listing import Listing, ListQuery
from folkmoot.mailboxes.snoozing import MAILBOX, Snoozing
from folkmoot.mailboxes.values import MAIN
from folkmoot.store import jobs, snoozed
from tests.support.clock import SetClock
from tests.support.mailboxes import Mail

pytestmark = [pytest.mark.anyio, pytest.mark.live]

NOW = 1_800_000_000_000
HOUR = 3_600_000


def message(number: int) -> bytes:
    return f"From: a@example.net\r\nSubject: {number}\r\nMessage-ID: <{number}@example.net>\r\n\r\nHi\r\n".encode()


async def settled(work: Callable[[], Awaitable[int | None]]) -> int | None:
    """Do it again until no connection is left whose selected mailbox was deleted: Dovecot hangs up on these."""
    for _ in range(4):
        with suppress(Unavailable):
            return await work()
    return await work()


class Desk:
    """Somebody's mail, and a clock that can be set."""

    def __init__(self, mail: Mail) -> None:
        self.mail = mail
        self.caller = mail.person()
        self.clock = SetClock(datetime.fromtimestamp(NOW / 1000, UTC))
        self.snoozing = Snoozing(mail.access, mail.database, self.clock)

    async def put(self, count: int) -> list[int]:
        async with self.mail.access.connection(self.caller, MAIN) as connection:
            appended = [await connection.append("INBOX", message(number), flags=["\\Seen"]) for number in range(count)]
        return [one.uid or 0 for one in appended]

    async def inbox(self) -> list[tuple[str, bool]]:
        window = await Listing(self.mail.access).window(self.caller, MAIN, "INBOX", ListQuery())
        return sorted((row.subject, row.seen) for row in window.rows)

    async def snooze(self, uids: list[int], hours: int = 1) -> list[snoozed.Snoozed]:
        found = await self.snoozing.snooze(self.caller, MAIN, Chosen("INBOX", uids), NOW + hours * HOUR)
        return list(found)

    async def waiting(self) -> int:
        async with self.mail.access.connection(self.caller, MAIN) as connection:
            return (await connection.status(MAILBOX, ("MESSAGES",))).messages or 0


@pytest.fixture
def desk(mail: Mail) -> Desk:
    return Desk(mail)


async def test_what_is_put_off_comes_back_unread_when_its_time_has_come(desk: Desk) -> None:
    uids = await desk.put(3)
    rows = await desk.snooze(uids[:2])
    assert [(row.origin, row.mailbox) for row in rows] == [("INBOX", MAILBOX)] * 2
    later = await desk.snoozing.snooze(desk.caller, MAIN, Chosen("INBOX", uids[2:]), NOW + 5 * HOUR)
    assert await desk.inbox() == []
    assert await desk.snoozing.wake(desk.caller, MAIN) == NOW + HOUR
    assert await desk.inbox() == []
    desk.clock.pass_(hours=1)
    assert await desk.snoozing.wake(desk.caller, MAIN) == NOW + 5 * HOUR
    assert await desk.inbox() == [("0", False), ("1", False)]
    assert [row.id for row in await desk.snoozing.list(desk.caller)] == [later[0].id]
    assert await desk.snoozing.cancel(desk.caller, MAIN, [later[0].id]) == 1
    assert await desk.inbox() == [("0", False), ("1", False), ("2", True)]
    assert await desk.snoozing.wake(desk.caller, MAIN) is None


async def test_an_answer_brings_a_message_back(desk: Desk) -> None:
    uids = await desk.put(2)
    await desk.snooze(uids)
    assert await desk.snoozing.wake_by_reply(desk.caller, MAIN, ["<1@example.net>", "<7@example.net>", ""]) == 1
    assert await desk.inbox() == [("1", False)]


async def test_what_makes_no_sense_is_refused_and_moves_nothing(desk: Desk) -> None:
    uids = await desk.put(1)
    for until in (NOW, NOW - HOUR, NOW + 20 * 366 * 24 * HOUR):
        with pytest.raises(MalformedInput):
            await desk.snoozing.snooze(desk.caller, MAIN, Chosen("INBOX", uids), until)
    with pytest.raises(NotFound):
        await desk.snooze([4711])
    with pytest.raises(Conflict):
        await desk.snoozing.snooze(desk.caller, MAIN, Chosen(MAILBOX, [1]), NOW + HOUR)
    assert await desk.inbox() == [("0", True)]


async def test_who_dies_before_the_move_has_put_nothing_off(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    uids = await desk.put(1)

    async def dies(*_: object) -> None:
        raise Unavailable("gone")

    with monkeypatch.context() as patch:
        patch.setattr(Connection, "move", dies)
        with pytest.raises(Unavailable):
            await desk.snooze(uids)
    desk.clock.pass_(hours=1)
    assert await desk.snoozing.wake(desk.caller, MAIN) is None
    assert await desk.inbox() == [("0", True)]


async def test_who_dies_after_the_move_leaves_a_message_that_still_comes_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    uids = await desk.put(2)

    async def dies(*_: object) -> None:
        raise Unavailable("gone")

    with monkeypatch.context() as patch:
        patch.setattr(snoozed, "place", dies)
        with pytest.raises(Unavailable):
            await desk.snooze(uids)
    assert await desk.waiting() == 2
    desk.clock.pass_(hours=1)
    await desk.snoozing.wake(desk.caller, MAIN)
    assert await desk.inbox() == [("0", False), ("1", False)]
    assert await desk.waiting() == 0


async def test_who_dies_while_bringing_back_does_no_harm(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    uids = await desk.put(2)
    await desk.snooze(uids)

    async def dies(*_: object) -> None:
        raise Unavailable("gone")

    desk.clock.pass_(hours=1)
    with monkeypatch.context() as patch:
        patch.setattr(snoozed, "remove", dies)
        with pytest.raises(Unavailable):
            await desk.snoozing.wake(desk.caller, MAIN)
    assert len(await desk.snoozing.list(desk.caller)) == 2
    assert await desk.snoozing.wake(desk.caller, MAIN) is None
    assert await desk.inbox() == [("0", False), ("1", False)]


async def test_mailboxes_that_vanish_lose_no_message(desk: Desk) -> None:
    access, uids = desk.mail.access, await desk.put(1)
    async with access.selected(desk.caller, MAIN, "INBOX", write=True) as connection:
        await connection.create("Project")
        (target,) = (await connection.move(uids, "Project")).targets
    await desk.snoozing.snooze(desk.caller, MAIN, Chosen("Project", [target]), NOW + HOUR)
    async with access.connection(desk.caller, MAIN) as connection:
        await connection.delete("Project")
        await connection.rename(MAILBOX, "Elsewhere")
        await connection.rename("Elsewhere", MAILBOX)
    desk.clock.pass_(hours=1)
    assert await settled(lambda: desk.snoozing.wake(desk.caller, MAIN)) is None
    assert await desk.inbox() == [("0", False)]
    await desk.snooze(await desk.put(1), hours=5)
    async with access.connection(desk.caller, MAIN) as connection:
        await connection.delete(MAILBOX)
    desk.clock.pass_(hours=9)
    assert await settled(lambda: desk.snoozing.wake(desk.caller, MAIN)) is None
    assert await desk.snoozing.list(desk.caller) == []


async def test_the_job_waits_for_mailboxes_that_open_with_a_password_only(desk: Desk) -> None:
    await desk.snooze(await desk.put(1))
    (job,) = await desk.mail.database.read(lambda tx: jobs.list_(tx, kind=snoozed.JOB))
    assert job.due_at == NOW + HOUR
    desk.clock.pass_(hours=1)
    assert await Snooze(desk.snoozing, desk.clock).run(job) == NOW + HOUR + CLOSED_MS
    assert await Snooze(desk.snoozing, desk.clock).run(replace(job, payload={"owner": 1})) is None
    await desk.snoozing.wake(desk.caller, MAIN)
    assert await desk.inbox() == [("0", False)]


async def test_the_job_brings_messages_back_with_nobody_signed_in(master_mail: Mail) -> None:
    desk = Desk(master_mail)
    await desk.snooze(await desk.put(1))
    (job,) = await desk.mail.database.read(lambda tx: jobs.list_(tx, kind=snoozed.JOB))
    desk.clock.pass_(hours=1)
    assert await Snooze(desk.snoozing, desk.clock).run(job) is None
    desk.caller = Caller(desk.caller.principal)
    assert await desk.inbox() == [("0", False)]
