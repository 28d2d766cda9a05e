"""Where clients are told of changes while they are away (RFC 8620 section 7.2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.core.errors import TooLarge
from folkmoot.core.ids import CollectionId, PrincipalId
from folkmoot.database import Row, Statement, Transaction
from folkmoot.database.dialect import returning_id, within
from folkmoot.database.schema import collection, collection_grant, push_subscription, subscription
from folkmoot.store.columns import NAME_MAX, json_of, properties_of, require_text
from folkmoot.store.records import Kind

JOB: Final = "web push"  # the key is the subscription's number
SUBSCRIPTIONS_MAX: Final = 50  # of one principal: devices and browsers, with those that nobody came back to
URL_MAX: Final = 2_000  # characters; the longest of the large push services has some 600
PROPERTIES_MAX: Final = 64 * 1024  # characters of JSON


@dataclass(frozen=True, slots=True)
class PushSubscription:
    """One of them; times in milliseconds since 1970 UTC."""

    id: int
    principal: PrincipalId
    credential: str
    device: str
    url: str = field(repr=False)
    properties: Mapping[str, object] = field(repr=False)
    positions: Mapping[str, object]
    code: str = field(repr=False)
    verified: bool
    expires_at: int
    created_at: int


_TABLE: Final = push_subscription.c
_COLUMNS: Final = tuple(_TABLE[name] for name in PushSubscription.__slots__)
_NEW: Final[dict[str, sa.BindParameter[object]]] = {
    name: bindparam(name) for name in PushSubscription.__slots__ if name != "id"
}
_THIS: Final = _TABLE.id == bindparam("id_")
_OF: Final = _TABLE.principal == bindparam("of")
_ADD: Final = Statement(lambda dialect: returning_id(dialect, sa.insert(push_subscription).values(_NEW), _TABLE.id))
_GET: Final = Statement(sa.select(*_COLUMNS).where(_THIS))
_LIST: Final = Statement(sa.select(*_COLUMNS).where(_OF).order_by(_TABLE.id))
_COUNT: Final = Statement(sa.select(sa.func.count()).select_from(push_subscription).where(_OF))
_CHANGE: Final = Statement(
    sa.update(push_subscription)
    .where(_THIS, _OF)
    .values(
        properties=bindparam("new_properties"),
        verified=bindparam("new_verified", type_=sa.SmallInteger()),
        expires_at=bindparam("until", type_=sa.BigInteger()),
    )
)
_TOLD: Final = Statement(sa.update(push_subscription).where(_THIS).values(positions=bindparam("new_positions")))
_REMOVE: Final = Statement(sa.delete(push_subscription).where(_THIS))
_FORGET: Final = Statement(sa.delete(push_subscription).where(_OF))
_TRIM: Final = Statement(sa.delete(push_subscription).where(_TABLE.expires_at <= bindparam("now")))
_ANY: Final = Statement(sa.select(_TABLE.id).where(_TABLE.verified == sa.literal_column("1")).limit(1))
_CHANGED: Final = within(collection.c.id, "ids")
_VERIFIED: Final = _TABLE.verified == sa.literal_column("1")
# Who sees a collection by a group or by the defaults of a domain subscribes to it before it matters.
_CONCERNED: Final = (
    Statement(
        sa.select(_TABLE.id)
        .select_from(collection.join(push_subscription, _TABLE.principal == collection.c.owner))
        .where(_CHANGED, _VERIFIED)
    ),
    Statement(
        sa.select(_TABLE.id)
        .select_from(
            collection.join(collection_grant, collection_grant.c.collection_id == collection.c.id).join(
                push_subscription, _TABLE.principal == collection_grant.c.subject
            )
        )
        .where(_CHANGED, _VERIFIED, collection.c.kind != Kind.FILES.value)
    ),
    Statement(
        sa.select(_TABLE.id)
        .select_from(
            collection.join(subscription, subscription.c.collection_id == collection.c.id).join(
                push_subscription, _TABLE.principal == subscription.c.principal
            )
        )
        .where(_CHANGED, _VERIFIED)
    ),
)


async def add(
    tx: Transaction,
    principal: PrincipalId,
    *,
    credential: str,
    device: str,
    url: str,
    properties: Mapping[str, object],
    code: str,
    expires_at: int,
    now: int,
) -> int:
    """Keep a new subscription, not verified yet, and return its number.

    Raises:
        TooLarge: something is too long, or there are ``SUBSCRIPTIONS_MAX``.
    """
    for what, text, most in (
        ("the principal", principal, NAME_MAX),
        ("the device's name", device, NAME_MAX),
        ("the address", url, URL_MAX),
    ):
        require_text(what, text, most)
    row = await tx.fetch_one(_COUNT, of=principal)
    if row is not None and int(row[0]) >= SUBSCRIPTIONS_MAX:
        raise TooLarge(f"one person has at most {SUBSCRIPTIONS_MAX} subscriptions")
    return await tx.insert(
        _ADD,
        principal=principal,
        credential=credential,
        device=device,
        url=url,
        properties=_properties(properties),
        positions="{}",
        code=code,
        verified=0,
        expires_at=expires_at,
        created_at=now,
    )


async def get(tx: Transaction, number: int) -> PushSubscription | None:
    """Return a subscription, whosever it is, expired or not."""
    row = await tx.fetch_one(_GET, id_=number)
    return None if row is None else _of(row)


async def list_of(tx: Transaction, principal: PrincipalId) -> list[PushSubscription]:
    """Return somebody's subscriptions, the oldest first, expired ones among them."""
    return [_of(row) for row in await tx.fetch_all(_LIST, of=principal)]


