"""What has had its time, found and forgotten in small portions, so that no statement holds locks for long."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.core.ids import CollectionId, ResourceName
from folkmoot.database import Statement, Transaction
from folkmoot.database.dialect import within
from folkmoot.database.schema import collection, object_, session
from folkmoot.store import objects
from folkmoot.store.columns import LIVE
from folkmoot.store.records import Kind

PORTION: Final = 200  # rows of one statement
_BOXES: Final = (Kind.INBOX, Kind.EVENT_NOTICES)

_WITH_TOMBSTONES: Final = Statement(
    sa.select(collection.c.id)
    .where(
        collection.c.id > bindparam("after"),
        sa.exists().where(object_.c.collection_id == collection.c.id, object_.c.deleted == sa.literal_column("1")),
    )
    .order_by(collection.c.id)
    .limit(bindparam("most"))
)
_OLD_MESSAGES: Final = Statement(
    sa.select(object_.c.collection_id, object_.c.name)
    .select_from(object_.join(collection, collection.c.id == object_.c.collection_id))
    .where(within(collection.c.kind, "kinds"), LIVE, object_.c.created_at < bindparam("before"))
    .order_by(object_.c.collection_id)
    .limit(bindparam("most"))
)
_EXPIRED_SESSIONS: Final = Statement(
    sa.select(session.c.digest)
    .where(session.c.expires_at <= bindparam("now"))
    .order_by(session.c.expires_at)
    .limit(bindparam("most"))
)
_END_SESSIONS: Final = Statement(
    # Read again: it may have been prolonged since it was found.
    sa.delete(session).where(within(session.c.digest, "digests"), session.c.expires_at <= bindparam("now"))
)


async def with_tombstones(tx: Transaction, *, after: int) -> list[CollectionId]:
    """Return the next collections by id that remember deleted objects, at most ``PORTION``."""
    return [CollectionId(row[0]) for row in await tx.fetch_all(_WITH_TOMBSTONES, after=after, most=PORTION)]


async def old_messages(tx: Transaction, *, before: int) -> Sequence[tuple[CollectionId, ResourceName]]:
    """Return old messages in scheduling inboxes, and notices; at most ``PORTION``, each inbox's together."""
    rows = await tx.fetch_all(_OLD_MESSAGES, kinds=[kind.value for kind in _BOXES], before=before, most=PORTION)
    return [(CollectionId(row[0]), ResourceName(row[1])) for row in rows]


async def delete_messages(
    tx: Transaction, collection_id: CollectionId, names: Sequence[ResourceName], *, now: int
) -> int:
    """Take messages out of one inbox; return how many were still there."""
    present = await objects.get_many(tx, collection_id, names, bodies=False)
    for meta in present:
        await objects.delete(tx, collection_id, meta.name, if_match=None, now=now)
    return len(present)


async def end_expired_sessions(tx: Transaction, *, now: int) -> int:
    """Forget sessions that have expired, at most ``PORTION``; return how many."""
    rows = await tx.fetch_all(_EXPIRED_SESSIONS, now=now, most=PORTION)
    return await tx.execute(_END_SESSIONS, digests=[row[0] for row in rows], now=now) if rows else 0
