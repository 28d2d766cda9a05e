"""The search texts of a whole collection, for services that keep them in memory by revision."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.core.ids import CollectionId, ResourceName
from folkmoot.database.schema import object_
from folkmoot.database.statement import Statement, Transaction
from folkmoot.store.columns import LIVE

_SEARCHES: Final = Statement(
    sa.select(object_.c.name, object_.c.search).where(object_.c.collection_id == bindparam("collection_id"), LIVE)
)


async def searches(tx: Transaction, collection_id: CollectionId) -> list[tuple[ResourceName, str | None]]:
    """Return name and search text of every live object."""
    return [(ResourceName(name), search) for name, search in await tx.fetch_all(_SEARCHES, collection_id=collection_id)]
