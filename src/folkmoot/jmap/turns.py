"""How many requests of one session are answered at the same time (RFC 8620 section 2)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from folkmoot.jmap.protocol.errors import RequestRefused


@dataclass(slots=True)
class _Queue:
    free: asyncio.Semaphore
    here: int = field(default=0)  # running and waiting


class Turns:
    """Lets some run and a few wait, and refuses the rest."""

    def __init__(self, limit: str, running_max: int, *, waiting_max: int = 0) -> None:
        self._limit = limit  # its name in the session
        self._running_max = running_max
        self._most = running_max + waiting_max
        self._queues: dict[str, _Queue] = {}

    @asynccontextmanager
    async def turn(self, session: str) -> AsyncIterator[None]:
        """Wait for a turn and hold it.

        Raises:
            RequestRefused: ``limit``: too many are waiting already.
        """
        queue = self._queues.setdefault(session, _Queue(asyncio.Semaphore(self._running_max)))
        if queue.here >= self._most:
            raise RequestRefused(
                "limit", f"at most {self._running_max} at the same time", limit=self._limit, status=429
            )
        queue.here += 1
        try:
            async with queue.free:
                yield
        finally:
            queue.here -= 1
            if not queue.here:
                del self._queues[session]
