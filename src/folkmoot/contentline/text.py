"""Escaping of TEXT values and of what stands between them (RFC 5545 section 3.3.11, RFC 6350 section 3.4)."""

import re
from typing import Final

_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_LINE_BREAK: Final = re.compile(r"\r\n|\r|\n")


def escape_text(text: str) -> str:
    r"""Return plain text as a TEXT value; every kind of line break becomes ``\n``."""
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    if ";" in text:
        text = text.replace(";", "\\;")
    if "," in text:
        text = text.replace(",", "\\,")
    return _LINE_BREAK.sub(r"\\n", text)


def unescape_text(value: str) -> str:
    """Return the plain text of a TEXT value; a backslash that escapes nothing known is dropped."""
    if "\\" not in value:
        return value
    return _ESCAPED.sub(_unescaped, value)


def split_values(value: str, separator: str = ",") -> list[str]:
    """Split a value at each separator that no backslash escapes; the pieces are still escaped."""
    if "\\" not in value:
        return value.split(separator)
    pieces = []
    start = position = 0
    while position < len(value):
        if value[position] == "\\":
            position += 2
            continue
        if value[position] == separator:
            pieces.append(value[start:position])
            start = position + 1
        position += 1
    pieces.append(value[start:])
    return pieces


def _unescaped(match: re.Match[str]) -> str:
    character = match[1]
    return "\n" if character in "nN" else character
