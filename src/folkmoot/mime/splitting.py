"""Finds the parts of a message in its octets."""

from typing import Final

from folkmoot.mime.content import encoding_name
from folkmoot.mime.headers import HEADER_OCTETS_MAX, Headers, parse_headers
from folkmoot.mime.parameters import Parameters, parse_value
from folkmoot.mime.part import Part

DEPTH_MAX: Final = 100  # as Dovecot; real mail has less than 20
PARTS_MAX: Final = 10_000  # as Dovecot; a digest of a busy list has some hundreds
BOUNDARY_MAX: Final = 200  # octets; the standard allows 70
_DASHES: Final = b"--"


class Span:
    """A part being read: where it begins, where its body begins and ends."""

    __slots__ = (
        "body",
        "boundary",
        "children",
        "closed",
        "disposition",
        "disposition_parameters",
        "encoding",
        "end",
        "headers",
        "lines",
        "parameters",
        "start",
        "subtype",
        "type",
    )

    def __init__(self, start: int, body: int, headers: Headers, content_type: str) -> None:
        self.start = start
        self.body = body
        self.end = body
        self.headers = headers
        self.children: list[Span] = []
        written, parameters = parse_value(headers.get("content-type") or b"")
        kind, slash, subtype = written.partition("/")
        if not slash or not kind or not subtype:
            kind, _, subtype = content_type.partition("/")
            parameters = parameters if not written else ()
        self.type, self.subtype = kind[:100], subtype[:200]
        self.parameters: Parameters = parameters
        self.encoding = encoding_name((headers.get("content-transfer-encoding") or b"7bit").decode("latin-1")) or "7bit"
        self.disposition, self.disposition_parameters = parse_value(headers.get("content-disposition") or b"")
        self.boundary = b""
        self.lines = 0
        self.closed = False
        if kind == "multipart":
            named = next((value for key, value in parameters if key == "boundary"), "")
            self.boundary = named.encode("utf-8", "surrogateescape")[:BOUNDARY_MAX]

    @property
    def is_multipart(self) -> bool:
        return self.type == "multipart"

    @property
    def is_message(self) -> bool:
        return self.type == "message" and self.subtype == "rfc822"

    def implied(self) -> "Span":
        """Return the part that stands for none: all of the text if no boundary was found in it."""
        span = Span(self.body, self.end if self.closed else self.body, Headers(), "text/plain")
        span.end = self.end
        span.encoding = self.encoding if self.encoding in {"base64", "quoted-printable"} else "7bit"
        return span

    def as_part(self, path: str, children: tuple[Part, ...]) -> Part:
        get = self.headers.get
        return Part(
            path,
            type=self.type,
            subtype=self.subtype,
            parameters=self.parameters,
            id=_text(get("content-id")),
            description=_text(get("content-description")),
            encoding=self.encoding,
            size=self.end - self.body,
            lines=self.lines,
            disposition=self.disposition,
            disposition_parameters=self.disposition_parameters,
            language=tuple(word.strip() for word in _text(get("content-language")).split(",") if word.strip()),
            location=_text(get("content-location")),
            children=children,
        )


