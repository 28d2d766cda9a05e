"""Transfer encodings undone piece by piece, for attachments that nobody wants in memory as a whole.

What comes out is what ``content.decode_content`` makes of the whole, but for base64 of several pieces with damage far
behind the first padding: of that the octets before the damage come out, too.
"""

from typing import Final, Protocol

from folkmoot.core.errors import TooLarge
from folkmoot.mime.content import decode_base64, decode_content, decode_quoted_printable, encoding_name

LINE_MAX: Final = 64 * 1024  # octets that are kept waiting for the end of a line; lines have 76
UUENCODED_MAX: Final = 32 * 1024 * 1024  # octets: uuencode is decoded as a whole, and nobody sends it any more
_NOT_LETTERS: Final = b" \t\r\n"
_QUANTUM: Final = 4
_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_SKIPPED: Final = bytes(octet for octet in range(256) if octet not in _ALPHABET + b"=")
_ESCAPE: Final = 3  # octets


class Decoder(Protocol):
    """Undoes an encoding."""

    def feed(self, octets: bytes) -> bytes:
        """Return what more of the content is known."""

    def finish(self) -> bytes:
        """Return the rest."""


def decoder(encoding: str) -> Decoder:
    """Return what undoes an encoding; an unknown one is taken as none."""
    match encoding_name(encoding):
        case "base64":
            return _Base64()
        case "quoted-printable":
            return _QuotedPrintable()
        case "uuencode" | "x-uuencode" | "x-uue" | "uue":
            return _Whole(encoding)
    return _Identity()


class _Identity:
    def feed(self, octets: bytes) -> bytes:
        return octets

    def finish(self) -> bytes:
        return b""


class _Base64:
    def __init__(self) -> None:
        self._kept = b""
        self._padded = False  # what is kept may be text after the padding
        self._ended = False

    def feed(self, octets: bytes) -> bytes:
        if self._ended:
            return b""
        if self._padded:
            self._kept += octets
            return self._later() if len(self._kept) >= LINE_MAX else b""
        end = octets.find(b"=")
        if end >= 0:
            done = decode_base64(self._kept + octets[:end])
            self._kept, self._padded = octets[end:], True
            return done + (self._later() if len(self._kept) >= LINE_MAX else b"")
        letters = self._kept + octets.translate(None, _SKIPPED)
        whole = len(letters) - len(letters) % _QUANTUM
        self._kept = letters[whole:]
        return decode_base64(letters[:whole])

    def finish(self) -> bytes:
        kept, self._kept = self._kept, b""
        if self._ended:
            return b""
        # Padding before it says that this is what follows the first piece.
        return decode_base64(b"=" + kept) if self._padded else decode_base64(kept)

    def _later(self) -> bytes:
        """Decode complete pieces behind the first padding, and of the last one what is certain."""
        head, equals, tail = self._kept.rpartition(b"=")
        letters = tail.translate(None, _NOT_LETTERS)
        if letters.translate(None, _ALPHABET):
            self._ended = True
            return decode_base64(b"=" + self._kept)
        whole = len(letters) - len(letters) % _QUANTUM
        self._kept = letters[whole:]
        return decode_base64(b"=" + head + equals + letters[:whole])


class _QuotedPrintable:
    def __init__(self) -> None:
        self._kept = b""

    def feed(self, octets: bytes) -> bytes:
        self._kept += octets
        cut = self._kept.rfind(b"\n") + 1
        if not cut and len(self._kept) > LINE_MAX:
            cut = _between_escapes(self._kept)
        whole, self._kept = self._kept[:cut], self._kept[cut:]
        return decode_quoted_printable(whole) if whole else b""

    def finish(self) -> bytes:
        kept, self._kept = self._kept, b""
        return decode_quoted_printable(kept)


def _between_escapes(octets: bytes) -> int:
    """Return where a line without end can be cut: not within an escape, and not where blanks may be its end."""
    cut = len(octets.rstrip(b" \t\r"))
    escape = octets.rfind(b"=", max(0, cut - _ESCAPE), cut)
    cut = escape if escape >= 0 else cut
    return cut or len(octets)


class _Whole:
    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._kept = bytearray()

    def feed(self, octets: bytes) -> bytes:
        self._kept += octets
        if len(self._kept) > UUENCODED_MAX:
            raise TooLarge(f"a uuencoded file has at most {UUENCODED_MAX} octets")
        return b""

    def finish(self) -> bytes:
        return decode_content(bytes(self._kept), self._encoding)
