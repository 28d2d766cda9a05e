"""ManageSieve's octets to lines of words and back (RFC 5804 sections 1.3, 4); no I/O.

A line ends with LF, with or without CR before it.  A literal at its end goes on behind the literal.
"""

import re
from dataclasses import dataclass
from typing import Final

from folkmoot.core.errors import MalformedInput, TooLarge

LINE_MAX: Final = 64 * 1024  # octets of the text of one line; capabilities take one thousand
LITERAL_MAX: Final = 4 * 1024 * 1024  # octets; scripts have at most one million, Pigeonhole's errors less
LITERALS_MAX: Final = 64  # of one line; one is usual
QUOTED_MAX: Final = 1_024  # octets of a quoted string (RFC 5804 section 4)
_LITERAL: Final = re.compile(rb"\{([0-9]{1,10})\+?\}\Z")
_WORD: Final = re.compile(
    rb'[ \t]*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<open>\()|(?P<close>\))|(?P<atom>[^ \t"()]+))', re.DOTALL
)
_ESCAPED: Final = re.compile(rb"\\(.)", re.DOTALL)
_UNQUOTABLE: Final = re.compile(rb"[\x00\r\n]")


@dataclass(frozen=True, slots=True)
class Atom:
    """A word without quotes, in upper case."""

    name: str


Word = Atom | bytes | tuple[Atom | bytes, ...]  # bytes: a string; a tuple: what stands in parentheses
Line = tuple[Word, ...]


class Wire:
    """Turns octets, in whatever pieces they come, into lines."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0  # of the buffer: there is no end of line in it
        self._parts: list[bytes] = []  # of the line that is under way: text, literal, text, ...
        self._wanted: int | None = None  # octets of a literal that are still to come

    @property
    def idle(self) -> bool:
        """Whether nothing stands between lines."""
        return not self._buffer and not self._parts

    def feed(self, octets: bytes) -> list[Line]:
        """Return the lines that these octets complete.

        Raises:
            MalformedInput: a line that is none.
            TooLarge: a line or literal beyond its limit.
        """
        self._buffer += octets
        lines: list[Line] = []
        while (line := self._step()) is not None:
            if line:
                lines.append(_words(line))
        return lines

    def _step(self) -> list[bytes] | None:
        """Return the parts of the next whole line; an empty list if there is more to read, None if more must come."""
        if self._wanted is not None:
            if len(self._buffer) < self._wanted:
                return None
            self._parts.append(bytes(self._buffer[: self._wanted]))
            del self._buffer[: self._wanted]
            self._wanted, self._searched = None, 0
            return []
        end = self._buffer.find(b"\n", self._searched)
        if end < 0:
            self._searched = len(self._buffer)
            if self._searched > LINE_MAX:
                raise TooLarge("the server's line is too long")
            return None
        if end > LINE_MAX:
            raise TooLarge("the server's line is too long")
        text = bytes(self._buffer[:end]).removesuffix(b"\r")
        del self._buffer[: end + 1]
        self._searched = 0
        literal = _LITERAL.search(text)
        if literal is not None:
            self._wanted = int(literal[1])
            if self._wanted > LITERAL_MAX or len(self._parts) >= 2 * LITERALS_MAX:
                raise TooLarge("the server's literal is too long")
            self._parts.append(text[: literal.start()])
            return []
        parts, self._parts = [*self._parts, text], []
        return parts


def string(octets: bytes) -> bytes:
    """Return a string as it is sent: quoted where that is possible, else as a literal that waits for nothing."""
    if len(octets) > QUOTED_MAX or _UNQUOTABLE.search(octets):
        return b"{%d+}\r\n%s" % (len(octets), octets)
    escaped = octets.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    return b'"%s"' % escaped


def _words(parts: list[bytes]) -> Line:
    found: list[Word] = []
    inner: list[Atom | bytes] | None = None  # in parentheses
    for number, part in enumerate(parts):
        if number % 2:
            (found if inner is None else inner).append(part)
            continue
        position = 0
        part = part.rstrip(b" \t")
        while position < len(part):
            match = _WORD.match(part, position)
            if match is None:
                raise MalformedInput("the server's line is not ManageSieve")
            position = match.end()
            if match["open"] is not None:
                if inner is not None:
                    raise MalformedInput("the server's line has parentheses in parentheses")
                inner = []
            elif match["close"] is not None:
                if inner is None:
                    raise MalformedInput("the server's line closes what is not open")
                found.append(tuple(inner))
                inner = None
            elif match["quoted"] is not None:
                (found if inner is None else inner).append(_ESCAPED.sub(rb"\1", match["quoted"]))
            else:
                word = Atom(match["atom"].decode("ascii", "replace").upper())
                (found if inner is None else inner).append(word)
    if inner is not None:
        raise MalformedInput("the server's line does not close a parenthesis")
    return tuple(found)
