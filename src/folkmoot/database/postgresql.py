"""PostgreSQL by asyncpg."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias, cast
from urllib.parse import urlencode

import asyncpg
from sqlalchemy.engine import URL, Dialect

from folkmoot.core.errors import ConfigurationError, MalformedInput, TooLarge, Unavailable
from folkmoot.database.dialect import DIALECTS, DialectName
from folkmoot.database.errors import ConnectionLost, DuplicateKey, Interrupted, ReadOnly
from folkmoot.database.statement import Channel, Row, Statement, Transaction

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

CONNECT_SECONDS: Final = 10
CLOSE_SECONDS: Final = 5  # for a farewell; then the connection is cut
STATEMENT_SECONDS: Final = 60  # no statement of ours takes as long; a dead peer does
STATEMENTS_CACHED: Final = 512  # above the number of statements the program has
RECONNECT_SECONDS: Final = 2  # until a broken listening connection is looked at again
MIGRATION_LOCK: Final = 0x466F6C6B  # any number that is ours

# How libpq names them in URLs (PostgreSQL's manual, section 32.19).
_TLS_MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_TLS_FILES: Final = ("sslrootcert", "sslcert", "sslkey", "sslcrl")
_SETTINGS: Final = {
    "application_name": "folkmoot",
    "jit": "off",  # compiling costs more than our statements
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
    "default_transaction_isolation": "read committed",
}
_PATIENT: Final = {"lock_timeout": "600s", "idle_in_transaction_session_timeout": "0"}
_INTERRUPTED: Final = ("40001", "40P01", "55P03")
_TOO_LONG: Final = ("22001", "54000")
_GOING_DOWN: Final = ("57P01", "57P02", "57P03", "25006")  # shut down; or a standby after a failover


class PostgreSQLDriver:
    """Connections to one PostgreSQL database."""

    dialect: DialectName = "postgresql"
    ddl_dialect: Dialect = DIALECTS["postgresql"]
    exclusive_start: Sequence[str] = ("BEGIN", f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
    exclusive_end: Sequence[str] = ("COMMIT",)

    def __init__(self, url: URL) -> None:
        self._url = url
        self._tls = _tls(url)
        self._closing: set[asyncio.Task[None]] = set()

    async def connect(self, *, patient: bool = False) -> Connection:
        url = self._url
        options = {name: values[0] for name, values in url.normalized_query.items()}
        try:
            connection: Connection = await asyncpg.connect(
                self._tls,
                host=options.get("host", url.host),
                port=url.port or 5432,
                user=url.username,
                password=url.password,
                database=url.database,
                timeout=CONNECT_SECONDS,
                command_timeout=None if patient else STATEMENT_SECONDS,
                statement_cache_size=STATEMENTS_CACHED,
                max_cached_statement_lifetime=0,
                server_settings=_SETTINGS | _PATIENT if patient else _SETTINGS,
            )
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError, ValueError) as error:
            raise Unavailable(f"PostgreSQL does not take our connection: {error}") from error
        return connection

    def terminate(self, connection: Connection) -> None:
        # asyncpg may still be telling the server to cancel a statement; cutting it off there raises out of nowhere.
        closing = asyncio.create_task(_close(connection))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def settle(self) -> None:
        await asyncio.gather(*self._closing)

    def usable(self, connection: Connection) -> bool:
        return not connection.is_closed()

    def transaction(self, connection: Connection) -> Transaction:
        return _PostgreSQLTransaction(connection)

    async def run(self, connection: Connection, sql: str) -> None:
        try:
            await connection.execute(sql)
        except Exception as error:
            raise _translated(error) from error

    async def fetch(self, connection: Connection, sql: str) -> Sequence[Row]:
        try:
            return cast("Sequence[Row]", await connection.fetch(sql))
        except Exception as error:
            raise _translated(error) from error

    async def open_channel(self, name: str, receive: Callable[[str], None]) -> Channel:
        channel = _NotifyChannel(self, name, receive)
        await channel.open()
        return channel


def _tls(url: URL) -> str:
    """Return a URL with nothing but the options of TLS: asyncpg takes the files of certificates from there alone.

    Raises:
        ConfigurationError: no such mode, or no such file.
    """
    options = {name: values[0] for name, values in url.normalized_query.items()}
    if options.get("sslmode", _TLS_MODES[0]) not in _TLS_MODES:
        raise ConfigurationError(f"sslmode of a PostgreSQL URL: expected one of {', '.join(_TLS_MODES)}")
    for name in _TLS_FILES:
        if name in options and not Path(options[name]).is_file():
            raise ConfigurationError(f"{name} of a PostgreSQL URL: there is no file {options[name]}")
    return "postgresql://?" + urlencode({n: v for n, v in options.items() if n == "sslmode" or n in _TLS_FILES})


async def _close(connection: Connection) -> None:
    try:
        await connection.close(timeout=CLOSE_SECONDS)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        connection.terminate()


class _NotifyChannel:
    """LISTEN and NOTIFY on a connection of their own, opened anew when it breaks."""

    def __init__(self, driver: PostgreSQLDriver, name: str, receive: Callable[[str], None]) -> None:
        self._driver = driver
        self._name = name
        self._receive = receive
        self._connection: Connection | None = None
        self._keeper: asyncio.Task[None] | None = None

    @property
    def alive(self) -> bool:
        return self._connection is not None and not self._connection.is_closed()

    async def open(self) -> None:
        await self._listen()
        self._keeper = asyncio.create_task(self._keep(), name="PostgreSQL channel")

    async def send(self, payload: str) -> None:
        connection = self._connection
        if connection is None or connection.is_closed():
            raise Unavailable("the listening connection is down")
        try:
            await connection.execute("SELECT pg_notify($1, $2)", self._name, payload)
        except Exception as error:
            raise Unavailable(f"PostgreSQL did not take our message: {error}") from error

    async def close(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        if self._connection is not None:
            await _close(self._connection)

    async def _listen(self) -> None:
        connection = await self._driver.connect()
        try:
            await connection.add_listener(self._name, self._deliver)
        except Exception as error:
            connection.terminate()
            raise Unavailable(f"PostgreSQL does not let us listen: {error}") from error
        self._connection = connection

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(RECONNECT_SECONDS)
            if not self.alive:
                with contextlib.suppress(Unavailable):
                    await self._listen()

    def _deliver(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        self._receive(str(payload))


class _PostgreSQLTransaction:
    __slots__ = ("_connection", "raised")

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.raised: dict[int, int] = {}

    @property
    def dialect(self) -> DialectName:
        return "postgresql"

    async def fetch_all(self, statement: Statement, /, **params: object) -> Sequence[Row]:
        sql, arguments = statement.bind("postgresql", params)
        try:
            return cast("Sequence[Row]", await self._connection.fetch(sql, *arguments))
        except Exception as error:
            raise _translated(error) from error

    async def fetch_one(self, statement: Statement, /, **params: object) -> Row | None:
        sql, arguments = statement.bind("postgresql", params)
        try:
            return cast("Row | None", await self._connection.fetchrow(sql, *arguments))
        except Exception as error:
            raise _translated(error) from error

    async def execute(self, statement: Statement, /, **params: object) -> int:
        sql, arguments = statement.bind("postgresql", params)
        try:
            status = await self._connection.execute(sql, *arguments)
        except Exception as error:
            raise _translated(error) from error
        return int(status.rpartition(" ")[2])  # "INSERT 0 1", "UPDATE 1"

    async def execute_many(self, statement: Statement, rows: Sequence[Mapping[str, object]], /) -> None:
        if not rows:
            return
        bound = [statement.bind("postgresql", row) for row in rows]
        try:
            await self._connection.executemany(bound[0][0], [arguments for _, arguments in bound])
        except Exception as error:
            raise _translated(error) from error

    async def insert(self, statement: Statement, /, **params: object) -> int:
        rows = await self.fetch_all(statement, **params)
        return int(rows[0][0])

    async def raise_counter(self, statement: Statement, /, **params: object) -> int | None:
        rows = await self.fetch_all(statement, **params)
        return int(rows[0][0]) if rows else None


def _translated(error: Exception) -> Exception:
    if isinstance(error, asyncpg.PostgresError):
        return _refused(error, str(getattr(error, "sqlstate", None) or ""))
    if isinstance(error, asyncpg.InternalClientError):  # a farewell of the server came between
        return ConnectionLost(str(error))
    if isinstance(error, asyncpg.InterfaceError | OSError | asyncio.IncompleteReadError):
        if isinstance(error, asyncpg.DataError | ValueError):  # a value that asyncpg cannot encode
            return MalformedInput("a value that the database cannot hold")
        if isinstance(error, TimeoutError):
            return Unavailable("the database does not answer")
        return ConnectionLost(str(error))
    if isinstance(error, UnicodeEncodeError | OverflowError):
        return MalformedInput(f"a value that the database cannot hold: {type(error).__name__}")
    return error


_ALTERED: Final = ("42P01", "42703", "42501")  # a user source's table or view was changed, or closed to us


def _refused(error: Exception, state: str) -> Exception:
    if state == "23505":
        return DuplicateKey("a row with this key exists already")
    if state in _INTERRUPTED:
        return Interrupted(str(error))
    if state == "55000":  # a view that cannot be updated
        return ReadOnly("this cannot be written")
    if state in _TOO_LONG:
        return TooLarge("a value too long for the database")
    if state.startswith("22"):
        return MalformedInput("a value that the database cannot hold")
    if state in _GOING_DOWN or state.startswith("08"):
        return ConnectionLost(str(error))
    if state.startswith(("53", "57", "58")) or state in _ALTERED:
        return Unavailable(f"the database cannot be used: {error}")
    return error
