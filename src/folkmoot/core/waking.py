"""A wait that somebody else ends: ``asyncio.Event`` for one waiter, at a tenth of its memory."""

import asyncio
import contextlib


class Waking:
    """Whether something has happened, and one task that may wait for it."""

    __slots__ = ("_happened", "_waiter")

    def __init__(self) -> None:
        self._happened = False
        self._waiter: asyncio.Future[None] | None = None

    def set(self) -> None:
        """Tell that it has happened."""
        self._happened = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def clear(self) -> None:
        """Begin anew."""
        self._happened = False

    def is_set(self) -> bool:
        """Whether it has happened."""
        return self._happened

    async def wait(self, seconds: float) -> bool:
        """Wait until it happens, for so many seconds at most; return whether it did.

        Raises:
            RuntimeError: another task waits.
        """
        if self._happened:
            return True
        if self._waiter is not None:
            raise RuntimeError("somebody waits already")
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._waiter
        finally:
            self._waiter = None
        return self._happened
