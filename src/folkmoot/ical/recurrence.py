"""The occurrences of calendar components within a window of time (RFC 5545 section 3.8.5).

Rules count on the clock of DTSTART's zone; overrides, EXDATE and RDATE are matched by instant, as
clients write them in whatever zone they like.  A time that the clocks skip is read on the clock
before the change, a time that comes twice is the first of the two (RFC 5545 section 3.3.5).
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from folkmoot.ical.component import Component
from folkmoot.ical.recur import Recur
from folkmoot.ical.rule import CANDIDATES_MAX, expand
from folkmoot.ical.series import Key, Override, Series, series_of, wall_of
from folkmoot.ical.span import Span, day_of
from folkmoot.ical.values import (
    FIRST,
    LAST,
    Floating,
    When,
    in_zone,
    instant,
    shift,
    shift_day,
)
from folkmoot.ical.zones import Zones

_SLACK: Final = timedelta(days=2)  # no two zones' clocks are further apart


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One computed instance.

    ``start`` and ``end`` are in UTC, ``end`` not included; days and floating times were read in
    the default zone.  ``local_start`` and ``local_end`` are the same as the component's own kind
    of value.  ``recurrence_id`` is ``None`` for what does not recur.
    """

    component: Component
    recurrence_id: When | None
    start: datetime
    end: datetime
    local_start: When
    local_end: When
    all_day: bool
    floating: bool


def occurrences(
    calendar: Component,
    start: datetime = FIRST,
    end: datetime = LAST,
    *,
    default_zone: tzinfo,
    limit: int = CANDIDATES_MAX,
) -> list[Occurrence]:
    """Return the occurrences of all VEVENT, VTODO and VJOURNAL that meet a window, by start.

    Meeting is as in RFC 4791 section 9.9; components without any date are left out.  At most
    ``limit`` candidates of each series are looked at, beginning a little before the window.

    Raises:
        MalformedInput: a date, time, duration or rule cannot be read.
    """
    zones = Zones(calendar, default_zone)
    found: list[Occurrence] = []
    for series in series_of(calendar, zones):
        found.extend(expand_series(series, start, end, limit=limit))
    found.sort(key=lambda occurrence: (occurrence.start, occurrence.end))
    return found


def expand_series(
    series: Series, start: datetime, end: datetime, *, limit: int = CANDIDATES_MAX
) -> Iterator[Occurrence]:
    """Yield the occurrences of one series that meet a window, in no particular order."""
    replaced = {series.key(override.recurrence_id): override for override in series.overrides}
    for override in replaced.values():
        if override.span is not None:
            occurrence = _occurrence(override.component, override.recurrence_id, override.span, series)
            if _meets(override.span, occurrence, start, end):
                yield occurrence
    if series.master is None or series.span is None:
        return
    if not series.recurs:
        if not replaced or series.key(series.span.start) not in replaced:
            single = _occurrence(series.master, None, series.span, series)
            if _meets(series.span, single, start, end) and not _is_excluded(series, series.span.start):
                yield single
        return
    yield from _expand_master(series, replaced, start, end, limit)


def _expand_master(
    series: Series, replaced: dict[Key, Override], start: datetime, end: datetime, limit: int
) -> Iterator[Occurrence]:
    assert series.master is not None  # noqa: S101  # the caller looked
    assert series.span is not None  # noqa: S101
    futures = _Futures(series)
    margin = max(abs(series.span.length.exact), futures.length) + futures.move + _SLACK
    after = _wall_in(shift(start, -margin), series)
    before = _wall_in(shift(end, futures.move + _SLACK), series)
    days_replaced = {
        day_of(override.recurrence_id)
        for override in series.overrides
        if not series.span.all_day and not isinstance(override.recurrence_id, (datetime, Floating))
    }
    for candidate, own_end in _candidates(series, after, before, limit):
        key = series.key(candidate)
        if key in replaced or (days_replaced and day_of(candidate) in days_replaced):
            continue
        component, span, when = futures.apply(key, candidate)
        occurrence = _occurrence(component, candidate, span, series, starts=when, ends=own_end)
        if _meets(span, occurrence, start, end):
            yield occurrence


def _candidates(series: Series, after: datetime, before: datetime, limit: int) -> Iterator[tuple[When, When | None]]:
    """Yield the starts of the recurrence set, without those left out; not by time."""
    keys, days = series.excluded()
    for rule in series.excluding:
        keys.update(series.key(when) for when in _of_rule(series, rule, after, before, limit))
    seen: set[Key] = set()
    left = limit
    for when, own_end in _included(series, after, before, limit):
        key = series.key(when)
        if key in seen:
            continue
        seen.add(key)
        left -= 1
        if left < 0:
            return
        if key not in keys and not (days and day_of(_on_clock(series, when)) in days):
            yield when, own_end


