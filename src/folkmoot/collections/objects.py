"""The objects of collections: read, write, list, sync; rights and conditions checked on the loaded object."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from msgspec.structs import replace as replace_struct

from folkmoot.collections.access import Access, Raced, Seen, check_accepts_writes, check_name, patched_dead
from folkmoot.collections.content import (
    DEFAULT_OPTIONS,
    UNCONDITIONAL,
    Condition,
    Place,
    SyncTokenInvalid,
    Write,
    WriteOptions,
)
from folkmoot.collections.restricting import Viewer
from folkmoot.collections.sync_token import SyncToken, parse_sync_token
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Conflict, FolkmootError, Forbidden, NotFound, PreconditionFailed
from folkmoot.core.ids import ResourceName, Revision
from folkmoot.database.statement import Transaction
from folkmoot.sharing.rights import Level, Rights
from folkmoot.store import objects
from folkmoot.store.records import Change, ObjectMeta, PutResult, StoredObject, UidConflict, etag_of, new_oid


@dataclass(frozen=True, slots=True)
class Changes:
    """One page of a sync: what changed, the token after it, and whether there is more."""

    rows: Sequence[Change]
    token: str
    truncated: bool


class Objects:
    """Objects of all kinds, seen through the caller's rights."""

    def __init__(self, access: Access) -> None:
        self._access = access

    async def read(self, caller: Caller, place: Place, name: ResourceName) -> tuple[Seen, StoredObject]:
        """Return one object with its body: one statement where the caller owns the collection.

        Raises:
            NotFound: no such collection or object for this caller.
            Hidden: the caller would not be told whether there is one.
        """
        access = self._access
        viewer = await access.viewer(caller, place.owner)
        return await access.look(lambda tx: load(access, tx, caller, place, name, viewer))

    async def list_(self, caller: Caller, place: Place, *, seen: Seen | None = None) -> tuple[Seen, list[ObjectMeta]]:
        """Return the live objects that the caller may see, without bodies; ``seen`` as in ``Access.get``.

        Raises:
            NotFound: no such collection for this caller.
        """
        access = self._access
        viewer = await access.viewer(caller, place.owner)

        async def work(tx: Transaction) -> tuple[Seen, list[ObjectMeta]]:
            found = await access.get(tx, caller, place, seen)
            return found, await objects.list_(tx, found.collection.id)

        found, rows = await access.read(caller, place, work)
        return found, access.restriction.metas(found.rights, place.kind, rows, viewer)

    async def read_many(
        self, caller: Caller, place: Place, names: Sequence[ResourceName], *, seen: Seen | None = None
    ) -> tuple[Seen, dict[str, StoredObject]]:
        """Return those of the named objects that exist for this caller, with bodies, by name.

        ``seen`` as in ``Access.get``.

        Raises:
            NotFound: no such collection for this caller.
        """
        access = self._access
        viewer = await access.viewer(caller, place.owner)

        async def work(tx: Transaction) -> tuple[Seen, list[StoredObject]]:
            found = await access.get(tx, caller, place, seen)
            return found, await objects.get_many(tx, found.collection.id, names, bodies=True)

        found, rows = await access.read(caller, place, work)
        shown = await access.restriction.all_stored(found.rights, found.collection, rows, viewer)
        return found, {row.meta.name: row for row in shown}

    async def changes(
        self, caller: Caller, place: Place, token: str | None, limit: int | None, *, seen: Seen | None = None
    ) -> tuple[Seen, Changes]:
        """Return what changed since ``token`` (None or empty: everything live), at most ``limit`` rows.

        ``seen`` as in ``Access.get``: what happens after it is told the next time.

        Raises:
            NotFound: no such collection for this caller.
            SyncTokenInvalid: the client must start again (RFC 6578 section 3.2).
        """
        access = self._access
        viewer = await access.viewer(caller, place.owner)

        async def work(tx: Transaction) -> tuple[Seen, Changes]:
            found = await access.get(tx, caller, place, seen)
            collection = found.collection
            start = _start(found, token)
            rows = await objects.changes(
                tx,
                collection.id,
                since=Revision(start.revision),
                until=collection.revision,
                limit=None if limit is None else limit + 1,
            )
            truncated = limit is not None and len(rows) > limit
            page = rows[:limit] if truncated else rows
            reached = page[-1].revision if truncated else collection.revision
            after = SyncToken(collection.id, reached, max(reached, start.since), found.rights.shown)
            shown = page if found.rights.sees_all else [_told(access, found, row, viewer) for row in page]
            if not token:  # whoever starts has nothing that could be taken away
                shown = [row for row in shown if row.meta is not None]
            return found, Changes(shown, str(after), truncated)

        return await access.read(caller, place, work)

    async def put(
        self,
        caller: Caller,
        place: Place,
        name: ResourceName,
        body: bytes,
        content_type: str,
        condition: Condition = UNCONDITIONAL,
        tokens: frozenset[str] = frozenset(),
        options: WriteOptions = DEFAULT_OPTIONS,
    ) -> PutResult:
        """Create or replace one object; the answer's ETag is that of the stored body, which may differ from ``body``.

        Raises:
            NotFound: no such collection for this caller.
            Forbidden: the caller lacks the right to create or to modify.
            ReadOnly: a computed collection.
            PreconditionFailed: ``condition`` does not hold.
            UidConflict: another object has this UID.
            MalformedInput, Unsupported, TooLarge: the body is not acceptable.
            Locked: a lock stands in the way.
        """
        check_name(name)
        access = self._access
        content = access.contents[place.kind]
        settling = content.settling(caller, place, options)
        viewer = await access.viewer(caller, place.owner)
        fresh = new_oid()

        async def work(tx: Transaction) -> PutResult:
            look = await objects.look(tx, place.owner, place.kind, place.name, name)
            seen = await access.with_rights(tx, caller, look.collection) if look else None
            if look is None or seen is None:
                raise NotFound(f"no such collection: {place.name}")
            meta = look.meta
            condition.check(_known_etag(access, seen, meta, viewer))
            check_accepts_writes(look.collection)
            if look.locks:
                await access.check_locks(tx, caller, place.owner, place.path_of(name), tokens, membership=meta is None)
            wanted = content.check(body, content_type, look.collection)
            oid = meta.oid if meta is not None else fresh
            checked = await settling.settle(tx, Write(caller, look.collection, seen.rights, name, meta, wanted, oid))
            if checked is None:
                raise Forbidden("a write that leaves nothing")
            try:
                result = await objects.put(
                    tx,
                    look.collection.id,
                    name,
                    body=checked.body,
                    etag=etag_of(checked.body),
                    content_type=checked.content_type,
                    index=checked.index,
                    now=access.clock.milliseconds(),
                    # Rights and condition were checked on this version: it must still be the present one.
                    if_match=meta.etag if meta else None,
                    must_be_new=meta is None,
                    oid=oid,
                )
            except PreconditionFailed as raced:
                raise Raced("another writer came first") from raced
            await content.written(tx, look.collection, name, checked, existed=meta is not None)
            return replace(result, schedule_tag=checked.index.schedule_tag)

        try:
            return await access.write(caller, place, work, settling)
        except UidConflict as taken:
            raise await told_conflict(access, caller, place, taken) from None

    async def delete(
        self,
        caller: Caller,
        place: Place,
        name: ResourceName,
        condition: Condition = UNCONDITIONAL,
        tokens: frozenset[str] = frozenset(),
        options: WriteOptions = DEFAULT_OPTIONS,
    ) -> None:
        """Delete one object; a tombstone stays for clients that sync.

        Raises:
            NotFound: no such collection or object for this caller.
            Forbidden: the caller lacks the right to erase.
            ReadOnly: a computed collection.
            PreconditionFailed: ``condition`` does not hold.
            Locked: a lock stands in the way.
        """
        access = self._access
        content = access.contents[place.kind]
        settling = content.settling(caller, place, options)
        viewer = await access.viewer(caller, place.owner)

        async def work(tx: Transaction) -> None:
            look = await objects.look(tx, place.owner, place.kind, place.name, name)
            seen = await access.with_rights(tx, caller, look.collection) if look else None
            if look is None or seen is None:
                raise NotFound(f"no such collection: {place.name}")
            meta = look.meta
            if meta is None or not (seen.rights.erase or seen.rights.level(meta.classification)):
                condition.check(None)
                raise hidden(seen.rights) if not seen.rights.erase else NotFound(f"no such object: {name}")
            condition.check(_known_etag(access, seen, meta, viewer))
            check_accepts_writes(look.collection)
            if look.locks:
                await access.check_locks(tx, caller, place.owner, place.path_of(name), tokens, membership=True)
            await settling.settle(tx, Write(caller, look.collection, seen.rights, name, meta, None, meta.oid))
            try:
                await objects.delete(tx, look.collection.id, name, if_match=meta.etag, now=access.clock.milliseconds())
            except PreconditionFailed as raced:
                raise Raced("another writer came first") from raced
            await content.written(tx, look.collection, name, None, existed=True)

        await access.write(caller, place, work, settling)

    async def set_dead_properties(
        self,
        caller: Caller,
        place: Place,
        name: ResourceName,
        patch: Mapping[str, str | None],
        tokens: frozenset[str] = frozenset(),
    ) -> None:
        """Set or remove (None) dead properties of one object; its ETag and the sync token stay.

        Raises:
            NotFound: no such object for this caller.
            Forbidden: the caller lacks the right to see or to modify.
            TooLarge: more than a resource may carry.
            Locked: a lock stands in the way.
        """
        access = self._access

        viewer = await access.viewer(caller, place.owner)

        async def work(tx: Transaction) -> None:
            seen, stored = await load(access, tx, caller, place, name, viewer)
            if seen.rights.level(stored.meta.classification) < Level.MODIFY:
                raise Forbidden("changing properties needs the right to modify")
            check_accepts_writes(seen.collection)
            await access.check_locks(tx, caller, place.owner, place.path_of(name), tokens, membership=False)
            await objects.set_dead_properties(
                tx,
                seen.collection.id,
                name,
                patched_dead(stored.dead_properties, patch),
                now=access.clock.milliseconds(),
            )

        await access.write(caller, place, work)


