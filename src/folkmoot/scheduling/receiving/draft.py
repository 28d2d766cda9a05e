"""A copy of a calendar object that is being changed: instances are put in, dropped, left out, taken back."""

from collections.abc import Sequence
from datetime import datetime, time, tzinfo
from typing import Final

from folkmoot.core.errors import MalformedInput, NotFound
from folkmoot.ical import Component, Line, Parameter, When, format_utc, split_series
from folkmoot.ical.recurrence import expand_series
from folkmoot.ical.series import LISTED_MAX, Key, wall_of
from folkmoot.ical.span import day_of
from folkmoot.ical.values import FIRST, LAST, in_zone, is_day
from folkmoot.scheduling.instances import Parts, written
from folkmoot.scheduling.meeting import ORGANIZED
from folkmoot.scheduling.receiving.versions import Version, version_of

CANCELLED: Final = "X-FOLKMOOT-CANCELLED"  # of a series: the CANCEL by which an instance was left out
COMMENT: Final = "X-CALENDARSERVER-ATTENDEE-COMMENT"  # of an organizer's object: Apple's calendar shows it
LEFT_OUT: Final = "X-FOLKMOOT-LEFT-OUT"  # of a declined series: an instance that its owner has deleted, too
OF_SERIES: Final = frozenset({CANCELLED, COMMENT, LEFT_OUT})
CANCELLED_MAX: Final = 200  # noted of one series; messages do not overtake each other by that many


