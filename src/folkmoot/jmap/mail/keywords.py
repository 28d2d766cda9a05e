"""Keywords as JMAP names them, and the flags of IMAP that they are (RFC 8621 section 4.1.1)."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

FLAGS: Final[Mapping[str, str]] = MappingProxyType(
    {"$seen": "\\Seen", "$flagged": "\\Flagged", "$answered": "\\Answered", "$draft": "\\Draft"}
)
_KEYWORDS: Final = {flag.lower(): keyword for keyword, flag in FLAGS.items()}


def keywords_of(flags: Iterable[str]) -> dict[str, bool]:
    """Return the keywords that flags are; system flags that JMAP has no word for are left out."""
    found: dict[str, bool] = {}
    for flag in sorted(flags):
        keyword = _KEYWORDS.get(flag.lower()) if flag.startswith("\\") else flag.lower()
        if keyword is not None:
            found[keyword] = True
    return found


def flag_of(keyword: str) -> str:
    """Return the flag that a keyword is."""
    return FLAGS.get(keyword.lower(), keyword)
