"""MariaDB and MySQL by asyncmy, with server-side prepared statements."""

import ssl
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import asyncmy
import asyncmy.errors
from asyncmy.constants.CLIENT import FOUND_ROWS
from sqlalchemy.engine import URL, Dialect

from folkmoot.core.errors import ConfigurationError, MalformedInput, TooLarge, Unavailable
from folkmoot.database.dialect import DIALECTS, MARIADB_DDL, DialectName
from folkmoot.database.errors import ConnectionLost, DuplicateKey, Interrupted, ReadOnly
from folkmoot.database.statement import Row, Statement, Transaction

Connection = Any  # asyncmy is compiled and carries no types; rows leave this module as Row

CONNECT_SECONDS: Final = 10
STATEMENT_SECONDS: Final = 60  # no statement of ours takes as long; a dead peer does
STATEMENTS_CACHED: Final = 512  # above the number of statements the program has
MIGRATION_SECONDS: Final = 600  # to wait for another worker's migration
PORT: Final = 3306
SOCKETS: Final = (  # of Debian, of Red Hat, of MySQL's own packages
    "/run/mysqld/mysqld.sock",
    "/var/run/mysqld/mysqld.sock",
    "/var/lib/mysql/mysql.sock",
    "/tmp/mysql.sock",  # noqa: S108  # where it is by default
)

_SESSION: Final = (
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', SESSION innodb_lock_wait_timeout = 10",
    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
)
# https://mariadb.com/docs/server/reference/error-codes
_DUPLICATE: Final = (1062, 1586)
_INTERRUPTED: Final = (1205, 1213, 1020)  # lock wait time-out, deadlock, changed since read (Galera, MariaDB 11)
_TOO_LONG: Final = (1406, 1153, 1301, 1118)
_UNFIT: Final = (1264, 1366, 1300, 1292, 1367, 3988, 1267)  # the last: text that a narrower character set lacks
_LOST: Final = (2006, 2013, 2014, 2055, 1053, 1077, 1079, 1080, 1927, 1290, 1792, 1836, 1047)
_FAILING: Final = (1021, 1030, 1040, 1041, 1114, 1180, 1203, 1226, 2002, 2003)
_ALTERED: Final = (1146, 1054, 1142, 1143, 1356)  # a user source's table or view was changed, or closed to us


class MariaDBDriver:
    """Connections to one MariaDB or MySQL database."""

    dialect: DialectName = "mysql"
    ddl_dialect: Dialect = DIALECTS["mysql"]
    exclusive_start: Sequence[str] = (f"SELECT GET_LOCK(CONCAT('folkmoot.', MD5(DATABASE())), {MIGRATION_SECONDS})",)
    exclusive_end: Sequence[str] = ("SELECT RELEASE_LOCK(CONCAT('folkmoot.', MD5(DATABASE())))",)

    def __init__(self, url: URL) -> None:
        self._url = url

    async def connect(self, *, patient: bool = False) -> Connection:
        url = self._url
        options = {name: values[0] for name, values in url.normalized_query.items()}
        try:
            connection: Connection = await asyncmy.connect(
                host=url.host or "localhost",
                port=url.port or PORT,
                unix_socket=options.get("unix_socket") or _local_socket(url),
                ssl=_tls(options),
                user=url.username,
                password=url.password or "",
                database=url.database,
                charset="utf8mb4",
                autocommit=True,
                client_flag=FOUND_ROWS,  # row counts are of matched rows, as on the other databases
                connect_timeout=CONNECT_SECONDS,
                read_timeout=None if patient else STATEMENT_SECONDS,
                stmt_cache_size=STATEMENTS_CACHED,
            )
            for sql in _SESSION:
                await connection.query(sql)
        except (asyncmy.errors.Error, OSError, TimeoutError) as error:
            raise Unavailable(f"MariaDB does not take our connection: {error}") from error
        if "MariaDB" in connection.get_server_info():
            self.ddl_dialect = MARIADB_DDL
        return connection

    def terminate(self, connection: Connection) -> None:
        transport = connection._transport  # noqa: SLF001  # its close() would wait for the peer's farewell under TLS
        if transport is not None:
            transport.abort()
        connection.close()

    async def settle(self) -> None:
        """Do nothing: ``terminate`` has closed."""

    def usable(self, connection: Connection) -> bool:
        return not connection._stream_broken  # noqa: SLF001  # the only way to see a closed peer without a round trip

    def transaction(self, connection: Connection) -> Transaction:
        return _MariaDBTransaction(connection)

    async def run(self, connection: Connection, sql: str) -> None:
        try:
            await connection.query(sql)
        except Exception as error:
            raise _translated(error) from error

    async def fetch(self, connection: Connection, sql: str) -> Sequence[Row]:
        cursor = connection.cursor()
        try:
            await cursor.execute(sql)
            rows: Sequence[Row] = await cursor.fetchall()
        except Exception as error:
            raise _translated(error) from error
        return rows

    async def open_channel(self, name: str, receive: Callable[[str], None]) -> None:
        """Return nothing: MariaDB carries no messages."""


