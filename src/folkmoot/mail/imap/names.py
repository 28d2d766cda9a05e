"""Names of mailboxes on the wire: modified UTF-7 (RFC 3501 section 5.1.3), or UTF-8 where that was agreed."""

import binascii
import re
from typing import Final

from folkmoot.core.errors import MalformedInput

NAME_MAX: Final = 1_000  # characters; file systems take fewer
_ENCODED: Final = re.compile(rb"&([A-Za-z0-9+,]*)-")
_WIDE: Final = re.compile(r"[^\x20-\x7e]+")
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f]")


def encode_name(name: str) -> bytes:
    """Return a name in modified UTF-7.

    Raises:
        MalformedInput: empty, too long, or with control characters.
    """
    check_name(name)
    return _WIDE.sub(_encode, name.replace("&", "&-")).encode("ascii")


def check_name(name: str) -> None:
    """Refuse what no mailbox may be called.

    Raises:
        MalformedInput: empty, too long, or with control characters.
    """
    if not name or len(name) > NAME_MAX:
        raise MalformedInput(f"a mailbox has a name of 1 to {NAME_MAX} characters")
    if _CONTROLS.search(name):
        raise MalformedInput("a mailbox's name has no control characters")


def decode_name(octets: bytes) -> str:
    """Return a name as text; what is not modified UTF-7 is taken as it stands, what is not UTF-8 as Latin-1."""
    if b"&" in octets:
        pieces: list[str] = []
        end = 0
        for match in _ENCODED.finditer(octets):
            pieces.append(_plain(octets[end : match.start()]))
            pieces.append(_decode(match[1]) if match[1] else "&")
            end = match.end()
        pieces.append(_plain(octets[end:]))
        return "".join(pieces)
    return _plain(octets)


def _plain(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def _decode(base64: bytes) -> str:
    padded = base64.replace(b",", b"/") + b"=" * (-len(base64) % 4)
    try:
        return binascii.a2b_base64(padded).decode("utf-16-be")
    except (binascii.Error, UnicodeDecodeError):
        return f"&{base64.decode('ascii')}-"


def _encode(match: re.Match[str]) -> str:
    wide = match[0].encode("utf-16-be", "surrogatepass")
    return "&" + binascii.b2a_base64(wide, newline=False).rstrip(b"=").replace(b"/", b",").decode("ascii") + "-"
