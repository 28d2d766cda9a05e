"""EOQualifier expressions, the language of ``filter`` and ``authenticationFilter`` in user sources.

    expression  = conjunction *( OR conjunction )
    conjunction = condition *( AND condition )
    condition   = NOT condition / "(" expression ")" / attribute operator value

Keywords are read in any case; values stand bare or between ``'`` or ``"``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from folkmoot.core.errors import MalformedInput

LENGTH_MAX: Final = 16_384  # characters; the longest filter seen in the wild is under 1,000
DEPTH_MAX: Final = 64  # open parentheses and NOTs; people nest five


class Operator(StrEnum):
    """How a value is compared."""

    EQUAL = "="
    NOT_EQUAL = "!="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="


@dataclass(frozen=True, slots=True)
class Present:
    """The attribute has any value (``attr = '*'``)."""

    attribute: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """The attribute compared with one value; no wildcards."""

    attribute: str
    operator: Operator
    value: str


@dataclass(frozen=True, slots=True)
class Like:
    """The attribute matches a pattern in which ``*`` stands for any text."""

    attribute: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Not:
    """The operand does not hold."""

    operand: "Expression"


@dataclass(frozen=True, slots=True)
class And:
    """All operands hold."""

    operands: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class Or:
    """At least one operand holds."""

    operands: "tuple[Expression, ...]"


Expression = Present | Comparison | Like | Not | And | Or


def matches(expression: Expression, attributes: Mapping[str, Sequence[str]]) -> bool:
    """Tell whether an entry with these attributes satisfies the expression.

    The keys of ``attributes`` are in lower case.  Names and values compare without case, as directories
    do; an attribute with several values matches if one does, and ``!=`` is the contrary of ``=``, so that it
    holds for a missing attribute.  Two numbers compare as numbers.
    """
    match expression:
        case Present(attribute):
            return any(attributes.get(attribute.lower(), ()))
        case Like(attribute, pattern):
            return any(_resembles(value, pattern) for value in attributes.get(attribute.lower(), ()))
        case Comparison(attribute, Operator.NOT_EQUAL, value):
            return not matches(Comparison(attribute, Operator.EQUAL, value), attributes)
        case Comparison(attribute, operator, value):
            return any(_holds(held, operator, value) for held in attributes.get(attribute.lower(), ()))
        case Not(operand):
            return not matches(operand, attributes)
        case And(operands):
            return all(matches(operand, attributes) for operand in operands)
        case Or(operands):
            return any(matches(operand, attributes) for operand in operands)


_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?", re.ASCII)


def _holds(held: str, operator: Operator, value: str) -> bool:
    if _NUMBER.fullmatch(held) and _NUMBER.fullmatch(value):
        order = (float(held) > float(value)) - (float(held) < float(value))
    else:
        order = (held.casefold() > value.casefold()) - (held.casefold() < value.casefold())
    match operator:
        case Operator.EQUAL:
            return order == 0
        case Operator.NOT_EQUAL:
            return order != 0
        case Operator.LESS:
            return order < 0
        case Operator.LESS_OR_EQUAL:
            return order <= 0
        case Operator.GREATER:
            return order > 0
        case Operator.GREATER_OR_EQUAL:
            return order >= 0


def _resembles(held: str, pattern: str) -> bool:
    """Match without backtracking: each fixed part is looked for after the one before it."""
    first, *others = pattern.casefold().split("*")
    held = held.casefold()
    if not others:
        return held == first
    *middle, last = others
    if not held.startswith(first):
        return False
    position = len(first)
    for part in middle:
        found = held.find(part, position)
        if found < 0:
            return False
        position = found + len(part)
    return len(held) - len(last) >= position and held.endswith(last)


def parse(text: str) -> Expression:
    """Parse an expression.

    A value with ``*`` after ``=`` or ``LIKE`` is a pattern, ``*`` alone means that the attribute is present, and
    ``!=`` negates both; ``AND`` binds closer than ``OR``.

    Raises:
        MalformedInput: not an expression; the message says at which character.
    """
    if len(text) > LENGTH_MAX:
        raise MalformedInput(f"filter longer than {LENGTH_MAX} characters")
    parser = _Parser(_tokens(text))
    expression = parser.disjunction()
    parser.expect_end()
    return expression


_TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<operator> <> | != | >= | <= | = | < | > )
      | (?P<bracket> [()] )
      | '(?P<single> (?:[^'\\]|\\.)* )'
      | "(?P<double> (?:[^"\\]|\\.)* )"
      | (?P<word> [^\s()'"<>=!]+ )
    )""",
    re.VERBOSE | re.DOTALL,
)
_LIKE: Final = frozenset({"like", "caseinsensitivelike:", "iscaseinsensitivelike:"})
_KEYWORDS: Final = frozenset({"and", "or", "not"})


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int

    def is_word(self, *words: str) -> bool:
        return self.kind == "word" and self.text.lower() in words


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise MalformedInput(f"filter: unexpected {text[position : position + 20].strip()!r} at {position + 1}")
        kind, value = match.lastgroup, match[match.lastgroup]
        if kind in {"single", "double"}:
            kind, value = "quoted", re.sub(r"\\(.)", r"\1", value, flags=re.DOTALL)
        tokens.append(_Token(kind, value, match.start(match.lastgroup) + 1))
        position = match.end()
    tokens.append(_Token("end", "", end + 1))
    return tokens


