"""When people are busy: one service for all faces (RFC 4791 section 7.10, RFC 6638 section 5, RFC 7953 section 5).

Many people are looked at in few statements, whatever their number: one for what they have chosen, one for their
calendars, one for the rows in the window.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from folkmoot.calendars.busy.availability import unavailable
from folkmoot.calendars.busy.times import Expanded, Look, Window, expand, stated
from folkmoot.calendars.zones import CalendarZones
from folkmoot.collections.access import Access
from folkmoot.collections.content import Place
from folkmoot.collections.subscriptions import IN_FREE_BUSY
from folkmoot.collections.turns import Turns
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Forbidden, NotFound, TooLarge
from folkmoot.core.ids import CollectionId, PrincipalId
from folkmoot.core.memo import Memo
from folkmoot.database.statement import Transaction
from folkmoot.directory.domains import Domains
from folkmoot.directory.principal import Principal
from folkmoot.ical import BusyPeriod, calendar_address, merge
from folkmoot.ical.density import is_dense
from folkmoot.sharing.preferences import PreferenceDefaults, Preferences, preferences_of
from folkmoot.sharing.rights import OWNER, Level, Rights
from folkmoot.store import busy, profiles
from folkmoot.store.busy import BusyRow
from folkmoot.store.records import Collection, Profile, uid_key

PEOPLE_MAX: Final = 500  # of one question; more than any meeting has
DENSE_MAX: Final = 20  # objects of one calendar that recur several times a day and count; nobody has more than a few


class BusyDirectory(Protocol):
    """What is needed of the directory: people, and which domains see one another."""

    @property
    def domains(self) -> Domains: ...

    async def find_many(self, principals: Sequence[PrincipalId]) -> Mapping[PrincipalId, Principal]:
        """Return those of the principals that exist."""

    def addresses(self, principal: Principal) -> tuple[str, ...]:
        """Return a principal's mail addresses, the main one first."""


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
        self._long_work = asyncio.Semaphore(1)  # in a thread beside the event loop, and only in one
        self._expanded: Memo[Expanded] = Memo(20_000)
        self._answers: Memo[Sequence[BusyPeriod]] = Memo(5_000)

    async def of(
        self,
        caller: Caller,
        owners: Sequence[PrincipalId],
        start: datetime,
        end: datetime,
        *,
        without: str | None = None,
    ) -> dict[PrincipalId, list[BusyPeriod]]:
        """Return when people are busy, over all calendars of each that count, and when they cannot be met.

        Any signed-in caller may ask.  Who does not exist or is in a domain that the caller does not see is left out.
        ``without`` is the UID of a meeting that does not count: it is being moved.

        Raises:
            NotFound: the caller is not signed in, and there is no public access.
            MalformedInput: the window ends before it starts.
            TooLarge: the window is longer than ``FREE_BUSY_MAX``, or there are too many people.
        """
        if caller.anonymous and not self._public:
            raise NotFound("no free-busy for anonymous callers")
        window = Window(start, end, None if without is None else uid_key(without))
        people = await self._people(caller, owners)
        found = await self._access.look(lambda tx: self._look(tx, people, window))
        others = {look.calendar.owner for looks in found.looks.values() for look in looks} - set(people)
        known = people | dict(await self._directory.find_many(list(others)) if others else {})
        result = {}
        for owner in people:
            periods = unavailable(found.kept[owner], found.chosen[owner], start, end)
            for look in found.looks[owner]:
                periods += await self._busy_of(look, known.get(look.calendar.owner))
            result[owner] = merge(periods)
            await asyncio.sleep(0)  # years of working hours of many people: others get their turn
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
        window = Window(start, end)

        async def work(tx: Transaction) -> Look:
            seen = await self._access.get(tx, caller, place)
            if seen.rights.highest < Level.DATES:
                raise Forbidden("free-busy needs the right to see dates")
            look = self._known(seen.collection, seen.rights, window)
            if look.answer is None:
                look.take(await busy.rows(tx, [seen.collection.id], *window.seconds))
            return look

        look = await self._access.read(caller, place, work)
        owner = (await self._directory.find_many([place.owner])).get(place.owner)
        return list(await self._busy_of(look, owner))

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

    async def _look(self, tx: Transaction, people: Mapping[PrincipalId, Principal], window: Window) -> "_Found":
        kept = {owner: Profile(owner, {}, {}, 0) for owner in people} | await profiles.get_many(tx, list(people))
        chosen = {owner: preferences_of(kept[owner], self._defaults(people[owner].domain)) for owner in people}
        looks: dict[PrincipalId, list[Look]] = {owner: [] for owner in people}
        for calendar in await busy.calendars(tx, list(people)):
            if _counts(calendar, chosen[calendar.owner]):
                looks[calendar.owner].append(self._known(calendar, OWNER, window))
        await self._add_subscribed(tx, chosen, looks, window)
        unknown = [look for of_one in looks.values() for look in of_one if look.answer is None]
        by_calendar: dict[CollectionId, list[BusyRow]] = {}
        for row in await busy.rows(tx, list({look.calendar.id for look in unknown}), *window.seconds):
            by_calendar.setdefault(row.collection_id, []).append(row)
        for look in unknown:
            look.take(by_calendar.get(look.calendar.id, ()))
        return _Found(looks, kept, chosen)

    async def _add_subscribed(
        self,
        tx: Transaction,
        chosen: Mapping[PrincipalId, Preferences],
        looks: dict[PrincipalId, list[Look]],
        window: Window,
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
                    looks[person].append(self._known(seen.collection, seen.rights, window))

    def _known(self, calendar: Collection, rights: Rights, window: Window) -> Look:
        """Return what is kept of this state of a calendar; a look without answer needs its rows."""
        # The revision names a calendar's objects for good; whole days are read in its zone.
        levels = tuple(rights.level(classification) >= Level.DATES for classification in range(3))
        key = calendar.id, calendar.revision, str(calendar.properties.get("timezone")), levels, window
        return Look(calendar, window, rights, key, self._answers.get(key), [])

    async def _busy_of(self, look: Look, owner: Principal | None) -> Sequence[BusyPeriod]:
        if look.answer is not None:
            return look.answer
        attendee = frozenset(map(calendar_address, self._directory.addresses(owner))) if owner else frozenset[str]()
        zone = self._zones.of(look.calendar)
        found: list[BusyPeriod] = []
        turns, dense = Turns(), 0
        for row in look.rows:
            if row.body is None:
                found += stated(row, look.window)
                continue
            is_long = is_dense(row.body)
            dense += is_long
            if is_long and dense > DENSE_MAX:  # who is sent hundreds of them shall be met all the same
                continue
            expanded = self._expanded.get((row.collection_id, row.revision, zone, attendee))
            if expanded is None or not expanded.covers(look.window):
                if is_long:
                    async with self._long_work:
                        expanded = await asyncio.to_thread(expand, row, look.window, zone, attendee)
                else:
                    expanded = expand(row, look.window, zone, attendee)
                self._expanded.put((row.collection_id, row.revision, zone, attendee), expanded)
            found += expanded.within(look.window)
            await turns.pass_on()
        return self._answers.put(look.key, merge(found))


@dataclass(frozen=True, slots=True)
class _Found:
    """What one look at the database found of many people."""

    looks: Mapping[PrincipalId, Sequence[Look]]
    kept: Mapping[PrincipalId, Profile]
    chosen: Mapping[PrincipalId, Preferences]


def _counts(calendar: Collection, preferences: Preferences) -> bool:
    """Return whether a calendar of one's own counts; a computed one only where its owner has said so."""
    if calendar.properties.get("transparent"):
        return False
    computed = calendar.properties.get("read_only") and not calendar.properties.get("web_calendar")
    return preferences.counts(calendar.owner, calendar.name, subscribed=bool(computed))
