"""``CalendarEvent/get`` and ``changes``, and the same of ``Task``."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any, Final

from folkmoot.collections.content import SyncTokenInvalid
from folkmoot.collections.home_objects import Found
from folkmoot.collections.turns import Turns
from folkmoot.core.errors import FolkmootError, NotFound
from folkmoot.core.ids import ObjectId
from folkmoot.ical import Component, calendar_address, find_zone, parse
from folkmoot.jmap.calendars.ids import ObjectRef, object_id, parse_object_id
from folkmoot.jmap.calendars.occurring import instants, utc_of, utc_text, zone_named
from folkmoot.jmap.calendars.sorts import EVENTS, Sort
from folkmoot.jmap.jscalendar import occurrence, to_jscalendar
from folkmoot.jmap.protocol.calling import Call, Context
from folkmoot.jmap.protocol.describing import UTCDate
from folkmoot.jmap.protocol.errors import MethodFailed
from folkmoot.jmap.protocol.limits import OBJECTS_IN_GET_MAX
from folkmoot.jmap.protocol.standard import ChangesArguments, Delta, GetArguments, Got, JsonObject
from folkmoot.store.records import Kind

UTC_NAMES: Final = frozenset({"utcStart", "utcEnd", "utcDue"})
_FOR_UTC: Final = frozenset({"start", "due", "duration", "timeZone"})
_ORGANIZED: Final = frozenset({"", "ORGANIZER"})


class EventGetArguments(GetArguments):
    """Of ``CalendarEvent/get`` and ``Task/get``."""

    recurrence_overrides_before: UTCDate | None = None
    recurrence_overrides_after: UTCDate | None = None
    reduce_participants: bool = False
    time_zone: str | None = None  # of floating times, for utcStart and utcEnd


class Reader:
    """Shows objects to one caller."""

    def __init__(self, of: Sort, call: Call[EventGetArguments], names: frozenset[str]) -> None:
        asked = call.arguments
        self._of = of
        self._call = call
        self._names = names
        self._utc = names & UTC_NAMES
        self._before = None if asked.recurrence_overrides_before is None else _utc(asked.recurrence_overrides_before)
        self._after = None if asked.recurrence_overrides_after is None else _utc(asked.recurrence_overrides_after)
        self._zone = None if asked.time_zone is None else zone_argument(asked.time_zone)
        self._addresses: frozenset[str] | None = None
        more = _FOR_UTC if self._utc or self._before or self._after else frozenset[str]()
        self._wanted = (names - of.own) | more if names else None

    async def show(self, found: Found, ref: ObjectRef) -> JsonObject | None:
        """Return an object, or one of its occurrences; None if there is no such occurrence."""
        stored, seen = found.stored, found.seen
        zone = self._call.services.zones.of(seen.collection)
        try:
            value = self._value(parse(stored.body), ref, zone)
        except NotFound:
            return None
        except FolkmootError:
            if ref.recurrence_id is not None:
                return None
            # What a client has stored and we cannot read is there all the same.
            value = {"@type": self._of.type, "uid": stored.meta.uid or "", "title": stored.meta.title}
        if self._before or self._after:
            self._trim(value, zone)
        if self._call.arguments.reduce_participants and value.get("participants"):
            value["participants"] = self._reduced(value["participants"], await self._own_addresses())
        base = object_id(stored.meta.oid)
        told: dict[str, Any] = {"id": str(ref), **self._of.held(seen.collection.id), **value}
        told["isOrigin"] = stored.meta.participation in _ORGANIZED
        told.setdefault("isDraft", False)
        told.setdefault("useDefaultAlerts", False)
        if self._of is EVENTS:
            told["baseEventId"] = None if ref.recurrence_id is None else base
        if self._utc:
            self._add_utc(told, self._zone or zone)
        return told

    def _value(self, calendar: Component, ref: ObjectRef, zone: tzinfo) -> dict[str, Any]:
        if ref.recurrence_id is not None:
            return dict(occurrence(calendar, ref.recurrence_id, default_zone=zone))
        return dict(to_jscalendar(calendar, default_zone=zone, properties=self._wanted))

    def _trim(self, value: dict[str, Any], default: tzinfo) -> None:
        overrides = value.get("recurrenceOverrides")
        if not overrides:
            return
        zone = zone_named(value.get("timeZone"), default)
        value["recurrenceOverrides"] = {
            key: patch
            for key, patch in overrides.items()
            if (self._before is None or utc_of(key, zone) < self._before)
            and (self._after is None or utc_of(key, zone) >= self._after)
        }

    def _reduced(self, participants: dict[str, Any], own: frozenset[str]) -> dict[str, Any]:
        return {
            id_: one for id_, one in participants.items() if "owner" in one.get("roles", {}) or _addresses_of(one) & own
        }

    async def _own_addresses(self) -> frozenset[str]:
        if self._addresses is None:
            self._addresses = await addresses_of(self._call.context)
        return self._addresses

    def _add_utc(self, told: dict[str, Any], zone: tzinfo) -> None:
        start, end = instants(told, zone)
        ends = "utcEnd" if self._of is EVENTS else "utcDue"
        told["utcStart"] = None if start is None else utc_text(start)
        told[ends] = None if end is None else utc_text(end)


async def load(of: Sort, call: Call[EventGetArguments], ids: Sequence[str] | None, names: frozenset[str]) -> Got:
    """Return objects by id; occurrences only where they are named."""
    services, caller, owner = call.services, call.caller, call.account.owner
    reader = Reader(of, call, names)
    refs: dict[str, ObjectRef] = {}
    if ids is None:
        state, listed = await services.home_objects.listed(caller, owner, Kind.CALENDAR, (of.component,))
        if len(listed) > OBJECTS_IN_GET_MAX:
            raise MethodFailed("requestTooLarge", f"there are more than {OBJECTS_IN_GET_MAX}; ask by id")
        refs = {object_id(one.meta.oid): ObjectRef(one.meta.oid) for one in listed}
    else:
        state = await services.home_objects.state(caller, owner, Kind.CALENDAR)
        refs = {id_: ref for id_ in ids if (ref := parse_object_id(id_)) is not None and str(ref) == id_}
    found = await services.home_objects.by_oid(caller, owner, Kind.CALENDAR, {ref.oid for ref in refs.values()})
    objects: dict[str, JsonObject] = {}
    turns = Turns()
    for id_, ref in refs.items():
        one = found.get(ref.oid)
        if one is None or one.stored.meta.component != of.component:
            continue
        shown = await reader.show(one, ref)
        if shown is not None:
            objects[id_] = shown
        await turns.pass_on()
    return Got(state, objects)


async def follow(of: Sort, call: Call[ChangesArguments], since: str, most: int) -> Delta:
    """Return what changed since a state of the account's calendars."""
    services, caller, owner = call.services, call.caller, call.account.owner
    try:
        told = await services.home_objects.changes(caller, owner, Kind.CALENDAR, since, most, (of.component,))
    except SyncTokenInvalid as error:
        raise MethodFailed("cannotCalculateChanges", str(error)) from error
    return Delta(told.state, _ids(told.created), _ids(told.updated), _ids(told.destroyed), more=told.more)


async def addresses_of(context: Context) -> frozenset[str]:
    """Return the calendar addresses of the caller, as they are compared."""
    key = ("calendars", "addresses")
    if key not in context.kept:
        people = context.services.people
        found = await people.find(context.caller, context.caller.principal)
        names = people.addresses(found) if found is not None else ()
        context.kept[key] = frozenset(map(calendar_address, names))
    return frozenset(context.kept[key])


def zone_argument(name: str) -> tzinfo:
    """Return a zone that a method's argument names.

    Raises:
        MethodFailed: there is none of this name.
    """
    zone = find_zone(name)
    if zone is None:
        raise MethodFailed("invalidArguments", "there is no such time zone")
    return zone


def _addresses_of(participant: dict[str, Any]) -> frozenset[str]:
    named = [participant.get("email"), participant.get("calendarAddress")]
    sent = participant.get("sendTo")
    named += list(sent.values()) if isinstance(sent, dict) else []
    return frozenset(calendar_address(one) for one in named if isinstance(one, str))


def _utc(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise MethodFailed("invalidArguments", f"there is no such time: {text}") from error


def _ids(oids: Sequence[ObjectId]) -> list[str]:
    return [object_id(oid) for oid in oids]
