"""Passwords of single devices: found by the keyed digest, which is all that is stored of them."""

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.core.errors import TooLarge
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Row, Statement, Transaction
from folkmoot.database.dialect import returning_id
from folkmoot.database.schema import app_password
from folkmoot.store.columns import NAME_MAX, length_of, plain, require_text

OF_ONE_MAX: Final = 100  # of one principal; a person has a dozen devices
DEVICE_MAX: Final = length_of(app_password.c.name)
_USED_MAX: Final = length_of(app_password.c.used_by)


@dataclass(frozen=True, slots=True)
class StoredAppPassword:
    """One row; times in milliseconds since 1970 UTC."""

    id: int
    principal: PrincipalId
    name: str
    scopes: str  # parted by blanks
    created_at: int
    expires_at: int  # 0: never
    used_at: int  # 0: not yet
    used_from: str
    used_by: str


_COLUMNS: Final = tuple(app_password.c[name] for name in StoredAppPassword.__slots__)
_LIVE: Final = sa.or_(app_password.c.expires_at == sa.literal_column("0"), app_password.c.expires_at > bindparam("now"))
_OF: Final = app_password.c.principal == bindparam("principal_")
_FIND: Final = Statement(sa.select(*_COLUMNS).where(app_password.c.digest == bindparam("digest"), _LIVE))
_GET: Final = Statement(sa.select(*_COLUMNS).where(app_password.c.id == bindparam("id_"), _LIVE))
_LIST: Final = Statement(sa.select(*_COLUMNS).where(_OF).order_by(app_password.c.created_at, app_password.c.id))
_COUNT: Final = Statement(sa.select(sa.func.count()).select_from(app_password).where(_OF))
_INSERT: Final = Statement(
    lambda dialect: returning_id(
        dialect,
        sa.insert(app_password).values(
            {column.name: bindparam(column.name) for column in app_password.c if column.name != "id"}
        ),
        app_password.c.id,
    )
)
_USED: Final = Statement(
    sa.update(app_password)
    .where(app_password.c.id == bindparam("id_"))
    .values(
        used_at=bindparam("at", type_=sa.BigInteger()),
        used_from=bindparam("from_", type_=sa.String()),
        used_by=bindparam("by_", type_=sa.String()),
    )
)
_REMOVE: Final = Statement(sa.delete(app_password).where(_OF, app_password.c.id == bindparam("id_")))
_REMOVE_ALL: Final = Statement(sa.delete(app_password).where(_OF))


async def find(tx: Transaction, digest: str, now: int) -> StoredAppPassword | None:
    """Return the one with this digest, unless it has expired."""
    row = await tx.fetch_one(_FIND, digest=digest, now=now)
    return None if row is None else _of_row(row)


async def get(tx: Transaction, identity: int, now: int) -> StoredAppPassword | None:
    """Return one by its id, unless it has expired."""
    row = await tx.fetch_one(_GET, id_=identity, now=now)
    return None if row is None else _of_row(row)


async def list_of(tx: Transaction, principal: PrincipalId) -> list[StoredAppPassword]:
    """Return somebody's, the oldest first, with those that have expired."""
    return [_of_row(row) for row in await tx.fetch_all(_LIST, principal_=principal)]


async def add(
    tx: Transaction, principal: PrincipalId, digest: str, *, name: str, scopes: str, created_at: int, expires_at: int
) -> int:
    """Keep a new one and return its id.

    Raises:
        TooLarge: the principal has ``OF_ONE_MAX``, or the name is too long.
        MalformedInput: a name that no column holds.
    """
    require_text("the principal", principal, NAME_MAX)
    require_text("the name", name, DEVICE_MAX)
    present = await tx.fetch_one(_COUNT, principal_=principal)
    if present is not None and present[0] >= OF_ONE_MAX:
        raise TooLarge(f"nobody has more than {OF_ONE_MAX} app passwords")
    return await tx.insert(
        _INSERT,
        principal=principal,
        digest=digest,
        name=name,
        scopes=scopes,
        created_at=created_at,
        expires_at=expires_at,
        used_at=0,
        used_from="",
        used_by="",
    )


async def note_use(tx: Transaction, identity: int, *, at: int, client: str, agent: str) -> None:
    """Note when, from where and by what it was used last."""
    await tx.execute(_USED, id_=identity, at=at, from_=plain(client)[:_USED_MAX], by_=plain(agent)[:_USED_MAX])


async def remove(tx: Transaction, principal: PrincipalId, identity: int) -> bool:
    """Forget one of somebody's; say whether there was one."""
    return await tx.execute(_REMOVE, principal_=principal, id_=identity) > 0


async def remove_all(tx: Transaction, principal: PrincipalId) -> int:
    """Forget all of somebody's and return how many."""
    return await tx.execute(_REMOVE_ALL, principal_=principal)


def _of_row(row: Row) -> StoredAppPassword:
    return StoredAppPassword(row[0], PrincipalId(row[1]), *row[2:])
