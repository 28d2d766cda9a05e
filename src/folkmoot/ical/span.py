"""When a component takes place: its start, its length, and whether that meets a time range (RFC 4791 section 9.9)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Final

from folkmoot.ical.component import Component
from folkmoot.ical.values import Duration, Floating, When, add, instant, is_day, parse_duration
from folkmoot.ical.zones import Zones

ONE_DAY: Final = Duration(1)
NOTHING: Final = Duration(0)


class Ending(Enum):
    """What a component says about its end, on which the rules of time ranges depend."""

    DTEND = 1
    DURATION = 2
    DUE = 3
    DUE_ONLY = 4  # a task that has no start: it "starts" when it is due
    NONE = 5


@dataclass(frozen=True, slots=True)
class Span:
    """Start and length of one component as it stands, before any recurrence."""

    kind: str
    start: When
    length: Duration
    ending: Ending

    @property
    def all_day(self) -> bool:
        return is_day(self.start)

    @property
    def floating(self) -> bool:
        return isinstance(self.start, Floating)

    def end_of(self, start: When) -> When:
        """Return when an occurrence that starts then is over."""
        return start if self.length == NOTHING else add(start, self.length)

    def meets(self, start: datetime, end: datetime, window_start: datetime, window_end: datetime) -> bool:
        """Whether an occurrence from start to end lies in a window, by the table for its kind; all in UTC."""
        if self.kind == "VTODO":
            return self._task_meets(start, end, window_start, window_end)
        if start == end:
            return window_start <= start < window_end
        return window_start < end and window_end > start

    def _task_meets(self, start: datetime, end: datetime, window_start: datetime, window_end: datetime) -> bool:
        match self.ending:
            case Ending.DUE_ONLY:
                return window_start < end and window_end >= end
            case Ending.DUE:
                return (window_start < end or window_start <= start) and (window_end > start or window_end >= end)
            case Ending.DURATION:
                return window_start <= end and (window_end > start or window_end >= end)
            case _:
                return window_start <= start < window_end


def span_of(component: Component, zones: Zones) -> Span | None:
    """Return when a component takes place, or ``None`` if it does not say.

    Raises:
        MalformedInput: a date, time or duration cannot be read.
    """
    kind = component.name
    starts = component.get("DTSTART")
    if starts is None:
        if kind != "VTODO":
            return None
        due = component.get("DUE")
        return None if due is None else Span(kind, zones.when(due), NOTHING, Ending.DUE_ONLY)
    start = zones.when(starts)
    whole_day = is_day(start)
    if kind == "VJOURNAL":
        return Span(kind, start, ONE_DAY if whole_day else NOTHING, Ending.NONE)
    ends = component.get("DUE" if kind == "VTODO" else "DTEND")
    if ends is not None:
        length = between(start, zones.when(ends), zones)
        ending = Ending.DUE if kind == "VTODO" else Ending.DTEND
    else:
        lasts = component.get("DURATION")
        if lasts is None:
            event_day = whole_day and kind != "VTODO"
            return Span(kind, start, ONE_DAY if event_day else NOTHING, Ending.NONE)
        length, ending = parse_duration(lasts.value), Ending.DURATION
    if length.exact < timedelta():
        length = NOTHING
    if whole_day and kind == "VEVENT" and length.exact < ONE_DAY.exact:  # old Outlook: DTEND is DTSTART
        length = ONE_DAY
    return Span(kind, start, length, ending)


def between(start: When, end: When, zones: Zones) -> Duration:
    """Return the length from start to end: days between days, else seconds that really pass."""
    if isinstance(start, Floating) and isinstance(end, Floating):
        return Duration(0, _seconds(end.wall - start.wall))
    if is_day(start):
        return Duration((day_of(end) - day_of(start)).days)
    return Duration(0, _seconds(instant(end, zones.default) - instant(start, zones.default)))


def day_of(when: When) -> date:
    """Return the calendar day of a value, on its own clock."""
    if isinstance(when, Floating):
        return when.wall.date()
    return when.date() if isinstance(when, datetime) else when


def _seconds(length: timedelta) -> int:
    return length.days * 86400 + length.seconds
