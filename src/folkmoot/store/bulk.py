"""Writes that touch several objects: imports, moves between collections, and the end of history."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.core.errors import Conflict, NotFound
from folkmoot.core.ids import CollectionId, ResourceName, Revision
from folkmoot.database import Statement, Transaction
from folkmoot.database.dialect import within
from folkmoot.database.schema import collection, object_, object_body
from folkmoot.store.collections import raise_revision
from folkmoot.store.columns import LIVE, NAMELESS, WITH_BODY, json_or_null, texts_of
from folkmoot.store.reading import NAMES_MAX
from folkmoot.store.records import NewObject, PutResult, UidConflict, new_oid
from folkmoot.store.writing import bury, delete, get_whole, object_values, put

_OF: Final = object_.c.collection_id == bindparam("collection_id")
_LIVE_NAMED: Final = Statement(
    sa.select(
        object_.c.name,
        object_.c.created_at,
        object_.c.oid,
        object_.c.created_revision,
        object_body.c.dead_properties,
        object_.c.component,
    )
    .select_from(WITH_BODY)
    .where(_OF, LIVE, within(object_.c.name, "names"))
)
_UIDS_TAKEN: Final = Statement(sa.select(object_.c.uid, object_.c.name).where(_OF, within(object_.c.uid, "uids")))
_CLEAR: Final = tuple(
    Statement(
        sa.delete(table).where(table.c.collection_id == bindparam("collection_id"), within(table.c.name, "names"))
    )
    for table in (object_, object_body)
)
_UNNAME: Final = Statement(
    sa.update(object_)
    .where(_OF, object_.c.deleted == sa.literal_column("1"), within(object_.c.name, "names"))
    .values(name=NAMELESS)
)
_INSERT: Final = Statement(sa.insert(object_))
_INSERT_BODY: Final = Statement(sa.insert(object_body))
_HISTORY: Final = Statement(
    sa.select(
        collection.c.history_start,
        sa.select(sa.func.max(object_.c.revision))
        .where(_OF, object_.c.deleted == sa.literal_column("1"), object_.c.modified_at < bindparam("before"))
        .scalar_subquery(),
    ).where(collection.c.id == bindparam("collection_id"))
)
_SET_HISTORY_START: Final = Statement(
    sa.update(collection)
    .where(collection.c.id == bindparam("collection_id"), collection.c.history_start < bindparam("start"))
    .values(history_start=bindparam("start"))
)
_TRIM: Final = Statement(
    sa.delete(object_).where(_OF, object_.c.deleted == sa.literal_column("1"), object_.c.revision <= bindparam("start"))
)


async def put_many(
    tx: Transaction, collection_id: CollectionId, rows: Sequence[NewObject], now: int
) -> list[PutResult]:
    """Create or overwrite many objects in few statements; results are in the order of ``rows``.

    Raises:
        NotFound: the collection is gone.
        Conflict: two rows share a name.
        UidConflict: two rows, or a row and another object, share a UID.
        TooLarge: a name is too long.
    """
    results: list[PutResult] = []
    for start in range(0, len(rows), NAMES_MAX):
        results += await _put_chunk(tx, collection_id, rows[start : start + NAMES_MAX], now)
    return results


async def _put_chunk(
    tx: Transaction, collection_id: CollectionId, rows: Sequence[NewObject], now: int
) -> list[PutResult]:
    values = [
        object_values(
            row.name,
            body=row.body,
            etag=row.etag,
            content_type=row.content_type,
            index=row.index,
            now=now,
            dead_properties=row.dead_properties or {},
        )
        for row in rows
    ]
    names = [row.name for row in rows]
    if len(set(names)) < len(names):
        raise Conflict("two objects of one name")
    revision = Revision(await raise_revision(tx, collection_id, by=len(rows), now=now) - len(rows))
    await _require_free_uids(tx, collection_id, values)
    present = {name: kept for name, *kept in await tx.fetch_all(_LIVE_NAMED, collection_id=collection_id, names=names)}
    for row in rows:
        if row.name in present and present[row.name].pop() != row.index.component:
            # What becomes another kind of thing is gone, and another object has its name.
            gone = await raise_revision(tx, collection_id, now=now)
            await bury(tx, collection_id, row.name, if_match=None, revision=gone, now=now)
            present[row.name][1:3] = (new_oid(), gone)
    for statement in (_UNNAME, *_CLEAR):
        await tx.execute(statement, collection_id=collection_id, names=names)
    bodies: list[dict[str, object]] = []
    results: list[PutResult] = []
    for row, columns in zip(rows, values, strict=True):
        revision = Revision(revision + 1)
        columns |= {"collection_id": collection_id, "revision": revision, "created_revision": revision}
        texts = json_or_null(row.dead_properties or {})
        if row.name in present:
            columns["created_at"], columns["oid"], columns["created_revision"], kept = present[row.name]
            if row.dead_properties is None:
                texts, columns["has_dead_properties"] = kept, int(bool(texts_of(kept)))
        bodies.append({"collection_id": collection_id, "name": row.name, "body": row.body, "dead_properties": texts})
        results.append(PutResult(created=row.name not in present, etag=row.etag, revision=revision))
    await tx.execute_many(_INSERT, values)
    await tx.execute_many(_INSERT_BODY, bodies)
    return results


async def _require_free_uids(tx: Transaction, collection_id: CollectionId, values: Sequence[dict[str, object]]) -> None:
    wanted: dict[str, ResourceName] = {}
    for columns in values:
        uid, name = columns["uid"], ResourceName(str(columns["name"]))
        if isinstance(uid, str) and wanted.setdefault(uid, name) != name:
            raise UidConflict(wanted[uid])
    replaced = {columns["name"] for columns in values}
    for uid, name in await tx.fetch_all(_UIDS_TAKEN, collection_id=collection_id, uids=list(wanted)):
        # What this very write replaces gives its UID up.
        if name != wanted[uid] and name not in replaced:
            raise UidConflict(name)


async def copy(
    tx: Transaction,
    source_id: CollectionId,
    name: ResourceName,
    target_id: CollectionId,
    new_name: ResourceName,
    *,
    overwrite: bool,
    now: int,
) -> PutResult:
    """Put an object, dead properties included, under another name or into another collection.

    Raises:
        NotFound: no such object or collection.
        PreconditionFailed: the target exists and may not be overwritten (RFC 4918 section 10.6).
        UidConflict: as ``put``; also when an object with a UID is copied within its collection.
    """
    source, index = await get_whole(tx, source_id, name)
    return await put(
        tx,
        target_id,
        new_name,
        body=source.body,
        etag=source.meta.etag,
        content_type=source.meta.content_type,
        index=index,
        now=now,
        if_match=None,
        must_be_new=not overwrite,
        dead_properties=source.dead_properties,
    )


async def move(
    tx: Transaction,
    source_id: CollectionId,
    name: ResourceName,
    target_id: CollectionId,
    new_name: ResourceName,
    *,
    overwrite: bool,
    now: int,
) -> PutResult:
    """Give an object another name or collection, leaving a tombstone; its ETag stays.

    Raises:
        NotFound: no such object or collection.
        Conflict: source and target are the same.
        PreconditionFailed: the target exists and may not be overwritten (RFC 4918 section 10.6).
        UidConflict: as ``put``.
    """
    if (source_id, name) == (target_id, new_name):
        raise Conflict("source and target are the same")
    if target_id < source_id:  # row locks are taken by rising id, so that opposite moves cannot wait for each other
        await raise_revision(tx, target_id, now=now)
    revision = await raise_revision(tx, source_id, now=now)
    source, index = await get_whole(tx, source_id, name)
    await bury(tx, source_id, name, if_match=None, revision=revision, now=now)
    overwritten = False
    if overwrite:
        with suppress(NotFound):  # what is overwritten is gone: the number that comes is another's
            await delete(tx, target_id, new_name, if_match=None, now=now)
            overwritten = True
    result = await put(
        tx,
        target_id,
        new_name,
        body=source.body,
        etag=source.meta.etag,
        content_type=source.meta.content_type,
        index=index,
        now=now,
        if_match=None,
        must_be_new=True,
        dead_properties=source.dead_properties,
        oid=source.meta.oid,
    )
    return replace(result, created=not overwritten)


async def trim_history(tx: Transaction, collection_id: CollectionId, before_ms: int) -> int:
    """Expire the sync tokens from before ``before_ms``, and forget the tombstones that expired the last time.

    Returns how many were forgotten.  Between the two a whole period passes, so that a sync which saw the old start
    of history still finds what happened since: no unit of work lasts as long.
    """
    row = await tx.fetch_one(_HISTORY, collection_id=collection_id, before=before_ms)
    if row is None:
        return 0
    start, last_old = row
    forgotten = await tx.execute(_TRIM, collection_id=collection_id, start=start) if start else 0
    if last_old is not None:
        await tx.execute(_SET_HISTORY_START, collection_id=collection_id, start=last_old)
    return forgotten
