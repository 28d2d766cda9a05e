"""The read-only birthday calendar: one yearly all-day event for each day that a card names.

The events are ordinary objects of an ordinary calendar, written in the transaction that writes the card, so that
sync, queries and change feed need to know nothing of them.  Names and texts depend on the card alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from hashlib import sha256
from typing import Final, Protocol

from folkmoot.calendars.index import index_row
from folkmoot.contentline import escape_text
from folkmoot.core.clock import Clock
from folkmoot.core.ids import ResourceName
from folkmoot.database.statement import Transaction
from folkmoot.ical import parse
from folkmoot.store import collections as stored_collections
from folkmoot.store import objects
from folkmoot.store.records import Collection, Kind, NewObject, etag_of

NAME: Final = "birthdays"
_NO_YEAR: Final = 1972  # a leap year, so that 29 February exists


class Day(Protocol):
    """A day that comes back every year, as address books find it on cards."""

    @property
    def kind(self) -> str: ...
    @property
    def month(self) -> int: ...
    @property
    def day(self) -> int: ...
    @property
    def year(self) -> int | None: ...
    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Birthdays:
    """Keeps the birthday calendar of each owner in step with the address books."""

    clock: Clock
    zone: tzinfo = field(default=UTC)

    async def show(self, tx: Transaction, book: Collection, name: str, found: Sequence[Day]) -> None:
        """Make the owner's birthday calendar show just ``found`` for this card."""
        calendar = await stored_collections.find(tx, book.owner, Kind.CALENDAR, NAME)
        if calendar is None:
            if not found:
                return
            calendar = await self._create(tx, book)
        prefix = f"{book.id}-{_digest(name)}-"
        wanted = {
            ResourceName(f"{prefix}{number}.ics"): _event(f"{prefix}{number}", day) for number, day in enumerate(found)
        }
        now = self.clock.milliseconds()
        # A card names a birthday and perhaps some anniversaries; more are not looked for.
        possible = [ResourceName(f"{prefix}{number}.ics") for number in range(max(len(wanted), _DAYS_MAX))]
        present = {meta.name: meta for meta in await objects.get_many(tx, calendar.id, possible, bodies=False)}
        for gone in present.keys() - wanted.keys():
            await objects.delete(tx, calendar.id, gone, if_match=None, now=now)
        changed = [
            _row(resource, text, self.zone)
            for resource, text in wanted.items()
            if resource not in present or present[resource].etag != etag_of(text.encode())
        ]
        if changed:
            await objects.put_many(tx, calendar.id, changed, now)

    async def forget(self, tx: Transaction, book: Collection) -> None:
        """Remove all that the owner's birthday calendar shows for this book."""
        calendar = await stored_collections.find(tx, book.owner, Kind.CALENDAR, NAME)
        if calendar is None:
            return
        for meta in await objects.list_(tx, calendar.id, bodies=False):
            if meta.name.startswith(f"{book.id}-"):
                await objects.delete(tx, calendar.id, meta.name, if_match=None, now=self.clock.milliseconds())

    async def _create(self, tx: Transaction, book: Collection) -> Collection:
        return await stored_collections.create(
            tx,
            book.owner,
            Kind.CALENDAR,
            NAME,
            {"displayname": "Birthdays", "components": ["VEVENT"], "read_only": True, "transparent": True},
            dead_properties={},
            now=self.clock.milliseconds(),
        )


_DAYS_MAX: Final = 8


def _digest(name: str) -> str:
    return sha256(name.encode()).hexdigest()[:24]


def _row(resource: ResourceName, text: str, zone: tzinfo) -> NewObject:
    body = text.encode()
    return NewObject(
        name=resource,
        body=body,
        etag=etag_of(body),
        content_type="text/calendar; charset=utf-8; component=VEVENT",
        index=index_row(parse(body), zone),
    )


def _event(uid: str, day: Day) -> str:
    year = day.year or _NO_YEAR
    since = f" ({day.year})" if day.year else ""
    mark = "\N{RING}" if day.kind == "anniversary" else "\N{BIRTHDAY CAKE}"
    leap = day.month == 2 and day.day == 29  # noqa: PLR2004  # shown on the last of February in other years
    rule = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1" if leap else "FREQ=YEARLY"
    if leap and day.year and (day.year % 4 or (day.year % 100 == 0 and day.year % 400)):
        year = _NO_YEAR  # a 29 February that never was
    return "\r\n".join(
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Folkmoot//Birthdays//EN",
            "BEGIN:VEVENT",
            f"UID:{uid}",
            "DTSTAMP:19700101T000000Z",
            f"DTSTART;VALUE=DATE:{year:04}{day.month:02}{day.day:02}",
            "DURATION:P1D",
            f"RRULE:{rule}",
            f"SUMMARY:{mark} {escape_text(day.name)}{since}",
            "TRANSP:TRANSPARENT",
            "CLASS:PUBLIC",
            f"CATEGORIES:{'Anniversary' if day.kind == 'anniversary' else 'Birthday'}",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ]
    )
