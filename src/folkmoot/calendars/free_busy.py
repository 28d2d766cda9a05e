"""When people are busy: one service for all faces (RFC 4791 section 7.10, RFC 6638 section 5, RFC 7953 section 5).

Many people are looked at in few statements, whatever their number: one for what they have chosen, one for their
calendars, one for the rows in the window.
"""

import asyncio
import re
from bisect import bisect_left
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, Protocol

from folkmoot.calendars.availability import unavailable
from folkmoot.calendars.zones import CalendarZones
from folkmoot.collections.access import Access
from folkmoot.collections.content import Place
from folkmoot.collections.subscriptions import IN_FREE_BUSY
from folkmoot.core.caller import Caller
from folkmoot.core.errors import FolkmootError, Forbidden, MalformedInput, NotFound, TooLarge
from folkmoot.core.ids import CollectionId, PrincipalId
from folkmoot.core.memo import Memo
from folkmoot.database.statement import Transaction
from folkmoot.directory.domains import Domains
from folkmoot.directory.principal import Principal
from folkmoot.ical import BusyPeriod, busy_periods, calendar_address, merge, parse
from folkmoot.ical.freebusy import busy_type
from folkmoot.sharing.people import PeopleDirectory
from folkmoot.sharing.preferences import PreferenceDefaults, Preferences, preferences_of
from folkmoot.sharing.rights import OWNER, Level, Rights
from folkmoot.store import busy, profiles
from folkmoot.store.busy import BusyRow
from folkmoot.store.records import Collection, Profile

FREE_BUSY_MAX: Final = timedelta(days=1100)  # three years: more is no plan but a probe
PEOPLE_MAX: Final = 500  # of one question; more than any meeting has
HORIZON: Final = timedelta(days=62)  # to each side of a window that a recurring event is expanded for at once
_PAUSE_EVERY: Final = 50  # objects read before others get their turn on the event loop
_DENSE: Final = re.compile(rb"FREQ=(?:SECOND|MINUTE|HOUR)LY", re.IGNORECASE)


class BusyDirectory(PeopleDirectory, Protocol):
    """What is needed of the directory: people, and which domains see one another."""

    @property
    def domains(self) -> Domains: ...


