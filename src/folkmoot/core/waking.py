"""A wait that somebody else ends: ``asyncio.Event`` for one waiter, at a tenth of its memory."""

import asyncio


class Waking:
    """Whether something has happened, and one task that may wait for it."""

    __slots__ = ("_happened", "_waiter")

    def __init__(self) -> None:
        self._happened = False
        self._waiter: asyncio.Future[None] | None = None

    def set(self) -> None:
        """Tell that it has happened."""
        self._happened = True
        if self._waiter is not None:
            _end(self._waiter)

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
        loop = asyncio.get_running_loop()
        waiter = self._waiter = loop.create_future()
        timer = loop.call_later(seconds, _end, waiter)
        try:
            await waiter
        finally:
            timer.cancel()
            self._waiter = None
        return self._happened


def _end(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
