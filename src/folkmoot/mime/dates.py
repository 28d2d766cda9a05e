"""The Date of messages, in every shape in which it is written (RFC 5322 section 3.3, and what people make of it)."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec import Struct

DATE_OCTETS_MAX: Final = 200
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        ("jan jän", "feb", "mar mär mrz", "apr", "may mai", "jun", "jul", "aug", "sep", "oct okt", "nov", "dec dez"), 1
    )
    for name in names.split()
}
_ZONES: Final = {
    "ut": 0,
    "utc": 0,
    "gmt": 0,
    "z": 0,
    "wet": 0,
    "west": 60,
    "bst": 60,
    "cet": 60,
    "met": 60,
    "mez": 60,
    "cest": 120,
    "mest": 120,
    "mesz": 120,
    "eet": 120,
    "eest": 180,
    "msk": 180,
    "ist": 330,
    "hkt": 480,
    "jst": 540,
    "kst": 540,
    "est": -300,
    "edt": -240,
    "cst": -360,
    "cdt": -300,
    "mst": -420,
    "mdt": -360,
    "pst": -480,
    "pdt": -420,
}
_COMMENTS: Final = re.compile(r"\([^()]*\)")
_HALF: Final = r"\s*([ap]\.?m\.?)?"
_TIME: Final = re.compile(rf"(\d{{1,2}}):(\d{{1,2}})(?::(\d{{1,2}}))?(?:[.,]\d+)?{_HALF}", re.IGNORECASE)
_DOTTED: Final = re.compile(rf"(?<![\d.])(\d{{1,2}})\.(\d\d)(?:\.(\d\d))?(?![\d.]){_HALF}", re.IGNORECASE)
_OFFSET: Final = re.compile(r"(?:gmt|utc)?\s*([+-])\s*(\d{1,2}):?(\d{2})?\b", re.IGNORECASE)
_ISO: Final = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?!\d)")
_NAMED: Final = re.compile(r"(\d{1,2})[\s.,-]*([^\W\d_]{3,12})[\s.,-]*(\d{4}|\d{2,3})(?!\d|:)")
_AMERICAN: Final = re.compile(r"([^\W\d_]{3,12})\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(?:.*?\s)?(\d{4})(?!\d)")
_SLASHED: Final = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4}|\d{2})(?!\d)")
_WORD: Final = re.compile(r"[A-Za-z]+")
_CENTURY: Final = 100
_OLD_YEARS: Final = 50  # two digits below are of this century (RFC 5322 section 4.3)
_FURTHEST: Final = timedelta(hours=14, minutes=59)


class Moment(Struct, frozen=True, gc=False):
    """A moment in seconds since 1970 UTC, and how far the writer's clock was ahead of UTC, in minutes."""

    seconds: int
    offset: int


def parse_date(octets: bytes) -> Moment | None:
    """Return the moment; None if there is none in it.  A missing or unknown zone is UTC, a missing time midnight."""
    text = _COMMENTS.sub(" ", octets[:DATE_OCTETS_MAX].decode("utf-8", "replace")).strip()
    time = _TIME.search(text) or _DOTTED.search(text)
    day = _day(text if time is None else f"{text[: time.start()]} {text[time.end() :]}")
    if day is None:
        day = _day(text)
    if day is None:
        return None
    hour, minute, second = _clock(time)
    rest = text[time.end() :] if time else text
    offset = _offset(rest)
    year, month, number = day
    try:
        local = datetime(year, month, number, hour, minute, min(second, 59), tzinfo=UTC)
        seconds = int((local - timedelta(minutes=offset)).timestamp())
    except (ValueError, OverflowError):
        return None
    return Moment(seconds, offset)


def _day(text: str) -> tuple[int, int, int] | None:
    iso = _ISO.search(text)
    if iso:
        return int(iso[1]), int(iso[2]), int(iso[3])
    for found in _NAMED.finditer(text):
        month = _MONTHS.get(found[2][:3].lower())
        if month:
            return _year(found[3]), month, int(found[1])
    for found in _AMERICAN.finditer(text):
        month = _MONTHS.get(found[1][:3].lower())
        if month:
            return _year(found[3]), month, int(found[2])
    slashed = _SLASHED.search(text)
    if slashed:
        first, second = int(slashed[1]), int(slashed[2])
        if "." in slashed[0] or first > 12:  # noqa: PLR2004 (months)
            return _year(slashed[3]), second, first
        return _year(slashed[3]), first, second
    return None


def _clock(time: re.Match[str] | None) -> tuple[int, int, int]:
    if time is None:
        return 0, 0, 0
    hour, minute, second = int(time[1]), int(time[2]), int(time[3] or 0)
    half = (time[4] or "").lower()
    if half.startswith("p") and hour < 12:  # noqa: PLR2004
        hour += 12
    elif half.startswith("a") and hour == 12:  # noqa: PLR2004
        hour = 0
    return hour, minute, second


def _offset(text: str) -> int:
    found = _OFFSET.search(text)
    if found:
        hours, minutes = int(found[2]), int(found[3] or 0)
        span = timedelta(hours=hours, minutes=minutes)
        if span > _FURTHEST:
            return 0
        return (hours * 60 + minutes) * (-1 if found[1] == "-" else 1)
    return next((_ZONES[word.lower()] for word in _WORD.findall(text) if word.lower() in _ZONES), 0)


def _year(text: str) -> int:
    year = int(text)
    if len(text) == 2:  # noqa: PLR2004
        return year + (2000 if year < _OLD_YEARS else 1900)
    return year + 1900 if len(text) == 3 else year  # noqa: PLR2004 (RFC 5322 section 4.3)
