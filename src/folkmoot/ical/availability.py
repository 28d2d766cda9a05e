"""When somebody can be met at all: VAVAILABILITY with its AVAILABLE parts (RFC 7953).

A VAVAILABILITY says that its time is taken except where an AVAILABLE instance frees it; one of higher PRIORITY
replaces those below it for all of its own time (section 4).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import groupby
from typing import Final

from folkmoot.contentline import Line
from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.ical.component import Component
from folkmoot.ical.freebusy import BUSY, TENTATIVE, UNAVAILABLE, BusyPeriod
from folkmoot.ical.recurrence import expand_series
from folkmoot.ical.series import series_of
from folkmoot.ical.values import FIRST, LAST, instant, parse_duration, shift
from folkmoot.ical.zones import Zones

COMPONENT: Final = "VAVAILABILITY"
COMPONENTS_MAX: Final = 50  # of one object; clients write one, a travelling person a handful
AVAILABLE_MAX: Final = 200  # in all of them; one for each day of the week is usual
INSTANCES_MAX: Final = 10_000  # looked at in one answer: nine for each day of three years
PRIORITY_MAX: Final = 9
_TYPES: Final = frozenset({BUSY, TENTATIVE, UNAVAILABLE})
_UNDEFINED: Final = 0  # the lowest priority of all (section 3.1)


@dataclass(frozen=True, slots=True)
class _Rule:
    """One VAVAILABILITY, its dates read; both ends are in UTC."""

    priority: int
    type: str
    start: datetime
    end: datetime
    component: Component

    @property
    def rank(self) -> int:
        """Greater for what replaces others: 1 is the highest priority, 0 (undefined) the lowest."""
        return 0 if self.priority == _UNDEFINED else PRIORITY_MAX + 1 - self.priority


def check_availability(calendar: Component) -> None:
    """Refuse what is no availability of a person (section 7.2.4, CALDAV:valid-calendar-data).

    Raises:
        MalformedInput: another component, none at all, or something in one that cannot be read.
        TooLarge: more components than anybody needs.
    """
    kinds = {component.name for component in calendar.components} - {"VTIMEZONE"}
    if kinds != {COMPONENT}:
        raise MalformedInput("iCalendar: an availability consists of VAVAILABILITY components")
    for component in calendar.children(COMPONENT):
        if {inner.name for inner in component.components} - {"AVAILABLE"}:
            raise MalformedInput("iCalendar: only AVAILABLE stands in a VAVAILABILITY")
        if any(inner.get("DTSTART") is None for inner in component.components):
            raise MalformedInput("iCalendar: an AVAILABLE without DTSTART")
    rules = _rules(calendar, UTC)
    for rule in rules:
        _freed(calendar, rule, rule.start, rule.end, UTC, limit=1)


def unavailable_periods(
    calendar: Component, start: datetime, end: datetime, *, default_zone: tzinfo
) -> list[BusyPeriod]:
    """Return the time within a window that availability takes, without overlaps, by start (section 5).

    Raises:
        MalformedInput: a date, time, duration or rule cannot be read.
        TooLarge: more components than anybody needs.
    """
    taken: list[BusyPeriod] = []
    left = INSTANCES_MAX
    rules = sorted(_rules(calendar, default_zone), key=lambda rule: rule.rank)
    for _, together in groupby(rules, key=lambda rule: rule.rank):
        level: list[BusyPeriod] = []
        free: list[tuple[datetime, datetime]] = []
        for rule in together:
            first, final = max(rule.start, start), min(rule.end, end)
            if first >= final:
                continue
            taken = subtract(taken, [(first, final)])
            level = [*subtract(level, [(first, final)]), BusyPeriod(first, final, rule.type)]
            found = _freed(calendar, rule, first, final, default_zone, limit=left)
            left = max(0, left - len(found))
            free += found
        taken += subtract(sorted(level), free)
    return sorted(taken)


def subtract(periods: Sequence[BusyPeriod], holes: Iterable[tuple[datetime, datetime]]) -> list[BusyPeriod]:
    """Return what is left of periods, given by start and without overlaps, outside of ``holes`` in any order."""
    waiting = sorted(holes)
    left: list[BusyPeriod] = []
    place = 0
    for period in periods:
        start = period.start
        while place < len(waiting) and waiting[place][1] <= start:
            place += 1
        number = place
        while number < len(waiting) and waiting[number][0] < period.end and start < period.end:
            first, final = waiting[number]
            if start < first:
                left.append(BusyPeriod(start, first, period.type))
            start = max(start, final)
            number += 1
        if start < period.end:
            left.append(BusyPeriod(start, period.end, period.type))
    return left


def _rules(calendar: Component, default_zone: tzinfo) -> list[_Rule]:
    components = calendar.children(COMPONENT)
    if len(components) > COMPONENTS_MAX or sum(len(one.components) for one in components) > AVAILABLE_MAX:
        raise TooLarge(f"an availability has at most {COMPONENTS_MAX} components with {AVAILABLE_MAX} parts")
    zones = Zones(calendar, default_zone)
    return [_rule(component, zones) for component in components]


def _rule(component: Component, zones: Zones) -> _Rule:
    starts, ends, lasts = component.get("DTSTART"), component.get("DTEND"), component.get("DURATION")
    start = FIRST if starts is None else instant(zones.when(starts), zones.default)
    end = LAST
    if ends is not None:
        end = instant(zones.when(ends), zones.default)
    elif lasts is not None and starts is not None:
        end = shift(start, parse_duration(lasts.value).exact)
    if start >= end:
        raise MalformedInput("iCalendar: a VAVAILABILITY ends before it starts")
    kind = (component.text("BUSYTYPE") or UNAVAILABLE).strip().upper()
    return _Rule(_priority(component), kind if kind in _TYPES else UNAVAILABLE, start, end, component)


def _priority(component: Component) -> int:
    text = (component.text("PRIORITY") or "0").strip()
    if len(text) != 1 or text not in "0123456789":
        raise MalformedInput(f"iCalendar: a PRIORITY is 0 to {PRIORITY_MAX}")
    return int(text)


def _freed(
    calendar: Component, rule: _Rule, start: datetime, end: datetime, default_zone: tzinfo, *, limit: int
) -> list[tuple[datetime, datetime]]:
    """Return the instances of AVAILABLE within a window, cut to it."""
    zones = Zones(calendar, default_zone)
    found: list[tuple[datetime, datetime]] = []
    for series in series_of(_as_events(rule.component), zones):
        for occurrence in expand_series(series, start, end, limit=max(1, limit - len(found))):
            first, final = max(occurrence.start, start), min(occurrence.end, end)
            if first < final:
                found.append((first, final))
            if len(found) >= limit:
                return found
    return found


def _as_events(component: Component) -> Component:
    """Return the AVAILABLE parts as events, which recur by the same rules; each without UID stands for itself."""
    events = []
    for number, inner in enumerate(component.children("AVAILABLE")):
        event = Component("VEVENT", inner.properties)
        if event.get("UID") is None:
            event.add(Line("UID", f"available-{number}"))
        events.append(event)
    return Component("VCALENDAR", (), events)
