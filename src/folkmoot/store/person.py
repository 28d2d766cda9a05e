"""What belongs to one person and has no collection of its own: a hidden collection whose revision rises with it.

Preferences, identities, filters, subscriptions, mail accounts, sessions, app passwords, which collections there are:
whoever writes one of them calls ``raise_`` in the same transaction.  No DAV home lists the collection.
"""

from typing import Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.core.ids import CollectionId, PrincipalId, Revision
from folkmoot.database import Statement, Transaction
from folkmoot.database.dialect import raising, upsert
from folkmoot.database.schema import collection
from folkmoot.store.columns import NAME_MAX, require_text
from folkmoot.store.records import Kind

NAME: Final = "0"  # of the collection
_NONE: Final = Revision(0)

_FIND: Final = Statement(
    sa.select(collection.c.id, collection.c.revision).where(
        collection.c.owner == bindparam("owner"),
        collection.c.kind == Kind.PERSON.value,
        collection.c.name == NAME,
    )
)
_RAISE: Final = Statement(
    lambda dialect: raising(
        dialect,
        sa.update(collection).where(collection.c.id == bindparam("id")).values(modified_at=bindparam("now")),
        collection.c.revision,
        bindparam("by", type_=sa.BigInteger()),
    )
)
# Whoever comes second finds the row of who came first, and raises it: nobody's transaction begins anew for this.
_MAKE: Final = Statement(
    lambda dialect: upsert(
        dialect,
        collection,
        lambda new: {
            "revision": collection.c.revision + sa.literal_column("1"),
            "modified_at": new["modified_at"],
        },
        ("owner", "kind", "name"),
    )
)


async def find(tx: Transaction, owner: PrincipalId) -> tuple[CollectionId, Revision] | None:
    """Return the number of somebody's collection and its revision, if there is one yet."""
    row = await tx.fetch_one(_FIND, owner=owner)
    return None if row is None else (CollectionId(row[0]), Revision(row[1]))


async def revision(tx: Transaction, owner: PrincipalId) -> Revision:
    """Return the revision of what belongs to a person; 0: nothing was ever written."""
    found = await find(tx, owner)
    return _NONE if found is None else found[1]


async def raise_(tx: Transaction, owner: PrincipalId, now: int) -> Revision:
    """Note that something of a person changes; ``now`` in milliseconds since 1970.

    Call it last in a unit of work: it holds the person's row until the end.
    """
    found = await find(tx, owner)
    if found is not None:
        raised = await tx.raise_counter(_RAISE, id=found[0], by=1, now=now)
        if raised is not None:
            tx.raised[found[0]] = raised
            return Revision(raised)
    return (await _make(tx, owner, now))[1]


async def get_or_make(tx: Transaction, owner: PrincipalId, now: int) -> tuple[CollectionId, Revision]:
    """Return the same as ``find``, and begin it if there is none."""
    return await find(tx, owner) or await _make(tx, owner, now)


async def _make(tx: Transaction, owner: PrincipalId, now: int) -> tuple[CollectionId, Revision]:
    require_text("the owner", owner, NAME_MAX)
    await tx.execute(
        _MAKE,
        owner=owner,
        kind=Kind.PERSON.value,
        name=NAME,
        properties="{}",
        dead_properties=None,
        revision=1,
        history_start=1,
        created_at=now,
        modified_at=now,
    )
    found = await find(tx, owner)
    if found is None:
        raise AssertionError("a row that was just written is gone")
    tx.raised[found[0]] = found[1]
    return found
