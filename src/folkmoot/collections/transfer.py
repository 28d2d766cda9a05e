"""COPY and MOVE: of single objects between collections, and of whole collections (RFC 4918 sections 9.8, 9.9)."""

from folkmoot.collections.access import Access, Seen, check_accepts_writes, check_name
from folkmoot.collections.collections import tree
from folkmoot.collections.content import Place
from folkmoot.collections.objects import check_may_put, may_view
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Conflict, Forbidden, NotFound, PreconditionFailed
from folkmoot.database.database import Transaction
from folkmoot.sharing.rights import Level
from folkmoot.store import collections as stored_collections
from folkmoot.store import locks as stored_locks
from folkmoot.store import objects
from folkmoot.store.records import Kind, StoredObject


class Transfers:
    """Copies and moves, each one transaction."""

    def __init__(self, access: Access) -> None:
        self._access = access

    async def transfer_object(
        self,
        caller: Caller,
        source: Place,
        name: str,
        target: Place,
        new_name: str,
        *,
        move: bool,
        overwrite: bool,
        tokens: frozenset[str] = frozenset(),
    ) -> bool:
        """Copy or move one object; its dead properties go along.  Returns whether the target name is new.

        Raises:
            NotFound: no such object for this caller.
            Conflict: the target collection does not exist.
            Forbidden: source and target are the same, of different kinds, or a right is missing.
            PreconditionFailed: the target exists and may not be overwritten.
            UidConflict: the target collection holds another object with this UID.
            Unsupported, TooLarge: the target collection does not take the object.
            Locked: a lock stands in the way.
        """
        check_name(new_name)
        if source.kind is not target.kind:
            raise Forbidden("objects move between collections of one kind only")
        if source == target and name == new_name:
            raise Forbidden("source and destination are the same")
        access = self._access
        content = access.contents[target.kind]

        async def work(tx: Transaction) -> bool:
            from_seen, stored = await self._source(tx, caller, source, name)
            look = await objects.look(tx, target.owner, target.kind, target.name, new_name)
            to_seen = await access.with_rights(tx, caller, look.collection) if look else None
            if look is None or to_seen is None:
                raise Conflict("the destination collection does not exist")
            if look.meta is not None and not overwrite:
                raise PreconditionFailed("the destination exists")
            check_accepts_writes(look.collection)
            await access.check_locks(
                tx, caller, target.owner, target.path_of(new_name), tokens, membership=look.meta is None
            )
            if move:
                check_accepts_writes(from_seen.collection)
                if not from_seen.rights.erase:
                    raise Forbidden("moving away needs the right to erase")
                await access.check_locks(
                    tx, caller, source.owner, source.path_of(name), tokens, membership=True
                )
            checked = content.check(stored.body, stored.meta.content_type, look.collection)
            check_may_put(to_seen.rights, look.meta, checked.index.classification)
            now = access.clock.milliseconds()
            if move:
                await objects.delete(
                    tx, from_seen.collection.id, name, if_match=stored.meta.etag, now=now
                )
                await content.written(tx, from_seen.collection, name, None)
            await objects.put(
                tx,
                look.collection.id,
                new_name,
                body=checked.body,
                etag=stored.meta.etag if checked.body == stored.body else objects.etag_of(checked.body),
                content_type=checked.content_type,
                index=checked.index,
                now=now,
                if_match=look.meta.etag if look.meta else None,
                must_be_new=look.meta is None,
                dead_properties=stored.dead_properties,
            )
            await content.written(tx, look.collection, new_name, checked)
            if move:
                await stored_locks.drop_below(tx, source.owner, source.path_of(name))
            return look.meta is None

        return await access.write(caller, target, work)

    async def transfer_collection(
        self,
        caller: Caller,
        source: Place,
        target: Place,
        *,
        move: bool,
        overwrite: bool,
        deep: bool,
        tokens: frozenset[str] = frozenset(),
    ) -> bool:
        """Copy or move a collection of the caller's own; returns whether the target name is new.

        ``deep`` False copies the collection without its members (Depth: 0).

        Raises:
            NotFound: no such collection for this caller.
            Conflict: the target's parent does not exist.
            Forbidden: not the owner, another kind, a collection that must exist, or into itself.
            PreconditionFailed: the target exists and may not be overwritten.
            Locked: a lock stands in the way.
        """
        access = self._access
        if source.kind is not target.kind:
            raise Forbidden("collections move within homes of one kind only")
        if source.owner == target.owner and (
            source.name == target.name
            or (f"{target.name}/".startswith(f"{source.name}/") if source.name else True)
            or f"{source.name}/".startswith(f"{target.name}/")
        ):
            raise Forbidden("the destination is the source, or one is inside the other")
        for step in target.name.split("/"):
            check_name(step)

        async def work(tx: Transaction) -> bool:
            seen = await access.get(tx, caller, source)
            if not access.owns(caller, target.owner) or (move and not seen.rights.admin):
                raise Forbidden("collections are moved and copied by their owner")
            if seen.rights.lowest < Level.VIEW:
                raise Forbidden("copying needs the right to view everything")
            if move and any(d.name == source.name for d in access.contents[source.kind].defaults):
                raise Forbidden("this collection must exist")
            parent = target.name.rpartition("/")[0]
            if parent and await stored_collections.find(tx, target.owner, target.kind, parent) is None:
                raise Conflict("the destination's parent does not exist")
            replaced = await tree(tx, target)
            present = replaced[0] if replaced and replaced[0].name == target.name else None
            if present is not None and not overwrite:
                raise PreconditionFailed("the destination exists")
            await access.check_locks(
                tx, caller, target.owner, target.path, tokens, membership=True, deep=True
            )
            for collection in replaced:
                await stored_collections.delete(tx, collection.id)
            if target.kind is Kind.FILES and parent:
                await self._remove_file(tx, target)
            now = access.clock.milliseconds()
            if move:
                await access.check_locks(
                    tx, caller, source.owner, source.path, tokens, membership=True, deep=True
                )
            for collection in await tree(tx, source) if deep else [seen.collection]:
                new_name = target.name + collection.name[len(source.name) :]
                if move and source.owner == target.owner:
                    await stored_collections.rename(tx, collection.id, new_name, now)
                    continue
                made = await stored_collections.create(
                    tx,
                    target.owner,
                    target.kind,
                    new_name,
                    dict(collection.properties),
                    dead_properties=dict(collection.dead_properties),
                    now=now,
                )
                if deep:
                    await objects.copy_all(tx, collection.id, made.id, now)
                if move:
                    await stored_collections.delete(tx, collection.id)
            if move:
                await stored_locks.drop_below(tx, source.owner, source.path)
            return present is None

        return await access.database.write(work)

    async def _source(
        self, tx: Transaction, caller: Caller, place: Place, name: str
    ) -> tuple[Seen, StoredObject]:
        row = await objects.read(tx, place.owner, place.kind, place.name, name)
        seen = await self._access.with_rights(tx, caller, row[0]) if row else None
        if row is None or row[1] is None or seen is None or not may_view(seen.rights, row[1].meta):
            raise NotFound(f"no such object: {name}")
        return seen, row[1]

    async def _remove_file(self, tx: Transaction, target: Place) -> None:
        parent, _, name = target.name.rpartition("/")
        look = await objects.look(tx, target.owner, target.kind, parent, name)
        if look is not None and look.meta is not None:
            await objects.delete(
                tx, look.collection.id, name, if_match=None, now=self._access.clock.milliseconds()
            )
