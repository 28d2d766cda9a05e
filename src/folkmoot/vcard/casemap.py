"""The collations of CardDAV text matches (RFC 6352 section 8.3; RFC 4790, RFC 5051).

Both folds work character by character and so respect concatenation: if one text contains another, its fold contains
the other's fold.  The search text of the index relies on this.
"""

import unicodedata
from enum import StrEnum
from typing import Final

# Folded forms are remembered for the scripts people write names in; rarer code points are computed each time,
# so that hostile text cannot grow the table.
_REMEMBERED_BELOW: Final = 0x3100


class Collation(StrEnum):
    """A collation a client may name; the default is ``UNICODE_CASEMAP`` (RFC 6352 section 10.5.4)."""

    ASCII_CASEMAP = "i;ascii-casemap"
    UNICODE_CASEMAP = "i;unicode-casemap"
    OCTET = "i;octet"


class _Folds(dict[int, str]):
    """Code point to its decomposed, caseless form, made on first use."""

    def __missing__(self, code_point: int) -> str:
        decomposed = unicodedata.normalize("NFKD", chr(code_point))
        folded = unicodedata.normalize("NFKD", decomposed.casefold())
        if code_point < _REMEMBERED_BELOW:
            self[code_point] = folded
        return folded


_folds: Final = _Folds()
_ASCII_LOWER: Final = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def unicode_casemap(text: str) -> str:
    """Return text without case and compatibility differences, accents decomposed but kept (RFC 5051 section 2)."""
    if text.isascii():
        return text.lower()
    return text.translate(_folds)


def ascii_casemap(text: str) -> str:
    """Return text with the letters A to Z in lower case and nothing else changed (RFC 4790 section 9.2)."""
    if text.isascii():
        return text.lower()
    return text.translate(_ASCII_LOWER)


def fold(text: str, collation: Collation) -> str:
    """Return what has to be compared under a collation."""
    match collation:
        case Collation.UNICODE_CASEMAP:
            return unicode_casemap(text)
        case Collation.ASCII_CASEMAP:
            return ascii_casemap(text)
        case Collation.OCTET:
            return text
