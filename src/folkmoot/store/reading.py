"""Reading objects.  Bodies stand in a table of their own, so that lists do not touch them."""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final, Literal, overload

import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.core.ids import CollectionId, PrincipalId, ResourceName, Revision
from folkmoot.database import Row, Statement, Transaction
from folkmoot.database.dialect import contains, within
from folkmoot.database.schema import collection, lock, object_, object_body
from folkmoot.store.columns import (
    BODY,
    COLLECTION,
    LIVE,
    META,
    NAMED_YET,
    WITH_BODY,
    collection_of,
    meta_of,
    object_of,
)
from folkmoot.store.records import Change, Collection, Kind, Look, ObjectMeta, StoredObject, uid_key

NAMES_MAX: Final = 500  # of one statement, so that none grows without bound

_OF: Final = object_.c.collection_id == bindparam("collection_id")
_NAMED: Final = object_.c.name == bindparam("name")
_META_START: Final = len(COLLECTION)
_META_END: Final = _META_START + len(META)

_COLLECTION_AND_OBJECT: Final = collection.outerjoin(
    object_,
    sa.and_(object_.c.collection_id == collection.c.id, object_.c.name == bindparam("name"), LIVE),
)
_PLACE: Final = (
    collection.c.owner == bindparam("owner"),
    collection.c.kind == bindparam("kind"),
    collection.c.name == bindparam("collection_name"),
)


