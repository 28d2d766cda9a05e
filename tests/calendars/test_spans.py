"""Occurrences kept for many windows say the same as matching the object with each window."""

import json
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.calendars.spans import Spans
from folkmoot.ical import CompFilter, TimeRange, match, parse
from tests.calendars.conftest import event

CASES = json.loads(
    (Path(__file__).parent.parent / "fixtures" / "ical" / "recurrence_cases.json").read_text(encoding="utf-8")
)["cases"]
ZONES = (UTC, ZoneInfo("Europe/Berlin"), ZoneInfo("Pacific/Kiritimati"))
AROUND = datetime(2026, 6, 1, tzinfo=UTC)


def agree(text: str, start: datetime, hours: int, zone: tzinfo) -> None:
    calendar = parse(text)
    end = start + timedelta(hours=hours)
    spans = Spans.of(calendar, AROUND, AROUND + timedelta(days=30), zone)
    if spans is None:
        return
    window = int(start.timestamp()), int(end.timestamp())
    assert spans.covers(*window)
    wanted = CompFilter("VCALENDAR", comps=(CompFilter("VEVENT", time_range=TimeRange(start, end)),))
    assert spans.meet(*window) == match(calendar, wanted, default_zone=zone)


@given(
    st.sampled_from(sorted(CASES)), st.integers(-300 * 24, 300 * 24), st.integers(1, 24 * 40), st.sampled_from(ZONES)
)
def test_recurrence_cases(case: str, after: int, hours: int, zone: tzinfo) -> None:
    agree(CASES[case]["text"], AROUND + timedelta(hours=after), hours, zone)


@pytest.mark.parametrize(
    "lines",
    [
        ("DTSTART:20260601T000000Z",),
        ("DTSTART:20260601T000000Z", "DTEND:20260601T000000Z"),
        ("DTSTART:20260601T000000Z", "DTEND:20260531T230000Z"),
        ("DTSTART;VALUE=DATE:20260601",),
        ("DTSTART:20260601T000000Z", "DURATION:P40D", "RRULE:FREQ=WEEKLY"),
        ("DTSTART:20260601T000000", "DURATION:PT1H", "RRULE:FREQ=HOURLY;COUNT=50"),
    ],
)
def test_edges_of_the_window(lines: tuple[str, ...]) -> None:
    for hours in (-48, -24, -2, -1, 0, 1, 2, 23, 24, 25, 24 * 39, 24 * 40, 24 * 60):
        for length in (1, 24, 24 * 30):
            for zone in ZONES:
                agree(event("a", *lines), AROUND + timedelta(hours=hours), length, zone)


def test_too_many_occurrences_are_not_kept() -> None:
    calendar = parse(event("a", "DTSTART:20260101T000000Z", "RRULE:FREQ=HOURLY"))
    assert Spans.of(calendar, AROUND, AROUND + timedelta(days=30), UTC) is None
