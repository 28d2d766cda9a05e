"""``AddressBook/get``, ``changes`` and ``set`` (RFC 9610 section 2)."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

from folkmoot.addressbooks.default_book import DefaultBook
from folkmoot.collections.content import JSON, Place
from folkmoot.collections.subscriptions import OWN
from folkmoot.core.errors import FolkmootError
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.calendars.vectors import vector_delta, vector_of
from folkmoot.jmap.contacts.describing import ADDRESS_BOOK, NAME_MAX
from folkmoot.jmap.contacts.ids import book_id
from folkmoot.jmap.contacts.shelf import Book, books_of, objects_of
from folkmoot.jmap.protocol.calling import Call, Context
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
from folkmoot.jmap.sharing.share_with import PROPERTY as SHARE_WITH
from folkmoot.jmap.sharing.share_with import change_shares
from folkmoot.store.records import Kind

TEXT_MAX: Final = 64 * 1024  # characters of a description
ORDER_MAX: Final = 2**31 - 1
_KEPT: Final = {"name": "displayname", "description": "description", "sortOrder": "order"}


class AddressBookSetArguments(SetArguments):
    """Of ``AddressBook/set``."""

    on_destroy_remove_contents: bool = False
    on_success_set_is_default: str | None = None


async def state(context: Context, account: Account) -> str:
    """Return the present state of an account's address books."""
    return vector_of(await objects_of(context, account))


async def _load(call: Call[GetArguments], _ids: Sequence[str] | None, _names: frozenset[str]) -> Got:
    found = await objects_of(call.context, call.account)
    return Got(vector_of(found), found)


async def _follow(call: Call[ChangesArguments], since: str, most: int) -> Delta:
    return vector_delta(since, await objects_of(call.context, call.account), most)


class BookSetter(OneByOne):
    """Makes, changes and removes address books."""

    def __init__(self, call: Call[AddressBookSetArguments]) -> None:
        super().__init__(ADDRESS_BOOK, call)

    async def state(self) -> str:
        return await state(self.call.context, self.call.account)

    async def create_one(self, creation: str, value: dict[str, Any]) -> JsonObject:
        services, caller, owner = self.call.services, self.call.caller, self.call.account.owner
        if owner != caller.principal:
            raise SetFailed("forbidden", "address books are made by their owner")
        if value.get("isSubscribed") is False:
            raise InvalidProperties("one's own address book is subscribed to", "isSubscribed")
        properties = {key: one for key, one in _kept(value).items() if one is not None}
        place = Place(owner, Kind.ADDRESSBOOK, uuid.uuid4().hex)
        made = await services.collections.create(caller, place, properties)
        if value.get(SHARE_WITH):
            try:
                await change_shares(self.call, place, parse_patch({SHARE_WITH: value[SHARE_WITH]}))
            except FolkmootError:
                await services.collections.delete(caller, place)
                raise
        shown = (await objects_of(self.call.context, self.call.account))[book_id(made.id)]
        return {name: one for name, one in shown.items() if name not in value or value[name] != one}

    async def update_one(self, id_: str, patch: Patch) -> JsonObject | None:
        one = await self._find(id_)
        present = (await objects_of(self.call.context, self.call.account))[id_]
        patch = self.kind.refuse_fixed(patch, present)
        if one.source is not None:
            if patch.applied(present) != present:
                raise SetFailed("forbidden", "this address book is a user source of the server")
            return None
        after = patch.applied(present)
        wanted = {name: after.get(name) for name in patch.properties}
        for name, value in wanted.items():
            if value is None and name == "name":
                raise InvalidProperties("name cannot be taken away", "name")
            if value is not None:
                self.kind.check(name, value)
        values = _kept(wanted)
        if "isSubscribed" in wanted:
            one = await self._subscribe(one, wanted=wanted["isSubscribed"] is not False)
        if values:
            await self._keep(one, values)
        await change_shares(self.call, one.place, patch)
        return None

    async def destroy_one(self, id_: str) -> None:
        services, caller = self.call.services, self.call.caller
        one = await self._find(id_)
        if one.source is not None or not one.seen.rights.admin:
            raise SetFailed("forbidden", "an address book is removed by its owner; end the subscription instead")
        if one.is_default:
            raise SetFailed("forbidden", "the default address book cannot be removed")
        if not self.call.arguments.on_destroy_remove_contents:
            _, cards = await services.objects.list_(caller, one.place)
            if cards:
                raise SetFailed("addressBookHasContents", "there are still cards in it")
        await services.collections.delete(caller, one.place)

    async def _subscribe(self, one: Book, *, wanted: bool) -> Book:
        services, caller = self.call.services, self.call.caller
        if one.own:
            if not wanted:
                raise InvalidProperties("one's own address book is subscribed to", "isSubscribed")
            return one
        if wanted and one.mount is None:
            await services.subscriptions.subscribe(caller, one.place, [caller.principal])
        elif not wanted and one.mount is not None:
            await services.subscriptions.unsubscribe(caller, one.place, [caller.principal])
        return await self._find(one.id)

    async def _keep(self, one: Book, values: dict[str, JSON]) -> None:
        services, caller = self.call.services, self.call.caller
        if one.own:
            await services.collections.change_properties(caller, one.place, values, {})
            return
        own = {key: value for key, value in values.items() if key in OWN}
        shared = {key: value for key, value in values.items() if key not in OWN}
        if own and one.mount is None:
            raise SetFailed("forbidden", "who has not subscribed to it has no name of his own for it")
        if shared:
            await services.collections.change_properties(caller, one.place, shared, {})
        if own and one.mount is not None:
            await services.subscriptions.change(caller, one.mount, own)

    async def _find(self, id_: str) -> Book:
        for one in await books_of(self.call.context, self.call.account):
            if one.id == id_:
                return one
        raise SetFailed("notFound", "there is no such AddressBook")


