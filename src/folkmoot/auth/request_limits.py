"""How many requests a user may make in a while (``SOGoMaximumRequestCount``), counted by each worker for itself."""

from dataclasses import dataclass
from math import ceil
from time import monotonic
from typing import Final

from folkmoot.config.security_section import SecuritySettings
from folkmoot.core.caller import Caller
from folkmoot.core.ids import PrincipalId

COUNTED_MAX: Final = 50_000  # users counted at a time; the longest counted leave first


@dataclass(slots=True)
class _Count:
    since: float
    requests: int
    blocked_until: float = 0.0


class RequestLimits:
    """The decision, before a request is served, whether its user must wait."""

    def __init__(self, security: SecuritySettings) -> None:
        self._limit = security.requests_max
        self._window = float(security.requests_interval_seconds)
        self._block = float(security.requests_block_seconds)
        self._counts: dict[PrincipalId, _Count] = {}

    def admit(self, caller: Caller) -> int:
        """Count a request and return 0, or the whole seconds until the user is served again."""
        if not self._limit or caller.anonymous:
            return 0
        now = monotonic()
        count = self._counts.get(caller.principal)
        if count is not None and count.blocked_until > now:
            return ceil(count.blocked_until - now)
        if count is None or now - count.since >= self._window or count.blocked_until:
            self._start(caller.principal, now)
            return 0
        count.requests += 1
        if count.requests <= self._limit:
            return 0
        count.blocked_until = now + self._block
        return max(1, ceil(self._block))

    def _start(self, principal: PrincipalId, now: float) -> None:
        self._counts.pop(principal, None)
        while len(self._counts) >= COUNTED_MAX:
            del self._counts[next(iter(self._counts))]
        self._counts[principal] = _Count(now, 1)
