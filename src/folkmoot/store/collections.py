"""Collections in SQL, and the counter that every write raises."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.core.errors import Conflict, NotFound
from folkmoot.core.ids import CollectionId, PrincipalId, Revision
from folkmoot.database import DuplicateKey, Statement, Transaction
from folkmoot.database.dialect import raising, returning_id, within
from folkmoot.database.schema import (
    collection,
    collection_grant,
    object_,
    object_body,
    secret_link,
    share_invitation,
    subscription,
    web_calendar,
)
from folkmoot.store import person
from folkmoot.store.columns import (
    COLLECTION,
    NAME_MAX,
    collection_of,
    json_of,
    json_or_null,
    require_text,
)
from folkmoot.store.records import Collection, Kind

FIRST_REVISION: Final = Revision(1)
GONE: Final = Revision(2**62)  # what followers hear of a deleted collection: above any other revision

_ALONE: Final = frozenset({Kind.FILES, Kind.MAIL, Kind.PERSON})  # which nobody looks for after the first time

_PLACE: Final = (collection.c.owner == bindparam("owner"), collection.c.kind == bindparam("kind"))
_BY_ID: Final = collection.c.id == bindparam("id")
_BY: Final = bindparam("by", type_=sa.BigInteger())

_FIND: Final = Statement(sa.select(*COLLECTION).where(*_PLACE, collection.c.name == bindparam("name")))
_GET: Final = Statement(sa.select(*COLLECTION).where(_BY_ID))
_LIST_HOME: Final = Statement(sa.select(*COLLECTION).where(*_PLACE).order_by(collection.c.name))
_LIST_HOMES: Final = Statement(
    sa.select(*COLLECTION).where(within(collection.c.owner, "owners"), within(collection.c.kind, "kinds"))
)
_LIST_TREE: Final = Statement(
    sa.select(*COLLECTION)
    .where(
        *_PLACE,
        sa.or_(
            collection.c.name == bindparam("path"),
            sa.and_(collection.c.name >= bindparam("first"), collection.c.name < bindparam("after")),
        ),
    )
    .order_by(collection.c.name)
)
_CREATE: Final = Statement(
    lambda dialect: returning_id(
        dialect,
        sa.insert(collection).values(
            {column.name: bindparam(column.name) for column in collection.c if column.name != "id"}
        ),
        collection.c.id,
    )
)
_HOME_STATE: Final = Statement(
    sa.select(collection.c.id, collection.c.revision).where(*_PLACE).order_by(collection.c.id)
)
_DELETE_PARTS: Final = tuple(
    Statement(sa.delete(table).where(table.c.collection_id == bindparam("id")))
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
_DELETE: Final = Statement(sa.delete(collection).where(_BY_ID))


def _raising(**values: sa.BindParameter[Any]) -> Statement:
    update = sa.update(collection).where(_BY_ID).values(modified_at=bindparam("now"), **values)
    return Statement(lambda dialect: raising(dialect, update, collection.c.revision, _BY))


_RAISE: Final = _raising()
_SET_PROPERTIES: Final = _raising(properties=bindparam("properties"), dead_properties=bindparam("dead_properties"))
_RENAME: Final = _raising(name=bindparam("name"))


async def find(tx: Transaction, owner: PrincipalId, kind: Kind, name: str) -> Collection | None:
    """Return the collection of this name in a home."""
    row = await tx.fetch_one(_FIND, owner=owner, kind=kind.value, name=name)
    return None if row is None else collection_of(row)


async def get(tx: Transaction, collection_id: CollectionId) -> Collection:
    """Return a collection.

    Raises:
        NotFound: it is gone.
    """
    row = await tx.fetch_one(_GET, id=collection_id)
    if row is None:
        raise NotFound("no such collection")
    return collection_of(row)


async def list_home(tx: Transaction, owner: PrincipalId, kind: Kind) -> list[Collection]:
    """Return a home's collections of one kind, by name in code point order."""
    return [collection_of(row) for row in await tx.fetch_all(_LIST_HOME, owner=owner, kind=kind.value)]


async def list_homes(tx: Transaction, owners: Sequence[PrincipalId], kinds: Sequence[Kind]) -> list[Collection]:
    """Return the collections of some kinds in some homes, in no particular order."""
    rows = await tx.fetch_all(_LIST_HOMES, owners=list(owners), kinds=[kind.value for kind in kinds])
    return [collection_of(row) for row in rows]


