"""``ContactCard/set``: cards made, patched, moved and removed through the services of DAV (RFC 9610 section 3.5)."""

import asyncio
import uuid
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final

from folkmoot.collections.access import Seen
from folkmoot.collections.content import Condition, Place
from folkmoot.collections.home_objects import Found
from folkmoot.collections.transfer import Transfer
from folkmoot.contentline import Line
from folkmoot.core.errors import Forbidden, NotFound, PreconditionFailed
from folkmoot.core.ids import ObjectId, ResourceName
from folkmoot.jmap.contacts.cards import BOOKS, LARGE, Names, member_of, photo_of, show
from folkmoot.jmap.contacts.describing import CONTACT_CARD
from folkmoot.jmap.contacts.ids import book_id, book_of_id, card_id, card_of_id, person_of_id, source_of_id
from folkmoot.jmap.contacts.pictures import pictures_of
from folkmoot.jmap.contacts.shelf import books_of
from folkmoot.jmap.jscontact import MAPS, list_member, new_card, patched, to_jscontact
from folkmoot.jmap.protocol.calling import Call
from folkmoot.jmap.protocol.errors import InvalidProperties, SetFailed
from folkmoot.jmap.protocol.patches import Patch
from folkmoot.jmap.protocol.standard import JsonObject, OneByOne, SetArguments
from folkmoot.store.records import Kind, UidConflict
from folkmoot.vcard import Card, parse
from folkmoot.vcard import format as format_card

PRODUCT: Final = "-//Folkmoot//JMAP//EN"
MEDIA_TYPE: Final = "text/vcard; charset=utf-8"
RACES_MAX: Final = 4  # writes of others that one patch may meet: it is applied to what they left
NEW_MEMBERS_MAX: Final = 1_000  # that one patch adds to a list of SOGo
_TIMES: Final = frozenset({"created", "updated"})


