"""When the alarms of a component go off (RFC 5545 section 3.8.6, RFC 4791 section 9.9)."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from folkmoot.core.errors import MalformedInput
from folkmoot.ical.component import Component
from folkmoot.ical.recurrence import Occurrence
from folkmoot.ical.values import instant, parse_duration, shift
from folkmoot.ical.zones import Zones

REPEAT_MAX: Final = 10_000  # repetitions of one alarm that count
_ONE_SECOND: Final = timedelta(seconds=1)


def alarm_meets(
    alarm: Component,
    occurrences_between: Callable[[datetime, datetime], Iterable[Occurrence]],
    zones: Zones,
    start: datetime,
    end: datetime,
) -> bool:
    """Whether an alarm goes off, for any occurrence of its component, within [start, end) in UTC.

    An alarm whose trigger cannot be read never goes off.
    """
    step, repeats = repetition(alarm)
    for moment in _triggers(alarm, occurrences_between, zones, shift(start, -step * repeats), end):
        if start <= moment < end:
            return True
        if step and moment < start:
            skipped = -((moment - start) // step)  # repetitions until the window begins
            if skipped <= repeats and shift(moment, step * skipped) < end:
                return True
    return False


def trigger_time(alarm: Component, occurrence: Occurrence, zones: Zones) -> datetime | None:
    """Return when an alarm first goes off for an occurrence, in UTC; ``None`` if it does not say."""
    trigger = alarm.get("TRIGGER")
    if trigger is None:
        return None
    try:
        if is_absolute(trigger.value):
            return instant(zones.when(trigger), zones.default)
        offset = parse_duration(trigger.value).exact
    except MalformedInput:
        return None
    related = (trigger.param("RELATED") or "START").upper()
    return shift(occurrence.end if related == "END" else occurrence.start, offset)


def _triggers(
    alarm: Component,
    occurrences_between: Callable[[datetime, datetime], Iterable[Occurrence]],
    zones: Zones,
    start: datetime,
    end: datetime,
) -> Iterator[datetime]:
    trigger = alarm.get("TRIGGER")
    if trigger is None:
        return
    try:
        if is_absolute(trigger.value):
            yield instant(zones.when(trigger), zones.default)
            return
        offset = parse_duration(trigger.value).exact
    except MalformedInput:
        return
    for occurrence in occurrences_between(shift(start, -offset - _ONE_SECOND), shift(end, _ONE_SECOND - offset)):
        moment = trigger_time(alarm, occurrence, zones)
        if moment is not None:
            yield moment


def is_absolute(value: str) -> bool:
    """Whether a trigger names a time, not a distance from the start or the end."""
    return value.strip()[:1].isdigit()


def repetition(alarm: Component) -> tuple[timedelta, int]:
    """Return the pause between repetitions and their number; nothing unless both are given."""
    repeat, duration = alarm.get("REPEAT"), alarm.get("DURATION")
    if repeat is None or duration is None or not repeat.value.strip().isdecimal():
        return timedelta(), 0
    try:
        step = parse_duration(duration.value).exact
    except MalformedInput:
        return timedelta(), 0
    if step < _ONE_SECOND:
        return timedelta(), 0
    return min(step, timedelta(days=366)), min(int(repeat.value.strip()[:9]), REPEAT_MAX)
