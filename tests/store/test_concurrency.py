"""Many writers at once lose nothing."""

import asyncio

import pytest

from folkmoot.core.errors import PreconditionFailed
from folkmoot.store import objects
from tests.support.store import Home, make_home, name

pytestmark = pytest.mark.anyio

WRITERS = 32
ROUNDS = 3


async def test_every_increment_of_32_writers_is_kept(home: Home) -> None:
    await home.put("counter", b"0")

    async def writer() -> int:
        refused = 0
        for _ in range(ROUNDS):
            while True:
                seen = await home.get("counter")
                assert seen is not None
                try:
                    await home.put("counter", b"%d" % (int(seen.body) + 1), if_match=seen.meta.etag)
                except PreconditionFailed:
                    refused += 1
                else:
                    break
        return refused

    await asyncio.gather(*(writer() for _ in range(WRITERS)))
    counter = await home.get("counter")
    assert counter is not None
    assert int(counter.body) == WRITERS * ROUNDS
    assert await home.revision() == 2 + WRITERS * ROUNDS


async def test_of_many_creators_one_succeeds(home: Home) -> None:
    async def creator(number: int) -> bool:
        try:
            return (await home.put("a", b"%d" % number, must_be_new=True)).created
        except PreconditionFailed:
            return False

    assert sum(await asyncio.gather(*(creator(number) for number in range(WRITERS)))) == 1


async def test_a_reader_that_follows_misses_nothing(home: Home) -> None:
    known: dict[str, str] = {}
    since = 1
    done = asyncio.Event()

    async def writer(number: int) -> None:
        for step in range(6):
            resource = f"{number}-{step % 3}"
            if step == 4:
                await home.delete(resource)
            else:
                await home.put(resource, b"%d" % step)

    async def follow() -> None:
        nonlocal since
        while True:
            last = done.is_set()
            until = await home.revision()
            for resource, etag in (await home.changes(since, until=until)).items():
                if etag is None:
                    known.pop(resource, None)
                else:
                    known[resource] = etag
            since = until
            if last:
                return

    follower = asyncio.create_task(follow())
    await asyncio.gather(*(writer(number) for number in range(16)))
    done.set()
    await follower
    listed = await home.database.read(lambda tx: objects.list_(tx, home.id))
    assert known == {meta.name: meta.etag for meta in listed}


async def test_opposite_moves_do_not_wait_for_each_other(home: Home) -> None:
    other = await make_home(home.database, "other")
    for number in range(8):
        await home.put(f"h{number}")
        await other.put(f"o{number}")

    async def move(source: Home, target: Home, resource: str) -> None:
        await source.database.write(
            lambda tx: objects.move(
                tx, source.id, name(resource), target.id, name(resource), overwrite=False, now=source.now
            )
        )

    async with asyncio.TaskGroup() as tasks:
        for number in range(8):
            tasks.create_task(move(home, other, f"h{number}"))
            tasks.create_task(move(other, home, f"o{number}"))
    assert await home.names() == {f"o{number}" for number in range(8)}
    assert await other.names() == {f"h{number}" for number in range(8)}
