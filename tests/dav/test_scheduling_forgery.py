"""Who knows the UID of what is in another person's calendar neither changes nor reads it by writing a meeting."""

import pytest

from folkmoot.collections.content import Place
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.dav.http import Response
from folkmoot.store.records import Kind
from tests.support.dav import CALLERS
from tests.support.meetings import Desk, answers, desk_on, meeting

pytestmark = pytest.mark.anyio

OWN_EVENT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//EN\r\nBEGIN:VEVENT\r\nUID:own\r\nDTSTAMP:20260101T000000Z\r\n"
    "DTSTART:20260302T090000Z\r\nDTEND:20260302T100000Z\r\nSUMMARY:Dentist\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
DORA_TO_BEN = (
    ';PARTSTAT=DELEGATED;DELEGATED-TO="mailto:ben@example.org":mailto:dora@example.org',
    ';DELEGATED-FROM="mailto:dora@example.org":mailto:ben@example.org',
)
SPEAKING_FOR_BEN = ';PARTSTAT=DECLINED;SENT-BY="mailto:dora@example.org":mailto:ben@example.org'


@pytest.fixture
def desk(dav_database: Database) -> Desk:
    return desk_on(dav_database)


async def post(desk: Desk, who: str, method: str, body: str, recipient: str) -> Response:
    return await desk.dav.request(
        "POST",
        f"/{who}/Calendar/personal/",
        body.replace("VERSION:2.0", f"VERSION:2.0\r\nMETHOD:{method}"),
        who,
        content_type="text/calendar",
        originator=f"mailto:{who}@example.org",
        recipient=f"mailto:{recipient}@example.org",
    )


async def shared_team(desk: Desk, *roles: str) -> None:
    """Give dora roles on a second calendar of anna's."""
    await desk.names("anna")
    assert (await desk.dav.request("MKCALENDAR", "/anna/Calendar/team/")).status == 201
    place = Place(PrincipalId("anna"), Kind.CALENDAR, "team")
    await desk.dav.face.services.grants.set_(CALLERS["anna"], place, "dora", frozenset(roles))


async def test_an_invitation_takes_no_own_event_away(desk: Desk) -> None:
    await desk.put("ben", "own.ics", OWN_EVENT)
    await desk.put("dora", "x.ics", meeting("own", "ben@example.org", organizer="mailto:dora@example.org"))
    assert await desk.text("ben", "own.ics") == OWN_EVENT
    await desk.delete("dora", "x.ics")
    assert await desk.text("ben", "own.ics") == OWN_EVENT
    assert await desk.names("ben") == ["own.ics"]


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL", "ADD"])
async def test_a_message_takes_no_own_event_away(desk: Desk, method: str) -> None:
    await desk.put("ben", "own.ics", OWN_EVENT)
    body = meeting("own", "ben@example.org", organizer="mailto:dora@example.org", extra="SEQUENCE:7\r\n")
    assert (await post(desk, "dora", method, body, "ben")).status == 200
    assert await desk.text("ben", "own.ics") == OWN_EVENT


async def test_a_made_up_delegation_changes_no_copy_of_the_delegate(desk: Desk) -> None:
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org"))
    before = await desk.text("ben", "m.ics")
    forged = meeting("m", *DORA_TO_BEN, summary="Elsewhere", start="20260303T090000Z", extra="SEQUENCE:9\r\n")
    await desk.put("dora", "f.ics", forged, status=201)
    assert await desk.text("ben", "m.ics") == before
    taken_back = (await desk.text("dora", "f.ics")).replace("PARTSTAT=DELEGATED", "PARTSTAT=ACCEPTED")
    await desk.put("dora", "f.ics", taken_back.replace(';DELEGATED-TO="mailto:ben@example.org"', ""), status=204)
    assert await desk.text("ben", "m.ics") == before
    assert answers(await desk.get("anna", "m.ics")) == {"ben": "NEEDS-ACTION"}


