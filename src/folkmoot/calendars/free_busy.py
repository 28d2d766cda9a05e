"""When people are busy, as their calendars say it (RFC 4791 section 7.10, RFC 6638 section 5)."""

import asyncio
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from folkmoot.calendars.zones import CalendarZones
from folkmoot.collections.access import Access
from folkmoot.collections.content import Place
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Forbidden, MalformedInput, NotFound, TooLarge
from folkmoot.core.ids import PrincipalId
from folkmoot.core.memo import Memo
from folkmoot.database.statement import Transaction
from folkmoot.ical import BusyPeriod, busy_periods, merge, parse
from folkmoot.sharing.rights import OWNER, Level, Rights
from folkmoot.store import collections as stored_collections
from folkmoot.store import objects
from folkmoot.store.records import Collection, Kind, ObjectMeta

FREE_BUSY_MAX: Final = timedelta(days=1100)  # three years: more is no plan but a probe
_PAUSE_EVERY: Final = 50  # objects read before others get their turn on the event loop


class FreeBusy:
    """Busy times, of people and of single calendars."""

    def __init__(self, access: Access, zones: CalendarZones) -> None:
        self._access = access
        self._zones = zones
        self._busy: Memo[Sequence[BusyPeriod]] = Memo(50_000)
        self._answers: Memo[Sequence[BusyPeriod]] = Memo(2_000)

    async def of_one(self, caller: Caller, owner: PrincipalId, start: datetime, end: datetime) -> list[BusyPeriod]:
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

    async def of_calendar(self, caller: Caller, place: Place, start: datetime, end: datetime) -> list[BusyPeriod]:
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
