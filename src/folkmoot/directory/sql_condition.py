"""Conditions on rows of a user source's table, as SQLAlchemy expressions with bound values."""

import re
from collections.abc import Mapping
from typing import Final

import sqlalchemy as sa

from folkmoot.config.qualifier import And, Comparison, Expression, Like, Not, Operator, Or, Present
from folkmoot.core.errors import ConfigurationError
from folkmoot.database.catalogue import ColumnKind, TableColumn
from folkmoot.database.dialect import LIKE_ESCAPE, like_escaped

_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,15}\Z", re.ASCII)
_TRUE: Final = frozenset({"1", "t", "true", "y", "yes", "on"})
_FALSE: Final = frozenset({"0", "f", "false", "n", "no", "off"})


class Columns:
    """A table's columns by name, in any case, as SQL elements."""

    def __init__(self, table: str, columns: tuple[TableColumn, ...]) -> None:
        self.table = sa.table(
            sa.sql.quoted_name(table, quote=True),
            *(sa.column(sa.sql.quoted_name(column.name, quote=True)) for column in columns),
        )
        self._by_name: Mapping[str, TableColumn] = {column.name.lower(): column for column in columns}

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._by_name

    def described(self, name: str) -> TableColumn | None:
        """Return what is known of a column."""
        return self._by_name.get(name.lower())

    def element(self, name: str) -> sa.ColumnElement[object]:
        """Return the column to select.

        Raises:
            ConfigurationError: the table has no such column.
        """
        column = self._by_name.get(name.lower())
        if column is None:
            raise ConfigurationError(f"table {self.table.name} has no column {name}")
        element: sa.ColumnElement[object] = self.table.c[column.name]
        return element

    def text(self, name: str) -> sa.ColumnElement[str]:
        """Return the column for comparison with text, whatever its type: MariaDB would else read text as 0."""
        element = self.element(name)
        if self._by_name[name.lower()].kind is ColumnKind.TEXT:
            return sa.type_coerce(element, sa.String())
        return sa.cast(element, sa.String())


def equal(columns: Columns, name: str, parameter: str) -> sa.ColumnElement[bool]:
    """Return ``column = parameter``.  No parameter may serve two columns: PostgreSQL gives it the column's type."""
    return columns.text(name) == sa.bindparam(parameter, type_=sa.String(), required=True)


def contains(columns: Columns, name: str, parameter: str) -> sa.ColumnElement[bool]:
    """Return whether the column in lower case is like the parameter, made with ``dialect.like_escaped``."""
    pattern = sa.bindparam(parameter, type_=sa.String(), required=True)
    return sa.func.lower(columns.text(name)).like(pattern, escape=LIKE_ESCAPE)


def condition(expression: Expression, columns: Columns) -> sa.ColumnElement[bool]:
    """Return a configured filter as SQL; it holds only where SQL says true, so NULL satisfies no comparison.

    Raises:
        ConfigurationError: the table has no column of a name in it.
    """
    match expression:
        case Present(attribute):
            return sa.and_(columns.element(attribute).is_not(None), columns.text(attribute) != "")
        case Like(attribute, pattern):
            like = "%".join(like_escaped(part) for part in pattern.split("*"))
            return columns.text(attribute).like(like, escape=LIKE_ESCAPE)
        case Comparison(attribute, operator, value):
            return _comparison(attribute, operator, value, columns)
        case Not(operand):
            return sa.not_(condition(operand, columns))
        case And(operands):
            return sa.and_(*(condition(operand, columns) for operand in operands))
        case Or(operands):
            return sa.or_(*(condition(operand, columns) for operand in operands))


def _comparison(attribute: str, operator: Operator, value: str, columns: Columns) -> sa.ColumnElement[bool]:
    described = columns.described(attribute)
    kind = described.kind if described else ColumnKind.OTHER
    if kind is ColumnKind.NUMBER and _INTEGER.match(value):
        return _apply(columns.element(attribute), operator, sa.literal(int(value), sa.BigInteger()))
    if kind is ColumnKind.BOOLEAN and value.lower() in _TRUE | _FALSE:
        return _apply(columns.element(attribute), operator, sa.literal(value.lower() in _TRUE, sa.Boolean()))
    return _apply(columns.text(attribute), operator, sa.literal(value, sa.String()))


def _apply(
    left: sa.ColumnElement[object] | sa.ColumnElement[str], operator: Operator, right: sa.ColumnElement[object]
) -> sa.ColumnElement[bool]:
    match operator:
        case Operator.EQUAL:
            return left == right
        case Operator.NOT_EQUAL:
            return left != right
        case Operator.LESS:
            return left < right
        case Operator.LESS_OR_EQUAL:
            return left <= right
        case Operator.GREATER:
            return left > right
        case Operator.GREATER_OR_EQUAL:
            return left >= right
