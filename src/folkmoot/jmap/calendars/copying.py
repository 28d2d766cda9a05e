"""``CalendarEvent/copy`` and ``Task/copy``: objects into another account, their text as it is (RFC 8620 section 5.4)."""

from typing import Any

from folkmoot.collections.content import DEFAULT_OPTIONS
from folkmoot.collections.transfer import Transfer
from folkmoot.core.errors import FolkmootError
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.calendars.ids import object_id, parse_object_id
from folkmoot.jmap.calendars.sorts import Sort
from folkmoot.jmap.calendars.writing import EventSetArguments, EventSetter, fresh_name, place_of
from folkmoot.jmap.protocol.calling import Answer, Call
from folkmoot.jmap.protocol.describing import Arguments, Id
from folkmoot.jmap.protocol.errors import InvalidProperties, MethodFailed, SetFailed, set_failed
from folkmoot.jmap.protocol.limits import OBJECTS_IN_SET_MAX
from folkmoot.jmap.protocol.patches import parse_patch
from folkmoot.jmap.protocol.request import Invocation
from folkmoot.store.records import Kind


class EventCopyArguments(Arguments):
    """Of ``CalendarEvent/copy`` and ``Task/copy``."""

    from_account_id: Id
    account_id: Id
    create: dict[str, dict[str, Any]]
    if_from_in_state: str | None = None
    if_in_state: str | None = None
    on_success_destroy_original: bool = False
    destroy_from_if_in_state: str | None = None


async def copy(of: Sort, call: Call[EventCopyArguments]) -> Answer:
    """Copy objects; what the client says beside ``id`` is set on the copies."""
    asked = call.arguments
    if len(asked.create) > OBJECTS_IN_SET_MAX:
        raise MethodFailed("requestTooLarge", f"at most {OBJECTS_IN_SET_MAX} objects at once")
    if asked.from_account_id == asked.account_id:
        raise MethodFailed("invalidArguments", "the accounts are the same; change the calendar instead")
    source = await _source(call)
    homes, caller = call.services.home_objects, call.caller
    if asked.if_from_in_state is not None:
        await _check_state(call, source, asked.if_from_in_state)
    before = await homes.state(caller, call.account.owner, Kind.CALENDAR)
    if asked.if_in_state is not None and asked.if_in_state != before:
        raise MethodFailed("stateMismatch", "the state is another one by now")
    created: dict[str, Any] = {}
    failed: dict[str, Any] = {}
    copied: list[str] = []
    for creation, value in asked.create.items():
        try:
            created[creation] = await _copy_one(of, call, source, value)
            call.context.created[creation] = created[creation]["id"]
            copied.append(str(value["id"]))
        except FolkmootError as error:
            failed[creation] = set_failed(error).told()
    if asked.on_success_destroy_original and copied:
        await _destroy(of, call, source, copied)
    return {
        "fromAccountId": source.id,
        "accountId": call.account.id,
        "oldState": before,
        "newState": await homes.state(caller, call.account.owner, Kind.CALENDAR),
        "created": created or None,
        "notCreated": failed or None,
    }


async def _source(call: Call[EventCopyArguments]) -> Account:
    try:
        found = await call.context.accounts.get(call.arguments.from_account_id)
    except FolkmootError as error:
        raise MethodFailed("fromAccountNotFound", "there is no such account") from error
    if not found.calendars:
        raise MethodFailed("fromAccountNotSupportedByMethod", "this account is without calendars")
    return found


async def _check_state(call: Call[Any], account: Account, wanted: str) -> None:
    if wanted != await call.services.home_objects.state(call.caller, account.owner, Kind.CALENDAR):
        raise MethodFailed("stateMismatch", "the state is another one by now")


async def _copy_one(of: Sort, call: Call[EventCopyArguments], source: Account, value: dict[str, Any]) -> dict[str, Any]:
    named = value.get("id")
    ref = parse_object_id(named) if isinstance(named, str) else None
    if ref is None or ref.recurrence_id is not None:
        raise InvalidProperties("id names what is copied", "id")
    services, caller = call.services, call.caller
    found = (await services.home_objects.by_oid(caller, source.owner, Kind.CALENDAR, [ref.oid])).get(ref.oid)
    if found is None or found.stored.meta.component != of.component:
        raise SetFailed("notFound", f"there is no such {of.kind.name}")
    arguments = EventSetArguments(account_id=call.account.id)
    setter = EventSetter(of, Call(call.context, call.name, arguments, call.id, call.account))
    target = await setter.target(value.get(of.holder))
    name, place = fresh_name(), place_of(target)
    order = Transfer(place_of(found.seen), place, move=False, overwrite=False, options=DEFAULT_OPTIONS)
    await services.transfers.transfer_object(caller, order, found.stored.meta.name, name)
    _, stored = await services.objects.read(caller, place, name)
    id_ = object_id(stored.meta.oid)
    rest = {key: one for key, one in value.items() if key not in {"id", of.holder}}
    if rest:
        try:
            await setter.update_one(
                id_, parse_patch({key.replace("~", "~0").replace("/", "~1"): v for key, v in rest.items()})
            )
        except FolkmootError:
            await services.objects.delete(caller, place, name)
            raise
    return {"id": id_}


async def _destroy(of: Sort, call: Call[EventCopyArguments], source: Account, ids: list[str]) -> None:
    """Destroy the originals, told as an implicit ``set``."""
    asked = call.arguments
    setter = EventSetter(of, Call(call.context, call.name, EventSetArguments(account_id=source.id), call.id, source))
    before = await setter.state()
    if asked.destroy_from_if_in_state is not None and asked.destroy_from_if_in_state != before:
        failed = MethodFailed("stateMismatch", "the state is another one by now")
        call.more.append(Invocation("error", failed.told(), call.id))
        return
    gone = await setter.destroy(ids)
    told = {
        "accountId": source.id,
        "oldState": before,
        "newState": await setter.state(),
        "destroyed": [id_ for id_, error in gone.items() if error is None] or None,
        "notDestroyed": {id_: error.told() for id_, error in gone.items() if error is not None} or None,
    }
    call.more.append(Invocation(f"{of.kind.name}/set", told, call.id))
