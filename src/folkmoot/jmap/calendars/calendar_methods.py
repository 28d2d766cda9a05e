"""``Calendar/get``, ``changes`` and ``set``, and the same of ``TaskList``, which is a calendar that takes tasks."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from folkmoot.calendars.default_calendar import DefaultCalendar
from folkmoot.collections.content import Place
from folkmoot.collections.subscriptions import OWN
from folkmoot.core.errors import FolkmootError
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.calendars.calendar_values import kept_values
from folkmoot.jmap.calendars.describing import CALENDAR, TASK_LIST
from folkmoot.jmap.calendars.ids import calendar_id
from folkmoot.jmap.calendars.shelf import (
    Shelved,
    calendar_of,
    shelf_of,
    takes_events,
    takes_tasks,
    task_list_of,
)
from folkmoot.jmap.calendars.vectors import vector_delta, vector_of
from folkmoot.jmap.protocol.calling import Call, Context, Method
from folkmoot.jmap.protocol.describing import DataType
from folkmoot.jmap.protocol.errors import InvalidProperties, SetFailed
from folkmoot.jmap.protocol.patches import Patch, parse_patch
from folkmoot.jmap.protocol.standard import (
    ChangesArguments,
    Delta,
    GetArguments,
    Got,
    JsonObject,
    OneByOne,
    SetArguments,
    changes_method,
    get_method,
    set_method,
)
from folkmoot.jmap.services import JmapServices
from folkmoot.jmap.sharing.share_with import change_shares
from folkmoot.store.records import Kind


@dataclass(frozen=True, slots=True)
class Shelving:
    """How calendars are shown as one of the two types."""

    kind: DataType
    component: str
    components: Sequence[str]  # of one that a client makes
    shows: Callable[[Shelved], bool]
    render: Callable[[JmapServices, Shelved], dict[str, Any]]
    has_objects: str  # the SetError of one that is not empty

    async def objects(self, context: Context, account: Account) -> dict[str, dict[str, Any]]:
        """Return all of an account by id."""
        found = [one for one in await shelf_of(context, account) if self.shows(one)]
        return {one.id: self.render(context.services, one) for one in found}

    async def state(self, context: Context, account: Account) -> str:
        """Return the present state."""
        return vector_of(await self.objects(context, account))


CALENDARS: Final = Shelving(CALENDAR, "VEVENT", ("VEVENT", "VTODO"), takes_events, calendar_of, "calendarHasEvent")
TASK_LISTS: Final = Shelving(TASK_LIST, "VTODO", ("VTODO",), takes_tasks, task_list_of, "taskListHasTask")


class CalendarSetArguments(SetArguments):
    """Of ``Calendar/set``."""

    on_destroy_remove_events: bool = False
    on_success_set_is_default: str | None = None


class TaskListSetArguments(SetArguments):
    """Of ``TaskList/set``."""

    on_destroy_remove_tasks: bool = False


def shelf_methods(of: Shelving, arguments: type[SetArguments]) -> Sequence[Method]:
    """Return the methods of one of the two types."""

    async def load(call: Call[GetArguments], _ids: Sequence[str] | None, _names: frozenset[str]) -> Got:
        found = await of.objects(call.context, call.account)
        return Got(vector_of(found), found)

    async def follow(call: Call[ChangesArguments], since: str, most: int) -> Delta:
        return vector_delta(since, await of.objects(call.context, call.account), most)

    return (
        get_method(of.kind, load),
        changes_method(of.kind, follow),
        set_method(of.kind, lambda call: _Setter(of, call), arguments, _finish),
    )


class _Setter(OneByOne):
    """Makes, changes and removes calendars."""

    def __init__(self, of: Shelving, call: Call[Any]) -> None:
        super().__init__(of.kind, call)
        self._of = of
        self._shelf: dict[str, Shelved] | None = None

    async def state(self) -> str:
        return await self._of.state(self.call.context, self.call.account)

    async def create_one(self, creation: str, value: dict[str, Any]) -> JsonObject:
        services, caller, owner = self.call.services, self.call.caller, self.call.account.owner
        if owner != caller.principal and not caller.superuser:
            raise SetFailed("forbidden", "calendars are made by their owner")
        if value.get("isSubscribed") is False:
            raise InvalidProperties("one's own calendar is subscribed to", "isSubscribed")
        wanted = {"name": value["name"]} | value
        properties = {key: one for key, one in kept_values(wanted).items() if one is not None}
        place = Place(owner, Kind.CALENDAR, uuid.uuid4().hex)
        made = await services.collections.create(caller, place, {**properties, "components": list(self._of.components)})
        if value.get("shareWith"):
            try:
                await change_shares(self.call, place, parse_patch({"shareWith": value["shareWith"]}))
            except FolkmootError:
                await services.collections.delete(caller, place)
                raise
        self._shelf = None
        shown = (await self._of.objects(self.call.context, self.call.account))[calendar_id(made.id)]
        return {name: one for name, one in shown.items() if name not in value or value[name] != one}

    async def update_one(self, id_: str, patch: Patch) -> JsonObject | None:
        one = await self._find(id_)
        present = self._of.render(self.call.services, one)
        patch = self.kind.refuse_fixed(patch, present)
        after = patch.applied(present)
        for name in patch.properties:
            if after.get(name) is None and self.kind.properties[name].required:
                raise InvalidProperties(f"{name} cannot be taken away", name)
            after[name] = self.kind.check(name, after[name]) if after.get(name) is not None else None
        wanted = {name: after[name] for name in patch.properties}
        values = kept_values(wanted)
        if "isSubscribed" in wanted:
            one = await self._subscribe(one, wanted=after["isSubscribed"] is not False)
        await self._keep(one, values)
        await change_shares(self.call, one.place, patch)
        self._shelf = None
        return None

    async def destroy_one(self, id_: str) -> None:
        services, caller = self.call.services, self.call.caller
        one = await self._find(id_)
        if not one.seen.rights.admin:
            raise SetFailed("forbidden", "a calendar is removed by its owner; end the subscription instead")
        arguments = self.call.arguments
        remove = getattr(arguments, "on_destroy_remove_events", getattr(arguments, "on_destroy_remove_tasks", False))
        if not remove and not one.seen.collection.properties.get("read_only"):
            _, objects = await services.objects.list_(caller, one.place)
            if objects:
                raise SetFailed(self._of.has_objects, "there is still something in it")
        if one.seen.collection.properties.get("web_calendar"):
            await services.web_calendars.remove(caller, one.place)
        else:
            await services.collections.delete(caller, one.place)
        self._shelf = None

    async def _subscribe(self, one: Shelved, *, wanted: bool) -> Shelved:
        services, caller = self.call.services, self.call.caller
        if one.own:
            if not wanted:
                raise InvalidProperties("one's own calendar is subscribed to", "isSubscribed")
            return one
        if wanted and one.mount is None:
            await services.subscriptions.subscribe(caller, one.place, [caller.principal])
        elif not wanted and one.mount is not None:
            await services.subscriptions.unsubscribe(caller, one.place, [caller.principal])
        self._shelf = None
        return await self._find(one.id)

    async def _keep(self, one: Shelved, values: dict[str, Any]) -> None:
        services, caller = self.call.services, self.call.caller
        if one.own or not values:
            if values:
                await services.collections.change_properties(caller, one.place, values, {})
            return
        own = {key: value for key, value in values.items() if key in OWN}
        shared = {key: value for key, value in values.items() if key not in OWN}
        if shared:
            await services.collections.change_properties(caller, one.place, shared, {})
        if own and one.mount is None:
            raise SetFailed("forbidden", "who has not subscribed to it has no colour or name of his own for it")
        if own and one.mount is not None:
            await services.subscriptions.change(caller, one.mount, own)

    async def _find(self, id_: str) -> Shelved:
        if self._shelf is None:
            self._shelf = {
                one.id: one for one in await shelf_of(self.call.context, self.call.account) if self._of.shows(one)
            }
        found = self._shelf.get(id_)
        if found is None:
            raise SetFailed("notFound", f"there is no such {self.kind.name}")
        return found


async def _finish(call: Call[Any], told: dict[str, Any]) -> None:
    """Make a calendar the default one where all else succeeded."""
    wanted = getattr(call.arguments, "on_success_set_is_default", None)
    if wanted is None or told["notCreated"] or told["notUpdated"] or told["notDestroyed"]:
        return
    shelf = {one.id: one for one in await shelf_of(call.context, call.account)}
    try:
        chosen = shelf.get(call.context.id_of(wanted))
        if chosen is None or not chosen.own:
            return
        await DefaultCalendar(call.services.people, call.services.collections).choose(call.caller, chosen.place)
    except FolkmootError:
        return  # the standard has no answer for a default that cannot be: the old one stays
    changed = {one.id: False for one in shelf.values() if one.is_default and one.id != chosen.id}
    changed |= {} if chosen.is_default else {chosen.id: True}
    updated = dict(told["updated"] or {})
    for id_, default in changed.items():
        updated[id_] = {**(updated.get(id_) or {}), "isDefault": default}
    told["updated"] = updated or None
    told["newState"] = await CALENDARS.state(call.context, call.account)
