"""What the index keeps of a calendar object: identity, extent in time, and what lists show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Final
from urllib.parse import unquote

from folkmoot.contentline import Line, unescape_text
from folkmoot.ical.component import Component
from folkmoot.ical.errors import InvalidCalendarObject
from folkmoot.ical.rule import last
from folkmoot.ical.series import Series, series_of
from folkmoot.ical.span import Span, span_of
from folkmoot.ical.values import When, instant, parse_period
from folkmoot.ical.zones import Zones

FLOATING_PADDING: Final = 14 * 3600  # seconds; no zone is further from UTC on either side
PUBLIC, PRIVATE, CONFIDENTIAL = 0, 1, 2
# What is stored for an object: the first three are of one class, the others hold occurrences of several.
CLASSIFICATIONS: Final = (
    (PUBLIC,),
    (PRIVATE,),
    (CONFIDENTIAL,),
    (PUBLIC, PRIVATE),
    (PUBLIC, CONFIDENTIAL),
    (PRIVATE, CONFIDENTIAL),
    (PUBLIC, PRIVATE, CONFIDENTIAL),
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_RECURRENCE: Final = frozenset({"RRULE", "RDATE", "EXRULE", "RECURRENCE-ID"})
_CLASSES: Final = {"PUBLIC": PUBLIC, "PRIVATE": PRIVATE, "CONFIDENTIAL": CONFIDENTIAL}


@dataclass(frozen=True, slots=True)
class Summary:
    """One calendar object.

    ``start`` and ``end`` are seconds since 1970 in UTC, ``end`` not included, and hold the master
    and every occurrence and override wherever the reader is; ``None`` is unbounded.  Only
    if ``exact`` does meeting [start, end) decide a time range on VEVENT by itself.
    ``classification`` is a place in ``CLASSIFICATIONS``.
    """

    uid: str
    component: str
    start: int | None
    end: int | None
    exact: bool
    recurring: bool
    transparent: bool
    classification: int
    status: str
    title: str
    sequence: int
    organizer: str | None
    has_alarms: bool


def summarize(calendar: Component, *, default_zone: tzinfo) -> Summary:
    """Return the summary of a calendar object; the master speaks for all, else the first override.

    Raises:
        InvalidCalendarObject: there is no component but VTIMEZONE.
        MalformedInput: a date, time, duration or rule cannot be read.
    """
    components = [component for component in calendar.components if component.name != "VTIMEZONE"]
    if not components:
        raise InvalidCalendarObject("iCalendar: the object has no component")
    main = next((one for one in components if one.get("RECURRENCE-ID") is None), components[0])
    lines = {line.name: line for line in reversed(main.properties)}
    zones = Zones(calendar, default_zone)
    plain = len(components) == 1 and lines.keys().isdisjoint(_RECURRENCE)
    if plain:
        start, end, exact = _short_extent(main, lines, zones) or _plain_extent(main, zones)
    else:
        start, end = _extent(calendar, zones)
        exact = False
    return Summary(
        uid=_text(lines.get("UID")),
        component=main.name,
        start=start,
        end=end,
        exact=exact,
        recurring=not plain,
        transparent=_word(lines.get("TRANSP")) == "TRANSPARENT",
        classification=class_of(main) if plain else _classification(main, components),
        status=_word(lines.get("STATUS")),
        title=_text(lines.get("SUMMARY")),
        sequence=_number(lines.get("SEQUENCE")),
        organizer=calendar_address(lines["ORGANIZER"].value) if "ORGANIZER" in lines else None,
        has_alarms=any(inner.name == "VALARM" for one in components for inner in one.components),
    )


def class_of(component: Component) -> int:
    """Return PUBLIC, PRIVATE or CONFIDENTIAL; what nobody knows counts as private (RFC 5545 section 3.8.1.3)."""
    return _CLASSES.get(_word(component.get("CLASS")) or "PUBLIC", PRIVATE)


def _classification(main: Component, components: Sequence[Component]) -> int:
    """Return the classes of a series; an override that names none has the master's."""
    found = {class_of(main)} | {class_of(one) for one in components if one.get("CLASS") is not None}
    return CLASSIFICATIONS.index(tuple(sorted(found)))


def calendar_address(value: str) -> str:
    """Return a CAL-ADDRESS for comparing: lower case, without ``mailto:`` and percent encoding.

    Some programs write a name into the URI, ``mailto:Anna%20%3Canna@example.org%3E``; only the address counts.
    """
    address = value.strip().lower()
    if address.startswith("mailto:"):
        address = unquote(address[7:].partition("?")[0]).strip()
        if address.endswith(">"):
            address = address[:-1].rpartition("<")[2].strip()
    return address


