"""The copies of one meeting in the homes of people here, as they become in one transaction."""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Final

from folkmoot.calendars.event_notices import COPIES_TOLD_MAX, tell
from folkmoot.calendars.index import meeting_row
from folkmoot.calendars.meetings.invitees import Person
from folkmoot.calendars.reminders.alarms import AlarmPlan
from folkmoot.collections.access import Raced
from folkmoot.collections.content import DefaultCollection
from folkmoot.core.errors import Conflict, PreconditionFailed
from folkmoot.core.ids import CollectionId, ETag, ObjectId, PrincipalId, ResourceName, Revision
from folkmoot.database.statement import Transaction
from folkmoot.ical import Component, parse
from folkmoot.ical import format as format_calendar
from folkmoot.store import collections as stored_collections
from folkmoot.store import meetings, profiles
from folkmoot.store.records import Collection, IndexRow, Kind, Profile, new_oid

PERSONAL: Final = "personal"
INBOX: Final = "inbox"
DEFAULT_CALENDAR: Final = "default_calendar"  # in a profile: the name of the calendar that invitations go to
MEDIA_TYPE: Final = "text/calendar; charset=utf-8"


def is_computed(calendar: Collection) -> bool:
    """Whether a calendar is fetched or computed from elsewhere: what is in it is nobody's copy of a meeting."""
    return bool(calendar.properties.get("read_only"))


def fresh_tag() -> str:
    """Return a Schedule-Tag that no object has had (RFC 6638 section 3.2.10)."""
    return uuid.uuid4().hex


@dataclass(slots=True)
class Copy:
    """One copy; ``calendar`` None: there is none, or it goes."""

    person: Person
    collection: Collection | None  # None: it is not decided yet where it goes
    name: ResourceName
    etag: ETag | None  # of what is stored; None: nothing is
    calendar: Component | None
    schedule_tag: str | None
    changed: bool = False
    oid: ObjectId = field(default_factory=new_oid)
    before: bytes = b""


