"""Sends the e-mail alarms of one calendar object that have gone off, and says when the next one does."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final, Protocol

from folkmoot.calendars.reminders.alarms import mails_of, moment, since_of
from folkmoot.calendars.reminders.rings import Ring, next_ring, rings
from folkmoot.calendars.zones import CalendarZones
from folkmoot.core.clock import Clock
from folkmoot.core.errors import FolkmootError, NotFound
from folkmoot.core.ids import CollectionId, PrincipalId, ResourceName
from folkmoot.database import Database, Transaction
from folkmoot.directory.principal import Principal
from folkmoot.ical.component import parse
from folkmoot.store import collections, objects, outbox
from folkmoot.store.jobs import Job
from folkmoot.store.records import Collection, StoredObject

LATE: Final = timedelta(days=1)  # what an outage held up is sent within a day; then nobody wants it
RUNS_APART_MS: Final = 60_000  # of one object, so that a rule by the second is no flood
MAILS_MAX: Final = 20  # of one run


class Owners(Protocol):
    """Where an owner's address is found."""

    async def find(self, principal: PrincipalId) -> Principal | None:
        """Return a principal by its id."""

    def addresses(self, principal: Principal) -> tuple[str, ...]:
        """Return a principal's mail addresses, the main one first."""


@dataclass(frozen=True, slots=True)
class Alarms:
    """The handler of alarm jobs."""

    database: Database
    clock: Clock
    zones: CalendarZones
    owners: Owners

    async def run(self, job: Job) -> int | None:
        """Queue the mails of all that has gone off; return when to look again, None if nothing is to come.

        Raises:
            Unavailable: the directory or the database does not answer.
        """
        found = await self._load(job)
        if found is None:
            return None
        collection, stored = found
        now = self.clock.now()
        now_ms = self.clock.milliseconds()
        zone = self.zones.of(collection)
        since = max(moment(since_of(job.payload, job.due_at) - 1), now - LATE)
        try:
            due, upcoming = await asyncio.to_thread(_look, stored.body, since, now, zone)
        except FolkmootError:  # what cannot be read does not ring
            return None
        if due and stored.meta.participation != "DECLINED":
            address = await self._address(collection.owner)
            mails = mails_of(due[-MAILS_MAX:], collection, stored.meta.uid or stored.meta.name, address, zone)
            await self.database.write(lambda tx: outbox.add(tx, mails[-MAILS_MAX:], now_ms))
        return None if upcoming is None else max(int(upcoming.timestamp() * 1000), now_ms + RUNS_APART_MS)

    async def _load(self, job: Job) -> tuple[Collection, StoredObject] | None:
        number, name = job.payload.get("collection"), job.payload.get("name")
        if not isinstance(number, int) or not isinstance(name, str):
            return None

        async def work(tx: Transaction) -> tuple[Collection, StoredObject] | None:
            try:
                collection = await collections.get(tx, CollectionId(number))
            except NotFound:
                return None
            stored = await objects.get(tx, collection.id, ResourceName(name))
            return None if stored is None else (collection, stored)

        return await self.database.read(work)

    async def _address(self, owner: PrincipalId) -> str | None:
        principal = await self.owners.find(owner)
        addresses = () if principal is None else self.owners.addresses(principal)
        return addresses[0] if addresses else None


def _look(body: bytes, since: datetime, now: datetime, zone: tzinfo) -> tuple[Sequence[Ring], datetime | None]:
    calendar = parse(body)
    return rings(calendar, since, now, default_zone=zone), next_ring(calendar, now, default_zone=zone)
