"""A message of any structure, part by part, to octets that every server takes (RFC 2045, RFC 2046).

Texts are encoded as ``composing`` does it, files as base64, messages within as they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.mime import writing
from folkmoot.mime.composing import encoded_text, file_name
from folkmoot.mime.writing import HARD_LINE_MAX, base64_lines

PARTS_MAX: Final = 1_000  # of one message
DEPTH_MAX: Final = 20  # of multiparts within each other; readers follow about as many
FIELDS_MAX: Final = 500  # of one message's or part's header
_BREAK: Final = b"\r\n"
_MULTIPART: Final = "multipart/"
_MESSAGE: Final = "message/"


@dataclass(frozen=True, slots=True)
class BuiltPart:
    """A part; one with ``children`` is a multipart, one without holds ``content``."""

    content_type: str
    content: bytes = field(default=b"", repr=False)  # decoded; texts in UTF-8 with lines ended by LF or CRLF
    text: bool = False  # written here, and not a file
    charset: str = ""  # of a text that is a file
    name: str = ""
    disposition: str = ""
    cid: str = ""  # without angle brackets
    language: tuple[str, ...] = ()
    location: str = ""
    fields: tuple[bytes, ...] = ()  # further ones, as ``writing`` makes them
    children: "tuple[BuiltPart, ...]" = ()


def build(fields: Sequence[bytes], top: BuiltPart, *, seed: str) -> bytes:
    """Return a message; ``seed`` makes its boundaries, so equal messages have equal octets.

    Raises:
        MalformedInput: a content type, a name or an id that no field can hold.
        TooLarge: more parts, or deeper ones, than a message may have.
    """
    if len(fields) > FIELDS_MAX:
        raise TooLarge(f"a message has at most {FIELDS_MAX} header fields")
    _require_bounds(top)
    pieces: list[bytes] = [*fields, b"MIME-Version: 1.0\r\n"]
    _Builder(seed).write(top, pieces)
    return b"".join(pieces)


def _require_bounds(top: BuiltPart) -> None:
    pending, count = [(top, 1)], 0
    while pending:
        part, depth = pending.pop()
        count += 1
        if count > PARTS_MAX or depth > DEPTH_MAX:
            raise TooLarge(f"a message has at most {PARTS_MAX} parts, {DEPTH_MAX} within each other")
        pending.extend((child, depth + 1) for child in part.children)


class _Builder:
    """Writes parts; knows how many multiparts it has made."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._count = 0

    def write(self, part: BuiltPart, pieces: list[bytes]) -> None:
        """Append a part, its header first, and end it with a line break unless it is a file that ends without."""
        if part.content_type.lower().startswith(_MULTIPART):
            self._write_multipart(part, pieces)
            return
        content_type, parameters, encoding, body = _encoded(part)
        pieces.append(_type_field(content_type, parameters))
        pieces.append(b"Content-Transfer-Encoding: " + encoding + _BREAK)
        pieces.extend(_more_fields(part))
        pieces += [_BREAK, body]

    def _write_multipart(self, part: BuiltPart, pieces: list[bytes]) -> None:
        if not part.children:
            raise MalformedInput("a multipart holds parts")
        inner: list[list[bytes]] = []
        for child in part.children:
            inner.append([])
            self.write(child, inner[-1])
        boundary = self._boundary(inner)
        mark = b"--" + boundary.encode("ascii")
        pieces.append(_type_field(part.content_type.lower(), [("boundary", boundary)]))
        pieces.extend(_more_fields(part))
        for below in inner:
            pieces += [_BREAK, mark, _BREAK, *below]
        pieces += [_BREAK, mark, b"--", _BREAK]

    def _boundary(self, inner: Sequence[Sequence[bytes]]) -> str:
        # "=_" stands neither in quoted-printable nor in base64 (RFC 2045 section 6.7); in messages within it may.
        while True:
            self._count += 1
            digest = blake2b(f"{self._seed} {self._count}".encode(errors="replace"), digest_size=15).hexdigest()
            octets = f"=_{digest}".encode("ascii")
            if not any(octets in piece for below in inner for piece in below):
                return octets.decode("ascii")


def _encoded(part: BuiltPart) -> tuple[str, list[tuple[str, str]], bytes, bytes]:
    """Return content type, its parameters, how the content travels, and the content so."""
    content_type, content = part.content_type.lower(), part.content
    named = [("name", file_name(part.name))] if part.name else []
    if part.text:
        lines = content.replace(b"\0", b"").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        encoding, body = encoded_text(lines)
        return content_type, [("charset", "utf-8"), *named], encoding, body
    if content_type.startswith(_MESSAGE):
        whole = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", _BREAK)
        fits = max(map(len, whole.split(_BREAK))) <= HARD_LINE_MAX and b"\0" not in whole
        # Only 7bit and 8bit may be said of messages within (RFC 2046 section 5.2.1).
        if fits and (content_type == "message/rfc822" or whole.isascii()):
            return content_type, named, b"7bit" if whole.isascii() else b"8bit", whole
        content_type = "application/octet-stream"
    charset = [("charset", part.charset)] if part.charset else []
    return content_type, [*charset, *named], b"base64", base64_lines(content)


def _more_fields(part: BuiltPart) -> list[bytes]:
    fields = [*part.fields]
    if part.disposition or part.name:
        named = [("filename", file_name(part.name))] if part.name else []
        fields.append(writing.parameters_field("Content-Disposition", part.disposition or "attachment", named))
    if part.cid:
        fields.append(writing.ids_field("Content-ID", [f"<{part.cid}>"]))
    if part.language:
        fields.append(writing.raw_field("Content-Language", ", ".join(part.language)))
    if part.location:
        fields.append(writing.raw_field("Content-Location", part.location))
    return fields


def _type_field(content_type: str, parameters: Sequence[tuple[str, str]]) -> bytes:
    if content_type.count("/") != 1 or not all(content_type.split("/")):
        raise MalformedInput(f"not a content type: {content_type[:80]!r}")
    return writing.parameters_field("Content-Type", content_type, parameters)
