"""Flags and keywords as users may set them (RFC 9051 section 2.3.2)."""

import re
from collections.abc import Sequence
from typing import Final

from folkmoot.core.errors import MalformedInput, Unsupported
from folkmoot.mail.imap.values import Selected

KEYWORD_MAX: Final = 100  # characters; what Courier and Cyrus keep
FLAGS_MAX: Final = 50  # in one change
SYSTEM: Final = {name.lower(): name for name in ("\\Seen", "\\Answered", "\\Flagged", "\\Draft", "\\Deleted")}
_KEYWORD: Final = re.compile(r"[!#$&'+,\-./0-9:;<=>?@A-Z\[^_`a-z|}~]+", re.ASCII)


def check_flags(flags: Sequence[str]) -> list[str]:
    """Return flags spelled as the standard does; keywords stay as they are.

    Raises:
        MalformedInput: not a flag, not a keyword, or too many.
    """
    if len(flags) > FLAGS_MAX:
        raise MalformedInput(f"at most {FLAGS_MAX} flags at once")
    return [_checked(flag) for flag in flags]


def is_keyword(text: str) -> bool:
    """Whether a text can be a keyword."""
    return len(text) <= KEYWORD_MAX and _KEYWORD.fullmatch(text) is not None


def require_kept(mailbox: Selected | None, flags: Sequence[str]) -> None:
    r"""Refuse what the mailbox would forget (PERMANENTFLAGS, RFC 9051 section 7.1).

    Raises:
        Unsupported: a flag that the server does not keep there.
    """
    kept = frozenset() if mailbox is None else mailbox.permanent
    known = {flag.lower() for flag in kept}
    for flag in flags:
        if flag.lower() in known or ("\\*" in known and not flag.startswith("\\")):
            continue
        what = "this mark" if flag.startswith("\\") else "labels like this"
        raise Unsupported(f"the mail server does not keep {what} in this mailbox: {flag}")


def kept_of(mailbox: Selected | None, flags: Sequence[str]) -> list[str]:
    """Return those flags that the mailbox keeps."""
    known = {flag.lower() for flag in (frozenset() if mailbox is None else mailbox.permanent)}
    return [flag for flag in flags if flag.lower() in known or ("\\*" in known and not flag.startswith("\\"))]


def _checked(flag: str) -> str:
    system = SYSTEM.get(flag.lower())
    if system is not None:
        return system
    if not is_keyword(flag):
        raise MalformedInput(f"neither a flag nor a keyword: {flag[:80]!r}")
    return flag
