"""CALDAV:text-match and its collations (RFC 4791 sections 7.5 and 9.7.5, RFC 4790, RFC 5051)."""

from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase
from typing import Final
from unicodedata import normalize

from folkmoot.core.errors import Unsupported

ASCII_CASEMAP: Final = "i;ascii-casemap"
UNICODE_CASEMAP: Final = "i;unicode-casemap"
OCTET: Final = "i;octet"
COLLATIONS: Final = frozenset({ASCII_CASEMAP, UNICODE_CASEMAP, OCTET})
_TO_LOWER: Final = str.maketrans(ascii_uppercase, ascii_lowercase)


@dataclass(frozen=True, slots=True)
class TextMatch:
    """Search for a text; ``match_type`` is contains, equals, starts-with or ends-with.

    CalDAV itself only knows contains; the others are CardDAV's, and clients send them here too.
    """

    text: str
    collation: str = ASCII_CASEMAP
    negate: bool = False
    match_type: str = "contains"


def text_matches(wanted: TextMatch, text: str) -> bool:
    """Whether a text satisfies a text-match.

    Raises:
        Unsupported: a collation or match type nobody has heard of.
    """
    needle, hay = fold_case(wanted.text, wanted.collation), fold_case(text, wanted.collation)
    match wanted.match_type:
        case "contains":
            found = needle in hay
        case "equals":
            found = needle == hay
        case "starts-with":
            found = hay.startswith(needle)
        case "ends-with":
            found = hay.endswith(needle)
        case _:
            raise Unsupported(f"text-match: unknown match type {wanted.match_type[:40]!r}")
    return found != wanted.negate


def fold_case(text: str, collation: str) -> str:
    """Return what a collation compares.

    Raises:
        Unsupported: not one of ``COLLATIONS``.
    """
    if collation in (ASCII_CASEMAP, "default", ""):
        return text.translate(_TO_LOWER)
    if collation == UNICODE_CASEMAP:
        return normalize("NFKD", text.casefold())
    if collation == OCTET:
        return text
    raise Unsupported(f"text-match: unknown collation {collation[:40]!r}")
