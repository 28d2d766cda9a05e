"""``Database``: units of work on whichever database the URL names, repeated where that is safe."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Protocol, Self, TypeVar

from sqlalchemy.engine import URL, Dialect, make_url
from sqlalchemy.exc import ArgumentError

from folkmoot.core.errors import ConfigurationError, Unavailable
from folkmoot.database.errors import ConnectionLost, Interrupted
from folkmoot.database.mariadb import MariaDBDriver
from folkmoot.database.pooled import PooledAdapter
from folkmoot.database.postgresql import PostgreSQLDriver
from folkmoot.database.sqlite import SQLiteAdapter
from folkmoot.database.statement import Channel, DialectName, Session, Transaction
from folkmoot.database.trace import logged

T = TypeVar("T")
U = TypeVar("U", Transaction, Session)

POOL_DEFAULT: Final = 10  # connections of one worker; more only lengthen the queue inside the database
ATTEMPTS_MAX: Final = 8  # of one unit that the database keeps undoing
BACKOFF_SECONDS: Final = 0.01  # before the second attempt; doubles, with jitter, so that rivals part
BACKOFF_MAX_SECONDS: Final = 0.5


Follower = Callable[[Mapping[int, int]], None]
"""Is told of the collections that a unit of work has changed, with their revisions, after its commit."""


class Adapter(Protocol):
    """What a database's room owes: its units raise ``Interrupted`` and ``ConnectionLost`` as those say."""

    @property
    def dialect(self) -> DialectName:
        """Which database this is."""

    @property
    def ddl_dialect(self) -> Dialect:
        """How tables are made; tells MariaDB from MySQL."""

    async def open(self) -> None:
        """Connect, so that a wrong URL fails at start."""

    async def close(self) -> None:
        """Close all connections."""

    async def read(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run a unit that only reads."""

    async def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run a unit as one transaction."""

    async def exclusively(self, work: Callable[[Session], Awaitable[T]]) -> T:
        """Run raw SQL, under a lock that keeps other workers out."""

    async def open_channel(self, name: str, receive: Callable[[str], None]) -> Channel | None:
        """Listen for messages of other workers, where the database carries any."""


class Database:
    """Pooled connections to one database."""

    def __init__(self, adapter: Adapter, *, log_statements: bool = False) -> None:
        self._adapter = adapter
        self._log_statements = log_statements
        self._random = random.Random()  # noqa: S311  # jitter only
        self._follow: Follower | None = None

    @classmethod
    async def open(cls, url: str, *, pool_size: int = POOL_DEFAULT) -> Self:
        """Connect to ``sqlite:////path``, ``mysql://user:password@host:port/name`` or ``postgresql://…``.

        A unix socket is named by ``?unix_socket=/path`` (MariaDB, MySQL) or ``?host=/directory`` (PostgreSQL).
        With ``?log_statements=yes`` the log tells every statement.

        Raises:
            ConfigurationError: not such a URL.
            Unavailable: the database does not answer, or refuses us.
        """
        parsed = _parsed(url)
        adapter = _adapter(parsed, pool_size)
        try:
            await adapter.open()
        except BaseException:
            await adapter.close()
            raise
        return cls(adapter, log_statements="log_statements" in parsed.query)

    async def close(self) -> None:
        """Close all connections."""
        await self._adapter.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def dialect(self) -> DialectName:
        """Which database this is."""
        return self._adapter.dialect

    @property
    def ddl_dialect(self) -> Dialect:
        """How tables are made here; tells MariaDB from MySQL."""
        return self._adapter.ddl_dialect

    async def read(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run a unit that only reads; each of its statements sees the latest commits.

        Raises:
            Unavailable: the database does not answer, or no connection became free.
        """
        if self._log_statements:
            work = logged(work)
        return await self._repeat(self._adapter.read, work, writing=False)

    async def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run a unit as one transaction, committed when this returns.

        The unit is repeated from its start where the database undid it, so it must have no other effects.

        Raises:
            Unavailable: as for ``read``; also if the connection broke while committing, when the outcome is unknown.
        """
        if self._log_statements:
            work = logged(work)
        if self._follow is None:
            return await self._repeat(self._adapter.write, work, writing=True)
        raised: Mapping[int, int] = {}

        async def noted(tx: Transaction) -> T:
            nonlocal raised
            result = await work(tx)
            raised = tx.raised
            return result

        result = await self._repeat(self._adapter.write, noted, writing=True)
        if raised:
            self._follow(raised)
        return result

    def follow(self, follower: Follower | None) -> None:
        """Have the changes of this worker's units told from now on, to one follower."""
        self._follow = follower

    async def exclusively(self, work: Callable[[Session], Awaitable[T]]) -> T:
        """Run raw SQL under a lock that keeps other workers out; one transaction, but for MariaDB and MySQL."""
        return await self._repeat(self._adapter.exclusively, work, writing=True)

    async def open_channel(self, name: str, receive: Callable[[str], None]) -> Channel | None:
        """Listen for messages of all workers; ``None`` where the database carries none (all but PostgreSQL)."""
        return await self._adapter.open_channel(name, receive)

    async def _repeat(
        self,
        run: Callable[[Callable[[U], Awaitable[T]]], Awaitable[T]],
        work: Callable[[U], Awaitable[T]],
        *,
        writing: bool,
    ) -> T:
        pause = BACKOFF_SECONDS
        reconnected = False
        for _ in range(ATTEMPTS_MAX):
            try:
                return await run(work)
            except Interrupted:
                await asyncio.sleep(pause * self._random.uniform(0.5, 1.5))
                pause = min(pause * 2, BACKOFF_MAX_SECONDS)
            except ConnectionLost as lost:
                if reconnected or (writing and lost.committing):
                    raise Unavailable("the connection to the database broke") from lost
                reconnected = True
        raise Unavailable("the database is too busy")


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError) as error:
        raise ConfigurationError("not a database URL") from error


def _adapter(parsed: URL, pool_size: int) -> Adapter:
    match parsed.get_backend_name():
        case "sqlite":
            if not parsed.database or parsed.database == ":memory:":
                raise ConfigurationError("the URL of a SQLite database names no file")
            return SQLiteAdapter(parsed.database)
        case "mysql" | "mariadb":
            return PooledAdapter(MariaDBDriver(parsed), pool_size)
        case "postgresql" | "postgres":
            return PooledAdapter(PostgreSQLDriver(parsed), pool_size)
        case other:
            raise ConfigurationError(f"no such kind of database: {other}")
