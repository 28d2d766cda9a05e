"""``Grant``, a type of ours: the roles that are kept, where ``shareWith`` is too coarse.

An id is that of the calendar or book, and whom the row is about.
"""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final

from folkmoot.collections.access import Seen
from folkmoot.collections.content import Place
from folkmoot.core.ids import CollectionId, PrincipalId
from folkmoot.directory.principal import PrincipalKind
from folkmoot.jmap.protocol.calling import Call, Method
from folkmoot.jmap.protocol.describing import Id
from folkmoot.jmap.protocol.errors import InvalidProperties, SetFailed
from folkmoot.jmap.protocol.patches import Patch
from folkmoot.jmap.protocol.standard import (
    GetArguments,
    Got,
    JsonObject,
    OneByOne,
    SetArguments,
    get_method,
    set_method,
)
from folkmoot.jmap.sharing.describing import GRANT
from folkmoot.jmap.sharing.ids import principal_id, principal_of
from folkmoot.sharing.rights import ANONYMOUS, EVERYBODY, group_subject, known_roles
from folkmoot.store.records import Kind

_KINDS: Final = {"Calendar": Kind.CALENDAR, "AddressBook": Kind.ADDRESSBOOK}
_OPEN: Final = {"signedIn": EVERYBODY, "anonymous": ANONYMOUS}


class GrantGetArguments(GetArguments):
    """Of ``Grant/get``: ``objectIds`` leaves only the rows of these calendars and books."""

    object_ids: list[Id] | None = None


Rows = dict[str, tuple[Seen, str, frozenset[str]]]  # by id: the collection, the subject, the roles


async def _rows(call: Call[Any]) -> Rows:
    services, caller, owner = call.services, call.caller, call.account.owner
    found: Rows = {}
    for kind in _KINDS.values():
        home = {one.collection.id: one for one in await services.collections.home(caller, owner, kind)}
        for number, rows in (await services.grants.of_home(caller, owner, kind)).items():
            if number in home:
                found |= {_id(number, one): (home[number], one, roles) for one, roles in rows.items()}
    return found


def _id(number: CollectionId, subject: str) -> str:
    return f"c{number}-{blake2b(subject.encode(), digest_size=12).hexdigest()}"


def _told(id_: str, seen: Seen, subject: str, roles: frozenset[str]) -> dict[str, Any]:
    everybody = next((name for name, one in _OPEN.items() if one == subject), None)
    return {
        "id": id_,
        "objectType": "Calendar" if seen.collection.kind is Kind.CALENDAR else "AddressBook",
        "objectId": f"c{seen.collection.id}",
        "principalId": None if everybody else principal_id(PrincipalId(subject.removeprefix("@"))),
        "everybody": everybody,
        "roles": sorted(roles),
    }


def _state(rows: Rows) -> str:
    """Return the state of all rows of an account, whatever part of them is told."""
    text = "\n".join(f"{id_}{','.join(sorted(roles))}" for id_, (_, _, roles) in sorted(rows.items()))
    return blake2b(text.encode(), digest_size=12).hexdigest()


async def load(call: Call[GrantGetArguments], ids: Sequence[str] | None, _: frozenset[str]) -> Got:
    """Return rows, for the owner of what they are about; for others none."""
    rows = await _rows(call)
    only = call.arguments.object_ids
    shown = {id_: _told(id_, *row) for id_, row in rows.items() if only is None or f"c{row[0].collection.id}" in only}
    return Got(_state(rows), {id_: one for id_, one in shown.items() if ids is None or id_ in ids})


class GrantSetter(OneByOne):
    """Gives roles and takes them."""

    async def state(self) -> str:
        return _state(await _rows(self.call))

    async def create_one(self, creation: str, value: dict[str, Any]) -> JsonObject:
        call = self.call
        kind = _KINDS[value["objectType"]]
        text = value["objectId"]
        number = CollectionId(int(text[1:])) if text[:1] == "c" and text[1:].isdecimal() and len(text) < 20 else None  # noqa: PLR2004 - digits
        home = await call.services.collections.home(call.caller, call.account.owner, kind)
        seen = next((one for one in home if one.collection.id == number), None)
        if seen is None:
            raise InvalidProperties("no such calendar or book", "objectId")
        subject = await self._subject(value)
        await self._give(seen, subject, value["roles"])
        return {"id": _id(seen.collection.id, subject)}

    async def update_one(self, id_: str, patch: Patch) -> JsonObject | None:
        seen, subject, roles = await self._find(id_)
        told = _told(id_, seen, subject, roles)
        wanted = GRANT.refuse_fixed(patch, told).of("roles", told["roles"])
        await self._give(seen, subject, GRANT.check("roles", wanted))
        return None

    async def destroy_one(self, id_: str) -> None:
        seen, subject, _ = await self._find(id_)
        await self.call.services.grants.set_(self.call.caller, _place(seen), subject, frozenset())

    async def _find(self, id_: str) -> tuple[Seen, str, frozenset[str]]:
        found = (await _rows(self.call)).get(id_)
        if found is None:
            raise SetFailed("notFound", "no such grant")
        return found

    async def _give(self, seen: Seen, subject: str, roles: Sequence[str]) -> None:
        unknown = sorted(set(roles) - known_roles(seen.collection.kind) - {"None"})
        if unknown or not roles:
            raise InvalidProperties(f"no such role: {unknown[0][:60]}" if unknown else "there are no roles", "roles")
        await self.call.services.grants.set_(self.call.caller, _place(seen), subject, frozenset(roles))

    async def _subject(self, value: Mapping[str, Any]) -> str:
        everybody, text = value.get("everybody"), value.get("principalId")
        if (everybody is None) == (text is None):
            raise InvalidProperties("a grant is about everybody or about one principal", "principalId", "everybody")
        if everybody is not None:
            return _OPEN[everybody]
        principal = principal_of(text or "")
        known = await self.call.services.people.find(self.call.caller, principal) if principal is not None else None
        if known is None or known.id == self.call.account.owner:
            raise InvalidProperties("the owner, or nobody, has this id of a principal", "principalId")
        return group_subject(known.id) if known.kind is PrincipalKind.GROUP else known.id


def _place(seen: Seen) -> Place:
    return Place(seen.collection.owner, seen.collection.kind, seen.collection.name)


METHODS: Final[Sequence[Method]] = (
    get_method(GRANT, load, GrantGetArguments),
    set_method(GRANT, lambda call: GrantSetter(GRANT, call), SetArguments),
)
