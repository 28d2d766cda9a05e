"""``CalendarEvent/set`` and ``Task/set``: objects created, patched, moved and removed through the services of DAV."""

import uuid
from collections.abc import Mapping
from datetime import tzinfo
from typing import Any, Final

from folkmoot.collections.access import Seen
from folkmoot.collections.content import Condition, Place, WriteOptions
from folkmoot.collections.home_objects import Found
from folkmoot.collections.transfer import Transfer
from folkmoot.core.errors import FolkmootError, NotFound, PreconditionFailed
from folkmoot.core.ids import CollectionId, ObjectId, ResourceName
from folkmoot.ical import Component, parse
from folkmoot.ical import format as format_calendar
from folkmoot.jmap.calendars.ids import ObjectRef, object_id, parse_object_id
from folkmoot.jmap.calendars.sorts import EVENTS, Sort
from folkmoot.jmap.jscalendar import (
    excluded,
    new_calendar,
    patched,
    patched_occurrence,
    split_following,
    to_jscalendar,
)
from folkmoot.jmap.protocol.calling import Call
from folkmoot.jmap.protocol.errors import InvalidProperties, SetFailed
from folkmoot.jmap.protocol.patches import Patch
from folkmoot.jmap.protocol.standard import JsonObject, OneByOne, SetArguments
from folkmoot.scheduling.values import Prevented
from folkmoot.store.records import Kind, UidConflict

PRODUCT: Final = "-//Folkmoot//JMAP//EN"
MEDIA_TYPE: Final = "text/calendar; charset=utf-8"
RACES_MAX: Final = 4  # writes of others that one patch may meet: it is applied to what they left


class EventSetArguments(SetArguments):
    """Of ``CalendarEvent/set`` and ``Task/set``; the last two are ours."""

    send_scheduling_messages: bool = False
    refuse_conflicts: bool = False  # somebody who is invited has no time: nothing is written
    this_and_following: list[str] | None = None  # ids of occurrences; what is done to them is done to all that follow


