"""When the occurrences of one object are, over some years, so that each further month costs no expansion."""

from array import array
from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, Self

from folkmoot.ical import Component, occurrences
from folkmoot.ical.values import FIRST, LAST

HORIZON: Final = timedelta(days=400)  # to each side of the window that is asked for first: clients page by months
SPANS_MAX: Final = 2000  # occurrences kept for one object; a daily series has some 850 in the horizon


@dataclass(frozen=True, slots=True)
class Spans:
    """Occurrences of a calendar object's events that meet [``start``, ``end``), in whole seconds since 1970 UTC."""

    start: int
    end: int
    _starts: "array[int]"  # ascending
    _ends: "array[int]"
    _longest: int

    @classmethod
    def of(cls, calendar: Component, start: datetime, end: datetime, zone: tzinfo) -> Self | None:
        """Expand an object around a window; None if there is too much to keep.

        Raises:
            MalformedInput: a date, time, duration or rule cannot be read.
        """
        first, last = max(_shifted(start, -HORIZON), FIRST), min(_shifted(end, HORIZON), LAST)
        found = occurrences(calendar, first, last, default_zone=zone)
        if len(found) > SPANS_MAX:
            return None
        starts = array("q", (int(o.start.timestamp()) for o in found))
        ends = array("q", (int(o.end.timestamp()) for o in found))
        longest = max((e - s for s, e in zip(starts, ends, strict=True)), default=0)
        return cls(int(first.timestamp()), int(last.timestamp()), starts, ends, longest)

    def covers(self, start: int, end: int) -> bool:
        """Whether a window lies within what was expanded."""
        return self.start <= start and end <= self.end

    def meet(self, start: int, end: int) -> bool:
        """Whether an occurrence meets a window (RFC 4791 section 9.9, VEVENT)."""
        number = bisect_left(self._starts, end)
        while number > 0:
            number -= 1
            begins, ends = self._starts[number], self._ends[number]
            if ends > start or begins == ends == start:
                return True
            if begins + self._longest < start:
                return False
        return False


def _shifted(moment: datetime, by: timedelta) -> datetime:
    try:
        return moment + by
    except OverflowError:
        return (FIRST if by < timedelta() else LAST).astimezone(UTC)
