"""Filters and comparators of queries (RFC 8620 section 5.5), read into values."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

import msgspec

from folkmoot.jmap.protocol.describing import Arguments
from folkmoot.jmap.protocol.errors import MethodFailed
from folkmoot.jmap.protocol.limits import FILTER_CONDITIONS_MAX, FILTER_DEPTH_MAX

C = TypeVar("C", bound=Arguments)


class Operator(StrEnum):
    """How conditions are joined."""

    AND = "AND"
    OR = "OR"
    NOT = "NOT"  # none of them


@dataclass(frozen=True, slots=True)
class Joined(Generic[C]):
    """Conditions, or groups of them, joined."""

    operator: Operator
    conditions: tuple["C | Joined[C]", ...]


class Comparator(Arguments):
    """One level of an order; ``keyword`` belongs to mail's ``hasKeyword`` and its like (RFC 8621 section 4.4.2)."""

    property: str
    is_ascending: bool = True
    collation: str | None = None
    keyword: str | None = None


def parse_filter(value: Mapping[str, Any] | None, condition: type[C]) -> C | Joined[C] | None:
    """Read a filter; ``condition`` describes what one condition may say.

    Raises:
        MethodFailed: ``unsupportedFilter``: an unknown condition, one of another type, or too many of them.
    """
    if not value:
        return None
    left = [FILTER_CONDITIONS_MAX]
    return _parse(value, condition, FILTER_DEPTH_MAX, left)


def _parse(value: Mapping[str, Any], condition: type[C], depth: int, left: list[int]) -> C | Joined[C]:
    left[0] -= 1
    if left[0] < 0 or depth <= 0:
        raise MethodFailed("unsupportedFilter", "the filter has too many conditions")
    try:
        if "operator" not in value:
            return msgspec.convert(value, condition)
        operator = Operator(value["operator"])
        below = value["conditions"]
        if value.keys() != {"operator", "conditions"} or not isinstance(below, list):
            raise MethodFailed("unsupportedFilter", "an operator has conditions and nothing else")
        if not all(isinstance(one, dict) for one in below):
            raise MethodFailed("unsupportedFilter", "a condition is an object")
        return Joined(operator, tuple(_parse(one, condition, depth - 1, left) for one in below))
    except (msgspec.ValidationError, ValueError, KeyError) as error:
        raise MethodFailed("unsupportedFilter", str(error)) from error
