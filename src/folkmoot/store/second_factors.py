"""Secrets of authenticator apps, sealed, and digests of recovery codes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.core.ids import PrincipalId
from folkmoot.database import Statement, Transaction
from folkmoot.database.dialect import upsert
from folkmoot.database.schema import passkey, recovery_code, second_factor
from folkmoot.store.columns import NAME_MAX, require_text


@dataclass(frozen=True, slots=True)
class StoredFactor:
    """A secret; time in milliseconds since 1970 UTC."""

    sealed: str = field(repr=False)
    last_step: int
    created_at: int


_OF: Final = second_factor.c.principal == bindparam("principal_")
_THIS: Final = sa.and_(_OF, second_factor.c.pending == bindparam("pending_"))
_FIND: Final = Statement(
    sa.select(second_factor.c.sealed, second_factor.c.last_step, second_factor.c.created_at).where(_THIS)
)
_PUT: Final = Statement(lambda dialect: upsert(dialect, second_factor))
_TAKE: Final = Statement(
    sa.update(second_factor)
    .where(
        _OF,
        second_factor.c.pending == sa.literal_column("0"),
        second_factor.c.last_step < bindparam("step", type_=sa.BigInteger()),
    )
    .values(last_step=bindparam("step", type_=sa.BigInteger()))
)
_REMOVE: Final = Statement(sa.delete(second_factor).where(_THIS))
_REMOVE_ALL: Final = Statement(sa.delete(second_factor).where(_OF))
_ASKED: Final = Statement(
    sa.union_all(
        sa.select(sa.literal_column("0"))
        .select_from(second_factor)
        .where(_OF, second_factor.c.pending == sa.literal_column("0")),
        sa.select(sa.literal_column("1"))
        .select_from(passkey)
        .where(passkey.c.principal == bindparam("principal_"), passkey.c.required == sa.literal_column("1")),
    )
)
_CODES: Final = recovery_code.c.principal == bindparam("principal_")
_ADD_CODE: Final = Statement(sa.insert(recovery_code))
_TAKE_CODE: Final = Statement(sa.delete(recovery_code).where(_CODES, recovery_code.c.digest == bindparam("digest_")))
_REMOVE_CODES: Final = Statement(sa.delete(recovery_code).where(_CODES))
_COUNT_CODES: Final = Statement(sa.select(sa.func.count()).select_from(recovery_code).where(_CODES))


async def find(tx: Transaction, principal: PrincipalId, *, pending: bool) -> StoredFactor | None:
    """Return somebody's secret: the one in use, or the one that no code has confirmed yet."""
    row = await tx.fetch_one(_FIND, principal_=principal, pending_=int(pending))
    return None if row is None else StoredFactor(*row)


async def put(tx: Transaction, principal: PrincipalId, factor: StoredFactor, *, pending: bool) -> None:
    """Keep a secret in place of the one that was there."""
    require_text("the principal", principal, NAME_MAX)
    await tx.execute(
        _PUT,
        principal=principal,
        pending=int(pending),
        sealed=factor.sealed,
        last_step=factor.last_step,
        created_at=factor.created_at,
    )


async def take_step(tx: Transaction, principal: PrincipalId, step: int) -> bool:
    """Take the code of a time step, if neither it nor a later one was taken; only one of many gets it."""
    return await tx.execute(_TAKE, principal_=principal, step=step) > 0


async def remove(tx: Transaction, principal: PrincipalId, *, pending: bool) -> bool:
    """Forget a secret; say whether there was one."""
    return await tx.execute(_REMOVE, principal_=principal, pending_=int(pending)) > 0


async def remove_all(tx: Transaction, principal: PrincipalId) -> None:
    """Forget somebody's secrets and recovery codes."""
    await tx.execute(_REMOVE_ALL, principal_=principal)
    await tx.execute(_REMOVE_CODES, principal_=principal)


async def kinds(tx: Transaction, principal: PrincipalId) -> tuple[bool, bool]:
    """Return whether somebody is asked for a code, and whether for a passkey, after the password."""
    found = {int(row[0]) for row in await tx.fetch_all(_ASKED, principal_=principal)}
    return 0 in found, 1 in found


async def renew_codes(tx: Transaction, principal: PrincipalId, digests: Sequence[str], now: int) -> None:
    """Keep these recovery codes instead of those that are left."""
    await tx.execute(_REMOVE_CODES, principal_=principal)
    for digest in digests:
        await tx.execute(_ADD_CODE, principal=principal, digest=digest, created_at=now)


async def take_code(tx: Transaction, principal: PrincipalId, digest: str) -> bool:
    """Take a recovery code; say whether it was there."""
    return await tx.execute(_TAKE_CODE, principal_=principal, digest_=digest) > 0


async def count_codes(tx: Transaction, principal: PrincipalId) -> int:
    """Return how many recovery codes are left."""
    row = await tx.fetch_one(_COUNT_CODES, principal_=principal)
    return 0 if row is None else int(row[0])


async def remove_codes(tx: Transaction, principal: PrincipalId) -> None:
    """Forget somebody's recovery codes."""
    await tx.execute(_REMOVE_CODES, principal_=principal)
