"""CALDAV:filter as a value, and whether a calendar object matches it (RFC 4791 sections 9.7 to 9.9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from folkmoot.contentline import Line, unescape_text
from folkmoot.ical.alarms import alarm_meets
from folkmoot.ical.collation import TextMatch, text_matches
from folkmoot.ical.component import Component
from folkmoot.ical.recurrence import Occurrence, expand_series
from folkmoot.ical.series import RECURRING, Series, series_of
from folkmoot.ical.span import ONE_DAY
from folkmoot.ical.values import FIRST, LAST, add, instant, is_day, parse_period
from folkmoot.ical.zones import Zones

WINDOWS_MAX: Final = 64  # different windows one object is expanded for: one for each lead time of an alarm


@dataclass(frozen=True, slots=True)
class TimeRange:
    """CALDAV:time-range, in UTC, the end not included; a missing side is open (section 9.9)."""

    start: datetime | None = None
    end: datetime | None = None

    @property
    def window(self) -> tuple[datetime, datetime]:
        return self.start or FIRST, self.end or LAST


@dataclass(frozen=True, slots=True)
class ParamFilter:
    """CALDAV:param-filter (section 9.7.3); the name is in upper case."""

    name: str
    is_not_defined: bool = False
    text_match: TextMatch | None = None


@dataclass(frozen=True, slots=True)
class PropFilter:
    """CALDAV:prop-filter (section 9.7.2); the name is in upper case."""

    name: str
    is_not_defined: bool = False
    time_range: TimeRange | None = None
    text_match: TextMatch | None = None
    params: Sequence[ParamFilter] = ()


@dataclass(frozen=True, slots=True)
class CompFilter:
    """CALDAV:comp-filter (section 9.7.1); the name is in upper case."""

    name: str
    is_not_defined: bool = False
    time_range: TimeRange | None = None
    props: Sequence[PropFilter] = ()
    comps: "Sequence[CompFilter]" = ()


def match(calendar: Component, filter_: CompFilter, *, default_zone: tzinfo) -> bool:
    """Whether a calendar object matches a filter, whose outermost name is VCALENDAR.

    All conditions on a component must hold for one and the same master or override; a time range
    on it, for one of that component's occurrences.

    Raises:
        MalformedInput: a date, time, duration or rule of the object cannot be read.
    """
    if filter_.name != calendar.name:
        return filter_.is_not_defined
    if filter_.is_not_defined:
        return False
    return _Match(calendar, default_zone).inside(calendar, filter_)


class _Match:
    """One object against one filter; the series are read when a time range first asks for them."""

    def __init__(self, calendar: Component, default_zone: tzinfo) -> None:
        self._calendar = calendar
        self._zones = Zones(calendar, default_zone)
        self._series: list[Series] | None = None
        self._expanded: dict[tuple[datetime, datetime], dict[int, list[Occurrence]]] = {}

    def inside(self, component: Component, filter_: CompFilter) -> bool:
        """Whether all conditions within a comp-filter hold for a component."""
        return all(self._property_matches(component, inner) for inner in filter_.props) and all(
            self._component_matches(component, inner) for inner in filter_.comps
        )

    def _component_matches(self, parent: Component, filter_: CompFilter) -> bool:
        children = parent.children(filter_.name)
        if filter_.is_not_defined:
            return not children
        if filter_.time_range is not None and children:
            start, end = filter_.time_range.window
            children = [child for child in children if self._meets(parent, child, start, end)]
        return any(self.inside(child, filter_) for child in children)

    def _meets(self, parent: Component, component: Component, start: datetime, end: datetime) -> bool:
        if component.name == "VALARM":
            return alarm_meets(
                component,
                lambda first, final: self._occurrences(first, final).get(id(parent), ()),
                self._zones,
                start,
                end,
            )
        if component.name == "VFREEBUSY":
            return self._freebusy_meets(component, start, end)
        if component.name not in RECURRING:
            return False
        if component.name == "VTODO" and component.get("DTSTART") is None and component.get("DUE") is None:
            return self._undated_task_meets(component, start, end)
        return id(component) in self._occurrences(start, end)

    def _occurrences(self, start: datetime, end: datetime) -> dict[int, list[Occurrence]]:
        """Return the occurrences that meet a window by the identity of their component."""
        if (start, end) not in self._expanded:
            found: dict[int, list[Occurrence]] = {}
            if len(self._expanded) < WINDOWS_MAX:
                if self._series is None:
                    self._series = series_of(self._calendar, self._zones)
                for series in self._series:
                    for occurrence in expand_series(series, start, end):
                        found.setdefault(id(occurrence.component), []).append(occurrence)
            self._expanded[start, end] = found
        return self._expanded[start, end]

    def _undated_task_meets(self, task: Component, start: datetime, end: datetime) -> bool:
        """Apply the last four rows of the table for VTODO (RFC 4791 section 9.9)."""
        zone = self._zones.default
        created, completed = (
            None if line is None else instant(self._zones.when(line), zone)
            for line in (task.get("CREATED"), task.get("COMPLETED"))
        )
        if completed is not None and created is not None:
            return (start <= created or start <= completed) and (end >= created or end >= completed)
        if completed is not None:
            return start <= completed <= end
        return created is None or end > created

    def _freebusy_meets(self, component: Component, start: datetime, end: datetime) -> bool:
        zone = self._zones.default
        first, final = component.get("DTSTART"), component.get("DTEND")
        if first is not None and final is not None:
            return start <= instant(self._zones.when(final), zone) and end > instant(self._zones.when(first), zone)
        return any(
            start < instant(period.end, zone) and end > instant(period.start, zone)
            for line in component.all("FREEBUSY")
            for period in (parse_period(value) for value in line.value.split(","))
        )

    def _property_matches(self, component: Component, filter_: PropFilter) -> bool:
        lines = component.all(filter_.name)
        if filter_.is_not_defined:
            return not lines
        return any(self._line_matches(line, filter_) for line in lines)

    def _line_matches(self, line: Line, filter_: PropFilter) -> bool:
        if filter_.time_range is not None and not self._value_meets(line, *filter_.time_range.window):
            return False
        if filter_.text_match is not None and not text_matches(filter_.text_match, unescape_text(line.value)):
            return False
        return all(_param_matches(line, param) for param in filter_.params)

    def _value_meets(self, line: Line, start: datetime, end: datetime) -> bool:
        zone = self._zones.default
        for value in line.value.split(","):
            if "/" in value:
                period = parse_period(value, self._zones.zone_of(line))
                if start < instant(period.end, zone) and end > instant(period.start, zone):
                    return True
                continue
            when = self._zones.when_of(line, value)
            first = instant(when, zone)
            final = instant(add(when, ONE_DAY), zone) if is_day(when) else first
            if end > first and (start < final or start <= first):
                return True
        return False


def _param_matches(line: Line, filter_: ParamFilter) -> bool:
    present = [parameter for parameter in line.params if parameter.name == filter_.name]
    if filter_.is_not_defined:
        return not present
    if filter_.text_match is None:
        return bool(present)
    return any(
        text_matches(filter_.text_match, value) for parameter in present for value in (parameter.values or ("",))
    )
