"""Querying calendars: by filter, by time, as free-busy, as one file (RFC 4791 sections 7.4, 7.8 to 7.10)."""

import asyncio
import re
from array import array
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from folkmoot.calendars.limits import CalendarLimits
from folkmoot.calendars.spans import Spans
from folkmoot.calendars.zones import CalendarZones
from folkmoot.collections.access import Access, Seen
from folkmoot.collections.content import Place
from folkmoot.collections.objects import may_view
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Forbidden, MalformedInput, NotFound, TooLarge
from folkmoot.core.ids import PrincipalId
from folkmoot.core.memo import Memo
from folkmoot.database.statement import Transaction
from folkmoot.ical import (
    BusyPeriod,
    CompFilter,
    Component,
    TimeRange,
    busy_periods,
    join_objects,
    match,
    merge,
    parse,
)
from folkmoot.ical import format as format_calendar
from folkmoot.sharing.rights import OWNER, Level, Rights
from folkmoot.store import collections as stored_collections
from folkmoot.store import objects
from folkmoot.store.records import Collection, Kind, ObjectMeta, StoredObject

PRODUCT: Final = "-//Folkmoot//Calendars//EN"
FREE_BUSY_MAX: Final = timedelta(days=1100)  # three years: more is no plan but a probe
SPANS_KEPT: Final = 5_000  # objects of one worker whose occurrences are kept: some 2 kB each
_DENSE: Final = re.compile(rb"FREQ=(?:SECOND|MINUTE|HOUR)LY", re.IGNORECASE)
_UNKNOWN: Final = Spans(1, 0, array("q"), array("q"), 0)
_PAUSE_EVERY: Final = 50  # objects matched before others get their turn on the event loop


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
        self._matches: Memo[bool] = Memo(100_000)
        self._spans: Memo[Spans | None] = Memo(SPANS_KEPT)
        self._busy: Memo[Sequence[BusyPeriod]] = Memo(50_000)
        self._answers: Memo[Sequence[BusyPeriod]] = Memo(2_000)

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

        async def work(tx: Transaction) -> tuple[Seen, list[StoredObject]]:
            calendar = await self._access.get(tx, caller, place, seen)
            rows = await objects.in_range(
                tx, calendar.collection.id, component=index.component, start=index.start, end=index.end, bodies=True
            )
            return calendar, [row for row in rows if may_view(calendar.rights, row.meta)]

        calendar, rows = await self._access.read(caller, place, work)
        used = zone or self._zones.of(calendar.collection)
        found = []
        for count, row in enumerate(rows, 1):
            if index.surely(row.meta) or self._matches_body(calendar.collection, row, wanted, index, used):
                found.append(row)
            if count % _PAUSE_EVERY == 0:
                await asyncio.sleep(0)
        return calendar, found

    async def free_busy(self, caller: Caller, owner: PrincipalId, start: datetime, end: datetime) -> list[BusyPeriod]:
        """Return when ``owner`` is busy, over all calendars that count; any signed-in caller may ask.

        Raises:
            NotFound: the caller is not signed in.
            TooLarge: the window is longer than ``FREE_BUSY_MAX``.
        """
        if caller.anonymous:
            raise NotFound("no free-busy for anonymous callers")
        _check_window(start, end)

        async def work(tx: Transaction) -> list[_Look]:
            calendars = [
                calendar
                for calendar in await stored_collections.list_home(tx, owner, Kind.CALENDAR)
                if not (calendar.properties.get("transparent") or calendar.properties.get("read_only"))
            ]
            return [await self._look(tx, calendar, OWNER, start, end) for calendar in calendars]

        looks = await self._access.database.read(work)
        found = [await self._busy_of(look, start, end) for look in looks]
        return list(found[0]) if len(found) == 1 else merge(period for periods in found for period in periods)

    async def free_busy_of(self, caller: Caller, place: Place, start: datetime, end: datetime) -> list[BusyPeriod]:
        """Return when one calendar makes its owner busy (CALDAV:free-busy-query).

        Raises:
            NotFound: no such calendar for this caller.
            Forbidden: the caller may not even see dates.
            TooLarge: the window is longer than ``FREE_BUSY_MAX``.
        """
        _check_window(start, end)

        async def work(tx: Transaction) -> _Look:
            seen = await self._access.get(tx, caller, place)
            if seen.rights.highest < Level.DATES:
                raise Forbidden("free-busy needs the right to see dates")
            return await self._look(tx, seen.collection, seen.rights, start, end)

        return list(await self._busy_of(await self._access.read(caller, place, work), start, end))

    async def export(self, caller: Caller, place: Place) -> str:
        """Return a whole calendar as one iCalendar text with METHOD:PUBLISH.

        Raises:
            NotFound: no such calendar for this caller.
        """

        async def work(tx: Transaction) -> tuple[Seen, list[StoredObject]]:
            seen = await self._access.get(tx, caller, place)
            rows = await objects.list_(tx, seen.collection.id, bodies=True)
            return seen, [row for row in rows if may_view(seen.rights, row.meta)]

        seen, rows = await self._access.read(caller, place, work)
        parsed: list[Component] = []
        for count, row in enumerate(rows, 1):
            parsed.append(parse(row.body))
            if count % _PAUSE_EVERY == 0:
                await asyncio.sleep(0)
        title = seen.collection.properties.get("displayname")
        name = title if isinstance(title, str) else seen.collection.name
        return format_calendar(join_objects(parsed, product=PRODUCT, name=name))

    def _matches_body(
        self, calendar: Collection, row: StoredObject, wanted: CompFilter, index: IndexQuery, zone: tzinfo
    ) -> bool:
        # The answer depends on nothing but the body, and a body on nothing but its revision.
        if index.decided and index.start is not None and index.end is not None:
            spans = self._spans_of(calendar, row, index.start, index.end, zone)
            if spans is not None:
                return spans.meet(index.start, index.end)
        key = (calendar.id, row.meta.revision, wanted, zone)
        known = self._matches.get(key)
        if known is None:
            known = self._matches.put(key, match(parse(row.body), wanted, default_zone=zone))
        return known

    def _spans_of(self, calendar: Collection, row: StoredObject, start: int, end: int, zone: tzinfo) -> Spans | None:
        key = (calendar.id, row.meta.revision, zone)
        known = self._spans.get(key, _UNKNOWN)
        if known is _UNKNOWN or (known is not None and not known.covers(start, end)):
            window = datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)
            # Years of a rule by hours or minutes are more candidates than an expansion may look at.
            dense = _DENSE.search(row.body) is not None
            known = self._spans.put(key, None if dense else Spans.of(parse(row.body), *window, zone))
        return known

    async def _look(
        self, tx: Transaction, calendar: Collection, rights: Rights, start: datetime, end: datetime
    ) -> "_Look":
        """Return the free-busy answer kept for this state of a calendar, or the rows that it needs."""
        key = _answer_key(calendar, rights, start, end)
        known = self._answers.get(key)
        rows = [] if known is not None else await self._rows(tx, calendar, start, end)
        return _Look(calendar, key, known, [row for row in rows if rights.level(row.classification) >= Level.DATES])

    async def _busy_of(self, look: "_Look", start: datetime, end: datetime) -> Sequence[BusyPeriod]:
        if look.known is not None:
            return look.known
        return self._answers.put(look.key, merge(await self._busy_in(look.calendar, look.rows, start, end)))

    async def _rows(self, tx: Transaction, calendar: Collection, start: datetime, end: datetime) -> list[ObjectMeta]:
        rows = await objects.in_range(
            tx,
            calendar.id,
            component=None,
            start=int(start.timestamp()),
            end=int(end.timestamp()),
            bodies=False,
        )
        return [row for row in rows if row.component in {"VEVENT", "VFREEBUSY"} and not (row.exact and row.transparent)]

    async def _busy_in(
        self, calendar: Collection, rows: Sequence[ObjectMeta], start: datetime, end: datetime
    ) -> list[BusyPeriod]:
        zone = self._zones.of(calendar)
        found: list[BusyPeriod] = []
        unknown = []
        for row in rows:
            if row.exact:
                found += _exact_period(row, start, end)
                continue
            known = self._busy.get((calendar.id, row.revision, start, end, zone))
            if known is None:
                unknown.append(row.name)
            else:
                found += known
        if not unknown:
            return found
        stored = await self._access.database.read(lambda tx: objects.get_many(tx, calendar.id, unknown, bodies=True))
        for count, item in enumerate(stored, 1):
            periods = busy_periods(parse(item.body), start, end, default_zone=zone)
            found += self._busy.put((calendar.id, item.meta.revision, start, end, zone), periods)
            if count % _PAUSE_EVERY == 0:
                await asyncio.sleep(0)
        return found


