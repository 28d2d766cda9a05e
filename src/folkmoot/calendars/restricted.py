"""The restricted copy of a calendar object: when it is, and of which class, as with SOGo.

It is made of what is listed here, never by taking away from the original: a property nobody thought of stays out.
DTSTAMP, which every component must have (RFC 5545 section 3.6.1), is a function of DTSTART, so that it tells nothing.
"""

from collections.abc import Mapping
from datetime import UTC
from typing import Final

from msgspec.structs import replace

from folkmoot.collections.restricting import Viewer
from folkmoot.contentline import Line
from folkmoot.core.errors import FolkmootError
from folkmoot.ical import Component, Zones, format_utc, instant, parse
from folkmoot.ical import format as format_calendar
from folkmoot.ical.summary import CLASSIFICATIONS, CONFIDENTIAL, PRIVATE, PUBLIC, class_of
from folkmoot.store.records import ObjectMeta, StoredObject, etag_of

UNKNOWN_SIZE: Final = -1
NO_STAMP: Final = "19700101T000000Z"
SECURE: Final = "X-SOGo-Secure"  # how SOGo's clients tell a restricted copy

_DATES: Final = ("DTSTART", "DTEND", "DUE", "DURATION", "RECURRENCE-ID", "RRULE", "RDATE", "EXRULE", "EXDATE")
_PARAMETERS: Final = frozenset({"TZID", "VALUE", "RANGE"})
_ZONE_DATES: Final = ("DTSTART", "TZOFFSETFROM", "TZOFFSETTO", "RRULE", "RDATE")
# What free-busy tells of everybody; what a task's status tells is no date.
_TOLD: Final = {"TRANSP": frozenset({"TRANSPARENT"}), "STATUS": frozenset({"TENTATIVE", "CANCELLED"})}
_WORDS: Final = {"VEVENT": "event", "VTODO": "task", "VJOURNAL": "journal entry"}
_CLASS_NAMES: Final = {PUBLIC: "Public", PRIVATE: "Private", CONFIDENTIAL: "Confidential"}
_CLOSED_FIRST: Final = (PRIVATE, CONFIDENTIAL, PUBLIC)


def restricted_meta(meta: ObjectMeta, viewer: Viewer) -> ObjectMeta:
    """Return what lists tell of the copy: neither when it was made nor how long the original is."""
    classes = CLASSIFICATIONS[meta.classification]
    return replace(
        meta,
        uid=None if meta.uid is None else viewer.uid(meta.uid),
        etag=viewer.etag(meta.etag),
        size=UNKNOWN_SIZE,
        has_dead_properties=False,
        created_at=0,
        modified_at=0,
        status=meta.status if meta.component == "VEVENT" and meta.status in _TOLD["STATUS"] else "",
        title=_summary(meta.component, next(one for one in _CLOSED_FIRST if one in classes)),
        schedule_tag=None,
        participation="",
    )


def restricted(stored: StoredObject, viewer: Viewer) -> StoredObject | None:
    """Return the copy of a stored object for one viewer; None if the original cannot be read."""
    try:
        body = format_calendar(restricted_calendar(parse(stored.body), viewer)).encode()
    except FolkmootError:
        return None
    meta = restricted_meta(stored.meta, viewer)
    return StoredObject(replace(meta, size=len(body), etag=meta.etag or etag_of(body)), body, {})


def restricted_calendar(calendar: Component, viewer: Viewer) -> Component:
    """Return the copy of a calendar object; the original stays as it is.

    Raises:
        MalformedInput: a date of the original cannot be read.
    """
    zones = Zones(calendar, UTC)
    shown = [one for one in calendar.components if one.name != "VTIMEZONE"]
    master = next((one for one in shown if one.get("RECURRENCE-ID") is None), None)
    own_class = PUBLIC if master is None else class_of(master)
    copies = [_copy(one, viewer, zones, own_class if one.get("CLASS") is None else class_of(one)) for one in shown]
    named = {line.param("TZID") for copy in copies for line in copy.properties if line.has_params}
    timezones = [_zone(zone) for zone in calendar.children("VTIMEZONE") if (zone.text("TZID") or "").strip() in named]
    head = [Line("VERSION", "2.0"), *(Line("PRODID", line.value) for line in calendar.all("PRODID")[:1])]
    return Component("VCALENDAR", head, [*timezones, *copies])


def _copy(component: Component, viewer: Viewer, zones: Zones, classification: int) -> Component:
    start = component.get("DTSTART")
    stamp = NO_STAMP if start is None else format_utc(instant(zones.when(start), zones.default))
    lines = [Line("UID", viewer.uid((component.text("UID") or "").strip())), Line("DTSTAMP", stamp)]
    lines += [_dated(line) for name in _DATES for line in component.all(name)]
    lines.append(Line("SUMMARY", _summary(component.name, classification)))
    lines += _told(component)
    lines.append(Line(SECURE, "YES"))
    return Component(component.name, lines)


def _dated(line: Line) -> Line:
    kept = [parameter for parameter in line.params if parameter.name in _PARAMETERS] if line.has_params else []
    return Line(line.name, line.value, kept)


def _told(component: Component) -> list[Line]:
    if component.name != "VEVENT":
        return []
    values: Mapping[str, str] = {name: (component.text(name) or "").strip().upper() for name in _TOLD}
    return [Line(name, value) for name, value in values.items() if value in _TOLD[name]]


def _summary(component: str, classification: int) -> str:
    return f"({_CLASS_NAMES[classification]} {_WORDS.get(component, 'entry')})"


def _zone(zone: Component) -> Component:
    observances = [
        Component(one.name, [_dated(line) for name in _ZONE_DATES for line in one.all(name)])
        for one in zone.components
        if one.name in {"STANDARD", "DAYLIGHT"}
    ]
    return Component("VTIMEZONE", [Line("TZID", line.value) for line in zone.all("TZID")[:1]], observances)
