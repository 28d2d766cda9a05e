"""``ContactCard/get`` and ``changes`` (RFC 9610 section 3)."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from folkmoot.collections.access import Seen
from folkmoot.collections.content import Place, SyncTokenInvalid
from folkmoot.collections.home_objects import COMPONENTS, Found
from folkmoot.collections.turns import Turns
from folkmoot.contentline import Line
from folkmoot.core.errors import FolkmootError
from folkmoot.core.ids import CollectionId, ObjectId, ResourceName
from folkmoot.jmap.contacts.ids import book_id, card_id, card_of_id, person_of_id, photo_id, source_id
from folkmoot.jmap.jscontact import to_jscontact
from folkmoot.jmap.protocol.calling import Call
from folkmoot.jmap.protocol.errors import MethodFailed
from folkmoot.jmap.protocol.limits import OBJECTS_IN_GET_MAX
from folkmoot.jmap.protocol.standard import ChangesArguments, Delta, GetArguments, Got, JsonObject
from folkmoot.store.records import Kind, ObjectMeta, StoredObject
from folkmoot.vcard import Card, parse

BOOKS: Final = "addressBookIds"
# What JMAP says of a card beside its JSContact value.
OWN: Final = frozenset({"id", BOOKS, "created", "updated"})


LARGE: Final = 256 * 1024  # octets of a card that would hold up everybody else on the event loop


class Names:
    """Resource names of members of SOGo's lists, and their uids, for one call."""

    def __init__(self, call: Call[Any]) -> None:
        self._call = call
        self._known: dict[CollectionId, dict[str, str]] = {}

    async def of(self, seen: Seen) -> dict[str, str]:
        """Return the uids of a book's cards by resource name."""
        stored = seen.collection
        if stored.id not in self._known:
            place = Place(stored.owner, stored.kind, stored.name)
            _, metas = await self._call.services.objects.list_(self._call.caller, place, seen=seen)
            self._known[stored.id] = {meta.name: meta.uid or meta.name for meta in metas}
        return self._known[stored.id]


async def show(found: Found, names: Names, properties: frozenset[str] | None = None) -> JsonObject:
    """Return a stored card as a ContactCard; with these properties at least, if given."""
    meta = found.stored.meta
    told: dict[str, Any] = {"id": card_id(meta.oid), BOOKS: {book_id(found.seen.collection.id): True}}
    told |= {"created": utc_of(meta.created_at), "updated": utc_of(meta.modified_at)}
    if properties is not None and properties <= OWN:
        return told
    wanted = None if properties is None else properties - OWN
    large = len(found.stored.body) > LARGE
    try:
        card = await asyncio.to_thread(parse, found.stored.body) if large else parse(found.stored.body)
        member = await member_of(card, found.seen, names)
        shown = partial(to_jscontact, card, photo=photo_of(meta), properties=wanted, member=member)
        value = await asyncio.to_thread(shown) if large else shown()
    except FolkmootError:  # what a client has stored and we cannot read is there all the same
        value = {"@type": "Card", "version": "1.0", "uid": meta.uid or "", "name": {"full": meta.title}}
    return {**value, **told}


async def member_of(card: Card, seen: Seen, names: Names) -> Callable[[str], str] | None:
    """Return what makes uids of the members of a list; None for a card whose members are uids."""
    if card.component != "VLIST":
        return None
    known = await names.of(seen)
    return lambda name: known.get(name, name)


def photo_of(meta: ObjectMeta) -> Callable[[str, Line], dict[str, str]]:
    """Return what names the pictures in a stored card."""
    return lambda _, line: {"blobId": photo_id(meta.oid, line)}


def show_person(source: str, stored: StoredObject, id_: str, properties: frozenset[str] | None = None) -> JsonObject:
    """Return what a user source says of somebody as a ContactCard."""
    wanted = None if properties is None else properties - OWN
    value = to_jscontact(parse(stored.body), properties=wanted)
    return {**value, "id": id_, BOOKS: {source_id(source): True}, "created": None, "updated": None}


async def load(call: Call[GetArguments], ids: Sequence[str] | None, names: frozenset[str]) -> Got:
    """Return cards by id; those of user sources only where they are named."""
    services, caller, owner = call.services, call.caller, call.account.owner
    homes = services.home_objects
    objects: dict[str, JsonObject] = {}
    if ids is None:
        state, listed = await homes.listed(caller, owner, Kind.ADDRESSBOOK, COMPONENTS[Kind.ADDRESSBOOK])
        if len(listed) > OBJECTS_IN_GET_MAX:
            raise MethodFailed("requestTooLarge", f"there are more than {OBJECTS_IN_GET_MAX}; ask by id")
        oids = [one.meta.oid for one in listed]
    else:
        state = await homes.state(caller, owner, Kind.ADDRESSBOOK)
        oids = [oid for id_ in ids if (oid := card_of_id(id_)) is not None]
        objects |= await _people(call, ids, names or None)
    found = await homes.by_oid(caller, owner, Kind.ADDRESSBOOK, oids) if oids else {}
    known, turns = Names(call), Turns()
    for oid in oids:
        if oid in found:
            objects[card_id(oid)] = await show(found[oid], known, names or None)
            await turns.pass_on()
    return Got(state, objects)


async def _people(call: Call[Any], ids: Sequence[str], names: frozenset[str] | None) -> dict[str, JsonObject]:
    by_source: dict[str, dict[ResourceName, str]] = {}
    for id_ in ids:
        named = person_of_id(id_)
        if named is not None:
            by_source.setdefault(named[0], {})[ResourceName(named[1])] = id_
    shown: dict[str, JsonObject] = {}
    books, caller, owner = call.services.directory_books, call.caller, call.account.owner
    for source, wanted in by_source.items():
        if await books.find(caller, owner, source) is None or owner != caller.principal:
            continue
        found = await books.read_many(caller, source, list(wanted))
        shown |= {wanted[name]: show_person(source, one, wanted[name], names) for name, one in found.items()}  # type: ignore[index]  # the names are those asked for
    return shown


async def follow(call: Call[ChangesArguments], since: str, most: int) -> Delta:
    """Return what changed since a state of the account's address books; user sources tell of no changes."""
    services, caller, owner = call.services, call.caller, call.account.owner
    try:
        told = await services.home_objects.changes(caller, owner, Kind.ADDRESSBOOK, since, most)
    except SyncTokenInvalid as error:
        raise MethodFailed("cannotCalculateChanges", str(error)) from error
    return Delta(told.state, _ids(told.created), _ids(told.updated), _ids(told.destroyed), more=told.more)


def utc_of(milliseconds: int) -> str:
    """Return a stored time as a UTCDate, in whole seconds."""
    return datetime.fromtimestamp(milliseconds // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _ids(oids: Sequence[ObjectId]) -> list[str]:
    return [card_id(oid) for oid in oids]