class Draft:
    """A tree of its own with the components under the instances they stand for."""

    def __init__(self, calendar: Component, default_zone: tzinfo) -> None:
        """Copy a calendar object.

        Raises:
            MalformedInput: a date, time, duration or rule cannot be read.
        """
        self.calendar: Final = calendar.copy()
        self.parts: Final = Parts(self.calendar, default_zone)
        self.overrides: Final = self.parts.overrides
        self.excluded: Final[set[Key]] = set(self.parts.excluded)

    @property
    def master(self) -> Component | None:
        """The component that stands for all instances without one of their own."""
        return self.parts.master

    @property
    def components(self) -> Sequence[Component]:
        """Master and overrides, in order."""
        return [component for component in self.calendar.components if component.name in ORGANIZED]

    def key_of(self, component: Component, parts: Parts) -> Key | None:
        """Return the instance of this object that a component of another one is about; ``None``: all of it.

        Outlook and Exchange name an instance by its day at times, or by the midnight at which it begins.
        """
        line = component.get("RECURRENCE-ID")
        if line is None:
            return None
        when = parts.zones.when(line)
        key = self.parts.key(when)
        series = self.parts.series
        if series.span is None or series.span.all_day or not series.recurs or key in self.overrides:
            return key
        wall = wall_of(in_zone(when, series.zone) if isinstance(when, datetime) else when)
        if wall.time() != time() or wall.time() == series.wall.time() or self.instance(key) is not None:
            return key
        of_day = self.parts.key(series.at(datetime.combine(wall.date(), series.wall.time())))
        return key if self.instance(of_day) is None else of_day

    def is_only(self, key: Key) -> bool:
        """Whether nothing recurs and the instance is what there is."""
        span = self.parts.series.span
        return (
            self.master is not None
            and span is not None
            and not self.parts.series.recurs
            and self.parts.key(span.start) == key
        )

    def instance(self, key: Key) -> Component | None:
        """Return an instance as the series makes it; without what is noted of the series."""
        made = self.parts.instance(key)
        if made is not None:
            made.properties[:] = [line for line in made.properties if line.name not in OF_SERIES]
        return made

    def put(self, key: Key, override: Component) -> None:
        """Put an override in, in the place of the one that stands for the same instance."""
        present = self.overrides.get(key)
        self.overrides[key] = override
        if present is None:
            self.calendar.components.append(override)
        else:
            self.calendar.components[self._place(present)] = override

    def drop(self, key: Key) -> None:
        """Take the override of an instance out, if there is one."""
        present = self.overrides.pop(key, None)
        if present is not None:
            del self.calendar.components[self._place(present)]

    def exclude(self, key: Key, version: Version | None = None) -> None:
        """Leave an instance out of the series, with its override.

        The version of the CANCEL that asked for it is noted, so that an older REQUEST does not bring the instance back.
        """
        self.drop(key)
        if self.master is None or key in self.excluded:
            return
        self.excluded.add(key)
        self.master.add(self.parts.exdate(key))
        if version is not None:
            self.note(key, version)

    def note(self, key: Key, version: Version) -> None:
        """Note which CANCEL has left an instance out."""
        self.forget(key)
        if self.master is not None and version.stamp is not None and len(self.master.all(CANCELLED)) < CANCELLED_MAX:
            stamp = Parameter("X-DTSTAMP", (format_utc(version.stamp),))
            self.master.add(Line(CANCELLED, written(key), (Parameter("X-SEQUENCE", (str(version.sequence),)), stamp)))

    def version_excluded(self, key: Key) -> Version | None:
        """Return the version of the CANCEL that left an instance out, if one did and it was noted."""
        for line in self.master.all(CANCELLED) if self.master is not None else ():
            if line.value == written(key):
                stamp = Line("DTSTAMP", line.param("X-DTSTAMP") or "")
                number = Line("SEQUENCE", line.param("X-SEQUENCE") or "")
                try:
                    return version_of(Component("VEVENT", [stamp, number]))
                except MalformedInput:  # a client has spoiled it
                    return None
        return None

    def include(self, key: Key) -> None:
        """Take an instance back that EXDATE leaves out."""
        if self.master is None or key not in self.excluded:
            return
        self.excluded.discard(key)
        self.forget(key)
        kept: list[Line] = []
        for line in self.master.properties:
            values = line.value.split(",") if line.name == "EXDATE" else []
            left = [value for value in values if value.strip() and self._means(line, value) != key]
            if line.name != "EXDATE" or len(left) == len(values):
                kept.append(line)
            elif left:
                kept.append(line.replace(value=",".join(left)))
        self.master.properties[:] = kept

    def forget(self, key: Key) -> None:
        """Forget which CANCEL left an instance out."""
        if self.master is not None:
            self.master.properties[:] = [
                line for line in self.master.properties if line.name != CANCELLED or line.value != written(key)
            ]

    def add_date(self, key: Key) -> None:
        """Add an instance that no rule gives."""
        if self.master is not None:
            self.master.add(self.parts.exdate(key).replace(name="RDATE"))

    def is_empty(self) -> bool:
        """Whether no instance is left."""
        if self.overrides or self.master is None:
            return not self.overrides
        series = Parts(self.calendar, self.parts.zones.default).series
        return series.span is not None and next(expand_series(series, FIRST, LAST, limit=LISTED_MAX + 1), None) is None

    def without_future(self, when: When) -> "Draft | None":
        """Return the object without an instance and all later ones; ``None`` if nothing is left of it.

        Raises:
            MalformedInput: a date, time, duration or rule cannot be read.
        """
        if self.master is None:
            first = written(self.parts.key(when))
            for later in [key for key in self.overrides if written(key) >= first]:
                self.drop(later)
            return self if self.overrides else None
        self.include(self.parts.key(when))
        try:
            before, _ = split_series(self.calendar, when, new_uid="-", default_zone=self.parts.zones.default)
        except NotFound:
            return None
        return Draft(before, self.parts.zones.default)

    def _means(self, line: Line, value: str) -> Key:
        """Return the instance that a value of EXDATE leaves out; a day may stand for a time on it."""
        when = self.parts.zones.when_of(line, value.strip())
        series = self.parts.series
        if is_day(when) and series.span is not None and not series.span.all_day:
            return self.parts.key(series.at(datetime.combine(day_of(when), series.wall.time())))
        return self.parts.key(when)

    def _place(self, wanted: Component) -> int:
        return next(place for place, one in enumerate(self.calendar.components) if one is wanted)
