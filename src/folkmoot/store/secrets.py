"""Keys that all workers share, made once at random."""

import base64
import binascii
import secrets
from typing import Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.core.errors import Conflict
from folkmoot.database import Statement, Transaction, insert_if_absent
from folkmoot.database.dialect import absent_only
from folkmoot.database.schema import secret

_GET: Final = Statement(sa.select(secret.c.value).where(secret.c.name == bindparam("name")))
_REMOVE: Final = Statement(
    sa.delete(secret).where(secret.c.name >= bindparam("first"), secret.c.name < bindparam("end"))
)
_INSERT: Final = Statement(lambda dialect: absent_only(dialect, secret))


async def get_or_make(tx: Transaction, name: str, length: int) -> bytes:
    """Return the secret of this name, ``length`` octets, made now if there is none.

    Raises:
        Conflict: the stored secret is not of this length.
    """
    row = await tx.fetch_one(_GET, name=name)
    if row is None:
        made = secrets.token_bytes(length)
        if await insert_if_absent(tx, _INSERT, name=name, value=base64.b64encode(made).decode("ascii")):
            return made
        row = await tx.fetch_one(_GET, name=name)
    try:
        value = base64.b64decode(row[0] if row else "", validate=True)
    except binascii.Error:
        value = b""
    if len(value) != length:
        raise Conflict(f"the stored secret {name} is not {length} octets long")
    return value


async def remove_between(tx: Transaction, first: str, end: str) -> None:
    """Forget the secrets whose names stand from ``first`` to before ``end``, by code points."""
    await tx.execute(_REMOVE, first=first, end=end)
