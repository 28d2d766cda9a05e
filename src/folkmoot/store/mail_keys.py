"""Keys with which people sign and open mail, encrypted, and their certificates, which are public."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.core.errors import TooLarge
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Row, Statement, Transaction
from folkmoot.database.dialect import upsert, within
from folkmoot.database.schema import mail_key
from folkmoot.store.columns import NAME_MAX, length_of, require_text

CERTIFICATES_MAX: Final = 512 * 1024  # characters of PEM
SEALED_MAX: Final = 64 * 1024  # characters in base64
ACCOUNT_MAX: Final = length_of(mail_key.c.account)
OWNERS_MAX: Final = 500  # of one statement, so that none grows without bound


@dataclass(frozen=True, slots=True)
class StoredMailKey:
    """The key of one account; time in milliseconds since 1970 UTC."""

    owner: PrincipalId
    account: str
    certificates: str  # PEM: the owner's own first, then those above it
    sealed_key: str = field(repr=False)
    created_at: int


_COLUMNS: Final = tuple(mail_key.c[name] for name in StoredMailKey.__slots__)
_OF_OWNER: Final = mail_key.c.owner == bindparam("owner_")
_THIS: Final = sa.and_(_OF_OWNER, mail_key.c.account == bindparam("account_"))
_PUT: Final = Statement(lambda dialect: upsert(dialect, mail_key))
_FIND: Final = Statement(sa.select(*_COLUMNS).where(_THIS))
_LIST: Final = Statement(sa.select(*_COLUMNS).where(_OF_OWNER).order_by(mail_key.c.account))
_CERTIFICATES: Final = Statement(
    sa.select(mail_key.c.owner, mail_key.c.certificates).where(within(mail_key.c.owner, "owners"))
)
_REMOVE: Final = Statement(sa.delete(mail_key).where(_THIS))


async def put(tx: Transaction, key: StoredMailKey) -> None:
    """Keep a key in place of the one that the account had.

    Raises:
        TooLarge: more than ``CERTIFICATES_MAX`` or ``SEALED_MAX``, or a name that no column holds.
    """
    require_text("the owner", key.owner, NAME_MAX)
    require_text("the account", key.account, ACCOUNT_MAX)
    if len(key.certificates) > CERTIFICATES_MAX or len(key.sealed_key) > SEALED_MAX:
        raise TooLarge(f"certificates have at most {CERTIFICATES_MAX} characters")
    await tx.execute(
        _PUT,
        owner=key.owner,
        account=key.account,
        certificates=key.certificates,
        sealed_key=key.sealed_key,
        created_at=key.created_at,
    )


async def find(tx: Transaction, owner: PrincipalId, account: str) -> StoredMailKey | None:
    """Return the key of an account."""
    row = await tx.fetch_one(_FIND, owner_=owner, account_=account)
    return None if row is None else _key_of(row)


async def list_of(tx: Transaction, owner: PrincipalId) -> list[StoredMailKey]:
    """Return somebody's keys, by account."""
    return [_key_of(row) for row in await tx.fetch_all(_LIST, owner_=owner)]


async def certificates_of(tx: Transaction, owners: Sequence[PrincipalId]) -> dict[PrincipalId, list[str]]:
    """Return the certificates of these people, as PEM of each of their accounts."""
    found: dict[PrincipalId, list[str]] = {}
    for start in range(0, len(owners), OWNERS_MAX):
        for owner, certificates in await tx.fetch_all(_CERTIFICATES, owners=list(owners[start : start + OWNERS_MAX])):
            found.setdefault(PrincipalId(owner), []).append(certificates)
    return found


async def remove(tx: Transaction, owner: PrincipalId, account: str) -> bool:
    """Forget a key; say whether there was one."""
    return await tx.execute(_REMOVE, owner_=owner, account_=account) > 0


def _key_of(row: Row) -> StoredMailKey:
    owner, account, certificates, sealed_key, created_at = row
    return StoredMailKey(PrincipalId(owner), account, certificates, sealed_key, created_at)
