"""Querying calendars: by filter, by time, as one file (RFC 4791 sections 7.4, 7.8 and 7.9)."""

import asyncio
from array import array
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Final

from folkmoot.calendars.limits import CalendarLimits
from folkmoot.calendars.spans import Spans
from folkmoot.calendars.zones import CalendarZones
from folkmoot.collections.access import Access, Seen
from folkmoot.collections.content import Place
from folkmoot.collections.turns import Turns
from folkmoot.core.caller import Caller
from folkmoot.core.memo import Memo
from folkmoot.database.statement import Transaction
from folkmoot.ical import (
    CompFilter,
    Component,
    TimeRange,
    join_objects,
    match,
    parse,
)
from folkmoot.ical import format as format_calendar
from folkmoot.ical.density import is_dense
from folkmoot.store import objects
from folkmoot.store.records import Collection, ObjectMeta, StoredObject

PRODUCT: Final = "-//Folkmoot//Calendars//EN"
SPANS_KEPT: Final = 5_000  # objects of one worker whose occurrences are kept: some 2 kB each
_UNKNOWN: Final = Spans(1, 0, array("q"), array("q"), 0)


@dataclass(frozen=True, slots=True)
class IndexQuery:
    """The part of a filter that index columns can answer; ``decided`` if they answer all of it for exact rows."""

    component: str | None = None
    start: int | None = None  # seconds since 1970 UTC, inclusive
    end: int | None = None  # exclusive
    decided: bool = False

    def surely(self, meta: ObjectMeta) -> bool:
        """Whether the index alone says that the object matches (RFC 4791 section 9.9, VEVENT)."""
        if self.decided and self.start is None and self.end is None:
            return True
        if not (self.decided and meta.exact and meta.starts_at is not None and meta.ends_at is not None):
            return False
        if meta.starts_at == meta.ends_at:  # no duration: the instant itself counts
            return (self.start is None or self.start <= meta.starts_at) and (
                self.end is None or self.end > meta.starts_at
            )
        return (self.start is None or self.start < meta.ends_at) and (self.end is None or self.end > meta.starts_at)


class Calendars:
    """Calendars as a whole, seen through the caller's rights."""

    def __init__(self, access: Access, zones: CalendarZones, limits: CalendarLimits) -> None:
        self._access = access
        self._zones = zones
        self.limits = limits
        self._long_work = asyncio.Semaphore(1)  # in a thread beside the event loop, and only in one
        self._matches: Memo[bool] = Memo(100_000)
        self._spans: Memo[Spans | None] = Memo(SPANS_KEPT)

    def zone(self, collection: Collection) -> tzinfo:
        """Return the zone of a calendar's floating times."""
        return self._zones.of(collection)

    async def query(
        self,
        caller: Caller,
        place: Place,
        wanted: CompFilter,
        *,
        zone: tzinfo | None = None,
        seen: Seen | None = None,
    ) -> tuple[Seen, list[StoredObject]]:
        """Return the objects that match ``wanted``; ``zone`` is that of floating times, else the calendar's.

        ``seen`` as in ``Access.get``.

        Raises:
            NotFound: no such calendar for this caller.
        """
        index = index_query(wanted)
        access = self._access
        viewer = await access.viewer(caller, place.owner)

        async def work(tx: Transaction) -> tuple[Seen, list[StoredObject]]:
            calendar = await access.get(tx, caller, place, seen)
            rows = await objects.in_range(
                tx, calendar.collection.id, component=index.component, start=index.start, end=index.end, bodies=True
            )
            return calendar, rows

        calendar, rows = await access.read(caller, place, work)
        # What is restricted is restricted first: a filter must not answer what the copy does not tell.
        shown = await access.restriction.all_stored(calendar.rights, calendar.collection, rows, viewer)
        used = zone or self._zones.of(calendar.collection)
        found = []
        turns = Turns()
        for row in shown:
            if index.surely(row.meta) or await self._matches_body(calendar, row, wanted, index, used):
                found.append(row)
            await turns.pass_on()
        return calendar, found

    async def export(self, caller: Caller, place: Place, *, seen: Seen | None = None) -> str:
        """Return a whole calendar as one iCalendar text with METHOD:PUBLISH; ``seen`` as in ``Access.get``.

        Raises:
            NotFound: no such calendar for this caller.
        """
        access = self._access
        viewer = await access.viewer(caller, place.owner)

        async def work(tx: Transaction) -> tuple[Seen, list[StoredObject]]:
            found = await access.get(tx, caller, place, seen)
            return found, await objects.list_(tx, found.collection.id, bodies=True)

        found, rows = await access.read(caller, place, work)
        parsed: list[Component] = []
        shown = await access.restriction.all_stored(found.rights, found.collection, rows, viewer)
        turns = Turns()
        for row in shown:
            parsed.append(parse(row.body))
            await turns.pass_on()
        title = found.collection.properties.get("displayname")
        name = title if isinstance(title, str) else found.collection.name
        return format_calendar(join_objects(parsed, product=PRODUCT, name=name))

    async def _matches_body(
        self, seen: Seen, row: StoredObject, wanted: CompFilter, index: IndexQuery, zone: tzinfo
    ) -> bool:
        # The answer depends on nothing but the body, and a body on nothing but its revision; a copy has the same
        # dates, and for the rest an ETag of its own.
        calendar = seen.collection
        if index.decided and index.start is not None and index.end is not None:
            spans = self._spans_of(calendar, row, index.start, index.end, zone)
            if spans is not None:
                return spans.meet(index.start, index.end)
        key = (calendar.id, row.meta.revision, "" if seen.rights.sees_all else row.meta.etag, wanted, zone)
        known = self._matches.get(key)
        if known is None:
            if is_dense(row.body):
                async with self._long_work:
                    known = await asyncio.to_thread(_match, row.body, wanted, zone)
            else:
                known = _match(row.body, wanted, zone)
            self._matches.put(key, known)
        return known

    def _spans_of(self, calendar: Collection, row: StoredObject, start: int, end: int, zone: tzinfo) -> Spans | None:
        key = (calendar.id, row.meta.revision, zone)
        known = self._spans.get(key, _UNKNOWN)
        if known is _UNKNOWN or (known is not None and not known.covers(start, end)):
            window = datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)
            # Years of a rule by hours or minutes are more candidates than an expansion may look at.
            known = self._spans.put(key, None if is_dense(row.body) else Spans.of(parse(row.body), *window, zone))
        return known


def _match(body: bytes, wanted: CompFilter, zone: tzinfo) -> bool:
    return match(parse(body), wanted, default_zone=zone)


def index_query(wanted: CompFilter) -> IndexQuery:
    """Return what of a CALDAV:filter the index columns can answer; never more than the filter asks."""
    if wanted.is_not_defined or len(wanted.comps) != 1:
        return IndexQuery()
    inner = wanted.comps[0]
    if inner.is_not_defined:
        return IndexQuery()
    window = inner.time_range or TimeRange()
    plain = not (inner.props or inner.comps or wanted.props or wanted.time_range)
    return IndexQuery(
        component=inner.name,
        start=None if window.start is None else int(window.start.timestamp()),
        end=None if window.end is None else int(window.end.timestamp()),
        decided=plain and (inner.name == "VEVENT" or inner.time_range is None),
    )