class CardSetter(OneByOne):
    """Writes the cards of one account."""

    def __init__(self, call: Call[SetArguments]) -> None:
        super().__init__(CONTACT_CARD, call)
        self._names = Names(call)

    async def state(self) -> str:
        call = self.call
        return await call.services.home_objects.state(call.caller, call.account.owner, Kind.ADDRESSBOOK)

    async def create_one(self, creation: str, value: dict[str, Any]) -> JsonObject:
        seen = await self.target(value.get(BOOKS))
        wanted = {"uid": f"urn:uuid:{uuid.uuid4()}"} | {
            name: one for name, one in value.items() if name != BOOKS and name not in _TIMES
        }
        blobs = await pictures_of(self.call, wanted.get("media"), {})
        card = new_card(wanted, now=self._now(), prodid=PRODUCT, blobs=blobs)
        oid = await self._put_new(seen, card)
        shown = await show(await self._found(oid), self._names)
        return {name: one for name, one in shown.items() if name not in value or value[name] != one} | {
            "id": card_id(oid)
        }

    async def update_one(self, id_: str, patch: Patch) -> JsonObject | None:
        oid = self._oid(id_)
        found = await self._found(oid)
        before = dict(await show(found, self._names))
        whole = {steps[0]: {} for steps, _ in patch if len(steps) > 1 and steps[0] in MAPS} | before
        told_patch = Patch({steps: one for steps, one in patch if steps[0] not in _TIMES})
        asked = told_patch.applied(whole)  # refused as invalidPatch if it leads into nothing
        content = self._content(patch, before)
        blobs: Mapping[str, Any] = {}
        if "media" in patch.properties:
            blobs = await pictures_of(self.call, asked.get("media"), before.get("media") or {})
        target = await self._move_target(patch, found)
        if target is not None:
            await self._patched(found, content, blobs)  # what cannot be taken moves nothing either
            await self._move(found, target)
            found = await self._found(oid)
        await self._rewrite(oid, found, content, blobs)
        after = await show(await self._found(oid), self._names)
        told = {name: one for name, one in after.items() if asked.get(name) != one}
        told |= {name: None for name in asked if name not in after and asked[name] is not None}
        return told or None

    async def destroy_one(self, id_: str) -> None:
        found = await self._found(self._oid(id_))
        await self.call.services.objects.delete(self.call.caller, place_of(found.seen), found.stored.meta.name)

    async def target(self, value: Any) -> Seen:
        """Return the one book that a client names; the default book if it names none.

        Raises:
            InvalidProperties: several, or none that the caller may know of.
        """
        call = self.call
        if value is None:
            for one in await books_of(call.context, call.account):
                if one.is_default:
                    return one.seen
            raise InvalidProperties("a card is in one address book", BOOKS)
        if not isinstance(value, dict) or len(value) != 1 or any(one is not True for one in value.values()):
            raise InvalidProperties("a card is in one address book, which is mapped to true", BOOKS)
        named = call.context.id_of(next(iter(value)))
        if source_of_id(named) is not None:
            raise Forbidden("this address book is a user source of the server")
        number = book_of_id(named)
        try:
            if number is None:
                raise NotFound("no such collection")
            return await call.services.home_objects.collection(
                call.caller, call.account.owner, Kind.ADDRESSBOOK, number
            )
        except NotFound as error:
            raise InvalidProperties("there is no such AddressBook", BOOKS) from error

    def _content(self, patch: Patch, present: Mapping[str, Any]) -> dict[str, Any]:
        """Return what of a patch is about the JSContact value, as a PatchObject."""
        fixed = {"id": present["id"]}
        if "uid" in patch.properties and patch.of("uid", present.get("uid")) != present.get("uid"):
            raise InvalidProperties("uid cannot be changed", "uid")
        patch = Patch({steps: one for steps, one in patch if steps[0] != "uid"})
        if "id" in patch.properties and patch.of("id", fixed["id"]) != fixed["id"]:
            raise InvalidProperties("id cannot be changed", "id")
        skipped = {"id", BOOKS, *_TIMES}
        return {_pointer(steps): one for steps, one in patch if steps[0] not in skipped}

    async def _move_target(self, patch: Patch, found: Found) -> Seen | None:
        if BOOKS not in patch.properties:
            return None
        present = book_id(found.seen.collection.id)
        wanted = patch.of(BOOKS, {present: True})
        if wanted == {present: True}:
            return None
        if not wanted:
            raise InvalidProperties("a card is in one address book", BOOKS)
        seen = await self.target(wanted)
        return None if seen.collection.id == found.seen.collection.id else seen

    async def _move(self, found: Found, target: Seen) -> None:
        services, caller = self.call.services, self.call.caller
        order = Transfer(place_of(found.seen), place_of(target), move=True, overwrite=False)
        name = found.stored.meta.name
        try:
            await services.transfers.transfer_object(caller, order, name, name)
        except PreconditionFailed:  # the name is taken there
            await services.transfers.transfer_object(caller, order, name, fresh_name())

    async def _rewrite(self, oid: ObjectId, found: Found, content: Mapping[str, Any], blobs: Mapping[str, Any]) -> None:
        """Write what a patch makes of a card; again where somebody else wrote it meanwhile."""
        if not content:
            return
        for attempt in range(RACES_MAX):
            body = format_card(await self._patched(found, content, blobs)).encode("utf-8", "replace")
            if body == found.stored.body:
                return
            meta = found.stored.meta
            condition = Condition(match=frozenset([meta.etag]))
            objects, caller = self.call.services.objects, self.call.caller
            try:
                await objects.put(caller, place_of(found.seen), meta.name, body, MEDIA_TYPE, condition)
            except PreconditionFailed:
                if attempt + 1 == RACES_MAX:
                    raise
                found = await self._found(oid)
            else:
                return

    async def _patched(self, found: Found, content: Mapping[str, Any], blobs: Mapping[str, Any]) -> Card:
        large = len(found.stored.body) > LARGE or bool(blobs)
        card = await asyncio.to_thread(parse, found.stored.body) if large else parse(found.stored.body)
        member = await member_of(card, found.seen, self._names)
        references: Mapping[str, Line] = {}
        if member is not None:
            content = _list_content(card, content, await self._names.of(found.seen))
            references = await self._references(found, card, content)
        change = partial(
            patched,
            card,
            content,
            now=self._now(),
            photo=photo_of(found.stored.meta),
            blobs=blobs,
            references=references,
        )
        return await asyncio.to_thread(change) if large else change()

    async def _references(self, found: Found, card: Card, content: Mapping[str, Any]) -> dict[str, Line]:
        """Return the lines of the cards that a patch adds to one of SOGo's lists."""
        wanted = content.get("members")
        names = set(wanted) if isinstance(wanted, dict) else set()
        names |= {_step(key) for pointer in content for top, _, key in [pointer.partition("/")] if top == "members"}
        new = [ResourceName(name) for name in names if name and name not in _members(card)]
        if not new:
            return {}
        objects, caller = self.call.services.objects, self.call.caller
        _, cards = await objects.read_many(caller, place_of(found.seen), new[:NEW_MEMBERS_MAX], seen=found.seen)
        return {name: list_member(name, parse(one.body)) for name, one in cards.items()}

    async def _put_new(self, seen: Seen, card: Card) -> ObjectId:
        body = format_card(card).encode("utf-8", "replace")
        name, place = fresh_name(), place_of(seen)
        objects, caller = self.call.services.objects, self.call.caller
        try:
            result = await objects.put(caller, place, name, body, MEDIA_TYPE, Condition(none_match=frozenset("*")))
        except UidConflict as taken:
            _, other = await objects.read(caller, place, taken.name)
            raise SetFailed("alreadyExists", str(taken), existingId=card_id(other.meta.oid)) from taken
        if result.oid is not None:
            return result.oid
        _, stored = await objects.read(caller, place, name)
        return stored.meta.oid

    async def _found(self, oid: ObjectId) -> Found:
        call = self.call
        found = await call.services.home_objects.by_oid(call.caller, call.account.owner, Kind.ADDRESSBOOK, [oid])
        if oid not in found:
            raise SetFailed("notFound", "there is no such ContactCard")
        return found[oid]

    def _oid(self, id_: str) -> ObjectId:
        oid = card_of_id(id_)
        if oid is None:
            if person_of_id(id_) is not None:
                raise SetFailed("forbidden", "this card is what a user source of the server says")
            raise SetFailed("notFound", "there is no such ContactCard")
        return oid

    def _now(self) -> datetime:
        return self.call.services.clock.now()


