"""What administrators have done: written in the transaction of what they did, and kept for a year."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.core.ids import PrincipalId
from folkmoot.database import Statement, Transaction
from folkmoot.database.schema import audit
from folkmoot.store.columns import json_of, properties_of

LIST_MAX: Final = 1_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One action; times in milliseconds since 1970 UTC."""

    id: int
    actor: PrincipalId
    subject: str
    action: str
    properties: Mapping[str, object]
    created_at: int


_COLUMNS: Final = tuple(audit.c[name] for name in Entry.__slots__)
_ADD: Final = Statement(sa.insert(audit).values({name: bindparam(name) for name in Entry.__slots__ if name != "id"}))
_LIST: Final = Statement(sa.select(*_COLUMNS).order_by(audit.c.id.desc()).limit(bindparam("most")))
_TRIM: Final = Statement(sa.delete(audit).where(audit.c.created_at < bindparam("before")))


async def add(
    tx: Transaction, actor: PrincipalId, action: str, subject: str, properties: Mapping[str, object], now: int
) -> None:
    """Write down what somebody does."""
    await tx.execute(_ADD, actor=actor, subject=subject, action=action, properties=json_of(properties), created_at=now)


async def list_(tx: Transaction, limit: int = LIST_MAX) -> list[Entry]:
    """Return what was done, the last first."""
    rows = await tx.fetch_all(_LIST, most=min(limit, LIST_MAX))
    return [Entry(row[0], PrincipalId(row[1]), row[2], row[3], properties_of(row[4]), row[5]) for row in rows]


async def trim(tx: Transaction, before: int) -> int:
    """Forget what is older, and return how much."""
    return await tx.execute(_TRIM, before=before)
