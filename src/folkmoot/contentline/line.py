"""One content line as a value, and its text."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from folkmoot.contentline.parameters import Parameter, format_parameters, parse_parameters
from folkmoot.core.errors import MalformedInput

FOLD_OCTETS: Final = 75  # without the line break (RFC 5545 section 3.1)
CACHED_MAX: Final = 80  # octets of parameters worth remembering: TZID and VALUE repeat on line after line
_parsed = lru_cache(maxsize=2048)(parse_parameters)
_NAME: Final = re.compile(r"[A-Za-z0-9_-]+")
_CONTINUATION: Final = 0b1000_0000  # top bits of an octet inside a UTF-8 character
_LINE_BREAK: Final = re.compile(r"\r\n|\r|\n")


class Line:
    """A property: its name, its parameters and its value as written, escapes included.

    ``name`` is in upper case, for comparing; the spelling of the client is kept for output.
    ``raw`` is the text as it came, folds included and without the last line break; it is
    ``None`` for a line we made, until it is written.  Equality looks at meaning, so at everything but ``raw``.
    """

    __slots__ = ("_head", "_parameters", "_spelling", "group", "name", "raw", "value")

    def __init__(
        self,
        name: str,
        value: str,
        params: Sequence[Parameter] = (),
        group: str | None = None,
    ) -> None:
        self.name: Final = name.upper()
        self.value: Final = value
        self.group: Final = group
        self.raw: str | None = None
        self._spelling = name
        self._head = ""
        self._parameters: tuple[Parameter, ...] | None = tuple(params)

    @classmethod
    def parsed(cls, name: str, value: str, head: str, group: str | None, spelling: str, raw: str | None) -> "Line":
        """Return a line as a parser found it; ``head`` is read as parameters when somebody asks."""
        line = cls.__new__(cls)
        line.name = name  # type: ignore[misc]  # final for everybody but the parser, for speed
        line.value = value  # type: ignore[misc]
        line.group = group  # type: ignore[misc]
        line.raw = raw
        line._spelling = spelling  # noqa: SLF001  # its own class
        line._head = head  # noqa: SLF001
        line._parameters = None if head else ()  # noqa: SLF001
        return line

    @property
    def params(self) -> tuple[Parameter, ...]:
        """The parameters, in the order of the text."""
        if self._parameters is None:
            self._parameters = _parsed(self._head) if len(self._head) <= CACHED_MAX else parse_parameters(self._head)
        return self._parameters

    @property
    def has_params(self) -> bool:
        """Whether there is any parameter; cheaper than ``params``."""
        return bool(self._head) or bool(self._parameters)

    def param(self, name: str) -> str | None:
        """Return the value of the first parameter of that name (upper case), or ``None``."""
        if self._parameters is None and not self._head:
            return None
        for parameter in self.params:
            if parameter.name == name:
                return parameter.value
        return None

    def param_values(self, name: str) -> tuple[str, ...]:
        """Return the values of all parameters of that name (upper case), in order."""
        return tuple(value for parameter in self.params if parameter.name == name for value in parameter.values)

    def replace(
        self, *, value: str | None = None, params: Sequence[Parameter] | None = None, name: str | None = None
    ) -> "Line":
        """Return a line that differs in what is given; parameters not given keep their spelling."""
        line = Line(
            self._spelling if name is None else name,
            self.value if value is None else value,
            (),
            self.group,
        )
        if params is None:
            line._head = self._head
            line._parameters = self._parameters
        else:
            line._parameters = tuple(params)
        return line

    def with_param(self, name: str, *values: str) -> "Line":
        """Return a line where the parameter has these values, and is absent if there are none."""
        kept = [parameter for parameter in self.params if parameter.name != name.upper()]
        if values:
            kept.append(Parameter(name.upper(), values))
        return self.replace(params=kept)

    @property
    def head(self) -> str:
        """Group, name and parameters as they stand before the colon.

        Raises:
            MalformedInput: a name cannot stand on a content line.
        """
        if not _NAME.fullmatch(self._spelling) or (self.group and not _NAME.fullmatch(self.group)):
            raise MalformedInput(f"content line: property name {self._spelling!r}")
        parameters = self._head or format_parameters(self.params)
        name = f"{self.group}.{self._spelling}" if self.group else self._spelling
        return name + parameters

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Line):
            return NotImplemented
        return (self.name, self.value, self.group, self.params) == (
            other.name,
            other.value,
            other.group,
            other.params,
        )

    def __hash__(self) -> int:
        return hash((self.name, self.value, self.group))

    def __repr__(self) -> str:
        return f"Line({self.name!r}, {self.value!r}, {self.params!r}, {self.group!r})"


def format_line(line: Line) -> str:
    r"""Return the text of a line, folded, without the last line break.

    A value of ours cannot smuggle in a second line: a bare line break in it becomes ``\n``.

    Raises:
        MalformedInput: a name cannot stand on a content line.
    """
    if line.raw is not None:
        return line.raw
    value = line.value
    if "\n" in value or "\r" in value:
        value = _LINE_BREAK.sub(r"\\n", value)
    line.raw = fold(f"{line.head}:{value}")  # a meeting's lines are written once for each attendee
    return line.raw


def format_lines(lines: Iterable[Line]) -> str:
    """Return the text of several lines, each with its CRLF."""
    return "".join([format_line(line) + "\r\n" for line in lines])


def fold(text: str) -> str:
    """Fold one long line after at most 75 octets, never inside a character."""
    if len(text) * 4 <= FOLD_OCTETS or (text.isascii() and len(text) <= FOLD_OCTETS):
        return text
    octets = text.encode("utf-8", "surrogatepass")
    if len(octets) <= FOLD_OCTETS:
        return text
    pieces = []
    start, room = 0, FOLD_OCTETS
    while len(octets) - start > room:
        end = start + room
        while octets[end] & 0b1100_0000 == _CONTINUATION:
            end -= 1
        pieces.append(octets[start:end])
        start, room = end, FOLD_OCTETS - 1  # the blank that marks a continuation counts
    pieces.append(octets[start:])
    return b"\r\n ".join(pieces).decode("utf-8", "surrogatepass")
