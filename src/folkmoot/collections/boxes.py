"""Boxes: collections into which the server puts small documents, for their owner to read and take away."""

from typing import Final

from folkmoot.collections.access import Raced
from folkmoot.core.errors import Conflict
from folkmoot.core.ids import PrincipalId, ResourceName
from folkmoot.database.statement import Transaction
from folkmoot.store import collections, objects
from folkmoot.store.records import IndexRow, Kind, etag_of

NAME: Final = ""  # of the one collection of a kind in each home
WAITING_MAX: Final = 500  # documents in one box; most clients never look


async def put(
    tx: Transaction,
    owner: PrincipalId,
    kind: Kind,
    name: ResourceName,
    row: IndexRow,
    content_type: str,
    body: bytes,
    now: int,
) -> None:
    """Put a document into its owner's box; where too many wait already, the oldest goes.

    Raises:
        Raced: the box is being made at this moment; the unit of work is to run again.
    """
    collection = await collections.find(tx, owner, kind, NAME)
    if collection is None:
        try:
            collection = await collections.create(tx, owner, kind, NAME, {}, now=now)
        except Conflict as taken:
            raise Raced("the box is being made") from taken
    elif await objects.count(tx, collection.id) >= WAITING_MAX:
        # Neither may a full box stand in the way of what it tells of, nor can people fill it for each other.
        oldest = min(await objects.list_(tx, collection.id), key=lambda meta: meta.created_at)
        await objects.delete(tx, collection.id, oldest.name, if_match=None, now=now)
    await objects.put(
        tx,
        collection.id,
        name,
        body=body,
        etag=etag_of(body),
        content_type=content_type,
        index=row,
        now=now,
        if_match=None,
        must_be_new=True,
    )
