"""Whether iCalendar text is a calendar object resource (RFC 4791 sections 4.1 and 5.3.2.1).

What real clients leave out (PRODID, VERSION, DTSTAMP, VTIMEZONE) is not missed here.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from typing import Final

from folkmoot.ical.component import Component
from folkmoot.ical.errors import InvalidCalendarObject, OutsideDateRange, TooManyInstances
from folkmoot.ical.recurrence import expand_series
from folkmoot.ical.series import series_of
from folkmoot.ical.values import FIRST, LAST, instant
from folkmoot.ical.zones import Zones

_DATES: Final = ("DTSTART", "DTEND", "DUE", "RECURRENCE-ID")


def check_calendar_object(
    calendar: Component,
    *,
    default_zone: tzinfo = UTC,
    max_instances: int | None = None,
    min_date_time: datetime | None = None,
    max_date_time: datetime | None = None,
) -> None:
    """Refuse what may not be stored as one calendar object.

    ``max_instances`` counts the occurrences of series that end; those that never do cannot be
    counted, and every client makes them.

    Raises:
        InvalidCalendarObject: no or several kinds of component, UID missing or differing, METHOD,
            two masters, or an event without DTSTART.
        OutsideDateRange: a date before or after the given limits, which are in UTC.
        TooManyInstances: more occurrences than given.
        MalformedInput: a date, time, duration or rule cannot be read.
    """
    components = [component for component in calendar.components if component.name != "VTIMEZONE"]
    if not components:
        raise InvalidCalendarObject("iCalendar: the object has no component besides VTIMEZONE")
    if calendar.get("METHOD") is not None:
        raise InvalidCalendarObject("iCalendar: a stored object has no METHOD")
    kinds = {component.name for component in components}
    if len(kinds) > 1:
        raise InvalidCalendarObject(f"iCalendar: several kinds of component: {', '.join(sorted(kinds))[:80]}")
    _check_uids(components)
    masters = [component for component in components if component.get("RECURRENCE-ID") is None]
    if len(masters) > 1:
        raise InvalidCalendarObject("iCalendar: two components of one UID without RECURRENCE-ID")
    if kinds == {"VEVENT"} and any(component.get("DTSTART") is None for component in components):
        raise InvalidCalendarObject("iCalendar: an event without DTSTART")
    zones = Zones(calendar, default_zone)
    _check_range(components, zones, min_date_time or FIRST, max_date_time or LAST)
    for series in series_of(calendar, zones):
        bounded = all(not rule.endless for rule in series.rules)
        limit = max_instances if max_instances is not None and bounded else None
        tried = expand_series(series, FIRST, LAST, limit=1 if limit is None else limit + 1)
        count = sum(1 for _ in tried)
        if limit is not None and count > limit:
            raise TooManyInstances(f"iCalendar: more than {limit} occurrences")


def _check_uids(components: list[Component]) -> None:
    uids = set()
    for component in components:
        uid = (component.text("UID") or "").strip()
        if not uid:
            raise InvalidCalendarObject(f"iCalendar: a {component.name[:40]} without UID")
        uids.add(uid)
    if len(uids) > 1:
        raise InvalidCalendarObject("iCalendar: components with different UIDs")


def _check_range(components: list[Component], zones: Zones, first: datetime, final: datetime) -> None:
    if first == FIRST and final == LAST:
        return
    for when in _dates(components, zones):
        if when < first:
            raise OutsideDateRange("iCalendar: a date before the earliest that is kept")
        if when > final:
            raise OutsideDateRange("iCalendar: a date after the latest that is kept")


def _dates(components: list[Component], zones: Zones) -> Iterator[datetime]:
    for component in components:
        for name in _DATES:
            for line in component.all(name):
                yield instant(zones.when(line), zones.default)
