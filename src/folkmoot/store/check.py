"""Whether a database keeps the promises of this room."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.database import Database, Row, Statement, Transaction
from folkmoot.database.schema import (
    collection,
    collection_grant,
    object_,
    object_body,
    profile,
    secret_link,
    share_invitation,
    subscription,
    web_calendar,
)
from folkmoot.store.records import IMPORTED_ETAG_PREFIX, etag_of

PAGE: Final = 200  # rows with bodies held in memory at once

_COLLECTIONS: Final = Statement(
    sa.select(
        collection.c.id,
        collection.c.revision,
        collection.c.history_start,
        collection.c.properties,
        collection.c.dead_properties,
    )
    .where(collection.c.id > bindparam("after"))
    .order_by(collection.c.id)
    .limit(PAGE)
)
_OBJECTS: Final = Statement(
    sa.select(
        object_.c.name,
        object_.c.uid,
        object_.c.etag,
        object_.c.size,
        object_.c.revision,
        object_.c.deleted,
        object_.c.has_dead_properties,
        object_body.c.body,
        object_body.c.dead_properties,
    )
    .select_from(
        object_.outerjoin(
            object_body,
            sa.and_(object_body.c.collection_id == object_.c.collection_id, object_body.c.name == object_.c.name),
        )
    )
    .where(object_.c.collection_id == bindparam("id"), object_.c.name > bindparam("after"))
    .order_by(object_.c.name)
    .limit(PAGE)
)
_SHARED_REVISIONS: Final = Statement(
    sa.select(object_.c.collection_id, object_.c.revision)
    .group_by(object_.c.collection_id, object_.c.revision)
    .having(sa.func.count() > 1)
)
_PROFILES: Final = Statement(sa.select(profile.c.principal, profile.c.properties, profile.c.dead_properties))


def _orphans(table: sa.Table) -> Statement:
    return Statement(
        sa.select(table.c.collection_id)
        .where(~sa.exists().where(collection.c.id == table.c.collection_id))
        .group_by(table.c.collection_id)
    )


_ORPHANS: Final = tuple(
    (table.name, _orphans(table))
    for table in (
        object_,
        object_body,
        collection_grant,
        subscription,
        share_invitation,
        secret_link,
        web_calendar,
    )
)
_BODIES_ALONE: Final = Statement(
    sa.select(object_body.c.collection_id, object_body.c.name).where(
        ~sa.exists().where(object_.c.collection_id == object_body.c.collection_id, object_.c.name == object_body.c.name)
    )
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken promise."""

    place: str
    what: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


async def check_store(database: Database) -> list[Fault]:
    """Return all faults of a database that nobody writes to meanwhile; none for a sound one."""
    faults = await database.read(_whole_tables)
    after = 0
    while collections := await database.read(partial(_collections, after=after)):
        for row in collections:
            faults += _collection_faults(row)
            faults += await _object_faults(database, row)
        after = collections[-1][0]
    return faults


async def _collections(tx: Transaction, *, after: int) -> Sequence[Row]:
    return await tx.fetch_all(_COLLECTIONS, after=after)


async def _whole_tables(tx: Transaction) -> list[Fault]:
    faults = [
        Fault(f"{name} of collection {row[0]}", "the collection does not exist")
        for name, statement in _ORPHANS
        for row in await tx.fetch_all(statement)
    ]
    faults += [
        Fault(f"collection {row[0]}, {row[1]}", "a body without an object") for row in await tx.fetch_all(_BODIES_ALONE)
    ]
    faults += [
        Fault(f"collection {row[0]}", f"revision {row[1]} is on several rows")
        for row in await tx.fetch_all(_SHARED_REVISIONS)
    ]
    for principal, properties, dead_properties in await tx.fetch_all(_PROFILES):
        faults += _json_faults(f"profile {principal}", properties, dead_properties)
    return faults


def _collection_faults(row: Row) -> list[Fault]:
    place = f"collection {row[0]}"
    faults = _json_faults(place, row[3], row[4])
    if not 0 < row[2] <= row[1]:
        faults.append(Fault(place, f"history starts at {row[2]}, the revision is {row[1]}"))
    return faults


async def _object_faults(database: Database, of: Row) -> list[Fault]:
    faults: list[Fault] = []
    after = ""
    while rows := await _page(database, of[0], after):
        for row in rows:
            place = f"collection {of[0]}, {row[0]}"
            faults += [Fault(place, what) for what in _row_faults(row, revision=of[1])]
            faults += _json_faults(place, "{}", row[8])
        after = rows[-1][0]
    return faults


async def _page(database: Database, collection_id: int, after: str) -> Sequence[Row]:
    return await database.read(lambda tx: tx.fetch_all(_OBJECTS, id=collection_id, after=after))


def _row_faults(row: Row, *, revision: int) -> list[str]:
    _, uid, etag, size, row_revision, deleted, has_dead_properties, body, dead_properties = row
    faults = []
    if not 0 < row_revision <= revision:
        faults.append(f"revision {row_revision}, but the collection is at {revision}")
    if bool(has_dead_properties) != bool(dead_properties):
        faults.append("the mark for dead properties is wrong")
    if deleted:
        if body is not None:
            faults.append("a tombstone with a body")
        if uid is not None:
            faults.append("a tombstone with a UID")
    elif body is None:
        faults.append("no body")
    else:
        if len(body) != size:
            faults.append(f"{len(body)} octets, but {size} by its row")
        if not etag.startswith(IMPORTED_ETAG_PREFIX) and etag != etag_of(bytes(body)):
            faults.append("the ETag is not that of the body")
    return faults


def _json_faults(place: str, properties: str, dead_properties: str | None) -> list[Fault]:
    faults = []
    try:
        msgspec.json.decode(properties, type=dict[str, object])
    except msgspec.DecodeError:
        faults.append(Fault(place, "the properties are not a JSON object"))
    try:
        msgspec.json.decode(dead_properties or "{}", type=dict[str, str])
    except msgspec.DecodeError:
        faults.append(Fault(place, "the dead properties are not a JSON object of texts"))
    return faults