class FreeBusy:
    """Busy times, of people and of single calendars."""

    def __init__(
        self,
        access: Access,
        zones: CalendarZones,
        directory: BusyDirectory,
        defaults: Callable[[str | None], PreferenceDefaults] = lambda _: PreferenceDefaults(),
        *,
        public: bool = False,
    ) -> None:
        self._access = access
        self._zones = zones
        self._directory = directory
        self._defaults = defaults  # for a domain
        self._public = public  # SOGoEnablePublicAccess: anybody may ask
        self._expanded: Memo[_Expanded] = Memo(20_000)
        self._answers: Memo[Sequence[BusyPeriod]] = Memo(5_000)

    async def of(
        self, caller: Caller, owners: Sequence[PrincipalId], start: datetime, end: datetime
    ) -> dict[PrincipalId, list[BusyPeriod]]:
        """Return when people are busy, over all calendars of each that count, and when they cannot be met.

        Any signed-in caller may ask.  Who does not exist or is in a domain that the caller does not see is left out.

        Raises:
            NotFound: the caller is not signed in, and there is no public access.
            MalformedInput: the window ends before it starts.
            TooLarge: the window is longer than ``FREE_BUSY_MAX``, or there are too many people.
        """
        if caller.anonymous and not self._public:
            raise NotFound("no free-busy for anonymous callers")
        _check_window(start, end)
        people = await self._people(caller, owners)
        found = await self._access.look(lambda tx: self._look(tx, people, start, end))
        result = {}
        for owner in people:
            periods: list[BusyPeriod] = list(found.away[owner])
            for look in found.looks[owner]:
                periods += await self._busy_of(look, people.get(look.calendar.owner), start, end)
            result[owner] = merge(periods)
        return result

    async def of_one(self, caller: Caller, owner: PrincipalId, start: datetime, end: datetime) -> list[BusyPeriod]:
        """Return when one person is busy, as ``of`` does.

        Raises:
            NotFound: there is nobody whom the caller may ask about.
            MalformedInput: the window ends before it starts.
            TooLarge: the window is longer than ``FREE_BUSY_MAX``.
        """
        found = (await self.of(caller, [owner], start, end)).get(owner)
        if found is None:
            raise NotFound("no such person")
        return found

    async def of_calendar(self, caller: Caller, place: Place, start: datetime, end: datetime) -> list[BusyPeriod]:
        """Return when one calendar makes its owner busy (CALDAV:free-busy-query).

        Raises:
            NotFound: no such calendar for this caller.
            Forbidden: the caller may not even see dates.
            MalformedInput: the window ends before it starts.
            TooLarge: the window is longer than ``FREE_BUSY_MAX``.
        """
        _check_window(start, end)

        async def work(tx: Transaction) -> _Look:
            seen = await self._access.get(tx, caller, place)
            if seen.rights.highest < Level.DATES:
                raise Forbidden("free-busy needs the right to see dates")
            look = self._known(seen.collection, seen.rights, start, end)
            if look.answer is None:
                look.take(await busy.rows(tx, [seen.collection.id], *_seconds(start, end)))
            return look

        look = await self._access.read(caller, place, work)
        owner = (await self._directory.find_many([place.owner])).get(place.owner)
        return list(await self._busy_of(look, owner, start, end))

    async def _people(self, caller: Caller, owners: Sequence[PrincipalId]) -> dict[PrincipalId, Principal]:
        wanted = list(dict.fromkeys(owners))
        if len(wanted) > PEOPLE_MAX:
            raise TooLarge(f"free-busy is given of at most {PEOPLE_MAX} people at once")
        known = await self._directory.find_many([*wanted, *([] if caller.anonymous else [caller.principal])])
        asking = known.get(caller.principal)
        seen = self._directory.domains.seen_from(asking.domain) if asking is not None else None
        if seen is None or caller.superuser:
            return {owner: known[owner] for owner in wanted if owner in known}
        return {
            owner: known[owner]
            for owner in wanted
            if owner in known and (known[owner].domain or "").casefold() in (seen | {""})
        }

    async def _look(
        self, tx: Transaction, people: Mapping[PrincipalId, Principal], start: datetime, end: datetime
    ) -> "_Found":
        kept = {owner: Profile(owner, {}, {}, 0) for owner in people} | await profiles.get_many(tx, list(people))
        chosen = {owner: preferences_of(kept[owner], self._defaults(people[owner].domain)) for owner in people}
        looks: dict[PrincipalId, list[_Look]] = {owner: [] for owner in people}
        for calendar in await busy.calendars(tx, list(people)):
            if _counts(calendar, chosen[calendar.owner]):
                looks[calendar.owner].append(self._known(calendar, OWNER, start, end))
        await self._add_subscribed(tx, chosen, looks, start, end)
        unknown = [look for of_one in looks.values() for look in of_one if look.answer is None]
        by_calendar: dict[CollectionId, list[BusyRow]] = {}
        for row in await busy.rows(tx, list({look.calendar.id for look in unknown}), *_seconds(start, end)):
            by_calendar.setdefault(row.collection_id, []).append(row)
        for look in unknown:
            look.take(by_calendar.get(look.calendar.id, ()))
        return _Found(looks, {owner: unavailable(kept[owner], chosen[owner], start, end) for owner in people})

    async def _add_subscribed(
        self,
        tx: Transaction,
        chosen: Mapping[PrincipalId, Preferences],
        looks: dict[PrincipalId, list["_Look"]],
        start: datetime,
        end: datetime,
    ) -> None:
        """Add the calendars of others that people have subscribed to, chosen to count, and may see."""
        wanted: dict[PrincipalId, list[Collection]] = {}
        for person, own, calendar in await busy.subscribed(tx, list(chosen)):
            if own.get(IN_FREE_BUSY) or chosen[person].counts(calendar.owner, calendar.name, subscribed=True):
                wanted.setdefault(person, []).append(calendar)
        for person, calendars in wanted.items():
            # One look at the rights of each person who counts calendars of others; hardly anybody does.
            for seen in await self._access.all_with_rights(tx, Caller(person), calendars):
                if seen.rights.highest >= Level.DATES:
                    looks[person].append(self._known(seen.collection, seen.rights, start, end))

    def _known(self, calendar: Collection, rights: Rights, start: datetime, end: datetime) -> "_Look":
        """Return what is kept of this state of a calendar; a look without answer needs its rows."""
        # The revision names a calendar's objects for good; whole days are read in its zone.
        levels = tuple(rights.level(classification) >= Level.DATES for classification in range(3))
        key = calendar.id, calendar.revision, str(calendar.properties.get("timezone")), levels, start, end
        return _Look(calendar, rights, key, self._answers.get(key), [])

    async def _busy_of(
        self, look: "_Look", owner: Principal | None, start: datetime, end: datetime
    ) -> Sequence[BusyPeriod]:
        if look.answer is not None:
            return look.answer
        attendee = frozenset(map(calendar_address, self._directory.addresses(owner))) if owner else frozenset[str]()
        zone = self._zones.of(look.calendar)
        found: list[BusyPeriod] = []
        for count, row in enumerate(look.rows, 1):
            if row.body is None:
                found += _stated(row, start, end)
                continue
            expanded = self._expanded.get((row.collection_id, row.revision, zone, attendee))
            if expanded is None or not expanded.covers(start, end):
                expanded = _expand(row, start, end, zone, attendee)
                self._expanded.put((row.collection_id, row.revision, zone, attendee), expanded)
            found += expanded.within(start, end)
            if count % _PAUSE_EVERY == 0:
                await asyncio.sleep(0)
        return self._answers.put(look.key, merge(found))