class EventSetter(OneByOne):
    """Writes objects of one account."""

    def __init__(self, of: Sort, call: Call[EventSetArguments]) -> None:
        super().__init__(of.kind, call)
        self._of = of
        asked = call.arguments
        self._options = WriteOptions(
            schedule_reply=asked.send_scheduling_messages,
            sends_mail=asked.send_scheduling_messages,
            forced=not asked.refuse_conflicts,
        )
        self._following = frozenset(asked.this_and_following or ())

    async def state(self) -> str:
        call = self.call
        return await call.services.home_objects.state(call.caller, call.account.owner, Kind.CALENDAR)

    async def create_one(self, creation: str, value: dict[str, Any]) -> JsonObject:
        seen = await self.target(value.get(self._of.holder))
        wanted = {"@type": self._of.type, "uid": str(uuid.uuid4())} | {
            name: one for name, one in value.items() if name not in self._of.placing
        }
        if wanted["@type"] != self._of.type:
            raise InvalidProperties(f"a {self.kind.name} has the @type {self._of.type}", "@type")
        calendar = new_calendar(wanted, prodid=PRODUCT, now=self._now())
        oid = await self._put_new(seen, calendar)
        found = await self._found(ObjectRef(oid))
        shown = self._shown(found)
        server = {name: one for name, one in shown.items() if name not in value or value[name] != one}
        return {"id": object_id(oid), **server}

    async def update_one(self, id_: str, patch: Patch) -> JsonObject | None:
        ref = self._ref(id_)
        found = await self._found(ref)
        before = self._shown(found)
        content = self._content(patch, found, ref)
        target = self._move_target(patch, found)
        if ref.recurrence_id is not None:
            if target is not None:
                raise InvalidProperties("an occurrence is where its event is", self._of.holder)
            await self._update_occurrence(found, ref, ref.recurrence_id, content)
            return None
        if target is not None:
            self._patched(found, content)  # what cannot be taken moves nothing either
            await self._move(found, await self._target_of(target))
            found = await self._found(ref)
        if content:
            await self._rewrite(ref, found, lambda one: self._patched(one, content))
        after = self._shown(await self._found(ref))
        touched = {pointer.partition("/")[0] for pointer in content}
        return {name: one for name, one in after.items() if name not in touched and before.get(name) != one} or None

    async def destroy_one(self, id_: str) -> None:
        ref = self._ref(id_)
        found = await self._found(ref)
        if ref.recurrence_id is None:
            await self._delete(found)
        elif id_ in self._following:
            old, _ = self._split(found, ref.recurrence_id, {})
            if old is None:
                await self._delete(found)
            else:
                await self._put(found, old)
        else:
            recurrence_id = ref.recurrence_id
            await self._rewrite(
                ref,
                found,
                lambda one: excluded(
                    parse(one.stored.body), recurrence_id, default_zone=self._zone(one), now=self._now()
                ),
            )

    async def _update_occurrence(
        self, found: Found, ref: ObjectRef, recurrence_id: str, content: Mapping[str, Any]
    ) -> None:
        if str(ref) not in self._following:
            await self._rewrite(
                ref,
                found,
                lambda one: patched_occurrence(
                    parse(one.stored.body), recurrence_id, content, now=self._now(), default_zone=self._zone(one)
                ),
            )
            return
        old, new = self._split(found, recurrence_id, content)
        if old is None:  # the first occurrence: all of them follow
            await self._rewrite(ref, found, lambda one: self._patched(one, content))
            return
        await self._put(found, old)
        await self._put_new(found.seen, new)

    def _split(
        self, found: Found, recurrence_id: str, content: Mapping[str, Any]
    ) -> tuple[Component | None, Component]:
        """Return the series before an occurrence, None if it begins with it, and the series from there on."""
        calendar, zone = parse(found.stored.body), self._zone(found)
        if to_jscalendar(calendar, default_zone=zone, properties={"start"}).get("start") == recurrence_id:
            return None, calendar
        return split_following(
            calendar, recurrence_id, content, new_uid=str(uuid.uuid4()), now=self._now(), default_zone=zone
        )

    def _patched(self, found: Found, content: Mapping[str, Any]) -> Component:
        return patched(parse(found.stored.body), content, now=self._now(), default_zone=self._zone(found))

    def _content(self, patch: Patch, found: Found, ref: ObjectRef) -> dict[str, Any]:
        """Return what of a patch is about the JSCalendar value, as a PatchObject."""
        held = dict(self._of.held(found.seen.collection.id))
        present = {"id": str(ref), "isOrigin": found.stored.meta.participation in {"", "ORGANIZER"}, **held}
        if self._of is EVENTS:
            base = object_id(found.stored.meta.oid)
            present["baseEventId"] = None if ref.recurrence_id is None else base
        patch = self.kind.refuse_fixed(patch, present)
        return {_pointer(steps): value for steps, value in patch if steps[0] != self._of.holder}

    def _move_target(self, patch: Patch, found: Found) -> CollectionId | None:
        holder = self._of.holder
        if holder not in patch.properties:
            return None
        present = self._of.held(found.seen.collection.id)[holder]
        wanted = self._of.holder_of(self._resolved(patch.of(holder, present)))
        return None if wanted == found.seen.collection.id else wanted

    async def _move(self, found: Found, target: Seen) -> None:
        services, caller = self.call.services, self.call.caller
        source, goal = place_of(found.seen), place_of(target)
        order = Transfer(source, goal, move=True, overwrite=False, options=self._options)
        name = found.stored.meta.name
        try:
            try:
                await services.transfers.transfer_object(caller, order, name, name)
            except PreconditionFailed:  # the name is taken there
                await services.transfers.transfer_object(caller, order, name, fresh_name())
        except UidConflict as taken:
            raise await self._exists(goal, taken) from taken

    async def target(self, value: Any) -> Seen:
        """Return the calendar that a client names.

        Raises:
            InvalidProperties: none or several, or none that the caller may know of.
        """
        return await self._target_of(self._of.holder_of(self._resolved(value)))

    async def _target_of(self, number: CollectionId) -> Seen:
        call = self.call
        try:
            seen = await call.services.home_objects.collection(call.caller, call.account.owner, Kind.CALENDAR, number)
        except NotFound as error:
            raise InvalidProperties("there is no such calendar", self._of.holder) from error
        return seen

    def _resolved(self, value: Any) -> Any:
        """Return ids in place of creation ids."""
        context = self.call.context
        if isinstance(value, dict):
            return {context.id_of(str(id_)): held for id_, held in value.items()}
        return context.id_of(value) if isinstance(value, str) else value

    async def _put_new(self, seen: Seen, calendar: Component) -> ObjectId:
        body = format_calendar(calendar).encode("utf-8", "replace")
        name, place = fresh_name(), place_of(seen)
        condition = Condition(none_match=frozenset("*"))
        objects, caller = self.call.services.objects, self.call.caller
        try:
            result = await objects.put(caller, place, name, body, MEDIA_TYPE, condition, options=self._options)
        except UidConflict as taken:
            raise await self._exists(place, taken) from taken
        except Prevented as prevented:
            raise refused(prevented) from prevented
        if result.oid is not None:
            return result.oid
        _, stored = await objects.read(caller, place, name)
        return stored.meta.oid

    async def _exists(self, place: Place, taken: UidConflict) -> SetFailed:
        _, other = await self.call.services.objects.read(self.call.caller, place, taken.name)
        return SetFailed("alreadyExists", str(taken), existingId=object_id(other.meta.oid))

    async def _rewrite(self, ref: ObjectRef, found: Found, edit: Any) -> None:
        """Write what an edit makes of an object; again where somebody else wrote it meanwhile."""
        for _ in range(RACES_MAX):
            try:
                return await self._put(found, edit(found))
            except PreconditionFailed:
                found = await self._found(ref)
        raise PreconditionFailed("others write it all the time; try again")

    async def _put(self, found: Found, calendar: Component) -> None:
        body = format_calendar(calendar).encode("utf-8", "replace")
        if body == found.stored.body:
            return
        stored = found.stored.meta
        condition = Condition(match=frozenset([stored.etag]))
        try:
            await self.call.services.objects.put(
                self.call.caller,
                place_of(found.seen),
                stored.name,
                body,
                MEDIA_TYPE,
                condition,
                options=self._options,
            )
        except Prevented as prevented:
            raise refused(prevented) from prevented

    async def _delete(self, found: Found) -> None:
        place, name = place_of(found.seen), found.stored.meta.name
        await self.call.services.objects.delete(self.call.caller, place, name, options=self._options)

    async def _found(self, ref: ObjectRef) -> Found:
        call = self.call
        found = await call.services.home_objects.by_oid(call.caller, call.account.owner, Kind.CALENDAR, [ref.oid])
        one = found.get(ref.oid)
        if one is None or one.stored.meta.component != self._of.component:
            raise SetFailed("notFound", f"there is no such {self.kind.name}")
        return one

    def _ref(self, id_: str) -> ObjectRef:
        ref = parse_object_id(id_)
        if ref is None or str(ref) != id_:
            raise SetFailed("notFound", f"there is no such {self.kind.name}")
        return ref

    def _shown(self, found: Found) -> dict[str, Any]:
        try:
            return dict(to_jscalendar(parse(found.stored.body), default_zone=self._zone(found)))
        except FolkmootError:
            return {}

    def _zone(self, found: Found) -> tzinfo:
        return self.call.services.zones.of(found.seen.collection)

    def _now(self) -> Any:
        return self.call.services.clock.now()


def place_of(seen: Seen) -> Place:
    """Return where a collection is."""
    return Place(seen.collection.owner, seen.collection.kind, seen.collection.name)


def fresh_name() -> ResourceName:
    """Return a name for a new object."""
    return ResourceName(f"{uuid.uuid4()}.ics")


def refused(error: Prevented) -> SetFailed:
    """Return the SetError of people who cannot be invited, and of rooms that are taken."""
    return SetFailed(
        "cannotInvite",
        str(error),
        unavailable=list(error.unavailable),
        conflict=error.conflict,
        without=list(error.without),
    )


def _pointer(steps: tuple[str, ...]) -> str:
    return "/".join(step.replace("~", "~0").replace("/", "~1") for step in steps)