def _count(table: sa.Table, condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.select(sa.func.count()).select_from(table).where(condition).scalar_subquery()


_LOOK: Final = Statement(
    sa.select(
        *COLLECTION,
        *META,
        _count(lock, lock.c.owner == bindparam("owner")),
    )
    .select_from(_COLLECTION_AND_OBJECT)
    .where(*_PLACE)
)
_READ: Final = Statement(
    sa.select(*COLLECTION, *META, *BODY)
    .select_from(
        _COLLECTION_AND_OBJECT.outerjoin(
            object_body,
            sa.and_(object_body.c.collection_id == object_.c.collection_id, object_body.c.name == object_.c.name),
        )
    )
    .where(*_PLACE)
)
_COUNT: Final = Statement(sa.select(sa.func.count()).select_from(object_).where(_OF, LIVE))
_SINCE: Final = (
    _OF,
    object_.c.revision > bindparam("since"),
    object_.c.revision <= bindparam("until"),
)
_UNLIMITED: Final = 2**62  # rows; no collection has as many


def _selected(*conditions: sa.ColumnElement[bool], bodies: bool) -> "sa.Select[*tuple[Any, ...]]":
    """Select live objects of a collection."""
    if bodies:
        return sa.select(*META, *BODY).select_from(WITH_BODY).where(_OF, LIVE, *conditions)
    return sa.select(*META).where(_OF, LIVE, *conditions)


_GET: Final = Statement(_selected(_NAMED, bodies=True))
_FIND_UID: Final = Statement(_selected(object_.c.uid == bindparam("uid"), bodies=False))
_GET_MANY: Final = {
    bodies: Statement(_selected(within(object_.c.name, "names"), bodies=bodies)) for bodies in (False, True)
}
_LIST: Final = {bodies: Statement(_selected(bodies=bodies)) for bodies in (False, True)}
_SEARCH: Final = {
    bodies: Statement(_selected(contains(object_.c.search, "text"), bodies=bodies).limit(bindparam("limit")))
    for bodies in (False, True)
}
_CHANGES: Final = Statement(
    sa.select(*META, object_.c.deleted).where(*_SINCE, NAMED_YET).order_by(object_.c.revision).limit(bindparam("limit"))
)
_FIRST_CHANGES: Final = Statement(
    sa.select(*META, object_.c.deleted).where(*_SINCE, LIVE).order_by(object_.c.revision).limit(bindparam("limit"))
)


async def look(
    tx: Transaction, owner: PrincipalId, kind: Kind, collection_name: str, name: ResourceName
) -> Look | None:
    """Return a collection with what is known of one object in it; ``None`` if the collection does not exist."""
    row = await tx.fetch_one(_LOOK, owner=owner, kind=kind.value, collection_name=collection_name, name=name)
    if row is None:
        return None
    meta = None if row[_META_START] is None else meta_of(row[_META_START:_META_END])
    return Look(collection=collection_of(row), meta=meta, locks=row[_META_END])


async def read(
    tx: Transaction, owner: PrincipalId, kind: Kind, collection_name: str, name: ResourceName
) -> tuple[Collection, StoredObject | None] | None:
    """Return a collection and one object of it, whole; ``None`` if the collection does not exist."""
    row = await tx.fetch_one(_READ, owner=owner, kind=kind.value, collection_name=collection_name, name=name)
    if row is None:
        return None
    # A row without body was read between two statements of a move on a database that shows such states.
    stored = None if row[_META_START] is None or row[_META_END] is None else object_of(row[_META_START:])
    return collection_of(row), stored


async def get(tx: Transaction, collection_id: CollectionId, name: ResourceName) -> StoredObject | None:
    """Return one object, whole."""
    row = await tx.fetch_one(_GET, collection_id=collection_id, name=name)
    return None if row is None else object_of(row)


async def find_uid(tx: Transaction, collection_id: CollectionId, uid: str) -> ObjectMeta | None:
    """Return the object with this UID."""
    row = await tx.fetch_one(_FIND_UID, collection_id=collection_id, uid=uid_key(uid))
    return None if row is None else meta_of(row)


async def count(tx: Transaction, collection_id: CollectionId) -> int:
    """Return how many objects a collection has."""
    row = await tx.fetch_one(_COUNT, collection_id=collection_id)
    return int(row[0]) if row else 0


@overload
async def get_many(
    tx: Transaction, collection_id: CollectionId, names: Sequence[ResourceName], *, bodies: Literal[True]
) -> list[StoredObject]: ...
@overload
async def get_many(
    tx: Transaction, collection_id: CollectionId, names: Sequence[ResourceName], *, bodies: Literal[False]
) -> list[ObjectMeta]: ...
async def get_many(
    tx: Transaction, collection_id: CollectionId, names: Sequence[ResourceName], *, bodies: bool
) -> list[StoredObject] | list[ObjectMeta]:
    """Return those of the named objects that exist, each once, in no particular order."""
    unique = list(dict.fromkeys(names))
    rows: list[Row] = []
    for start in range(0, len(unique), NAMES_MAX):
        chunk = unique[start : start + NAMES_MAX]
        rows += await tx.fetch_all(_GET_MANY[bodies], collection_id=collection_id, names=chunk)
    return _values(rows, bodies=bodies)


@overload
async def list_(
    tx: Transaction, collection_id: CollectionId, *, bodies: Literal[False] = False
) -> list[ObjectMeta]: ...
@overload
async def list_(tx: Transaction, collection_id: CollectionId, *, bodies: Literal[True]) -> list[StoredObject]: ...
async def list_(
    tx: Transaction, collection_id: CollectionId, *, bodies: bool = False
) -> list[StoredObject] | list[ObjectMeta]:
    """Return all objects of a collection, in no particular order."""
    return _values(await tx.fetch_all(_LIST[bodies], collection_id=collection_id), bodies=bodies)


@overload
async def find_by_search(
    tx: Transaction, collection_id: CollectionId, text: str, *, limit: int | None = None, bodies: Literal[False] = False
) -> list[ObjectMeta]: ...
@overload
async def find_by_search(
    tx: Transaction, collection_id: CollectionId, text: str, *, limit: int | None = None, bodies: Literal[True]
) -> list[StoredObject]: ...
async def find_by_search(
    tx: Transaction, collection_id: CollectionId, text: str, *, limit: int | None = None, bodies: bool = False
) -> list[StoredObject] | list[ObjectMeta]:
    """Return the objects whose ``search`` contains ``text``, normalised as the service normalises that column."""
    rows = await tx.fetch_all(
        _SEARCH[bodies],
        collection_id=collection_id,
        text=text,
        limit=_UNLIMITED if limit is None else limit,
    )
    return _values(rows, bodies=bodies)


@overload
async def in_range(
    tx: Transaction,
    collection_id: CollectionId,
    *,
    component: str | None,
    start: int | None,
    end: int | None,
    bodies: Literal[True],
) -> list[StoredObject]: ...
@overload
async def in_range(
    tx: Transaction,
    collection_id: CollectionId,
    *,
    component: str | None,
    start: int | None,
    end: int | None,
    bodies: Literal[False],
) -> list[ObjectMeta]: ...
async def in_range(
    tx: Transaction,
    collection_id: CollectionId,
    *,
    component: str | None,
    start: int | None,
    end: int | None,
    bodies: bool,
) -> list[StoredObject] | list[ObjectMeta]:
    """Return the objects that may have an occurrence in ``[start, end)``, seconds since 1970; ``None`` is unbounded.

    Candidates: also what ends at ``start``, for an occurrence without duration there does overlap.
    """
    statement = _in_range(component=component is not None, start=start is not None, end=end is not None, bodies=bodies)
    rows = await tx.fetch_all(statement, collection_id=collection_id, component=component, start=start, end=end)
    return _values(rows, bodies=bodies)


async def changes(
    tx: Transaction, collection_id: CollectionId, *, since: Revision, until: Revision, limit: int | None
) -> list[Change]:
    """Return what changed after ``since``, up to ``until``, oldest first; each object once, as it is now.

    From 0 there are no tombstones: whoever knows nothing need not be told what is gone.
    """
    rows = await tx.fetch_all(
        _CHANGES if since else _FIRST_CHANGES,
        collection_id=collection_id,
        since=since,
        until=until,
        limit=_UNLIMITED if limit is None else limit,
    )
    found = []
    for row in rows:
        *columns, deleted = row
        found.append(change_of(meta_of(columns), deleted=bool(deleted)))
    return found


def change_of(meta: ObjectMeta, *, deleted: bool) -> Change:
    """Return a row of history as a step."""
    shown = None if deleted else meta
    etag = shown.etag if shown else None
    return Change(meta.name, etag, meta.revision, shown, meta.oid, meta.created_revision, meta.component)


@cache
def _in_range(*, component: bool, start: bool, end: bool, bodies: bool) -> Statement:
    conditions = []
    if component:
        conditions.append(object_.c.component == bindparam("component"))
    if start:
        conditions.append(sa.or_(object_.c.ends_at.is_(None), object_.c.ends_at >= bindparam("start")))
    if end:
        conditions.append(sa.or_(object_.c.starts_at.is_(None), object_.c.starts_at < bindparam("end")))
    return Statement(_selected(*conditions, bodies=bodies))


def _values(rows: Sequence[Row], *, bodies: bool) -> list[StoredObject] | list[ObjectMeta]:
    if bodies:
        return [object_of(row) for row in rows]
    return [meta_of(row) for row in rows]
