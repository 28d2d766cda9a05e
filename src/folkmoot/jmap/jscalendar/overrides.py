"""Writing ``recurrenceOverrides``: EXDATE, RDATE and components with RECURRENCE-ID (RFC 8984 section 4.3.5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from folkmoot.ical import Component, Line, Parameter, instant, occurrences
from folkmoot.ical.values import shift
from folkmoot.jmap.jscalendar.errors import JsError
from folkmoot.jmap.jscalendar.pointers import apply_changes, parse_patch, pointer_of
from folkmoot.jmap.jscalendar.reading import OWN_OF_COMPONENTS, Opened, listed, occurrence_base, read_component
from folkmoot.jmap.jscalendar.schema import ONCE_ONLY
from folkmoot.jmap.jscalendar.settling import settled
from folkmoot.jmap.jscalendar.source import Target, place, swap
from folkmoot.jmap.jscalendar.times import Frame
from folkmoot.jmap.jscalendar.when import dated
from folkmoot.jmap.jscalendar.writing import OF_THE_OBJECT, write_component

_OF_A_SERIES: Final = ("RRULE", "EXRULE", "RDATE", "EXDATE", "RECURRENCE-ID")
_STAY: Final = frozenset({"uid", "recurrenceRules", "excludedRecurrenceRules"}) | OWN_OF_COMPONENTS
"""Of an override's component, what neither the series nor its override decides."""


