"""Series and single occurrences, delegation, and calendars of several people: both sides end equal."""

import pytest

from folkmoot.database import Database
from folkmoot.ical import Component
from folkmoot.ical import format as format_calendar
from tests.support.meetings import Desk, answers, desk_on, meeting

pytestmark = pytest.mark.anyio

WEEKLY = "RRULE:FREQ=WEEKLY;COUNT=5\r\n"
SECOND = "20260309T090000Z"


@pytest.fixture
def desk(dav_database: Database) -> Desk:
    return desk_on(dav_database)


def override(uid: str, *attendees: str, at: str = SECOND, start: str = "20260309T140000Z", extra: str = "") -> str:
    """Return the VEVENT of one moved occurrence."""
    lines = "".join(f"ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:{one}\r\n" for one in attendees)
    return (
        f"BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\nRECURRENCE-ID:{at}\r\nDTSTART:{start}\r\n"
        f"DURATION:PT1H\r\nSUMMARY:Moved\r\nORGANIZER:mailto:anna@example.org\r\n{lines}{extra}END:VEVENT\r\n"
    )


def instance(calendar: Component, at: str = SECOND) -> Component | None:
    return next((one for one in calendar.components if one.text("RECURRENCE-ID") == at), None)


async def series(desk: Desk) -> str:
    await desk.put("anna", "w.ics", meeting("w", "ben@example.org", "dora@example.org", extra=WEEKLY))
    return await desk.text("anna", "w.ics")


async def test_an_occurrence_taken_out_goes_from_all_copies(desk: Desk) -> None:
    whole = await series(desk)
    await desk.put("anna", "w.ics", whole.replace(WEEKLY, WEEKLY + f"EXDATE:{SECOND}\r\n"))
    for guest in ("ben", "dora"):
        assert f"EXDATE:{SECOND}" in await desk.text(guest, "w.ics"), guest


async def test_a_moved_occurrence_is_moved_for_all(desk: Desk) -> None:
    whole = await series(desk)
    changed = override("w", "ben@example.org", "dora@example.org")
    await desk.put("anna", "w.ics", whole.replace("END:VCALENDAR", changed + "END:VCALENDAR"))
    for guest in ("ben", "dora"):
        moved = instance(await desk.get(guest, "w.ics"))
        assert moved is not None
        assert moved.text("DTSTART") == "20260309T140000Z"


async def test_one_occurrence_is_declined_in_all_copies(desk: Desk) -> None:
    await series(desk)
    own = await desk.text("ben", "w.ics")
    declined = override("w", "dora@example.org", start=SECOND).replace(
        "END:VEVENT", "ATTENDEE;PARTSTAT=DECLINED:mailto:ben@example.org\r\nEND:VEVENT"
    )
    await desk.put(
        "ben", "w.ics", own.replace("END:VCALENDAR", declined.replace("Moved", "Planning") + "END:VCALENDAR")
    )
    for who in ("anna", "dora"):
        one = instance(await desk.get(who, "w.ics"))
        assert one is not None, who
        said = {line.value: line.param("PARTSTAT") for line in one.all("ATTENDEE")}
        assert said["mailto:ben@example.org"] == "DECLINED", who
        assert answers(await desk.get(who, "w.ics"))["ben"] == "NEEDS-ACTION", who


async def test_a_guest_who_takes_an_occurrence_out_declines_it(desk: Desk) -> None:
    await series(desk)
    own = await desk.text("ben", "w.ics")
    await desk.put("ben", "w.ics", own.replace("RRULE", f"EXDATE:{SECOND}\r\nRRULE", 1))
    one = instance(await desk.get("anna", "w.ics"))
    assert one is not None
    assert {line.value: line.param("PARTSTAT") for line in one.all("ATTENDEE")}["mailto:ben@example.org"] == "DECLINED"


async def test_somebody_invited_to_one_occurrence_gets_just_that(desk: Desk) -> None:
    await desk.put("anna", "w.ics", meeting("w", "ben@example.org", extra=WEEKLY))
    whole = await desk.text("anna", "w.ics")
    changed = override("w", "ben@example.org", "dora@example.org", start=SECOND)
    await desk.put("anna", "w.ics", whole.replace("END:VCALENDAR", changed + "END:VCALENDAR"))
    copy = await desk.get("dora", "w.ics")
    assert [one.text("RECURRENCE-ID") for one in copy.components if one.name == "VEVENT"] == [SECOND]


async def test_somebody_no_longer_invited_loses_the_copy(desk: Desk) -> None:
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org", "dora@example.org"))
    whole = await desk.get("anna", "m.ics")
    for component in whole.components:
        component.properties[:] = [line for line in component.properties if "dora@" not in line.value]
    await desk.put("anna", "m.ics", format_calendar(whole))
    assert await desk.status("dora", "m.ics") == 404
    assert await desk.methods("dora") == ["CANCEL", "REQUEST"]
    assert answers(await desk.get("ben", "m.ics")) == {"ben": "NEEDS-ACTION"}


async def test_a_guest_sends_somebody_else(desk: Desk) -> None:
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org"))
    own = await desk.text("ben", "m.ics")
    line = next(one for one in own.split("\r\n") if one.startswith("ATTENDEE"))
    delegated = (
        'ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:dora@example.org":mailto:ben@example.org\r\n'
        'ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;DELEGATED-FROM="mailto:ben@example.org":mailto:dora@example.org'
    )
    await desk.put("ben", "m.ics", own.replace(line, delegated))
    assert answers(await desk.get("anna", "m.ics")) == {"ben": "DELEGATED", "dora": "NEEDS-ACTION"}
    assert await desk.methods("dora") == ["REQUEST"]
    await desk.answer("dora", "m.ics", "ACCEPTED")
    assert answers(await desk.get("anna", "m.ics")) == {"ben": "DELEGATED", "dora": "ACCEPTED"}
    assert answers(await desk.get("ben", "m.ics")) == {"ben": "DELEGATED", "dora": "ACCEPTED"}


