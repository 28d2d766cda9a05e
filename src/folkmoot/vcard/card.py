"""A vCard, or SOGo's list component, as text and as properties (RFC 6350, RFC 2426, vCard 2.1).

A card keeps its lines: what nobody changed goes out as the text that came in.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from folkmoot.contentline import Line, escape_text, format_line, format_lines, line_number, parse_lines
from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.vcard.values import text_value

CARD_OCTETS_MAX: Final = 16 * 1024 * 1024  # a photo of 10 MB in base64; collections set a lower limit
CARD_LINES_MAX: Final = 50_000  # properties; a group of that many members is the largest real case
STREAM_OCTETS_MAX: Final = 512 * 1024 * 1024  # one import file: 50,000 cards with photos of 7 kB
_NESTING_MAX: Final = 8  # cards within AGENT within cards; nothing real goes beyond one

COMPONENTS: Final = frozenset({"VCARD", "VLIST"})
# What a line that names no character set is read in if it is not UTF-8: the phones and Outlooks that omit it are
# set to a western European locale.
FALLBACK_CHARSET: Final = "windows-1252"

_BOUNDARY: Final = re.compile(rb"^(BEGIN|END)[ \t]*:[ \t]*(VCARD|VLIST)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_EMPTY_AGENT: Final = re.compile(rb"(?:[A-Z0-9_-]+\.)?AGENT(?:;[^:]*)?:", re.IGNORECASE)
_AGENT_OCTETS_MAX: Final = 1_000  # how far back the AGENT line of a nested card can begin
_MEANINGLESS: Final = b" \t\r\n\x00\x1a\xef\xbb\xbf"  # between cards: blanks, padding, byte order marks
_BYTE_ORDER_MARKS: Final = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_BOUNDARY_NAMES: Final = frozenset({"BEGIN", "END"})
_PLAIN_LINE_CHARS: Final = 1_000  # too short for too many parameters
_CRLF: Final = "\r\n"
_BEGIN: Final = {component: Line("BEGIN", component) for component in COMPONENTS}
_END: Final = {component: Line("END", component) for component in COMPONENTS}


@dataclass(slots=True)
class Card:
    """The properties of one address object, in the order of the text, without BEGIN and END.

    ``component`` is ``VCARD``, or ``VLIST`` for SOGo's distribution lists.  Names are compared in upper case.
    """

    component: str
    properties: list[Line]
    begin: Line | None = field(default=None, compare=False, repr=False)
    end: Line | None = field(default=None, compare=False, repr=False)

    @property
    def version(self) -> str:
        """The VERSION as written; empty if the card states none."""
        line = self.get("VERSION")
        return line.value.strip() if line is not None else ""

    def get(self, name: str) -> Line | None:
        """Return the first property of that name (upper case), or None."""
        for line in self.properties:
            if line.name == name:
                return line
        return None

    def all(self, name: str) -> list[Line]:
        """Return all properties of that name (upper case), in order."""
        return [line for line in self.properties if line.name == name]

    def text(self, name: str) -> str | None:
        """Return the plain text of the first property of that name, or None."""
        line = self.get(name)
        return None if line is None else text_value(line)

    def group(self, group: str) -> list[Line]:
        """Return the properties that carry this group prefix, in any case."""
        folded = group.lower()
        return [line for line in self.properties if line.group is not None and line.group.lower() == folded]

    def label(self, line: Line) -> str | None:
        """Return the text that Apple's X-ABLabel gives to the group of a property, or None."""
        if line.group is None:
            return None
        for other in self.group(line.group):
            if other.name == "X-ABLABEL":
                return text_value(other)
        return None

    def set(self, line: Line) -> None:
        """Put a property in the place of the first of its name and drop the others, or add it at the end."""
        for position, other in enumerate(self.properties):
            if other.name == line.name:
                rest = [kept for kept in self.properties[position + 1 :] if kept.name != line.name]
                self.properties[position:] = [line, *rest]
                return
        self.properties.append(line)

    def remove(self, name: str) -> None:
        """Drop all properties of that name (upper case)."""
        self.properties = [line for line in self.properties if line.name != name]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record of an import that could not be read: the line it starts on, from 1, and what is wrong with it."""

    line: int
    reason: str


def parse(data: bytes | str) -> Card:
    """Return the one card in a text.

    Raises:
        MalformedInput: not exactly one whole VCARD or VLIST, or a line that is none.
        TooLarge: more octets or lines than a card may have.
    """
    lines = parse_lines(
        data,
        octets_max=CARD_OCTETS_MAX,
        lines_max=CARD_LINES_MAX,
        fallback_charset=FALLBACK_CHARSET,
        quoted_printable=True,
    )
    if not lines:
        raise MalformedInput("vCard: empty text")
    component = lines[0].value.strip().upper()
    if lines[0].name != "BEGIN" or component not in COMPONENTS:
        raise MalformedInput("vCard: the first line is not BEGIN:VCARD")
    return _collect(component, lines)


def format(card: Card) -> str:  # noqa: A001  # the house's verb, and the counterpart of parse
    """Return the text of a card, with CRLF line breaks.

    Raises:
        MalformedInput: a property or parameter made by us has an impossible name.
    """
    begin = card.begin if card.begin is not None else _BEGIN[card.component]
    end = card.end if card.end is not None else _END[card.component]
    return format_lines([begin, *card.properties, end])


def parse_stream(data: bytes | str) -> Iterator[Card | Rejected]:
    """Yield the cards of a file in order; what cannot be read is yielded as Rejected and hides nothing else.

    Raises:
        TooLarge: more than ``STREAM_OCTETS_MAX`` octets in all.
    """
    octets = _as_utf8(data)
    if len(octets) > STREAM_OCTETS_MAX:
        raise TooLarge(f"vCard file: more than {STREAM_OCTETS_MAX} octets")
    position, number = 0, 1
    for start, end in _segments(octets):
        between = octets[position:start]
        if between.strip(_MEANINGLESS):
            yield _stray(between, number)
        number += between.count(b"\n")
        segment = octets[start:end]
        try:
            yield parse(segment)
        except (MalformedInput, TooLarge) as error:
            yield Rejected(number, str(error))
        number += segment.count(b"\n")
        position = end
    if octets[position:].strip(_MEANINGLESS):
        yield _stray(octets[position:], number)


def _stray(text: bytes, number: int) -> Rejected:
    blank = text[: len(text) - len(text.lstrip())]
    return Rejected(number + blank.count(b"\n"), "vCard file: text outside of a card")


def _collect(component: str, lines: list[Line]) -> Card:
    last = lines[-1]
    if last.name != "END" or last.value.strip().upper() != component:
        raise MalformedInput(f"vCard: END:{component} is not the last line")
    properties = lines[1:-1]
    nested = False
    for line in properties:
        if line.name in _BOUNDARY_NAMES:
            nested = True
        if line.raw is None or len(line.raw) > _PLAIN_LINE_CHARS:
            _ = line.params  # more than are allowed must be refused here, not wherever somebody first looks at them
    if nested:
        properties = _embed_agents(lines)
    return Card(component, properties, lines[0], last)


def _embed_agents(lines: list[Line]) -> list[Line]:
    """Make each card that stands in the open behind AGENT the value of that property (vCard 2.1 section 2.4.4)."""
    properties: list[Line] = []
    depth = nested_from = 0
    for index, line in enumerate(lines[1:-1], start=1):
        if line.name == "BEGIN":
            if depth == 0 and not (properties and properties[-1].name == "AGENT" and not properties[-1].value.strip()):
                raise MalformedInput(f"vCard: second BEGIN on line {line_number(lines, index)}")
            depth += 1
            if depth > _NESTING_MAX:
                raise TooLarge(f"vCard: cards nested deeper than {_NESTING_MAX}")
            if depth == 1:
                nested_from = index
        elif line.name == "END":
            depth -= 1
            if depth < 0:
                raise MalformedInput(f"vCard: text after END on line {line_number(lines, index)}")
            if depth == 0:
                properties[-1] = _embedded(properties[-1], lines[nested_from : index + 1])
        elif depth == 0:
            properties.append(line)
    if depth:
        raise MalformedInput("vCard: a nested card does not end")
    return properties


def _embedded(agent: Line, nested: list[Line]) -> Line:
    text = format_lines(nested)
    line = agent.replace(value=escape_text(text))
    line.raw = f"{format_line(agent)}\r\n{text.removesuffix(_CRLF)}"
    return line


def _as_utf8(data: bytes | str) -> bytes:
    if isinstance(data, str):
        return data.encode("utf-8", "replace")
    for mark, charset in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data.decode(charset, "replace").encode("utf-8")
    return data


def _segments(octets: bytes) -> Iterator[tuple[int, int]]:
    """Yield where each card begins and ends; one that never ends reaches to the next BEGIN."""
    if b"\r" in octets and b"\n" not in octets:
        octets = octets.replace(b"\r", b"\n")
    start: int | None = None
    depth = 0
    for found in _BOUNDARY.finditer(octets):
        if found[1].upper() == b"BEGIN":
            if start is None:
                start, depth = found.start(), 1
            elif _stands_behind_agent(octets[max(start, found.start() - _AGENT_OCTETS_MAX) : found.start()]):
                depth += 1
            else:
                yield start, found.start()
                start, depth = found.start(), 1
        elif start is not None:
            depth -= 1
            if depth == 0:
                yield start, found.end()
                start = None
    if start is not None:
        yield start, len(octets)


def _stands_behind_agent(before: bytes) -> bool:
    last_line = before.rstrip().rpartition(b"\n")[2]
    return _EMPTY_AGENT.fullmatch(last_line) is not None
