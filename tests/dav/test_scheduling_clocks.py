"""Several nodes whose clocks differ: what came last counts, whatever time it was there."""

from datetime import timedelta

import pytest

from folkmoot.database import Database
from tests.support.meetings import Desk, answers, desk_on, meeting

pytestmark = pytest.mark.anyio

BEHIND = timedelta(seconds=30)
WEEKLY = "RRULE:FREQ=WEEKLY;COUNT=5\r\n"
AT = "20260309T090000Z"


@pytest.fixture
def desk(dav_database: Database) -> Desk:
    return desk_on(dav_database)


def single(*attendees: str) -> str:
    """Return the VEVENT of one occurrence with guests of its own."""
    lines = "".join(f"ATTENDEE:mailto:{one}\r\n" for one in attendees)
    return (
        f"BEGIN:VEVENT\r\nUID:w\r\nDTSTAMP:20260101T000000Z\r\nRECURRENCE-ID:{AT}\r\nDTSTART:{AT}\r\n"
        f"DURATION:PT1H\r\nSUMMARY:Alone\r\nORGANIZER:mailto:anna@example.org\r\n{lines}END:VEVENT\r\nEND:VCALENDAR"
    )


async def test_the_organizers_last_change_reaches_the_guests(desk: Desk) -> None:
    await desk.put("anna", "a.ics", meeting("a", "ben@example.org"))
    own = await desk.text("anna", "a.ics")
    await desk.put("anna", "a.ics", own.replace("SUMMARY", "DESCRIPTION:one\r\nSUMMARY"))
    desk.clock.time -= BEHIND
    await desk.put("anna", "a.ics", own.replace("SUMMARY", "DESCRIPTION:two\r\nSUMMARY"))
    assert "DESCRIPTION:two" in await desk.text("ben", "a.ics")


async def test_a_guests_last_answer_reaches_the_organizer(desk: Desk) -> None:
    await desk.put("anna", "a.ics", meeting("a", "ben@example.org", "dora@example.org"))
    await desk.answer("ben", "a.ics", "ACCEPTED")
    desk.clock.time -= BEHIND
    await desk.answer("ben", "a.ics", "TENTATIVE")
    for who in ("anna", "ben", "dora"):
        assert answers(await desk.get(who, "a.ics"))["ben"] == "TENTATIVE", who


@pytest.mark.parametrize("later", [BEHIND, timedelta(), -BEHIND])
async def test_who_is_invited_again_to_an_occurrence_has_it_again(desk: Desk, later: timedelta) -> None:
    await desk.put("anna", "w.ics", meeting("w", "ben@example.org", "dora@example.org", extra=WEEKLY))
    whole = await desk.text("anna", "w.ics")
    await desk.put("anna", "w.ics", whole.replace("END:VCALENDAR", single("dora@example.org")))
    assert "EXDATE" in await desk.text("ben", "w.ics")
    desk.clock.time += later
    await desk.put("anna", "w.ics", whole.replace("END:VCALENDAR", single("dora@example.org", "ben@example.org")))
    again = await desk.text("ben", "w.ics")
    assert "EXDATE" not in again
    assert "SUMMARY:Alone" in again


async def test_a_copy_that_a_client_has_stamped_in_the_future_is_changed_all_the_same(desk: Desk) -> None:
    await desk.put("anna", "a.ics", meeting("a", "ben@example.org"))
    stamped = (await desk.text("ben", "a.ics")).replace("DTSTAMP:2026", "DTSTAMP:2036")
    await desk.delete("ben", "a.ics")
    await desk.put("ben", "a.ics", stamped)
    own = await desk.text("anna", "a.ics")
    await desk.put("anna", "a.ics", own.replace("SUMMARY:Planning", "SUMMARY:Plans"))
    assert "SUMMARY:Plans" in await desk.text("ben", "a.ics")
