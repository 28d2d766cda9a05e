"""Values of properties: dates, times, durations, periods, offsets (RFC 5545 section 3.3).

Three kinds of point in time: ``date`` is a whole day wherever one is, ``Floating`` is a wall
clock time wherever one is, and an aware ``datetime`` is an instant with its zone.  Arithmetic
never leaves the years 1 to 9999: it stops at their ends, as 99991231T235959Z is a popular
"for ever".
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from folkmoot.core.errors import MalformedInput

FIRST: Final = datetime.min.replace(tzinfo=UTC)
LAST: Final = datetime.max.replace(microsecond=0, tzinfo=UTC)
ONE_DAY: Final = timedelta(days=1)
DURATION_DAYS_MAX: Final = 3_660_000  # beyond the calendar we can count; stops arithmetic from growing

_EXTENDED: Final = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:[T ](\d\d):?(\d\d)(?::?(\d\d))?(?:[.,]\d+)?)?(Z)?")
_DURATION: Final = re.compile(
    r"([+-])?P?(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T?(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:[.,]\d+)?S)?)?T?"
)
_OFFSET: Final = re.compile(r"([+-]?)(\d\d):?(\d\d)(?::?(\d\d))?")


@dataclass(frozen=True, slots=True, order=True)
class Floating:
    """A wall clock time without a zone (RFC 5545 section 3.3.5, form 1)."""

    wall: datetime

    def at(self, zone: tzinfo) -> datetime:
        """Return the instant at which clocks in that zone show this time."""
        return self.wall.replace(tzinfo=zone)


When = date | Floating | datetime
"""A DATE or DATE-TIME value: a whole day, a floating time, or an aware instant."""


@dataclass(frozen=True, slots=True)
class Duration:
    """A DURATION: ``days`` follow the calendar, ``seconds`` the clock (RFC 5545 section 3.3.6)."""

    days: int
    seconds: int = 0

    @property
    def exact(self) -> timedelta:
        """The duration with days of 24 hours."""
        return timedelta(days=self.days, seconds=self.seconds)


@dataclass(frozen=True, slots=True)
class Period:
    """A PERIOD from a start to an end that is not included."""

    start: When
    end: When


def is_day(when: When) -> bool:
    """Whether the value is a DATE; a ``datetime`` is a ``date`` to Python, but not to iCalendar."""
    return isinstance(when, date) and not isinstance(when, datetime)


def parse_when(value: str, zone: tzinfo | None = None) -> When:
    """Return the value of a DATE or DATE-TIME; ``zone`` is what TZID stands for, if there is one.

    A trailing ``Z`` wins over the zone.  Taken as well: lower case, ISO 8601's punctuation,
    missing seconds, hour 24, second 60.

    Raises:
        MalformedInput: neither a date nor a time.
    """
    length = len(value)
    try:
        if length == 15 and value[8] == "T":  # noqa: PLR2004  # 20260601T100000
            wall = _fast(value)
            return Floating(wall) if zone is None else wall.replace(tzinfo=zone)
        if length == 16 and value[15] == "Z" and value[8] == "T":  # noqa: PLR2004
            return _fast(value).replace(tzinfo=UTC)
        if length == 8:  # noqa: PLR2004
            return date(int(value[:4]), int(value[4:6]), int(value[6:8]))
    except ValueError:
        pass
    return _parse_odd(value, zone)


def parse_day(value: str) -> date:
    """Return the day of a DATE, or of a DATE-TIME in its place.

    Raises:
        MalformedInput: neither a date nor a time.
    """
    when = parse_when(value)
    if isinstance(when, Floating):
        return when.wall.date()
    return when.date() if isinstance(when, datetime) else when


def parse_duration(value: str) -> Duration:
    """Return a DURATION; weeks beside days, fractions and a missing ``T`` are taken too.

    Raises:
        MalformedInput: no duration.
    """
    text = value.strip().upper()
    match = _DURATION.fullmatch(text)
    if not match or not any(character.isdigit() for character in text):
        raise MalformedInput(f"iCalendar: duration {value[:40]!r}")
    weeks, days, hours, minutes, seconds = (int(match[group] or 0) for group in range(2, 7))
    if "T" not in text and (hours or minutes or seconds) and "P" not in text:
        raise MalformedInput(f"iCalendar: duration {value[:40]!r}")
    days = min(weeks * 7 + days, DURATION_DAYS_MAX)
    clock = min(hours * 3600 + minutes * 60 + seconds, DURATION_DAYS_MAX * 86400)
    return Duration(-days, -clock) if match[1] == "-" else Duration(days, clock)


def format_duration(duration: Duration) -> str:
    """Return the text of a DURATION."""
    total = duration.days * 86400 + duration.seconds
    days, seconds = abs(duration.days), abs(duration.seconds)
    if duration.days * duration.seconds < 0:  # only one sign can be written
        days, seconds = divmod(abs(total), 86400)
    sign = "-" if total < 0 else ""
    hours, seconds = divmod(seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    if days and not (hours or minutes or seconds):
        return f"{sign}P{days // 7}W" if days % 7 == 0 else f"{sign}P{days}D"
    clock = "".join(f"{count}{unit}" for count, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if count)
    return f"{sign}P{f'{days}D' if days else ''}T{clock or '0S'}"


def parse_period(value: str, zone: tzinfo | None = None) -> Period:
    """Return a PERIOD of either form.

    Raises:
        MalformedInput: no period.
    """
    first, slash, second = value.strip().partition("/")
    if not slash:
        raise MalformedInput(f"iCalendar: period {value[:60]!r}")
    start = parse_when(first, zone)
    if second[:1] in "Pp+-" and second:
        return Period(start, add(start, parse_duration(second)))
    return Period(start, parse_when(second, zone))


def parse_offset(value: str) -> timedelta:
    """Return a UTC-OFFSET, east of Greenwich positive.

    Raises:
        MalformedInput: no offset, or a day and more.
    """
    match = _OFFSET.fullmatch(value.strip())
    if not match:
        raise MalformedInput(f"iCalendar: UTC offset {value[:20]!r}")
    size = timedelta(hours=int(match[2]), minutes=int(match[3]), seconds=int(match[4] or 0))
    if size >= ONE_DAY:
        raise MalformedInput(f"iCalendar: UTC offset {value[:20]!r}")
    return -size if match[1] == "-" else size


def format_offset(offset: timedelta) -> str:
    """Return the text of a UTC-OFFSET; clients choke on seconds, so they are dropped."""
    minutes = round(offset.total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}{abs(minutes) % 60:02d}"


def format_when(when: When) -> str:
    """Return the value of a DATE or DATE-TIME; only UTC gets a ``Z``, other zones go into TZID."""
    if isinstance(when, Floating):
        return _format_wall(when.wall)
    if isinstance(when, datetime):
        return _format_wall(when) + ("Z" if when.tzinfo is UTC else "")
    return f"{when.year:04d}{when.month:02d}{when.day:02d}"


def format_utc(when: datetime) -> str:
    """Return an instant as a DATE-TIME in UTC."""
    return _format_wall(to_utc(when)) + "Z"


def to_utc(when: datetime) -> datetime:
    """Return an aware time in UTC, at the end of the calendar if it falls off."""
    try:
        return when.astimezone(UTC)
    except OverflowError:
        return LAST if when.year > FIRST.year else FIRST


def instant(when: When, zone: tzinfo) -> datetime:
    """Return the instant, in UTC, that a value stands for if one is in that zone; a day begins at its midnight."""
    if isinstance(when, Floating):
        return to_utc(when.at(zone))
    if isinstance(when, datetime):
        return when if when.tzinfo is UTC else to_utc(when)
    return to_utc(datetime.combine(when, time(), zone))


def shift(wall: datetime, delta: timedelta) -> datetime:
    """Add to a time, stopping at the ends of the calendar."""
    try:
        return wall + delta
    except OverflowError:
        end = LAST if delta > timedelta() else FIRST
        return end.replace(tzinfo=wall.tzinfo)


def shift_day(day: date, days: int) -> date:
    """Add days to a day, stopping at the ends of the calendar."""
    return date.fromordinal(max(1, min(day.toordinal() + days, date.max.toordinal())))


def add(when: When, duration: Duration) -> When:
    """Add a duration: days by the calendar of the value's zone, then seconds by the clock."""
    if isinstance(when, Floating):
        return Floating(shift(when.wall, duration.exact))
    if not isinstance(when, datetime):
        whole = duration.days + duration.seconds // 86400
        return shift_day(when, whole)
    moved = shift(when, timedelta(days=duration.days)) if duration.days else when
    if not duration.seconds:
        return moved
    zone = moved.tzinfo or UTC
    return in_zone(shift(to_utc(moved), timedelta(seconds=duration.seconds)), zone)


