"""``ParticipantIdentity``: the addresses by which the caller takes part in meetings; the directory knows them."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, Final

from folkmoot.core.errors import FolkmootError
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.calendars.describing import IDENTITY
from folkmoot.jmap.calendars.vectors import vector_delta, vector_of
from folkmoot.jmap.protocol.calling import Call, Context, Method
from folkmoot.jmap.protocol.standard import (
    ChangesArguments,
    Delta,
    GetArguments,
    Got,
    OneByOne,
    SetArguments,
    changes_method,
    get_method,
    set_method,
)

DEFAULT: Final = "default_participant_identity"  # in a profile: an address


class IdentitySetArguments(SetArguments):
    """Of ``ParticipantIdentity/set``."""

    on_success_set_is_default: str | None = None


async def identities(context: Context, account: Account) -> dict[str, dict[str, Any]]:
    """Return the identities of an account's owner; only the own ones are told."""
    people, caller = context.services.people, context.caller
    if account.owner != caller.principal:
        return {}
    found = await people.find(caller, caller.principal)
    addresses = people.addresses(found) if found is not None else ()
    chosen = (await people.profile(caller.principal)).properties.get(DEFAULT)
    default = chosen if chosen in addresses else next(iter(addresses), None)
    name = found.display_name if found is not None else ""
    return {
        _id(address): {
            "id": _id(address),
            "name": name,
            "calendarAddress": f"mailto:{address}",
            "isDefault": address == default,
        }
        for address in addresses
    }


async def state(context: Context, account: Account) -> str:
    """Return the present state."""
    return vector_of(await identities(context, account))


async def _load(call: Call[GetArguments], _ids: Sequence[str] | None, _names: frozenset[str]) -> Got:
    found = await identities(call.context, call.account)
    return Got(vector_of(found), found)


async def _follow(call: Call[ChangesArguments], since: str, most: int) -> Delta:
    return vector_delta(since, await identities(call.context, call.account), most)


class _Setter(OneByOne):
    """Refuses everything: who somebody is stands in the directory."""

    async def state(self) -> str:
        return await state(self.call.context, self.call.account)


async def _finish(call: Call[IdentitySetArguments], told: dict[str, Any]) -> None:
    wanted = call.arguments.on_success_set_is_default
    if wanted is None or told["notCreated"] or told["notUpdated"] or told["notDestroyed"]:
        return
    before = await identities(call.context, call.account)
    if wanted not in before or before[wanted]["isDefault"]:
        return
    address = before[wanted]["calendarAddress"].removeprefix("mailto:")
    try:
        await call.services.people.change_profile(call.caller, call.caller.principal, {DEFAULT: address}, {})
    except FolkmootError:
        return
    after = await identities(call.context, call.account)
    changed = {id_: {"isDefault": one["isDefault"]} for id_, one in after.items() if one != before.get(id_)}
    told["updated"] = {**(told["updated"] or {}), **changed} or None
    told["newState"] = vector_of(after)


def _id(address: str) -> str:
    return f"i{blake2b(address.encode('utf-8', 'surrogatepass'), digest_size=12).hexdigest()}"


METHODS: Final[Sequence[Method]] = (
    get_method(IDENTITY, _load),
    changes_method(IDENTITY, _follow),
    set_method(IDENTITY, lambda call: _Setter(IDENTITY, call), IdentitySetArguments, _finish),
)
