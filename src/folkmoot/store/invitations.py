"""Invitations to share a calendar, as CalendarServer's clients send and answer them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.core.ids import CollectionId, PrincipalId
from folkmoot.database import Row, Statement, Transaction
from folkmoot.database.dialect import upsert, within
from folkmoot.database.schema import share_invitation
from folkmoot.store.columns import NAME_MAX, length_of, require_text

SUMMARY_MAX: Final = length_of(share_invitation.c.summary)


@dataclass(frozen=True, slots=True)
class Invitation:
    """One person invited to one calendar."""

    collection_id: CollectionId
    principal: PrincipalId  # who is invited
    uid: str
    access: str  # read, read-write
    state: str  # noresponse, accepted, declined
    summary: str
    modified_at: int


_COLUMNS: Final = tuple(share_invitation.c)
_OF: Final = share_invitation.c.collection_id == bindparam("collection_id")
_WHO: Final = share_invitation.c.principal == bindparam("principal")

_OF_COLLECTIONS: Final = Statement(
    sa.select(*_COLUMNS).where(within(share_invitation.c.collection_id, "ids")).order_by(share_invitation.c.principal)
)
_GET: Final = Statement(sa.select(*_COLUMNS).where(_OF, _WHO))
_BY_UID: Final = Statement(
    sa.select(*_COLUMNS)
    .where(_WHO, share_invitation.c.uid == bindparam("uid"))
    .order_by(share_invitation.c.collection_id)
)
_SET: Final = Statement(lambda dialect: upsert(dialect, share_invitation))
_ANSWER: Final = Statement(
    sa.update(share_invitation).where(_OF, _WHO).values(state=bindparam("state"), modified_at=bindparam("now"))
)
_REMOVE: Final = Statement(sa.delete(share_invitation).where(_OF, _WHO))
_FORGET: Final = Statement(sa.delete(share_invitation).where(_WHO))


async def of(tx: Transaction, collection_ids: Sequence[CollectionId]) -> dict[CollectionId, list[Invitation]]:
    """Return the invitations to each of these collections, by principal; an entry for every collection."""
    found: dict[CollectionId, list[Invitation]] = {collection_id: [] for collection_id in collection_ids}
    if collection_ids:
        for row in await tx.fetch_all(_OF_COLLECTIONS, ids=list(collection_ids)):
            found[CollectionId(row[0])].append(_invitation(row))
    return found


async def get(tx: Transaction, collection_id: CollectionId, principal: PrincipalId) -> Invitation | None:
    """Return the invitation of one person to one collection."""
    row = await tx.fetch_one(_GET, collection_id=collection_id, principal=principal)
    return None if row is None else _invitation(row)


async def by_uid(tx: Transaction, principal: PrincipalId, uid: str) -> Invitation | None:
    """Return a person's invitation with this UID."""
    row = await tx.fetch_one(_BY_UID, principal=principal, uid=uid)
    return None if row is None else _invitation(row)


async def set_(tx: Transaction, invitation: Invitation) -> None:
    """Keep an invitation, in place of an older one of the same person to the same collection.

    Raises:
        TooLarge: the principal or the summary is too long.
    """
    require_text("the principal", invitation.principal, NAME_MAX)
    require_text("the summary", invitation.summary, SUMMARY_MAX)
    await tx.execute(
        _SET,
        collection_id=invitation.collection_id,
        principal=invitation.principal,
        uid=invitation.uid,
        access=invitation.access,
        state=invitation.state,
        summary=invitation.summary,
        modified_at=invitation.modified_at,
    )


async def answer(tx: Transaction, collection_id: CollectionId, principal: PrincipalId, state: str, now: int) -> bool:
    """Keep what somebody invited has answered; say whether there is such an invitation."""
    return await tx.execute(_ANSWER, collection_id=collection_id, principal=principal, state=state, now=now) > 0


async def remove(tx: Transaction, collection_id: CollectionId, principal: PrincipalId) -> bool:
    """Forget an invitation; say whether there was one."""
    return await tx.execute(_REMOVE, collection_id=collection_id, principal=principal) > 0


async def forget(tx: Transaction, principal: PrincipalId) -> None:
    """Forget all invitations of a principal, who is gone."""
    await tx.execute(_FORGET, principal=principal)


def _invitation(row: Row) -> Invitation:
    collection_id, principal, uid, access, state, summary, modified_at = row
    return Invitation(CollectionId(collection_id), PrincipalId(principal), uid, access, state, summary, modified_at)
