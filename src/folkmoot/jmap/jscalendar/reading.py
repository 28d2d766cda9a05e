"""iCalendar to JSCalendar: one component, and a whole object with its overrides (RFC 8984 section 4.3)."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final

from folkmoot.core.errors import MalformedInput, Unsupported
from folkmoot.ical import Component, Duration, Floating, Line, When, Zones, add, instant, parse_duration, parse_period
from folkmoot.ical.series import LISTED_MAX
from folkmoot.ical.span import between
from folkmoot.jmap.jscalendar import alerts, links, people_writing, places, plain, relations, rules, when, wording
from folkmoot.jmap.jscalendar.checks import duration_text
from folkmoot.jmap.jscalendar.extras import CARRIER, read_extras
from folkmoot.jmap.jscalendar.own_zones import read_zones
from folkmoot.jmap.jscalendar.pointers import difference, steps_of
from folkmoot.jmap.jscalendar.schema import ONCE_ONLY
from folkmoot.jmap.jscalendar.source import KINDS, Mapped, Source
from folkmoot.jmap.jscalendar.times import Frame, frame_of, utc_text

END_LOCATION: Final = "endTimeZone"
"""Id of the location that says in which time zone an event ends, if no other one does."""

_SHARED: Final = (
    *plain.COMMON,
    wording.DESCRIPTION,
    wording.KEYWORDS,
    wording.CATEGORIES,
    places.LOCATIONS,
    places.VIRTUAL,
    links.LINKS,
    people_writing.PEOPLE,
    relations.RELATIONS,
    *rules.RULES,
    alerts.ALERTS,
)
MAPPED: Final[dict[str, tuple[Mapped, ...]]] = {
    "Event": (when.EVENT, *plain.EVENT, *_SHARED),
    "Task": (when.TASK, *plain.TASK, *_SHARED),
}
_BY_CARRIER: Final = {
    kind: {carrier: mapped for mapped in mappings for carrier in mapped.carriers} for kind, mappings in MAPPED.items()
}
OWN_OF_COMPONENTS: Final = frozenset({"created", "updated", "sequence"})
"""What each component says for itself, and no override tells of."""

_UNTOLD: Final = ONCE_ONLY | OWN_OF_COMPONENTS

COMPUTED: Final = frozenset({"utcStart", "utcEnd"})
"""Shown only if asked for (JMAP Calendars draft, section 5.1.1)."""


def read_component(
    component: Component, zones: Zones, wanted: frozenset[str] | None = None, *, extras: bool = True
) -> dict[str, Any]:
    """Return the Event or Task that one component is, without anything about its series but its rules.

    Raises:
        MalformedInput: an event without DTSTART, or a start, end or rule that cannot be read.
    """
    kind = KINDS[component.name]
    found: dict[str, Any] = {"@type": kind}
    source = Source(component, zones)
    by_carrier = _BY_CARRIER[kind]
    done: list[Mapped] = []
    for carriers in (source.lines, source.parts):
        for carrier in carriers:
            mapped = by_carrier.get(carrier)
            if mapped is None or mapped in done or (wanted is not None and wanted.isdisjoint(mapped.names)):
                continue
            done.append(mapped)
            mapped.read(source, found)
    if kind == "Event" and "DTSTART" not in source.lines and (wanted is None or "start" in wanted):
        raise MalformedInput("iCalendar: an event without DTSTART")
    if extras and CARRIER in source.lines:
        read_extras(source, kind, found, wanted)
    if "DTEND" in source.lines and (wanted is None or "locations" in wanted):
        _say_end_zone(source, found)
    return found if wanted is None else {name: found[name] for name in found if name in wanted or name == "@type"}


def _say_end_zone(source: Source, found: dict[str, Any]) -> None:
    name = when.read_end_zone(source)
    if name is None:
        return
    locations = found.setdefault("locations", {})
    for key, location in locations.items():
        if location.get("relativeTo") == "end" and "timeZone" in location:
            locations[key] = {**location, "timeZone": name}
            return
    locations[END_LOCATION] = {
        "@type": "Location", **locations.get(END_LOCATION, {}), "relativeTo": "end", "timeZone": name
    }  # fmt: skip


@dataclass(slots=True)
class Opened:
    """An object taken apart: the component that stands for the series, the overrides by their recurrence ids.

    Without a master the first override is the base: somebody was invited to some occurrences only.
    """

    calendar: Component
    zones: Zones
    base: Component
    overrides: dict[str, Component]
    alone: bool
    _frame: Frame | None = None

    @property
    def frame(self) -> Frame:
        """The clock that recurrence ids are on."""
        if self._frame is None:
            self._frame = self.frame_now()
        return self._frame

    def frame_now(self) -> Frame:
        """Return the clock that recurrence ids are on, now that the base may have been written."""
        if self.alone and self.base.get("RECURRENCE-ID") is not None:
            return frame_of(self.zones.when(_recurrence_line(self.base)), self.zones.default)
        return Source(self.base, self.zones).frame

    @property
    def kind(self) -> str:
        """Event or Task."""
        return KINDS[self.base.name]


def opened(calendar: Component, default_zone: tzinfo) -> Opened:
    """Take an object apart.

    Raises:
        Unsupported: it has neither an event nor a task.
        MalformedInput: a date or time cannot be read.
    """
    zones = Zones(calendar, default_zone)
    components = [component for component in calendar.components if component.name in KINDS]
    if not components:
        raise Unsupported("JSCalendar has events and tasks only")
    master = next((component for component in components if component.get("RECURRENCE-ID") is None), None)
    base = master or components[0]
    whole = Opened(calendar, zones, base, {}, alone=master is None)
    for component in components:
        if component is not base and component.name == base.name and component.get("RECURRENCE-ID") is not None:
            whole.overrides.setdefault(recurrence_key(component, whole), component)
    return whole


def _recurrence_line(component: Component) -> Line:
    line = component.get("RECURRENCE-ID")
    assert line is not None  # noqa: S101  # the caller looked
    return line


def recurrence_key(component: Component, whole: Opened) -> str:
    """Return the recurrence id of an override on the clock of its series."""
    return _key(whole.zones.when(_recurrence_line(component)), whole)


def _key(at: When, whole: Opened) -> str:
    """Return the recurrence id that a value means; a day in a series of times means that day's occurrence."""
    frame = whole.frame
    if not isinstance(at, datetime | Floating) and not frame.all_day:
        start = Source(whole.base, whole.zones).start
        if start is not None:
            return at.isoformat() + frame.local(start)[10:]
    return frame.local(at)


