"""One meeting in many homes: its copies found, locked and written in few statements whatever their number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.core.errors import PreconditionFailed
from folkmoot.core.ids import CollectionId, ETag, ObjectId, PrincipalId, ResourceName, Revision
from folkmoot.database import Statement, Transaction
from folkmoot.database.dialect import within
from folkmoot.database.schema import collection, object_, object_body
from folkmoot.store.columns import BODY, COLLECTION, LIVE, META, NAMELESS, collection_of, meta_of, object_of
from folkmoot.store.reading import NAMES_MAX
from folkmoot.store.records import Collection, IndexRow, Kind, ObjectMeta, StoredObject, etag_of, uid_key
from folkmoot.store.writing import BURIED, object_values

_HOMES: Final = Statement(
    sa.select(*COLLECTION)
    .where(within(collection.c.owner, "owners"), within(collection.c.kind, "kinds"))
    .order_by(collection.c.id)
)
_COPIES: Final = Statement(
    sa.select(*COLLECTION, *META, *BODY)
    .select_from(
        collection.join(object_, object_.c.collection_id == collection.c.id).join(
            object_body,
            sa.and_(object_body.c.collection_id == object_.c.collection_id, object_body.c.name == object_.c.name),
        )
    )
    .where(
        within(collection.c.owner, "owners"),
        collection.c.kind == bindparam("kind"),
        object_.c.uid == bindparam("uid"),
        LIVE,
    )
    .order_by(collection.c.id)
)
_HOLD: Final = Statement(
    sa.select(collection.c.id, collection.c.revision)
    .where(within(collection.c.id, "ids"))
    .order_by(collection.c.id)
    .with_for_update()  # SQLite, which has one writer at a time, is not told
)
_RAISE: Final = Statement(
    sa.update(collection)
    .where(within(collection.c.id, "ids"))
    .values(
        revision=collection.c.revision + bindparam("by", type_=sa.BigInteger()),
        modified_at=bindparam("now", type_=sa.BigInteger()),
    )
)
_PRESENT: Final = Statement(
    sa.select(
        object_.c.collection_id, object_.c.name, object_.c.uid, object_.c.etag, object_.c.deleted, object_.c.created_at
    ).where(
        within(object_.c.collection_id, "ids"),
        sa.or_(within(object_.c.name, "names"), object_.c.uid == bindparam("uid")),
    )
)
_THIS: Final = (object_.c.collection_id == bindparam("of"), object_.c.name == bindparam("named"))
_BODY_OF: Final = (object_body.c.collection_id == bindparam("of"), object_body.c.name == bindparam("named"))
_KEPT: Final = ("collection_id", "name", "uid", "created_at", "has_dead_properties", "oid", "created_revision")
_OVERWRITE: Final = Statement(
    sa.update(object_)
    .where(*_THIS)
    .values({column.name: bindparam(column.name) for column in object_.c if column.name not in _KEPT})
)
_SET_BODY: Final = Statement(sa.update(object_body).where(*_BODY_OF).values(body=bindparam("body")))
_UNNAME: Final = Statement(
    sa.update(object_).where(*_THIS, object_.c.deleted == sa.literal_column("1")).values(name=NAMELESS)
)
_BURY: Final = Statement(sa.update(object_).where(*_THIS).values(BURIED))
_DELETE_BODY: Final = Statement(sa.delete(object_body).where(*_BODY_OF))
_INSERT: Final = Statement(sa.insert(object_))
_INSERT_BODY: Final = Statement(sa.insert(object_body))
_TAKEN: Final = Statement(
    sa.select(object_.c.collection_id).where(
        within(object_.c.collection_id, "ids"), object_.c.name == bindparam("name"), LIVE
    )
)
_IN_RANGE: Final = Statement(
    sa.select(object_.c.collection_id, *META).where(
        within(object_.c.collection_id, "ids"),
        LIVE,
        object_.c.component == bindparam("component"),
        sa.or_(object_.c.ends_at.is_(None), object_.c.ends_at > bindparam("start")),
        sa.or_(object_.c.starts_at.is_(None), object_.c.starts_at < bindparam("end")),
    )
)
_BODIES: Final = Statement(
    sa.select(object_body.c.collection_id, object_body.c.name, object_body.c.body).where(
        within(object_body.c.collection_id, "ids"), within(object_body.c.name, "names")
    )
)

_NOTHING: Final = IndexRow()


@dataclass(frozen=True, slots=True)
class Copy:
    """One person's copy of a meeting."""

    collection: Collection
    stored: StoredObject


