"""When the e-mail alarms of a calendar object go off: over recurrence, overrides, repetitions (RFC 5545 section 3.6.6).

Pure.  An alarm that somebody has acknowledged does not go off any more, neither do those of what is cancelled or
done.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from folkmoot.core.errors import MalformedInput
from folkmoot.ical.alarms import is_absolute, repetition, trigger_time
from folkmoot.ical.component import Component
from folkmoot.ical.recurrence import Occurrence, occurrences
from folkmoot.ical.span import span_of
from folkmoot.ical.values import When, instant, parse_duration, parse_when, shift
from folkmoot.ical.zones import Zones

ALARMS_MAX: Final = 20  # e-mail alarms of one component that count; people set one or two
REPEATS_MAX: Final = 10  # mails of one alarm for one occurrence, beside the first
REPEAT_MINIMUM: Final = timedelta(minutes=1)
RINGS_MAX: Final = 1000  # of one look; whoever has more gets the first
CANDIDATES_MAX: Final = 2000  # occurrences that one look goes through: a rule by the minute shall not cost seconds
# How far ahead the next one is looked for: most are near, and looking far costs.  Nothing rings after the last.
HORIZONS: Final = (timedelta(days=8), timedelta(days=100), timedelta(days=1100), timedelta(days=11_000))
_ONE_SECOND: Final = timedelta(seconds=1)
_TELLING: Final = frozenset({"VEVENT", "VTODO"})


@dataclass(frozen=True, slots=True)
class Ring:
    """One time at which an e-mail alarm goes off; ``at`` is in UTC."""

    at: datetime
    alarm: Component
    component: Component  # master or override
    starts: When | None  # of the occurrence; None for a task without dates
    ends: When | None
    instance: str  # names the occurrence among those of its object, whatever form clients give it


def rings(calendar: Component, after: datetime, until: datetime, *, default_zone: tzinfo) -> list[Ring]:
    """Return what goes off later than ``after`` and not later than ``until``, by time.

    Raises:
        MalformedInput: a date, time, duration or rule cannot be read.
    """
    armed = {id(component): alarms for component in calendar.components if (alarms := _email_alarms(component))}
    if not armed:
        return []
    zones = Zones(calendar, default_zone)
    found: dict[tuple[str, datetime, int], Ring] = {}
    for ring in (*_absolute(calendar, armed, zones), *_relative(calendar, armed, zones, after, until)):
        if len(found) >= RINGS_MAX:
            break
        if after < ring.at <= until and not _acknowledged(ring, calendar):
            found[ring.instance, ring.at, id(ring.alarm)] = ring
    return sorted(found.values(), key=lambda ring: ring.at)


def next_ring(calendar: Component, after: datetime, *, default_zone: tzinfo) -> datetime | None:
    """Return when the next e-mail alarm goes off later than ``after``, in UTC; None if there is none in 30 years.

    Raises:
        MalformedInput: a date, time, duration or rule cannot be read.
    """
    start = after
    for horizon in HORIZONS:
        end = shift(after, horizon)
        found = rings(calendar, start, end, default_zone=default_zone)
        if found:
            return found[0].at
        start = end
    return None


def _email_alarms(component: Component) -> list[Component]:
    if component.name not in _TELLING or _is_over(component):
        return []
    alarms = [a for a in component.children("VALARM") if (a.text("ACTION") or "").strip().upper() == "EMAIL"]
    return alarms[:ALARMS_MAX]


def _is_over(component: Component) -> bool:
    status = (component.text("STATUS") or "").strip().upper()
    return status in {"CANCELLED", "COMPLETED"} or component.get("COMPLETED") is not None


def _relative(
    calendar: Component, armed: dict[int, list[Component]], zones: Zones, after: datetime, until: datetime
) -> Iterator[Ring]:
    reach = [_reach(alarm) for alarms in armed.values() for alarm in alarms if _offset(alarm) is not None]
    if not reach:
        return
    # An occurrence rings between its start or end plus the smallest distance, and plus the greatest.
    start = shift(after, -max(last for _, last in reach) - _ONE_SECOND)
    end = shift(until, _ONE_SECOND - min(first for first, _ in reach))
    for occurrence in occurrences(calendar, start, end, default_zone=zones.default, limit=CANDIDATES_MAX):
        for alarm in armed.get(id(occurrence.component), ()):
            if _offset(alarm) is None:
                continue
            first = trigger_time(alarm, occurrence, zones)
            if first is not None:
                yield from _repeated(alarm, first, occurrence)


def _repeated(alarm: Component, first: datetime, occurrence: Occurrence) -> Iterator[Ring]:
    step, repeats = _mails(alarm)
    begins = instant(occurrence.recurrence_id or occurrence.local_start, UTC)
    for count in range(repeats + 1):
        yield Ring(
            shift(first, step * count),
            alarm,
            occurrence.component,
            occurrence.local_start,
            occurrence.local_end,
            begins.isoformat(),
        )


def _absolute(calendar: Component, armed: dict[int, list[Component]], zones: Zones) -> Iterator[Ring]:
    """Yield the rings of alarms that name a time: once for their component, whatever recurs."""
    for component in calendar.components:
        for alarm in armed.get(id(component), ()):
            trigger = alarm.get("TRIGGER")
            if trigger is None or not is_absolute(trigger.value):
                continue
            first = instant(zones.when(trigger), zones.default)
            span = span_of(component, zones)
            starts = span.start if span else None
            ends = span.end_of(span.start) if span else None
            named = component.get("RECURRENCE-ID")
            begins = zones.when(named) if named else starts
            instance = "" if begins is None else instant(begins, UTC).isoformat()
            step, repeats = _mails(alarm)
            for count in range(repeats + 1):
                yield Ring(shift(first, step * count), alarm, component, starts, ends, instance)


def _offset(alarm: Component) -> timedelta | None:
    trigger = alarm.get("TRIGGER")
    if trigger is None or is_absolute(trigger.value):
        return None
    try:
        return parse_duration(trigger.value).exact
    except MalformedInput:
        return None


def _reach(alarm: Component) -> tuple[timedelta, timedelta]:
    """Return the first and the last distance from start or end at which an alarm goes off."""
    first = _offset(alarm) or timedelta()
    step, repeats = _mails(alarm)
    return first, first + step * repeats


def _mails(alarm: Component) -> tuple[timedelta, int]:
    step, repeats = repetition(alarm)
    return (step, min(repeats, REPEATS_MAX)) if step >= REPEAT_MINIMUM else (timedelta(), 0)


def _acknowledged(ring: Ring, calendar: Component) -> bool:
    """Whether somebody has seen to it: ACKNOWLEDGED (RFC 9074 section 6), or Thunderbird's mark."""
    marks = [line.value for line in ring.alarm.all("ACKNOWLEDGED")[:1]]
    # Thunderbird marks the master even where it shows an override.
    for component in _same_uid(calendar, ring.component):
        marks += [line.value for line in component.all("X-MOZ-LASTACK")[:1]]
    return any(ring.at <= mark for mark in map(_moment, marks))


def _same_uid(calendar: Component, component: Component) -> Sequence[Component]:
    if component.get("RECURRENCE-ID") is None:
        return (component,)
    masters = [c for c in calendar.components if c.name == component.name and c.get("RECURRENCE-ID") is None]
    return (component, *masters[:1])


def _moment(text: str) -> datetime:
    try:
        return instant(parse_when(text.strip()), UTC)
    except MalformedInput:
        return datetime.min.replace(tzinfo=UTC)
