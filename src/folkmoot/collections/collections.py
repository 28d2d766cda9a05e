"""Collections themselves: homes, making, properties, removal."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from folkmoot.collections.access import Access, Seen, check_name, patched_dead
from folkmoot.collections.content import DEFAULT_OPTIONS, JSON, Place
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Conflict, Forbidden, NotFound, TooLarge
from folkmoot.core.ids import PrincipalId
from folkmoot.database.statement import Transaction
from folkmoot.sharing.notices import NO_NOTICES, NoticePolicy, of_folder
from folkmoot.sharing.rights import Level
from folkmoot.store import collections as stored_collections
from folkmoot.store import locks as stored_locks
from folkmoot.store import outbox, person
from folkmoot.store.records import Collection, Kind

HOME_MAX: Final = 10_000  # collections of one kind in one home
FILES_PATH_MAX: Final = 255  # characters of a path of nested collections; the schema's width


class Collections:
    """Collections of all kinds, seen through the caller's rights."""

    def __init__(self, access: Access, notices: NoticePolicy = NO_NOTICES) -> None:
        self._access = access
        self._notices = notices

    async def home(self, caller: Caller, owner: PrincipalId, kind: Kind) -> list[Seen]:
        """Return the collections of a home that the caller may know of, by name.

        The owner's default collections are made on the first look.
        """
        access = self._access

        async def work(tx: Transaction) -> list[Seen]:
            found = await stored_collections.list_home(tx, owner, kind)
            return await access.all_with_rights(tx, caller, found)

        found = await access.look(work)
        content = access.contents[kind]
        missing = {d.name for d in content.defaults} - {seen.collection.name for seen in found}
        if missing and await access.make_default(caller, Place(owner, kind, min(missing))):
            return await access.look(work)
        return found

    async def ensure_defaults(self, owner: PrincipalId, kind: Kind) -> None:
        """Make what is missing of the default collections of a principal that never signs in: a room, a thing."""
        access = self._access
        content = access.contents[kind]
        found = await access.database.read(lambda tx: stored_collections.list_home(tx, owner, kind))
        if {d.name for d in content.defaults} - {collection.name for collection in found}:
            with suppress(Conflict):  # another request makes them at this moment
                await access.database.write(lambda tx: access.make_defaults(tx, owner, content))

    async def home_ctag(self, owner: PrincipalId, kind: Kind) -> str:
        """Return a text that changes whenever anything in this home changes."""
        return await self._access.database.read(lambda tx: stored_collections.home_ctag(tx, owner, kind))

    async def seen(self, caller: Caller, place: Place) -> Seen:
        """Return one collection.

        Raises:
            NotFound: it does not exist, or the caller may not know of it.
        """
        return await self._access.read(caller, place, lambda tx: self._access.get(tx, caller, place))

    async def create(
        self,
        caller: Caller,
        place: Place,
        properties: Mapping[str, JSON],
        dead_properties: Mapping[str, str] | None = None,
        tokens: frozenset[str] = frozenset(),
    ) -> Collection:
        """Make a collection in the caller's own home (or any, for a superuser).

        Raises:
            NotFound: somebody else's home.
            Conflict: the name is taken, or (files) the parent is missing.
            Forbidden: the name cannot be used.
            TooLarge: too many collections, or too much in the properties.
            Locked: the parent is locked.
        """
        access = self._access
        if not access.owns(caller, place.owner):
            raise NotFound("no such home")
        _check_collection_name(place)
        patched_dead({}, dead_properties or {})

        async def work(tx: Transaction) -> Collection:
            if len(await stored_collections.list_home(tx, place.owner, place.kind)) >= HOME_MAX:
                raise TooLarge(f"a home holds at most {HOME_MAX} collections")
            await access.check_locks(tx, caller, place.owner, place.path, tokens, membership=True)
            parent = place.name.rpartition("/")[0]
            if parent and await stored_collections.find(tx, place.owner, place.kind, parent) is None:
                raise Conflict("the parent collection does not exist")
            made = await stored_collections.create(
                tx,
                place.owner,
                place.kind,
                place.name,
                dict(properties),
                dead_properties=dict(dead_properties or {}),
                now=access.clock.milliseconds(),
            )
            await self._tell(tx, caller, made, "folder_created")
            return made

        return await access.database.write(work)

    async def change_properties(
        self,
        caller: Caller,
        place: Place,
        properties: Mapping[str, JSON],
        dead_properties: Mapping[str, str | None],
        tokens: frozenset[str] = frozenset(),
    ) -> None:
        """Set properties of a collection; None removes one.

        Raises:
            NotFound: no such collection for this caller.
            Forbidden: the caller may not modify all of it.
            TooLarge: more than a resource may carry.
            Locked: the collection is locked.
        """
        access = self._access

        async def work(tx: Transaction) -> None:
            seen = await access.get(tx, caller, place)
            if seen.rights.lowest < Level.MODIFY:
                raise Forbidden("changing properties needs the right to modify everything in the collection")
            await access.check_locks(tx, caller, place.owner, place.path, tokens, membership=False)
            now = access.clock.milliseconds()
            # Raising the revision takes the row's lock: what is read after it cannot be overwritten unseen.
            await stored_collections.raise_revision(tx, seen.collection.id, now=now)
            present = await stored_collections.get(tx, seen.collection.id)
            merged = {**present.properties, **properties}
            await stored_collections.set_properties(
                tx,
                present.id,
                properties={k: v for k, v in merged.items() if v is not None},
                dead_properties=patched_dead(present.dead_properties, dead_properties),
                now=now,
            )

        await access.write(caller, place, work)

    async def delete(self, caller: Caller, place: Place, tokens: frozenset[str] = frozenset()) -> None:
        """Remove a collection and all in it; for files also every collection below it.

        Raises:
            NotFound: no such collection for this caller.
            Forbidden: the caller is not its owner, or it is one that must exist.
            Locked: something in it is locked.
        """
        access = self._access
        settling = access.contents[place.kind].settling(caller, place, DEFAULT_OPTIONS)

        async def work(tx: Transaction) -> None:
            seen = await access.get(tx, caller, place)
            if not seen.rights.admin:
                raise Forbidden("only the owner may remove a collection")
            if any(d.name == place.name for d in access.contents[place.kind].defaults):
                raise Forbidden("this collection must exist")
            await access.check_locks(tx, caller, place.owner, place.path, tokens, membership=True, deep=True)
            for collection in await tree(tx, place):
                await settling.settle_removal(tx, collection, seen.rights)
                await stored_collections.delete(tx, collection.id)
                await access.contents[place.kind].removed(tx, collection)
                await self._tell(tx, caller, collection, "folder_removed")
            await stored_locks.drop_below(tx, place.owner, place.path)
            if place.kind is not Kind.FILES:
                await person.raise_(tx, place.owner, access.clock.milliseconds())

        await access.write(caller, place, work, settling)

    async def _tell(self, tx: Transaction, caller: Caller, collection: Collection, event: str) -> None:
        """Have the owner told by mail."""
        if self._notices.folders:
            now = self._access.clock.milliseconds()
            await outbox.add(tx, of_folder(collection, caller, event, now), now)


async def tree(tx: Transaction, place: Place) -> list[Collection]:
    """Return a collection and, for files, all below it; parents first."""
    if place.kind is Kind.FILES:
        return await stored_collections.list_owned_prefix(tx, place.owner, place.kind, place.name)
    found = await stored_collections.find(tx, place.owner, place.kind, place.name)
    return [] if found is None else [found]


def _check_collection_name(place: Place) -> None:
    if place.kind is not Kind.FILES:
        check_name(place.name)
        return
    if len(place.name) > FILES_PATH_MAX:
        raise Forbidden(f"a path of collections has at most {FILES_PATH_MAX} characters")
    for step in place.name.split("/"):
        check_name(step)
