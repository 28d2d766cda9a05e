"""Sessions of browsers: found by the digest of the id that only the browser's cookie holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.core.ids import PrincipalId
from folkmoot.database import Statement, Transaction
from folkmoot.database.dialect import within
from folkmoot.database.schema import session
from folkmoot.store import person
from folkmoot.store.columns import NAME_MAX, json_of, properties_of, require_text

SESSIONS_MAX: Final = 100  # of one principal; the least recently used go first


@dataclass(frozen=True, slots=True)
class Session:
    """One session; times in milliseconds since 1970 UTC."""

    digest: str
    principal: PrincipalId
    properties: Mapping[str, object]
    created_at: int
    seen_at: int
    expires_at: int


_BY_DIGEST: Final = session.c.digest == bindparam("digest")
_FIND: Final = Statement(
    sa.select(
        session.c.digest,
        session.c.principal,
        session.c.properties,
        session.c.created_at,
        session.c.seen_at,
        session.c.expires_at,
    ).where(_BY_DIGEST, session.c.expires_at > bindparam("now"))
)
_OF: Final = Statement(
    sa.select(session.c.digest)
    .where(session.c.principal == bindparam("principal"))
    .order_by(session.c.seen_at.desc(), session.c.digest)
)
_INSERT: Final = Statement(sa.insert(session))
_LIST: Final = Statement(
    sa.select(
        session.c.digest,
        session.c.principal,
        session.c.properties,
        session.c.created_at,
        session.c.seen_at,
        session.c.expires_at,
    )
    .where(session.c.principal == bindparam("principal"), session.c.expires_at > bindparam("now"))
    .order_by(session.c.seen_at.desc(), session.c.digest)
)
_SET: Final = Statement(sa.update(session).where(_BY_DIGEST).values(properties=bindparam("written")))
_REMOVE_ONE: Final = Statement(sa.delete(session).where(_BY_DIGEST, session.c.principal == bindparam("principal")))
_REMOVE_OF: Final = Statement(
    sa.delete(session).where(session.c.principal == bindparam("principal"), session.c.digest != bindparam("but"))
)
_TOUCH: Final = Statement(
    sa.update(session)
    .where(_BY_DIGEST)
    .values(seen_at=bindparam("seen", type_=sa.BigInteger()), expires_at=bindparam("until", type_=sa.BigInteger()))
)
_WHOSE: Final = Statement(sa.select(session.c.principal).where(_BY_DIGEST))
_REMOVE_MANY: Final = Statement(sa.delete(session).where(within(session.c.digest, "digests")))


async def find(tx: Transaction, digest: str, now: int) -> Session | None:
    """Return a session that has not expired."""
    row = await tx.fetch_one(_FIND, digest=digest, now=now)
    if row is None:
        return None
    return Session(row[0], PrincipalId(row[1]), properties_of(row[2]), row[3], row[4], row[5])


async def add(tx: Transaction, new: Session) -> None:
    """Keep a new session; of a principal who has too many, the least recently used end.

    Raises:
        TooLarge: the principal's id is too long.
    """
    require_text("the principal", new.principal, NAME_MAX)
    present = [row[0] for row in await tx.fetch_all(_OF, principal=new.principal)]
    if len(present) >= SESSIONS_MAX:
        await tx.execute(_REMOVE_MANY, digests=present[SESSIONS_MAX - 1 :])
    await tx.execute(
        _INSERT,
        digest=new.digest,
        principal=new.principal,
        properties=json_of(new.properties),
        created_at=new.created_at,
        seen_at=new.seen_at,
        expires_at=new.expires_at,
    )


async def touch(tx: Transaction, digest: str, *, seen_at: int, expires_at: int) -> None:
    """Note that a session was used, and when it ends now."""
    await tx.execute(_TOUCH, digest=digest, seen=seen_at, until=expires_at)


async def list_of(tx: Transaction, principal: PrincipalId, now: int) -> list[Session]:
    """Return somebody's sessions that have not expired, the last used first."""
    rows = await tx.fetch_all(_LIST, principal=principal, now=now)
    return [Session(row[0], PrincipalId(row[1]), properties_of(row[2]), row[3], row[4], row[5]) for row in rows]


async def set_properties(tx: Transaction, digest: str, properties: Mapping[str, object]) -> None:
    """Write what is kept with a session."""
    await tx.execute(_SET, digest=digest, written=json_of(properties))


async def remove_one(tx: Transaction, principal: PrincipalId, digest: str, *, now: int) -> bool:
    """End a session of somebody's; say whether there was one."""
    removed = await tx.execute(_REMOVE_ONE, principal=principal, digest=digest) > 0
    if removed:
        await person.raise_(tx, principal, now)  # what it keeps open in any worker ends
    return removed


async def remove_of(tx: Transaction, principal: PrincipalId, *, but: str = "", now: int) -> int:
    """End all of somebody's sessions except ``but``, and return how many ended."""
    removed = await tx.execute(_REMOVE_OF, principal=principal, but=but)
    if removed:
        await person.raise_(tx, principal, now)
    return removed


async def remove(tx: Transaction, digest: str, *, now: int) -> bool:
    """End a session; say whether there was one."""
    row = await tx.fetch_one(_WHOSE, digest=digest)
    return row is not None and await remove_one(tx, PrincipalId(row[0]), digest, now=now)
