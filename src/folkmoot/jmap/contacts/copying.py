"""``ContactCard/copy``: cards into another account, their text as it is (RFC 9610 section 3.6)."""

from collections.abc import Mapping
from typing import Any

from folkmoot.collections.home_objects import Found
from folkmoot.collections.transfer import Transfer
from folkmoot.core.errors import FolkmootError
from folkmoot.core.ids import ObjectId
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.contacts.cards import BOOKS
from folkmoot.jmap.contacts.ids import card_id, card_of_id
from folkmoot.jmap.contacts.writing import CardSetter, fresh_name, place_of
from folkmoot.jmap.protocol.calling import Call
from folkmoot.jmap.protocol.errors import MethodFailed, SetFailed, set_failed
from folkmoot.jmap.protocol.patches import parse_patch
from folkmoot.jmap.protocol.standard import Made, SetArguments
from folkmoot.store.records import Kind


async def copy(call: Call[Any], source: Account, wanted: Mapping[str, dict[str, Any]]) -> Made:
    """Copy cards; what the client says beside ``id`` is set on the copies."""
    if not source.addressbooks:
        raise MethodFailed("fromAccountNotSupportedByMethod", "this account is without address books")
    oids = {creation: card_of_id(value["id"]) for creation, value in wanted.items()}
    homes = call.services.home_objects
    asked = [oid for oid in oids.values() if oid is not None]
    found = await homes.by_oid(call.caller, source.owner, Kind.ADDRESSBOOK, asked) if asked else {}
    arguments = SetArguments(account_id=call.account.id)
    setter = CardSetter(Call(call.context, call.name, arguments, call.id, call.account))
    made: dict[str, Any] = {}
    for creation, value in wanted.items():
        oid = oids[creation]
        try:
            one = found.get(oid) if oid is not None else None
            if one is None:
                raise SetFailed("notFound", "there is no such ContactCard")
            made[creation] = {"id": card_id(await _copy_one(call, setter, one, value))}
        except FolkmootError as error:
            made[creation] = set_failed(error)
    return made


async def _copy_one(call: Call[Any], setter: CardSetter, found: Found, value: dict[str, Any]) -> ObjectId:
    services, caller = call.services, call.caller
    target = await setter.target(value.get(BOOKS))
    name, place = fresh_name(), place_of(target)
    order = Transfer(place_of(found.seen), place, move=False, overwrite=False)
    await services.transfers.transfer_object(caller, order, found.stored.meta.name, name)
    _, stored = await services.objects.read(caller, place, name)
    rest = {key: one for key, one in value.items() if key not in {"id", BOOKS}}
    if rest:
        patch = parse_patch({key.replace("~", "~0").replace("/", "~1"): one for key, one in rest.items()})
        try:
            await setter.update_one(card_id(stored.meta.oid), patch)
        except FolkmootError:
            await services.objects.delete(caller, place, name)
            raise
    return stored.meta.oid
