"""The database of a user source, opened at first use: the server starts while it is down."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Final, Protocol, TypeVar

from folkmoot.core.errors import Unavailable
from folkmoot.database import Database, Transaction

T = TypeVar("T")

CONNECTIONS: Final = 4  # of one worker to one source's database, unless the settings say more
PAUSE_SECONDS: Final = 2.0  # between attempts to open a database that is down; meanwhile others need not wait
OPEN_SECONDS: Final = 10.0  # for one attempt


class Tables(Protocol):
    """What a user source needs of a database."""

    async def read(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run a unit of work that only reads."""

    async def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run a unit of work; it may run several times."""


class SourceDatabase:
    """A database that is opened when it is first read, and again later if that failed."""

    def __init__(self, address: str, *, connections: int = CONNECTIONS) -> None:
        self._address = address
        self._connections = connections
        self._database: Database | None = None
        self._opening = asyncio.Lock()
        self._not_before = 0.0

    async def read(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run a unit of work that only reads.

        Raises:
            Unavailable: the database does not answer.
        """
        database = self._database or await self._open()
        return await database.read(work)

    async def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run a unit of work; it may run several times.

        Raises:
            Unavailable: the database does not answer.
        """
        database = self._database or await self._open()
        return await database.write(work)

    async def close(self) -> None:
        """Close the connections, if there are any."""
        if self._database is not None:
            await self._database.close()
            self._database = None

    async def _open(self) -> Database:
        async with self._opening:
            if self._database is not None:
                return self._database
            if monotonic() < self._not_before:
                raise Unavailable("the user source's database does not answer")
            try:
                async with asyncio.timeout(OPEN_SECONDS):
                    self._database = await Database.open(self._address, pool_size=self._connections)
            except (Unavailable, TimeoutError) as error:
                self._not_before = monotonic() + PAUSE_SECONDS
                raise Unavailable("the user source's database does not answer") from error
            return self._database