class _Parser:
    """Recursive descent over the tokens; depth is what parentheses and NOTs add up to."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0

    def disjunction(self) -> Expression:
        operands = [self._conjunction()]
        while self._peek().is_word("or"):
            self._take()
            operands.append(self._conjunction())
        return operands[0] if len(operands) == 1 else Or(tuple(operands))

    def expect_end(self) -> None:
        if self._peek().kind != "end":
            raise _unexpected(self._peek(), "AND, OR or the end")

    def _conjunction(self) -> Expression:
        operands = [self._condition()]
        while self._peek().is_word("and"):
            self._take()
            operands.append(self._condition())
        return operands[0] if len(operands) == 1 else And(tuple(operands))

    def _condition(self) -> Expression:
        token = self._take()
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise MalformedInput(f"filter: nested deeper than {DEPTH_MAX}")
        try:
            if token.is_word("not"):
                return Not(self._condition())
            if (token.kind, token.text) == ("bracket", "("):
                expression = self.disjunction()
                closing = self._take()
                if (closing.kind, closing.text) != ("bracket", ")"):
                    raise _unexpected(closing, "a closing parenthesis")
                return expression
            return self._comparison(token)
        finally:
            self._depth -= 1

    def _comparison(self, attribute: _Token) -> Expression:
        if attribute.kind not in {"word", "quoted"} or not attribute.text or attribute.is_word(*_KEYWORDS):
            raise _unexpected(attribute, "an attribute")
        operator, value = self._take(), self._take()
        like = operator.is_word(*_LIKE)
        if operator.kind != "operator" and not like:
            raise _unexpected(operator, "a comparison")
        if value.kind not in {"word", "quoted"} or value.is_word(*_KEYWORDS):
            raise _unexpected(value, "a value")
        if like:
            return _equality(attribute.text, value)
        comparison = Operator.NOT_EQUAL if operator.text == "<>" else Operator(operator.text)
        if comparison is Operator.EQUAL:
            return _equality(attribute.text, value)
        if comparison is Operator.NOT_EQUAL:
            equality = _equality(attribute.text, value)
            if not isinstance(equality, Comparison):
                return equality.operand if isinstance(equality, Not) else Not(equality)
        return Comparison(attribute.text, comparison, value.text)

    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._tokens[self._next]
        if token.kind != "end":
            self._next += 1
        return token


def _equality(attribute: str, value: _Token) -> Present | Like | Comparison | Not:
    if value.text == "*":
        return Present(attribute)
    if value.is_word("nil", "null"):
        return Not(Present(attribute))
    if "*" in value.text:
        return Like(attribute, value.text)
    return Comparison(attribute, Operator.EQUAL, value.text)


def _unexpected(token: _Token, expected: str) -> MalformedInput:
    found = "the end" if token.kind == "end" else repr(token.text)
    return MalformedInput(f"filter: expected {expected} at {token.position}, found {found}")
