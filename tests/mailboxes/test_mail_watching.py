"""Who waits for mail hears of it: by what the mail server tells us, or by one connection that watches."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest

from folkmoot.core.clock import SystemClock
from folkmoot.core.ids import CollectionId, PrincipalId
from folkmoot.database import Database
from folkmoot.mail.imap.connection import Connection
from folkmoot.mailboxes.arrivals import JOB, Arrival, Arrivals
from folkmoot.mailboxes.watching import Watching
from folkmoot.store import jobs, new_mail
from folkmoot.store.feed import ChangeFeed
from tests.support.dovecot import dovecot
from tests.support.mailboxes import Mail

pytestmark = pytest.mark.anyio

ANNA = PrincipalId("anna")
live = pytest.mark.live


async def collection_of(database: Database, owner: PrincipalId = ANNA) -> CollectionId:
    return (await database.write(lambda tx: new_mail.get_or_make(tx, owner, 1))).id


async def test_what_is_told_wakes_other_workers_soon_and_asks_for_one_job(database: Database, empty_url: str) -> None:
    mine = await collection_of(database)
    nudged: list[bool] = []
    async with (
        await Database.open(empty_url) as second,
        ChangeFeed(second, SystemClock()) as theirs,
        ChangeFeed(database, SystemClock()) as ours,
        Arrivals(database, SystemClock(), lambda: nudged.append(True)) as arrivals,
        theirs.watch([mine]) as far,
        ours.watch([mine]) as near,
    ):
        database.follow(ours.announce_all)
        await asyncio.sleep(0.1)
        await far.wait(0)
        await near.wait(0)
        began = time.monotonic()
        for uid in range(10, 30):
            await arrivals.delivered(Arrival(ANNA, "INBOX", 5, uid, pushed=True))
        assert await near.wait(5) == {mine}
        assert time.monotonic() - began < 0.5
        assert await far.wait(5) == {mine}
        assert time.monotonic() - began < (0.5 if database.dialect == "postgresql" else 1.0)
        assert await near.wait(0.1) == set()  # twenty messages, one wake
    assert nudged == [True]
    assert await database.read(lambda tx: jobs.find(tx, JOB, ANNA)) is not None
    waiting = await database.read(lambda tx: new_mail.waiting(tx, ANNA))
    assert (waiting["INBOX"].next, waiting["INBOX"].told) == (1, 29)


async def test_changes_that_are_no_new_mail_ask_for_no_job(database: Database) -> None:
    async with Arrivals(database, SystemClock()) as arrivals:
        await arrivals.delivered(Arrival(ANNA, "INBOX"))
    assert await database.read(lambda tx: jobs.find(tx, JOB, ANNA)) is None
    assert await database.read(lambda tx: new_mail.find(tx, ANNA)) is not None


async def test_many_people_are_noted_at_once_by_several_workers(database: Database, empty_url: str) -> None:
    people = [PrincipalId(f"person{number}") for number in range(60)]
    async with await Database.open(empty_url) as second:
        first, other = Arrivals(database, SystemClock()), Arrivals(second, SystemClock())
        for person in people:
            await first.delivered(Arrival(person, "INBOX", 1, 3))
            await other.delivered(Arrival(person, "INBOX", 1, 4))
        await asyncio.gather(first.flush(), other.flush())
        for person in people:
            waiting = await database.read(partial(new_mail.waiting, owner=person))
            assert waiting["INBOX"].told == 4


@asynccontextmanager
async def watching(mail: Mail, **options: float) -> AsyncIterator[tuple[Watching, ChangeFeed]]:
    clock = SystemClock()
    async with (
        ChangeFeed(mail.database, clock) as feed,
        Arrivals(mail.database, clock) as arrivals,
    ):
        mail.database.follow(feed.announce_all)
        yield Watching(mail.access, arrivals, mail.database, clock, **options), feed  # type: ignore[arg-type]


def deliver(owner: PrincipalId) -> None:
    dovecot().deliver(b"From: a@b.example\r\nSubject: x\r\n\r\nHello.\r\n", owner)


@live
@pytest.mark.parametrize("lacks", [set(), {"NOTIFY"}], ids=["by NOTIFY", "by IDLE"])
async def test_who_waits_is_woken_by_new_mail(mail: Mail, lacks: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    if lacks:
        monkeypatch.setattr(Connection, "capabilities", property(lambda self: self._session.capabilities - lacks))
    caller = mail.person()
    deliver(caller.principal)
    async with watching(mail) as (watcher, feed):
        async with watcher.waiting(caller) as mine, feed.watch([mine]) as watch:
            await asyncio.sleep(1)
            await watch.wait(0)
            await asyncio.to_thread(deliver, caller.principal)
            assert await watch.wait(5) == {mine}
            assert watcher.people == 1
        assert watcher.people == 0


@live
async def test_programs_of_one_person_share_a_connection_that_goes_with_the_last(mail: Mail) -> None:
    caller = mail.person()
    async with watching(mail) as (watcher, _):
        async with watcher.waiting(caller):
            async with watcher.waiting(caller):
                await asyncio.sleep(0.5)
                assert mail.pool.open_count == 1
            await asyncio.sleep(0.1)
            assert mail.pool.open_count == 1
            assert watcher.people == 1
        assert mail.pool.open_count == 0


@live
async def test_more_people_than_connections_take_turns(mail: Mail) -> None:
    callers = [mail.person() for _ in range(3)]
    async with (
        watching(mail, watched_max=1, turn_seconds=0.3) as (watcher, feed),
        watcher.waiting(callers[0]) as a,
        watcher.waiting(callers[1]) as b,
        watcher.waiting(callers[2]) as c,
        feed.watch([a, b, c]) as watch,
    ):
        await asyncio.sleep(2)  # everybody has had a turn
        for caller in callers:
            await asyncio.to_thread(deliver, caller.principal)
        woken: set[CollectionId] = set()
        deadline = time.monotonic() + 10
        while woken != {a, b, c}:
            assert time.monotonic() < deadline
            woken |= await watch.wait(1)


@live
async def test_who_the_server_tells_us_of_is_not_watched(mail: Mail) -> None:
    caller = mail.person()
    now = SystemClock().milliseconds()
    await mail.database.write(lambda tx: new_mail.note(tx, caller.principal, {}, now, pushed=True))
    async with watching(mail) as (watcher, _), watcher.waiting(caller):
        await asyncio.sleep(0.5)
        assert mail.pool.open_count == 0
