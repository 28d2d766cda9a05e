"""Dates of birth and anniversaries, as precise as the card states them (RFC 6350 section 4.3)."""

import re
from dataclasses import dataclass
from typing import Final

# Longer values are text, not dates; also keeps the patterns off hostile input.
_DATE_CHARS_MAX: Final = 64
_MONTHS: Final = 12
_FEBRUARY: Final = 2
_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

# Apple's address books write birthdays without a year in this one (X-APPLE-OMIT-YEAR=1604).
APPLE_NO_YEAR: Final = 1604

_TIME: Final = r"(?:[T ].*)?"
_FORMS: Final = (
    re.compile(rf"(?P<year>\d{{4}})(?P<month>\d\d)(?P<day>\d\d){_TIME}", re.ASCII),
    re.compile(rf"(?P<year>\d{{4}})[-/.](?P<month>\d\d?)[-/.](?P<day>\d\d?){_TIME}", re.ASCII),
    re.compile(rf"--(?P<month>\d\d)-?(?P<day>\d\d){_TIME}", re.ASCII),
    re.compile(rf"(?P<day>\d\d?)\.[ ]?(?P<month>\d\d?)\.[ ]?(?P<year>\d{{4}}){_TIME}", re.ASCII),
    re.compile(rf"---(?P<day>\d\d){_TIME}", re.ASCII),
    re.compile(r"--(?P<month>\d\d)-?", re.ASCII),
    re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)", re.ASCII),
    re.compile(r"(?P<year>\d{4})", re.ASCII),
)


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date of which any part may be unknown; the known parts are possible together."""

    year: int | None
    month: int | None
    day: int | None

    def format_basic(self) -> str:
        """Return the date as vCard 4.0 writes it, such as ``19850412``, ``--0412``, ``1985-04`` or ``1985``."""
        match (self.year, self.month, self.day):
            case (int(year), int(month), int(day)):
                return f"{year:04}{month:02}{day:02}"
            case (None, int(month), int(day)):
                return f"--{month:02}{day:02}"
            case (int(year), int(month), None):
                return f"{year:04}-{month:02}"
            case (int(year), None, None):
                return f"{year:04}"
            case (None, int(month), None):
                return f"--{month:02}"
            case (None, None, int(day)):
                return f"---{day:02}"
        return ""


def parse_date(value: str) -> PartialDate | None:
    """Return the date in a DATE, DATE-TIME or DATE-AND-OR-TIME value, or None if it names none that exists.

    A time of day and its zone are ignored: the day is meant as written.  Year 0, which some phones write for an
    unknown year, counts as unknown.
    """
    value = value.strip()
    if len(value) > _DATE_CHARS_MAX:
        return None
    for form in _FORMS:
        found = form.fullmatch(value)
        if found is not None:
            return _possible(found.groupdict())
    return None


def _possible(parts: dict[str, str | None]) -> PartialDate | None:
    year, month, day = (int(text) if (text := parts.get(part)) else None for part in ("year", "month", "day"))
    if month is not None and not 1 <= month <= _MONTHS:
        return None
    if day is not None:
        days = 31 if month is None else _DAYS[month - 1]
        if month == _FEBRUARY and year and not _leap(year):
            days = 28
        if not 1 <= day <= days:
            return None
    if not year:
        year = None
        if month is None and day is None:
            return None
    return PartialDate(year, month, day)


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
