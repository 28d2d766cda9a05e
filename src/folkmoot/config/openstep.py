"""OpenStep property list text, with GNUstep's typed values: parse and format.

    value      = word / string / array / dictionary / "<" hexadecimal ">" / "<[" base64 "]>" / typed
    array      = "(" [ value *( "," value ) [ "," ] ] ")"
    dictionary = "{" [ key "=" value *( ";" key "=" value ) [ ";" ] ] "}"
    typed      = "<*I" integer ">" / "<*R" real ">" / "<*BY>" / "<*BN>" / "<*D" date ">"

Comments run from ``//`` to the end of the line and from ``/*`` to ``*/``, between tokens only: ``ldap://host`` is
one word.
"""

import base64
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NoReturn

from folkmoot.config.nodes import Dictionary, Entry, Node, Plain, Scalar
from folkmoot.core.errors import MalformedInput, TooLarge

DEPTH_MAX: Final = 64  # open arrays and dictionaries; configurations nest five, backups six

# What may stand in a word is what GNUstep leaves unquoted, and letters beyond ASCII.
_SPACE: Final = re.compile(r"(?:[ \t\r\n\v\f\u00a0\u2007\u202f\u2028\u2029\ufeff]+|//[^\n\r]*)+")
_WORD: Final = re.compile(
    r"[A-Za-z0-9!#$%&*+\-./:?@^_|~\u00a1-\u167f\u1681-\u1fff\u2030-\u205e\u2070-\u2fff\u3001-\ud7ff\uf900-\ufefe\U00010000-\U0010ffff]+"
)
_STRING: Final = {
    '"': re.compile(r'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL),
    "'": re.compile(r"[^'\\]*(?:\\.[^'\\]*)*", re.DOTALL),
}
_ESCAPE: Final = re.compile(r"\\(?:[Uu](?P<unicode>[0-9A-Fa-f]{1,4})|(?P<octal>[0-7]{1,3})|(?P<other>.))", re.DOTALL)
_SURROGATES: Final = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_LETTERS: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\n": ""}
_NO_BREAK: Final = re.compile("[\u00a0\u2007\u202f]")
_HEXADECIMAL: Final = re.compile(r"(?:[0-9A-Fa-f]{2})*")
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,20}", re.ASCII)
_REAL: Final = re.compile(
    r"[+-]?(?:[0-9]{1,400}(?:\.[0-9]{0,400})?(?:[eE][+-]?[0-9]{1,4})?|inf(?:inity)?|nan)", re.IGNORECASE
)
_BARE: Final = re.compile(r"[A-Za-z0-9_.$/:-]+")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A property list, and the places (line, column) of no-break spaces outside comments."""

    node: Node
    no_break_spaces: tuple[tuple[int, int], ...] = ()


def parse(text: str) -> Parsed:
    """Parse one whole property list.

    A no-break space between tokens, as text copied from a web page has it, is read as a space and reported.

    Raises:
        MalformedInput: not a property list; the message says at which line and column.
        TooLarge: nested deeper than ``DEPTH_MAX``.
    """
    parser = _Parser(text)
    node = parser.value()
    parser.expect_end()
    return Parsed(node, tuple(parser.no_break_spaces))


class _Parser:
    """A cursor over the text; what is asked for at a place is taken or refused there."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._depth = 0
        self._line = 1  # of _line_start; moves forward with the cursor
        self._line_start = 0
        self.no_break_spaces: list[tuple[int, int]] = []

    def value(self) -> Node:
        self._skip()
        line, column = self._place()
        match self._peek():
            case "{":
                return Node(self._dictionary(), line, column)
            case "(":
                return Node(self._array(), line, column)
            case "<":
                return Node(self._angled(), line, column)
            case '"' | "'" as quote:
                return Node(self._string(quote), line, column)
            case _:
                return Node(self._word("a value"), line, column)

    def expect_end(self) -> None:
        self._skip()
        if self._position < len(self._text):
            self._refuse("the end of the property list")

    def _dictionary(self) -> Dictionary:
        self._open()
        entries: list[Entry] = []
        while self._next() != "}":
            line, column = self._place()
            quote = self._peek()
            key = self._string(quote) if quote in _STRING else self._word("a key or `}`")
            if self._next() != "=":
                self._refuse(f"`=` after the key {_shown(key)}")
            self._position += 1
            entries.append(Entry(key, self.value(), line, column))
            if self._next() == ";":
                self._position += 1
            elif self._next() != "}":
                self._refuse(f"`;` after the value of {_shown(key)}")
        self._close()
        return Dictionary(tuple(entries))

    def _array(self) -> tuple[Node, ...]:
        self._open()
        items: list[Node] = []
        while self._next() != ")":
            items.append(self.value())
            if self._next() == ",":
                self._position += 1
            elif self._next() != ")":
                self._refuse("`,` or `)` after an item")
        self._close()
        return tuple(items)

    def _string(self, quote: str) -> str:
        start = self._position
        match = _STRING[quote].match(self._text, start + 1)
        if match is None or self._text[match.end() : match.end() + 1] != quote:
            self._refuse("a text that is closed again")
        for found in _NO_BREAK.finditer(match[0]):
            self.no_break_spaces.append(self._place(match.start() + found.start()))
        self._position = match.end() + 1
        return unescape(match[0]) if "\\" in match[0] else match[0]

    def _word(self, expected: str) -> str:
        match = _WORD.match(self._text, self._position)
        if match is None:
            self._refuse(expected)
        self._position = match.end()
        return match[0]

    def _angled(self) -> Scalar:
        start = self._position
        end = self._text.find(">", start)
        if end < 0:
            self._refuse("`>` to close `<`")
        content = "".join(self._text[start + 1 : end].split())
        try:
            match content[:2], content[:1]:
                case "*D", _:
                    value: Scalar = _date(self._text[start + 1 : end].strip()[2:])
                case (("*I" | "*R" | "*B"), _):
                    value = _typed(content)
                case _, "[":
                    value = base64.b64decode(content.removeprefix("[").removesuffix("]"), validate=True)
                case _ if _HEXADECIMAL.fullmatch(content):
                    value = bytes.fromhex(content)
                case _:
                    raise MalformedInput("neither data nor a typed value")
        except (MalformedInput, ValueError):  # binascii.Error, or letters that are no ASCII
            self._refuse("data or a typed value between `<` and `>`")
        self._position = end + 1
        return value

    def _open(self) -> None:
        self._position += 1
        self._depth += 1
        if self._depth > DEPTH_MAX:
            line, column = self._place()
            raise TooLarge(f"line {line}, column {column}: nested deeper than {DEPTH_MAX}")

    def _close(self) -> None:
        self._position += 1
        self._depth -= 1

    def _next(self) -> str:
        self._skip()
        return self._peek()

    def _peek(self) -> str:
        return self._text[self._position : self._position + 1]

    def _skip(self) -> None:
        while True:
            match = _SPACE.match(self._text, self._position)
            if match is not None:
                self._note_no_break_spaces(match)
                self._position = match.end()
            if not self._text.startswith("/*", self._position):
                return
            end = self._text.find("*/", self._position + 2)
            if end < 0:
                self._refuse("`*/` to close the comment")
            self._position = end + 2

    def _note_no_break_spaces(self, space: re.Match[str]) -> None:
        if _NO_BREAK.search(space[0]) is None:
            return
        without_comments = re.sub(r"//[^\n\r]*", lambda comment: "/" * len(comment[0]), space[0])
        for found in _NO_BREAK.finditer(without_comments):
            self.no_break_spaces.append(self._place(space.start() + found.start()))

    def _place(self, position: int | None = None) -> tuple[int, int]:
        """Return line and column, counted on from the last place asked for."""
        position = self._position if position is None else position
        if position < self._line_start:
            return self._text.count("\n", 0, position) + 1, position - self._text.rfind("\n", 0, position)
        newlines = self._text.count("\n", self._line_start, position)
        if newlines:
            self._line += newlines
            self._line_start = self._text.rfind("\n", 0, position) + 1
        return self._line, position - self._line_start + 1

    def _refuse(self, expected: str) -> NoReturn:
        line, column = self._place()
        found = _shown(self._text[self._position : self._position + 20].split("\n")[0]) if self._peek() else "the end"
        raise MalformedInput(f"line {line}, column {column}: expected {expected}, found {found}")


