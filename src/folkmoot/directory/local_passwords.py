"""How old the passwords of local people are, and which of them somebody else has chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from folkmoot.config.sources import PasswordRule
from folkmoot.database import Statement, Transaction
from folkmoot.database.dialect import upsert
from folkmoot.database.schema import local_password, local_user
from folkmoot.directory.password_change import DEFAULT_RULES, PasswordFault, Standing
from folkmoot.directory.password_policy import broken_rules

DAY_MILLISECONDS: Final = 24 * 3600 * 1000
WARNING_DAYS: Final = 14  # before a password expires, that its owner is told at each sign-in


@dataclass(frozen=True, slots=True)
class LocalPolicy:
    """What is asked of the passwords of local people."""

    rules: Sequence[PasswordRule] = DEFAULT_RULES
    days_max: int = 0  # that one may be used; 0: for ever


_OF: Final[sa.BindParameter[str]] = sa.bindparam("of")
_GET: Final = Statement(
    sa.select(local_password.c.changed_at, local_password.c.must_change, local_user.c.created_at)
    .select_from(local_user.outerjoin(local_password, local_password.c.login == local_user.c.login))
    .where(local_user.c.login == _OF)
)
_PUT: Final = Statement(lambda dialect: upsert(dialect, local_password))
_REMOVE: Final = Statement(sa.delete(local_password).where(local_password.c.login == _OF))


async def standing(tx: Transaction, login: str, password: str, policy: LocalPolicy, now: int) -> Standing:
    """Return whether a right password must be changed, and when; ``now`` in milliseconds."""
    row = await tx.fetch_one(_GET, of=login)
    if row is None:
        return Standing()
    changed_at = row[2] if row[0] is None else row[0]
    rules = tuple(policy.rules)
    if row[1]:
        return Standing(PasswordFault.CHANGE_AFTER_RESET, rules)
    left = changed_at + policy.days_max * DAY_MILLISECONDS - now if policy.days_max else None
    if left is not None and left <= 0:
        return Standing(PasswordFault.EXPIRED, rules)
    if broken_rules(password, rules):
        return Standing(PasswordFault.TOO_WEAK, rules)
    soon = left is not None and left <= WARNING_DAYS * DAY_MILLISECONDS
    return Standing(expires_seconds=left // 1000 if soon and left is not None else -1)


async def note(tx: Transaction, login: str, *, now: int, must_change: bool) -> None:
    """Note that a password was set, by its owner or, with ``must_change``, by somebody else."""
    await tx.execute(_PUT, login=login, changed_at=now, must_change=int(must_change))


async def forget(tx: Transaction, login: str) -> None:
    """Forget about somebody who is removed."""
    await tx.execute(_REMOVE, of=login)