@dataclass(frozen=True, slots=True)
class _Look:
    """What one transaction found out about a calendar's busy times."""

    calendar: Collection
    key: Hashable
    known: Sequence[BusyPeriod] | None
    rows: Sequence[ObjectMeta]


def _answer_key(calendar: Collection, rights: Rights, start: datetime, end: datetime) -> Hashable:
    # The revision names a calendar's objects for good; whole days are read in its zone.
    levels = (rights.public, rights.private, rights.confidential)
    return calendar.id, calendar.revision, str(calendar.properties.get("timezone")), levels, start, end


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


def _exact_period(row: ObjectMeta, start: datetime, end: datetime) -> list[BusyPeriod]:
    if row.status == "CANCELLED" or row.starts_at is None or row.ends_at is None:
        return []
    begins = max(datetime.fromtimestamp(row.starts_at, UTC), start)
    ends = min(datetime.fromtimestamp(row.ends_at, UTC), end)
    if begins >= ends:
        return []
    return [BusyPeriod(begins, ends, "BUSY-TENTATIVE" if row.status == "TENTATIVE" else "BUSY")]


def _check_window(start: datetime, end: datetime) -> None:
    if start >= end:
        raise MalformedInput("the window ends before it starts")
    if end - start > FREE_BUSY_MAX:
        raise TooLarge(f"free-busy is given for at most {FREE_BUSY_MAX.days} days")
