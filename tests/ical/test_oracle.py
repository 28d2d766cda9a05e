"""Occurrences, against icalendar with recurring-ical-events as an independent opinion."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.ical import occurrences, parse

DAY = timedelta(days=1)
WINDOW = (datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
FIRST = datetime(2026, 6, 1, 10, 0)  # noqa: DTZ001  # a Monday; written with the zone of the case
KINDS = {
    "utc": ("", "%Y%m%dT%H%M%SZ"),
    "zoned": (";TZID=America/New_York", "%Y%m%dT%H%M%S"),
    "windows": (";TZID=W. Europe Standard Time", "%Y%m%dT%H%M%S"),
    "day": (";VALUE=DATE", "%Y%m%d"),
}

frequencies = st.sampled_from(
    [
        ("DAILY", DAY),
        ("DAILY;INTERVAL=3", 3 * DAY),
        ("WEEKLY;INTERVAL=2", 14 * DAY),
        ("WEEKLY;BYDAY=MO,WE,SU;WKST=SU", 7 * DAY),
        ("MONTHLY", 30 * DAY),
        ("MONTHLY;BYDAY=1MO", 30 * DAY),
        ("MONTHLY;BYMONTHDAY=1,-1", 30 * DAY),
        ("MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1", 30 * DAY),
        ("YEARLY;BYMONTH=6,7;BYMONTHDAY=1", 30 * DAY),
        ("HOURLY;INTERVAL=30;BYDAY=MO,TU", DAY),
    ]
)
ends = st.one_of(st.just(""), st.integers(1, 12).map(";COUNT={}".format), st.just(";UNTIL"))


@st.composite
def calendars(draw: st.DrawFn) -> str:
    kind = draw(st.sampled_from(sorted(KINDS)))
    params, layout = KINDS[kind]
    rule, step = draw(frequencies)
    if kind == "day" and rule.startswith("HOURLY"):
        rule, step = "DAILY", DAY
    end = draw(ends)
    if end == ";UNTIL":
        end = ";UNTIL=20260815" if kind == "day" else ";UNTIL=20260815T235959Z"
    places = [FIRST + step * number for number in range(6)]
    length = "P2D" if kind == "day" else "PT90M"
    lines = [f"DTSTART{params}:{FIRST:{layout}}", f"DURATION:{length}", f"RRULE:FREQ={rule}{end}"]
    excluded = draw(st.lists(st.sampled_from(places), max_size=3, unique=True))
    lines += [f"EXDATE{params}:{place:{layout}}" for place in excluded]
    added = draw(st.lists(st.integers(0, 150).map(lambda days: FIRST + days * DAY), max_size=3, unique=True))
    if added:
        lines.append(f"RDATE{params}:" + ",".join(f"{place:{layout}}" for place in added))
    events = [lines]
    if not end and step <= 14 * DAY and not excluded:
        for place in draw(st.lists(st.sampled_from(places[1:]), max_size=2, unique=True)):
            moved = place + draw(st.sampled_from([DAY, -DAY / 2, 100 * DAY]))
            events.append(
                [f"RECURRENCE-ID{params}:{place:{layout}}", f"DTSTART{params}:{moved:{layout}}", f"DURATION:{length}"]
            )
    body = "".join(
        "BEGIN:VEVENT\r\nUID:u\r\nDTSTAMP:20260101T000000Z\r\n" + "\r\n".join(event) + "\r\nEND:VEVENT\r\n"
        for event in events
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:p\r\n{body}END:VCALENDAR\r\n"


def second_opinion(text: str) -> list[str]:
    found = []
    for event in recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(*WINDOW):
        start, end = event["DTSTART"].dt, event["DTEND"].dt
        if isinstance(start, datetime):
            start, end = start.astimezone(UTC), end.astimezone(UTC)
        found.append(f"{start} {end}")
    return sorted(found)


@given(calendars())
def test_an_independent_implementation_agrees(text: str) -> None:
    found = []
    for one in occurrences(parse(text), *WINDOW, default_zone=ZoneInfo("UTC")):
        if one.all_day:
            assert isinstance(one.local_start, date)
            found.append(f"{one.local_start} {one.local_end}")
        else:
            found.append(f"{one.start} {one.end}")
    assert sorted(found) == second_opinion(text)
