"""Cutting and joining calendars and series."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.core.errors import NotFound
from folkmoot.ical import (
    Component,
    When,
    check_calendar_object,
    join_objects,
    occurrences,
    parse,
    split_objects,
    split_series,
)
from folkmoot.ical.values import FIRST

CLIENTS = sorted((Path(__file__).parents[1] / "fixtures/ical/clients").glob("*.ics"))
BERLIN = ZoneInfo("Europe/Berlin")


def uids() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"new-{next(numbers)}"


def test_joining_and_splitting_gives_the_objects_back() -> None:
    calendars = [parse(path.read_bytes()) for path in CLIENTS]
    twin = parse(CLIENTS[0].read_bytes().replace(b"UID:5F0E", b"UID:5F0F"))
    joined = join_objects([*calendars, twin], product="-//x//EN", name="All; of it")
    assert joined.text("METHOD") == "PUBLISH"
    assert joined.text("X-WR-CALNAME") == "All; of it"
    names = [zone.text("TZID") for zone in joined.children("VTIMEZONE")]
    assert len(names) == len(set(names))
    objects = split_objects([joined], uids())
    assert len(objects) == len(CLIENTS) + 1
    for found in objects:
        check_calendar_object(found)
    assert [one.get("METHOD") for one in objects] == [None] * len(objects)


def test_each_object_gets_the_zones_it_needs() -> None:
    text = (
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:p\nX-WR-CALNAME:n\n"
        "BEGIN:VTIMEZONE\nTZID:A\nEND:VTIMEZONE\nBEGIN:VTIMEZONE\nTZID:B\nEND:VTIMEZONE\n"
        "BEGIN:VEVENT\nUID:1\nDTSTART;TZID=A:20260601T100000\nDTEND;TZID=B:20260601T100000\nEND:VEVENT\n"
        "BEGIN:VEVENT\nUID:2\nDTSTART;TZID=C:20260601T100000\nEND:VEVENT\n"
        "BEGIN:VEVENT\nSUMMARY:no uid\nDTSTART:20260601T100000Z\nEND:VEVENT\n"
        "BEGIN:VEVENT\nUID: \nDTSTART:20260601T100000Z\nEND:VEVENT\n"
        "BEGIN:VEVENT\nUID:1\nRECURRENCE-ID;TZID=A:20260601T100000\nDTSTART:20260601T100000Z\nEND:VEVENT\n"
        "BEGIN:VTODO\nUID:1\nEND:VTODO\nEND:VCALENDAR\n"
    )
    objects = split_objects([parse(text)], uids())
    contents = [[one.text("TZID") or one.text("UID") for one in found.components] for found in objects]
    assert contents == [["A", "B", "1", "1"], ["2"], ["new-1"], ["new-2"], ["1"]]
    assert [line.name for line in objects[0].properties] == ["VERSION", "PRODID"]


def series(start: str, *lines: str, override: str = "") -> Component:
    body = "\n".join(lines)
    return parse(
        f"BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:old\n{start}\nSUMMARY:s\n{body}\nEND:VEVENT\n{override}END:VCALENDAR\n"
    )


def starts(calendar: Component) -> list[When]:
    return [
        one.local_start for one in occurrences(calendar, FIRST, datetime(2027, 1, 1, tzinfo=UTC), default_zone=BERLIN)
    ]


@pytest.mark.parametrize(
    ("start", "at"),
    [
        ("DTSTART;TZID=Europe/Berlin:20260325T100000", datetime(2026, 3, 29, 8, tzinfo=UTC)),
        ("DTSTART:20260325T080000Z", datetime(2026, 3, 29, 8, tzinfo=UTC)),
        ("DTSTART;VALUE=DATE:20260325", date(2026, 3, 29)),
        ("DTSTART:20260325T100000", datetime(2026, 3, 29, 10, tzinfo=BERLIN)),
    ],
)
@pytest.mark.parametrize(
    "rule", ["FREQ=DAILY;COUNT=8", "FREQ=DAILY;UNTIL=20260401T100000Z", "FREQ=DAILY;UNTIL=20260402"]
)
def test_both_halves_together_are_the_series(start: str, at: When, rule: str) -> None:
    whole = series(start, f"RRULE:{rule}")
    first, second = split_series(whole, at, new_uid="new", default_zone=BERLIN)
    check_calendar_object(first)
    check_calendar_object(second)
    assert len(starts(first)) == 4
    assert starts(first) + starts(second) == starts(whole)
    assert (first.components[0].text("UID"), second.components[0].text("UID")) == ("old", "new")


def test_overrides_and_dates_go_where_they_belong() -> None:
    override = "BEGIN:VEVENT\nUID:old\nRECURRENCE-ID:{}\nDTSTART:{}\nDURATION:PT1H\nSUMMARY:moved\nEND:VEVENT\n"
    whole = series(
        "DTSTART;TZID=Europe/Berlin:20260601T100000",
        "DTEND;TZID=Europe/Berlin:20260601T113000",
        "RRULE:FREQ=DAILY;COUNT=10",
        "EXDATE:20260602T080000Z,20260607T080000Z",
        "RDATE;TZID=Europe/Berlin:20260620T100000",
        override=override.format("20260603T080000Z", "20260603T120000Z")
        + override.format("20260608T080000Z", "20260608T120000Z"),
    )
    before = starts(whole)
    first, second = split_series(whole, datetime(2026, 6, 5, 8, tzinfo=UTC), new_uid="new", default_zone=UTC)
    assert starts(first) + starts(second) == before
    assert len(first.components) == len(second.components) == 2
    assert [line.value for line in first.components[0].all("EXDATE")] == ["20260602T080000Z"]
    assert [line.value for line in second.components[0].all("RDATE")] == ["20260620T100000"]
    end = second.components[0].get("DTEND")
    assert end is not None
    assert (end.value, end.param("TZID")) == ("20260605T113000", "Europe/Berlin")


def test_splitting_where_nothing_begins_is_refused() -> None:
    whole = series("DTSTART:20260601T080000Z", "RRULE:FREQ=DAILY;COUNT=3")
    for at in (
        datetime(2026, 6, 1, 8, tzinfo=UTC),
        datetime(2026, 6, 2, 9, tzinfo=UTC),
        datetime(2026, 6, 9, 8, tzinfo=UTC),
    ):
        with pytest.raises(NotFound):
            split_series(whole, at, new_uid="new", default_zone=UTC)
    with pytest.raises(NotFound):
        split_series(
            series("DTSTART:20260601T080000Z"), datetime(2026, 6, 1, 8, tzinfo=UTC), new_uid="n", default_zone=UTC
        )


@given(
    st.sampled_from(
        ["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,WE,FR", "FREQ=MONTHLY;BYMONTHDAY=1,31", "FREQ=WEEKLY;INTERVAL=2"]
    ),
    st.integers(2, 12),
    st.integers(1, 11),
)
def test_any_cut_keeps_all_occurrences(rule: str, length: int, place: int) -> None:
    whole = series("DTSTART;TZID=Europe/Berlin:20260302T100000", "DURATION:PT1H", f"RRULE:{rule};COUNT={length}")
    before = starts(whole)
    if place < len(before):
        first, second = split_series(whole, before[place], new_uid="new", default_zone=UTC)
        if "INTERVAL" in rule or "," not in rule:  # a partial week or month may begin differently
            assert starts(first) + starts(second) == before
        assert starts(first) == before[:place]
