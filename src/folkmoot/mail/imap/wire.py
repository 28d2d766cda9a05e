"""IMAP responses out of octets that arrive in any pieces (RFC 9051 section 9), without sockets and without recursion.

``Wire.feed`` takes octets, ``Wire.take`` gives whole responses.  Each octet is looked at a fixed number of times.
What servers get wrong in small things is read as it was meant; nothing but the limits is refused.

A value is an atom or number (``str``), a string (``bytes``), NIL (None), or a list of values.
"""

import re
from collections.abc import Callable
from typing import Final

from msgspec import Struct

from folkmoot.core.errors import MalformedInput

LINE_MAX: Final = 16 * 1024 * 1024  # octets without literals: SEARCH told of two million messages
LITERAL_MAX: Final = 160 * 1024 * 1024  # octets: the largest messages that servers take, and then some
RESPONSE_MAX: Final = LITERAL_MAX + LINE_MAX  # octets of one response with all its literals
LITERALS_MAX: Final = 10_000  # in one response; addresses of an ENVELOPE may each be some
NESTING_MAX: Final = 400  # lists in lists; Dovecot tells of 100 levels of parts.  Deeper ones lose their parentheses

Value = str | bytes | list["Value"] | None


class Code(Struct, frozen=True):
    """A response code: ``[UIDVALIDITY 12]``."""

    name: str  # upper case
    values: list[Value] = []  # msgspec copies it


class Condition(Struct, frozen=True):
    """OK, NO, BAD, BYE or PREAUTH; tagged, or untagged with ``*``."""

    tag: str
    status: str
    code: Code | None = None
    text: str = ""


class Told(Struct, frozen=True):
    """An untagged response that tells something: ``* 3 EXISTS``, ``* LIST (…)``."""

    name: str  # upper case
    number: int | None = None
    values: list[Value] = []  # msgspec copies it


class Continuation(Struct, frozen=True):
    """The server waits for more: ``+ …``."""

    text: bytes


Response = Condition | Told | Continuation

_LITERAL: Final = re.compile(rb"~?\{([0-9]{1,12})\+?\}[ \t]*\Z")
_LITERAL_TAIL: Final = 24  # octets: no literal's head is longer
_STATUS_LINE: Final = re.compile(rb"[ \t]*(\S+)[ \t]+(ok|no|bad|bye|preauth)(?:[ \t]+|\Z)", re.IGNORECASE)
_NUMBERS: Final = re.compile(rb"[ \t]*\*[ \t]+(search|sort)((?:[ \t]++[0-9]{1,10})*+)[ \t]*\Z", re.IGNORECASE)
_THREADS: Final = re.compile(rb"[ \t]*+\*[ \t]++thread[ \t]++([()0-9 ]++)\Z", re.IGNORECASE)
_CODE: Final = re.compile(
    rb"\[((?:[^\]\"(]++|\"(?:[^\"\\]++|\\.)*+\"|\((?:[^()\"]++|\"(?:[^\"\\]++|\\.)*+\"|\([^()]*+\))*+\))*+)\][ \t]*",
    re.DOTALL,
)
_TOKEN: Final = re.compile(
    rb'"(?:[^"\\]++|\\.)*+"?|[()]|[Bb][OoIi][^\s()"\[\]]*+\[[^\]]*+\](?:<[0-9]+>)?|[^\s()"]+',
    re.DOTALL,
)
_ESCAPED: Final = re.compile(rb"\\(.)", re.DOTALL)
_QUOTE, _OPEN, _CLOSE = b'"()'
_NIL: Final = frozenset((a + b + c).encode() for a in "Nn" for b in "Ii" for c in "Ll")
_DIGITS_MAX: Final = 20


