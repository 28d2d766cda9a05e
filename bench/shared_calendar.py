"""What does sharing cost a write?

    python -m bench.shared_calendar sqlite|mariadb|postgresql [--events 20000] [--people 500]

Two calendars of as many events stand in one database: one that nobody else knows, and one that is shared with so many
people, each by a row of their own.  Single PUTs through the service are timed on both in turn, so that other load
falls on both alike: by the owner, and by one of the people.  Medians, and their ratio to the owner's unshared PUT.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import Final

import uvloop

from folkmoot.collections.content import Place
from folkmoot.core.caller import Caller
from folkmoot.core.ids import PrincipalId, ResourceName
from folkmoot.database import Database, migrate
from folkmoot.dav.services import Services
from folkmoot.store import collections, grants, objects
from folkmoot.store.records import Collection, IndexRow, Kind, NewObject, etag_of
from tests.support import servers
from tests.support.dav import event, services_on

NOW: Final = 1_700_000_000_000
BATCH: Final = 1000
ROUNDS: Final = 15
PUTS: Final = 40  # of one kind a round
ANNA: Final = PrincipalId("anna")
BEN: Final = PrincipalId("ben")
ROLES: Final = frozenset(["PublicModifier", "PrivateDAndTViewer", "ObjectCreator"])


async def fill(database: Database, name: str, count: int) -> Collection:
    """Make a calendar of so many events."""
    made = await database.write(lambda tx: collections.create(tx, ANNA, Kind.CALENDAR, name, {}, now=NOW))
    for first in range(0, count, BATCH):
        rows = []
        for number in range(first, min(first + BATCH, count)):
            body = event(f"{name}-{number}", "Stand-up")
            start = 1_600_000_000 + number * 3600
            index = IndexRow(
                uid=f"{name}-{number}", component="VEVENT", starts_at=start, ends_at=start + 1800, exact=True
            )
            rows.append(NewObject(ResourceName(f"{number}.ics"), body, etag_of(body), "text/calendar", index))
        await database.write(lambda tx, rows=rows: objects.put_many(tx, made.id, rows, NOW))  # type: ignore[misc]  # bound at once
    return made


async def share(database: Database, calendar: Collection, people: int) -> None:
    """Give rights to so many people, Ben among them."""
    for subject in ["ben", *(f"person{number:04d}" for number in range(people - 1))]:
        await database.write(lambda tx, subject=subject: grants.set_(tx, calendar.id, subject, ROLES))  # type: ignore[misc]  # bound at once


async def timed(services: Services, caller: Caller, calendar: str, turn: int) -> float:
    """Return microseconds of one PUT over an event that is there."""
    place = Place(ANNA, Kind.CALENDAR, calendar)
    start = time.perf_counter()
    for number in range(PUTS):
        body = event(f"{calendar}-{number}", f"Stand-up {turn} {number}")
        await services.objects.put(caller, place, ResourceName(f"{number}.ics"), body, "text/calendar")
    return (time.perf_counter() - start) / PUTS * 1e6


async def compare(url: str, events: int, people: int) -> None:
    async with await Database.open(url) as database:
        await migrate(database)
        await fill(database, "own", events)
        await share(database, await fill(database, "shared", events), people)
        services = services_on(database)
        cases = {
            "owner, unshared": (Caller(ANNA), "own"),
            "owner, shared": (Caller(ANNA), "shared"),
            "sharee": (Caller(BEN), "shared"),
        }
        times: dict[str, list[float]] = {label: [] for label in cases}
        for turn in range(ROUNDS):
            for label, (caller, calendar) in cases.items():
                times[label].append(await timed(services, caller, calendar, turn))
        medians = {label: statistics.median(rounds) for label, rounds in times.items()}
        print(f"PUT over one of {events:,} events, shared with {people} people, microseconds")
        for label, median in medians.items():
            print(f"{label:20}{median:10.0f}{median / medians['owner, unshared']:8.2f}")


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["sqlite", "mariadb", "postgresql"])
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--people", type=int, default=500)
    options = parser.parse_args()
    if options.kind == "sqlite":
        with tempfile.TemporaryDirectory() as directory:
            await compare(f"sqlite:///{Path(directory) / 'shared.db'}", options.events, options.people)
        return
    server = servers.start_mariadb() if options.kind == "mariadb" else servers.start_postgresql()
    async with servers.fresh_database(server) as url:
        await compare(url, options.events, options.people)


if __name__ == "__main__":
    uvloop.run(main())
