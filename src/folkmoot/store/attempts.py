"""Counted attempts, for all workers together: what may be tried so many times in a while."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.database import Statement, Transaction
from folkmoot.database.dialect import upsert
from folkmoot.database.schema import attempt
from folkmoot.store.columns import length_of, plain

NAME_MAX: Final = length_of(attempt.c.name)

_OLD: Final = attempt.c.expires_at <= bindparam("now_", type_=sa.BigInteger())
_SPEND: Final = Statement(
    lambda dialect: upsert(
        dialect,
        attempt,
        # In this order: MariaDB's second assignment sees the first.
        {
            "spent": sa.case((_OLD, sa.literal_column("1")), else_=attempt.c.spent + 1),
            "expires_at": sa.case(
                (_OLD, bindparam("until_", type_=sa.BigInteger())),
                else_=attempt.c.expires_at,
            ),
        },
    )
)
_THIS: Final = attempt.c.name == bindparam("name_")
_GET: Final = Statement(sa.select(attempt.c.spent).where(_THIS, attempt.c.expires_at > bindparam("now_")))
_FORGET: Final = Statement(sa.delete(attempt).where(_THIS))
_EXPIRE: Final = Statement(sa.delete(attempt).where(attempt.c.expires_at <= bindparam("now_")))


async def spend(tx: Transaction, name: str, *, now: int, until: int) -> int:
    """Count one attempt and return how many there were in the present while, which ends at ``until`` if it is new."""
    key = _key(name)
    await tx.execute(_SPEND, name=key, spent=1, expires_at=until, now_=now, until_=until)
    row = await tx.fetch_one(_GET, name_=key, now_=now)
    return 1 if row is None else int(row[0])


async def forget(tx: Transaction, name: str) -> None:
    """Begin anew, after an attempt that succeeded."""
    await tx.execute(_FORGET, name_=_key(name))


async def delete_expired(tx: Transaction, now: int) -> int:
    """Remove what has ended and return how many."""
    return await tx.execute(_EXPIRE, now_=now)


def _key(name: str) -> str:
    return plain(name)[:NAME_MAX]
