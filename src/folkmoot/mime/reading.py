"""A message taken apart: where its parts are, numbered as IMAP numbers them (RFC 2046, RFC 9051 section 6.4.5.1).

Broken messages are read as Dovecot reads them, as that is what people's other programs show: the longest boundary that
fits wins, an outer boundary closes what is open within, and what is never closed ends with the message.  Octets are
looked at once, whatever the nesting; nothing is copied until somebody asks for it.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from folkmoot.core.errors import NotFound
from folkmoot.mime.content import decode_content
from folkmoot.mime.headers import HEADER_OCTETS_MAX, Headers, parse_headers
from folkmoot.mime.part import Part
from folkmoot.mime.splitting import Span, split

__all__ = ["Message", "read_message"]

_EMPTY: Final = Headers()


class Message:
    """A message and its octets."""

    __slots__ = ("_octets", "_spans", "part")

    def __init__(self, octets: bytes, part: Part, spans: dict[str, Span]) -> None:
        self._octets = octets
        self._spans = spans
        self.part = part

    def headers(self, path: str = "") -> Headers:
        """Return the header fields: of the message (""), or those of a part (its ``MIME`` in IMAP).

        Raises:
            NotFound: there is no such part.
        """
        if not path:
            return parse_headers(self.section("HEADER"))
        span = self._span(path)
        return parse_headers(self._octets[span.start : min(span.body, span.start + HEADER_OCTETS_MAX)])

    def content(self, path: str) -> bytes:
        """Return a part's content, its transfer encoding undone; never longer than what stands in the message.

        Raises:
            NotFound: there is no such part.
        """
        span = self._span(path)
        return decode_content(self._octets[span.body : span.end], span.encoding)

    def section(self, name: str) -> bytes:
        """Return what IMAP calls BODY[name]: "", "HEADER", "2.1", "2.MIME", "2.HEADER", "2.TEXT".

        Raises:
            NotFound: there is no such section.
        """
        path, _, last = name.rpartition(".")
        if last.isdigit():
            span = self._span(name)
            return self._octets[span.body : span.end]
        if last == "MIME" and path:
            span = self._span(path)
            return self._octets[span.start : span.body]
        top = self._spans[_TOP] if not path else self._spans.get(f"{path}{_TOP}")
        if top is None:
            raise NotFound(f"the message has no section {name[:80]}")
        match last:
            case "":
                return self._octets
            case "HEADER":
                return self._octets[top.start : top.body]
            case "TEXT":
                return self._octets[top.body : top.end]
        raise NotFound(f"the message has no section {name[:80]}")

    def sections(self, names: Iterable[str]) -> Mapping[str, bytes]:
        """Return several sections, as a FETCH of them would.

        Raises:
            NotFound: one of them is not there.
        """
        return {name: self.section(name) for name in names}

    def _span(self, path: str) -> Span:
        span = self._spans.get(path)
        if span is None:
            raise NotFound(f"the message has no part {path[:80]}")
        return span


_TOP: Final = "^"  # appended to a path: the message within that part; alone: the message itself


def read_message(octets: bytes) -> Message:
    """Take a message apart, however broken it is; never fails."""
    top = split(octets)
    spans: dict[str, Span] = {}
    part = _numbered(top, spans)
    return Message(octets, part, spans)


def _numbered(top: Span, spans: dict[str, Span]) -> Part:
    """Give all parts their paths, and make values of them from the innermost outwards."""
    paths: list[tuple[Span, str]] = []
    pending = [(top, "" if top.is_multipart else "1", _TOP)]
    while pending:
        span, path, message = pending.pop()
        paths.append((span, path))
        if message:
            spans[message] = span
        if path:
            spans.setdefault(path, span)  # of a message and the multipart at its top, it is the message that counts
        prefix = f"{path}." if path else ""
        if span.is_multipart:
            pending.extend((child, f"{prefix}{number}", "") for number, child in enumerate(span.children, 1))
        else:
            pending.extend(
                (child, path if child.is_multipart else f"{prefix}1", f"{path}{_TOP}") for child in span.children
            )
    made: dict[int, Part] = {}
    for span, path in reversed(paths):
        children = tuple(made.pop(id(child)) for child in span.children)
        if span.is_multipart and not children:  # the grammar of BODYSTRUCTURE knows no multipart without parts
            first = f"{path}.1" if path else "1"
            spans[first] = span.implied()
            children = (spans[first].as_part(first, ()),)
        made[id(span)] = span.as_part(path, children)
    return made[id(top)]
