"""Who shows somebody else's collection in the own home, and how: name, colour, alarms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.core.ids import CollectionId, PrincipalId
from folkmoot.database import Statement, Transaction
from folkmoot.database.dialect import upsert, within
from folkmoot.database.schema import collection, subscription
from folkmoot.store.columns import COLLECTION, NAME_MAX, collection_of, json_of, properties_of, require_text
from folkmoot.store.records import Collection, Kind


@dataclass(frozen=True, slots=True)
class Subscription:
    """A collection that a principal has subscribed to, with the principal's own properties."""

    principal: PrincipalId
    collection: Collection
    properties: dict[str, object]  # JSON values, owned by services
    created_at: int


_COUNT: Final = len(COLLECTION)
_ROWS: Final = (
    sa.select(*COLLECTION, subscription.c.principal, subscription.c.properties, subscription.c.created_at)
    .select_from(subscription.join(collection, collection.c.id == subscription.c.collection_id))
    .order_by(collection.c.owner, collection.c.name)
)
_OF: Final = subscription.c.principal == bindparam("principal")
_ONE: Final = (_OF, subscription.c.collection_id == bindparam("collection_id"))
_KIND: Final = collection.c.kind == bindparam("kind")

_LIST: Final = Statement(_ROWS.where(_OF, _KIND))
_AT: Final = Statement(
    _ROWS.where(_OF, _KIND, within(collection.c.owner, "owners"), within(collection.c.name, "names"))
)
_OF_COLLECTIONS: Final = Statement(
    sa.select(subscription.c.collection_id, subscription.c.principal)
    .where(within(subscription.c.collection_id, "ids"))
    .order_by(subscription.c.collection_id, subscription.c.principal)
)
_STATE: Final = Statement(
    sa.select(collection.c.id, collection.c.revision, subscription.c.properties)
    .select_from(subscription.join(collection, collection.c.id == subscription.c.collection_id))
    .where(_OF, _KIND)
    .order_by(collection.c.id)
)
_GET: Final = Statement(sa.select(subscription.c.properties).where(*_ONE))
_SET: Final = Statement(lambda dialect: upsert(dialect, subscription))
_HOLD: Final = Statement(sa.update(subscription).where(*_ONE).values(created_at=subscription.c.created_at))
_CHANGE: Final = Statement(sa.update(subscription).where(*_ONE).values(properties=bindparam("properties")))
_REMOVE: Final = Statement(sa.delete(subscription).where(*_ONE))
_FORGET: Final = Statement(sa.delete(subscription).where(_OF))


async def list_(tx: Transaction, principal: PrincipalId, kind: Kind) -> list[Subscription]:
    """Return what a principal has subscribed to, by owner and name."""
    return [_subscription(row) for row in await tx.fetch_all(_LIST, principal=principal, kind=kind.value)]


async def at(
    tx: Transaction, principal: PrincipalId, kind: Kind, owners: Sequence[str], names: Sequence[str]
) -> list[Subscription]:
    """Return the subscriptions to collections of one of these names of one of these owners."""
    rows = await tx.fetch_all(_AT, principal=principal, kind=kind.value, owners=list(owners), names=list(names))
    return [_subscription(row) for row in rows]


async def state(tx: Transaction, principal: PrincipalId, kind: Kind) -> str:
    """Return a text that changes whenever a subscribed collection changes, or the way it is shown."""
    rows = await tx.fetch_all(_STATE, principal=principal, kind=kind.value)
    return ",".join(f"{collection_id}:{revision}:{properties}" for collection_id, revision, properties in rows)


async def subscribers(tx: Transaction, collection_ids: Sequence[CollectionId]) -> dict[CollectionId, list[PrincipalId]]:
    """Return who has subscribed to each of these collections; an entry for every collection."""
    found: dict[CollectionId, list[PrincipalId]] = {collection_id: [] for collection_id in collection_ids}
    if collection_ids:
        for collection_id, principal in await tx.fetch_all(_OF_COLLECTIONS, ids=list(collection_ids)):
            found[collection_id].append(PrincipalId(principal))
    return found


async def add(tx: Transaction, principal: PrincipalId, collection_id: CollectionId, now: int) -> bool:
    """Subscribe; say whether that is new.  What is there keeps its properties."""
    require_text("the principal", principal, NAME_MAX)
    if await tx.fetch_one(_GET, principal=principal, collection_id=collection_id) is not None:
        return False
    await tx.execute(_SET, principal=principal, collection_id=collection_id, properties="{}", created_at=now)
    return True


async def change(
    tx: Transaction, principal: PrincipalId, collection_id: CollectionId, patch: Mapping[str, object]
) -> Mapping[str, object] | None:
    """Set properties of a subscription, None removes one; return all of them, or None if there is no such one."""
    await tx.execute(_HOLD, principal=principal, collection_id=collection_id)
    row = await tx.fetch_one(_GET, principal=principal, collection_id=collection_id)
    if row is None:
        return None
    merged = {k: v for k, v in {**properties_of(row[0]), **patch}.items() if v is not None}
    await tx.execute(_CHANGE, principal=principal, collection_id=collection_id, properties=json_of(merged))
    return merged


async def remove(tx: Transaction, principal: PrincipalId, collection_id: CollectionId) -> bool:
    """End a subscription; say whether there was one."""
    return await tx.execute(_REMOVE, principal=principal, collection_id=collection_id) > 0


async def forget(tx: Transaction, principal: PrincipalId) -> None:
    """End all subscriptions of a principal, who is gone."""
    await tx.execute(_FORGET, principal=principal)


def _subscription(row: Sequence[object]) -> Subscription:
    principal, properties, created_at = row[_COUNT:]
    return Subscription(
        PrincipalId(str(principal)),
        collection_of(row[:_COUNT]),
        properties_of(None if properties is None else str(properties)),
        int(str(created_at)),
    )
