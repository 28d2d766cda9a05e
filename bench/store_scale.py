"""Does the size of the store slow one object's read or write?

    python -m bench.store_scale sqlite|mariadb|postgresql [--collections 10000] [--objects 100]

Starts a private server, measures single reads and writes on a small store and again on the large one, and prints
client time of both and their ratio.  Loading a million objects takes some minutes.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvloop

from folkmoot.core.ids import PrincipalId, ResourceName
from folkmoot.database import Database, Transaction, migrate
from folkmoot.store import collections, objects
from folkmoot.store.records import Collection, IndexRow, Kind, NewObject, etag_of
from tests.support import servers

SMALL = 100  # collections before
LOADERS = 4
ROUNDS = 5
OPERATIONS = 400  # of one kind a round
BODY = b"BEGIN:VCALENDAR\r\n" + b"X-PADDING:" + b"x" * 900 + b"\r\nEND:VCALENDAR\r\n"
ETAG = etag_of(BODY)
NOW = 1_700_000_000_000


def owner(number: int) -> PrincipalId:
    return PrincipalId(f"user{number:06d}")


def name(number: int) -> ResourceName:
    return ResourceName(f"object-{number:06d}.ics")


def row(number: int) -> NewObject:
    start = 1_600_000_000 + number * 86_400
    index = IndexRow(
        uid=f"uid-{number}", component="VEVENT", starts_at=start, ends_at=start + 3600, exact=True, title="Standup"
    )
    return NewObject(name(number), BODY, ETAG, "text/calendar", index)


async def load(database: Database, first: int, last: int, count: int) -> None:
    rows = [row(number) for number in range(count)]
    numbers = iter(range(first, last))

    async def one(tx: Transaction, number: int) -> None:
        made = await collections.create(tx, owner(number), Kind.CALENDAR, "personal", {}, now=NOW)
        await objects.put_many(tx, made.id, rows, NOW)

    async def loader() -> None:
        for number in numbers:
            await database.write(lambda tx, number=number: one(tx, number))  # type: ignore[misc]  # bound at once
            if number % 1000 == 999:
                print(f"  {number + 1} collections", flush=True)

    await asyncio.gather(*(loader() for _ in range(LOADERS)))


async def measure(database: Database, total: int, count: int) -> dict[str, float]:
    """Return microseconds for each operation: the median of several rounds, one operation at a time."""
    choice = random.Random(1)
    known: dict[int, Collection] = {}

    async def place(number: int) -> Collection:
        if number not in known:
            found = await database.read(lambda tx: collections.find(tx, owner(number), Kind.CALENDAR, "personal"))
            assert found is not None
            known[number] = found
        return known[number]

    async def read() -> None:
        who, what = choice.randrange(total), choice.randrange(count)
        found = await database.read(lambda tx: objects.read(tx, owner(who), Kind.CALENDAR, "personal", name(what)))
        assert found is not None
        assert found[1] is not None

    async def look() -> None:
        who, what = choice.randrange(total), choice.randrange(count)
        await database.read(lambda tx: objects.look(tx, owner(who), Kind.CALENDAR, "personal", name(what)))

    async def put(number: int, index: IndexRow, collection: Collection) -> None:
        await database.write(
            lambda tx: objects.put(
                tx,
                collection.id,
                name(number),
                body=BODY,
                etag=ETAG,
                content_type="text/calendar",
                index=index,
                now=NOW,
                if_match=None,
                must_be_new=False,
            )
        )

    async def overwrite() -> None:
        number = choice.randrange(count)
        await put(number, row(number).index, await place(choice.randrange(total)))

    async def create() -> None:
        number = choice.randrange(10**6, 10**9)
        await put(number, IndexRow(uid=f"uid-{number}", component="VEVENT"), await place(choice.randrange(total)))

    operations: dict[str, Callable[[], Awaitable[None]]] = {
        "read": read,
        "look": look,
        "overwrite": overwrite,
        "create": create,
    }
    result: dict[str, float] = {}
    for label, operation in operations.items():
        rounds = []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            for _ in range(OPERATIONS):
                await operation()
            rounds.append((time.perf_counter() - start) / OPERATIONS * 1e6)
        result[label] = statistics.median(rounds)
    return result


async def compare(url: str, total: int, count: int) -> None:
    async with await Database.open(url) as database:
        await migrate(database)
        await load(database, 0, SMALL, count)
        small = await measure(database, SMALL, count)
        start = time.perf_counter()
        await load(database, SMALL, total, count)
        print(f"loaded {total * count:,} objects in {time.perf_counter() - start:.0f} s")
        large = await measure(database, total, count)
    print(f"{'microseconds':14}{SMALL * count:>12,}{total * count:>12,}{'ratio':>8}")
    for label, before in small.items():
        print(f"{label:14}{before:12.0f}{large[label]:12.0f}{large[label] / before:8.2f}")


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["sqlite", "mariadb", "postgresql"])
    parser.add_argument("--collections", type=int, default=10_000)
    parser.add_argument("--objects", type=int, default=100)
    options = parser.parse_args()
    if options.kind == "sqlite":
        with tempfile.TemporaryDirectory() as directory:
            await compare(f"sqlite:///{Path(directory) / 'scale.db'}", options.collections, options.objects)
        return
    start = {"mariadb": servers.start_mariadb, "postgresql": servers.start_postgresql}[options.kind]
    async with servers.fresh_database(start()) as url:
        await compare(url, options.collections, options.objects)


if __name__ == "__main__":
    uvloop.run(main())
