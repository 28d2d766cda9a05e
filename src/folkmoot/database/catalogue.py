"""The columns of a table or view that somebody else made, such as a user source."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import sqlalchemy as sa
from sqlalchemy.sql.base import Executable

from folkmoot.database.statement import DialectName, Statement, Transaction


class ColumnKind(StrEnum):
    """How values of a column compare."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    BINARY = "binary"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column, under the name as the database writes it."""

    name: str
    kind: ColumnKind


async def columns_of(tx: Transaction, table: str) -> tuple[TableColumn, ...]:
    """Return the columns of a table or view in their order; none if the table is not there or not ours to see."""
    rows = await tx.fetch_all(_COLUMNS, table=table)
    return tuple(TableColumn(str(name), _kind(tx.dialect, str(type_ or ""))) for name, type_ in rows)


def _query(dialect: DialectName) -> Executable:
    table = sa.bindparam("table", type_=sa.String())
    match dialect:
        case "sqlite":
            described = sa.func.pragma_table_info(table).table_valued("name", "type", "cid")
            return sa.select(described.c.name, described.c.type).order_by(described.c.cid)
        case "mysql":
            columns = sa.table(
                "columns",
                *map(sa.column, ("table_schema", "table_name", "column_name", "data_type", "ordinal_position")),
                schema="information_schema",
            )
            return (
                sa.select(columns.c.column_name, columns.c.data_type)
                .where(columns.c.table_schema == sa.func.database(), columns.c.table_name == table)
                .order_by(columns.c.ordinal_position)
            )
        case "postgresql":  # information_schema would leave out materialised views
            classes = sa.table("pg_class", sa.column("oid"), sa.column("relname"))
            attributes = sa.table(
                "pg_attribute", *map(sa.column, ("attrelid", "attname", "atttypid", "attnum", "attisdropped"))
            )
            types = sa.table("pg_type", sa.column("oid"), sa.column("typname"), sa.column("typcategory"))
            described_as = sa.case((types.c.typname == "bytea", "bytea"), else_=sa.cast(types.c.typcategory, sa.Text()))
            return (
                sa.select(attributes.c.attname, described_as)
                .where(
                    classes.c.relname == table,
                    sa.func.pg_table_is_visible(classes.c.oid),
                    attributes.c.attrelid == classes.c.oid,
                    attributes.c.attnum > 0,
                    sa.not_(attributes.c.attisdropped),
                    types.c.oid == attributes.c.atttypid,
                )
                .order_by(attributes.c.attnum)
            )


_COLUMNS: Final = Statement(_query)
_POSTGRESQL_CATEGORIES: Final = {
    "S": ColumnKind.TEXT,
    "N": ColumnKind.NUMBER,
    "B": ColumnKind.BOOLEAN,
    "bytea": ColumnKind.BINARY,
}
_NUMBERS: Final = ("int", "dec", "num", "float", "double", "real", "bit", "year")
_BINARIES: Final = ("blob", "binary")


def _kind(dialect: DialectName, type_: str) -> ColumnKind:
    if dialect == "postgresql":
        return _POSTGRESQL_CATEGORIES.get(type_, ColumnKind.OTHER)
    type_ = type_.lower()
    if any(word in type_ for word in ("char", "text", "clob", "enum")):
        return ColumnKind.TEXT
    if any(word in type_ for word in _BINARIES):
        return ColumnKind.BINARY
    if any(word in type_ for word in _NUMBERS) and "point" not in type_:
        return ColumnKind.NUMBER
    return ColumnKind.OTHER