class _Splitting:
    """The parts that are open, outermost first."""

    def __init__(self, octets: bytes) -> None:
        self.octets = octets
        self.open: list[Span] = []
        self.boundaries: list[bytes] = []  # of each that is open; empty: none, or closed
        self.sought: tuple[bytes, ...] = ()
        self.changed = False
        self.count = 0

    def begin(self, start: int, content_type: str) -> int:
        """Read a header and open its part, and those that begin with it; return where to look for a boundary."""
        while True:
            body, ended = self._header_end(start)
            header = self.octets[start : min(body, start + HEADER_OCTETS_MAX)]
            span = Span(start, body, parse_headers(header), content_type)
            self.count += 1
            if self.open:
                self.open[-1].children.append(span)
            self.open.append(span)
            full = len(self.open) > DEPTH_MAX or self.count >= PARTS_MAX
            if full:
                span.boundary = b""
            self.boundaries.append(span.boundary and _DASHES + span.boundary)
            self.changed = True
            if full or ended or not span.is_message:
                return body
            start, content_type = body, "text/plain"

    def _header_end(self, start: int) -> tuple[int, bool]:
        """Return where the body begins, and whether a boundary stood where the empty line should be."""
        octets, position = self.octets, start
        while position < len(octets):
            end = octets.find(b"\n", position)
            end = len(octets) if end < 0 else end + 1
            if octets.startswith((b"\n", b"\r\n"), position):
                return end, False
            if octets.startswith(_DASHES, position) and self.boundary_at(position) is not None:
                return position, True
            position = end
        return len(octets), False

    def boundary_at(self, position: int) -> tuple[int, bool] | None:
        """Return whose boundary stands in this line, and whether it is the closing one."""
        octets = self.octets
        end = octets.find(b"\n", position, position + BOUNDARY_MAX + 80)
        line = octets[position : end if end >= 0 else position + BOUNDARY_MAX + 4].rstrip(b"\r\n")
        best, length = -1, 0
        if not line.startswith(self._sought()):
            return None
        for index in range(len(self.boundaries) - 1, -1, -1):
            boundary = self.boundaries[index]
            if len(boundary) > length and line.startswith(boundary):
                best, length = index, len(boundary)
                if line in (boundary, boundary + _DASHES):
                    break  # none fits better
        if best < 0:
            return None
        return best, line.startswith(_DASHES, length)

    def close(self, above: int, end: int) -> None:
        """End all that is open beyond ``above``; what holds another ends no earlier than that."""
        for span in reversed(self.open[above:]):
            end = max(end, span.body)
            span.end = end
        del self.open[above:]
        del self.boundaries[above:]
        self.changed = True

    def retire(self, index: int) -> None:
        """Look for a boundary no more: it was the closing one."""
        self.boundaries[index] = b""
        self.changed = True

    def _sought(self) -> tuple[bytes, ...]:
        if self.changed:  # else millions of lines with dashes would each be compared in a loop
            self.sought = tuple(boundary for boundary in self.boundaries if boundary)
            self.changed = False
        return self.sought


def split(octets: bytes) -> Span:
    """Return the message as a tree of spans; never fails."""
    reading = _Splitting(octets)
    position = reading.begin(0, "text/plain")
    top = reading.open[0]
    consumed = 0  # behind the last closing boundary: its line is part of what is around it
    while any(reading.boundaries):
        line = _next_dashes(octets, position)
        if line < 0:
            break
        found = reading.boundary_at(line)
        end_of_line = octets.find(b"\n", line)
        position = len(octets) if end_of_line < 0 else end_of_line + 1
        if found is None:
            continue
        index, closing = found
        reading.close(index + 1, max(_before_line(octets, line), consumed))
        if closing:
            reading.retire(index)
            reading.open[index].closed = True
            consumed = position
        elif reading.count < PARTS_MAX:
            multipart = reading.open[index]
            position = reading.begin(position, "message/rfc822" if multipart.subtype == "digest" else "text/plain")
    reading.close(0, len(octets))
    _count_lines(octets, top)
    return top


def _next_dashes(octets: bytes, position: int) -> int:
    """Return where the next line begins that may be a boundary."""
    if octets.startswith(_DASHES, position):  # the beginning of a line: bodies and what follows a boundary begin there
        return position
    found = octets.find(b"\n--", position)
    return found + 1 if found >= 0 else -1


def _before_line(octets: bytes, line: int) -> int:
    """Return where the line before ends: its break belongs to the boundary (RFC 2046 section 5.1.1)."""
    if octets[line - 1 : line] == b"\n":
        line -= 1
        if octets[line - 1 : line] == b"\r":
            line -= 1
    return line


def _count_lines(octets: bytes, top: Span) -> None:
    pending = [top]
    while pending:
        span = pending.pop()
        if span.type == "text" or span.is_message:
            span.lines = octets.count(b"\n", span.body, span.end)
        pending.extend(span.children)


def _text(value: bytes | None) -> str:
    return value.decode("utf-8", "surrogateescape") if value else ""