def listed(opened_: Opened, carrier: str) -> Iterator[tuple[Line, str, str]]:
    """Yield each value of EXDATE or RDATE: its line, its text, and the recurrence id that it means.

    Raises:
        MalformedInput: no date or time.
    """
    left = LISTED_MAX
    for line in opened_.base.all(carrier):
        for value in line.value.split(",")[:left]:
            text = value.strip()
            if text:
                left -= 1
                at = opened_.zones.when_of(line, text.partition("/")[0])
                yield line, text, _key(at, opened_)


def read_overrides(opened_: Opened, base: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return ``recurrenceOverrides``, given the object of the base with all its properties."""
    overrides: dict[str, dict[str, Any]] = {}
    start = base.get("start")
    for line, value, key in listed(opened_, "RDATE"):
        if key != start:
            overrides[key] = _period(opened_, line, value) if "/" in value else {}
    for _, _, key in listed(opened_, "EXDATE"):
        overrides[key] = {"excluded": True}
    for key, component in opened_.overrides.items():
        overrides[key] = override_of(base, key, read_component(component, opened_.zones))
    return overrides


def _period(opened_: Opened, line: Line, value: str) -> dict[str, Any]:
    period = parse_period(value, opened_.zones.zone_of(line))
    seconds = between(period.start, period.end, opened_.zones).seconds
    return {"duration": duration_text(Duration(0, max(seconds, 0)))}


def occurrence_base(base: dict[str, Any], key: str) -> dict[str, Any]:
    """Return the object of one occurrence as it is without an override."""
    found = {name: value for name, value in base.items() if name not in _SERIES}
    if "start" in base or "due" not in base:
        found["start"] = key
    if "due" in base:
        due, start = datetime.fromisoformat(base["due"]), datetime.fromisoformat(base.get("start", base["due"]))
        try:
            found["due"] = (datetime.fromisoformat(key) + (due - start)).isoformat()
        except OverflowError:
            found["due"] = key
    return found


_SERIES: Final = frozenset(
    {"recurrenceRules", "excludedRecurrenceRules", "recurrenceOverrides", "recurrenceId", "recurrenceIdTimeZone"}
)


def override_of(base: dict[str, Any], key: str, occurrence: dict[str, Any]) -> dict[str, Any]:
    """Return the PatchObject that makes an occurrence of the base (RFC 8984 section 4.3.5)."""
    patch = difference(occurrence_base(base, key), occurrence)
    return {pointer: value for pointer, value in patch.items() if steps_of(pointer)[0] not in _UNTOLD}


def read_object(opened_: Opened, wanted: frozenset[str] | None = None) -> dict[str, Any]:
    """Return the whole object.

    Raises:
        MalformedInput: a date, time, duration or rule cannot be read.
    """
    recurring = bool(opened_.overrides) or any(line.name in {"EXDATE", "RDATE"} for line in opened_.base.properties)
    overriding = recurring and (wanted is None or "recurrenceOverrides" in wanted)
    found = read_component(opened_.base, opened_.zones, None if overriding else wanted)
    if overriding:
        overrides = read_overrides(opened_, found)
        if overrides:
            found["recurrenceOverrides"] = overrides
    if opened_.alone:
        found["recurrenceId"] = recurrence_key(opened_.base, opened_)
        if opened_.frame.name is not None:
            found["recurrenceIdTimeZone"] = opened_.frame.name
    for name, carrier in (("prodId", "PRODID"), ("method", "METHOD")):
        text = opened_.calendar.text(carrier) if wanted is None or name in wanted else None
        if text:
            found[name] = text.lower() if name == "method" else text
    if wanted is None or "timeZones" in wanted:
        _say_zones(opened_, found)
    if wanted is not None:
        found = {name: value for name, value in found.items() if name in wanted or name == "@type"}
        if wanted & COMPUTED:
            found.update(_computed(opened_, wanted))
    return found


def _say_zones(opened_: Opened, found: dict[str, Any]) -> None:
    if not any(part.name == "VTIMEZONE" for part in opened_.calendar.components):
        return
    names = {found.get("timeZone"), found.get("recurrenceIdTimeZone"), when.end_zone(found)}
    for override in found.get("recurrenceOverrides", {}).values():
        names.add(override.get("timeZone"))
    own = {name for name in names if name is not None and name.startswith("/")}
    zones = read_zones(opened_.calendar, own) if own else {}
    if zones:
        found["timeZones"] = zones


def _computed(opened_: Opened, wanted: Collection[str]) -> dict[str, Any]:
    source = Source(opened_.base, opened_.zones)
    if source.start is None:
        return {}
    default = opened_.zones.default
    found = {"utcStart": utc_text(source.start, default)}
    if "utcEnd" in wanted:
        length = read_component(opened_.base, opened_.zones, frozenset({"duration", "estimatedDuration"}))
        text = length.get("duration", length.get("estimatedDuration", "PT0S"))
        end = add(source.start, parse_duration(text))
        found["utcEnd"] = utc_text(instant(end, default), default)
    return {name: value for name, value in found.items() if name in wanted}
