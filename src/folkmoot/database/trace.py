"""Logs every statement of a unit of work (``MySQL4DebugEnabled``, ``PGDebugEnabled``).

Its parameters are left out: they hold what people wrote, and stored passwords.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import Final, TypeVar

import structlog

from folkmoot.database.statement import DialectName, Row, Statement, Transaction

T = TypeVar("T")

_log: Final = structlog.get_logger("folkmoot.database")


def logged(work: Callable[[Transaction], Awaitable[T]]) -> Callable[[Transaction], Awaitable[T]]:
    """Return a unit of work that logs its statements."""

    async def run(tx: Transaction) -> T:
        return await work(_LoggedTransaction(tx))

    return run


class _LoggedTransaction:
    __slots__ = ("_tx",)

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    @property
    def dialect(self) -> DialectName:
        return self._tx.dialect

    @property
    def raised(self) -> dict[int, int]:
        return self._tx.raised

    async def fetch_all(self, statement: Statement, /, **params: object) -> Sequence[Row]:
        with self._timed(statement):
            return await self._tx.fetch_all(statement, **params)

    async def fetch_one(self, statement: Statement, /, **params: object) -> Row | None:
        with self._timed(statement):
            return await self._tx.fetch_one(statement, **params)

    async def execute(self, statement: Statement, /, **params: object) -> int:
        with self._timed(statement):
            return await self._tx.execute(statement, **params)

    async def execute_many(self, statement: Statement, rows: Sequence[Mapping[str, object]], /) -> None:
        with self._timed(statement):
            await self._tx.execute_many(statement, rows)

    async def insert(self, statement: Statement, /, **params: object) -> int:
        with self._timed(statement):
            return await self._tx.insert(statement, **params)

    async def raise_counter(self, statement: Statement, /, **params: object) -> int | None:
        with self._timed(statement):
            return await self._tx.raise_counter(statement, **params)

    @contextmanager
    def _timed(self, statement: Statement) -> Iterator[None]:
        began = perf_counter()
        failed = True
        try:
            yield
            failed = False
        finally:
            text = " ".join(statement.text(self.dialect).split())
            _log.info("statement", sql=text, seconds=perf_counter() - began, failed=failed or "")
