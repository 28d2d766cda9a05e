"""CARDDAV:filter: does a card match what a client looks for (RFC 6352 section 10.5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from folkmoot.contentline import Line
from folkmoot.vcard.card import Card
from folkmoot.vcard.casemap import Collation, fold
from folkmoot.vcard.values import listed_value, structured_value, text_value, types

# Properties whose value is a list: a person who looks for a whole family name or category means one entry of it.
_STRUCTURED: Final = frozenset({"N", "ORG", "ADR"})
_LISTED: Final = frozenset({"NICKNAME", "CATEGORIES"})


class Test(StrEnum):
    """Whether one condition is enough or all must hold; the default is ``ANYOF`` on both levels."""

    __test__ = False  # no test case, whatever pytest thinks of the name

    ANYOF = "anyof"
    ALLOF = "allof"


class MatchType(StrEnum):
    """How the text relates to the value."""

    EQUALS = "equals"
    CONTAINS = "contains"
    STARTS_WITH = "starts-with"
    ENDS_WITH = "ends-with"


@dataclass(frozen=True, slots=True)
class TextMatch:
    """CARDDAV:text-match (section 10.5.4)."""

    text: str
    collation: Collation = Collation.UNICODE_CASEMAP
    match_type: MatchType = MatchType.CONTAINS
    negate: bool = False


@dataclass(frozen=True, slots=True)
class ParamFilter:
    """CARDDAV:param-filter (section 10.5.2): the parameter is there, is not there, or its value matches."""

    name: str
    is_not_defined: bool = False
    text_match: TextMatch | None = None


@dataclass(frozen=True, slots=True)
class PropFilter:
    """CARDDAV:prop-filter (section 10.5.1); ``name`` may carry a group: ``item1.EMAIL``."""

    name: str
    is_not_defined: bool = False
    text_matches: tuple[TextMatch, ...] = ()
    param_filters: tuple[ParamFilter, ...] = ()
    test: Test = Test.ANYOF


@dataclass(frozen=True, slots=True)
class AddressFilter:
    """CARDDAV:filter (section 10.5); without any condition it matches every card."""

    prop_filters: tuple[PropFilter, ...] = ()
    test: Test = Test.ANYOF


def match(card: Card, filter: AddressFilter) -> bool:  # noqa: A002  # the standard's word
    """Return whether the card matches.

    The conditions of one prop-filter are asked of each instance of the property by itself, so "TYPE is work and the
    value ends in example.org" means one address of which both are true.  ``equals``, ``starts-with`` and
    ``ends-with`` may be true of a whole value or of one entry of a structured one.
    """
    if not filter.prop_filters:
        return True
    results = (_match_property(card, condition) for condition in filter.prop_filters)
    return _combine(results, filter.test)


def _match_property(card: Card, condition: PropFilter) -> bool:
    group, _, name = condition.name.upper().rpartition(".")
    lines = card.all(name)
    if group:
        lines = [line for line in lines if line.group is not None and line.group.upper() == group]
    if condition.is_not_defined:
        return not lines
    if not condition.text_matches and not condition.param_filters:
        return bool(lines)
    return any(_match_instance(line, condition) for line in lines)


def _match_instance(line: Line, condition: PropFilter) -> bool:
    def results() -> Iterable[bool]:
        for text_match in condition.text_matches:
            yield _match_text(_candidates(line, text_match.match_type), text_match)
        for param_filter in condition.param_filters:
            yield _match_parameter(line, param_filter)

    return _combine(results(), condition.test)


def _match_parameter(line: Line, condition: ParamFilter) -> bool:
    name = condition.name.upper()
    values: list[str] = list(types(line)) if name == "TYPE" else []
    defined = bool(values)
    for parameter in line.params:
        if parameter.name == name:
            defined = True
            values += parameter.values
    if condition.is_not_defined or not defined:
        return condition.is_not_defined and not defined
    return condition.text_match is None or _match_text(values, condition.text_match)


def _match_text(values: Iterable[str], condition: TextMatch) -> bool:
    wanted = fold(condition.text, condition.collation)
    found = any(_relates(fold(value, condition.collation), wanted, condition.match_type) for value in values)
    return found != condition.negate


def _candidates(line: Line, match_type: MatchType) -> list[str]:
    whole = text_value(line)
    if match_type is MatchType.CONTAINS:
        return [whole]
    if line.name in _STRUCTURED:
        return [whole, *structured_value(line)]
    if line.name in _LISTED:
        return [whole, *listed_value(line)]
    return [whole]


def _relates(value: str, wanted: str, match_type: MatchType) -> bool:
    match match_type:
        case MatchType.EQUALS:
            return value == wanted
        case MatchType.CONTAINS:
            return wanted in value
        case MatchType.STARTS_WITH:
            return value.startswith(wanted)
        case MatchType.ENDS_WITH:
            return value.endswith(wanted)


def _combine(results: Iterable[bool], test: Test) -> bool:
    return all(results) if test is Test.ALLOF else any(results)