@dataclass(slots=True)
class Overriding:
    """One writing of the overrides of a series, whose base has been written already."""

    opened: Opened
    frame: Frame
    base_before: dict[str, Any]
    base: dict[str, Any]
    tzids: dict[str, int]
    now: datetime

    def write(self, before: Mapping[str, Any], wanted: Mapping[str, Any], *, same_clock: bool) -> None:
        """Write what is wanted different; all of it anew where recurrence ids are other times than before.

        Raises:
            JsError: an override does not fit.
        """
        keys = [key for key in {**before, **wanted} if before.get(key) != wanted.get(key) or not same_clock]
        had = list(self.opened.overrides)
        if not same_clock:
            self._rename()
        there = {key for _, _, key in listed(self.opened, "EXDATE")}
        dates = {key for _, _, key in listed(self.opened, "RDATE")}
        gone = {key for key in keys if key not in wanted or wanted[key].get("excluded")}
        self._remove(gone)
        for key in keys:
            if key not in gone and (wanted[key] or key in had):
                self._write_one(key, wanted[key], lenient=before.get(key) == wanted[key])
        if self.base_before != self.base:  # what an override does not say follows the series
            settled_ones = set(keys)
            for key in had:
                if key in wanted and key not in settled_ones and not wanted[key].get("excluded"):
                    self._write_one(key, wanted[key], lenient=True)
        excluded = [key for key in keys if key in gone and key in wanted and key not in there]
        added = [key for key in keys if key not in gone and key not in dates and (key not in had or not same_clock)]
        self._unlist("EXDATE", {key for key in keys if key not in wanted or key not in gone})
        self._unlist("RDATE", gone)
        self._list("EXDATE", excluded)
        self._list("RDATE", self._irregular(added))

    def _rename(self) -> None:
        """Begin anew: recurrence ids are other times than those on the lines."""
        for carrier in ("EXDATE", "RDATE"):
            self.opened.base.remove(carrier)
        for key, component in self.opened.overrides.items():
            self._name(component, key)

    def _write_one(self, key: str, override: Mapping[str, Any], *, lenient: bool) -> None:
        opened = self.opened
        component = opened.overrides.get(key)
        fresh = component is None
        if component is None:
            component = self._fresh(key)
        before = read_component(component, opened.zones)
        wanted = self.occurrence(key, override, before, lenient=lenient)
        target = Target(opened.calendar, component, opened.kind, opened.zones, before, wanted, self.tzids)
        write_component(target, self.now)
        if fresh:
            opened.overrides[key] = component
            parts = opened.calendar.components
            place_ = len(parts)
            while parts[place_ - 1].name != component.name:
                place_ -= 1
            parts.insert(place_, component)

    def occurrence(
        self, key: str, override: Mapping[str, Any], before: Mapping[str, Any], *, lenient: bool
    ) -> dict[str, Any]:
        """Return what an occurrence is with its override; ``before`` is what its component says now.

        ``lenient`` passes over what an override said of things that the series does not have any more.
        """
        kind = self.opened.kind
        kept = ONCE_ONLY | OWN_OF_COMPONENTS
        changes = {pointer: value for pointer, value in override.items() if parse_pointer(pointer) not in kept}
        plain = occurrence_base(self.base, key)
        try:
            wanted = apply_changes(plain, parse_patch(changes), lenient=lenient)
            wanted = settled(kind, plain, wanted, {parse_pointer(pointer) for pointer in changes})
        except JsError as error:
            prefix = ("recurrenceOverrides", key)
            raise JsError(str(error), *(f"{pointer_of(prefix)}/{name}" for name in error.properties)) from error
        named = {parse_pointer(pointer) for pointer in changes}
        for name in (ONCE_ONLY | _STAY | OF_THE_OBJECT) - named:
            if name in _STAY or self.base_before.get(name) == self.base.get(name) or name in OF_THE_OBJECT:
                wanted.pop(name, None)
                if name in before:
                    wanted[name] = before[name]
        return wanted

    def _fresh(self, key: str) -> Component:
        component = self.opened.base.copy()
        component.properties[:] = [line for line in component.properties if line.name not in _OF_A_SERIES]
        self._name(component, key)
        return component

    def _name(self, component: Component, key: str) -> None:
        line = component.get("RECURRENCE-ID")
        target = Target(self.opened.calendar, component, self.opened.kind, self.opened.zones, {}, {}, self.tzids)
        new = dated(target, line or self._blank("RECURRENCE-ID"), self.frame.when(key), self.frame.name)
        if line is None:
            place(component, new, after=("UID", "DTSTAMP"))
        elif new is not line:
            component.set(new)

    def _blank(self, carrier: str) -> Line:
        """Return a line without a value that calls the zone of the series as DTSTART does."""
        start = self.opened.base.get("DTSTART")
        tzid = None if start is None else start.param("TZID")
        return Line(carrier, "", [] if tzid is None else [Parameter("TZID", (tzid,))])

    def _remove(self, keys: set[str]) -> None:
        gone = {id(self.opened.overrides.pop(key)) for key in keys & self.opened.overrides.keys()}
        if gone:
            parts = self.opened.calendar.components
            parts[:] = [part for part in parts if id(part) not in gone]

    def _irregular(self, keys: list[str]) -> list[str]:
        """Return the recurrence ids that the rules do not give."""
        if not keys or self.opened.alone:
            return []
        regular = regular_keys(self.opened, self.frame, keys)
        return [key for key in keys if key not in regular]

    def _list(self, carrier: str, keys: list[str]) -> None:
        base = self.opened.base
        target = Target(self.opened.calendar, base, self.opened.kind, self.opened.zones, {}, {}, self.tzids)
        for key in keys:
            line = dated(target, self._blank(carrier), self.frame.when(key), self.frame.name)
            place(base, line, after=("RRULE", "DTEND", "DUE", "DURATION"))

    def _unlist(self, carrier: str, keys: set[str]) -> None:
        """Take recurrence ids off the lists."""
        left: dict[int, list[str]] = {}
        shorter: set[int] = set()
        for line, value, key in listed(self.opened, carrier):
            values = left.setdefault(id(line), [])
            if key in keys:
                shorter.add(id(line))
            else:
                values.append(value)
        for line in [line for line in self.opened.base.properties if id(line) in shorter]:
            values = left[id(line)]
            swap(self.opened.base, line, line.replace(value=",".join(values)) if values else None)


def parse_pointer(pointer: str) -> str:
    """Return the property that a pointer leads to or into."""
    return next(iter(parse_patch({pointer: None})))[0]


def regular_keys(opened: Opened, frame: Frame, keys: list[str]) -> set[str]:
    """Return those recurrence ids that the rules of the series give by themselves."""
    bare = Component(
        opened.base.name, [line for line in opened.base.properties if line.name not in {"EXDATE", "RECURRENCE-ID"}]
    )
    calendar = Component("VCALENDAR", [], [*opened.calendar.children("VTIMEZONE"), bare])
    default = opened.zones.default
    moments = [instant(frame.when(key), default) for key in keys]
    found = occurrences(calendar, min(moments), shift(max(moments), timedelta(seconds=1)), default_zone=default)
    return {frame.local(one.local_start) for one in found}
