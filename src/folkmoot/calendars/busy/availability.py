"""When people can be met: what they state of it (RFC 7953), else their working hours."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Final

from folkmoot.core.errors import FolkmootError, MalformedInput, TooLarge
from folkmoot.ical import BusyPeriod, parse
from folkmoot.ical.availability import check_availability, subtract, unavailable_periods
from folkmoot.ical.density import is_dense
from folkmoot.ical.freebusy import UNAVAILABLE
from folkmoot.sharing.preferences import Preferences
from folkmoot.store.records import Profile

AVAILABILITY: Final = "availability"  # in a profile: iCalendar text (CALDAV:calendar-availability)
TEXT_MAX: Final = 100_000  # characters; a week's hours are some hundred
_DAY: Final = 24 * 60  # minutes


def check_text(text: str) -> None:
    """Refuse what cannot be somebody's availability.

    Raises:
        MalformedInput: it is no VCALENDAR with VAVAILABILITY components alone.
        TooLarge: it is longer than ``TEXT_MAX``, or recurs several times a day.
    """
    if len(text) > TEXT_MAX:
        raise TooLarge(f"an availability has at most {TEXT_MAX} characters")
    if not text.strip():
        raise MalformedInput("an availability is iCalendar text")
    if is_dense(text.encode("utf-8", "replace")):
        raise TooLarge("an availability recurs by days, not by hours or minutes")
    check_availability(parse(text))


def unavailable(
    profile: Profile, preferences: Preferences, start: datetime, end: datetime, *, default_zone: tzinfo | None = None
) -> list[BusyPeriod]:
    """Return the time within a window in which a person is not to be met, without overlaps, by start.

    What the person states wins; else it is the time outside working hours, if that is to be shown (SOGoBusyOffHours).
    """
    text = profile.properties.get(AVAILABILITY)
    if isinstance(text, str):
        try:
            return unavailable_periods(parse(text), start, end, default_zone=default_zone or preferences.zone)
        except FolkmootError:
            return []  # taken over from elsewhere, and unreadable: it says nothing
    return off_hours(preferences, start, end) if preferences.busy_off_hours else []


def off_hours(preferences: Preferences, start: datetime, end: datetime) -> list[BusyPeriod]:
    """Return the time within a window that lies outside of working hours, in UTC."""
    return subtract([BusyPeriod(start, end, UNAVAILABLE)], working_hours(preferences, start, end))


def working_hours(preferences: Preferences, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the working hours of each day that may touch a window, in UTC, by start; bounded as the window is."""
    day = start.astimezone(preferences.zone).date() - timedelta(days=1)
    last = end.astimezone(preferences.zone).date()
    while day <= last:
        if day.weekday() in preferences.weekdays:
            midnight = datetime.combine(day, time(), preferences.zone)
            opens, closes = (_at(midnight, minutes) for minutes in (preferences.day_start, preferences.day_end))
            if opens < closes:
                yield opens, closes
        day += timedelta(days=1)


def _at(midnight: datetime, minutes: int) -> datetime:
    """Return a time of the clock on a day, in UTC; minute 1440 is the next midnight."""
    # Adding to a datetime with a zone moves its clock, whatever summer time does in between.
    return (midnight + timedelta(minutes=min(minutes, _DAY))).astimezone(UTC)
