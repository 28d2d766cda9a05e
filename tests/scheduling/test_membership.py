"""Whether a series has an instance: the same as laying the series out says, without doing so."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest

from folkmoot.ical import Component, occurrences, parse
from folkmoot.scheduling.instances import Parts

BERLIN = ZoneInfo("Europe/Berlin")
STARTS = [
    "DTSTART;TZID=Europe/Berlin:20260328T023000",  # an hour that is skipped on the next day
    "DTSTART;TZID=America/New_York:20251001T013000",  # one that comes twice in November
    "DTSTART;VALUE=DATE:20260302",
    "DTSTART:20260302T100000",
    "DTSTART:20260302T100000Z",
]
RULES = [
    "FREQ=DAILY",
    "FREQ=DAILY;INTERVAL=3;COUNT=40",
    "FREQ=DAILY;UNTIL=20260501T235959Z",
    "FREQ=WEEKLY;BYDAY=MO,TU,FR",
    "FREQ=WEEKLY;INTERVAL=2;COUNT=9",
    "FREQ=MONTHLY;BYMONTHDAY=-1",
    "FREQ=MONTHLY;BYDAY=MO,FR;BYSETPOS=-1;COUNT=12",
    "FREQ=YEARLY",
]


def series(start: str, rule: str, *more: str) -> Component:
    lines = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:1", start, f"RRULE:{rule}", *more, "END:VEVENT", "END:VCALENDAR"]
    return parse("\n".join(lines))


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("rule", RULES)
def test_an_instance_is_found_if_and_only_if_the_series_has_it(start: str, rule: str) -> None:
    listed = "RDATE;VALUE=DATE:20260411" if "VALUE=DATE" in start else "RDATE:20260411T101500Z"
    calendar = series(start, rule, listed)
    parts = Parts(calendar, BERLIN)
    window = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 9, 1, tzinfo=UTC)
    keys = [
        parts.key(one.recurrence_id) for one in occurrences(calendar, *window, default_zone=BERLIN) if one.recurrence_id
    ]
    assert keys
    for key in keys[:60]:
        found = parts.instance(key)
        assert found is not None, key
        line = found.get("RECURRENCE-ID")
        assert line is not None
        assert parts.key(parts.zones.when(line)) == key
    step = timedelta(hours=1) if isinstance(keys[0], datetime) else timedelta(days=1)
    for key, following in pairwise(keys[:60]):
        other = key + step
        assert other == following or parts.instance(other) is None, other


@pytest.mark.parametrize(
    ("rule", "length"),
    [("FREQ=SECONDLY", "PT1H"), ("FREQ=DAILY", "P10000W"), ("FREQ=MINUTELY;COUNT=1000000000", "PT1M")],
)
def test_no_rule_makes_looking_for_an_instance_dear(rule: str, length: str) -> None:
    parts = Parts(series("DTSTART:19000101T000000Z", rule, f"DURATION:{length}"), BERLIN)
    begun = perf_counter()
    for number in range(100):
        parts.instance(datetime(2150, 1, 1, tzinfo=UTC) + timedelta(days=number))
    assert perf_counter() - begun < 2, "a hundred take some hundredths of a second"


def test_a_listed_period_has_its_own_end() -> None:
    calendar = series(
        "DTSTART:20260302T100000Z", "FREQ=WEEKLY", "RDATE;VALUE=PERIOD:20260304T100000Z/PT3H", "DTEND:20260302T110000Z"
    )
    found = Parts(calendar, BERLIN).instance(datetime(2026, 3, 4, 10, tzinfo=UTC))
    assert found is not None
    line = found.get("DTEND")
    assert line is not None
    assert line.value == "20260304T130000Z"


def test_what_does_not_recur_has_no_instances() -> None:
    parts = Parts(
        parse("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART;VALUE=DATE:20260302\nEND:VEVENT\nEND:VCALENDAR"), BERLIN
    )
    assert parts.instance(date(2026, 3, 2)) is None
