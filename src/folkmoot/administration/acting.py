"""Who may administer, and what is written down of it."""

from collections.abc import Mapping
from typing import Any, Final

import structlog

from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.errors import Forbidden
from folkmoot.database import Transaction
from folkmoot.store import audit

KEPT_MILLISECONDS: Final = 365 * 24 * 3_600_000
_log: Final = structlog.get_logger("folkmoot.administration")


def require_administrator(caller: Caller) -> None:
    """Let administrators look.

    Raises:
        Forbidden: the caller is none.
    """
    if not caller.superuser:
        raise Forbidden("this is for administrators")


def require_acting(caller: Caller) -> None:
    """Let administrators act, in a browser: a password that lies on a device must not open everybody's account.

    Raises:
        Forbidden: the caller is none, or came by another way.
    """
    require_administrator(caller)
    if not caller.session:
        raise Forbidden("administrators act in a browser's session")


async def note(
    tx: Transaction,
    clock: Clock,
    caller: Caller,
    action: str,
    subject: str = "",
    details: Mapping[str, Any] | None = None,
) -> None:
    """Write an action down, in the transaction that it is, and in the log."""
    now = clock.milliseconds()
    await audit.trim(tx, now - KEPT_MILLISECONDS)
    await audit.add(tx, caller.principal, action, subject, details or {}, now)
    _log.info("administration", action=action, actor=caller.principal, subject=subject)
