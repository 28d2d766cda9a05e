"""Whatever bytes arrive: they are understood, or refused by an error that says so."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.core.errors import FolkmootError
from folkmoot.ical import (
    CalendarDataRequest,
    CompFilter,
    Component,
    PropFilter,
    TextMatch,
    TimeRange,
    busy_periods,
    check_calendar_object,
    format_xcal,
    join_objects,
    match,
    occurrences,
    parse,
    parse_stream,
    shape,
    split_objects,
    split_series,
    summarize,
)
from folkmoot.ical import format as format_component
from tests.support.calendar_inputs import mutated, samples

CLIENTS = samples(Path(__file__).parents[1] / "fixtures/ical/clients")
SECONDS_MAX = 3.0  # for everything one can do to one hostile object
BERLIN = ZoneInfo("Europe/Berlin")
YEAR = TimeRange(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
FILTER = CompFilter(
    "VCALENDAR",
    comps=[
        CompFilter(
            "VEVENT",
            time_range=YEAR,
            props=[
                PropFilter("SUMMARY", text_match=TextMatch("zz", negate=True)),
                PropFilter("DTSTART", time_range=YEAR),
            ],
            comps=[CompFilter("VALARM", time_range=YEAR)],
        )
    ],
)


START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
LIMITED = CalendarDataRequest(limit_recurrence_set=YEAR, limit_freebusy_set=YEAR)
STEPS: tuple[Callable[[Component], object], ...] = (
    lambda calendar: summarize(calendar, default_zone=BERLIN),
    lambda calendar: check_calendar_object(calendar, max_instances=1000, min_date_time=START),
    lambda calendar: occurrences(calendar, START, END, default_zone=BERLIN),
    lambda calendar: occurrences(calendar, default_zone=BERLIN),
    lambda calendar: match(calendar, FILTER, default_zone=BERLIN),
    lambda calendar: shape(calendar, CalendarDataRequest(expand=YEAR), default_zone=BERLIN),
    lambda calendar: shape(calendar, LIMITED, default_zone=BERLIN),
    lambda calendar: busy_periods(calendar, START, END, default_zone=BERLIN),
    lambda calendar: split_series(calendar, datetime(2026, 6, 1, tzinfo=UTC), new_uid="n", default_zone=BERLIN),
    format_xcal,
    lambda calendar: split_objects([join_objects([calendar], product="p")], lambda: "uid"),
)


def survive(body: bytes, steps: tuple[Callable[[Component], object], ...] = STEPS) -> None:
    """Read the body and, if it can be read, take steps with it."""
    begun = time.process_time()
    try:
        calendars = parse_stream(body, fallback_charset="cp1252")
        calendar = parse(body)
    except FolkmootError:
        return
    assert len(calendars) == 1
    text = format_component(calendar)
    assert parse(text) == calendar
    assert format_component(parse(text)) == text
    for step in steps:
        with suppress(FolkmootError):
            step(calendar)
    assert time.process_time() - begun < SECONDS_MAX, body


@given(st.binary() | st.text().map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    survive(body)
    survive(b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20260601\r\n" + body + b"\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")


def test_damaged_samples_are_read_or_refused() -> None:
    for number, body in enumerate(mutated(CLIENTS, 3_000, seed=2026)):
        survive(body, (STEPS[0], STEPS[number % len(STEPS)]))


@pytest.mark.nightly
def test_a_great_many_damaged_samples_are_read_or_refused() -> None:
    count = int(os.environ.get("FOLKMOOT_FUZZ_INPUTS", "1000000"))
    for body in mutated(CLIENTS, count, seed=int(os.environ.get("FOLKMOOT_FUZZ_SEED", "1"))):
        survive(body)
