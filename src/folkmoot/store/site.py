"""What holds for the whole installation and is no configuration: values by name."""

from collections.abc import Mapping
from typing import Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.database import Statement, Transaction
from folkmoot.database.dialect import upsert
from folkmoot.database.schema import site
from folkmoot.store.columns import json_of, properties_of

_GET: Final = Statement(sa.select(site.c.properties).where(site.c.name == bindparam("of")))
_SET: Final = Statement(
    lambda dialect: upsert(
        dialect, site, lambda new: {"properties": new["properties"], "changed_at": new["changed_at"]}, ("name",)
    )
)


async def get(tx: Transaction, name: str) -> Mapping[str, object]:
    """Return what is kept under a name, or nothing."""
    row = await tx.fetch_one(_GET, of=name)
    return {} if row is None else properties_of(row[0])


async def set_(tx: Transaction, name: str, properties: Mapping[str, object], now: int) -> None:
    """Keep something under a name instead of what was there."""
    await tx.execute(_SET, name=name, properties=json_of(properties), changed_at=now)
