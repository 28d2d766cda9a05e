"""Web calendars: read-only copies of calendars that others publish, looked at again from time to time.

The last good copy stays when a look fails.  What did not change is not written, so that clients have nothing to
fetch.
"""

import asyncio
from dataclasses import dataclass
from typing import Final
from uuid import uuid4
from weakref import WeakValueDictionary

from folkmoot.calendars.web.credentials import CredentialKey, seal
from folkmoot.calendars.web.feeds import NAME_MAX
from folkmoot.calendars.web.refresh import Report, WebRefresh
from folkmoot.collections.access import Access
from folkmoot.collections.content import Place
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Forbidden, NotFound, TooLarge
from folkmoot.core.ids import PrincipalId
from folkmoot.database.statement import Transaction
from folkmoot.fetch.fetcher import Credentials
from folkmoot.fetch.target import parse_target, without_credentials
from folkmoot.store import collections as stored_collections
from folkmoot.store import jobs
from folkmoot.store import web_calendars as stored
from folkmoot.store.records import Collection, Kind
from folkmoot.store.web_calendars import WebCalendar

JOB: Final = "web-calendar"
CALENDARS_MAX: Final = 100  # of one person
LOOKS_MAX: Final = 2  # under way at once for one person: each may hold a document of twenty megabytes for a minute
FRESH_MS: Final = 5 * 60_000  # so young a copy is not looked at again because its owner signs in


@dataclass(frozen=True, slots=True)
class WebCalendarState:
    """A web calendar as its owner sees it."""

    collection: Collection
    kept: WebCalendar

    @property
    def has_credentials(self) -> bool:
        return self.kept.sealed_credentials is not None


class WebCalendars:
    """Makes, shows and removes web calendars."""

    def __init__(self, access: Access, refresh: WebRefresh) -> None:
        self._access = access
        self._refresh = refresh
        self._key = CredentialKey(access.database)
        self._looks: WeakValueDictionary[PrincipalId, asyncio.Semaphore] = WeakValueDictionary()

    async def add(
        self,
        caller: Caller,
        url: str,
        name: str | None = None,
        credentials: Credentials | None = None,
        *,
        reload_on_login: bool = False,
    ) -> Collection:
        """Make a calendar of a URL in the caller's home; it is filled by ``reload``, or by a job in a moment.

        Without a name it is called by the document's, once that is known.  Credentials in the URL are taken out of it.

        Raises:
            FetchFailed: ``invalid-url``.
            Forbidden: nobody is signed in.
            TooLarge: too many such calendars, or too long a URL, name or password.
            MalformedInput: credentials that cannot be sent.
        """
        if caller.anonymous:
            raise Forbidden("web calendars are for those who sign in")
        target = parse_target(url)
        if target.user and credentials is None:
            credentials = Credentials(target.user, target.password)
        address, key = without_credentials(url), await self._key.known()
        title = " ".join((name or "").split())[:NAME_MAX]
        now = self._access.clock.milliseconds()
        resource = uuid4().hex

        async def work(tx: Transaction) -> Collection:
            if len(await stored.list_home(tx, caller.principal)) >= CALENDARS_MAX:
                raise TooLarge(f"at most {CALENDARS_MAX} web calendars for one person")
            properties = {
                "displayname": title or target.host,
                "components": ["VEVENT", "VTODO"],
                "read_only": True,
                "web_calendar": True,
                **({} if title else {"named_by_document": True}),
            }
            made = await stored_collections.create(
                tx, caller.principal, Kind.CALENDAR, resource, properties, dead_properties={}, now=now
            )
            sealed = None if credentials is None else seal(key, credentials, made.id)
            await stored.add(tx, made.id, url=address, sealed_credentials=sealed, reload_on_login=reload_on_login)
            # Who adds it looks at it at once; the job is for when that fails, and for later.
            await jobs.add(tx, JOB, str(made.id), {}, now + 60_000, now)
            return made

        return await self._access.database.write(work)

    async def list_(self, caller: Caller) -> list[WebCalendarState]:
        """Return the caller's web calendars, by name."""
        found = await self._access.database.read(lambda tx: stored.list_home(tx, caller.principal))
        return [WebCalendarState(collection, kept) for collection, kept in found]

    async def state(self, caller: Caller, place: Place) -> WebCalendarState:
        """Return a web calendar.

        Raises:
            NotFound: no such web calendar of this caller's.
            Forbidden: it is somebody else's.
        """
        return await self._access.look(lambda tx: self._administered(tx, caller, place))

    async def reload(self, caller: Caller, place: Place) -> Report:
        """Look at the document now.

        Raises:
            NotFound: no such web calendar of this caller's.
            Forbidden: it is somebody else's.
        """
        state = await self.state(caller, place)
        gate = self._looks.setdefault(caller.principal, asyncio.Semaphore(LOOKS_MAX))
        async with gate:
            return await self._refresh.refresh(state.collection.id) or Report(status=404, error="http-error")

    async def remove(self, caller: Caller, place: Place) -> None:
        """Remove the calendar with its copy.

        Raises:
            NotFound: no such web calendar of this caller's.
            Forbidden: it is somebody else's.
        """

        async def work(tx: Transaction) -> None:
            state = await self._administered(tx, caller, place)
            await stored_collections.delete(tx, state.collection.id)
            await self._access.contents[Kind.CALENDAR].removed(tx, state.collection)
            await jobs.remove(tx, JOB, str(state.collection.id))

        await self._access.write(caller, place, work)

    async def set_credentials(self, caller: Caller, place: Place, credentials: Credentials | None) -> None:
        """Replace the credentials; None: none are sent.

        Raises:
            NotFound: no such web calendar of this caller's.
            Forbidden: it is somebody else's.
            TooLarge, MalformedInput: credentials that cannot be kept or sent.
        """
        key = await self._key.known()

        async def work(tx: Transaction) -> None:
            state = await self._administered(tx, caller, place)
            number = state.collection.id
            sealed = None if credentials is None else seal(key, credentials, number)
            await stored.set_credentials(tx, number, sealed)

        await self._access.write(caller, place, work)

    async def set_reload_on_login(self, caller: Caller, place: Place, *, wanted: bool) -> None:
        """Say whether the calendar is refreshed when its owner signs in.

        Raises:
            NotFound: no such web calendar of this caller's.
            Forbidden: it is somebody else's.
        """

        async def work(tx: Transaction) -> None:
            state = await self._administered(tx, caller, place)
            await stored.set_reload_on_login(tx, state.collection.id, wanted=wanted)

        await self._access.write(caller, place, work)

    async def reload_on_login(self, caller: Caller) -> int:
        """Ask for a refresh of the calendars that want one when their owner signs in; return how many."""
        now = self._access.clock.milliseconds()
        wanted = [
            state.kept
            for state in await self.list_(caller)
            if state.kept.reload_on_login and state.kept.checked_at < now - FRESH_MS
        ]
        asked = [jobs.NewJob(JOB, str(kept.collection_id), {}, now) for kept in wanted]
        if asked:
            await self._access.database.write(lambda tx: jobs.add_many(tx, asked, now))
        return len(asked)

    async def _administered(self, tx: Transaction, caller: Caller, place: Place) -> WebCalendarState:
        seen = await self._access.get(tx, caller, place)
        found = await stored.find(tx, seen.collection.id)
        if found is None:
            raise NotFound(f"no such web calendar: {place.name}")
        if not seen.rights.admin:
            raise Forbidden("a web calendar is its owner's")
        return WebCalendarState(*found)
