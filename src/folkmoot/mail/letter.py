"""What a mail says, before anybody lays it out: the value that templates are given."""

from dataclasses import dataclass, field
from typing import Final

TEXT_MAX: Final = 8_000  # characters of a description in a mail; the calendar part has all of it
ROW_MAX: Final = 1_000
LINES_MAX: Final = 200
ROWS_MAX: Final = 40


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to know."""

    label: str  # empty: more of the row before
    text: str
    was: str = ""  # what it was before; empty: it has not changed


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail in words, in the reader's language.

    Templates may use every field; all of it is plain text.
    """

    kind: str  # names the template
    language: str  # code, such as de
    subject: str
    heading: str  # who did what
    title: str  # of what
    rows: tuple[Row, ...] = ()
    comment: str = ""  # by the sender, to the reader
    description: str = ""
    remark: str = ""  # what the reader can do
    footer: str = ""
    tone: str = "news"  # news, good, bad, gone, quiet: the colour
    values: dict[str, str] = field(default_factory=dict)  # for administrators' templates

    @property
    def comment_lines(self) -> list[str]:
        return lines(self.comment)

    @property
    def description_lines(self) -> list[str]:
        return lines(self.description)


def cut(text: str, most: int = ROW_MAX) -> str:
    """Return a text of at most so many characters."""
    return text if len(text) <= most else text[: most - 1] + "…"


def lines(text: str) -> list[str]:
    """Return the lines of a text, without those that are empty at its ends."""
    return cut(text, TEXT_MAX).strip().splitlines()[:LINES_MAX]
