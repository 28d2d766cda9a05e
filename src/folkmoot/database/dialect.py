"""What SQLite, MariaDB/MySQL and PostgreSQL do differently, each difference once."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.dialects.mysql.mariadb import MariaDBDialect
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.base import Executable, ReadOnlyColumnCollection
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import KeyedColumnElement

DialectName = Literal["sqlite", "mysql", "postgresql"]

DIALECTS: Final[Mapping[DialectName, Dialect]] = {
    "sqlite": sqlite.dialect(paramstyle="qmark"),
    "mysql": mysql.dialect(paramstyle="format"),
    "postgresql": postgresql.dialect(paramstyle="numeric_dollar"),  # type: ignore[no-untyped-call]  # untyped there
}
MARIADB_DDL: Final[Dialect] = MariaDBDialect(paramstyle="format")  # differs from MySQL where tables are made
TABLE_EXISTS: Final[Mapping[DialectName, str]] = {
    "sqlite": "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '{}'",
    "mysql": "SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = '{}'",
    "postgresql": "SELECT 1 WHERE to_regclass('{}') IS NOT NULL",
}
Changes = Mapping[str, sa.ColumnElement[Any]]
Inserted = ReadOnlyColumnCollection[str, KeyedColumnElement[Any]]
LIKE_ESCAPE: Final = "~"  # not the backslash, which MariaDB's string literals treat specially


class ListParameter(sa.BindParameter[Any]):
    """A parameter that holds a list; see ``within``."""

    inherit_cache = True


class _Contains(sa.ColumnElement[bool]):
    inherit_cache = False
    type = sa.Boolean()

    def __init__(self, column: sa.ColumnElement[Any], name: str) -> None:
        self.column = column
        self.parameter: sa.BindParameter[str] = sa.bindparam(name, type_=sa.String())

    def self_group(self, against: Any = None) -> "_Contains":
        return self


@compiles(_Contains)
def _contains(element: _Contains, compiler: SQLCompiler, **kw: Any) -> str:
    function = "strpos" if compiler.dialect.name == "postgresql" else "instr"
    return f"{function}({compiler.process(element.column, **kw)}, {compiler.process(element.parameter, **kw)}) > 0"


class _Within(sa.ColumnElement[bool]):
    """``column IN (list)`` with one parameter whatever the length, so that prepared statements are reused."""

    inherit_cache = False
    type = sa.Boolean()

    def __init__(self, column: sa.ColumnElement[Any], parameter: ListParameter) -> None:
        self.column = column
        self.parameter = parameter

    def self_group(self, against: Any = None) -> "_Within":
        return self  # a condition already; Core would append "= 1"


@compiles(_Within, "sqlite")
def _within_sqlite(element: _Within, compiler: SQLCompiler, **kw: Any) -> str:
    column, parameter = compiler.process(element.column, **kw), compiler.process(element.parameter, **kw)
    return f"{column} IN (SELECT value FROM json_each({parameter}))"  # noqa: S608  # compiled text


@compiles(_Within, "mysql")
@compiles(_Within, "mariadb")
def _within_mysql(element: _Within, compiler: SQLCompiler, **kw: Any) -> str:
    # asyncmy expands a sequence to a parenthesised list of literals.
    return f"{compiler.process(element.column, **kw)} IN {compiler.process(element.parameter, **kw)}"


@compiles(_Within, "postgresql")
def _within_postgresql(element: _Within, compiler: SQLCompiler, **kw: Any) -> str:
    return f"{compiler.process(element.column, **kw)} = ANY ({compiler.process(element.parameter, **kw)})"


def contains(column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[bool]:
    """Return whether a column contains the text passed as parameter ``name``, compared by code point.

    Not LIKE, which ignores the case of ASCII letters on SQLite.
    """
    return _Contains(column, name)


def within(column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[bool]:
    """Return ``column IN (…)`` over the list passed as parameter ``name``; false for an empty list."""
    item = sa.BigInteger() if isinstance(column.type, sa.Integer) else sa.String()
    return _Within(column, ListParameter(name, required=True, type_=sa.ARRAY(item)))


def list_argument(dialect: DialectName, values: object) -> object:
    """Return a list in the shape the driver wants for ``within``."""
    if not isinstance(values, Sequence) or isinstance(values, str | bytes):
        raise TypeError(f"a list parameter takes a sequence, not {type(values).__name__}")
    match dialect:
        case "sqlite":
            return json.dumps(list(values), ensure_ascii=False)
        case "mysql":
            return tuple(values) or (None,)  # IN () is no SQL; IN (NULL) is never true
        case "postgresql":
            return list(values)


def upsert(
    dialect: DialectName,
    table: sa.Table,
    changes: Changes | Callable[[Inserted], Changes] | None = None,
    unique: Sequence[str] = (),
) -> Executable:
    """Return an INSERT that, where the primary key (or the ``unique`` one) is taken, sets ``changes`` instead.

    Without ``changes`` all other columns take the inserted values; a function gets these, and its statement may be
    executed many times at once.  MariaDB assigns in the order given, each assignment seeing the ones before it.
    """
    key = list(unique) or [column.name for column in table.primary_key]
    named = [column.name for column in table.columns if column.autoincrement is not True]
    values: dict[str, sa.BindParameter[Any]] = {name: sa.bindparam(name) for name in named}
    others = [name for name in named if name not in key]

    def chosen(inserted: Inserted) -> Changes:
        if changes is None:
            return {name: inserted[name] for name in others}
        return changes(inserted) if callable(changes) else changes

    if dialect == "mysql":
        into = mysql.insert(table).values(values)
        return into.on_duplicate_key_update(list(chosen(into.inserted).items()))
    insert = (sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)).values(values).inline()
    return insert.on_conflict_do_update(index_elements=key, set_=dict(chosen(insert.excluded)))


def absent_only(dialect: DialectName, table: sa.Table) -> Executable:
    """Return an INSERT for ``insert_if_absent``; a column that counts by itself is no parameter of it."""
    counts = any(column.autoincrement is True for column in table.c)
    values: dict[str, sa.BindParameter[Any]] = {
        column.name: sa.bindparam(column.name) for column in table.c if column.autoincrement is not True
    }
    if dialect == "mysql":
        # Not INSERT IGNORE, which also cuts values that are too long.
        return mysql.insert(table).values(values).inline() if counts else mysql.insert(table)
    insert = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    return (insert.values(values).inline() if counts else insert).on_conflict_do_nothing()


def insert_absent(dialect: DialectName, table: sa.Table) -> Executable:
    """Return an INSERT for ``execute_many`` that leaves rows as they are whose unique key is taken.

    It takes a parameter of the column's name for each column but one that counts by itself.
    """
    names = [column.name for column in table.c if column.autoincrement is not True]
    values: dict[str, sa.BindParameter[Any]] = {name: sa.bindparam(name) for name in names}
    if dialect == "mysql":
        # Not INSERT IGNORE, which also cuts values that are too long.
        return mysql.insert(table).values(values).on_duplicate_key_update([(names[0], table.c[names[0]])])
    insert = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    return insert.values(values).on_conflict_do_nothing().inline()


def raising(dialect: DialectName, update: sa.Update, counter: sa.Column[int], by: sa.ColumnElement[int]) -> Executable:
    """Return ``update`` so that it also adds ``by`` to ``counter``, for ``Transaction.raise_counter``."""
    if dialect == "mysql":
        return update.values({counter: sa.func.last_insert_id(counter + by)})
    return update.values({counter: counter + by}).returning(counter)


def returning_id(dialect: DialectName, insert: sa.Insert, column: sa.Column[int]) -> Executable:
    """Return ``insert`` so that ``Transaction.insert`` learns the new row's id."""
    return insert if dialect == "mysql" else insert.returning(column)


def like_escaped(text: str) -> str:
    """Return text that LIKE, with ``escape=LIKE_ESCAPE``, takes literally."""
    for special in (LIKE_ESCAPE, "%", "_"):
        text = text.replace(special, LIKE_ESCAPE + special)
    return text
