"""Does the size of the store slow one object's read or write?

    python -m bench.store_scale sqlite|mariadb|postgresql [--collections 10000] [--objects 100]

Fills a small and a large store on one private server, whose cache holds both, measures single reads and writes on
them in turn, so that other load falls on both alike, and prints the medians and their ratio.  Loading a million
objects takes some minutes.
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
ROUNDS = 15
OPERATIONS = 200  # of one kind a round
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


async def load(database: Database, last: int, count: int) -> None:
    rows = [row(number) for number in range(count)]
    numbers = iter(range(last))

    async def one(tx: Transaction, number: int) -> None:
        made = await collections.create(tx, owner(number), Kind.CALENDAR, "personal", {}, now=NOW)
        await objects.put_many(tx, made.id, rows, NOW)

    async def loader() -> None:
        for number in numbers:
            await database.write(lambda tx, number=number: one(tx, number))  # type: ignore[misc]  # bound at once
            if number % 1000 == 999:
                print(f"  {number + 1} collections", flush=True)

    await asyncio.gather(*(loader() for _ in range(LOADERS)))


class Workload:
    """Single operations on random objects of one store."""

    def __init__(self, database: Database, total: int, count: int) -> None:
        self.database = database
        self.total = total
        self.count = count
        self.choice = random.Random(1)
        self.known: dict[int, Collection] = {}

    async def warm(self) -> None:
        """Read every collection once, as an hour of ordinary use would."""
        for number in range(self.total):
            found = await self.database.read(
                lambda tx, number=number: collections.find(tx, owner(number), Kind.CALENDAR, "personal")  # type: ignore[misc]  # bound at once
            )
            assert found is not None
            self.known[number] = found
            await self.database.read(
                lambda tx, found=found: objects.list_(tx, found.id, bodies=True)  # type: ignore[misc]  # bound at once
            )

    async def read(self) -> None:
        who, what = self.choice.randrange(self.total), self.choice.randrange(self.count)
        found = await self.database.read(lambda tx: objects.read(tx, owner(who), Kind.CALENDAR, "personal", name(what)))
        assert found is not None
        assert found[1] is not None

    async def look(self) -> None:
        who, what = self.choice.randrange(self.total), self.choice.randrange(self.count)
        await self.database.read(lambda tx: objects.look(tx, owner(who), Kind.CALENDAR, "personal", name(what)))

    async def overwrite(self) -> None:
        number = self.choice.randrange(self.count)
        await self._put(number, row(number).index)

    async def create(self) -> None:
        number = self.choice.randrange(10**6, 10**9)
        await self._put(number, IndexRow(uid=f"uid-{number}", component="VEVENT"))

    async def _put(self, number: int, index: IndexRow) -> None:
        collection = self.known[self.choice.randrange(self.total)]
        await self.database.write(
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


async def timed(operation: Callable[[], Awaitable[None]]) -> float:
    """Return microseconds of one operation."""
    start = time.perf_counter()
    for _ in range(OPERATIONS):
        await operation()
    return (time.perf_counter() - start) / OPERATIONS * 1e6


async def compare(small_url: str, large_url: str, total: int, count: int) -> None:
    async with await Database.open(small_url) as small, await Database.open(large_url) as large:
        await migrate(small)
        await migrate(large)
        await load(small, SMALL, count)
        start = time.perf_counter()
        await load(large, total, count)
        print(f"loaded {total * count:,} objects in {time.perf_counter() - start:.0f} s")
        workloads = Workload(small, SMALL, count), Workload(large, total, count)
        for workload in workloads:
            await workload.warm()
        print(f"{'microseconds':14}{SMALL * count:>12,}{total * count:>12,}{'ratio':>8}")
        for label in ("read", "look", "overwrite", "create"):
            rounds: tuple[list[float], list[float]] = ([], [])
            for _ in range(ROUNDS):
                for workload, times in zip(workloads, rounds, strict=True):
                    times.append(await timed(getattr(workload, label)))
            before, after = (statistics.median(times) for times in rounds)
            print(f"{label:14}{before:12.0f}{after:12.0f}{after / before:8.2f}", flush=True)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["sqlite", "mariadb", "postgresql"])
    parser.add_argument("--collections", type=int, default=10_000)
    parser.add_argument("--objects", type=int, default=100)
    options = parser.parse_args()
    if options.kind == "sqlite":
        with tempfile.TemporaryDirectory() as directory:
            small, large = (f"sqlite:///{Path(directory) / file}" for file in ("small.db", "large.db"))
            await compare(small, large, options.collections, options.objects)
        return
    server = servers.start_mariadb(cache="4G") if options.kind == "mariadb" else servers.start_postgresql(cache="4GB")
    async with servers.fresh_database(server) as small, servers.fresh_database(server) as large:
        await compare(small, large, options.collections, options.objects)


if __name__ == "__main__":
    uvloop.run(main())