@dataclass(frozen=True, slots=True)
class Filing:
    """A write on an object of a held collection."""

    collection: CollectionId
    name: ResourceName
    present: ETag | None  # the version it replaces or deletes; None: there is none yet
    body: bytes | None  # None: the object goes
    content_type: str = ""
    index: IndexRow = _NOTHING
    oid: ObjectId | None = None  # of one that is new


async def homes(tx: Transaction, owners: Iterable[PrincipalId]) -> dict[PrincipalId, list[Collection]]:
    """Return the calendars and inboxes of each of these principals, oldest first; an entry for everyone."""
    found: dict[PrincipalId, list[Collection]] = {owner: [] for owner in owners}
    kinds = [Kind.CALENDAR.value, Kind.INBOX.value]
    for chunk in _chunks(list(found)):
        for row in await tx.fetch_all(_HOMES, owners=chunk, kinds=kinds):
            one = collection_of(row)
            found[one.owner].append(one)
    return found


async def copies(tx: Transaction, owners: Iterable[PrincipalId], uid: str) -> list[Copy]:
    """Return the calendar objects with this UID in all calendars of these principals, by collection."""
    found: list[Copy] = []
    for chunk in _chunks(list(dict.fromkeys(owners))):
        rows = await tx.fetch_all(_COPIES, owners=chunk, kind=Kind.CALENDAR.value, uid=uid_key(uid))
        found += [Copy(collection_of(row), object_of(row[len(COLLECTION) :])) for row in rows]
    return found


async def taken(tx: Transaction, ids: Iterable[CollectionId], name: ResourceName) -> set[CollectionId]:
    """Return those of the collections that have an object of this name."""
    found: set[CollectionId] = set()
    for chunk in _chunks(sorted(set(ids))):
        found |= {CollectionId(row[0]) for row in await tx.fetch_all(_TAKEN, ids=chunk, name=name)}
    return found


async def hold(tx: Transaction, ids: Iterable[CollectionId]) -> dict[CollectionId, Revision]:
    """Take the row locks of these collections, by rising id so that no two holders wait for each other.

    What is read of them afterwards stays as it is; a collection without an entry is gone.
    """
    held: dict[CollectionId, Revision] = {}
    for chunk in _chunks(sorted(set(ids))):
        held |= {CollectionId(row[0]): Revision(row[1]) for row in await tx.fetch_all(_HOLD, ids=chunk)}
    return held


async def write(
    tx: Transaction, filings: Sequence[Filing], held: dict[CollectionId, Revision], *, uid: str, now: int
) -> None:
    """Create, overwrite and delete objects of held collections; each gets a revision of its own.

    ``uid`` is that of all new calendar objects.

    Raises:
        PreconditionFailed: a collection is gone, or an object is not at the version that was read.
        TooLarge: a name is too long.
    """
    for start in range(0, len(filings), NAMES_MAX):
        await _write(tx, filings[start : start + NAMES_MAX], held, uid=uid, now=now)


