"""Mail accounts elsewhere that people have added: where they are, and their passwords, encrypted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.core.errors import TooLarge
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Row, Statement, Transaction
from folkmoot.database.dialect import returning_id
from folkmoot.database.schema import mail_account
from folkmoot.store.columns import NAME_MAX, json_of, properties_of, require_text

PROPERTIES_MAX: Final = 256 * 1024  # characters of JSON; signatures are the most of it
SEALED_MAX: Final = 64 * 1024  # characters in base64


@dataclass(frozen=True, slots=True)
class StoredMailAccount:
    """One such account; times in milliseconds since 1970 UTC."""

    id: int
    owner: PrincipalId
    properties: Mapping[str, object]
    sealed: str = field(repr=False)
    created_at: int
    modified_at: int


_COLUMNS: Final = tuple(mail_account.c[name] for name in StoredMailAccount.__slots__)
_THIS: Final = sa.and_(mail_account.c.id == bindparam("id_"), mail_account.c.owner == bindparam("owner_"))

_NEW: Final[dict[str, sa.BindParameter[object]]] = {
    name: bindparam(name) for name in StoredMailAccount.__slots__ if name != "id"
}
_ADD: Final = Statement(lambda dialect: returning_id(dialect, sa.insert(mail_account).values(_NEW), mail_account.c.id))
_FIND: Final = Statement(sa.select(*_COLUMNS).where(_THIS))
_LIST: Final = Statement(
    sa.select(*_COLUMNS).where(mail_account.c.owner == bindparam("owner_")).order_by(mail_account.c.id)
)
_COUNT: Final = Statement(
    sa.select(sa.func.count()).select_from(mail_account).where(mail_account.c.owner == bindparam("owner_"))
)
_REPLACE: Final = Statement(
    sa.update(mail_account)
    .where(_THIS)
    .values(properties=bindparam("new_properties"), sealed=bindparam("new_sealed"), modified_at=bindparam("now"))
)
_REMOVE: Final = Statement(sa.delete(mail_account).where(_THIS))


async def add(tx: Transaction, owner: PrincipalId, *, properties: Mapping[str, object], sealed: str, now: int) -> int:
    """Keep a new account and return its id.

    Raises:
        TooLarge: more than ``PROPERTIES_MAX`` or ``SEALED_MAX``.
    """
    require_text("the owner", owner, NAME_MAX)
    return await tx.insert(
        _ADD, owner=owner, properties=_text_of(properties, sealed), sealed=sealed, created_at=now, modified_at=now
    )


async def find(tx: Transaction, owner: PrincipalId, id_: int) -> StoredMailAccount | None:
    """Return somebody's account with this id."""
    row = await tx.fetch_one(_FIND, id_=id_, owner_=owner)
    return None if row is None else _account_of(row)


async def list_of(tx: Transaction, owner: PrincipalId) -> list[StoredMailAccount]:
    """Return somebody's accounts in the order in which they were added."""
    return [_account_of(row) for row in await tx.fetch_all(_LIST, owner_=owner)]


async def count(tx: Transaction, owner: PrincipalId) -> int:
    """Return how many accounts somebody has added."""
    row = await tx.fetch_one(_COUNT, owner_=owner)
    return int(row[0]) if row else 0


async def replace(
    tx: Transaction, owner: PrincipalId, id_: int, *, properties: Mapping[str, object], sealed: str, now: int
) -> bool:
    """Replace what is kept about an account; say whether there is one.

    Raises:
        TooLarge: more than ``PROPERTIES_MAX`` or ``SEALED_MAX``.
    """
    text = _text_of(properties, sealed)
    changed = await tx.execute(_REPLACE, id_=id_, owner_=owner, new_properties=text, new_sealed=sealed, now=now)
    return changed > 0


async def remove(tx: Transaction, owner: PrincipalId, id_: int) -> bool:
    """Forget an account; say whether there was one."""
    return await tx.execute(_REMOVE, id_=id_, owner_=owner) > 0


def _text_of(properties: Mapping[str, object], sealed: str) -> str:
    text = json_of(properties)
    if len(text) > PROPERTIES_MAX or len(sealed) > SEALED_MAX:
        raise TooLarge(f"what is kept about a mail account has at most {PROPERTIES_MAX} characters")
    return text


def _account_of(row: Row) -> StoredMailAccount:
    id_, owner, properties, sealed, created_at, modified_at = row
    return StoredMailAccount(id_, PrincipalId(owner), properties_of(properties), sealed, created_at, modified_at)
