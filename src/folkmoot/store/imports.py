"""Imports under way, and those that are over: rows that whoever runs one writes again and again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.core.errors import TooLarge
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Row, Statement, Transaction
from folkmoot.database.dialect import returning_id
from folkmoot.database.schema import data_import
from folkmoot.store import person
from folkmoot.store.columns import NAME_MAX, json_of, properties_of, require_text

OF_ONE_MAX: Final = 100  # of one principal, over or not; they go after a day


@dataclass(frozen=True, slots=True)
class StoredImport:
    """One row; times in milliseconds since 1970 UTC."""

    id: int
    principal: PrincipalId
    properties: Mapping[str, object]
    created_at: int
    changed_at: int


_TABLE: Final = data_import.c
_COLUMNS: Final = tuple(_TABLE[name] for name in StoredImport.__slots__)
_OF: Final = _TABLE.principal == bindparam("of")
_THIS: Final = sa.and_(_OF, _TABLE.id == bindparam("id_"))
_ADD: Final = Statement(
    lambda dialect: returning_id(
        dialect,
        sa.insert(data_import).values({name: bindparam(name) for name in StoredImport.__slots__ if name != "id"}),
        _TABLE.id,
    )
)
_GET: Final = Statement(sa.select(*_COLUMNS).where(_THIS))
_LIST: Final = Statement(sa.select(*_COLUMNS).where(_OF).order_by(_TABLE.id))
_COUNT: Final = Statement(sa.select(sa.func.count()).select_from(data_import).where(_OF))
_SET: Final = Statement(
    sa.update(data_import)
    .where(_THIS)
    .values(properties=bindparam("new_properties"), changed_at=bindparam("at", type_=sa.BigInteger()))
)
_REMOVE: Final = Statement(sa.delete(data_import).where(_THIS))
_FORGET: Final = Statement(sa.delete(data_import).where(_OF))
_TRIM: Final = Statement(sa.delete(data_import).where(_TABLE.changed_at < bindparam("before")))


async def add(tx: Transaction, principal: PrincipalId, properties: Mapping[str, object], now: int) -> int:
    """Keep a new one and return its number.

    Raises:
        TooLarge: the principal has ``OF_ONE_MAX``.
    """
    require_text("the principal", principal, NAME_MAX)
    present = await tx.fetch_one(_COUNT, of=principal)
    if present is not None and present[0] >= OF_ONE_MAX:
        raise TooLarge(f"at most {OF_ONE_MAX} imports in a day")
    number = await tx.insert(_ADD, principal=principal, properties=json_of(properties), created_at=now, changed_at=now)
    await person.raise_(tx, principal, now)
    return number


async def get(tx: Transaction, principal: PrincipalId, number: int) -> StoredImport | None:
    """Return one of somebody's."""
    row = await tx.fetch_one(_GET, of=principal, id_=number)
    return None if row is None else _of_row(row)


async def list_of(tx: Transaction, principal: PrincipalId) -> list[StoredImport]:
    """Return somebody's, the oldest first."""
    return [_of_row(row) for row in await tx.fetch_all(_LIST, of=principal)]


async def set_(
    tx: Transaction, principal: PrincipalId, number: int, properties: Mapping[str, object], now: int
) -> None:
    """Write how far one is."""
    await tx.execute(_SET, of=principal, id_=number, new_properties=json_of(properties), at=now)
    await person.raise_(tx, principal, now)


async def remove(tx: Transaction, principal: PrincipalId, number: int, now: int) -> bool:
    """Forget one; say whether there was one."""
    removed = await tx.execute(_REMOVE, of=principal, id_=number) > 0
    if removed:
        await person.raise_(tx, principal, now)
    return removed


async def forget(tx: Transaction, principal: PrincipalId) -> int:
    """Forget all of somebody's and return how many."""
    return await tx.execute(_FORGET, of=principal)


async def trim(tx: Transaction, before: int) -> int:
    """Forget those that nobody has written to since a time, and return how many."""
    return await tx.execute(_TRIM, before=before)


def _of_row(row: Row) -> StoredImport:
    return StoredImport(row[0], PrincipalId(row[1]), properties_of(row[2]), row[3], row[4])
