"""Birthdays and anniversaries as cards of all makes state them."""

from dataclasses import dataclass
from typing import Final, Literal

from folkmoot.contentline import Line
from folkmoot.vcard.card import Card
from folkmoot.vcard.dates import APPLE_NO_YEAR, PartialDate, parse_date
from folkmoot.vcard.groups import Labels
from folkmoot.vcard.names import display_name
from folkmoot.vcard.values import text_value

_ANNIVERSARIES: Final = frozenset(
    {
        "ANNIVERSARY",
        "X-ANNIVERSARY",
        "X-EVOLUTION-ANNIVERSARY",
        "X-KADDRESSBOOK-X-ANNIVERSARY",
        "X-MS-ANNIVERSARY",
    }
)
# Apple's own label of a date, and what people type into the label of their language.
_ANNIVERSARY_LABELS: Final = frozenset(
    {"anniversary", "_$!<anniversary>!$_", "jahrestag", "hochzeitstag", "anniversaire de mariage"}
)


@dataclass(frozen=True, slots=True)
class Birthday:
    """A day that comes back every year; ``year`` is the first one, or None if the card does not tell."""

    kind: Literal["birthday", "anniversary"]
    month: int
    day: int
    year: int | None
    name: str


def birthdays(card: Card) -> list[Birthday]:
    """Return the birthday and the anniversaries whose day and month the card states, each day once."""
    found: list[Birthday] = []
    labels = Labels(card.properties)
    name = display_name(card)
    seen: set[tuple[str, int, int]] = set()
    for line in card.properties:
        kind = _kind(line, labels)
        if kind is None:
            continue
        date = date_of(line)
        if date is None or date.month is None or date.day is None or (kind, date.month, date.day) in seen:
            continue
        seen.add((kind, date.month, date.day))
        found.append(Birthday(kind, date.month, date.day, date.year, name))
    return found


def date_of(line: Line) -> PartialDate | None:
    """Return the date of a BDAY-like property; Apple's year for "no year" counts as unknown."""
    date = parse_date(text_value(line))
    if date is None or date.year is None:
        return date
    omitted = line.param("X-APPLE-OMIT-YEAR")
    if date.year == APPLE_NO_YEAR or (omitted is not None and omitted.strip() == f"{date.year:04}"):
        return PartialDate(None, date.month, date.day)
    return date


def _kind(line: Line, labels: Labels) -> Literal["birthday", "anniversary"] | None:
    if line.name == "BDAY":
        return "birthday"
    if line.name in _ANNIVERSARIES:
        return "anniversary"
    if line.name == "X-ABDATE" and (labels.of(line) or "").lower() in _ANNIVERSARY_LABELS:
        return "anniversary"
    return None
