"""Expansion of one rule, against python-dateutil as a second opinion."""

import datetime as dt
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice, takewhile
from types import SimpleNamespace

import dateutil.rrule
import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given
from hypothesis import strategies as st

from folkmoot.ical import Frequency, Recur, parse_recur
from folkmoot.ical.rule import CANDIDATES_MAX, expand, last

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
START = datetime(2026, 6, 1, 10)  # noqa: DTZ001  # a Monday


def numbers(lowest: int, highest: int, most: int) -> st.SearchStrategy[str]:
    number = st.integers(lowest, highest).filter(lambda value: value != 0 or lowest == 0)
    return st.lists(number, min_size=1, max_size=most, unique=True).map(lambda values: ",".join(map(str, values)))


@st.composite
def rules(draw: st.DrawFn) -> str:
    """Rules on which dateutil and the standard agree.

    Left out: plain and numbered weekdays in one rule (dateutil wants both to hold), BYSETPOS in a first
    week that is cut short, week numbers over the end of a year, and BYWEEKNO without a weekday.
    """
    frequency = draw(st.sampled_from(["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"]))
    parts = [f"FREQ={frequency}", f"INTERVAL={draw(st.integers(1, 5))}"]
    if draw(st.booleans()):
        parts.append(f"COUNT={draw(st.integers(1, 30))}")
    if draw(st.integers(0, 2)) == 0:
        parts.append(f"BYMONTH={draw(numbers(1, 12, 3))}")
    week_numbers = frequency == "YEARLY" and draw(st.integers(0, 4)) == 0
    if week_numbers:
        parts.append(f"BYWEEKNO={draw(numbers(2, 51, 3))}")
    if draw(st.integers(0, 6)) == 0:
        parts.append(f"BYYEARDAY={draw(numbers(-366, 366, 20))}")
    if frequency != "WEEKLY" and draw(st.integers(0, 2)) == 0:
        parts.append(f"BYMONTHDAY={draw(numbers(-31, 31, 5))}")
    if week_numbers or draw(st.booleans()):
        numbered = frequency in ("MONTHLY", "YEARLY") and not week_numbers and draw(st.booleans())
        ordinal = st.sampled_from(["1", "-1", "2", "+3", "-2"]) if numbered else st.just("")
        days = draw(st.lists(st.tuples(ordinal, st.sampled_from(DAYS)).map("".join), min_size=1, max_size=3))
        parts.append(f"BYDAY={','.join(days)}")
    for name, highest in (("BYHOUR", 23), ("BYMINUTE", 59), ("BYSECOND", 59)):
        if draw(st.integers(0, 4)) == 0:
            parts.append(f"{name}={draw(numbers(0, highest, 3))}")
    if frequency in ("YEARLY", "MONTHLY", "DAILY") and len(parts) > 2 and draw(st.integers(0, 4)) == 0:
        parts.append(f"BYSETPOS={draw(numbers(-4, 4, 2))}")
    if draw(st.integers(0, 2)) == 0:
        parts.append(f"WKST={draw(st.sampled_from(DAYS))}")
    return ";".join(parts)


times = st.datetimes(datetime(1990, 1, 1), datetime(2024, 12, 28)).map(  # noqa: DTZ001
    lambda time: time.replace(minute=time.minute // 15 * 15, second=0, microsecond=0)
)
TAKE = 20
DAYS_COMPARED = 9000
LAST_YEAR = (
    2055  # of dateutil, which looks until 9999 for what never comes; the latest start, and what is compared, fit
)


def slow(rule: Recur) -> bool:
    """Whether dateutil may look for a match until the year 9999, day by day or second by second."""
    clock = rule.by_hour or rule.by_minute or rule.by_second
    return rule.frequency >= Frequency.DAILY and bool(
        rule.by_month_day or rule.by_year_day or rule.by_month or (clock and rule.interval > 1)
    )


@pytest.fixture(scope="module")
def short_lived_dateutil() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dateutil.rrule, "datetime", SimpleNamespace(**{**vars(dt), "MAXYEAR": LAST_YEAR}))
        yield


@pytest.mark.usefixtures("short_lived_dateutil")
@given(rules().filter(lambda text: not slow(parse_recur(text))), times)
def test_dateutil_agrees(text: str, start: datetime) -> None:
    rule = parse_recur(text)
    end = start + timedelta(days=DAYS_COMPARED)
    wanted = list(islice(takewhile(lambda time: time < end, rrulestr(text, dtstart=start)), TAKE + 1))
    if wanted[:1] != [start]:  # the start counts as the first in any case (RFC 5545 section 3.8.5.3)
        wanted = [start, *wanted]
    wanted = wanted[: rule.count or TAKE][:TAKE]
    assert list(islice(expand(rule, start, before=end), TAKE)) == wanted


@given(rules(), times, st.integers(0, TAKE - 1), st.integers(0, 100_000))
def test_entering_late_gives_what_walking_gives(text: str, start: datetime, place: int, seconds: int) -> None:
    rule = parse_recur(text)
    walked = list(islice(expand(rule, start), TAKE))
    after = walked[min(place, len(walked) - 1)] - timedelta(seconds=seconds)
    entered = [time for time in expand(rule, start, after=after, before=walked[-1]) if time >= after]
    assert entered == [time for time in walked if after <= time < walked[-1]]