async def test_a_task_is_given_and_taken(desk: Desk) -> None:
    task = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//T//EN\r\nBEGIN:VTODO\r\nUID:t\r\nDTSTAMP:20260101T000000Z\r\n"
        "DUE:20260302T090000Z\r\nSUMMARY:Report\r\nORGANIZER:mailto:anna@example.org\r\n"
        "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ben@example.org\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
    )
    await desk.put("anna", "t.ics", task)
    await desk.answer("ben", "t.ics", "ACCEPTED")
    assert answers(await desk.get("anna", "t.ics")) == {"ben": "ACCEPTED"}


async def test_answers_there_and_back_all_reach_the_organizer(desk: Desk) -> None:
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org"))
    for partstat in ("ACCEPTED", "DECLINED", "ACCEPTED", "TENTATIVE"):
        await desk.answer("ben", "m.ics", partstat)
        assert answers(await desk.get("anna", "m.ics")) == {"ben": partstat}
    assert await desk.methods("anna") == ["REPLY"] * 4


async def test_a_deletion_that_is_undone_takes_the_decline_back(desk: Desk) -> None:
    await series(desk)
    own = await desk.text("ben", "w.ics")
    await desk.delete("ben", "w.ics")
    assert answers(await desk.get("anna", "w.ics"))["ben"] == "DECLINED"
    await desk.put("ben", "again.ics", own)
    for who, name in (("anna", "w.ics"), ("dora", "w.ics"), ("ben", "again.ics")):
        assert answers(await desk.get(who, name))["ben"] == "NEEDS-ACTION", who


async def test_a_deletion_that_is_undone_brings_back_the_meeting_as_it_is_by_now(desk: Desk) -> None:
    await series(desk)
    await desk.answer("ben", "w.ics", "ACCEPTED")
    own = await desk.text("ben", "w.ics")
    await desk.delete("ben", "w.ics")
    now = (await desk.text("anna", "w.ics")).replace("RRULE:", "DESCRIPTION:Bring lunch\r\nRRULE:")
    await desk.put("anna", "w.ics", now)
    assert await desk.status("ben", "w.ics") == 404
    await desk.put("ben", "w.ics", own)
    copy = await desk.get("ben", "w.ics")
    assert "DESCRIPTION:Bring lunch" in await desk.text("ben", "w.ics")
    assert answers(copy) == answers(await desk.get("anna", "w.ics")) == {"ben": "ACCEPTED", "dora": "NEEDS-ACTION"}


async def test_an_occurrence_taken_out_of_a_declined_series_stays_declined_when_the_series_is_accepted(
    desk: Desk,
) -> None:
    await series(desk)
    await desk.answer("ben", "w.ics", "DECLINED")
    own = await desk.text("ben", "w.ics")
    await desk.put("ben", "w.ics", own.replace("RRULE", f"EXDATE:{SECOND}\r\nRRULE", 1))
    described = (await desk.text("anna", "w.ics")).replace("SUMMARY", "DESCRIPTION:Bring a pen\r\nSUMMARY", 1)
    await desk.put("anna", "w.ics", described)
    await desk.answer("ben", "w.ics", "ACCEPTED")
    for who in ("anna", "dora"):
        calendar = await desk.get(who, "w.ics")
        assert answers(calendar)["ben"] == "ACCEPTED"
        one = instance(calendar)
        assert one is not None
        said = {line.value: line.param("PARTSTAT") for line in one.all("ATTENDEE")}
        assert said["mailto:ben@example.org"] == "DECLINED", who
    assert "X-FOLKMOOT-LEFT-OUT" not in await desk.text("ben", "w.ics")


@pytest.mark.parametrize("shorter", ["COUNT=2", "UNTIL=20260315T235959Z"])
async def test_a_guest_who_ends_a_series_earlier_declines_what_is_cut_off(desk: Desk, shorter: str) -> None:
    """Calendar of macOS and Google's apps delete "all future events" so."""
    await series(desk)
    await desk.answer("ben", "w.ics", "ACCEPTED")
    own = await desk.text("ben", "w.ics")
    cut = own.replace("COUNT=5", shorter)
    await desk.put("ben", "w.ics", cut)
    copy = await desk.text("ben", "w.ics")
    assert "COUNT=5" in copy
    assert [f"EXDATE:202603{day}T090000Z" in copy for day in ("02", "09", "16", "23", "30")] == [False] * 2 + [True] * 3
    organized = await desk.get("anna", "w.ics")
    assert answers(organized)["ben"] == "ACCEPTED"
    for at, said in ((SECOND, None), *((f"202603{day}T090000Z", "DECLINED") for day in ("16", "23", "30"))):
        one = instance(organized, at)
        assert (None if one is None else (one.all("ATTENDEE")[0].param("PARTSTAT"))) == said
    await desk.put("ben", "w.ics", cut)
    assert await desk.methods("anna") == ["REPLY", "REPLY"]


async def test_a_guest_cannot_cut_off_a_series_without_end(desk: Desk) -> None:
    await desk.put("anna", "w.ics", meeting("w", "ben@example.org", extra="RRULE:FREQ=WEEKLY\r\n"))
    before = await desk.text("ben", "w.ics")
    await desk.put("ben", "w.ics", before.replace("FREQ=WEEKLY", "FREQ=WEEKLY;COUNT=2"), status=204)
    assert await desk.text("ben", "w.ics") == before
    assert await desk.methods("anna") == []
