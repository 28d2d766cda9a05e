"""Writing objects.

Every write first raises the collection's revision, which takes its row lock: what is read after that cannot change
before the commit.  The version a client names is compared by the statement that overwrites it.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.core.errors import NotFound, PreconditionFailed
from folkmoot.core.ids import CollectionId, ETag, ObjectId, ResourceName, Revision
from folkmoot.database import Statement, Transaction, insert_if_absent
from folkmoot.database.dialect import absent_only
from folkmoot.database.schema import collection, object_, object_body
from folkmoot.store.collections import raise_revision
from folkmoot.store.columns import (
    BODY,
    LIVE,
    META,
    NAME_MAX,
    NAMELESS,
    WITH_BODY,
    json_or_null,
    length_of,
    object_of,
    plain,
    require_text,
)
from folkmoot.store.records import IndexRow, PutResult, StoredObject, UidConflict, new_oid, uid_key

ANY: Final = "*"  # If-Match: * asks for any version (RFC 9110 section 13.1.1)
_TITLE_MAX: Final = length_of(object_.c.title)
_PARTICIPATION_MAX: Final = length_of(object_.c.participation)
_CONTENT_TYPE_MAX: Final = length_of(object_.c.content_type)

_OF: Final = object_.c.collection_id == bindparam("collection_id")
_THIS: Final = (_OF, object_.c.name == bindparam("name"))
_BODY_OF: Final = (
    object_body.c.collection_id == bindparam("collection_id"),
    object_body.c.name == bindparam("name"),
)
_HAS_DEAD: Final = sa.func.coalesce(
    bindparam("has_dead_properties", type_=sa.SmallInteger()), object_.c.has_dead_properties
)
_KEPT: Final = (
    "collection_id", "name", "uid", "deleted", "created_at", "has_dead_properties", "oid", "created_revision"
)  # fmt: skip
_CONTENT: Final[dict[str, sa.ColumnElement[Any]]] = {
    **{column.name: bindparam(column.name) for column in object_.c if column.name not in _KEPT},
    "has_dead_properties": _HAS_DEAD,
}
_SAME: Final = (
    object_.c.uid.is_not_distinct_from(bindparam("uid")),
    object_.c.component == bindparam("component"),
)

_OVERWRITE: Final = Statement(sa.update(object_).where(*_THIS, LIVE, *_SAME).values(_CONTENT))
_OVERWRITE_VERSION: Final = Statement(
    sa.update(object_).where(*_THIS, LIVE, *_SAME, object_.c.etag == bindparam("if_match")).values(_CONTENT)
)
_REPLACE: Final = Statement(sa.update(object_).where(*_THIS).values({**_CONTENT, "uid": bindparam("uid")}))
_UNNAME: Final = Statement(sa.update(object_).where(*_THIS).values(name=NAMELESS))
_INSERT: Final = Statement(lambda dialect: absent_only(dialect, object_))
_IN_THE_WAY: Final = Statement(
    sa.select(object_.c.name, object_.c.deleted, object_.c.etag, object_.c.component)
    .where(_OF, object_.c.name == bindparam("name"))
    .union_all(
        sa.select(object_.c.name, object_.c.deleted, object_.c.etag, object_.c.component).where(
            _OF, object_.c.uid == bindparam("uid"), object_.c.name != bindparam("name")
        )
    )
)
_SET_BODY: Final = Statement(sa.update(object_body).where(*_BODY_OF).values(body=bindparam("body")))
_SET_BODY_AND_PROPERTIES: Final = Statement(
    sa.update(object_body).where(*_BODY_OF).values(body=bindparam("body"), dead_properties=bindparam("dead_properties"))
)
_INSERT_BODY: Final = Statement(sa.insert(object_body))
_DELETE_BODY: Final = Statement(sa.delete(object_body).where(*_BODY_OF))

BURIED: Final[dict[str, Any]] = {  # its kind, number and beginning stay
    "uid": sa.null(),
    "etag": sa.literal_column("''"),
    "size": sa.literal_column("0"),
    "content_type": sa.literal_column("''"),
    "revision": bindparam("revision"),
    "deleted": sa.literal_column("1"),
    "has_dead_properties": sa.literal_column("0"),
    "modified_at": bindparam("now"),
    "starts_at": sa.null(),
    "ends_at": sa.null(),
    "title": sa.literal_column("''"),
    "search": sa.null(),
    "schedule_tag": sa.null(),
    "participation": sa.literal_column("''"),
}
_BURY: Final = Statement(sa.update(object_).where(*_THIS, LIVE).values(BURIED))
_BURY_VERSION: Final = Statement(
    sa.update(object_).where(*_THIS, LIVE, object_.c.etag == bindparam("if_match")).values(BURIED)
)
_IS_LIVE: Final = Statement(sa.select(object_.c.etag).where(*_THIS, LIVE))
_GET_ALL: Final = Statement(sa.select(*META, *BODY, object_.c.search).select_from(WITH_BODY).where(*_THIS, LIVE))
_TOUCH: Final = Statement(
    sa.update(collection).where(collection.c.id == bindparam("collection_id")).values(modified_at=bindparam("now"))
)
_FLAG_PROPERTIES: Final = Statement(
    sa.update(object_).where(*_THIS, LIVE).values(has_dead_properties=bindparam("flag"))
)
_SET_PROPERTIES: Final = Statement(
    sa.update(object_body).where(*_BODY_OF).values(dead_properties=bindparam("dead_properties"))
)


class _Effect(Enum):
    CREATED = "created"
    OVERWRITTEN = "overwritten"
    REPLACED = "replaced"  # by an object of another kind


async def put(
    tx: Transaction,
    collection_id: CollectionId,
    name: ResourceName,
    *,
    body: bytes,
    etag: ETag,
    content_type: str,
    index: IndexRow,
    now: int,
    if_match: str | None,
    must_be_new: bool,
    dead_properties: Mapping[str, str] | None = None,
    oid: ObjectId | None = None,
) -> PutResult:
    """Create or overwrite an object.

    ``if_match`` is an ETag that must be the present one, or ``"*"``; ``dead_properties`` ``None`` keeps them; ``oid``
    is the number of a new object if it brings one along.

    Raises:
        NotFound: the collection is gone.
        PreconditionFailed: ``if_match`` or ``must_be_new`` does not hold.
        UidConflict: another object of the collection has this UID.
        TooLarge: the name is too long.
    """
    row = object_values(
        name, body=body, etag=etag, content_type=content_type, index=index, now=now, dead_properties=dead_properties
    )
    revision = await raise_revision(tx, collection_id, now=now)
    row |= {"collection_id": collection_id, "revision": revision, "created_revision": revision}
    if oid is not None:
        row["oid"] = oid
    effect = await _write_row(tx, row, if_match=if_match, must_be_new=must_be_new)
    texts = None if dead_properties is None else json_or_null(dead_properties)
    if effect is not _Effect.OVERWRITTEN:
        await tx.execute(_INSERT_BODY, collection_id=collection_id, name=name, body=body, dead_properties=texts)
    elif dead_properties is None:
        await tx.execute(_SET_BODY, collection_id=collection_id, name=name, body=body)
    else:
        await tx.execute(
            _SET_BODY_AND_PROPERTIES, collection_id=collection_id, name=name, body=body, dead_properties=texts
        )
    made: Any = None if effect is _Effect.OVERWRITTEN else row["oid"]
    revised: Any = row["revision"]
    return PutResult(created=effect is _Effect.CREATED, etag=etag, revision=revised, oid=made)


async def delete(
    tx: Transaction, collection_id: CollectionId, name: ResourceName, *, if_match: str | None, now: int
) -> Revision:
    """Leave a tombstone where the object was.

    Raises:
        NotFound: no such object or collection.
        PreconditionFailed: ``if_match`` is not the present ETag.
    """
    revision = await raise_revision(tx, collection_id, now=now)
    await bury(tx, collection_id, name, if_match=if_match, revision=revision, now=now)
    return revision


async def bury(
    tx: Transaction,
    collection_id: CollectionId,
    name: ResourceName,
    *,
    if_match: str | None,
    revision: Revision,
    now: int,
) -> None:
    """Turn an object into a tombstone at a revision that the caller has raised; raises as ``delete`` does."""
    place = {"collection_id": collection_id, "name": name}
    if if_match is None or if_match == ANY:
        matched = await tx.execute(_BURY, **place, revision=revision, now=now)
    else:
        matched = await tx.execute(_BURY_VERSION, **place, revision=revision, now=now, if_match=if_match)
    if not matched:
        if await tx.fetch_one(_IS_LIVE, **place) is None:
            raise NotFound(f"no such object: {name}")
        raise PreconditionFailed(f"{name} is no longer at the expected version")
    await tx.execute(_DELETE_BODY, **place)


async def set_dead_properties(
    tx: Transaction, collection_id: CollectionId, name: ResourceName, properties: Mapping[str, str], now: int
) -> None:
    """Replace an object's dead properties; neither its ETag nor the revision changes (RFC 6578 section 3.5.1).

    Raises:
        NotFound: no such object.
    """
    place = {"collection_id": collection_id, "name": name}
    await tx.execute(_TOUCH, collection_id=collection_id, now=now)  # the row lock, as every write takes it
    if not await tx.execute(_FLAG_PROPERTIES, **place, flag=int(bool(properties))):
        raise NotFound(f"no such object: {name}")
    await tx.execute(_SET_PROPERTIES, **place, dead_properties=json_or_null(properties))


async def get_whole(tx: Transaction, collection_id: CollectionId, name: ResourceName) -> tuple[StoredObject, IndexRow]:
    """Return an object with all that is derived from it.

    Raises:
        NotFound: no such object.
    """
    row = await tx.fetch_one(_GET_ALL, collection_id=collection_id, name=name)
    if row is None:
        raise NotFound(f"no such object: {name}")
    stored = object_of(row)
    meta = stored.meta
    return stored, IndexRow(
        uid=meta.uid,
        component=meta.component,
        starts_at=meta.starts_at,
        ends_at=meta.ends_at,
        exact=meta.exact,
        transparent=meta.transparent,
        classification=meta.classification,
        status=meta.status,
        title=meta.title,
        search=row[-1],
        schedule_tag=meta.schedule_tag,
        participation=meta.participation,
    )


def object_values(
    name: ResourceName,
    *,
    body: bytes,
    etag: ETag,
    content_type: str,
    index: IndexRow,
    now: int,
    dead_properties: Mapping[str, str] | None,
) -> dict[str, object]:
    """Return the columns of a row of ``object``, but for its collection and revisions; its number is a new one.

    Raises:
        TooLarge: the name or the media type is too long.
        MalformedInput: they are not text.
    """
    require_text("the name", name, NAME_MAX)
    require_text("the media type", content_type, _CONTENT_TYPE_MAX)
    return {
        "name": name,
        "uid": None if index.uid is None else plain(uid_key(index.uid)),
        "etag": etag,
        "size": len(body),
        "content_type": content_type,
        "deleted": 0,
        "has_dead_properties": None if dead_properties is None else int(bool(dead_properties)),
        "created_at": now,
        "modified_at": now,
        "component": index.component,
        "starts_at": index.starts_at,
        "ends_at": index.ends_at,
        "exact": int(index.exact),
        "transparent": int(index.transparent),
        "classification": index.classification,
        "status": index.status,
        "title": plain(index.title)[:_TITLE_MAX],
        "search": None if index.search is None else plain(index.search),
        "schedule_tag": index.schedule_tag,
        "participation": plain(index.participation)[:_PARTICIPATION_MAX],
        "oid": new_oid(),
    }


async def _write_row(tx: Transaction, row: dict[str, object], *, if_match: str | None, must_be_new: bool) -> _Effect:
    """Write a row of ``object``."""
    if not must_be_new:
        if if_match is None or if_match == ANY:
            overwritten = await tx.execute(_OVERWRITE, **row)
        else:
            overwritten = await tx.execute(_OVERWRITE_VERSION, **row, if_match=if_match)
        if overwritten:
            return _Effect.OVERWRITTEN
    fresh = row if row["has_dead_properties"] is not None else row | {"has_dead_properties": 0}
    if if_match is None and await insert_if_absent(tx, _INSERT, **fresh):
        return _Effect.CREATED
    return await _write_over(tx, row, fresh, if_match=if_match, must_be_new=must_be_new)


async def _write_over(
    tx: Transaction,
    row: dict[str, object],
    fresh: dict[str, object],
    *,
    if_match: str | None,
    must_be_new: bool,
) -> _Effect:
    """Write where a tombstone, another UID, or a failed condition stands in the way."""
    name = row["name"]
    present: ETag | None = None
    other: ResourceName | None = None
    buried = False
    component: str | None = None
    for found, deleted, etag, found_component in await tx.fetch_all(
        _IN_THE_WAY, collection_id=row["collection_id"], name=name, uid=row["uid"]
    ):
        if found != name:
            other = found
        elif deleted:
            buried = True
        else:
            present, component = etag, found_component
    if must_be_new and present is not None:
        raise PreconditionFailed(f"{name} exists already")
    if if_match is not None and (present is None or if_match not in (ANY, present)):
        raise PreconditionFailed(f"{name} is not at the expected version")
    if other is not None:
        raise UidConflict(other)
    replaced = component is not None and component != row["component"]
    if replaced:
        # An event that becomes a task is gone, and another object has its name: of each kind the right thing is told.
        place: dict[str, Any] = {"collection_id": row["collection_id"], "name": name}
        now: Any = row["modified_at"]
        await bury(tx, **place, if_match=None, revision=row["revision"], now=now)  # type: ignore[arg-type]
        row["revision"] = row["created_revision"] = await raise_revision(tx, place["collection_id"], now=now)
        row["oid"] = new_oid()
        fresh |= {"revision": row["revision"], "created_revision": row["revision"], "oid": row["oid"]}
        present, buried = None, True
    if present is None:
        if buried:
            # It still tells that what it was is gone: by its number, while its name is that of another object.
            await tx.execute(_UNNAME, collection_id=row["collection_id"], name=name)
        await tx.execute(_INSERT, **fresh)
        return _Effect.REPLACED if replaced else _Effect.CREATED
    await tx.execute(_REPLACE, **row)
    return _Effect.OVERWRITTEN