def in_zone(when: datetime, zone: tzinfo) -> datetime:
    """Return an aware time in another zone, at the end of the calendar if it falls off."""
    try:
        return when.astimezone(zone)
    except OverflowError:
        return when.replace(tzinfo=zone)


def _fast(value: str) -> datetime:
    return datetime(  # noqa: DTZ001  # the caller gives it a zone or makes it floating
        int(value[:4]), int(value[4:6]), int(value[6:8]), int(value[9:11]), int(value[11:13]), int(value[13:15])
    )


def _parse_odd(value: str, zone: tzinfo | None) -> When:
    match = _EXTENDED.fullmatch(value.strip().upper())
    if not match:
        raise MalformedInput(f"iCalendar: date or time {value[:40]!r}")
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    try:
        if match[4] is None:
            return date(year, month, day)
        hour, minute, second = int(match[4]), int(match[5]), min(int(match[6] or 0), 59)
        midnight = hour == 24 and not minute and not second  # noqa: PLR2004
        wall = datetime(year, month, day, 0 if midnight else hour, minute, second)  # noqa: DTZ001
    except ValueError as error:
        raise MalformedInput(f"iCalendar: date or time {value[:40]!r}") from error
    if midnight:
        wall = shift(wall, ONE_DAY)
    if match[7]:
        return wall.replace(tzinfo=UTC)
    return Floating(wall) if zone is None else wall.replace(tzinfo=zone)


def _format_wall(wall: datetime) -> str:
    return f"{wall.year:04d}{wall.month:02d}{wall.day:02d}T{wall.hour:02d}{wall.minute:02d}{wall.second:02d}"
