"""WebDAV write locks (RFC 4918 sections 6 and 7), by path below a home."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.core.errors import NotFound
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Row, Statement, Transaction
from folkmoot.database.schema import lock
from folkmoot.store import profiles
from folkmoot.store.columns import length_of, require_text
from folkmoot.store.records import Lock, LockedPath

PATH_MAX: Final = length_of(lock.c.path)

_COLUMNS: Final = (
    lock.c.token,
    lock.c.owner,
    lock.c.path,
    lock.c.infinite,
    lock.c.exclusive,
    lock.c.principal,
    lock.c.owner_xml,
    lock.c.expires_at,
)
_LIVE: Final = lock.c.expires_at > bindparam("now")
_OF: Final = lock.c.owner == bindparam("owner")
_TOKEN: Final = lock.c.token == bindparam("token")

_LIST: Final = Statement(sa.select(*_COLUMNS).where(_OF, _LIVE).order_by(lock.c.path, lock.c.token))
_INSERT: Final = Statement(sa.insert(lock))
_REFRESH: Final = Statement(sa.update(lock).where(_OF, _TOKEN, _LIVE).values(expires_at=bindparam("expires_at")))
_RELEASE: Final = Statement(sa.delete(lock).where(_OF, _TOKEN))
_DROP_BELOW: Final = Statement(
    sa.delete(lock).where(
        _OF,
        sa.or_(
            lock.c.path == bindparam("path"),
            sa.and_(lock.c.path >= bindparam("first"), lock.c.path < bindparam("after")),
        ),
    )
)
_EXPIRE_OF: Final = Statement(sa.delete(lock).where(_OF, lock.c.expires_at <= bindparam("now")))
_EXPIRE: Final = Statement(sa.delete(lock).where(lock.c.expires_at <= bindparam("now")))


async def list_(tx: Transaction, owner: PrincipalId, now: int) -> list[Lock]:
    """Return the live locks in a home, by path."""
    return [_lock_of(row) for row in await tx.fetch_all(_LIST, owner=owner, now=now)]


async def take(tx: Transaction, lock_: Lock, now: int) -> None:
    """Take a lock, unless another one that covers some of the same paths excludes it.

    Raises:
        LockedPath: one of the two is exclusive (RFC 4918 section 6.2).
        TooLarge: the path is too long.
    """
    require_text("the path", lock_.path, PATH_MAX)
    require_text("the lock's owner", lock_.owner_xml, len(lock_.owner_xml))
    await profiles.hold(tx, lock_.owner)  # one taker a home at a time
    await tx.execute(_EXPIRE_OF, owner=lock_.owner, now=now)
    for other in await list_(tx, lock_.owner, now):
        if (lock_.exclusive or other.exclusive) and _overlap(lock_, other):
            raise LockedPath(other.path)
    await tx.execute(
        _INSERT,
        token=lock_.token,
        owner=lock_.owner,
        path=lock_.path,
        infinite=int(lock_.infinite),
        exclusive=int(lock_.exclusive),
        principal=lock_.principal,
        owner_xml=lock_.owner_xml,
        expires_at=lock_.expires_at,
    )


async def refresh(tx: Transaction, owner: PrincipalId, token: str, *, expires_at: int, now: int) -> None:
    """Prolong a live lock.

    Raises:
        NotFound: no such lock, or it has expired.
    """
    if not await tx.execute(_REFRESH, owner=owner, token=token, expires_at=expires_at, now=now):
        raise NotFound("no such lock")


async def release(tx: Transaction, owner: PrincipalId, token: str) -> None:
    """Remove a lock.

    Raises:
        NotFound: no such lock.
    """
    if not await tx.execute(_RELEASE, owner=owner, token=token):
        raise NotFound("no such lock")


async def drop_below(tx: Transaction, owner: PrincipalId, path: str) -> None:
    """Remove the locks on a path and below it, as when it is deleted or moved (RFC 4918 sections 9.6, 7.5)."""
    await tx.execute(_DROP_BELOW, owner=owner, path=path, first=path + "/", after=path + chr(ord("/") + 1))


async def delete_expired(tx: Transaction, now: int) -> int:
    """Remove all expired locks and return how many."""
    return await tx.execute(_EXPIRE, now=now)


def _overlap(one: Lock, other: Lock) -> bool:
    return one.path == other.path or _covers(one, other.path) or _covers(other, one.path)


def _covers(lock_: Lock, path: str) -> bool:
    return lock_.infinite and path.startswith(f"{lock_.path}/" if lock_.path else "")


def _lock_of(row: Row) -> Lock:
    return Lock(
        token=row[0],
        owner=PrincipalId(row[1]),
        path=row[2],
        infinite=row[3] != 0,
        exclusive=row[4] != 0,
        principal=PrincipalId(row[5]),
        owner_xml=row[6],
        expires_at=row[7],
    )