async def _write(
    tx: Transaction, filings: Sequence[Filing], held: dict[CollectionId, Revision], *, uid: str, now: int
) -> None:
    await _check_present(tx, filings, uid)
    steps: dict[CollectionId, int] = {}
    overwritten: list[dict[str, object]] = []
    taken: list[dict[str, object]] = []
    inserted: list[dict[str, object]] = []
    bodies: list[dict[str, object]] = []
    set_bodies: list[dict[str, object]] = []
    gone: list[dict[str, object]] = []
    for filing in filings:
        if filing.collection not in held:
            raise PreconditionFailed("a calendar of the meeting is gone")
        steps[filing.collection] = steps.get(filing.collection, 0) + 1
        revision = held[filing.collection] + steps[filing.collection]
        this: dict[str, object] = {"of": filing.collection, "named": filing.name}
        if filing.body is None:
            if filing.present is not None:
                gone.append(this | {"revision": revision, "now": now})
            continue
        row = _values(filing, filing.body, revision, now)
        if filing.present is None:
            taken.append(this)
            inserted.append(row)
            bodies.append({"collection_id": row["collection_id"], "name": filing.name, "body": filing.body} | _NO_DEAD)
        else:
            overwritten.append(row | this)
            set_bodies.append(this | {"body": filing.body})
    for by in sorted(set(steps.values())):
        await tx.execute(_RAISE, ids=sorted(one for one, count in steps.items() if count == by), by=by, now=now)
    for one, count in steps.items():
        held[one] = Revision(held[one] + count)
        tx.raised[one] = held[one]
    await tx.execute_many(_UNNAME, taken)
    await tx.execute_many(_BURY, gone)
    await tx.execute_many(_DELETE_BODY, [{"of": one["of"], "named": one["named"]} for one in gone])
    await tx.execute_many(_INSERT, inserted)
    await tx.execute_many(_INSERT_BODY, bodies)
    await tx.execute_many(_OVERWRITE, overwritten)
    await tx.execute_many(_SET_BODY, set_bodies)


_NO_DEAD: Final[dict[str, object]] = {"dead_properties": None}


def _values(filing: Filing, body: bytes, revision: int, now: int) -> dict[str, object]:
    row = object_values(
        filing.name,
        body=body,
        etag=etag_of(body),
        content_type=filing.content_type,
        index=filing.index,
        now=now,
        dead_properties={},
    )
    row |= {"collection_id": filing.collection, "revision": revision, "created_revision": revision}
    return row if filing.oid is None else row | {"oid": filing.oid}


async def _check_present(tx: Transaction, filings: Sequence[Filing], uid: str) -> None:
    ids = sorted({filing.collection for filing in filings})
    names = sorted({filing.name for filing in filings})
    present: dict[tuple[int, str], str] = {}
    taken: dict[int, str] = {}
    for collection_id, name, own_uid, etag, deleted, _ in await tx.fetch_all(
        _PRESENT, ids=ids, names=names, uid=uid_key(uid)
    ):
        if not deleted:
            present[collection_id, name] = etag
            if own_uid is not None and own_uid == uid_key(uid):
                taken[collection_id] = name
    for filing in filings:
        etag = present.get((filing.collection, filing.name))
        of_uid = filing.index.uid is not None and taken.get(filing.collection, filing.name) != filing.name
        if etag != filing.present or of_uid:
            raise PreconditionFailed("another writer came first")


async def in_range(
    tx: Transaction, ids: Sequence[CollectionId], *, component: str, start: int, end: int
) -> list[tuple[CollectionId, ObjectMeta]]:
    """Return the objects of these collections that may have an occurrence in ``[start, end)``, seconds since 1970."""
    found: list[tuple[CollectionId, ObjectMeta]] = []
    for chunk in _chunks(list(ids)):
        rows = await tx.fetch_all(_IN_RANGE, ids=chunk, component=component, start=start, end=end)
        found += [(CollectionId(row[0]), meta_of(row[1:])) for row in rows]
    return found


async def bodies_of(
    tx: Transaction, objects: Sequence[tuple[CollectionId, ResourceName]]
) -> dict[tuple[CollectionId, ResourceName], bytes]:
    """Return the bodies of these objects."""
    wanted = set(objects)
    found: dict[tuple[CollectionId, ResourceName], bytes] = {}
    for chunk in _chunks(list(objects)):
        ids, names = sorted({one for one, _ in chunk}), sorted({name for _, name in chunk})
        for collection_id, name, body in await tx.fetch_all(_BODIES, ids=ids, names=names):
            if (collection_id, name) in wanted:
                found[CollectionId(collection_id), ResourceName(name)] = body
    return found


def _chunks(items: Sequence[Any]) -> Iterable[list[Any]]:
    for start in range(0, len(items), NAMES_MAX):
        yield list(items[start : start + NAMES_MAX])
