"""COPY and MOVE: of single objects between collections, and of whole collections (RFC 4918 sections 9.8, 9.9)."""

from dataclasses import dataclass, replace

from folkmoot.collections.access import Access, Seen, check_accepts_writes, check_name
from folkmoot.collections.collections import tree
from folkmoot.collections.content import DEFAULT_OPTIONS, Checked, Place, Write, WriteOptions
from folkmoot.collections.objects import load, told_conflict
from folkmoot.collections.settling import PlainSettling
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Conflict, Forbidden, PreconditionFailed
from folkmoot.core.ids import ResourceName
from folkmoot.database.statement import Transaction
from folkmoot.sharing.rights import Level
from folkmoot.store import collections as stored_collections
from folkmoot.store import locks as stored_locks
from folkmoot.store import objects
from folkmoot.store.records import Collection, Kind, NewObject, ObjectMeta, UidConflict, etag_of, new_oid


@dataclass(frozen=True, slots=True)
class Transfer:
    """What one COPY or MOVE asks for."""

    source: Place
    target: Place
    move: bool
    overwrite: bool
    tokens: frozenset[str] = frozenset()
    options: WriteOptions = DEFAULT_OPTIONS


class Transfers:
    """Copies and moves, each one transaction."""

    def __init__(self, access: Access) -> None:
        self._access = access

    async def transfer_object(
        self, caller: Caller, order: Transfer, name: ResourceName, new_name: ResourceName
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
        access, source, target, tokens = self._access, order.source, order.target, order.tokens
        check_name(new_name)
        if source.kind is not target.kind:
            raise Forbidden("objects move between collections of one kind only")
        if source == target and name == new_name:
            raise Forbidden("source and destination are the same")
        content = access.contents[target.kind]
        # Among one's own collections a meeting stays what it is; to another person's it goes as deleted and made anew.
        parts = order.move and source.owner != target.owner
        leaving = content.settling(caller, source, order.options) if parts else PlainSettling()
        arriving = content.settling(caller, target, order.options) if parts else PlainSettling()
        viewer = await access.viewer(caller, source.owner)
        fresh = new_oid()

        async def work(tx: Transaction) -> bool:
            origin, stored = await load(access, tx, caller, source, name, viewer)
            if order.move and origin.rights.level(stored.meta.classification) < Level.VIEW:
                raise Forbidden("moving needs the right to view: a restricted copy would be all that is left")
            look = await objects.look(tx, target.owner, target.kind, target.name, new_name)
            goal = await access.with_rights(tx, caller, look.collection) if look else None
            if look is None or goal is None:
                raise Conflict("the destination collection does not exist")
            if look.meta is not None and not order.overwrite:
                raise PreconditionFailed("the destination exists")
            check_accepts_writes(look.collection)
            oid = stored.meta.oid if order.move else look.meta.oid if look.meta else fresh
            await access.check_locks(
                tx, caller, target.owner, target.path_of(new_name), tokens, membership=look.meta is None
            )
            wanted = content.check(stored.body, stored.meta.content_type, look.collection)
            if not parts:  # the participation is the owner's, who may be another one
                kept = stored.meta if source.owner == target.owner else None
                wanted = _with_schedule(wanted, kept)
            if order.move:  # others hear of the end first: both are about the same UID
                check_accepts_writes(origin.collection)
                await leaving.settle(tx, Write(caller, origin.collection, origin.rights, name, stored.meta, None, oid))
            checked = (
                await arriving.settle(tx, Write(caller, look.collection, goal.rights, new_name, look.meta, wanted, oid))
                or wanted
            )
            now = access.clock.milliseconds()
            if order.move:
                await access.check_locks(tx, caller, source.owner, source.path_of(name), tokens, membership=True)
                await objects.delete(tx, origin.collection.id, name, if_match=stored.meta.etag, now=now)
                await content.written(tx, origin.collection, name, None, existed=True)
                await stored_locks.drop_below(tx, source.owner, source.path_of(name))
                if look.meta is not None:  # what is overwritten is gone: the number that comes is another's
                    await objects.delete(tx, look.collection.id, new_name, if_match=look.meta.etag, now=now)
            await objects.put(
                tx,
                look.collection.id,
                new_name,
                body=checked.body,
                etag=stored.meta.etag if checked.body == stored.body else etag_of(checked.body),
                content_type=checked.content_type,
                index=checked.index,
                now=now,
                if_match=look.meta.etag if look.meta and not order.move else None,
                must_be_new=look.meta is None or order.move,
                dead_properties=stored.dead_properties,
                oid=oid,
            )
            await content.written(tx, look.collection, new_name, checked, existed=look.meta is not None)
            return look.meta is None

        try:
            return await access.write(caller, target, work, leaving, arriving)
        except UidConflict as taken:
            raise await told_conflict(access, caller, target, taken) from None

    async def transfer_collection(self, caller: Caller, order: Transfer, *, deep: bool) -> bool:
        """Copy or move a collection of the caller's own; returns whether the target name is new.

        ``deep`` False copies the collection without its members (Depth: 0).

        Raises:
            NotFound: no such collection for this caller.
            Conflict: the target's parent does not exist.
            Forbidden: not the owner, another kind, a collection that must exist, or into itself.
            PreconditionFailed: the target exists and may not be overwritten.
            Locked: a lock stands in the way.
        """
        access, source, target, tokens = self._access, order.source, order.target, order.tokens
        _check_apart(source, target)

        async def work(tx: Transaction) -> bool:
            seen = await access.get(tx, caller, source)
            self._check_may_transfer(caller, seen, order)
            await access.check_locks(tx, caller, target.owner, target.path, tokens, membership=True, deep=True)
            if order.move:
                await access.check_locks(tx, caller, source.owner, source.path, tokens, membership=True, deep=True)
            existed = await self._clear(tx, target, overwrite=order.overwrite)
            for collection in await tree(tx, source) if deep else [seen.collection]:
                new_name = target.name + collection.name[len(source.name) :]
                await self._transfer_one(tx, collection, order, new_name, deep=deep)
            if order.move:
                await stored_locks.drop_below(tx, source.owner, source.path)
            return not existed

        return await access.write(caller, source, work)

    def _check_may_transfer(self, caller: Caller, seen: Seen, order: Transfer) -> None:
        if not self._access.owns(caller, order.target.owner) or (order.move and not seen.rights.admin):
            raise Forbidden("collections are moved and copied by their owner")
        if seen.rights.lowest < Level.VIEW:
            raise Forbidden("copying needs the right to view everything")
        defaults = self._access.contents[order.source.kind].defaults
        if any(d.name == order.target.name or (order.move and d.name == order.source.name) for d in defaults):
            raise Forbidden("this collection must exist")
        if seen.collection.properties.get("read_only"):
            raise Forbidden("this collection is computed from others")

    async def _clear(self, tx: Transaction, target: Place, *, overwrite: bool) -> bool:
        """Make room at the target; say whether something was there."""
        parent, _, last = target.name.rpartition("/")
        present = await tree(tx, target)
        look = None
        if target.kind is Kind.FILES:
            look = await objects.look(tx, target.owner, target.kind, parent, ResourceName(last))
            if look is None:
                raise Conflict("the destination's parent does not exist")
        is_file = look is not None and look.meta is not None
        if (present or is_file) and not overwrite:
            raise PreconditionFailed("the destination exists")
        for collection in present:
            await stored_collections.delete(tx, collection.id)
            await self._access.contents[target.kind].removed(tx, collection)
        if look is not None and is_file:
            now = self._access.clock.milliseconds()
            await objects.delete(tx, look.collection.id, ResourceName(last), if_match=None, now=now)
        return bool(present) or is_file

    async def _transfer_one(
        self, tx: Transaction, collection: Collection, order: Transfer, new_name: str, *, deep: bool
    ) -> None:
        now = self._access.clock.milliseconds()
        if order.move and collection.owner == order.target.owner:
            await stored_collections.rename(tx, collection.id, new_name, now)
            return
        made = await stored_collections.create(
            tx,
            order.target.owner,
            order.target.kind,
            new_name,
            dict(collection.properties),
            dead_properties=dict(collection.dead_properties),
            now=now,
        )
        if deep:
            await self._copy_objects(tx, collection, made, now)
        if order.move:
            await stored_collections.delete(tx, collection.id)
            await self._access.contents[collection.kind].removed(tx, collection)

    async def _copy_objects(self, tx: Transaction, source: Collection, target: Collection, now: int) -> None:
        content = self._access.contents[source.kind]
        checked = [
            (row, content.check(row.body, row.meta.content_type, target))
            for row in await objects.list_(tx, source.id, bodies=True)
        ]
        await objects.put_many(
            tx,
            target.id,
            [
                NewObject(row.meta.name, row.body, row.meta.etag, c.content_type, c.index, row.dead_properties)
                for row, c in checked
            ],
            now,
        )
        for row, c in checked:
            await content.written(tx, target, row.meta.name, c, existed=False)


def _with_schedule(checked: Checked, kept: ObjectMeta | None) -> Checked:
    if kept is None:
        return checked
    index = replace(checked.index, schedule_tag=kept.schedule_tag, participation=kept.participation)
    return replace(checked, index=index)


def _check_apart(source: Place, target: Place) -> None:
    if source.kind is not target.kind:
        raise Forbidden("collections move within homes of one kind only")
    for step in target.name.split("/"):
        check_name(step)
    inside = f"{target.name}/".startswith(f"{source.name}/") or f"{source.name}/".startswith(f"{target.name}/")
    if source.owner == target.owner and (inside or not source.name):
        raise Forbidden("the destination is the source, or one is inside the other")
