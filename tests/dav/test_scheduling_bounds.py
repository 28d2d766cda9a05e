"""What one write of a meeting may cost."""

import pytest

from folkmoot.calendars.meetings import delivery
from folkmoot.database import Database
from tests.support.meetings import Desk, desk_on, meeting

pytestmark = pytest.mark.anyio


@pytest.fixture
def desk(dav_database: Database) -> Desk:
    return desk_on(dav_database)


async def test_too_many_people_in_too_many_instances_are_refused_and_nobody_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "LINES_MAX", 8)
    two = ("ben@example.org", "dora@example.org")
    series = meeting("m", *two, extra="RRULE:FREQ=DAILY\r\n")
    other = meeting("m", *two).replace("DTSTART", "RECURRENCE-ID:20260303T090000Z\r\nDTSTART")
    instance = other[other.index("BEGIN:VEVENT") : other.index("END:VCALENDAR")]
    one = series.replace("END:VCALENDAR", f"{instance}END:VCALENDAR")
    second = instance.replace("RECURRENCE-ID:20260303", "RECURRENCE-ID:20260304")
    await desk.put("anna", "m.ics", one.replace("END:VCALENDAR", f"{second}END:VCALENDAR"), status=413)
    assert await desk.names("anna") == await desk.names("ben") == []
    await desk.put("anna", "m.ics", one)
    assert await desk.names("ben") == ["m.ics"]
