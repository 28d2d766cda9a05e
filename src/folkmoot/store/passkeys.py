"""Passkeys: public keys of people's authenticators, found by the digest of the credential id."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.core.errors import TooLarge
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Row, Statement, Transaction
from folkmoot.database.dialect import returning_id
from folkmoot.database.schema import passkey
from folkmoot.store.columns import NAME_MAX, json_of, length_of, properties_of, require_text

OF_ONE_MAX: Final = 50  # of one principal; a person has a handful
KEY_NAME_MAX: Final = length_of(passkey.c.name)


@dataclass(frozen=True, slots=True)
class StoredPasskey:
    """One row; times in milliseconds since 1970 UTC."""

    id: int
    principal: PrincipalId
    properties: Mapping[str, object]
    name: str
    required: bool  # asked for after the password
    sign_count: int
    created_at: int
    used_at: int  # 0: not yet


_COLUMNS: Final = tuple(passkey.c[name] for name in StoredPasskey.__slots__)
_OF: Final = passkey.c.principal == bindparam("principal_")
_THIS: Final = sa.and_(_OF, passkey.c.id == bindparam("id_"))
_FIND: Final = Statement(sa.select(*_COLUMNS).where(passkey.c.digest == bindparam("digest_")))
_LIST: Final = Statement(sa.select(*_COLUMNS).where(_OF).order_by(passkey.c.created_at, passkey.c.id))
_COUNT: Final = Statement(sa.select(sa.func.count()).select_from(passkey).where(_OF))
_INSERT: Final = Statement(
    lambda dialect: returning_id(
        dialect,
        sa.insert(passkey).values({column.name: bindparam(column.name) for column in passkey.c if column.name != "id"}),
        passkey.c.id,
    )
)
_USED: Final = Statement(
    sa.update(passkey)
    .where(passkey.c.id == bindparam("id_"), passkey.c.sign_count == bindparam("before", type_=sa.BigInteger()))
    .values(used_at=bindparam("at", type_=sa.BigInteger()), sign_count=bindparam("count", type_=sa.BigInteger()))
)
_REQUIRE: Final = Statement(sa.update(passkey).where(_THIS).values(required=bindparam("wanted", type_=sa.Integer())))
_RENAME: Final = Statement(sa.update(passkey).where(_THIS).values(name=bindparam("new_name")))
_REMOVE: Final = Statement(sa.delete(passkey).where(_THIS))
_REMOVE_ALL: Final = Statement(sa.delete(passkey).where(_OF))


async def find(tx: Transaction, digest: str) -> StoredPasskey | None:
    """Return the one with this credential id."""
    row = await tx.fetch_one(_FIND, digest_=digest)
    return None if row is None else _of_row(row)


async def list_of(tx: Transaction, principal: PrincipalId) -> list[StoredPasskey]:
    """Return somebody's, the oldest first."""
    return [_of_row(row) for row in await tx.fetch_all(_LIST, principal_=principal)]


async def add(tx: Transaction, digest: str, new: StoredPasskey) -> int:
    """Keep a new one and return its id.

    Raises:
        DuplicateKey: the credential is known already.
        TooLarge: the principal has ``OF_ONE_MAX``, or the name is too long.
        MalformedInput: a name that no column holds.
    """
    require_text("the principal", new.principal, NAME_MAX)
    require_text("the name", new.name, KEY_NAME_MAX)
    present = await tx.fetch_one(_COUNT, principal_=new.principal)
    if present is not None and present[0] >= OF_ONE_MAX:
        raise TooLarge(f"nobody has more than {OF_ONE_MAX} passkeys")
    return await tx.insert(
        _INSERT,
        principal=new.principal,
        digest=digest,
        properties=json_of(new.properties),
        name=new.name,
        required=int(new.required),
        sign_count=new.sign_count,
        created_at=new.created_at,
        used_at=new.used_at,
    )


async def note_use(tx: Transaction, used: StoredPasskey, *, count: int, at: int) -> bool:
    """Note a use and the authenticator's counter; false if somebody used it at the same moment."""
    return await tx.execute(_USED, id_=used.id, before=used.sign_count, count=count, at=at) > 0


async def require(tx: Transaction, principal: PrincipalId, identity: int, *, wanted: bool) -> None:
    """Ask for one after the password, or no more."""
    await tx.execute(_REQUIRE, principal_=principal, id_=identity, wanted=int(wanted))


async def rename(tx: Transaction, principal: PrincipalId, identity: int, name: str) -> bool:
    """Give one of somebody's another name; say whether there is one.

    Raises:
        TooLarge: the name is too long.
        MalformedInput: a name that no column holds.
    """
    require_text("the name", name, KEY_NAME_MAX)
    if all(one.id != identity for one in await list_of(tx, principal)):
        return False
    await tx.execute(_RENAME, principal_=principal, id_=identity, new_name=name)
    return True


async def remove(tx: Transaction, principal: PrincipalId, identity: int) -> bool:
    """Forget one of somebody's; say whether there was one."""
    return await tx.execute(_REMOVE, principal_=principal, id_=identity) > 0


async def remove_all(tx: Transaction, principal: PrincipalId) -> int:
    """Forget all of somebody's and return how many."""
    return await tx.execute(_REMOVE_ALL, principal_=principal)


def _of_row(row: Row) -> StoredPasskey:
    identity, principal, kept, name, required, sign_count, created_at, used_at = row
    properties = properties_of(kept)
    return StoredPasskey(
        identity, PrincipalId(principal), properties, name, bool(required), sign_count, created_at, used_at
    )
