"""Failed log-ins, counted for all workers together."""

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.database import Statement, Transaction
from folkmoot.database.dialect import upsert
from folkmoot.database.schema import login_failure
from folkmoot.store.columns import length_of

LOGIN_MAX: Final = length_of(login_failure.c.login)

_OLD: Final = login_failure.c.first_at <= bindparam("since")
_COUNT: Final = Statement(
    lambda dialect: upsert(
        dialect,
        login_failure,
        # In this order: MariaDB's second assignment sees the first.
        {
            "failures": sa.case((_OLD, sa.literal_column("1")), else_=login_failure.c.failures + 1),
            "first_at": sa.case((_OLD, bindparam("at")), else_=login_failure.c.first_at),
        },
    )
)
_BLOCK: Final = Statement(
    sa.update(login_failure)
    .where(login_failure.c.login == bindparam("login"), login_failure.c.failures >= bindparam("limit"))
    .values(blocked_until=bindparam("until"))
)
_GET: Final = Statement(
    sa.select(login_failure.c.failures, login_failure.c.first_at, login_failure.c.blocked_until).where(
        login_failure.c.login == bindparam("login")
    )
)
_FORGET: Final = Statement(sa.delete(login_failure).where(login_failure.c.login == bindparam("login")))
_EXPIRE: Final = Statement(
    sa.delete(login_failure).where(
        login_failure.c.first_at <= bindparam("before"), login_failure.c.blocked_until <= bindparam("now")
    )
)


@dataclass(frozen=True, slots=True)
class Failures:
    """The state of one login name."""

    failures: int
    first_at: int
    blocked_until: int  # 0: not blocked


async def get(tx: Transaction, login: str) -> Failures:
    """Return how often a login failed lately."""
    row = await tx.fetch_one(_GET, login=_key(login))
    return Failures(0, 0, 0) if row is None else Failures(row[0], row[1], row[2])


async def note(tx: Transaction, login: str, *, now: int, window_ms: int, limit: int, block_ms: int) -> Failures:
    """Count a failure; ``limit`` of them within ``window_ms`` block the login for ``block_ms``.  0: no limit."""
    key = _key(login)
    await tx.execute(_COUNT, login=key, failures=1, first_at=now, blocked_until=0, since=now - window_ms, at=now)
    if limit:
        await tx.execute(_BLOCK, login=key, limit=limit, until=now + block_ms)
    return await get(tx, login)


async def forget(tx: Transaction, login: str) -> None:
    """Forget a login's failures, after one that succeeded."""
    await tx.execute(_FORGET, login=_key(login))


async def delete_expired(tx: Transaction, *, now: int, before: int) -> int:
    """Remove what neither blocks nor started after ``before``, and return how many."""
    return await tx.execute(_EXPIRE, now=now, before=before)


def _key(login: str) -> str:
    """Return a login, which anybody may send, as the column can hold it."""
    return login.encode(errors="replace").decode().replace("\0", "")[:LOGIN_MAX]
