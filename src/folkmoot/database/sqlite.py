"""SQLite: a whole unit of work is one hop into a thread, which drives its coroutine to the end.

One connection writes, in a thread of its own; a few read.  WAL lets them go on beside each other.
"""

import asyncio
import os
import sqlite3
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any, Final, TypeVar

from sqlalchemy.engine import Dialect

from folkmoot.core.errors import MalformedInput, TooLarge, Unavailable
from folkmoot.database.dialect import DIALECTS
from folkmoot.database.errors import DuplicateKey, Interrupted, ReadOnly
from folkmoot.database.statement import DialectName, Row, Session, Statement, Transaction

T = TypeVar("T")

READERS_DEFAULT: Final = 4  # threads share one interpreter lock: more do not read faster
BUSY_SECONDS: Final = 10  # how long to wait for another process's write transaction
WAL_ATTEMPTS_MAX: Final = 8  # workers that start together: the switch to WAL does not wait for a busy file
CACHE_KIB: Final = 16 * 1024  # page cache of each connection
STATEMENTS_CACHED: Final = 512  # above the number of statements the program has

_PRAGMAS: Final = (
    # An acknowledged write also survives a power cut; NORMAL would lose the last ones then.
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = OFF",
    f"PRAGMA cache_size = -{CACHE_KIB}",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA journal_size_limit = 67108864",
)
_DUPLICATE: Final = (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
_BUSY: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class SQLiteAdapter:
    """The connections to one file."""

    dialect: DialectName = "sqlite"
    ddl_dialect: Dialect = DIALECTS["sqlite"]

    def __init__(self, path: str, *, readers: int = READERS_DEFAULT) -> None:
        self._path = path
        self._writer_thread = ThreadPoolExecutor(1, "sqlite-writer")
        self._reader_threads = ThreadPoolExecutor(readers, "sqlite-reader")
        self._writer: sqlite3.Connection | None = None
        self._readers: SimpleQueue[sqlite3.Connection] = SimpleQueue()
        self._reader_count = readers

    async def open(self) -> None:
        """Open all connections.

        Raises:
            Unavailable: the file cannot be opened or is not a database.
        """
        try:
            # Made for us alone: it holds secrets.  SQLite gives its other files the same mode.
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise Unavailable(f"database {self._path}: {error.strerror}") from error
        loop = asyncio.get_running_loop()
        self._writer = await loop.run_in_executor(self._writer_thread, self._connect)
        for _ in range(self._reader_count):
            self._readers.put(await loop.run_in_executor(self._reader_threads, self._connect))

    async def close(self) -> None:
        """Wait for running units of work and close all connections."""
        await asyncio.to_thread(self._reader_threads.shutdown)
        await asyncio.to_thread(self._writer_thread.shutdown)
        while not self._readers.empty():
            self._readers.get().close()
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    async def read(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run a unit that only reads; each statement sees the latest commit."""
        return await asyncio.get_running_loop().run_in_executor(self._reader_threads, self._read, work)

    async def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run a unit as one transaction."""
        return await asyncio.get_running_loop().run_in_executor(self._writer_thread, self._write, work)

    async def exclusively(self, work: Callable[[Session], Awaitable[T]]) -> T:
        """Run raw SQL in one transaction, alone on the file."""
        return await asyncio.get_running_loop().run_in_executor(
            self._writer_thread,
            self._in_transaction,
            lambda connection: _drive(work(_SQLiteSession(connection))),
        )

    async def open_channel(self, name: str, receive: Callable[[str], None]) -> None:
        """Return nothing: SQLite carries no messages."""

    def _connect(self) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(
                self._path,
                timeout=BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,  # a connection is used by one thread at a time, not always the same
                cached_statements=STATEMENTS_CACHED,
            )
            _prepare(connection)
        except sqlite3.Error as error:
            raise Unavailable(f"database {self._path}: {error}") from error
        return connection

    def _read(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        connection = self._readers.get()
        try:
            return _drive(work(_SQLiteTransaction(connection)))
        finally:
            self._readers.put(connection)

    def _write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        return self._in_transaction(lambda connection: _drive(work(_SQLiteTransaction(connection))))

    def _in_transaction(self, run: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._writer
        if connection is None:
            raise Unavailable("the database is closed")
        try:
            connection.execute("BEGIN IMMEDIATE")
            result = run(connection)
            connection.execute("COMMIT")
        except BaseException as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise _translated(error) from error
            raise
        return result


def _prepare(connection: sqlite3.Connection) -> None:
    for attempt in range(WAL_ATTEMPTS_MAX):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError:
            if attempt == WAL_ATTEMPTS_MAX - 1:
                raise
            time.sleep(0.05 * (attempt + 1))
    for pragma in _PRAGMAS:
        connection.execute(pragma)


class _SQLiteTransaction:
    """Awaitables that never suspend."""

    __slots__ = ("_connection", "raised")

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.raised: dict[int, int] = {}

    @property
    def dialect(self) -> DialectName:
        return "sqlite"

    async def fetch_all(self, statement: Statement, /, **params: object) -> Sequence[Row]:
        return self._run(statement, params).fetchall()

    async def fetch_one(self, statement: Statement, /, **params: object) -> Row | None:
        cursor = self._run(statement, params)
        row: Row | None = cursor.fetchone()
        cursor.close()  # an open cursor would keep its snapshot and hold up checkpoints
        return row

    async def execute(self, statement: Statement, /, **params: object) -> int:
        return self._run(statement, params).rowcount

    async def execute_many(self, statement: Statement, rows: Sequence[Mapping[str, object]], /) -> None:
        for row in rows:
            self._run(statement, row)

    async def insert(self, statement: Statement, /, **params: object) -> int:
        return int(self._run(statement, params).fetchall()[0][0])

    async def raise_counter(self, statement: Statement, /, **params: object) -> int | None:
        rows = self._run(statement, params).fetchall()
        return int(rows[0][0]) if rows else None

    def _run(self, statement: Statement, params: Mapping[str, object]) -> sqlite3.Cursor:
        sql, arguments = statement.bind("sqlite", params)
        try:
            return self._connection.execute(sql, arguments)
        except sqlite3.Error as error:
            raise _translated(error) from error
        except (UnicodeEncodeError, OverflowError) as error:
            raise MalformedInput(f"a value that the database cannot hold: {type(error).__name__}") from error


class _SQLiteSession:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def fetch(self, sql: str) -> Sequence[Row]:
        return self._connection.execute(sql).fetchall()

    async def run(self, sql: str) -> None:
        self._connection.execute(sql)


def _drive(work: Awaitable[T]) -> T:
    """Run a coroutine that never suspends."""
    if not isinstance(work, Coroutine):
        raise TypeError("a unit of work is a coroutine function")
    coroutine: Coroutine[Any, Any, T] = work
    try:
        coroutine.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    coroutine.close()
    raise RuntimeError("a unit of work awaited something other than its transaction")


def _translated(error: sqlite3.Error) -> Exception:
    code = getattr(error, "sqlite_errorcode", None)
    if code in _DUPLICATE:
        return DuplicateKey("a row with this key exists already")
    if code is not None and code & 0xFF in _BUSY:
        return Interrupted(str(error))
    if isinstance(error, sqlite3.OperationalError) and str(error).startswith("cannot modify"):  # a view; it has no code
        return ReadOnly("this cannot be written")
    if isinstance(error, sqlite3.DataError):
        return TooLarge("a value too long for the database")
    if isinstance(error, sqlite3.OperationalError | sqlite3.DatabaseError) and code in _FAILING:
        return Unavailable(f"the database cannot be used: {error}")
    return error


_FAILING: Final = (
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PERM,
)
