"""The ``shareWith`` of calendars and address books (RFC 9670 section 4)."""

from collections.abc import Mapping
from typing import Any, Final

from folkmoot.collections.content import Place
from folkmoot.core.ids import CollectionId, PrincipalId
from folkmoot.directory.principal import PrincipalKind
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.protocol.calling import Call, Context
from folkmoot.jmap.protocol.errors import InvalidProperties
from folkmoot.jmap.protocol.patches import Patch
from folkmoot.jmap.sharing.ids import principal_id, principal_of
from folkmoot.jmap.sharing.rights import rights_of_names, wanted_roles
from folkmoot.sharing.rights import ANONYMOUS, EVERYBODY, group_subject
from folkmoot.store.records import Kind

PROPERTY: Final = "shareWith"

ShareWith = dict[str, dict[str, bool]]


async def shares_of_home(context: Context, account: Account, kind: Kind) -> Mapping[CollectionId, ShareWith]:
    """Return with whom each collection of an account is shared; nothing for who is not its owner."""
    rows = await context.services.grants.of_home(context.caller, account.owner, kind)
    return {one: _told(kind, given) for one, given in rows.items()}


async def change_shares(call: Call[Any], place: Place, patch: Patch) -> None:
    """Do what a patch says about ``shareWith``, as far as it says anything.

    Raises:
        InvalidProperties: unknown people or rights, or the owner among them.
        Forbidden: only the owner shares.
        NotFound: no such collection for this caller.
    """
    if PROPERTY not in patch.properties:
        return
    services, caller = call.services, call.caller
    _, rows = await services.grants.of(caller, place)
    before = _told(place.kind, rows)
    after = patch.of(PROPERTY, before) or {}
    if not isinstance(after, Mapping):
        raise InvalidProperties("shareWith is an object", PROPERTY)
    touched = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    subjects = await _subjects(call, place, touched)
    wanted: dict[str, frozenset[str]] = {}
    for name in touched:
        rights = after.get(name) or {}
        if not isinstance(rights, Mapping):
            raise InvalidProperties("rights are an object", PROPERTY)
        subject = subjects[name]
        wanted[subject] = wanted_roles(place.kind, rights, rows.get(subject, frozenset())) if rights else frozenset()
    if wanted:
        await services.grants.change(caller, place, wanted)


async def _subjects(call: Call[Any], place: Place, names: set[str]) -> dict[str, str]:
    people = {name: principal_of(name) for name in names}
    known = await call.services.people.find_many(call.caller, [one for one in people.values() if one is not None])
    found: dict[str, str] = {}
    for name, principal in people.items():
        if principal is None or principal == place.owner:
            raise InvalidProperties("the owner, or nobody, has this id of a principal", PROPERTY)
        # Rights of somebody who has gone since can be taken away still.
        one = known.get(principal)
        found[name] = group_subject(principal) if one is not None and one.kind is PrincipalKind.GROUP else principal
    return found


def _told(kind: Kind, rows: Mapping[str, frozenset[str]]) -> ShareWith:
    return {
        principal_id(PrincipalId(subject.removeprefix("@"))): rights_of_names(kind, roles)
        for subject, roles in rows.items()
        if subject not in {EVERYBODY, ANONYMOUS}
    }