class Hidden(Forbidden):
    """The caller would not be told whether there is such an object: its class may be one without any right."""


async def told_conflict(access: Access, caller: Caller, place: Place, taken: UidConflict) -> Conflict:
    """Return what a caller is told of a UID that is in use: whose name it is only if the caller may know of it."""
    viewer = await access.viewer(caller, place.owner)
    try:
        await access.look(lambda tx: load(access, tx, caller, place, taken.name, viewer))
    except (Hidden, NotFound):
        return Conflict("the UID is in use")
    return taken


def hidden(rights: Rights) -> FolkmootError:
    """Return what is said of a name under which the caller is shown nothing, whether something is there or not."""
    if rights.lowest is Level.NONE:
        return Hidden("reading needs a right on objects of this class")
    return NotFound("no such object")


async def load(
    access: Access, tx: Transaction, caller: Caller, place: Place, name: ResourceName, viewer: Viewer | None
) -> tuple[Seen, StoredObject]:
    """Return one object with its body, as the caller is shown it; ``viewer`` comes from ``Access.viewer``.

    Raises:
        NotFound: no such collection or object for this caller.
        Hidden: the caller would not be told whether there is one.
    """
    row = await objects.read(tx, place.owner, place.kind, place.name, name)
    seen = None if row is None else await access.with_rights(tx, caller, row[0])
    if row is None or seen is None:
        raise NotFound(f"no such object: {name}")
    stored = None if row[1] is None else access.restriction.stored(seen.rights, seen.collection, row[1], viewer)
    if stored is None:
        raise hidden(seen.rights)
    return seen, stored


