"""Inviting, answering, moving and cancelling, as both sides see it (RFC 6638 section 3.2)."""

import pytest

from folkmoot.calendars.meetings.policy import MeetingPolicy
from folkmoot.database import Database
from tests.support.meetings import Desk, answers, desk_on, meeting, status_of

pytestmark = pytest.mark.anyio


@pytest.fixture
def desk(dav_database: Database) -> Desk:
    return desk_on(dav_database)


@pytest.fixture
def mailing(dav_database: Database) -> Desk:
    return desk_on(dav_database, MeetingPolicy(notify=True))


async def test_an_invitation_is_filed_under_the_organizers_name_and_announced_in_the_inbox(desk: Desk) -> None:
    await desk.put("anna", "plan.ics", meeting("plan", "ben@example.org", "dora@example.org"))
    for guest in ("ben", "dora"):
        copy = await desk.get(guest, "plan.ics")
        assert answers(copy) == {"ben": "NEEDS-ACTION", "dora": "NEEDS-ACTION"}
        assert copy.get("METHOD") is None
        assert await desk.methods(guest) == ["REQUEST"]
    organized = await desk.get("anna", "plan.ics")
    assert status_of(organized, "ben@example.org") == "1.2"
    assert await desk.mails() == []


async def test_an_answer_reaches_the_organizer_and_all_other_guests(desk: Desk) -> None:
    await desk.put("anna", "plan.ics", meeting("plan", "ben@example.org", "dora@example.org"))
    await desk.answer("ben", "plan.ics", "ACCEPTED")
    for who in ("anna", "ben", "dora"):
        assert answers(await desk.get(who, "plan.ics"))["ben"] == "ACCEPTED", who
    assert await desk.methods("anna") == ["REPLY"]
    assert await desk.methods("dora") == ["REQUEST"]


async def test_a_moved_meeting_is_asked_about_again(desk: Desk) -> None:
    await desk.put("anna", "plan.ics", meeting("plan", "ben@example.org"))
    await desk.answer("ben", "plan.ics", "ACCEPTED")
    later = (
        (await desk.text("anna", "plan.ics"))
        .replace("20260302T09", "20260303T09")
        .replace("20260302T10", "20260303T10")
    )
    await desk.put("anna", "plan.ics", later)
    copy = await desk.get("ben", "plan.ics")
    assert answers(copy) == {"ben": "NEEDS-ACTION"}
    assert copy.components[-1].text("DTSTART") == "20260303T090000Z"
    assert await desk.methods("ben") == ["REQUEST", "REQUEST"]


async def test_a_deleted_meeting_goes_from_all_calendars(desk: Desk) -> None:
    await desk.put("anna", "plan.ics", meeting("plan", "ben@example.org"))
    await desk.delete("anna", "plan.ics")
    assert await desk.status("ben", "plan.ics") == 404
    assert await desk.methods("ben") == ["CANCEL", "REQUEST"]


async def test_a_guest_who_deletes_the_copy_declines(desk: Desk) -> None:
    await desk.put("anna", "plan.ics", meeting("plan", "ben@example.org"))
    await desk.delete("ben", "plan.ics")
    assert answers(await desk.get("anna", "plan.ics")) == {"ben": "DECLINED"}


async def test_a_guest_may_delete_the_copy_without_a_word(desk: Desk) -> None:
    await desk.put("anna", "plan.ics", meeting("plan", "ben@example.org"))
    await desk.delete("ben", "plan.ics", Schedule_Reply="F")
    assert answers(await desk.get("anna", "plan.ics")) == {"ben": "NEEDS-ACTION"}
    assert await desk.methods("anna") == []


async def test_mails_go_to_everybody_but_the_organizer(mailing: Desk) -> None:
    await mailing.put("anna", "plan.ics", meeting("plan", "ben@example.org", "x@example.net", "room@example.org"))
    mails = await mailing.mails()
    assert {(mail.recipient, mail.payload["method"], mail.payload["reason"]) for mail in mails} == {
        ("ben@example.org", "REQUEST", "invitation"),
        ("x@example.net", "REQUEST", "invitation"),
    }
    organized = await mailing.get("anna", "plan.ics")
    assert status_of(organized, "x@example.net") == "1.1"
    assert status_of(organized, "ben@example.org") == "1.2"


async def test_what_concerns_an_outsider_no_more_than_before_is_not_mailed_again(mailing: Desk) -> None:
    await mailing.put("anna", "plan.ics", meeting("plan", "x@example.net"))
    more = (await mailing.text("anna", "plan.ics")).replace(
        "END:VEVENT", "CATEGORIES:Work\r\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ben@example.org\r\nEND:VEVENT"
    )
    await mailing.put("anna", "plan.ics", more)
    organized = await mailing.get("anna", "plan.ics")
    assert status_of(organized, "x@example.net") == "1.1"
    assert [mail.recipient for mail in await mailing.mails()] == ["x@example.net", "ben@example.org"]


async def test_without_mails_an_outsider_cannot_be_reached(desk: Desk) -> None:
    await desk.put("anna", "plan.ics", meeting("plan", "x@example.net"))
    assert status_of(await desk.get("anna", "plan.ics"), "x@example.net") == "5.2"
