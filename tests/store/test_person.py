"""What belongs to one person and has no collection of its own."""

import asyncio

import pytest

from folkmoot.core.clock import SystemClock
from folkmoot.core.ids import CollectionId, PrincipalId
from folkmoot.database import Database
from folkmoot.store import check, collections, person
from folkmoot.store.feed import ChangeFeed
from folkmoot.store.records import Kind

pytestmark = pytest.mark.anyio

ANNA, BEN = PrincipalId("anna"), PrincipalId("ben")


async def test_a_revision_rises_from_nothing(database: Database) -> None:
    assert await database.read(lambda tx: person.revision(tx, ANNA)) == 0
    for expected in (1, 2, 3):
        assert await database.write(lambda tx: person.raise_(tx, ANNA, 7)) == expected
    assert await database.read(lambda tx: person.revision(tx, ANNA)) == 3
    assert await database.read(lambda tx: person.revision(tx, BEN)) == 0
    assert await check.check_store(database) == []


async def test_two_who_begin_at_once_both_count(database: Database) -> None:
    await asyncio.gather(*(database.write(lambda tx: person.raise_(tx, ANNA, 7)) for _ in range(6)))
    assert await database.read(lambda tx: person.revision(tx, ANNA)) == 6
    assert len(await database.read(lambda tx: collections.list_home(tx, ANNA, Kind.PERSON))) == 1


async def test_it_is_made_once(database: Database) -> None:
    first = await database.write(lambda tx: person.get_or_make(tx, ANNA, 7))
    assert await database.write(lambda tx: person.get_or_make(tx, ANNA, 8)) == first
    assert await database.read(lambda tx: person.find(tx, ANNA)) == first


async def test_another_worker_hears_of_it(database: Database, empty_url: str) -> None:
    clock = SystemClock()
    number, _ = await database.write(lambda tx: person.get_or_make(tx, ANNA, 0))
    async with (
        await Database.open(empty_url) as second,
        ChangeFeed(second, clock, poll_seconds=0.05) as theirs,
        ChangeFeed(database, clock, poll_seconds=0.05) as ours,
        theirs.watch([number]) as watch,
    ):
        database.follow(ours.announce_all)
        await database.write(lambda tx: person.raise_(tx, ANNA, clock.milliseconds()))
        assert await watch.wait(10) == {CollectionId(number)}