async def _finish(call: Call[AddressBookSetArguments], told: dict[str, Any]) -> None:
    """Make a book the default one where all else succeeded (RFC 9610 section 2.3)."""
    wanted = call.arguments.on_success_set_is_default
    if wanted is None or told["notCreated"] or told["notUpdated"] or told["notDestroyed"]:
        return
    shelf = {one.id: one for one in await books_of(call.context, call.account)}
    try:
        chosen = shelf.get(call.context.id_of(wanted))
        if chosen is None or not chosen.own or chosen.source is not None or chosen.is_default:
            return
        await DefaultBook(call.services.people, call.services.collections).choose(call.caller, chosen.place)
    except FolkmootError:
        return  # the standard has no answer for a default that cannot be: the old one stays
    updated = dict(told["updated"] or {})
    for one in shelf.values():
        if one.is_default or one is chosen:
            updated[one.id] = {**(updated.get(one.id) or {}), "isDefault": one is chosen}
    told["updated"] = updated
    told["newState"] = await state(call.context, call.account)


def _kept(wanted: Mapping[str, Any]) -> dict[str, JSON]:
    """Return the properties of a collection for those of an AddressBook; None takes one away.

    Raises:
        InvalidProperties: a value that cannot be kept.
    """
    found: dict[str, JSON] = {}
    for name, key in _KEPT.items():
        if name not in wanted:
            continue
        value = wanted[name]
        if isinstance(value, str):
            if len(value) > TEXT_MAX or any(ord(one) < ord(" ") and one not in "\n\r\t" for one in value):
                raise InvalidProperties(f"{name} is too long, or has control characters", name)
            if name == "name" and (not value.strip() or not value.isprintable() or len(value.encode()) > NAME_MAX):
                raise InvalidProperties(f"a name has something to see, and at most {NAME_MAX} octets", name)
        elif name == "sortOrder" and value is not None and value > ORDER_MAX:
            raise InvalidProperties("sortOrder is too large", name)
        found[key] = value
    return found


METHODS: Final = (
    get_method(ADDRESS_BOOK, _load),
    changes_method(ADDRESS_BOOK, _follow),
    set_method(ADDRESS_BOOK, BookSetter, AddressBookSetArguments, _finish),
)
