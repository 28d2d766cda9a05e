"""What is taken once and soon: challenges of passkeys and tokens of recovery letters, by their digests."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.core.ids import PrincipalId
from folkmoot.database import Statement, Transaction
from folkmoot.database.schema import challenge
from folkmoot.store.columns import NAME_MAX, json_of, properties_of, require_text


@dataclass(frozen=True, slots=True)
class StoredChallenge:
    """One row; time in milliseconds since 1970 UTC."""

    purpose: str
    principal: PrincipalId  # empty: whoever answers
    properties: Mapping[str, object]
    expires_at: int


_THIS: Final = sa.and_(challenge.c.digest == bindparam("digest_"), challenge.c.purpose == bindparam("purpose_"))
_INSERT: Final = Statement(sa.insert(challenge))
_FIND: Final = Statement(
    sa.select(challenge.c.purpose, challenge.c.principal, challenge.c.properties, challenge.c.expires_at).where(
        _THIS, challenge.c.expires_at > bindparam("now_")
    )
)
_TAKE: Final = Statement(sa.delete(challenge).where(_THIS, challenge.c.expires_at > bindparam("now_")))
_REMOVE_OF: Final = Statement(
    sa.delete(challenge).where(
        challenge.c.principal == bindparam("principal_"), challenge.c.purpose == bindparam("purpose_")
    )
)
_EXPIRE: Final = Statement(sa.delete(challenge).where(challenge.c.expires_at <= bindparam("now_")))


async def add(tx: Transaction, digest: str, new: StoredChallenge, now: int) -> None:
    """Keep one, and forget those that have ended."""
    require_text("the principal", new.principal, NAME_MAX)
    await tx.execute(_EXPIRE, now_=now)
    await tx.execute(
        _INSERT,
        digest=digest,
        purpose=new.purpose,
        principal=new.principal,
        properties=json_of(new.properties),
        expires_at=new.expires_at,
    )


async def find(tx: Transaction, digest: str, purpose: str, now: int) -> StoredChallenge | None:
    """Return one that has neither been taken nor ended, and leave it."""
    row = await tx.fetch_one(_FIND, digest_=digest, purpose_=purpose, now_=now)
    return None if row is None else StoredChallenge(row[0], PrincipalId(row[1]), properties_of(row[2]), row[3])


async def take(tx: Transaction, digest: str, purpose: str, now: int) -> StoredChallenge | None:
    """Take one: of many who try at once, only one gets it."""
    found = await find(tx, digest, purpose, now)
    if found is None or not await tx.execute(_TAKE, digest_=digest, purpose_=purpose, now_=now):
        return None
    return found


async def remove_of(tx: Transaction, principal: PrincipalId, purpose: str) -> None:
    """Forget somebody's of a purpose."""
    await tx.execute(_REMOVE_OF, principal_=principal, purpose_=purpose)