@dataclass(slots=True)
class _Look:
    """One calendar that counts: the answer kept for its state, or the rows that it needs."""

    calendar: Collection
    rights: Rights
    key: Hashable
    answer: Sequence[BusyPeriod] | None
    rows: Sequence[BusyRow]

    def take(self, rows: Sequence[BusyRow]) -> None:
        """Keep those rows of which the dates may be seen."""
        self.rows = [row for row in rows if self.rights.level(row.classification) >= Level.DATES]


@dataclass(frozen=True, slots=True)
class _Found:
    """What one look at the database found of many people."""

    looks: Mapping[PrincipalId, Sequence[_Look]]
    away: Mapping[PrincipalId, Sequence[BusyPeriod]]  # outside of what people state as their availability


@dataclass(frozen=True, slots=True)
class _Expanded:
    """The busy times of one object between two times, by start; clients page by weeks and months."""

    start: datetime
    end: datetime
    periods: Sequence[BusyPeriod]

    def covers(self, start: datetime, end: datetime) -> bool:
        return self.start <= start and end <= self.end

    def within(self, start: datetime, end: datetime) -> list[BusyPeriod]:
        """Return what meets a window, cut to it."""
        before = bisect_left(self.periods, end, key=lambda period: period.start)
        return [
            BusyPeriod(max(period.start, start), min(period.end, end), period.type)
            for period in self.periods[:before]
            if period.end > start
        ]


def _expand(row: BusyRow, start: datetime, end: datetime, zone: tzinfo, attendee: frozenset[str]) -> _Expanded:
    body = row.body or b""
    # Months of a rule by hours or minutes are more candidates than an expansion may look at.
    margin = timedelta() if _DENSE.search(body) else HORIZON
    first, final = _shifted(start, -margin), _shifted(end, margin)
    try:
        periods = busy_periods(parse(body), first, final, default_zone=zone, attendee=attendee)
    except FolkmootError:
        periods = []  # taken over from elsewhere, and unreadable: it makes nobody busy
    return _Expanded(first, final, periods)


def _stated(row: BusyRow, start: datetime, end: datetime) -> list[BusyPeriod]:
    kind = busy_type(row.status, row.participation)
    if kind is None or row.starts_at is None or row.ends_at is None:
        return []
    begins = max(datetime.fromtimestamp(row.starts_at, UTC), start)
    ends = min(datetime.fromtimestamp(row.ends_at, UTC), end)
    return [BusyPeriod(begins, ends, kind)] if begins < ends else []


def _counts(calendar: Collection, preferences: Preferences) -> bool:
    """Return whether a calendar of one's own counts; a computed one only where its owner has said so."""
    if calendar.properties.get("transparent"):
        return False
    computed = bool(calendar.properties.get("read_only"))
    return preferences.counts(calendar.owner, calendar.name, subscribed=computed)


def _seconds(start: datetime, end: datetime) -> tuple[int, int]:
    return int(start.timestamp()), int(end.timestamp())


def _shifted(moment: datetime, by: timedelta) -> datetime:
    try:
        return moment + by
    except OverflowError:
        return moment


def _check_window(start: datetime, end: datetime) -> None:
    if start >= end:
        raise MalformedInput("the window ends before it starts")
    if end - start > FREE_BUSY_MAX:
        raise TooLarge(f"free-busy is given for at most {FREE_BUSY_MAX.days} days")