def _included(series: Series, after: datetime, before: datetime, limit: int) -> Iterator[tuple[When, When | None]]:
    assert series.span is not None  # noqa: S101  # the caller looked
    for when, own_end in series.added():
        on_clock = wall_of(_on_clock(series, when))
        if own_end is not None or after <= on_clock < before:
            yield when, own_end
    if not series.rules and after <= series.wall < before:
        yield series.span.start, None
    for rule in series.rules:
        for when in _of_rule(series, rule, after, before, limit):
            yield when, None


def _of_rule(series: Series, rule: Recur, after: datetime, before: datetime, limit: int) -> Iterator[When]:
    until = series.until(rule)
    stop = before if until is None else min(before, until)
    if until is not None and until <= series.wall:  # the start counts whatever the rule says
        if series.wall < before:
            yield series.at(series.wall)
        return
    for wall in expand(rule, series.wall, after=after, before=stop, candidates_max=limit):
        yield series.at(wall)


def _occurrence(
    component: Component,
    recurrence_id: When | None,
    span: Span,
    series: Series,
    *,
    starts: When | None = None,
    ends: When | None = None,
) -> Occurrence:
    zone = series.zones.default
    local_start = span.start if starts is None else starts
    local_end = span.end_of(local_start) if ends is None else ends
    start = instant(local_start, zone)
    return Occurrence(
        component,
        recurrence_id,
        start,
        max(start, instant(local_end, zone)),
        local_start,
        local_end,
        span.all_day,
        span.floating,
    )


def _meets(span: Span, occurrence: Occurrence, start: datetime, end: datetime) -> bool:
    return span.meets(occurrence.start, occurrence.end, start, end)


def _is_excluded(series: Series, when: When) -> bool:
    if series.master is None or series.master.get("EXDATE") is None:
        return False
    keys, days = series.excluded()
    return series.key(when) in keys or day_of(when) in days


def _on_clock(series: Series, when: When) -> When:
    """Return a value read on the clock of the series, so that days can be compared."""
    return in_zone(when, series.zone) if isinstance(when, datetime) else when


def _wall_in(when: datetime, series: Series) -> datetime:
    return in_zone(when, series.zone).replace(tzinfo=None)


class _Futures:
    """The overrides that change all later occurrences too (RFC 5545 section 3.2.13)."""

    def __init__(self, series: Series) -> None:
        self._series = series
        chosen = [override for override in series.overrides if override.this_and_future and override.span]
        self._sorted = sorted(
            ((series.key(override.recurrence_id), override) for override in chosen), key=lambda pair: pair[0]
        )
        self._keys = [key for key, _ in self._sorted]
        self.move = timedelta()
        self.length = timedelta()
        for override in chosen:
            assert override.span is not None  # noqa: S101  # chosen for it
            zone = series.zones.default
            moved = instant(override.span.start, zone) - instant(override.recurrence_id, zone)
            self.move = max(self.move, abs(moved))
            self.length = max(self.length, abs(override.span.length.exact))

    def apply(self, key: Key, candidate: When) -> tuple[Component, Span, When]:
        """Return component, span and start of an occurrence after the last override that reaches it."""
        assert self._series.master is not None  # noqa: S101  # asked only for occurrences of one
        assert self._series.span is not None  # noqa: S101
        place = bisect_right(self._keys, key) - 1 if self._keys else -1
        if place < 0:
            return self._series.master, self._series.span, candidate
        override = self._sorted[place][1]
        assert override.span is not None  # noqa: S101  # chosen for it
        return override.component, override.span, _moved(candidate, override.recurrence_id, override.span.start)


def _moved(candidate: When, recurrence_id: When, start: When) -> When:
    """Move a candidate as far as an override moved its own occurrence, by the clock of its new start."""
    if isinstance(start, date) and not isinstance(start, datetime):
        days = (start - day_of(recurrence_id)).days
        return shift_day(day_of(candidate), days)
    zone = start.tzinfo if isinstance(start, datetime) else None
    move = wall_of(start) - wall_of(_in(recurrence_id, zone))
    wall = shift(wall_of(_in(candidate, zone)), move)
    return Floating(wall) if zone is None else wall.replace(tzinfo=zone)


def _in(when: When, zone: tzinfo | None) -> When:
    return in_zone(when, zone) if isinstance(when, datetime) and zone is not None else when