def _start(seen: Seen, token: str | None) -> SyncToken:
    collection = seen.collection
    if not token:
        return SyncToken(collection.id, 0, collection.revision)
    parsed = parse_sync_token(token, collection.id)
    if parsed is None or parsed.revision > collection.revision or parsed.since < collection.history_start:
        raise SyncTokenInvalid("the sync token is too old or not of this collection")
    if parsed.shown != seen.rights.shown:
        raise SyncTokenInvalid("the rights have changed since the sync token was given")
    return parsed


def _told(access: Access, seen: Seen, row: Change, viewer: Viewer | None) -> Change:
    meta = row.meta and access.restriction.meta(seen.rights, seen.collection.kind, row.meta, viewer)
    # What is not shown may have been, before its class changed: it is told as deleted.
    return replace_struct(row, etag=meta.etag if meta else None, meta=meta)


def _known_etag(access: Access, seen: Seen, meta: ObjectMeta | None, viewer: Viewer | None) -> str | None:
    """Return the ETag under which the caller knows what is there."""
    if meta is None:
        return None
    shown = access.restriction.meta(seen.rights, seen.collection.kind, meta, viewer)
    if shown is not None:
        return shown.etag
    # What is not shown has an ETag that nobody guesses, as a text can be guessed by the digest of its octets.
    return meta.etag if viewer is None else viewer.etag(meta.etag)


def may_view(rights: Rights, meta: ObjectMeta) -> bool:
    """Whether the whole of an object may be shown."""
    return rights.level(meta.classification) >= Level.VIEW