@given(rules(), times)
def test_the_last_time_is_not_before_any_other(text: str, start: datetime) -> None:
    rule = parse_recur(text)
    assume(rule.count is not None)
    final = last(rule, start)
    times = list(expand(rule, start))
    assert final is None or times[-1] <= final


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # plain and numbered weekdays in one rule add up
        ("FREQ=MONTHLY;BYDAY=1TU,FR", ["06-01", "06-02", "06-05", "06-12", "06-19", "06-26", "07-03", "07-07"]),
        # BYSETPOS counts in the whole week, even where the start cuts it short
        ("FREQ=WEEKLY;BYDAY=SU,MO,TU;BYSETPOS=3", ["06-01", "06-07", "06-14"]),
        # without a weekday, BYWEEKNO takes the start's
        ("FREQ=YEARLY;BYWEEKNO=25,27", ["06-01", "06-15", "06-29"]),
        ("FREQ=DAILY;BYSECOND=60;BYHOUR=10;BYMINUTE=0", ["06-01", "06-01", "06-02"]),
        ("FREQ=YEARLY;BYYEARDAY=153,-1;BYMONTH=6", ["06-01", "06-02", "06-02"]),
        ("RSCALE=CHINESE;FREQ=YEARLY", ["06-01"]),
    ],
)
def test_where_dateutil_disagrees_the_standard_decides(text: str, expected: list[str]) -> None:
    found = islice(expand(parse_recur(text), START), len(expected))
    assert [f"{time:%m-%d}" for time in found] == expected


def test_week_numbers_reach_over_the_end_of_the_year() -> None:
    rule = parse_recur("FREQ=YEARLY;BYWEEKNO=1,53;BYDAY=MO,FR")
    start = datetime(2019, 12, 30)  # noqa: DTZ001
    found = [f"{time:%Y-%m-%d}" for time in islice(expand(rule, start), 6)]
    assert found == ["2019-12-30", "2020-01-03", "2020-12-28", "2021-01-01", "2021-01-04", "2021-01-08"]
    negative = parse_recur("FREQ=YEARLY;BYWEEKNO=-1;BYDAY=SU;WKST=SU")
    assert [time.day for time in islice(expand(negative, start), 1, 3)] == [27, 26]


def test_the_calendar_has_ends() -> None:
    late = datetime(9999, 12, 30)  # noqa: DTZ001
    for frequency in ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY"):
        assert list(expand(parse_recur(f"FREQ={frequency}"), late))[-1].year == 9999
    early = datetime(1, 1, 1)  # noqa: DTZ001
    for text in ("FREQ=WEEKLY;WKST=SU", "FREQ=YEARLY;BYWEEKNO=1,52,53", "FREQ=YEARLY;BYWEEKNO=-1;BYDAY=MO"):
        assert next(expand(parse_recur(text), early)) == early
    assert list(expand(parse_recur("FREQ=YEARLY;BYWEEKNO=52,53;BYDAY=FR"), datetime(9998, 1, 1)))[-1].year == 9999  # noqa: DTZ001


def test_work_is_bounded() -> None:
    assert list(expand(parse_recur("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), START)) == [START]
    assert list(expand(parse_recur("FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30"), START)) == [START]
    assert len(list(expand(parse_recur("FREQ=SECONDLY"), START))) == CANDIDATES_MAX
    assert len(list(expand(parse_recur("FREQ=SECONDLY"), START, candidates_max=7))) == 7
    assert list(expand(parse_recur("FREQ=DAILY"), START, before=START)) == []
    assert list(expand(parse_recur("FREQ=DAILY;COUNT=3"), START, after=datetime(2030, 1, 1))) == []  # noqa: DTZ001


def test_old_rules_are_entered_right_before_the_window() -> None:
    old = datetime(1601, 1, 1, 10)  # noqa: DTZ001
    for text in ("FREQ=DAILY", "FREQ=SECONDLY;INTERVAL=7", "FREQ=DAILY;COUNT=999999", "FREQ=WEEKLY;BYDAY=MO,FR"):
        found = next(time for time in expand(parse_recur(text), old, after=START, candidates_max=50) if time >= START)
        assert found - START < timedelta(days=5)


def test_the_last_time_of_a_rule_without_end_is_unknown() -> None:
    assert last(parse_recur("FREQ=DAILY"), START) is None
    assert last(parse_recur("FREQ=MONTHLY;COUNT=99999"), START) is None
    assert last(parse_recur("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30;COUNT=2"), START) is None
    assert last(parse_recur("FREQ=DAILY;COUNT=999999999"), START) is None
    assert last(parse_recur("FREQ=DAILY;COUNT=1"), START) is not None
    assert last(parse_recur("FREQ=DAILY"), START, before=START - timedelta(days=1)) == START
    assert last(parse_recur("RSCALE=HEBREW;FREQ=DAILY"), START) == START


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=WEEKLY;BYDAY=MO;COUNT=3",
        "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=5",
        "FREQ=DAILY;COUNT=4",
        "FREQ=DAILY;INTERVAL=3;BYHOUR=9,18;COUNT=7",
        "FREQ=MONTHLY;BYMONTHDAY=31;COUNT=4",
        "FREQ=MONTHLY;BYDAY=1MO,-1FR;COUNT=5",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;COUNT=2",
        "FREQ=HOURLY;INTERVAL=5;COUNT=9",
    ],
)
def test_count_counts_from_the_start_wherever_one_begins_to_look(text: str) -> None:
    rule, start = parse_recur(text), datetime(2026, 6, 2, 10)  # noqa: DTZ001  # wall clock
    whole = list(expand(rule, start))
    for days in range(1500):
        after = start + timedelta(days=days)
        assert [t for t in expand(rule, start, after=after) if t >= after] == [t for t in whole if t >= after]
