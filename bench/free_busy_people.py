"""How long does free-busy of 50 people over a month take?

    python -m bench.free_busy_people sqlite|mariadb|postgresql [--people 50] [--events 500]

Each person has a calendar with single events over two years, and a weekly series in each fifty of them.  "first" is
a question about a month that nobody has asked for yet, "moved" one about a window a week further on, "changed" comes
after a write in each calendar, "again" repeats the one before.  Medians, in milliseconds.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import uvloop

from folkmoot.calendars.busy.free_busy import FreeBusy
from folkmoot.calendars.content import CalendarContent
from folkmoot.calendars.limits import CalendarLimits
from folkmoot.calendars.zones import CalendarZones
from folkmoot.collections.access import Access
from folkmoot.core.caller import Caller
from folkmoot.core.clock import SystemClock
from folkmoot.core.ids import CollectionId, PrincipalId, ResourceName
from folkmoot.database import Database, migrate
from folkmoot.directory.domains import Domains
from folkmoot.directory.principal import Principal, PrincipalKind
from folkmoot.sharing.policy import SharingPolicy
from folkmoot.store import collections, objects
from folkmoot.store.records import IndexRow, Kind, NewObject, etag_of
from tests.support import servers
from tests.support.dav import event

NOW: Final = 1_700_000_000_000
FIRST: Final = datetime(2026, 1, 1, 9, tzinfo=UTC)
ASKED: Final = datetime(2026, 9, 1, tzinfo=UTC)
MONTH: Final = timedelta(days=30)
SERIES: Final = 50  # one of so many events recurs
ROUNDS: Final = 7


class Everybody:
    """A directory that knows whomever it is asked for."""

    domains = Domains()

    async def find(self, principal: PrincipalId) -> Principal | None:
        return _person(principal)

    async def find_many(self, principals: Sequence[PrincipalId]) -> Mapping[PrincipalId, Principal]:
        return {principal: _person(principal) for principal in principals}

    async def find_by_mail(self, address: str) -> Principal | None:
        return _person(PrincipalId(address.partition("@")[0]))

    async def search(self, text: str, *, asking: Principal, limit: int) -> Sequence[Principal]:
        return []

    def addresses(self, principal: Principal) -> tuple[str, ...]:
        return principal.mails


def _person(name: PrincipalId) -> Principal:
    return Principal(name, name, name, (f"{name}@example.org",), PrincipalKind.INDIVIDUAL, "bench")


def rows(who: int, count: int) -> list[NewObject]:
    """Return a calendar's events."""
    made = []
    for number in range(count):
        start = FIRST + timedelta(days=730 * number / count, hours=(who + number) % 8)
        recurs = number % SERIES == 0
        body = event(f"e{number}", start=start.strftime("%Y%m%dT%H%M%SZ"), extra="RRULE:FREQ=WEEKLY\r\n" * recurs)
        index = IndexRow(
            uid=f"e{number}",
            component="VEVENT",
            starts_at=int(start.timestamp()),
            ends_at=None if recurs else int(start.timestamp()) + 3600,
            exact=not recurs,
        )
        made.append(NewObject(ResourceName(f"{number}.ics"), body, etag_of(body), "text/calendar", index))
    return made


async def fill(database: Database, people: int, count: int) -> dict[PrincipalId, CollectionId]:
    """Make a calendar for each person."""
    found = {}
    for number in range(people):
        owner = PrincipalId(f"person{number:04d}")
        made = await database.write(
            lambda tx, owner=owner: collections.create(tx, owner, Kind.CALENDAR, "personal", {}, now=NOW)  # type: ignore[misc]  # bound at once
        )
        events = rows(number, count)
        await database.write(lambda tx, made=made, events=events: objects.put_many(tx, made.id, events, NOW))  # type: ignore[misc]  # bound at once
        found[owner] = made.id
    return found


async def measure(url: str, people: int, count: int) -> None:
    async with await Database.open(url) as database:
        await migrate(database)
        made = await fill(database, people, count)
        zones = CalendarZones(UTC)
        content = CalendarContent(CalendarLimits(resource_size=200_000), zones)
        asking = Caller(PrincipalId("person0000"))
        times: dict[str, list[float]] = {"first": [], "moved": [], "changed": [], "again": []}
        for turn in range(ROUNDS):
            access = Access(database, [content], SharingPolicy(), SystemClock())
            service = FreeBusy(access, zones, Everybody())  # that remembers nothing

            async def ask(label: str, start: datetime, service: FreeBusy = service) -> None:
                began = time.perf_counter()
                found = await service.of(asking, list(made), start, start + MONTH)
                times[label].append((time.perf_counter() - began) * 1e3)
                assert len(found) == people
                assert all(found.values())

            await ask("first", ASKED)
            await ask("moved", ASKED + timedelta(days=7))
            for number, calendar in enumerate(made.values()):
                one = rows(number, count)[1 + turn : 2 + turn]
                await database.write(lambda tx, calendar=calendar, one=one: objects.put_many(tx, calendar, one, NOW))  # type: ignore[misc]  # bound at once
            await ask("changed", ASKED + timedelta(days=7))
            await ask("again", ASKED + timedelta(days=7))
        print(f"{people} people with {count} events each, milliseconds")
        for label, taken in times.items():
            print(
                f"{label:10}{statistics.median(taken):8.1f}   best {min(taken):.1f}, worst {max(taken):.1f}", flush=True
            )


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["sqlite", "mariadb", "postgresql"])
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--events", type=int, default=500)
    wanted = parser.parse_args()
    if wanted.kind == "sqlite":
        with tempfile.TemporaryDirectory() as directory:
            await measure(f"sqlite:///{Path(directory) / 'people.db'}", wanted.people, wanted.events)
        return
    server = servers.start_mariadb() if wanted.kind == "mariadb" else servers.start_postgresql()
    async with servers.fresh_database(server) as url:
        await measure(url, wanted.people, wanted.events)


if __name__ == "__main__":
    uvloop.run(main())
