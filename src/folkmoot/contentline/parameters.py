"""Parameters of a content line: quoting, caret encoding, and the bare words of vCard 2.1."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from folkmoot.core.errors import MalformedInput, TooLarge

PARAMETERS_MAX: Final = 1_000  # one line; vCards of real phones stay below twenty
_NAME: Final = re.compile(r"[A-Za-z0-9_-]+")
_SEGMENT: Final = re.compile(r'(?:"[^"]*"|[^";])*')
_VALUE: Final = re.compile(r'(?:"[^"]*"|[^",])*')
_CARET: Final = re.compile(r"\^([n'^])")
_CARET_MEANING: Final = {"n": "\n", "'": '"', "^": "^"}
_NEEDS_QUOTES: Final = re.compile(r"[:;,]")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; the name is in upper case, the values are without quotes and caret encoding.

    A bare word of vCard 2.1 (``TEL;HOME``) is a parameter of that name without any values.
    """

    name: str
    values: tuple[str, ...]

    @property
    def value(self) -> str:
        """The only value; several are joined by commas, none is the empty text."""
        return self.values[0] if len(self.values) == 1 else ",".join(self.values)


def parse_parameters(text: str) -> tuple[Parameter, ...]:
    """Return the parameters of the text between a property's name and its colon, ``;`` first.

    Empty segments are passed over, and a quote that never closes is taken as it stands: both occur.

    Raises:
        TooLarge: more than ``PARAMETERS_MAX`` parameters.
    """
    segments = _split(_SEGMENT, text) if '"' in text else text.split(";")
    if len(segments) > PARAMETERS_MAX:
        raise TooLarge(f"content line: {len(segments)} parameters on one line")
    parameters = []
    for segment in segments:
        name, equals, written = segment.partition("=")
        name = name.strip().upper()
        if equals:
            parameters.append(Parameter(name, _parse_values(written)))
        elif name:
            parameters.append(Parameter(name, ()))
    return tuple(parameters)


def format_parameters(parameters: Sequence[Parameter]) -> str:
    """Return the text that follows a property's name, each parameter with its ``;``.

    Raises:
        MalformedInput: a parameter's name cannot stand on a content line.
    """
    written = []
    for parameter in parameters:
        if not _NAME.fullmatch(parameter.name):
            raise MalformedInput(f"content line: parameter name {parameter.name!r}")
        written.append(";" + parameter.name)
        if parameter.values:
            written.append("=" + ",".join(map(_format_value, parameter.values)))
    return "".join(written)


def _parse_values(written: str) -> tuple[str, ...]:
    if '"' in written:
        return tuple(_decode(_unquote(value)) for value in _split(_VALUE, written))
    if "," in written:
        return tuple(_decode(value) for value in written.split(","))
    return (_decode(written),)


def _split(piece: re.Pattern[str], text: str) -> list[str]:
    pieces = []
    position = 0
    while position <= len(text):
        match = piece.match(text, position)
        end = match.end() if match else len(text)
        if end < len(text) and text[end] == '"':  # a quote that never closes
            end = len(text)
        pieces.append(text[position:end])
        position = end + 1
    return pieces


def _unquote(value: str) -> str:
    return value.strip().replace('"', "")


def _decode(value: str) -> str:
    """Undo caret encoding; a caret before anything else stands for itself (RFC 6868 section 3.1)."""
    if "^" not in value:
        return value
    return _CARET.sub(lambda match: _CARET_MEANING[match[1]], value)


def _format_value(value: str) -> str:
    value = value.replace("^", "^^").replace('"', "^'")
    value = value.replace("\r\n", "^n").replace("\n", "^n").replace("\r", "^n")
    value = _CONTROL.sub("", value)
    return f'"{value}"' if _NEEDS_QUOTES.search(value) or value != value.strip() else value