def _short_extent(component: Component, lines: dict[str, Line], zones: Zones) -> tuple[int, int, bool] | None:
    """Return the extent of an event from one time to another, which nearly all are, without ado."""
    starts, ends = lines.get("DTSTART"), lines.get("DTEND")
    if starts is None or ends is None or component.name != "VEVENT" or "EXDATE" in lines:
        return None
    start, end = zones.when(starts), zones.when(ends)
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        return None
    first, final = _epoch(start), _epoch(end)
    return first, max(final, first + 1), True


def _plain_extent(component: Component, zones: Zones) -> tuple[int | None, int | None, bool]:
    if component.name == "VFREEBUSY":
        return *_freebusy_extent(component, zones), False
    span = span_of(component, zones)
    if span is None:
        return None, None, False
    absolute = isinstance(span.start, datetime)
    start, end = _seconds_of(span, span.start, zones)
    exact = absolute and component.name == "VEVENT" and component.get("EXDATE") is None
    return start, end, exact


def _freebusy_extent(component: Component, zones: Zones) -> tuple[int | None, int | None]:
    moments = [zones.when(line) for name in ("DTSTART", "DTEND") for line in component.all(name)]
    for line in component.all("FREEBUSY"):
        for value in line.value.split(","):
            period = parse_period(value)
            moments += [period.start, period.end]
    if not moments:
        return None, None
    seconds = [_epoch(instant(when, zones.default)) for when in moments]
    return min(seconds) - FLOATING_PADDING, max(seconds) + FLOATING_PADDING


def _extent(calendar: Component, zones: Zones) -> tuple[int | None, int | None]:
    starts: list[int] = []
    ends: list[int | None] = []
    for series in series_of(calendar, zones):
        if series.master is not None and series.span is None:
            return None, None
        reach = _reach(series, zones)
        for start, end in _bounds(series, zones):
            starts.append(start - reach)
            ends.append(None if end is None else end + reach)
    if not starts:
        return None, None
    known = [end for end in ends if end is not None]
    return min(starts), max(known) if len(known) == len(ends) else None


def _bounds(series: Series, zones: Zones) -> list[tuple[int, int | None]]:
    """Return extents that together hold all of a series."""
    bounds: list[tuple[int, int | None]] = []
    spans = [override.span for override in series.overrides if override.span is not None]
    bounds.extend(_seconds_of(span, span.start, zones) for span in spans)
    if series.span is None:
        return bounds
    first = _seconds_of(series.span, series.span.start, zones)
    bounds.append(first)
    for rule in series.rules:
        final = last(rule, series.wall, before=series.until(rule))
        if final is None:
            bounds.append((first[0], None))
        else:
            bounds.append(_seconds_of(series.span, series.at(final), zones))
    for start, own_end in series.added():
        begins, ends = _seconds_of(series.span, start, zones)
        if own_end is not None:
            ends = max(ends, _epoch(instant(own_end, zones.default)) + FLOATING_PADDING)
        bounds.append((begins, ends))
    return bounds


def _reach(series: Series, zones: Zones) -> int:
    """Return how far an override for this and all future occurrences may carry them, in seconds."""
    reach = 0
    for override in series.overrides:
        if override.this_and_future and override.span is not None:
            moved = instant(override.span.start, zones.default) - instant(override.recurrence_id, zones.default)
            reach = max(reach, abs(int(moved.total_seconds())) + int(override.span.length.exact.total_seconds()))
    return reach + 2 * 86400 if reach else 0


def _seconds_of(span: Span, start: When, zones: Zones) -> tuple[int, int]:
    begins = instant(start, zones.default)
    ends = max(begins, instant(span.end_of(start), zones.default))
    first, final = _epoch(begins), _epoch(ends)
    if not isinstance(start, datetime):
        first, final = first - FLOATING_PADDING * 2, final + FLOATING_PADDING * 2
    if span.kind == "VTODO":  # tasks meet a window that ends as they begin (RFC 4791 section 9.9)
        return first - 1, final + 1
    return first, final if final > first else first + 1


def _epoch(when: datetime) -> int:
    difference = when - _EPOCH
    return difference.days * 86400 + difference.seconds


def _text(line: Line | None) -> str:
    return "" if line is None else unescape_text(line.value)


def _word(line: Line | None) -> str:
    return "" if line is None else line.value.strip().upper()


def _number(line: Line | None) -> int:
    text = "" if line is None else line.value.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0  # noqa: PLR2004
