"""A master with its overrides, read once: what recurs, what is left out, what was moved."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from folkmoot.contentline import Line
from folkmoot.ical.component import Component
from folkmoot.ical.recur import Recur, parse_recur
from folkmoot.ical.span import Span, day_of, span_of
from folkmoot.ical.values import Floating, Period, When, in_zone, instant, is_day, parse_period, shift
from folkmoot.ical.zones import Zones

RECURRING: Final = frozenset({"VEVENT", "VTODO", "VJOURNAL"})
RULES_MAX: Final = 5  # RFC 5545 asks for one; old clients write a few
LISTED_MAX: Final = 20_000  # RDATE and EXDATE values read of one component: a daily exception for 54 years

Key = date | datetime
"""What tells one occurrence from another: a day for whole days, else an instant in UTC."""


@dataclass(frozen=True, slots=True)
class Override:
    """A component with RECURRENCE-ID, and what it replaces."""

    component: Component
    recurrence_id: When
    span: Span | None
    this_and_future: bool


@dataclass(slots=True)
class Series:
    """All components of one UID and kind; without a master it is a handful of overrides."""

    zones: Zones
    master: Component | None = None
    span: Span | None = None
    rules: list[Recur] = field(default_factory=list)
    excluding: list[Recur] = field(default_factory=list)
    overrides: list[Override] = field(default_factory=list)

    @property
    def recurs(self) -> bool:
        """Whether the master may stand for more than one occurrence."""
        return bool(self.rules) or (self.master is not None and self.master.get("RDATE") is not None)

    @property
    def zone(self) -> tzinfo:
        """The zone on whose clock the master's rules count."""
        start = self.span.start if self.span else None
        if isinstance(start, datetime) and start.tzinfo is not None:
            return start.tzinfo
        return self.zones.default

    @property
    def wall(self) -> datetime:
        """The master's start on that clock, without a zone."""
        assert self.span is not None  # noqa: S101  # asked only where there is a start
        return wall_of(self.span.start)

    def key(self, when: When) -> Key:
        """Return what identifies the occurrence that starts then, or that a RECURRENCE-ID or EXDATE names."""
        if self.span is not None and self.span.all_day:
            return day_of(when)
        return instant(when, self.zone)

    def at(self, wall: datetime) -> When:
        """Return a time on the clock of the series as a value of the same kind as the master's start."""
        if self.span is not None and self.span.all_day:
            return wall.date()
        if self.span is not None and self.span.floating:
            return Floating(wall)
        return wall.replace(tzinfo=self.zone)

    def until(self, rule: Recur) -> datetime | None:
        """Return the time on the clock of the series before which the rule's times lie, or ``None``.

        A date means the whole day, a time without ``Z`` is on the clock of the series; both occur
        where RFC 5545 section 3.3.10 asks for UTC.
        """
        until = rule.until
        if until is None:
            return None
        if isinstance(until, Floating):
            wall = until.wall
        elif not isinstance(until, datetime):
            return shift(datetime.combine(until, datetime.min.time()), timedelta(days=1))
        elif self.span is not None and self.span.all_day:
            wall = until.replace(tzinfo=None)
        else:
            wall = in_zone(until, self.zone).replace(tzinfo=None)
        if self.span is not None and self.span.all_day:
            wall = datetime.combine(wall.date(), datetime.min.time())
        return shift(wall, timedelta(seconds=1))

    def excluded(self) -> tuple[set[Key], set[date]]:
        """Return the keys that EXDATE leaves out, and the days it leaves out of a timed series."""
        keys: set[Key] = set()
        days: set[date] = set()
        timed = self.span is not None and not self.span.all_day
        for line, value in _listed(self.master, "EXDATE"):
            when = self.zones.when_of(line, value)
            if timed and is_day(when):
                days.add(day_of(when))
            else:
                keys.add(self.key(when))
        return keys, days

    def added(self) -> Iterator[tuple[When, When | None]]:
        """Yield start, and the end if it differs from the rest, of each RDATE."""
        timed = self.span is not None and not self.span.all_day
        for line, value in _listed(self.master, "RDATE"):
            if "/" in value:
                period: Period = parse_period(value, self.zones.zone_of(line))
                yield period.start, period.end
            else:
                when = self.zones.when_of(line, value)
                if timed and is_day(when):
                    when = self.at(datetime.combine(day_of(when), self.wall.time()))
                elif not timed:
                    when = day_of(when)
                yield when, None


def series_of(calendar: Component, zones: Zones) -> list[Series]:
    """Return the series of all VEVENT, VTODO and VJOURNAL of a calendar, in order of appearance.

    Raises:
        MalformedInput: a date, time, duration or rule cannot be read.
    """
    found: dict[tuple[str, str], Series] = {}
    alone: list[Series] = []
    for component in calendar.components:
        if component.name not in RECURRING:
            continue
        uid = component.get("UID")
        key = (component.name, uid.value if uid else "")
        series = found.get(key)
        if series is None:
            series = found[key] = Series(zones)
            alone.append(series)
        recurrence_id = component.get("RECURRENCE-ID")
        if recurrence_id is not None:
            series.overrides.append(_override(component, recurrence_id, zones))
        elif series.master is None:
            _read_master(series, component)
        else:  # not allowed, yet it occurs in imports: an event of its own
            another = Series(zones)
            _read_master(another, component)
            alone.append(another)
    return alone


def wall_of(when: When) -> datetime:
    """Return a value on its own clock, without a zone; a day as its midnight."""
    if isinstance(when, Floating):
        return when.wall
    if isinstance(when, datetime):
        return when.replace(tzinfo=None)
    return datetime.combine(when, datetime.min.time())


def _read_master(series: Series, component: Component) -> None:
    series.master = component
    series.span = span_of(component, series.zones)
    series.rules = [parse_recur(line.value) for line in component.all("RRULE")[:RULES_MAX]]
    series.excluding = [parse_recur(line.value) for line in component.all("EXRULE")[:RULES_MAX]]


def _override(component: Component, recurrence_id: Line, zones: Zones) -> Override:
    reach = recurrence_id.param("RANGE")
    return Override(
        component,
        zones.when(recurrence_id),
        span_of(component, zones),
        this_and_future=reach is not None and reach.upper() == "THISANDFUTURE",
    )


def _listed(component: Component | None, name: str) -> Iterator[tuple[Line, str]]:
    left = LISTED_MAX
    for line in component.all(name) if component is not None else ():
        for value in line.value.split(",")[:left]:
            if value.strip():
                left -= 1
                yield line, value.strip()
