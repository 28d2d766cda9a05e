"""Keywords that clients set, checked (RFC 8621 section 4.1.1)."""

import re
from collections.abc import Mapping
from typing import Any, Final

from folkmoot.jmap.mail.keywords import FLAGS, flag_of
from folkmoot.jmap.protocol.errors import InvalidProperties, SetFailed
from folkmoot.mailboxes.keywords import FLAGS_MAX, is_keyword

_KEYWORD: Final = re.compile(r"[!#-$&-'+-\[\^-z|}~]{1,255}", re.ASCII)


def checked_flag(keyword: str) -> str:
    """Return the flag of a keyword.

    Raises:
        InvalidProperties: no keyword, or one that mail servers cannot keep.
    """
    lower = keyword.lower()
    if lower not in FLAGS and not (_KEYWORD.fullmatch(keyword) and is_keyword(keyword)):
        raise InvalidProperties(f"not a keyword: {keyword[:80]!r}", "keywords")
    return flag_of(lower)


def flags_of(keywords: Mapping[str, Any] | None) -> list[str]:
    """Return the flags of a set of keywords.

    Raises:
        InvalidProperties: no keyword, or a value other than true.
        SetFailed: ``tooManyKeywords``.
    """
    if len(keywords or {}) > FLAGS_MAX:
        raise SetFailed("tooManyKeywords", f"an email has at most {FLAGS_MAX} keywords")
    if any(value is not True for value in (keywords or {}).values()):
        raise InvalidProperties("the value of a keyword is true", "keywords")
    return [checked_flag(keyword) for keyword in keywords or {}]
