"""What differs between two versions of a component, and how much that matters to those who take part."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import tzinfo
from typing import Final

from folkmoot.ical import Component, Recur, When, instant, parse_recur, unescape_text
from folkmoot.ical.series import RULES_MAX
from folkmoot.ical.span import span_of
from folkmoot.ical.values import Floating, is_day
from folkmoot.scheduling.instances import Parts
from folkmoot.scheduling.meeting import address_of
from folkmoot.scheduling.values import Address

ASKED_ABOUT: Final = ("SUMMARY", "LOCATION")  # beside time and recurrence: who said yes is asked again
_DATED: Final = frozenset(
    {"DTSTART", "DTEND", "DURATION", "DUE", "RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID"}
)
_BOOK_KEEPING: Final = frozenset({"UID", "DTSTAMP", "CREATED", "LAST-MODIFIED", "SEQUENCE", "REQUEST-STATUS"})
PERSONAL: Final = frozenset({"TRANSP", "CATEGORIES", "COLOR"})  # everybody has a view of this of one's own
_PEOPLE: Final = frozenset({"ORGANIZER", "ATTENDEE"})
_USUAL: Final = frozenset(
    {
        ("PRIORITY", "0"),
        ("CLASS", "PUBLIC"),
        ("STATUS", "CONFIRMED"),
        ("STATUS", "NEEDS-ACTION"),
        ("PERCENT-COMPLETE", "0"),
    }
)  # saying so and saying nothing is the same

Terms = tuple[object, ...]


def terms(component: Component, parts: Parts) -> Terms:
    """Return what an attendee agreed to: time, recurrence but for EXDATE, title and place.

    Raises:
        MalformedInput: a date, time, duration or rule cannot be read.
    """
    return (
        _when(component, parts),
        _rules(component),
        _dates(component, parts),
        *(_text(component, name) for name in ASKED_ABOUT),
    )


def only_shortened(old: Component, new: Component, parts: Parts, new_parts: Parts) -> bool:
    """Whether a series merely ends earlier, as where "this and following" goes its own way as another object."""
    before, after = terms(old, parts), terms(new, new_parts)
    if before[0] != after[0] or before[3:] != after[3:] or len(_rules(old)) != 1 or len(_rules(new)) != 1:
        return False
    (was,), (is_,) = _rules(old), _rules(new)
    if replace(was, until=None, count=None) != replace(is_, until=None, count=None) or is_.endless:
        return False
    if is_.count is not None:
        return was.endless or (was.count is not None and is_.count < was.count)
    zone = parts.series.zone
    if was.until is not None and is_.until is not None:
        return instant(is_.until, zone) <= instant(was.until, zone)
    return was.endless or was.count is not None


def content(component: Component) -> Mapping[str, tuple[str, ...]]:
    """Return what else attendees see of a component, apart from who they are; by property."""
    found: dict[str, list[str]] = {}
    for line in component.properties:
        name = line.name
        if name in _DATED or name in _BOOK_KEEPING or name in PERSONAL or name in _PEOPLE or name.startswith("X-"):
            continue
        value = _normal(line.value)
        if value and (name, value.upper()) not in _USUAL:
            found.setdefault(name, []).append(value)
    return {name: tuple(sorted(values)) for name, values in found.items()}


def people(component: Component) -> frozenset[tuple[Address, str, str]]:
    """Return who is invited, and as what."""
    return frozenset(
        (
            address_of(line),
            (line.param("ROLE") or "REQ-PARTICIPANT").upper(),
            (line.param("CUTYPE") or "INDIVIDUAL").upper(),
        )
        for line in component.all("ATTENDEE")
    )


def is_cancelled(component: Component) -> bool:
    """Whether the component says that it does not take place."""
    line = component.get("STATUS")
    return line is not None and line.value.strip().upper() == "CANCELLED"


def _when(component: Component, parts: Parts) -> Terms:
    span = span_of(component, parts.zones)
    if span is None:
        return ()
    start = span.start
    length = span.length.exact
    if isinstance(start, Floating):
        return "floating", start.wall, length, None
    if is_day(start):
        return "day", start, length, None
    recurs = component.get("RRULE") is not None or component.get("RDATE") is not None
    zone = _zone_name(start) if recurs else None  # a single time is the same in every zone
    return "time", instant(start, parts.zones.default), length, zone


def _zone_name(when: When) -> str:
    zone: tzinfo | None = getattr(when, "tzinfo", None)
    return str(getattr(zone, "key", None) or zone)


def _rules(component: Component) -> tuple[Recur, ...]:
    return tuple(parse_recur(line.value) for name in ("RRULE", "EXRULE") for line in component.all(name)[:RULES_MAX])


def _dates(component: Component, parts: Parts) -> frozenset[str]:
    found = set()
    for line in component.all("RDATE"):
        for value in line.value.split(","):
            start, _, end = value.strip().partition("/")
            if start:
                found.add(f"{instant(parts.zones.when_of(line, start), parts.zones.default)}/{end}")
    return frozenset(found)


def _text(component: Component, name: str) -> str:
    line = component.get(name)
    return "" if line is None else _normal(line.value)


def _normal(value: str) -> str:
    return " ".join(unescape_text(value).split())
