"""Waiters wake when their collections change, and only then."""

import asyncio
import time

import pytest

from folkmoot.core.clock import SystemClock
from folkmoot.core.ids import CollectionId, Revision
from folkmoot.database import Database
from folkmoot.store.feed import ChangeFeed
from tests.support.store import Home, make_home

pytestmark = pytest.mark.anyio

POLL = 0.05


def _feed(database: Database) -> ChangeFeed:
    return ChangeFeed(database, SystemClock(), poll_seconds=POLL)


async def _change(home: Home, feed: ChangeFeed | None = None) -> None:
    home.now = SystemClock().milliseconds()
    revision = (await home.put("a", str(time.monotonic_ns()).encode())).revision
    if feed is not None:
        feed.announce(home.id, revision)


async def test_an_own_write_wakes_at_once(home: Home) -> None:
    other = await make_home(home.database, "other")
    async with _feed(home.database) as feed, feed.watch([home.id]) as mine, feed.watch([other.id]) as theirs:
        await _change(home, feed)
        assert await mine.wait(0) == {home.id}
        assert await mine.wait(3 * POLL) == set()
        assert await theirs.wait(0) == set()


async def test_another_workers_write_wakes_soon(home: Home, empty_url: str) -> None:
    async with (
        await Database.open(empty_url) as second,
        _feed(second) as theirs,
        _feed(home.database) as ours,
        theirs.watch([home.id]) as watch,
    ):
        waiting = asyncio.create_task(watch.wait(10))
        await asyncio.sleep(0)
        await _change(home, ours)
        assert await waiting == {home.id}


async def test_a_change_that_nobody_announced_is_found_by_the_poll(home: Home) -> None:
    if home.database.dialect == "postgresql":
        pytest.skip("the poll is slow beside NOTIFY")
    async with _feed(home.database) as feed, feed.watch([home.id]) as watch:
        await _change(home)
        assert await watch.wait(10) == {home.id}
        assert await watch.wait(3 * POLL) == set()


async def test_nothing_is_asked_of_the_database_while_nobody_waits(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0
    read = home.database.read

    async def counted(work: object) -> object:
        nonlocal asked
        asked += 1
        return await read(work)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(home.database, "read", counted)
    async with _feed(home.database) as feed:
        await asyncio.sleep(3 * POLL)
        assert asked == 0
        async with feed.watch([home.id]):
            await asyncio.sleep(3 * POLL)
        assert asked


async def test_ten_thousand_waiters_cost_one_poll_each_time(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0
    read = home.database.read

    async def counted(work: object) -> object:
        nonlocal asked
        asked += 1
        return await read(work)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(home.database, "read", counted)
    woken: list[int] = []

    async def waiter(feed: ChangeFeed, number: int) -> None:
        wanted = home.id if number == 7 else CollectionId(1_000_000 + number)
        async with feed.watch([wanted]) as watch:
            if await watch.wait(60):
                woken.append(number)

    async with _feed(home.database) as feed:
        waiters = [asyncio.create_task(waiter(feed, number)) for number in range(10_000)]
        await asyncio.sleep(6 * POLL)
        feed.announce(home.id, Revision(2**40))
        await asyncio.sleep(0.01)
        assert woken == [7]
        assert asked <= 20
        for task in waiters:
            task.cancel()
        await asyncio.gather(*waiters, return_exceptions=True)
