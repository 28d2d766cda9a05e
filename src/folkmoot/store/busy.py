"""What free-busy reads: the objects of many calendars that may take time, in one statement."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import bindparam

from folkmoot.core.ids import CollectionId, PrincipalId, ResourceName, Revision
from folkmoot.database import Statement, Transaction
from folkmoot.database.dialect import within
from folkmoot.database.schema import collection, object_, object_body, subscription
from folkmoot.store.columns import COLLECTION, LIVE, collection_of, properties_of
from folkmoot.store.records import Collection, Kind


class BusyRow(Struct, frozen=True):
    """An object that may take time; the body only where the other columns do not say when."""

    collection_id: CollectionId
    name: ResourceName
    uid: str
    revision: Revision
    starts_at: int | None
    ends_at: int | None
    classification: int
    status: str
    participation: str
    body: bytes | None


_VARIES: Final = "VARIES"
_NEEDS_BODY: Final = sa.or_(object_.c.exact == sa.literal_column("0"), object_.c.participation == _VARIES)
_ROWS: Final = Statement(
    sa.select(
        object_.c.collection_id,
        object_.c.name,
        object_.c.uid,
        object_.c.revision,
        object_.c.starts_at,
        object_.c.ends_at,
        object_.c.classification,
        object_.c.status,
        object_.c.participation,
        object_body.c.body,
    )
    .select_from(
        object_.outerjoin(
            object_body,
            sa.and_(
                _NEEDS_BODY,
                object_body.c.collection_id == object_.c.collection_id,
                object_body.c.name == object_.c.name,
            ),
        )
    )
    .where(
        within(object_.c.collection_id, "collection_ids"),
        LIVE,
        sa.or_(object_.c.component == "VEVENT", object_.c.component == "VFREEBUSY"),
        sa.or_(object_.c.exact == sa.literal_column("0"), object_.c.transparent == sa.literal_column("0")),
        sa.or_(object_.c.ends_at.is_(None), object_.c.ends_at > bindparam("start")),
        sa.or_(object_.c.starts_at.is_(None), object_.c.starts_at < bindparam("end")),
    )
)
_HOMES: Final = Statement(
    sa.select(*COLLECTION)
    .where(within(collection.c.owner, "owners"), collection.c.kind == Kind.CALENDAR.value)
    .order_by(collection.c.id)
)
_SUBSCRIBED: Final = Statement(
    sa.select(subscription.c.principal, subscription.c.properties, *COLLECTION)
    .select_from(subscription.join(collection, collection.c.id == subscription.c.collection_id))
    .where(within(subscription.c.principal, "principals"), collection.c.kind == Kind.CALENDAR.value)
    .order_by(collection.c.id)
)


async def rows(tx: Transaction, collection_ids: Sequence[CollectionId], start: int, end: int) -> list[BusyRow]:
    """Return the events and free-busy objects that may take time in ``[start, end)``, seconds since 1970.

    Candidates, in no particular order: what recurs may have no occurrence there.
    """
    if not collection_ids:
        return []
    found = await tx.fetch_all(_ROWS, collection_ids=list(collection_ids), start=start, end=end)
    return [BusyRow(*row) for row in found]


async def calendars(tx: Transaction, owners: Sequence[PrincipalId]) -> list[Collection]:
    """Return the calendars of many people."""
    if not owners:
        return []
    return [collection_of(row) for row in await tx.fetch_all(_HOMES, owners=list(owners))]


async def subscribed(
    tx: Transaction, principals: Sequence[PrincipalId]
) -> list[tuple[PrincipalId, dict[str, object], Collection]]:
    """Return the calendars that people have subscribed to, with what each has set on it."""
    if not principals:
        return []
    found = await tx.fetch_all(_SUBSCRIBED, principals=list(principals))
    return [(PrincipalId(row[0]), properties_of(row[1]), collection_of(row[2:])) for row in found]
