"""What is kept about a principal: preferences, subscriptions, dead properties of the home."""

from collections.abc import Mapping, Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.core.ids import PrincipalId
from folkmoot.database import Statement, Transaction
from folkmoot.database.dialect import upsert, within
from folkmoot.database.schema import profile
from folkmoot.store import person
from folkmoot.store.columns import NAME_MAX, json_of, json_or_null, properties_of, require_text, texts_of
from folkmoot.store.records import Profile

PRINCIPALS_MAX: Final = 500  # of one statement, so that none grows without bound

_GET: Final = Statement(
    sa.select(profile.c.properties, profile.c.dead_properties, profile.c.modified_at).where(
        profile.c.principal == bindparam("principal")
    )
)
_GET_MANY: Final = Statement(
    sa.select(profile.c.principal, profile.c.properties, profile.c.dead_properties, profile.c.modified_at).where(
        within(profile.c.principal, "principals")
    )
)
_AFTER: Final = Statement(
    sa.select(profile.c.principal, profile.c.properties)
    .where(profile.c.principal > bindparam("principal"))
    .order_by(profile.c.principal)
    .limit(PRINCIPALS_MAX)
)
_SET: Final = Statement(lambda dialect: upsert(dialect, profile))
_HOLD: Final = Statement(lambda dialect: upsert(dialect, profile, {"modified_at": profile.c.modified_at}))


async def get(tx: Transaction, principal: PrincipalId) -> Profile:
    """Return what is kept about a principal; empty if there is nothing yet."""
    row = await tx.fetch_one(_GET, principal=principal)
    if row is None:
        return Profile(principal, {}, {}, 0)
    return Profile(principal, properties_of(row[0]), texts_of(row[1]), row[2])


async def get_many(tx: Transaction, principals: Sequence[PrincipalId]) -> dict[PrincipalId, Profile]:
    """Return what is kept about these principals; those about whom nothing is kept have no entry."""
    found: dict[PrincipalId, Profile] = {}
    for start in range(0, len(principals), PRINCIPALS_MAX):
        chunk = list(principals[start : start + PRINCIPALS_MAX])
        for principal, properties, dead_properties, modified_at in await tx.fetch_all(_GET_MANY, principals=chunk):
            name = PrincipalId(principal)
            found[name] = Profile(name, properties_of(properties), texts_of(dead_properties), modified_at)
    return found


async def list_after(tx: Transaction, principal: PrincipalId) -> list[Profile]:
    """Return the next ``PRINCIPALS_MAX`` profiles by principal, without dead properties; none: that was all."""
    rows = await tx.fetch_all(_AFTER, principal=principal)
    return [Profile(PrincipalId(found), properties_of(properties), {}, 0) for found, properties in rows]


async def hold(tx: Transaction, principal: PrincipalId) -> Profile:
    """Return a profile that nobody else changes before this transaction ends."""
    require_text("the principal", principal, NAME_MAX)
    await tx.execute(_HOLD, principal=principal, properties="{}", dead_properties=None, modified_at=0)
    return await get(tx, principal)


async def set_(
    tx: Transaction,
    principal: PrincipalId,
    *,
    properties: Mapping[str, object],
    dead_properties: Mapping[str, str],
    now: int,
) -> None:
    """Replace all that is kept about a principal; ``hold`` it first if it depends on what was there."""
    require_text("the principal", principal, NAME_MAX)
    await tx.execute(
        _SET,
        principal=principal,
        properties=json_of(properties),
        dead_properties=json_or_null(dead_properties),
        modified_at=now,
    )
    await person.raise_(tx, principal, now)