@dataclass(slots=True)
class Copies:
    """All of them; nothing is written before ``write``."""

    tx: Transaction
    uid: str
    name: ResourceName  # what the organizer calls the object; copies are called the same where that is free
    own: CollectionId | None  # the collection that is being written to; its object is not among the copies
    now: int
    default: DefaultCollection  # the calendar that is made for whoever has none
    zone_of: Callable[[Collection], tzinfo]
    alarms: AlarmPlan | None = None
    actor: str = ""  # principal or address of who changes the meeting; people's clients are told of it
    profiles: dict[PrincipalId, Profile] = field(default_factory=dict)
    _copies: dict[PrincipalId, list[Copy]] = field(default_factory=dict)
    _homes: dict[PrincipalId, list[Collection]] = field(default_factory=dict)
    _messages: list[tuple[Person, Component]] = field(default_factory=list)
    _gone: list[meetings.Filing] = field(default_factory=list)

    async def load(self, people: Iterable[Person]) -> None:
        """Read the homes, what is kept about, and the copies of these people, in three statements."""
        wanted = {person.id: person for person in people if person.id not in self._copies}
        if not wanted:
            return
        self._copies |= {principal: [] for principal in wanted}
        self._homes |= await meetings.homes(self.tx, wanted)
        self.profiles |= await profiles.get_many(self.tx, list(wanted))
        for found in await meetings.copies(self.tx, wanted, self.uid):
            meta = found.stored.meta
            if (found.collection.id == self.own and meta.name == self.name) or is_computed(found.collection):
                continue
            calendar = parse(found.stored.body)
            owner = found.collection.owner
            self._copies[owner].append(
                Copy(
                    wanted[owner],
                    found.collection,
                    meta.name,
                    meta.etag,
                    calendar,
                    meta.schedule_tag,
                    oid=meta.oid,
                    before=found.stored.body,
                )
            )

    def of(self, person: Person) -> Sequence[Copy]:
        """Return a loaded person's copies; at least one, which may be nothing yet."""
        copies = self._copies[person.id]
        if not copies:
            copies.append(Copy(person, None, self.name, None, None, None))
        return copies

    def stored(self, person: Person) -> bool:
        """Whether a loaded person has a copy."""
        return any(copy.calendar is not None for copy in self._copies[person.id])

    def calendars(self, person: Person) -> Sequence[Collection]:
        """Return a loaded person's calendars."""
        return [one for one in self._homes[person.id] if one.kind is Kind.CALENDAR]

    def put(self, copy: Copy, calendar: Component | None, *, significant: bool) -> None:
        """Let a copy become this; ``significant`` changes its Schedule-Tag."""
        copy.calendar = calendar
        copy.changed = True
        if significant or copy.schedule_tag is None:
            copy.schedule_tag = fresh_tag()

    def take_away(self, filed: meetings.Copy) -> None:
        """Delete a copy in the own home that the written object takes the place of."""
        self._gone.append(meetings.Filing(filed.collection.id, filed.stored.meta.name, filed.stored.meta.etag, None))

    def notify(self, person: Person, message: Component) -> None:
        """Put a message into a loaded person's inbox."""
        self._messages.append((person, message))

    def default_calendar(self, person: Person) -> Collection | None:
        """Return the calendar that a loaded person's invitations go to; None if it has to be made."""
        calendars = {one.name: one for one in self.calendars(person) if not is_computed(one)}
        profile = self.profiles.get(person.id)
        chosen = profile.properties.get(DEFAULT_CALENDAR) if profile else None
        return (calendars.get(chosen) if isinstance(chosen, str) else None) or calendars.get(PERSONAL)

    async def write(self) -> Mapping[CollectionId, Revision]:
        """Write all that has changed; return the revisions of the collections, which stay locked.

        Raises:
            Raced: another writer came first.
        """
        changed = [copy for copies in self._copies.values() for copy in copies if copy.changed]
        changed = [copy for copy in changed if copy.calendar is not None or copy.etag is not None]
        for copy in changed:
            if copy.collection is None:
                copy.collection = self.default_calendar(copy.person) or await self._make(
                    copy.person, Kind.CALENDAR, self.default.name, self.default.properties
                )
        filed = await self._filings(changed)
        filings = [*self._gone, *filed, *await self._message_filings()]
        ids = [filing.collection for filing in filings] + ([] if self.own is None else [self.own])
        held = await meetings.hold(self.tx, ids)
        if self.own is not None and self.own not in held:
            raise Raced("the calendar is gone")
        try:
            await meetings.write(self.tx, filings, held, uid=self.uid, now=self.now)
        except PreconditionFailed as raced:
            raise Raced("another writer came first") from raced
        await self._tell(changed, filed)
        if self.alarms is not None:
            for copy, filing in zip(changed, filed, strict=True):
                if copy.collection is not None and filing.body is not None:
                    await self.alarms.follow(self.tx, copy.collection, filing.name, filing.body)
        return held

    async def _tell(self, changed: Sequence[Copy], filed: Sequence[meetings.Filing]) -> None:
        told = [
            (copy, filing)
            for copy, filing in zip(changed, filed, strict=True)
            if copy.collection is not None and self.actor and copy.collection.owner != self.actor
        ]
        if len(told) > COPIES_TOLD_MAX:
            return
        # In an order, so that two writers do not wait for each other's boxes.
        for copy, filing in sorted(told, key=lambda one: one[0].person.id):
            if copy.collection is not None and (filing.body or b"") != copy.before:
                component = filing.index.component or "VEVENT"
                await tell(
                    self.tx,
                    copy.collection,
                    self.actor,
                    copy.oid,
                    component,
                    filing.index.title,
                    copy.before,
                    filing.body or b"",
                    self.now,
                )

    async def _filings(self, changed: Sequence[Copy]) -> list[meetings.Filing]:
        new = [copy.collection.id for copy in changed if copy.etag is None and copy.collection is not None]
        taken = await meetings.taken(self.tx, new, self.name) if new else set()
        if self.own is not None:
            taken.add(self.own)
        filings: list[meetings.Filing] = []
        for copy in changed:
            if copy.collection is None:
                continue
            if copy.etag is None and copy.collection.id in taken:
                copy.name = ResourceName(f"{uuid.uuid4()}.ics")
            if copy.calendar is None:
                filings.append(meetings.Filing(copy.collection.id, copy.name, copy.etag, None))
                continue
            body = format_calendar(copy.calendar).encode("utf-8", "replace")
            index = meeting_row(
                copy.calendar, self.zone_of(copy.collection), copy.person.addresses, copy.schedule_tag or fresh_tag()
            )
            content_type = f"{MEDIA_TYPE}; component={index.component}"
            filings.append(
                meetings.Filing(copy.collection.id, copy.name, copy.etag, body, content_type, index, copy.oid)
            )
        return filings

    async def _message_filings(self) -> list[meetings.Filing]:
        inboxes: dict[PrincipalId, Collection] = {}
        filings: list[meetings.Filing] = []
        for person, message in self._messages:
            if person.id not in inboxes:
                found = next((one for one in self._homes[person.id] if one.kind is Kind.INBOX), None)
                inboxes[person.id] = found or await self._make(person, Kind.INBOX, INBOX, {})
            component = next((one.name for one in message.components if one.name != "VTIMEZONE"), "")
            method = (message.text("METHOD") or "").upper()
            filings.append(
                meetings.Filing(
                    inboxes[person.id].id,
                    ResourceName(f"{uuid.uuid4()}.ics"),
                    None,
                    format_calendar(message).encode("utf-8", "replace"),
                    f"{MEDIA_TYPE}; component={component}; method={method}",
                    IndexRow(component=component),
                )
            )
        return filings

    async def _make(self, person: Person, kind: Kind, name: str, properties: Mapping[str, object]) -> Collection:
        try:
            made = await stored_collections.create(self.tx, person.id, kind, name, properties, now=self.now)
        except Conflict as raced:  # another request makes it at this moment
            raise Raced("another writer came first") from raced
        self._homes[person.id].append(made)
        return made
