"""``Person``: looked for in all sources, looked after in the built-in one."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from msgspec import Meta

from folkmoot.administration.people import SEARCH_MAX, NewUser
from folkmoot.core.errors import NotFound
from folkmoot.directory.principal import Principal, PrincipalKind
from folkmoot.jmap.administration.describing import PERSON
from folkmoot.jmap.protocol.calling import Answer, Call, Context, Method
from folkmoot.jmap.protocol.describing import Arguments, Id
from folkmoot.jmap.protocol.errors import InvalidProperties, MethodFailed, SetFailed
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
from folkmoot.jmap.sharing.ids import principal_id, principal_of

STATE: Final = "0"  # what changes in a directory is not told
TEXT_MAX: Final = 255
_KINDS: Final = {
    PrincipalKind.INDIVIDUAL: "individual",
    PrincipalKind.GROUP: "group",
    PrincipalKind.LOCATION: "location",
    PrincipalKind.THING: "resource",
}
_KIND_OF: Final = {name: kind for kind, name in _KINDS.items()}
_CHANGED: Final = ("name", "email", "aliases", "multipleBookings")


class SearchArguments(Arguments):
    """Of ``Person/search``."""

    account_id: Id
    text: Annotated[str, Meta(max_length=TEXT_MAX)] = ""
    limit: Annotated[int, Meta(ge=1, le=SEARCH_MAX)] = 100


class PersonSetArguments(SetArguments):
    """Of ``Person/set``: ``destroyData`` removes calendars, address books and files with those who are destroyed."""

    destroy_data: bool = False


class PersonArguments(Arguments):
    """Of a method about one person."""

    account_id: Id
    id: Id


def _told(context: Context, person: Principal) -> dict[str, Any]:
    mail, *aliases = person.mails or ("",)
    return {
        "id": principal_id(person.id),
        "login": person.login,
        "name": person.display_name,
        "email": mail,
        "aliases": aliases,
        "kind": _KINDS[person.kind],
        "multipleBookings": person.multiple_bookings or 0,
        "source": person.source,
        "isEditable": context.services.administered_people.is_own(person),
        "password": None,
        "mustChangePassword": False,
    }


async def load(call: Call[GetArguments], ids: Sequence[str] | None, _: frozenset[str]) -> Got:
    """Return people by id; without ids those of the built-in source, as far as one answer goes."""
    people = call.services.administered_people
    if ids is None:
        found = await people.search(call.caller, "")
        return Got(STATE, {principal_id(one.id): _told(call.context, one) for one in found})
    told: dict[str, JsonObject] = {}
    for id_ in ids:
        person = await _find(call.context, id_)
        if person is not None:
            told[id_] = _told(call.context, person)
    return Got(STATE, told)


async def _find(context: Context, id_: str) -> Principal | None:
    principal = principal_of(id_)
    if principal is None:
        return None
    try:
        return await context.services.administered_people.find(context.caller, principal)
    except NotFound:
        return None


async def _search(call: Call[SearchArguments]) -> Answer:
    asked = call.arguments
    found = await call.services.administered_people.search(call.caller, asked.text.strip(), asked.limit)
    return {"accountId": call.account.id, "list": [_told(call.context, one) for one in found]}


class PersonSetter(OneByOne):
    """Adds, changes and removes people of the built-in source."""

    async def state(self) -> str:
        return STATE

    async def create_one(self, creation: str, value: dict[str, Any]) -> JsonObject:
        added = await self.call.services.administered_people.add(
            self.call.caller,
            _user(value),
            value.get("password") or None,
            must_change=value.get("mustChangePassword", False),
        )
        return _told(self.call.context, added)

    async def update_one(self, id_: str, patch: Patch) -> JsonObject | None:
        person = await self._person(id_)
        present = _told(self.call.context, person)
        patch = PERSON.refuse_fixed(patch, present)
        wanted = {name: PERSON.check(name, patch.of(name, present[name])) for name in patch.properties}
        people, caller = self.call.services.administered_people, self.call.caller
        if wanted.get("password") == "":
            raise InvalidProperties("a password is not empty", "password")
        if wanted.keys() & set(_CHANGED):
            await people.change(caller, person.id, _user({**present, **wanted}))
        if wanted.get("password"):
            must_change = wanted.get("mustChangePassword", False)
            await people.set_password(caller, person.id, wanted["password"], must_change=must_change)
        after = _told(self.call.context, await self._person(id_))
        return {name: one for name, one in after.items() if one != wanted.get(name, present[name])} or None

    async def destroy_one(self, id_: str) -> None:
        person = await self._person(id_)
        purge: bool = self.call.arguments.destroy_data
        await self.call.services.administered_people.remove(self.call.caller, person.id, purge=purge)

    async def _person(self, id_: str) -> Principal:
        found = await _find(self.call.context, id_)
        if found is None:
            raise SetFailed("notFound", "there is nobody of this id")
        return found


def _user(value: Mapping[str, Any]) -> NewUser:
    return NewUser(
        value["login"],
        value.get("name", ""),
        value.get("email", ""),
        tuple(value.get("aliases", ())),
        _KIND_OF[value.get("kind", "individual")],
        value.get("multipleBookings", 0),
    )


async def _devices(call: Call[PersonArguments]) -> Answer:
    person = await _required(call)
    found = await call.services.administered_people.devices(call.caller, person.id)
    return {
        "accountId": call.account.id,
        "sessions": found.sessions,
        "appPasswords": found.app_passwords,
        "passkeys": found.passkeys,
        "pushSubscriptions": found.pushes,
        "secondFactor": found.second_factor,
    }


async def _reset(call: Call[PersonArguments]) -> Answer:
    person = await _required(call)
    await call.services.administered_people.reset_sign_in(call.caller, person.id)
    return {"accountId": call.account.id}


async def _required(call: Call[PersonArguments]) -> Principal:
    found = await _find(call.context, call.arguments.id)
    if found is None:
        raise MethodFailed("notFound", "there is nobody of this id")
    return found


METHODS: Final = (
    get_method(PERSON, load),
    set_method(PERSON, lambda call: PersonSetter(PERSON, call), PersonSetArguments),
    Method("Person/search", SearchArguments, _search, "Finds people of all sources by name, login or address."),
    Method("Person/devices", PersonArguments, _devices, "Counts the ways by which somebody is signed in."),
    Method(
        "Person/resetSignIn",
        PersonArguments,
        _reset,
        "Ends somebody's sessions, and forgets app passwords, second factors and passkeys.",
        writes=True,
    ),
)