async def list_owned_prefix(tx: Transaction, owner: PrincipalId, kind: Kind, path_prefix: str) -> list[Collection]:
    """Return the collection at a path and all below it, parents first."""
    rows = await tx.fetch_all(
        _LIST_TREE,
        owner=owner,
        kind=kind.value,
        path=path_prefix,
        first=path_prefix + "/",
        after=path_prefix + chr(ord("/") + 1),
    )
    return [collection_of(row) for row in rows]


async def create(
    tx: Transaction,
    owner: PrincipalId,
    kind: Kind,
    name: str,
    properties: Mapping[str, object],
    *,
    dead_properties: Mapping[str, str] | None = None,
    now: int,
    revision: Revision = FIRST_REVISION,
) -> Collection:
    """Create an empty collection; ``revision`` is above 1 where a history is taken over.

    Raises:
        Conflict: the name is taken.
        TooLarge: the name is too long.
    """
    require_text("the name", name, NAME_MAX)
    try:
        collection_id = await tx.insert(
            _CREATE,
            owner=owner,
            kind=kind.value,
            name=name,
            properties=json_of(properties),
            dead_properties=json_or_null(dead_properties or {}),
            revision=revision,
            history_start=revision,
            created_at=now,
            modified_at=now,
        )
    except DuplicateKey as duplicate:
        raise Conflict(f"{name} exists already") from duplicate
    if kind not in _ALONE:
        await person.raise_(tx, owner, now)  # who watches a home has to hear of what is new in it
    return Collection(
        id=CollectionId(collection_id),
        owner=owner,
        kind=kind,
        name=name,
        properties=dict(properties),
        dead_properties=dict(dead_properties or {}),
        revision=revision,
        history_start=revision,
        created_at=now,
        modified_at=now,
    )


async def set_properties(
    tx: Transaction,
    collection_id: CollectionId,
    *,
    properties: Mapping[str, object],
    dead_properties: Mapping[str, str],
    now: int,
) -> Revision:
    """Replace all properties of a collection; return its new revision.

    Raises:
        NotFound: the collection is gone.
    """
    return _raised(
        tx,
        collection_id,
        await tx.raise_counter(
            _SET_PROPERTIES,
            id=collection_id,
            by=1,
            now=now,
            properties=json_of(properties),
            dead_properties=json_or_null(dead_properties),
        ),
    )


async def rename(tx: Transaction, collection_id: CollectionId, new_name: str, now: int) -> Revision:
    """Give a collection another name in the same home; return its new revision.

    Raises:
        Conflict: the name is taken.
        NotFound: the collection is gone.
        TooLarge: the name is too long.
    """
    require_text("the name", new_name, NAME_MAX)
    try:
        raised = await tx.raise_counter(_RENAME, id=collection_id, by=1, now=now, name=new_name)
    except DuplicateKey as duplicate:
        raise Conflict(f"{new_name} exists already") from duplicate
    return _raised(tx, collection_id, raised)


async def delete(tx: Transaction, collection_id: CollectionId) -> None:
    """Delete a collection with its objects, grants, subscriptions and links; locks, which go by path, are the caller's.

    Raises:
        NotFound: it is gone already.
    """
    if await tx.execute(_DELETE, id=collection_id) == 0:
        raise NotFound("no such collection")
    for statement in _DELETE_PARTS:
        await tx.execute(statement, id=collection_id)
    tx.raised[collection_id] = GONE


async def raise_revision(tx: Transaction, collection_id: CollectionId, *, by: int = 1, now: int) -> Revision:
    """Raise a collection's revision, taking its row lock, and return the new one.

    The caller owns the ``by`` revisions that end with the returned one.

    Raises:
        NotFound: the collection is gone.
    """
    return _raised(tx, collection_id, await tx.raise_counter(_RAISE, id=collection_id, by=by, now=now))


async def home_ctag(tx: Transaction, owner: PrincipalId, kind: Kind) -> str:
    """Return a text that changes whenever a collection of the home changes, appears or vanishes."""
    state = await tx.fetch_all(_HOME_STATE, owner=owner, kind=kind.value)
    text = ",".join(f"{collection_id}:{revision}" for collection_id, revision in state)
    return blake2b(text.encode(), digest_size=12).hexdigest()


def _raised(tx: Transaction, collection_id: CollectionId, revision: int | None) -> Revision:
    if revision is None:
        raise NotFound("no such collection")
    tx.raised[collection_id] = revision
    return Revision(revision)
