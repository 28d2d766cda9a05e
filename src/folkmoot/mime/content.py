"""Transfer encodings undone, whatever the octets (RFC 2045 section 6).

No encoding makes more of less: the result is never longer than the input, so that whoever bounds one bounds the other.
"""

import binascii
import re
from itertools import islice
from typing import Final

_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_BASE64: Final = bytes(octet for octet in range(256) if octet not in _ALPHABET + b"=")
_BLANK: Final = b" \t\r\n"
_QUANTUM: Final = 4
PIECES_MAX: Final = 1000  # of base64 in one part, each with its padding; writers that join files make two or three
AT_ONCE: Final = 64 * 1024  # octets of quoted-printable decoded by one call, and the rest of a line
_BETWEEN_PADDING: Final = re.compile(rb"[^=]+")
_UU_BEGIN: Final = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} [^\r\n]{1,255}\r?\n", re.MULTILINE)
_UU_LINE_MAX: Final = 90  # 45 octets make 61 characters; broken writers pad a little more
_UUENCODE: Final = frozenset({"uuencode", "x-uuencode", "x-uue", "uue"})
_LONE_CR: Final = re.compile(rb"=\r(?!\n)")
_TRAILING_BLANKS: Final = (b" \n", b"\t\n", b" \r\n", b"\t\r\n")


def decode_content(octets: bytes, encoding: str) -> bytes:
    """Undo a transfer encoding; an unknown one is taken as none.  Never fails: what is damaged is skipped."""
    name = encoding_name(encoding)
    if name == "base64":
        return decode_base64(octets)
    if name == "quoted-printable":
        return decode_quoted_printable(octets)
    if name in _UUENCODE:
        return decode_uuencode(octets)
    return octets


def encoding_name(encoding: str) -> str:
    """Return the encoding's name from a header value that may carry quotes, comments and parameters."""
    words = encoding.replace('"', " ").replace(";", " ").split(None, 1)
    name = words[0].lower() if words else ""
    return "quoted-printable" if name in {"quotedprintable", "quoted_printable", "q"} else name


def decode_base64(octets: bytes) -> bytes:
    """Decode base64 with strange characters, wrong padding, or several pieces one after the other.

    Text after the padding, as mailing lists add it, is no base64.
    """
    end = octets.find(b"=")
    if end < 0:
        return _quanta(octets)
    decoded = [_quanta(octets[:end])]
    for match in islice(_BETWEEN_PADDING.finditer(octets, end), PIECES_MAX):
        piece = match[0].translate(None, _BLANK)
        if piece.translate(None, _ALPHABET):
            break
        decoded.append(_quanta(piece))
    return b"".join(decoded)


def decode_quoted_printable(octets: bytes) -> bytes:
    """Decode quoted-printable; what is no escape stays as it is (RFC 2045 section 6.7)."""
    if len(octets) <= AT_ONCE:
        return _quoted_printable(octets)
    decoded: list[bytes] = []
    position = 0
    while position < len(octets):  # lines at a time: one call for all of 25 MB would hold up every other thread
        end = octets.find(b"\n", min(position + AT_ONCE, len(octets)))
        end = len(octets) if end < 0 else end + 1
        decoded.append(_quoted_printable(octets[position:end]))
        position = end
    return b"".join(decoded)


def _quoted_printable(octets: bytes) -> bytes:
    if any(blanks in octets for blanks in _TRAILING_BLANKS):
        *lines, last = octets.split(b"\n")  # what no line's end follows keeps its blanks, wherever it was cut
        octets = b"\n".join([*map(_without_trailing_blanks, lines), last])
    if b"=\r" in octets:
        octets = _LONE_CR.sub(b"=\r\n", octets)
    return binascii.a2b_qp(octets)


def decode_uuencode(octets: bytes) -> bytes:
    """Decode the first uuencoded file in the octets; without a ``begin`` line there is none, and they stay."""
    begin = _UU_BEGIN.search(octets)
    if begin is None:
        return octets
    return uu_lines(octets[begin.end() :])


def uu_lines(octets: bytes) -> bytes:
    """Decode lines of uuencode up to ``end`` or to the first that is none."""
    decoded = []
    for line in octets.splitlines():
        if line.strip() in {b"end", b"`", b""} or len(line) > _UU_LINE_MAX:
            break
        try:
            decoded.append(binascii.a2b_uu(line))
        except binascii.Error:
            length = (((line[0] - 32) & 63) * 4 + 5) // 3
            try:  # garbage after what the first character counts
                decoded.append(binascii.a2b_uu(line[:length]))
            except binascii.Error:
                break
    return b"".join(decoded)


def _quanta(octets: bytes) -> bytes:
    letters = octets.translate(None, _NOT_BASE64)
    left = len(letters) % _QUANTUM
    if left == 1:  # six bits are no octet
        letters = letters[:-1]
    elif left:
        letters += b"=" * (_QUANTUM - left)
    return binascii.a2b_base64(letters)


def _without_trailing_blanks(line: bytes) -> bytes:
    if line.endswith(b"\r"):
        return line[:-1].rstrip(b" \t") + b"\r"
    return line.rstrip(b" \t")
