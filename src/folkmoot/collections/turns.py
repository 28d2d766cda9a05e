"""Turns on the event loop: long work in many steps lets other requests in between."""

import asyncio
from time import perf_counter
from typing import Final

TURN_SECONDS: Final = 0.01  # long enough that passing the turn on costs nothing, and shorter than anybody notices


class Turns:
    """Counts how long one request has had the event loop: steps differ too much in length to be counted."""

    __slots__ = ("_since",)

    def __init__(self) -> None:
        self._since = perf_counter()

    async def pass_on(self) -> None:
        """Let others have their turn if this one has lasted long enough."""
        if perf_counter() - self._since >= TURN_SECONDS:
            await asyncio.sleep(0)
            self._since = perf_counter()
