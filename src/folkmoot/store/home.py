"""All collections of one kind in a home at once: objects by number, by time, and what happened since."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.core.ids import CollectionId, ObjectId, PrincipalId, Revision
from folkmoot.database import Row, Statement, Transaction
from folkmoot.database.dialect import within
from folkmoot.database.schema import collection, object_, object_body
from folkmoot.store.columns import BODY, COLLECTION, LIVE, META, META_COUNT, collection_of, meta_of, object_of
from folkmoot.store.reading import NAMES_MAX, change_of
from folkmoot.store.records import Change, Collection, Kind, ObjectMeta, StoredObject

MARKS: Final = 16  # collections whose changes one statement reads, each since a revision of its own

_JOINED: Final = collection.join(object_, object_.c.collection_id == collection.c.id)
_BODIES: Final = sa.and_(object_body.c.collection_id == object_.c.collection_id, object_body.c.name == object_.c.name)
_NUMBERED: Final = Statement(
    sa.select(*COLLECTION, *META, *BODY)
    .select_from(_JOINED.join(object_body, _BODIES))
    .where(
        collection.c.owner == bindparam("owner"),
        collection.c.kind == bindparam("kind"),
        within(object_.c.oid, "oids"),
        LIVE,
    )
)
_SINCE: Final = Statement(
    sa.select(object_.c.collection_id, object_.c.deleted, *META)
    .where(
        sa.or_(
            *(
                sa.and_(
                    object_.c.collection_id == bindparam(f"id{number}"),
                    object_.c.revision > bindparam(f"since{number}"),
                    object_.c.revision <= bindparam(f"until{number}"),
                )
                for number in range(MARKS)
            )
        ),
        within(object_.c.component, "components"),
    )
    .order_by(object_.c.collection_id, object_.c.revision)
    .limit(bindparam("limit"))
)
_LIVES: Final = Statement(
    sa.select(object_.c.collection_id, object_.c.deleted, *META).where(
        within(object_.c.collection_id, "ids"), within(object_.c.oid, "oids")
    )
)
_RANGES: Final = {
    bodies: Statement(
        sa.select(object_.c.collection_id, *META, *(BODY if bodies else ()))
        .select_from(object_.join(object_body, _BODIES) if bodies else object_)
        .where(
            within(object_.c.collection_id, "ids"),
            LIVE,
            within(object_.c.component, "components"),
            sa.or_(object_.c.ends_at.is_(None), object_.c.ends_at >= bindparam("start")),
            sa.or_(object_.c.starts_at.is_(None), object_.c.starts_at < bindparam("end")),
        )
    )
    for bodies in (False, True)
}
_EVER: Final = 2**62  # seconds, either way


async def numbered(
    tx: Transaction, owner: PrincipalId, kind: Kind, oids: Iterable[ObjectId]
) -> list[tuple[Collection, StoredObject]]:
    """Return those of a home's objects of one kind that have these numbers, with bodies."""
    found: list[tuple[Collection, StoredObject]] = []
    for chunk in _chunks(oids):
        rows = await tx.fetch_all(_NUMBERED, owner=owner, kind=kind.value, oids=chunk)
        found += [(collection_of(row), object_of(row[len(COLLECTION) :])) for row in rows]
    return found


async def changes(
    tx: Transaction,
    marks: Sequence[tuple[CollectionId, Revision, Revision]],
    components: Sequence[str],
    limit: int,
) -> list[tuple[CollectionId, Change]]:
    """Return what happened in collections, each after its first revision and up to its second, by id and revision.

    Told are all lives that ended and all objects that are there: one that came back, or whose name another has
    taken, is told with each of its lives.
    """
    found: list[tuple[CollectionId, Change]] = []
    ordered = sorted(marks)
    for start in range(0, len(ordered), MARKS):
        if len(found) >= limit:
            break
        chunk = ordered[start : start + MARKS]
        chunk += [(CollectionId(0), Revision(0), Revision(0))] * (MARKS - len(chunk))
        places = {
            f"{name}{number}": value
            for number, mark in enumerate(chunk)
            for name, value in zip(("id", "since", "until"), mark, strict=True)
        }
        rows = await tx.fetch_all(_SINCE, **places, components=list(components), limit=limit - len(found))
        found += map(_step, rows)
    return found


async def lives(
    tx: Transaction, ids: Sequence[CollectionId], oids: Iterable[ObjectId]
) -> list[tuple[CollectionId, Change]]:
    """Return all lives of the objects with these numbers in these collections, also those that ended."""
    found: list[tuple[CollectionId, Change]] = []
    for chunk in _chunks(oids):
        for part in _chunks(ids):
            found += map(_step, await tx.fetch_all(_LIVES, ids=part, oids=chunk))
    return found


async def listed(
    tx: Transaction, ids: Sequence[CollectionId], components: Sequence[str], *, start: int | None, end: int | None
) -> list[tuple[CollectionId, ObjectMeta]]:
    """Return the objects of collections that may be in ``[start, end)``, seconds since 1970; ``None`` is unbounded."""
    return [
        (CollectionId(row[0]), meta_of(row[1:])) for row in await _range(tx, ids, components, start, end, bodies=False)
    ]


async def whole(
    tx: Transaction, ids: Sequence[CollectionId], components: Sequence[str], *, start: int | None, end: int | None
) -> list[tuple[CollectionId, StoredObject]]:
    """Return the same as ``listed``, with bodies."""
    return [
        (CollectionId(row[0]), object_of(row[1:])) for row in await _range(tx, ids, components, start, end, bodies=True)
    ]


async def _range(
    tx: Transaction,
    ids: Sequence[CollectionId],
    components: Sequence[str],
    start: int | None,
    end: int | None,
    *,
    bodies: bool,
) -> list[Row]:
    found: list[Row] = []
    for chunk in _chunks(ids):
        found += await tx.fetch_all(
            _RANGES[bodies],
            ids=chunk,
            components=list(components),
            start=-_EVER if start is None else start,
            end=_EVER if end is None else end,
        )
    return found


def _step(row: Row) -> tuple[CollectionId, Change]:
    return CollectionId(row[0]), change_of(meta_of(row[2 : 2 + META_COUNT]), deleted=bool(row[1]))


def _chunks(items: Iterable[Any]) -> Iterable[list[Any]]:
    unique = list(dict.fromkeys(items))
    for start in range(0, len(unique), NAMES_MAX):
        yield unique[start : start + NAMES_MAX]