def _local_socket(url: URL) -> str | None:
    """Return the socket of this machine's server where the URL says ``localhost``, as the C library takes it for SOGo.

    Accounts may be for the socket alone, and the server may listen on nothing else.  The C library goes there whatever
    the port; we take one that is not the usual one at its word.
    """
    if url.host not in {None, "localhost"} or url.port not in {None, PORT}:
        return None
    return next((path for path in SOCKETS if Path(path).is_socket()), None)


def _tls(options: Mapping[str, str]) -> ssl.SSLContext | None:
    """Return how to encrypt, None for not at all.

    As MySQL's own clients do it: without an authority nobody is verified, and with one the certificate is, but not the
    host's name, which the certificates that the servers make for themselves do not hold.

    Raises:
        ConfigurationError: a file of keys or certificates cannot be used.
    """
    if options.get("ssl", "").lower() not in {"true", "1", "yes"}:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    try:
        if "ssl_ca" in options:
            context.load_verify_locations(options["ssl_ca"])
        else:
            context.verify_mode = ssl.CERT_NONE
        if "ssl_cert" in options:
            context.load_cert_chain(options["ssl_cert"], options.get("ssl_key"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"MySQL4SSL…: a key or certificate cannot be used: {error}") from error
    return context


class _MariaDBTransaction:
    __slots__ = ("_connection", "raised")

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.raised: dict[int, int] = {}

    @property
    def dialect(self) -> DialectName:
        return "mysql"

    async def fetch_all(self, statement: Statement, /, **params: object) -> Sequence[Row]:
        cursor = await self._run(statement, params)
        rows: Sequence[Row] = await cursor.fetchall()
        return rows

    async def fetch_one(self, statement: Statement, /, **params: object) -> Row | None:
        cursor = await self._run(statement, params)
        row: Row | None = await cursor.fetchone()
        return row

    async def execute(self, statement: Statement, /, **params: object) -> int:
        cursor = await self._run(statement, params)
        return int(cursor.rowcount)

    async def execute_many(self, statement: Statement, rows: Sequence[Mapping[str, object]], /) -> None:
        if not rows:
            return
        bound = [statement.bind("mysql", row) for row in rows]
        try:
            await self._connection.cursor().executemany(bound[0][0], [arguments for _, arguments in bound])
        except Exception as error:
            raise _translated(error) from error

    async def insert(self, statement: Statement, /, **params: object) -> int:
        cursor = await self._run(statement, params)
        return int(cursor.lastrowid)

    async def raise_counter(self, statement: Statement, /, **params: object) -> int | None:
        cursor = await self._run(statement, params)
        return int(cursor.lastrowid) if cursor.rowcount else None

    async def _run(self, statement: Statement, params: Mapping[str, object]) -> Any:
        sql, arguments = statement.bind("mysql", params)
        cursor = self._connection.cursor()
        try:
            await cursor.execute(sql, arguments)
        except Exception as error:
            raise _translated(error) from error
        return cursor


def _translated(error: Exception) -> Exception:
    if isinstance(error, asyncmy.errors.Error):
        code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
        return _refused(error, code)
    if isinstance(error, TimeoutError):
        return Unavailable("the database does not answer")
    if isinstance(error, OSError):
        return ConnectionLost(str(error))
    if isinstance(error, UnicodeEncodeError | OverflowError):
        return MalformedInput(f"a value that the database cannot hold: {type(error).__name__}")
    return error


_READ_ONLY: Final = (1288, 1348, 1471, 1906)  # a view that cannot be updated, or that column of it


def _refused(error: Exception, code: int) -> Exception:
    if code in _DUPLICATE:
        return DuplicateKey("a row with this key exists already")
    if code in _INTERRUPTED:
        return Interrupted(str(error))
    if code in _READ_ONLY:
        return ReadOnly("this cannot be written")
    if code in _TOO_LONG:
        return TooLarge("a value too long for the database")
    if code in _UNFIT:
        return MalformedInput("a value that the database cannot hold")
    if code in _LOST or isinstance(error, asyncmy.errors.InterfaceError):
        return ConnectionLost(str(error))
    if code in _FAILING + _ALTERED:
        return Unavailable(f"the database cannot be used: {error}")
    return error
