"""Units of work on a pool of connections to a database server."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, Protocol, TypeVar

from sqlalchemy.engine import Dialect

from folkmoot.core.errors import Unavailable
from folkmoot.database.errors import ConnectionLost
from folkmoot.database.statement import Channel, DialectName, Row, Session, Transaction

T = TypeVar("T")
C = TypeVar("C")

ACQUIRE_SECONDS: Final = 10  # longer than any unit should take; then the caller is told to come back


class Driver(Protocol[C]):
    """One kind of server, as ``PooledAdapter`` needs it; connections are in autocommit.

    ``run`` and ``fetch`` raise what ``errors`` says, never the driver's own errors.
    """

    dialect: DialectName
    ddl_dialect: Dialect
    exclusive_start: Sequence[str]  # takes the lock that migrations are run under
    exclusive_end: Sequence[str]

    async def connect(self, *, patient: bool = False) -> C:
        """Open a connection, without time limits for its statements if ``patient``; raises ``Unavailable``."""

    def terminate(self, connection: C) -> None:
        """Drop a connection without waiting."""

    async def settle(self) -> None:
        """Wait until all dropped connections are closed."""

    def usable(self, connection: C) -> bool:
        """Return whether the connection is not known to be broken."""

    def transaction(self, connection: C) -> Transaction:
        """Return what a unit of work executes statements with."""

    async def run(self, connection: C, sql: str) -> None:
        """Execute one statement."""

    async def fetch(self, connection: C, sql: str) -> Sequence[Row]:
        """Return the rows of one statement."""

    async def open_channel(self, name: str, receive: Callable[[str], None]) -> Channel | None:
        """Listen for messages, where the server carries any."""


class Pool(Generic[C]):
    """At most ``size`` connections, the last used first, opened when needed."""

    def __init__(self, driver: Driver[C], size: int) -> None:
        self._driver = driver
        self._free = asyncio.Semaphore(size)
        self._idle: list[C] = []

    async def acquire(self) -> C:
        """Return a connection for the caller alone.

        Raises:
            Unavailable: none became free in time, or the server refuses us.
        """
        if self._free.locked():
            try:
                async with asyncio.timeout(ACQUIRE_SECONDS):
                    await self._free.acquire()
            except TimeoutError as error:
                raise Unavailable("no database connection became free") from error
        else:
            await self._free.acquire()
        try:
            while self._idle:
                connection = self._idle.pop()
                if self._driver.usable(connection):
                    return connection
                self._driver.terminate(connection)
            return await self._driver.connect()
        except BaseException:
            self._free.release()
            raise

    def release(self, connection: C) -> None:
        """Give back a connection that has nothing under way."""
        self._idle.append(connection)
        self._free.release()

    def discard(self, connection: C) -> None:
        """Give back a connection in an unknown state."""
        self._driver.terminate(connection)
        self._free.release()

    def drop_idle(self) -> None:
        """Close what nobody uses: after one connection broke, the others are likely dead as well."""
        while self._idle:
            self._driver.terminate(self._idle.pop())


class PooledAdapter(Generic[C]):
    """The connections to one server."""

    def __init__(self, driver: Driver[C], size: int) -> None:
        self._driver = driver
        self._pool = Pool(driver, size)

    @property
    def dialect(self) -> DialectName:
        return self._driver.dialect

    @property
    def ddl_dialect(self) -> Dialect:
        return self._driver.ddl_dialect

    async def open(self) -> None:
        """Connect once, so that a wrong URL fails at start."""
        self._pool.release(await self._pool.acquire())

    async def close(self) -> None:
        """Close the idle connections; units under way finish or fail with theirs."""
        self._pool.drop_idle()
        await self._driver.settle()

    async def read(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run a unit in autocommit: no round trips but its own."""
        connection = await self._pool.acquire()
        try:
            result = await work(self._driver.transaction(connection))
        except BaseException as error:
            self._put_back(connection, error)
            raise
        self._pool.release(connection)
        return result

    async def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run a unit as one transaction."""
        connection = await self._pool.acquire()
        committing = False
        try:
            await self._driver.run(connection, "BEGIN")
            result = await work(self._driver.transaction(connection))
            committing = True
            await self._driver.run(connection, "COMMIT")
        except BaseException as error:
            await self._undo(connection, error)
            if isinstance(error, ConnectionLost) and committing:
                raise ConnectionLost(str(error), committing=True) from error
            raise
        self._pool.release(connection)
        return result

    async def exclusively(self, work: Callable[[Session], Awaitable[T]]) -> T:
        """Run raw SQL under the lock of migrations."""
        connection = await self._driver.connect(patient=True)
        try:
            for sql in self._driver.exclusive_start:
                rows = await self._driver.fetch(connection, sql)
                if rows and rows[0][0] == 0:  # what GET_LOCK returns when its time is up
                    raise Unavailable("another worker has kept the database to itself for too long")
            result = await work(_PooledSession(self._driver, connection))
            for sql in self._driver.exclusive_end:
                await self._driver.fetch(connection, sql)
        finally:
            self._driver.terminate(connection)  # which gives the lock up
        return result

    async def open_channel(self, name: str, receive: Callable[[str], None]) -> Channel | None:
        """Listen for messages of all workers, on a connection beside the pool."""
        return await self._driver.open_channel(name, receive)

    async def _undo(self, connection: C, error: BaseException) -> None:
        if isinstance(error, Exception) and not isinstance(error, ConnectionLost) and self._driver.usable(connection):
            try:
                await self._driver.run(connection, "ROLLBACK")
            except BaseException:
                self._pool.discard(connection)
                raise
        self._put_back(connection, error)

    def _put_back(self, connection: C, error: BaseException) -> None:
        if isinstance(error, ConnectionLost):
            self._pool.discard(connection)
            self._pool.drop_idle()
        elif isinstance(error, Exception) and self._driver.usable(connection):
            self._pool.release(connection)
        else:  # cancelled: an answer may still be under way
            self._pool.discard(connection)


class _PooledSession(Generic[C]):
    def __init__(self, driver: Driver[C], connection: C) -> None:
        self._driver = driver
        self._connection = connection

    async def fetch(self, sql: str) -> Sequence[Row]:
        return await self._driver.fetch(self._connection, sql)

    async def run(self, sql: str) -> None:
        await self._driver.run(self._connection, sql)
