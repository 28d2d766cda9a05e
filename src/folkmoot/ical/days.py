"""Which days of a year, month or week the BYxxx parts of a rule let through."""

from calendar import isleap, monthrange
from datetime import date
from typing import Final

from folkmoot.ical.recur import Frequency, Recur

_WEEK: Final = 7
_MONTHS: Final = tuple(range(1, 13))


class DayFilter:
    """The day parts of one rule."""

    def __init__(self, rule: Recur) -> None:
        self._months = rule.by_month
        self._weeks = rule.by_week_no
        self._year_days = rule.by_year_day
        self._month_days = rule.by_month_day
        self._week_start = rule.week_start
        # An ordinal means nothing in a week, nor beside week numbers (RFC 5545 section 3.3.10).
        ordinals = rule.frequency <= Frequency.MONTHLY and not rule.by_week_no
        self._plain = frozenset(weekday for ordinal, weekday in rule.by_day if not ordinal or not ordinals)
        self._nth = frozenset((ordinal, weekday) for ordinal, weekday in rule.by_day if ordinal and ordinals)
        self._in_month = rule.frequency is Frequency.MONTHLY or bool(rule.by_month)
        self._free = not (rule.by_month or rule.by_week_no or rule.by_year_day or rule.by_month_day)

    def whole_weeks(self, rule: Recur) -> bool:
        """Whether weekdays are the only filter, and a filter of weeks only."""
        return self._free and (rule.frequency is Frequency.WEEKLY or not rule.by_day)

    def of_year(self, year: int) -> list[int]:
        """Return the ordinals of the days of a year that pass, ascending."""
        months = self._months or _MONTHS
        if self._year_days:
            length = 366 if isleap(year) else 365
            new_year = date(year, 1, 1).toordinal()
            days = {new_year + (day - 1 if day > 0 else length + day) for day in self._year_days}
            candidates = sorted(day for day in days if new_year <= day < new_year + length)
        elif self._weeks or (self._nth and not self._in_month):
            new_year = date(year, 1, 1).toordinal()
            candidates = list(range(new_year, new_year + (366 if isleap(year) else 365)))
        else:
            return [day for month in months for day in self.of_month(year, month)]
        return [day for day in candidates if self.matches(date.fromordinal(day))]

    def of_month(self, year: int, month: int) -> list[int]:
        """Return the ordinals of the days of a month that pass, ascending."""
        if self._months and month not in self._months:
            return []
        weekday, length = monthrange(year, month)
        first = date(year, month, 1).toordinal()
        if self._month_days:
            days = {day if day > 0 else length + 1 + day for day in self._month_days}
            candidates = [first + day - 1 for day in sorted(days) if 1 <= day <= length]
        elif self._plain or self._nth:
            weekdays = self._plain | {weekday for _, weekday in self._nth}
            candidates = sorted(
                day for wanted in weekdays for day in range(first + (wanted - weekday) % _WEEK, first + length, _WEEK)
            )
        else:
            candidates = list(range(first, first + length))
        return [day for day in candidates if self.matches(date.fromordinal(day))]

    def of_span(self, first: int, length: int) -> list[int]:
        """Return the ordinals that pass of some days in a row, from an ordinal on."""
        end = min(first + length, date.max.toordinal() + 1)
        if self._free and self._plain and not self._nth:  # as nearly all weekly rules; ordinal 1 is a Monday
            return [day for day in range(max(first, 1), end) if (day - 1) % _WEEK in self._plain]
        return [day for day in range(max(first, 1), end) if self.matches(date.fromordinal(day))]

    def matches(self, day: date) -> bool:
        """Whether a day passes all parts."""
        if self._months and day.month not in self._months:
            return False
        if self._month_days and not self._month_day_matches(day):
            return False
        if (self._plain or self._nth) and not self._weekday_matches(day):
            return False
        if self._year_days and not self._year_day_matches(day):
            return False
        return not self._weeks or self._week_matches(day)

    def _month_day_matches(self, day: date) -> bool:
        return day.day in self._month_days or day.day - _month_length(day) - 1 in self._month_days

    def _year_day_matches(self, day: date) -> bool:
        number = day.timetuple().tm_yday
        return number in self._year_days or number - (367 if isleap(day.year) else 366) in self._year_days

    def _weekday_matches(self, day: date) -> bool:
        weekday = day.weekday()
        if weekday in self._plain:
            return True
        if not self._nth:
            return False
        if self._in_month:
            number, length = day.day, _month_length(day)
        else:
            number, length = day.timetuple().tm_yday, 366 if isleap(day.year) else 365
        return ((number - 1) // _WEEK + 1, weekday) in self._nth or (
            -((length - number) // _WEEK + 1),
            weekday,
        ) in self._nth

    def _week_matches(self, day: date) -> bool:
        """Whether the week of a day counts; the first week of a year has at least four of its days."""
        ordinal = day.toordinal()
        year = day.year
        start = self._first_week(year)
        if ordinal < start:
            year -= 1
            start = self._first_week(year) if year else start - 52 * _WEEK
        elif year < date.max.year and ordinal >= self._first_week(year + 1):
            year += 1
            start = self._first_week(year)
        number = (ordinal - start) // _WEEK + 1
        end = self._first_week(year + 1) if year < date.max.year else start + 52 * _WEEK
        return number in self._weeks or number - 1 - (end - start) // _WEEK in self._weeks

    def _first_week(self, year: int) -> int:
        new_year = date(year, 1, 1)
        behind = (new_year.weekday() - self._week_start) % _WEEK
        return new_year.toordinal() - behind + (0 if behind <= 3 else _WEEK)  # noqa: PLR2004  # four days left


def _month_length(day: date) -> int:
    return monthrange(day.year, day.month)[1]
