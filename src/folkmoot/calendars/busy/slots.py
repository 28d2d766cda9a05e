"""Finding a time at which several people can meet: pure, from when each is busy and when each works."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from folkmoot.core.errors import MalformedInput
from folkmoot.ical import BusyPeriod
from folkmoot.ical.freebusy import TENTATIVE

SLOTS_MAX: Final = 50  # given at once; nobody reads more
STEPS_MAX: Final = 20_000  # candidates looked at: half a year by quarters of an hour
STEP_MIN: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Slot:
    """A time in UTC at which all who are required are free."""

    start: datetime
    end: datetime
    busy: Sequence[str] = ()  # those of the optional people who are not free
    tentative: Sequence[str] = ()  # who may have something else, required or not


def common_slots(
    busy: Mapping[str, Sequence[BusyPeriod]],
    duration: timedelta,
    start: datetime,
    end: datetime,
    *,
    optional: Iterable[str] = (),
    hours: Sequence[tuple[datetime, datetime]] | None = None,
    step: timedelta = timedelta(minutes=15),
    limit: int = 10,
) -> list[Slot]:
    """Return times for a meeting of ``duration`` within a window, the best first.

    ``busy`` holds everybody's busy periods, ``hours`` the time to stay within (None is all of it), by start and
    without overlaps.  Required people must be free, or busy only tentatively; a slot with fewer optional people busy
    is better, then one with fewer tentative, then an earlier one.  Slots start on multiples of ``step`` after the
    start of an hour span, and do not overlap one another.

    Raises:
        MalformedInput: no duration, a step below ``STEP_MIN``, or a window that ends before it starts.
    """
    if duration <= timedelta() or step < STEP_MIN or start >= end:
        raise MalformedInput("a slot needs a duration, a step of some minutes, and a window")
    may_miss = frozenset(optional)
    required = [name for name in busy if name not in may_miss]
    firm = {name: _firm(periods) for name, periods in busy.items()}
    loose = {name: _loose(periods) for name, periods in busy.items()}
    found: list[Slot] = []
    for begin in _candidates(hours if hours is not None else [(start, end)], duration, start, end, step):
        until = begin + duration
        if any(_taken(firm[name], begin, until) for name in required):
            continue
        missing = tuple(name for name in busy if name in may_miss and _taken(firm[name], begin, until))
        maybe = tuple(name for name in busy if name not in missing and _taken(loose[name], begin, until))
        found.append(Slot(begin, until, missing, maybe))
    return _best(found, min(limit, SLOTS_MAX))


def _candidates(
    hours: Iterable[tuple[datetime, datetime]], duration: timedelta, start: datetime, end: datetime, step: timedelta
) -> Iterable[datetime]:
    left = STEPS_MAX
    for opens, closes in hours:
        begin = opens
        if begin < start:
            begin += step * -(-(start - opens) // step)
        while begin + duration <= min(closes, end):
            if not left:
                return
            left -= 1
            yield begin
            begin += step


def _best(found: Sequence[Slot], limit: int) -> list[Slot]:
    chosen: list[Slot] = []
    for slot in sorted(found, key=lambda slot: (len(slot.busy), len(slot.tentative), slot.start)):
        if len(chosen) >= limit:
            break
        if all(slot.end <= other.start or slot.start >= other.end for other in chosen):
            chosen.append(slot)
    return chosen


def _firm(periods: Iterable[BusyPeriod]) -> list[tuple[datetime, datetime]]:
    return _joined((period.start, period.end) for period in periods if period.type != TENTATIVE)


def _loose(periods: Iterable[BusyPeriod]) -> list[tuple[datetime, datetime]]:
    return _joined((period.start, period.end) for period in periods if period.type == TENTATIVE)


def _joined(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    joined: list[tuple[datetime, datetime]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _taken(spans: Sequence[tuple[datetime, datetime]], start: datetime, end: datetime) -> bool:
    """Whether a span meets [``start``, ``end``); spans are by start and do not overlap."""
    place = bisect_left(spans, end, key=lambda span: span[0])
    return place > 0 and spans[place - 1][1] > start
