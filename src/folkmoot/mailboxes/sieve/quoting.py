"""Strings of Sieve (RFC 5228 section 2.4.2): quoted, or lines up to a dot."""

import re
from collections.abc import Iterable
from typing import Final

_DOTS: Final = re.compile(r"^\.", re.MULTILINE)
_STUFFED: Final = re.compile(r"^\.\.", re.MULTILINE)


def quoted(text: str) -> str:
    """Return a text as a quoted string, whatever stands in it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def lines(text: str) -> str:
    """Return a text as the multi-line form, whose ends are CRLF; those of the text stay as they are."""
    return f"text:\r\n{_DOTS.sub('..', text)}\r\n.\r\n"


def string(text: str) -> str:
    """Return a text in the form that SOGo chooses for it."""
    return lines(text) if "\n" in text else quoted(text)


def unstuffed(text: str) -> str:
    """Return what the lines of a multi-line form say."""
    return _STUFFED.sub(".", text)


def listed(texts: Iterable[str]) -> str:
    """Return a string list."""
    return f"[{', '.join(map(quoted, texts))}]"
