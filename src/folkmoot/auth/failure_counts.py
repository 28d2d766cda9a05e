"""Blocking of accounts after failed log-ins (``SOGoMaximumFailedLoginCount``), for all workers together."""

from time import monotonic
from typing import Final

from folkmoot.auth.errors import TooManyFailures
from folkmoot.config.security_section import SecuritySettings
from folkmoot.core.clock import Clock
from folkmoot.database import Database, Transaction
from folkmoot.store import failures

PURGE_SECONDS: Final = 60.0  # between removals of old counts by one worker
MILLISECONDS: Final = 1000


class FailureCounts:
    """Failed log-ins of each login in the last while; does nothing unless a limit is configured."""

    def __init__(self, security: SecuritySettings, database: Database, clock: Clock) -> None:
        self._limit = security.failed_logins_max
        self._window_ms = security.failed_logins_interval_seconds * MILLISECONDS
        self._block_ms = security.failed_logins_block_seconds * MILLISECONDS
        self._database = database
        self._clock = clock
        self._purged_at = monotonic()

    async def refuse_blocked(self, login: str) -> bool:
        """Return whether there are failures to forget once a log-in succeeds.

        Raises:
            TooManyFailures: the account is blocked now.
            Unavailable: the database does not answer.
        """
        if not self._limit:
            return False
        state = await self._database.read(lambda tx: failures.get(tx, login.casefold()))
        if state.blocked_until > self._clock.milliseconds():
            raise TooManyFailures("too many failed log-ins; try again later")
        return state.failures > 0

    async def note(self, login: str) -> None:
        """Count a failed log-in."""
        if not self._limit:
            return
        now = self._clock.milliseconds()

        async def work(tx: Transaction) -> None:
            await failures.note(
                tx,
                login.casefold(),
                now=now,
                window_ms=self._window_ms,
                limit=self._limit,
                block_ms=self._block_ms,
            )
            if monotonic() - self._purged_at >= PURGE_SECONDS:
                await failures.delete_expired(tx, now=now, before=now - self._window_ms)

        await self._database.write(work)
        if monotonic() - self._purged_at >= PURGE_SECONDS:
            self._purged_at = monotonic()

    async def forget(self, login: str) -> None:
        """Forget the failures of a login that succeeded."""
        await self._database.write(lambda tx: failures.forget(tx, login.casefold()))