class Wire:
    """Turns octets into responses."""

    def __init__(self, *, literal_max: int = LITERAL_MAX) -> None:
        self._buffer = bytearray()
        self._literal_max = literal_max
        self._seen = 0  # octets of the buffer in which no line ends
        self._segments: list[bytes] = []  # of the response so far: line, literal, line, ...
        self._held = 0  # octets in them
        self._awaited = -1  # octets of the literal that has begun; -1: none has

    @property
    def pending(self) -> bool:
        """Whether something has come that is not taken yet."""
        return bool(self._buffer or self._segments)

    def feed(self, octets: bytes) -> None:
        """Add what has arrived."""
        self._buffer += octets

    def take(self) -> Response | None:
        """Return the next whole response; None: more must arrive.

        Raises:
            MalformedInput: a limit is exceeded; nothing more can be understood.
        """
        while True:
            segments = self.frame()
            if segments is None:
                return None
            response = response_of(segments)
            if response is not None:
                return response

    def frame(self) -> list[bytes] | None:
        """Return the next whole response as ``response_of`` takes it; None: more must arrive.

        Raises:
            MalformedInput: a limit is exceeded; nothing more can be understood.
        """
        buffer = self._buffer
        while True:
            if self._awaited >= 0:
                if len(buffer) < self._awaited:
                    return None
                self._segments.append(bytes(buffer[: self._awaited]))
                del buffer[: self._awaited]
                self._awaited = -1
            end = buffer.find(b"\n", self._seen)
            if end < 0:
                self._seen = len(buffer)
                if self._seen > LINE_MAX:
                    raise MalformedInput(f"a line of more than {LINE_MAX} octets")
                return None
            line = bytes(buffer[: end - 1 if end and buffer[end - 1] == _CR else end])
            del buffer[: end + 1]
            self._seen = 0
            if len(line) > LINE_MAX:
                raise MalformedInput(f"a line of more than {LINE_MAX} octets")
            literal = _LITERAL.search(line, max(0, len(line) - _LITERAL_TAIL)) if line.endswith(_LITERAL_ENDS) else None
            if literal is None or (not self._segments and _STATUS_LINE.match(line)):
                self._segments.append(line)
                segments, self._segments, self._held = self._segments, [], 0
                return segments
            self._begin_literal(line, literal)

    def skim(self, head: re.Pattern[bytes], take: Callable[[re.Match[bytes], bytes], None], most: int) -> int:
        """Take whole responses of one form, a ``head``, its literal and ``)``; return how many there were.

        Args:
            head: from the response's first octet to the end of the line; its last group is the literal's size.
            take: is given the head and the literal.
            most: responses.
        """
        if self._segments or self._awaited >= 0:
            return 0
        buffer, at, count = self._buffer, 0, 0
        while count < most:
            found = head.match(buffer, at)
            if found is None:
                break
            start = found.end()
            end = start + int(found[head.groups])
            if buffer[end : end + len(_SKIMMED_END)] != _SKIMMED_END:
                break
            take(found, bytes(buffer[start:end]))
            at = end + len(_SKIMMED_END)
            count += 1
        if at:
            del buffer[:at]
            self._seen = 0
        return count

    def _begin_literal(self, line: bytes, literal: re.Match[bytes]) -> None:
        size = int(literal[1])
        if size > self._literal_max:
            raise MalformedInput(f"a literal of more than {self._literal_max} octets")
        self._segments.append(line[: literal.start()])
        self._held += len(line) + size
        if len(self._segments) > 2 * LITERALS_MAX or self._held > RESPONSE_MAX:
            raise MalformedInput("a response with too many or too large literals")
        self._awaited = size


_CR: Final = 13
_SKIMMED_END: Final = b")\r\n"
_S: Final = (b"S", b"s")
_T: Final = (b"T", b"t")
_LITERAL_ENDS: Final = (b"}", b"} ", b"}\t")


def response_of(segments: list[bytes]) -> Response | None:
    """Return the response that was framed; None: it says nothing that could be understood."""
    line = segments[0]
    if not (line[2:3].isdigit() and line[:2] == b"* "):  # else a FETCH, most often
        if line[:1] == b"+":
            return Continuation(line[1:].strip())
        status = _STATUS_LINE.match(line)
        if status is not None:
            return _condition(status, line)
    numbers = _NUMBERS.match(line) if len(segments) == 1 and line[2:3] in _S else None
    if numbers is not None:  # 100,000 of them at once
        return Told(_text(numbers[1]).upper(), None, _text(numbers[2]).split())  # type: ignore[arg-type]  # invariance
    threads = _THREADS.match(line) if len(segments) == 1 and line[2:3] in _T else None
    if threads is not None:  # likewise; ``trees`` reads the octets
        return Told("THREAD", None, [threads[1]])
    values = parse_values(segments)
    if len(values) < 2 or values[0] != "*":  # noqa: PLR2004
        return None
    first = values[1]
    if not isinstance(first, str):
        return None
    if not is_number(first):
        return Told(first.upper(), None, values[2:])
    name = values[2] if len(values) > 2 else None  # noqa: PLR2004
    return Told(name.upper(), int(first), values[3:]) if isinstance(name, str) else None


def _condition(status: re.Match[bytes], line: bytes) -> Condition:
    rest = line[status.end() :]
    code = None
    match = _CODE.match(rest)
    if match is not None:
        values = parse_values([match[1]])
        name = values[0] if values else None
        if isinstance(name, str):
            code = Code(name.upper(), values[1:])
        rest = rest[match.end() :]
    return Condition(_text(status[1]), _text(status[2]).upper(), code, rest.decode("utf-8", "replace").strip())


def parse_values(segments: list[bytes]) -> list[Value]:
    """Return the values of a response: ``segments`` are text, the literal that follows it, text, and so on."""
    top: list[Value] = []
    here = top
    append = here.append
    above: list[list[Value]] = []
    ignored = 0  # lists within one that is too deep
    for index, segment in enumerate(segments):
        if index % 2:
            append(segment)
            continue
        for token in _TOKEN.findall(segment):
            first = token[0]
            if first == _QUOTE:
                if b"\\" in token:
                    token = _ESCAPED.sub(rb"\1", token)
                append(token[1:-1] if token[-1] == _QUOTE else token[1:])
            elif first == _OPEN:
                if len(above) >= NESTING_MAX:
                    ignored += 1
                    continue
                above.append(here)
                here = []
                append(here)
                append = here.append
            elif first == _CLOSE:
                if ignored:
                    ignored -= 1
                elif above:
                    here = above.pop()
                    append = here.append
            elif token in _NIL:
                append(None)
            else:
                append(token.decode("latin-1"))
    return top


def is_number(text: Value) -> bool:
    """Whether an atom is a number that fits 64 bits."""
    return isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX


def _text(octets: bytes) -> str:
    return octets.decode("latin-1")
