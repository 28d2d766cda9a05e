"""CALDAV:calendar-data: the part of a calendar object that a report asked for (RFC 4791 section 9.6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from folkmoot.contentline import Line, Parameter
from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.ical.component import Component
from folkmoot.ical.component import format as format_component
from folkmoot.ical.filter import TimeRange
from folkmoot.ical.recurrence import Occurrence, expand_series
from folkmoot.ical.series import RECURRING, series_of
from folkmoot.ical.values import When, format_utc, format_when, instant, is_day, parse_period, shift
from folkmoot.ical.zones import Zones

EXPANDED_OCTETS_MAX: Final = 32 * 1024 * 1024  # one long text in a daily event would fill the memory
_RECURRENCE: Final = frozenset({"RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID"})


@dataclass(frozen=True, slots=True)
class PropRequest:
    """CALDAV:prop (section 9.6.4); the name is in upper case."""

    name: str
    novalue: bool = False


@dataclass(frozen=True, slots=True)
class CompRequest:
    """CALDAV:comp (section 9.6.1); the name is in upper case.

    An empty one asks for everything, as in the standard's own example (section 7.8.1).
    """

    name: str
    allprop: bool = False
    props: Sequence[PropRequest] = ()
    allcomp: bool = False
    comps: "Sequence[CompRequest]" = ()

    @property
    def whole(self) -> bool:
        return (self.allprop and self.allcomp) or not (self.allprop or self.props or self.allcomp or self.comps)


@dataclass(frozen=True, slots=True)
class CalendarDataRequest:
    """What a CALDAV:calendar-data element asks for; by default the text as stored."""

    comp: CompRequest | None = None
    expand: TimeRange | None = None
    limit_recurrence_set: TimeRange | None = None
    limit_freebusy_set: TimeRange | None = None

    @property
    def whole(self) -> bool:
        """Whether the stored text answers the request, so that nobody needs to parse it."""
        return (
            (self.comp is None or self.comp.whole)
            and self.expand is None
            and self.limit_recurrence_set is None
            and self.limit_freebusy_set is None
        )


def shape(calendar: Component, request: CalendarDataRequest, *, default_zone: tzinfo) -> str:
    """Return the text of a calendar object as requested; the object itself stays as it is.

    Raises:
        MalformedInput: a date, time, duration or rule of the object cannot be read.
        TooLarge: an expansion is longer than ``EXPANDED_OCTETS_MAX``.
    """
    zones = Zones(calendar, default_zone)
    if request.expand is not None:
        calendar = expand(calendar, zones, *request.expand.window)
    elif request.limit_recurrence_set is not None:
        calendar = _limit_recurrence_set(calendar, zones, *request.limit_recurrence_set.window)
    if request.limit_freebusy_set is not None:
        calendar = _limit_freebusy_set(calendar, zones, *request.limit_freebusy_set.window)
    if request.comp is not None and not request.comp.whole and request.comp.name == calendar.name:
        calendar = _part(calendar, request.comp)
    return format_component(calendar)


def expand(calendar: Component, zones: Zones, start: datetime, end: datetime) -> Component:
    """Return the occurrences that meet a window as components of their own, in UTC (section 9.6.5).

    Whole days and floating times stay what they are.  What never recurs has no RECURRENCE-ID.

    Raises:
        TooLarge: the occurrences together would be longer than ``EXPANDED_OCTETS_MAX``.
    """
    found: list[Occurrence] = []
    for series in series_of(calendar, zones):
        found.extend(expand_series(series, start, end))
    found.sort(key=lambda occurrence: occurrence.start)
    if len(found) * _size(calendar) > EXPANDED_OCTETS_MAX and _expanded_size(found) > EXPANDED_OCTETS_MAX:
        raise TooLarge(f"iCalendar: expansion to more than {EXPANDED_OCTETS_MAX} octets")
    others = [one for one in calendar.components if one.name not in RECURRING and one.name != "VTIMEZONE"]
    return Component(calendar.name, calendar.properties, [_instance(one, zones) for one in found] + others)


def _size(component: Component) -> int:
    return sum(len(line.value) for inner in component.walk() for line in inner.properties)


def _expanded_size(found: list[Occurrence]) -> int:
    sizes: dict[int, int] = {}
    total = 0
    for occurrence in found:
        known = sizes.get(id(occurrence.component))
        if known is None:
            known = sizes[id(occurrence.component)] = _size(occurrence.component)
        total += known
    return total


def _instance(occurrence: Occurrence, zones: Zones) -> Component:
    source = occurrence.component
    starts = "DTSTART" if source.get("DTSTART") is not None else "DUE"
    ends = "DUE" if source.name == "VTODO" else "DTEND"
    own_end = occurrence.local_end != occurrence.local_start and source.get("DURATION") is None
    lines: list[Line] = []
    for line in source.properties:
        if line.name == "RECURRENCE-ID" or line.name in _RECURRENCE:
            continue
        if line.name == starts:
            lines.append(_dated(line, occurrence.local_start))
            if occurrence.recurrence_id is not None:
                lines.append(_dated(Line("RECURRENCE-ID", ""), occurrence.recurrence_id))
        elif line.name == ends:
            if own_end or source.name == "VTODO":
                lines.append(_dated(line, occurrence.local_end))
        else:
            lines.append(_in_utc(line, zones))
    return Component(source.name, lines, source.components)


def _dated(line: Line, when: When) -> Line:
    """Return the property with another value and none of the parameters that described the old one."""
    params = [parameter for parameter in line.params if parameter.name not in ("TZID", "VALUE", "RANGE")]
    if is_day(when):
        params.append(Parameter("VALUE", ("DATE",)))
    value = format_utc(when) if isinstance(when, datetime) else format_when(when)
    return line.replace(value=value, params=params)


def _in_utc(line: Line, zones: Zones) -> Line:
    if not line.has_params or line.param("TZID") is None:
        return line
    try:
        return _dated(line, zones.when(line))
    except MalformedInput:  # a vendor's property that happens to have a parameter of this name
        return line


def _limit_recurrence_set(calendar: Component, zones: Zones, start: datetime, end: datetime) -> Component:
    """Leave out the overrides that neither stand in the window nor took something out of it (section 9.6.6)."""
    kept: set[int] = set()
    for series in series_of(calendar, zones):
        for override in series.overrides:
            length = override.span.length.exact if override.span else None
            original = instant(override.recurrence_id, series.zone)
            was_inside = original < end and (length is None or original >= shift(start, -abs(length)))
            is_inside = override.span is not None and override.span.meets(
                instant(override.span.start, zones.default),
                instant(override.span.end_of(override.span.start), zones.default),
                start,
                end,
            )
            if is_inside or was_inside or (override.this_and_future and original < end):
                kept.add(id(override.component))
    components = [
        component
        for component in calendar.components
        if component.name not in RECURRING or component.get("RECURRENCE-ID") is None or id(component) in kept
    ]
    return Component(calendar.name, calendar.properties, components)


def _limit_freebusy_set(calendar: Component, zones: Zones, start: datetime, end: datetime) -> Component:
    """Leave only the FREEBUSY periods that meet the window (section 9.6.7)."""
    components = []
    for component in calendar.components:
        if component.name != "VFREEBUSY":
            components.append(component)
            continue
        lines: list[Line] = []
        for line in component.properties:
            if line.name != "FREEBUSY":
                lines.append(line)
                continue
            kept = [value for value in line.value.split(",") if _period_meets(value, zones, start, end)]
            if kept:
                lines.append(line if len(kept) == line.value.count(",") + 1 else line.replace(value=",".join(kept)))
        components.append(Component(component.name, lines, component.components))
    return Component(calendar.name, calendar.properties, components)


def _period_meets(value: str, zones: Zones, start: datetime, end: datetime) -> bool:
    period = parse_period(value)
    return instant(period.start, zones.default) < end and instant(period.end, zones.default) > start


def _part(component: Component, request: CompRequest) -> Component:
    if request.whole:
        return component
    if request.allprop:
        lines = component.properties
    else:
        wanted = {prop.name: prop for prop in request.props}
        lines = [
            line.replace(value="") if wanted[line.name].novalue else line
            for line in component.properties
            if line.name in wanted
        ]
    if request.allcomp:
        components = component.components
    else:
        inner = {comp.name: comp for comp in request.comps}
        components = [_part(child, inner[child.name]) for child in component.components if child.name in inner]
    return Component(component.name, lines, components)
