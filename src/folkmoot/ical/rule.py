"""Expansion of one recurrence rule into wall clock times, bounded and able to begin far ahead.

Theory of operation.  Time is cut into periods of ``interval`` times the frequency, numbered from
the one that holds the start.  Each period gives a sorted set of candidates that depends on nothing
but its number, so a rule that began in 1601 is entered right before the window asked for.  Days
of a period are filtered by the BYxxx parts (limits and expansions of RFC 5545 section 3.3.10 come
to the same once missing parts are filled in from the start), times of day come from BYHOUR,
BYMINUTE and BYSECOND, and BYSETPOS chooses last.

A rule engine that only stops when something matches runs for minutes on a rule that never does;
here every period counts against a budget.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Final

from folkmoot.ical.days import DayFilter
from folkmoot.ical.recur import Frequency, Recur

CANDIDATES_MAX: Final = 10_000  # a daily meeting for 27 years; about 20 ms of work
BARREN_MAX: Final = {  # periods in a row without a match: several centuries, or fifty years of days passed over
    Frequency.YEARLY: 400,
    Frequency.MONTHLY: 4_800,
    Frequency.WEEKLY: 20_000,
    Frequency.DAILY: 40_000,
    Frequency.HOURLY: 20_000,
    Frequency.MINUTELY: 20_000,
    Frequency.SECONDLY: 20_000,
}
PERIODS_MAX: Final = {frequency: 5 * barren for frequency, barren in BARREN_MAX.items()}  # in all; a second of work
_SECONDS: Final = {Frequency.HOURLY: 3600, Frequency.MINUTELY: 60, Frequency.SECONDLY: 1}
_DAY: Final = 86400
_EPOCH: Final = datetime(1, 1, 1)  # noqa: DTZ001  # wall clock times have no zone here
_LAST_SECOND: Final = date.max.toordinal() * 86400 - 1


def expand(
    rule: Recur,
    start: datetime,
    *,
    after: datetime | None = None,
    before: datetime | None = None,
    candidates_max: int = CANDIDATES_MAX,
) -> Iterator[datetime]:
    """Yield the wall clock times of a rule, ascending, from ``start``, which always is the first.

    ``start`` and all results are without a zone, as the rule counts on the clock of DTSTART's zone.
    Times well before ``after`` are left out as far as that is cheap; none lies at or after
    ``before``.  COUNT counts from the start either way, UNTIL is the caller's to turn into
    ``before``.  Ends silently after ``candidates_max`` times, ``BARREN_MAX`` periods without
    any, or ``PERIODS_MAX`` periods.
    """
    if before is not None and start >= before:
        return
    count = rule.count
    if rule.scale != "GREGORIAN":
        yield start
        return
    periods = _Periods(rule, start)
    first = 0
    if after is not None and after > start:
        first = max(0, periods.number(after) - 1)
        if count is not None and first > 0:
            fixed = periods.fixed_size if first > 1 else 0
            if fixed is None:
                first = 0
            else:
                opening = sum(1 for time in periods.times(0) if time > start)
                count -= 1 + opening + (first - 1) * fixed
                if count <= 0:
                    return
    budget = candidates_max
    if first == 0:
        yield start
        budget -= 1
        if count is not None:
            count -= 1
    for time in periods.walk(first, before):
        if time <= start:
            continue
        if (before is not None and time >= before) or budget <= 0 or (count is not None and count <= 0):
            return
        yield time
        budget -= 1
        if count is not None:
            count -= 1


def last(rule: Recur, start: datetime, *, before: datetime | None = None) -> datetime | None:
    """Return the last time of a rule that ends, or ``None`` if that is too far to find out.

    With UNTIL the result may be later than the last real one, as ``before`` itself bounds it.
    """
    if rule.scale != "GREGORIAN":
        return start
    if before is not None:
        return max(start, before)
    if rule.count is None:
        return None
    periods = _Periods(rule, start)
    fixed = periods.fixed_size
    if fixed:
        opening = 1 + sum(1 for time in periods.times(0) if time > start)
        more = max(0, rule.count - opening)
        return periods.end_of(-(-more // fixed))
    if rule.count > CANDIDATES_MAX:
        return None
    times = list(islice(expand(rule, start), rule.count))
    return times[-1] if len(times) == rule.count else None


class _Periods:
    """The periods of one rule, by number; period 0 holds the start."""

    def __init__(self, rule: Recur, start: datetime) -> None:
        self._rule = rule = _filled_in(rule, start)
        self._start = start
        self._step = rule.interval
        self._days = DayFilter(rule)
        self._unit = _SECONDS.get(rule.frequency)
        self._clock = _clock(rule, start)
        if self._unit:
            second = int((start - _EPOCH).total_seconds())
            self._origin = second - second % self._unit
            self._step *= self._unit
        elif rule.frequency is Frequency.DAILY:
            self._origin = start.toordinal()
        elif rule.frequency is Frequency.WEEKLY:
            day = start.toordinal()
            self._origin = day - (start.weekday() - rule.week_start) % 7
            self._step *= 7
        elif rule.frequency is Frequency.MONTHLY:
            self._origin = start.year * 12 + start.month - 1
        else:
            self._origin = start.year

    def number(self, time: datetime) -> int:
        """Return the number of the period that holds a time, or the gap before it."""
        return (self._position(time) - self._origin) // self._step

    def _position(self, time: datetime) -> int:
        if self._unit:
            return int((time - _EPOCH).total_seconds())
        if self._rule.frequency is Frequency.MONTHLY:
            return time.year * 12 + time.month - 1
        return time.year if self._rule.frequency is Frequency.YEARLY else time.toordinal()

    @property
    def fixed_size(self) -> int | None:
        """How many candidates every period has, if all have the same number of them; else ``None``."""
        rule = self._rule
        if rule.frequency < Frequency.WEEKLY or rule.by_set_pos or not self._days.whole_weeks(rule):
            return None
        if self._unit and (
            rule.by_hour
            or (rule.by_minute and self._unit < 3600)  # noqa: PLR2004
            or (rule.by_second and self._unit < 60)  # noqa: PLR2004
        ):
            return None
        days = len({weekday for _, weekday in rule.by_day}) if rule.frequency is Frequency.WEEKLY else 1
        return days * len(self._clock)

    def end_of(self, number: int) -> datetime | None:
        """Return a time no candidate of the period is later than; ``None`` beyond the calendar."""
        position = self._origin + (number + 1) * self._step
        seconds = position if self._unit else (position - 1) * _DAY
        return None if seconds > _LAST_SECOND else _EPOCH + timedelta(seconds=seconds)

    def walk(self, first: int, before: datetime | None) -> Iterator[datetime]:
        """Yield the candidates of all periods from that number on, to the one that holds ``before``."""
        number = first
        final = None if before is None else self.number(before)
        barren = 0
        for _ in range(PERIODS_MAX[self._rule.frequency]):
            barren += 1
            if barren > BARREN_MAX[self._rule.frequency]:
                return
            position = self._origin + number * self._step
            if not self._in_calendar(position) or (final is not None and number > final):
                return
            if self._unit:
                skipped = self._skip(position)
                if skipped is not None:
                    number = max(number + 1, -((self._origin - skipped) // self._step))
                    continue
            for time in self.times(number):
                barren = 0
                yield time
            number += 1

    def _in_calendar(self, position: int) -> bool:
        if self._unit:
            return position <= _LAST_SECOND
        if self._rule.frequency is Frequency.YEARLY:
            return position <= date.max.year
        if self._rule.frequency is Frequency.MONTHLY:
            return position // 12 <= date.max.year
        return position <= date.max.toordinal()

    def times(self, number: int) -> Iterator[datetime]:
        """Yield the candidates of one period, ascending, those before the start included."""
        position = self._origin + number * self._step
        if self._unit:
            moments = [_EPOCH + timedelta(seconds=position)]
        else:
            moments = [datetime.fromordinal(day) for day in self._days_of(position)]
        if not self._rule.by_set_pos:
            for moment in moments:
                for clock in self._clock:
                    yield moment + clock
            return
        size = len(moments) * len(self._clock)
        chosen = {place - 1 if place > 0 else size + place for place in self._rule.by_set_pos}
        for place in sorted(chosen):
            if 0 <= place < size:
                day, clock_place = divmod(place, len(self._clock))
                yield moments[day] + self._clock[clock_place]

    def _days_of(self, position: int) -> list[int]:
        frequency = self._rule.frequency
        if frequency is Frequency.YEARLY:
            return self._days.of_year(position)
        if frequency is Frequency.MONTHLY:
            return self._days.of_month(position // 12, position % 12 + 1)
        if frequency is Frequency.WEEKLY:
            return self._days.of_span(position, 7)
        return self._days.of_span(position, 1)

    def _skip(self, position: int) -> int | None:
        """Return the second from which to look on, if the day, hour or minute is not in the rule."""
        rule = self._rule
        day, second = divmod(position, _DAY)
        if not self._days.matches(date.fromordinal(day + 1)):
            return (day + 1) * _DAY
        hour, second = divmod(second, 3600)
        if rule.by_hour and hour not in rule.by_hour:
            place = bisect_left(rule.by_hour, hour)
            return day * _DAY + (rule.by_hour[place] * 3600 if place < len(rule.by_hour) else _DAY)
        minute, second = divmod(second, 60)
        minutely = rule.frequency >= Frequency.MINUTELY
        if minutely and rule.by_minute and minute not in rule.by_minute:
            place = bisect_left(rule.by_minute, minute)
            ahead = rule.by_minute[place] if place < len(rule.by_minute) else 60
            return day * _DAY + hour * 3600 + ahead * 60
        if rule.frequency is Frequency.SECONDLY and rule.by_second and second not in rule.by_second:
            place = bisect_left(rule.by_second, second)
            return position - second + (rule.by_second[place] if place < len(rule.by_second) else 60)
        return None


def _filled_in(rule: Recur, start: datetime) -> Recur:
    """Return the rule with the parts that only the start tells (RFC 5545 section 3.3.10)."""
    by_second = tuple(sorted({min(second, 59) for second in rule.by_second}))
    rule = replace(rule, by_second=by_second) if by_second != rule.by_second else rule
    if rule.frequency > Frequency.WEEKLY or rule.by_year_day or rule.by_month_day or rule.by_day:
        return rule
    if rule.frequency is Frequency.WEEKLY or rule.by_week_no:
        return replace(rule, by_day=((0, start.weekday()),))
    months = rule.by_month or ((start.month,) if rule.frequency is Frequency.YEARLY else ())
    return replace(rule, by_month=months, by_month_day=(start.day,))


def _clock(rule: Recur, start: datetime) -> list[timedelta]:
    """Return the times of day, or of the hour or minute, that every day or period has."""
    frequency = rule.frequency
    hours = (0,) if frequency >= Frequency.HOURLY else rule.by_hour or (start.hour,)
    minutes = (0,) if frequency >= Frequency.MINUTELY else rule.by_minute or (start.minute,)
    seconds = (0,) if frequency >= Frequency.SECONDLY else rule.by_second or (start.second,)
    return [
        timedelta(hours=hour, minutes=minute, seconds=second)
        for hour in hours
        for minute in minutes
        for second in seconds
    ]