def place_of(seen: Seen) -> Place:
    """Return where a book is."""
    return Place(seen.collection.owner, seen.collection.kind, seen.collection.name)


def fresh_name() -> ResourceName:
    """Return a name for a new card."""
    return ResourceName(f"{uuid.uuid4()}.vcf")


def _members(card: Card) -> Mapping[str, bool]:
    return to_jscontact(card, properties={"members"}).get("members") or {}


def _list_content(card: Card, content: Mapping[str, Any], uids: Mapping[str, str]) -> dict[str, Any]:
    """Return a patch of one of SOGo's lists whose members are resource names, as they are in the text."""
    names = {uid: name for name, uid in uids.items()} | {uids.get(name, name): name for name in _members(card)}
    made: dict[str, Any] = {}
    for pointer, value in content.items():
        top, separator, key = pointer.partition("/")
        if top != "members":
            made[pointer] = value
        elif separator:
            key = _step(key)
            made[_pointer(("members", names.get(key, key)))] = value
        elif isinstance(value, dict):
            made[pointer] = {names.get(uid, uid): one for uid, one in value.items()}
        else:
            made[pointer] = value
    return made


def _step(text: str) -> str:
    return text.replace("~1", "/").replace("~0", "~")


def _pointer(steps: tuple[str, ...]) -> str:
    return "/".join(step.replace("~", "~0").replace("/", "~1") for step in steps)