def unescape(text: str) -> str:
    """Resolve the backslash escapes of a quoted text; halves of surrogate pairs are joined, lone ones replaced."""
    text = _ESCAPE.sub(_unescape_one, text)
    if _LONE_SURROGATE.search(text):
        text = _SURROGATES.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text)
        text = _LONE_SURROGATE.sub("\ufffd", text)
    return text


def _unescape_one(escape: re.Match[str]) -> str:
    if escape["unicode"]:
        return chr(int(escape["unicode"], 16))
    if escape["octal"]:
        return chr(int(escape["octal"], 8) & 0xFF)
    return _LETTERS.get(escape["other"], escape["other"])


def _typed(content: str) -> Scalar:
    kind, value = content[:2], content[2:].strip('"')
    if kind == "*B" and value in {"Y", "N"}:
        return value == "Y"
    if kind == "*I" and _INTEGER.fullmatch(value):
        return int(value)
    if kind == "*R" and _REAL.fullmatch(value):
        return float(value)
    raise MalformedInput("typed value of an unknown kind")


def _date(text: str) -> datetime:
    written = text.strip().strip('"')
    for form in ("%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d %H:%M:%S.%f %z"):
        try:
            return datetime.strptime(written, form).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    raise MalformedInput("not a date")


def _shown(text: str) -> str:
    if text[:1] and _NO_BREAK.match(text):
        return f"a no-break space (U+{ord(text[0]):04X})"
    return repr(text if len(text) <= 40 else text[:37] + "...")  # noqa: PLR2004 - fits a terminal's line


def format_openstep(value: Plain, *, indent: str = "") -> str:
    """Write a value as OpenStep text in ASCII; what is no text is written in GNUstep's typed form."""
    deeper = indent + "  "
    match value:
        case dict() if value:
            lines = (f"{deeper}{_quoted(k)} = {format_openstep(v, indent=deeper)};\n" for k, v in value.items())
            return "{\n" + "".join(lines) + indent + "}"
        case dict():
            return "{}"
        case list():
            items = (f"\n{deeper}{format_openstep(item, indent=deeper)}" for item in value)
            return "(" + ",".join(items) + (f"\n{indent})" if value else ")")
        case bool():
            return "<*BY>" if value else "<*BN>"
        case int():
            return f"<*I{value}>"
        case float():
            return f"<*R{value!r}>"
        case datetime():
            return f"<*D{value.astimezone(UTC).isoformat(' ')[:19]} +0000>"
        case bytes():
            return f"<{value.hex()}>"
        case str():
            return _quoted(value)


def _quoted(text: str) -> str:
    if _BARE.fullmatch(text) and not text.startswith("//"):
        return text
    return '"' + re.sub(r"[^ !#-\[\]-~\n\t]", _escaped, text) + '"'


def _escaped(character: re.Match[str]) -> str:
    found = character[0]
    if found in '"\\':
        return "\\" + found
    units = found.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\U{units[at : at + 4]}" for at in range(0, len(units), 4))
