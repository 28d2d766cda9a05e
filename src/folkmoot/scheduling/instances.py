"""A meeting by its instances: the series, what stands in for single ones, and what any one looks like by itself."""

from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo
from typing import Final

from folkmoot.ical import Component, Line, When, Zones, add, format_utc, format_when, instant
from folkmoot.ical.recurrence import Occurrence, expand_series
from folkmoot.ical.series import Key, Override, Series, series_of
from folkmoot.ical.span import day_of, span_of
from folkmoot.ical.values import in_zone, is_day, shift
from folkmoot.scheduling.meeting import ORGANIZED
from folkmoot.scheduling.membership import Membership

RECURRENCE: Final = frozenset({"RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID"})
_AROUND: Final = timedelta(days=2)  # no two zones' clocks are further apart


class Parts:
    """The components of a calendar object of one UID, each under the instance it stands for.

    ``default_zone`` is that of floating times.  The components are the object's own, not copies.

    Raises:
        MalformedInput: a date, time, duration or rule cannot be read.
    """

    def __init__(self, calendar: Component, default_zone: tzinfo) -> None:
        self.calendar: Final = calendar
        self.zones: Final = Zones(calendar, default_zone)
        found = [series for series in series_of(calendar, self.zones) if self._is_organized(series)]
        self.series: Final = next((one for one in found if one.master is not None), None) or (
            found[0] if found else Series(self.zones)
        )
        self.master: Final = self.series.master
        self.overrides: Final[dict[Key, Component]] = {
            self.key(override.recurrence_id): override.component for override in self.series.overrides
        }
        self._excluded: frozenset[Key] | None = None
        self._membership = Membership(self.series)

    @property
    def all(self) -> list[tuple[Key | None, Component]]:
        """The master, under ``None``, and the overrides."""
        first: list[tuple[Key | None, Component]] = [] if self.master is None else [(None, self.master)]
        return first + list(self.overrides.items())

    @property
    def excluded(self) -> frozenset[Key]:
        """What EXDATE leaves out."""
        if self._excluded is None:
            keys, days = self.series.excluded() if self.master is not None else (set(), set())
            clock = self.series.wall.time() if days else None
            whole = {self.key(self.series.at(datetime.combine(day, clock))) for day in days} if clock else set()
            self._excluded = frozenset(keys | whole)
        return self._excluded

    def key(self, when: When) -> Key:
        """Return what identifies the instance that a RECURRENCE-ID names."""
        if self.series.span is not None:
            return self.series.key(when)
        return day_of(when) if is_day(when) else instant(when, self.zones.default)

    def get(self, key: Key | None) -> Component | None:
        """Return the component that stands for an instance by itself, or for the series (``None``)."""
        return self.master if key is None else self.overrides.get(key)

    def instance(self, key: Key) -> Component | None:
        """Return an instance as the series makes it, as a component with RECURRENCE-ID; ``None`` if it is none of it.

        An override of that very instance, and EXDATE, do not count.
        """
        occurrence = self._occurrence(key)
        if occurrence is None or occurrence.recurrence_id is None or self.master is None:
            return None
        single = occurrence.component.copy()
        single.properties[:] = [line for line in single.properties if line.name not in RECURRENCE]
        start = occurrence.component.get("DTSTART")
        if start is None:
            return None
        single.set(placed(start, occurrence.local_start, self.zones))
        for name in ("DTEND", "DUE"):
            line = single.get(name)
            if line is not None:
                single.set(placed(line, occurrence.local_end, self.zones))
        place = next(place for place, line in enumerate(single.properties) if line.name == "DTSTART") + 1
        single.properties.insert(place, self.recurrence_id(occurrence.recurrence_id))
        return single

    def recurrence_id(self, when: When) -> Line:
        """Return the RECURRENCE-ID of an instance, written like the start of the series."""
        return self._dated("RECURRENCE-ID", when)

    def exdate(self, key: Key) -> Line:
        """Return an EXDATE that leaves an instance out, written like the start of the series."""
        return self._dated("EXDATE", key)

    def _dated(self, name: str, when: When) -> Line:
        start = self.master.get("DTSTART") if self.master is not None else None
        if start is None:
            start = Line(name, "")
        kept = [parameter for parameter in start.params if parameter.name in ("TZID", "VALUE")]
        if isinstance(when, datetime) and self.series.span is not None and self.series.span.floating:
            when = self.series.at(in_zone(when, self.series.zone).replace(tzinfo=None))
        return placed(Line(name, start.value, kept), when, self.zones)

    def _occurrence(self, key: Key) -> Occurrence | None:
        if self.master is None or self.series.span is None or not self.series.recurs:
            return None
        listed = self._membership.listed(key)
        if listed is None:
            if not self._membership.by_rule(key):
                return None
            listed = self.exdate(key).replace(name="RDATE")
        master = self.master.copy()
        master.properties[:] = [line for line in master.properties if line.name not in RECURRENCE]
        master.add(listed)
        futures = [one for one in self.series.overrides if one.this_and_future and self.key(one.recurrence_id) != key]
        bare = Series(self.zones, master, self.series.span, [], [], futures)
        moment = instant(key, self.series.zone)
        reach = max((self._moved(one) for one in futures), default=timedelta()) + _AROUND
        for occurrence in expand_series(bare, shift(moment, -reach), shift(moment, reach)):
            if occurrence.recurrence_id is not None and self.key(occurrence.recurrence_id) == key:
                return occurrence
        return None

    def _moved(self, override: Override) -> timedelta:
        if override.span is None:
            return timedelta()
        zone = self.series.zone
        return abs(instant(override.span.start, zone) - instant(override.recurrence_id, zone))

    @staticmethod
    def _is_organized(series: Series) -> bool:
        one = series.master if series.master is not None else series.overrides[0].component
        return one.name in ORGANIZED


def placed(line: Line, when: When, zones: Zones) -> Line:
    """Return a date property with another value, in the zone and of the kind it had."""
    if not isinstance(when, datetime):
        return line.replace(value=format_when(when))
    zone = zones.zone_of(line)
    if zone is None or line.value.strip().upper().endswith("Z"):
        kept = [parameter for parameter in line.params if parameter.name not in ("TZID", "VALUE")]
        return line.replace(value=format_utc(when), params=kept)
    return line.replace(value=format_when(in_zone(when, zone)).rstrip("Z"))


def written(key: Key) -> str:
    """Return what identifies an instance as text: a time in UTC, or a day."""
    return format_utc(key) if isinstance(key, datetime) else format_when(key)


def ordered(keys: Iterable[Key]) -> list[Key]:
    """Return instances by time; days and times do not compare, but their text does."""
    return sorted(keys, key=written)


def end_of(component: Component, zones: Zones) -> datetime | None:
    """Return when a component by itself is over, in UTC; ``None`` if it does not say."""
    span = span_of(component, zones)
    return None if span is None else instant(add(span.start, span.length), zones.default)
