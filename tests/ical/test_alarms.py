"""When an alarm first goes off for one occurrence."""

from datetime import UTC, datetime

import pytest

from folkmoot.ical import Component, Line, Parameter, Zones, occurrences, parse
from folkmoot.ical.alarms import trigger_time

EVENT = parse(
    "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:u\nDTSTART:20260601T100000Z\nDURATION:PT1H\nEND:VEVENT\nEND:VCALENDAR\n"
)
END = [Parameter("RELATED", ("END",))]


@pytest.mark.parametrize(
    ("trigger", "expected"),
    [
        (Line("TRIGGER", "-PT15M"), datetime(2026, 6, 1, 9, 45, tzinfo=UTC)),
        (Line("TRIGGER", "PT0S", END), datetime(2026, 6, 1, 11, tzinfo=UTC)),
        (Line("TRIGGER", "20260501T080000Z"), datetime(2026, 5, 1, 8, tzinfo=UTC)),
        (Line("TRIGGER", "soon"), None),
        (Line("TRIGGER", "20269999"), None),
        (Line("X-TRIGGER", "PT0S"), None),
    ],
)
def test_a_trigger_is_relative_or_absolute_or_nothing(trigger: Line, expected: datetime | None) -> None:
    [occurrence] = occurrences(EVENT, default_zone=UTC)
    assert trigger_time(Component("VALARM", [trigger]), occurrence, Zones(EVENT, UTC)) == expected
