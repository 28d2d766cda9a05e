"""Finding many objects of a collection at once: by UID, and by search texts that services keep in memory."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.core.ids import CollectionId, ResourceName
from folkmoot.database.dialect import within
from folkmoot.database.schema import object_
from folkmoot.database.statement import Statement, Transaction
from folkmoot.store.columns import LIVE, META, meta_of
from folkmoot.store.reading import NAMES_MAX
from folkmoot.store.records import ObjectMeta, uid_key

_SEARCHES: Final = Statement(
    sa.select(object_.c.name, object_.c.search).where(object_.c.collection_id == bindparam("collection_id"), LIVE)
)

_BY_UID: Final = Statement(
    sa.select(*META).where(object_.c.collection_id == bindparam("collection_id"), LIVE, within(object_.c.uid, "uids"))
)


async def find_uids(tx: Transaction, collection_id: CollectionId, uids: Sequence[str]) -> dict[str, ObjectMeta]:
    """Return the live objects with these UIDs, by the key that stands for the UID (``uid_key``)."""
    keys = [uid_key(uid) for uid in uids]
    found: dict[str, ObjectMeta] = {}
    for start in range(0, len(keys), NAMES_MAX):
        rows = await tx.fetch_all(_BY_UID, collection_id=collection_id, uids=keys[start : start + NAMES_MAX])
        found |= {meta.uid: meta for meta in map(meta_of, rows) if meta.uid is not None}
    return found


async def searches(tx: Transaction, collection_id: CollectionId) -> list[tuple[ResourceName, str | None]]:
    """Return name and search text of every live object."""
    return [(ResourceName(name), search) for name, search in await tx.fetch_all(_SEARCHES, collection_id=collection_id)]
