"""Statements compiled once per dialect, and the transaction that executes them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.elements import ClauseElement

from folkmoot.database.dialect import DIALECTS, DialectName, ListParameter, list_argument
from folkmoot.database.errors import DuplicateKey

Row = Sequence[Any]
"""One row as the driver returns it; the mapping functions of ``store`` give its values their types."""

Build = Callable[[DialectName], Executable]


@dataclass(frozen=True, slots=True)
class _Compiled:
    sql: str
    names: tuple[str, ...]  # of parameters, in the order the driver wants
    fixed: dict[str, object]  # values that stood in the statement itself
    lists: tuple[str, ...]


class Statement:
    """A Core statement, or a function that builds one for a dialect, ready for the raw drivers.

    An ``INSERT`` takes a parameter of the column's name for each of its columns, unless it has ``values()``.
    """

    __slots__ = ("_build", "_compiled")

    def __init__(self, element: Executable | Build) -> None:
        self._build: Build = (lambda _: element) if isinstance(element, Executable) else element
        self._compiled: dict[DialectName, _Compiled] = {}

    def bind(self, dialect: DialectName, params: Mapping[str, object]) -> tuple[str, tuple[object, ...]]:
        """Return the text and the positional arguments for a driver."""
        compiled = self._compiled.get(dialect) or self._compile(dialect)
        if compiled.fixed or compiled.lists:
            merged = {**compiled.fixed, **params}
            for name in compiled.lists:
                merged[name] = list_argument(dialect, merged[name])
            params = merged
        return compiled.sql, tuple([params[name] for name in compiled.names])

    def text(self, dialect: DialectName) -> str:
        """Return the text alone, for query plans and tests."""
        return (self._compiled.get(dialect) or self._compile(dialect)).sql

    def _compile(self, dialect: DialectName) -> _Compiled:
        element = self._build(dialect)
        if not isinstance(element, ClauseElement):  # every Core statement is one
            raise TypeError(f"not a statement: {element!r}")
        compiled = element.compile(dialect=DIALECTS[dialect])
        positions: Sequence[str] = getattr(compiled, "positiontup", None) or ()
        binds: Mapping[str, sa.BindParameter[object]] = getattr(compiled, "binds", {})
        result = _Compiled(
            sql=str(compiled),
            names=tuple(positions),
            fixed={name: bind.value for name, bind in binds.items() if not bind.required},
            lists=tuple(name for name, bind in binds.items() if isinstance(bind, ListParameter)),
        )
        self._compiled[dialect] = result
        return result


class Transaction(Protocol):
    """What a unit of work may await.

    Raises, from every method:
        DuplicateKey: a unique key is taken.  On PostgreSQL the transaction is then unusable.
        MalformedInput: a value that no column can hold (lone surrogates, NUL in text, numbers beyond 64 bits).
        TooLarge: a value longer than its column.
    """

    @property
    def dialect(self) -> DialectName:
        """Which database this is."""

    @property
    def raised(self) -> dict[int, int]:
        """Collections that this unit has changed, with their new revisions; told to followers after the commit."""

    async def fetch_all(self, statement: Statement, /, **params: object) -> Sequence[Row]:
        """Return all rows."""

    async def fetch_one(self, statement: Statement, /, **params: object) -> Row | None:
        """Return the first row, if there is any."""

    async def execute(self, statement: Statement, /, **params: object) -> int:
        """Return how many rows the statement matched."""

    async def execute_many(self, statement: Statement, rows: Sequence[Mapping[str, object]], /) -> None:
        """Execute once for each set of parameters, in few round trips."""

    async def insert(self, statement: Statement, /, **params: object) -> int:
        """Execute an INSERT built with ``dialect.returning_id`` and return the new row's id."""

    async def raise_counter(self, statement: Statement, /, **params: object) -> int | None:
        """Execute an UPDATE built with ``dialect.raising`` and return the new value; ``None`` if no row matched."""


class Session(Protocol):
    """Raw SQL, for migrations only."""

    async def fetch(self, sql: str) -> Sequence[Row]:
        """Return the rows of a query."""

    async def run(self, sql: str) -> None:
        """Execute one statement."""


class Channel(Protocol):
    """Messages between all workers on one database."""

    @property
    def alive(self) -> bool:
        """Whether messages arrive at present."""

    async def send(self, payload: str) -> None:
        """Send to all who listen, this worker included; raises ``Unavailable``."""

    async def close(self) -> None:
        """Stop listening."""


async def insert_if_absent(tx: Transaction, statement: Statement, /, **params: object) -> bool:
    """Execute an INSERT built with ``dialect.absent_only``; return whether no unique key stood in its way."""
    try:
        return await tx.execute(statement, **params) == 1
    except DuplicateKey:  # MariaDB and MySQL, where it leaves the transaction usable
        return False


__all__ = ["Channel", "DialectName", "Row", "Session", "Statement", "Transaction", "insert_if_absent"]
