"""Values: dates, times, durations, periods, offsets, rules."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.core.errors import MalformedInput
from folkmoot.ical import (
    Duration,
    Floating,
    Frequency,
    add,
    format_duration,
    format_recur,
    format_when,
    instant,
    parse_duration,
    parse_offset,
    parse_period,
    parse_recur,
    parse_when,
)
from folkmoot.ical.values import FIRST, LAST, format_offset, format_utc, in_zone, parse_day, shift_day, to_utc

BERLIN = ZoneInfo("Europe/Berlin")


def wall(*numbers: int) -> Floating:
    return Floating(datetime(*numbers))  # type: ignore[arg-type]  # noqa: DTZ001


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20260601", date(2026, 6, 1)),
        ("2026-06-01", date(2026, 6, 1)),
        ("20260601T101112", wall(2026, 6, 1, 10, 11, 12)),
        ("20260601t101112", wall(2026, 6, 1, 10, 11, 12)),
        ("20260601T1011", wall(2026, 6, 1, 10, 11)),
        ("20260601T240000", wall(2026, 6, 2)),
        ("20260601T101160", wall(2026, 6, 1, 10, 11, 59)),
        ("20260601T101112Z", datetime(2026, 6, 1, 10, 11, 12, tzinfo=UTC)),
        (" 2026-06-01T10:11:12.345z ", datetime(2026, 6, 1, 10, 11, 12, tzinfo=UTC)),
    ],
)
def test_dates_and_times_are_read_leniently(text: str, expected: object) -> None:
    assert parse_when(text) == expected


@pytest.mark.parametrize("text", ["", "tomorrow", "20260230", "20260601T", "20260601T250000", "2026060", "00000101"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(MalformedInput):
        parse_when(text)


def test_a_zone_is_used_unless_the_value_is_in_utc() -> None:
    assert parse_when("20260601T100000", BERLIN) == datetime(2026, 6, 1, 10, tzinfo=BERLIN)
    assert parse_when("20260601T1000", BERLIN) == datetime(2026, 6, 1, 10, tzinfo=BERLIN)
    assert parse_when("20260601T100000Z", BERLIN) == datetime(2026, 6, 1, 10, tzinfo=UTC)
    assert format_when(parse_when("20260601T100000", BERLIN)) == "20260601T100000"
    assert format_utc(datetime(2026, 6, 1, 10, tzinfo=BERLIN)) == "20260601T080000Z"


def test_a_day_is_read_from_a_time() -> None:
    assert parse_day("20260601T000000") == parse_day("20260601") == parse_day("20260601T000000Z") == date(2026, 6, 1)


@pytest.mark.parametrize(
    ("text", "days", "seconds"),
    [
        ("PT15M", 0, 900),
        ("-PT15M", 0, -900),
        ("-P0DT7H30M0S", 0, -27000),
        ("P1W", 7, 0),
        ("P1W2D", 9, 0),
        ("P1DT1S", 1, 1),
        ("pt1h", 0, 3600),
        ("+P1D", 1, 0),
        ("P1DT", 1, 0),
        ("PT1.5S", 0, 1),
        ("P15M", 0, 900),  # the T is often forgotten, and months do not exist
    ],
)
def test_durations_are_read(text: str, days: int, seconds: int) -> None:
    assert parse_duration(text) == Duration(days, seconds)


@pytest.mark.parametrize("text", ["", "P", "PT", "-", "15M", "P1Y", "PT1H1D", "1 hour"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(MalformedInput):
        parse_duration(text)


@given(st.integers(-4000, 4000), st.integers(0, 200_000))
def test_durations_round_trip(days: int, seconds: int) -> None:
    duration = Duration(days, seconds if days >= 0 else -seconds)
    assert parse_duration(format_duration(duration)).exact == duration.exact


def test_durations_of_mixed_signs_are_written_with_one() -> None:
    assert format_duration(Duration(1, -3600)) == "PT23H"
    assert format_duration(Duration(0)) == "PT0S"
    assert format_duration(Duration(14)) == "P2W"
    assert format_duration(Duration(-1)) == "-P1D"


def test_days_follow_the_calendar_and_hours_the_clock() -> None:
    before = datetime(2026, 3, 28, 12, tzinfo=BERLIN)  # clocks go forward in the night
    assert add(before, Duration(1)) == datetime(2026, 3, 29, 12, tzinfo=BERLIN)
    assert add(before, Duration(0, 86400)) == datetime(2026, 3, 29, 13, tzinfo=BERLIN)
    assert add(date(2026, 1, 31), Duration(1)) == date(2026, 2, 1)
    assert add(date(2026, 1, 31), Duration(0, 2 * 86400)) == date(2026, 2, 2)
    assert add(wall(2026, 1, 31), Duration(1, 60)) == wall(2026, 2, 1, 0, 1)


def test_arithmetic_stops_at_the_ends_of_the_calendar() -> None:
    assert add(datetime(9999, 12, 31, 23, tzinfo=UTC), Duration(5)) == LAST
    assert add(datetime(1, 1, 1, tzinfo=UTC), Duration(-5)) == FIRST
    assert shift_day(date(9999, 12, 31), 5) == date(9999, 12, 31)
    assert to_utc(datetime(1, 1, 1, tzinfo=BERLIN)) == FIRST
    assert to_utc(datetime(9999, 12, 31, 23, 59, 59, tzinfo=ZoneInfo("America/New_York"))) == LAST
    assert in_zone(LAST, BERLIN).year == 9999
    assert instant(date(1, 1, 1), BERLIN) == FIRST


def test_periods_are_read() -> None:
    ten, eleven = datetime(2026, 6, 1, 10, tzinfo=UTC), datetime(2026, 6, 1, 11, tzinfo=UTC)
    for text in ("20260601T100000Z/PT1H", "20260601T100000Z/20260601T110000Z"):
        period = parse_period(text)
        assert (period.start, period.end) == (ten, eleven)
    for text in ("20260601T100000Z", "/", "x/PT1H", "20260601T100000Z/"):
        with pytest.raises(MalformedInput):
            parse_period(text)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("+0100", 60), ("-0330", -210), ("0545", 345), ("+01:00", 60), (" +0000 ", 0), ("-00:30", -30)],
)
def test_offsets_are_read(text: str, minutes: int) -> None:
    assert parse_offset(text) == timedelta(minutes=minutes)


def test_offsets_are_written_without_seconds() -> None:
    assert format_offset(timedelta(minutes=-210)) == "-0330"
    assert format_offset(timedelta(seconds=3208)) == "+0053"
    assert parse_offset("+005328") == timedelta(seconds=3208)
    for text in ("", "+1", "+2400", "CET"):
        with pytest.raises(MalformedInput):
            parse_offset(text)


def test_rules_are_read_leniently() -> None:
    rule = parse_recur("freq=monthly; interval=0;BYDAY= 1mo,-1SU,TU ;COUNT=0;WKST=SU;X-THING=1;BYMONTH=;")
    assert rule.frequency is Frequency.MONTHLY
    assert (rule.interval, rule.count, rule.week_start) == (1, 1, 6)
    assert rule.by_day == ((-1, 6), (0, 1), (1, 0))
    assert not rule.endless
    assert parse_recur("RSCALE=CHINESE;FREQ=YEARLY;BYMONTH=5L").scale == "CHINESE"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "FREQ=FORTNIGHTLY",
        "INTERVAL=2",
        "FREQ=DAILY;COUNT=two",
        "FREQ=DAILY;COUNT=" + "9" * 100,
        "FREQ=DAILY;UNTIL=never",
        "FREQ=DAILY;BYMONTH=13",
        "FREQ=DAILY;BYMONTHDAY=0",
        "FREQ=DAILY;BYHOUR=x",
        "FREQ=DAILY;BYDAY=XX",
        "FREQ=DAILY;WKST=1",
        "FREQ=DAILY;X=" + "9" * 10_000,
    ],
)
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(MalformedInput):
        parse_recur(text)


def test_rules_round_trip() -> None:
    text = (
        "FREQ=YEARLY;INTERVAL=2;COUNT=3;UNTIL=20260601T100000Z;BYMONTH=1,2;BYWEEKNO=-1,5;BYYEARDAY=1;"
        "BYMONTHDAY=-1;BYHOUR=9;BYMINUTE=0;BYSECOND=0;BYSETPOS=-1;BYDAY=-1MO,FR;WKST=SU"
    )
    assert format_recur(parse_recur(text)) == text
    assert format_recur(parse_recur("RSCALE=HEBREW;FREQ=YEARLY")) == "RSCALE=HEBREW;FREQ=YEARLY"
