"""Days and times as a reader's language and zone write them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time, get_day_names, get_timezone_gmt, get_timezone_name
from babel.lists import format_list

from folkmoot.mail.words import Words

_ONE_DAY: Final = timedelta(days=1)
_TO: Final = " – "  # noqa: RUF001  # an en dash, as it is written between times


def day(words: Words, when: date) -> str:
    """Return a day with its weekday: Monday, 1 June 2026."""
    return format_date(when, "full", locale=words.locale)


def moment(words: Words, when: datetime, zone: tzinfo, *, named: bool = True) -> str:
    """Return an instant on the clocks of a zone, with the zone's name."""
    local = when.astimezone(zone)
    text = f"{day(words, local.date())}, {_clock(words, local)}"
    return f"{text} ({zone_name(words, local)})" if named else text


def stretch(words: Words, start: datetime, end: datetime, zone: tzinfo, *, named: bool = True) -> str:
    """Return from when to when, on the clocks of a zone, with the zone's name."""
    first, last = start.astimezone(zone), end.astimezone(zone)
    if last <= first:
        return moment(words, start, zone, named=named)
    until = _clock(words, last)
    if first.date() != last.date():
        until = f"{day(words, last.date())}, {until}"
    text = f"{day(words, first.date())}, {_clock(words, first)}{_TO}{until}"
    return f"{text} ({zone_name(words, first)})" if named else text


def days(words: Words, start: date, end: date) -> str:
    """Return whole days; ``end`` is not included."""
    last = end - _ONE_DAY
    if last <= start:
        return words.text("text.all_day", day=day(words, start))
    return words.text("text.days", first=day(words, start), last=day(words, last))


def weekdays(words: Words, numbers: Sequence[int]) -> str:
    """Return the names of weekdays, 0 is Monday."""
    names = get_day_names("wide", locale=words.locale)
    return format_list([names[number] for number in numbers], locale=words.locale)


def zone_name(words: Words, when: datetime) -> str:
    """Return what the zone of a local time is called at that time, or its distance from Greenwich."""
    if when.tzinfo is UTC or isinstance(when.tzinfo, ZoneInfo):
        return get_timezone_name(when, width="long", locale=words.locale)
    return get_timezone_gmt(when, width="long", locale=words.locale)


def _clock(words: Words, when: datetime) -> str:
    # Without the zone: Babel would turn the time into UTC first.
    return format_time(when.time().replace(tzinfo=None), "short", locale=words.locale)