async def test_an_attendee_answers_for_nobody_else_by_a_second_component(desk: Desk) -> None:
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org", "dora@example.org", extra="RRULE:FREQ=DAILY\r\n"))
    before = await desk.text("anna", "m.ics")
    own = meeting("m", ";PARTSTAT=ACCEPTED:mailto:dora@example.org")
    for line in (
        SPEAKING_FOR_BEN,
        f":mailto:dora.second@example.org\r\nATTENDEE{SPEAKING_FOR_BEN}",
    ):
        other = meeting("m", line, start="20260303T090000Z", end="20260303T100000Z").replace(
            "DTSTART", "RECURRENCE-ID:20260303T090000Z\r\nDTSTART"
        )
        both = own.replace("END:VCALENDAR", other[other.index("BEGIN:VEVENT") :])
        assert (await post(desk, "dora", "REPLY", both, "anna")).status == 403
    assert await desk.text("anna", "m.ics") == before


async def test_an_organizer_sends_nothing_of_meetings_that_are_partly_others(desk: Desk) -> None:
    own = meeting("m", "ben@example.org", organizer="mailto:dora@example.org", extra="RRULE:FREQ=DAILY\r\n")
    other = meeting("m", "ben@example.org").replace("DTSTART", "RECURRENCE-ID:20260303T090000Z\r\nDTSTART")
    both = own.replace("END:VCALENDAR", other[other.index("BEGIN:VEVENT") :])
    assert (await post(desk, "dora", "REQUEST", both, "ben")).status == 403
    assert await desk.names("ben") == []


async def test_who_may_create_in_one_calendar_reads_and_answers_no_invitation_in_another(desk: Desk) -> None:
    await shared_team(desk, "PublicViewer", "ObjectCreator")
    await desk.put(
        "ben", "m.ics", meeting("m", "anna@example.org", organizer="mailto:ben@example.org", summary="Secret")
    )
    guess = meeting("m", ";PARTSTAT=DECLINED:mailto:anna@example.org", organizer="mailto:ben@example.org", summary="?")
    assert (await desk.dav.request("PUT", "/anna/Calendar/team/x.ics", guess, "dora")).status == 201
    got = await desk.dav.request("GET", "/anna/Calendar/team/x.ics", as_="dora")
    assert b"Secret" not in got.body
    assert await desk.names("anna") == ["m.ics"]
    assert answers(await desk.get("ben", "m.ics")) == {"anna": "NEEDS-ACTION"}


async def test_who_may_create_in_one_calendar_changes_no_meeting_in_another(desk: Desk) -> None:
    await shared_team(desk, "PublicModifier", "ObjectCreator", "ObjectEraser")
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org"))
    before = await desk.text("ben", "m.ics")
    forged = meeting("m", "ben@example.org", summary="Elsewhere", start="20260303T090000Z", extra="SEQUENCE:9\r\n")
    assert (await desk.dav.request("PUT", "/anna/Calendar/team/x.ics", forged, "dora")).status == 201
    assert await desk.text("ben", "m.ics") == before
    assert (await desk.dav.request("DELETE", "/anna/Calendar/team/x.ics", as_="dora")).status == 204
    assert await desk.text("ben", "m.ics") == before


async def test_a_delegate_with_rights_on_both_calendars_goes_on_with_the_meeting(desk: Desk) -> None:
    await shared_team(desk, "PublicModifier", "ObjectCreator", "ObjectEraser")
    place = Place(PrincipalId("anna"), Kind.CALENDAR, "personal")
    await desk.dav.face.services.grants.set_(CALLERS["anna"], place, "dora", frozenset(["PublicModifier"]))
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org"))
    moved = meeting("m", "ben@example.org", summary="Moved")
    assert (await desk.dav.request("PUT", "/anna/Calendar/team/x.ics", moved, "dora")).status == 201
    assert "SUMMARY:Moved" in await desk.text("ben", "m.ics")
