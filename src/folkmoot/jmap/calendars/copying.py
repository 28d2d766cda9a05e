"""``CalendarEvent/copy`` and ``Task/copy``: objects into another account, their text as it is."""

from collections.abc import Mapping
from typing import Any

from folkmoot.collections.transfer import Transfer
from folkmoot.core.errors import FolkmootError
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.calendars.ids import object_id, parse_object_id
from folkmoot.jmap.calendars.sorts import Sort
from folkmoot.jmap.calendars.writing import EventSetArguments, EventSetter, fresh_name, place_of
from folkmoot.jmap.protocol.calling import Call
from folkmoot.jmap.protocol.errors import InvalidProperties, SetFailed, set_failed
from folkmoot.jmap.protocol.patches import parse_patch
from folkmoot.jmap.protocol.standard import JsonObject, Made
from folkmoot.store.records import Kind


async def copy(of: Sort, call: Call[Any], source: Account, wanted: Mapping[str, dict[str, Any]]) -> Made:
    """Copy objects; what the client says beside ``id`` is set on the copies."""
    made: dict[str, JsonObject | SetFailed] = {}
    for creation, value in wanted.items():
        try:
            made[creation] = await _copy_one(of, call, source, value)
        except FolkmootError as error:
            made[creation] = set_failed(error)
    return made


async def _copy_one(of: Sort, call: Call[Any], source: Account, value: dict[str, Any]) -> JsonObject:
    ref = parse_object_id(value["id"])
    if ref is None or ref.recurrence_id is not None:
        raise InvalidProperties("id names what is copied", "id")
    services, caller = call.services, call.caller
    found = (await services.home_objects.by_oid(caller, source.owner, Kind.CALENDAR, [ref.oid])).get(ref.oid)
    if found is None or found.stored.meta.component != of.component:
        raise SetFailed("notFound", f"there is no such {of.kind.name}")
    arguments = EventSetArguments(account_id=call.account.id)
    setter = EventSetter(of, Call(call.context, call.name, arguments, call.id, call.account))
    name, place = fresh_name(), place_of(await setter.target(value.get(of.holder)))
    order = Transfer(place_of(found.seen), place, move=False, overwrite=False)
    await services.transfers.transfer_object(caller, order, found.stored.meta.name, name)
    _, stored = await services.objects.read(caller, place, name)
    id_ = object_id(stored.meta.oid)
    rest = {key: one for key, one in value.items() if key not in {"id", of.holder}}
    if rest:
        pointers = {key.replace("~", "~0").replace("/", "~1"): one for key, one in rest.items()}
        try:
            await setter.update_one(id_, parse_patch(pointers))
        except FolkmootError:
            await services.objects.delete(caller, place, name)
            raise
    return {"id": id_}
