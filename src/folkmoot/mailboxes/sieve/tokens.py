"""The words of a Sieve script (RFC 5228 section 2 and 8.1)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.mailboxes.sieve.quoting import unstuffed

TEXT_MAX: Final = 1024 * 1024  # characters of a script; Pigeonhole takes 1 MB
_WORD: Final = re.compile(
    r"(?P<space>[ \t\r\n]+|\#[^\n]*(?:\n|\Z)|/\*(?s:.*?)\*/)"
    r"|(?P<lines>text:[ \t]*(?:\#[^\n]*)?\r?\n)"
    r"|(?P<tag>:[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<number>[0-9]{1,18}[KMGkmg]?)(?![A-Za-z0-9_])"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r'|"(?P<quoted>(?:[^"\\]|\\(?s:.))*)"'
    r"|(?P<mark>[\[\](){},;])"
)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_END_OF_LINES: Final = re.compile(r"(?:\A|\r?\n)\.\r?(?:\n|\Z)")


class Kind(Enum):
    """What a word is."""

    NAME = "name"
    TAG = "tag"
    NUMBER = "number"
    STRING = "string"
    MARK = "mark"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """A word, and where it stands."""

    kind: Kind
    text: str  # of strings what they say
    start: int


def tokens(text: str) -> Iterator[Token]:
    """Yield the words of a script and an end; comments are left out.

    Raises:
        MalformedInput: something that is no word.
        TooLarge: longer than ``TEXT_MAX``.
    """
    if len(text) > TEXT_MAX:
        raise TooLarge(f"a script has at most {TEXT_MAX} characters")
    position = 0
    while position < len(text):
        found = _WORD.match(text, position)
        if found is None:
            raise MalformedInput(f"not Sieve, at character {position}")
        start, position = position, found.end()
        match found.lastgroup:
            case "space":
                pass
            case "lines":
                end = _END_OF_LINES.search(text, position)
                if end is None:
                    raise MalformedInput(f"a text begins at character {start} and does not end")
                yield Token(Kind.STRING, unstuffed(text[position : end.start()]), start)
                position = end.end()
            case "quoted":
                yield Token(Kind.STRING, _ESCAPED.sub(r"\1", found["quoted"]), start)
            case group:
                yield Token(Kind(group), found[0], start)
    yield Token(Kind.END, "", len(text))
