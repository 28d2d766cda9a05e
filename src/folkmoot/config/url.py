"""Database URLs: ``scheme://user:password@host:port/database/table``."""

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final
from urllib.parse import unquote

from folkmoot.core.errors import MalformedInput, Unsupported

LENGTH_MAX: Final = 4_096  # characters; a password of a kilobyte, percent-encoded, still fits
PORT_MAX: Final = 65_535


class Dialect(StrEnum):
    """The databases Folkmoot speaks to."""

    MYSQL = "mysql"
    POSTGRESQL = "postgresql"
    SQLITE = "sqlite"


_SCHEMES: Final = {
    "mysql": Dialect.MYSQL,
    "mariadb": Dialect.MYSQL,
    "postgresql": Dialect.POSTGRESQL,
    "postgres": Dialect.POSTGRESQL,
    "sqlite": Dialect.SQLITE,
}
_UNSUPPORTED_SCHEMES: Final = frozenset({"oracle", "http", "https", "openbase"})  # SOPE knows them, Folkmoot does not
_URL: Final = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<rest>.*)", re.DOTALL)
_HOST: Final = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.%]+)\]|(?P<name>[^:\[\]]*))(?::(?P<port>[0-9]{1,5}))?")
_ILL: Final = re.compile(r"[\x00-\x1f\x7f]|%(?![0-9A-Fa-f]{2})|%00")


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """Where a database is, and in it a table if the URL names one.

    For SQLite ``database`` is the absolute path of the file, or empty for a database in memory.
    A ``port`` of ``None`` is the dialect's own.  ``options`` are the pairs after a ``?``, as they
    stand, for example ``unix_socket`` or ``sslmode``.
    """

    dialect: Dialect
    host: str = ""
    port: int | None = None
    user: str = ""
    password: str = field(default="", repr=False)
    database: str = ""
    table: str = ""
    options: tuple[tuple[str, str], ...] = ()

    def without_table(self) -> "DatabaseUrl":
        """Return the URL of the database itself."""
        return replace(self, table="")

    def __str__(self) -> str:
        """Show the place without user and password, fit for logs."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port is None else f":{self.port}"
        path = self.database if self.dialect is Dialect.SQLITE else f"/{self.database}"
        return f"{self.dialect}://{host}{port}{path}" + (f"/{self.table}" if self.table else "")


def parse_database_url(text: str, *, table: bool = False) -> DatabaseUrl:
    """Parse a database URL; with ``table`` its last path element names a table.

    User, password, database and table are percent-decoded.  An ``@``, ``#`` or ``?`` that stands raw in the
    password is taken as part of it, as administrators write it.

    Raises:
        MalformedInput: not a database URL, or a part is missing.
        Unsupported: a scheme that SOGo knows and Folkmoot does not, such as ``oracle``.
    """
    if len(text) > LENGTH_MAX:
        raise MalformedInput(f"database URL longer than {LENGTH_MAX} characters")
    match = _URL.fullmatch(text.strip())
    if match is None:
        raise MalformedInput("not a database URL: expected scheme://user:password@host:port/database")
    if _ILL.search(text.strip()):
        raise MalformedInput("database URL holds a control character or a % without two hexadecimal digits")
    scheme = match["scheme"].lower()
    if scheme in _UNSUPPORTED_SCHEMES:
        raise Unsupported(f"databases of kind {scheme} are not supported; use mysql, postgresql or sqlite")
    dialect = _SCHEMES.get(scheme)
    if dialect is None:
        raise MalformedInput(f"unknown database kind {scheme!r}: expected mysql, postgresql or sqlite")
    if dialect is Dialect.SQLITE:
        return _sqlite(match["rest"], table=table)
    return _networked(dialect, match["rest"], table=table)


def _sqlite(rest: str, *, table: bool) -> DatabaseUrl:
    path, options = _options(rest)
    if path and not path.startswith("/"):
        raise MalformedInput("sqlite URL: expected three slashes and an absolute path, sqlite:///var/lib/x.sqlite")
    path = unquote("/" + path.lstrip("/")) if path else ""
    if not table:
        return DatabaseUrl(Dialect.SQLITE, database="" if path == "/" else path, options=options)
    file, _, name = path.rpartition("/")
    if not name or not file:
        raise MalformedInput("sqlite URL: expected a table after the file, sqlite:///var/lib/x.sqlite/table")
    return DatabaseUrl(Dialect.SQLITE, database=file, table=name, options=options)


def _networked(dialect: Dialect, rest: str, *, table: bool) -> DatabaseUrl:
    credentials, at, place = rest.rpartition("@")
    user, _, password = credentials.partition(":") if at else ("", "", "")
    host, _, path = place.partition("/")
    path, options = _options(path)
    where = _HOST.fullmatch(host)
    if where is None or (where["port"] is not None and not 0 < int(where["port"]) <= PORT_MAX):
        raise MalformedInput(f"{dialect} URL: {host!r} is not a host with an optional port")
    elements = [unquote(element) for element in path.split("/") if element]
    if len(elements) != (2 if table else 1):
        expected = "/database/table" if table else "/database"
        raise MalformedInput(f"{dialect} URL: expected {expected} after the host, found {'/' + path!r}")
    return DatabaseUrl(
        dialect,
        host=unquote(where["v6"] or where["name"]),
        port=int(where["port"]) if where["port"] else None,
        user=unquote(user),
        password=unquote(password),
        database=elements[0],
        table=elements[1] if table else "",
        options=options,
    )


def _options(path: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    path, _, query = path.partition("?")
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    return path, tuple((unquote(name), unquote(value)) for name, _, value in pairs)
