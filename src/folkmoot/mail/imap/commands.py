"""Commands on the wire: arguments that cannot become anything else, and literals where strings cannot say it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from folkmoot.core.errors import MalformedInput

LITERAL_MINUS_MAX: Final = 4_096  # octets that may be sent unasked with LITERAL- (RFC 7888 section 5)
QUOTED_MAX: Final = 1_000  # octets; old servers bound their lines
_ATOM: Final = re.compile(rb"[A-Za-z0-9!#$&'+,./:;<=>?@^_`|~\-]+")  # RFC 9051 section 9 astring, without "]"
_QUOTABLE: Final = re.compile(rb"[\x20-\x7e]*")
_FLAG: Final = re.compile(r"\\?[A-Za-z0-9!#$&'+,./:;<=>?@^_`|~\-\[\]]{1,250}")


@dataclass(frozen=True, slots=True)
class Literal:
    """Octets that go as a literal."""

    octets: bytes
    binary: bool = False  # literal8 (RFC 3516): may hold NUL


Piece = bytes | Literal


class Literals(Enum):
    """Which literals may be sent without being asked for (RFC 7888)."""

    SYNCHRONIZING = "none"
    MINUS = "LITERAL-"
    PLUS = "LITERAL+"


def string(octets: bytes) -> Piece:
    """Return a string: quoted, or a literal.

    Raises:
        MalformedInput: NUL, which no string holds.
    """
    if b"\0" in octets:
        raise MalformedInput("a text for the mail server holds NUL")
    if len(octets) > QUOTED_MAX or not _QUOTABLE.fullmatch(octets):
        return Literal(octets)
    return b'"' + octets.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def astring(octets: bytes) -> Piece:
    """Return an atom where that is enough, else a string.

    Raises:
        MalformedInput: NUL, which no string holds.
    """
    if len(octets) <= QUOTED_MAX and _ATOM.fullmatch(octets) and octets.upper() != b"NIL":
        return octets
    return string(octets)


def flag_list(flags: Sequence[str]) -> bytes:
    r"""Return flags and keywords in parentheses.

    Raises:
        MalformedInput: one is no flag, or is ``\Recent``, which the server alone sets.
    """
    for flag in flags:
        if not _FLAG.fullmatch(flag) or flag.lower() == "\\recent":
            raise MalformedInput(f"not a flag or keyword: {flag[:80]!r}")
    return b"(" + " ".join(flags).encode("ascii") + b")"


def encode(tag: str, pieces: Sequence[Piece], literals: Literals) -> list[bytes]:
    """Return a command as chunks; before each but the first the server must have asked to continue."""
    chunks: list[bytes] = []
    line = bytearray(f"{tag} ".encode("ascii"))
    for piece in pieces:
        if isinstance(piece, bytes):
            line += piece
            continue
        size = len(piece.octets)
        unasked = literals is Literals.PLUS or (literals is Literals.MINUS and size <= LITERAL_MINUS_MAX)
        line += b"%s{%d%s}\r\n" % (b"~" if piece.binary else b"", size, b"+" if unasked else b"")
        if not unasked:
            chunks.append(bytes(line))
            line.clear()
        line += piece.octets
    line += b"\r\n"
    chunks.append(bytes(line))
    return chunks


def spaced(*pieces: Piece) -> list[Piece]:
    """Return pieces with blanks between them."""
    result: list[Piece] = []
    for piece in pieces:
        if result:
            result.append(b" ")
        result.append(piece)
    return result