async def change(
    tx: Transaction,
    principal: PrincipalId,
    number: int,
    *,
    properties: Mapping[str, object],
    verified: bool,
    expires_at: int,
) -> bool:
    """Set what a client may change; say whether there is such a subscription.

    Raises:
        TooLarge: the properties are too long.
    """
    matched = await tx.execute(
        _CHANGE,
        id_=number,
        of=principal,
        new_properties=_properties(properties),
        new_verified=int(verified),
        until=expires_at,
    )
    return matched > 0


async def told(tx: Transaction, number: int, positions: Mapping[str, object]) -> None:
    """Note what a subscription was told of."""
    await tx.execute(_TOLD, id_=number, new_positions=json_of(positions))


async def remove(tx: Transaction, number: int) -> bool:
    """End a subscription; say whether there was one."""
    return await tx.execute(_REMOVE, id_=number) > 0


async def forget(tx: Transaction, principal: PrincipalId) -> None:
    """End all subscriptions of a principal, who is gone."""
    await tx.execute(_FORGET, of=principal)


async def trim(tx: Transaction, now: int) -> int:
    """Forget what has expired; return how many that were."""
    return await tx.execute(_TRIM, now=now)


async def any_(tx: Transaction) -> bool:
    """Whether anybody has a verified subscription."""
    return await tx.fetch_one(_ANY) is not None


async def concerned(tx: Transaction, collections: Sequence[CollectionId]) -> list[int]:
    """Return the verified subscriptions of owners, grantees and subscribers of collections that have changed."""
    found: set[int] = set()
    for statement in _CONCERNED:
        found.update(int(row[0]) for row in await tx.fetch_all(statement, ids=list(collections)))
    return sorted(found)


def _properties(properties: Mapping[str, object]) -> str:
    text = json_of(properties)
    if len(text) > PROPERTIES_MAX:
        raise TooLarge(f"a subscription holds at most {PROPERTIES_MAX} characters")
    return text


def _of(row: Row) -> PushSubscription:
    return PushSubscription(
        id=row[0],
        principal=PrincipalId(row[1]),
        credential=row[2],
        device=row[3],
        url=row[4],
        properties=properties_of(row[5]),
        positions=properties_of(row[6]),
        code=row[7],
        verified=bool(row[8]),
        expires_at=row[9],
        created_at=row[10],
    )
