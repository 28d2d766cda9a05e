"""People named by their principal's path instead of a mail address, as calendar-user-address-set offers both."""

import pytest

from folkmoot.database import Database
from folkmoot.scheduling.meeting import organizer_line
from tests.support.dav import header
from tests.support.meetings import Desk, answers, desk_on, meeting

pytestmark = pytest.mark.anyio

FREE_BUSY = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VFREEBUSY\r\nUID:f\r\nDTSTAMP:20260101T000000Z\r\n"
    "ORGANIZER:/SOGo/dav/anna/\r\nATTENDEE:/SOGo/dav/ben/\r\nATTENDEE:/SOGo/dav/none/\r\n"
    "DTSTART:20260301T000000Z\r\nDTEND:20260303T000000Z\r\nEND:VFREEBUSY\r\nEND:VCALENDAR\r\n"
)


@pytest.fixture
def desk(dav_database: Database) -> Desk:
    return desk_on(dav_database)


@pytest.mark.parametrize(
    "path", ["/SOGo/dav/{}/", "/SOGo/dav/{}", "http://dav.test/SOGo/dav/{}/", "https://dav.test:443/SOGo/dav/users/{}/"]
)
async def test_who_is_named_by_path_takes_part_by_mail_address(desk: Desk, path: str) -> None:
    body = meeting("m", f":{path.format('ben')}", "dora@example.org", organizer=path.format("anna"))
    response = await desk.dav.request("PUT", "/anna/Calendar/personal/m.ics", body)
    assert response.status == 201
    assert header(response, "ETag") is None
    for who in ("anna", "ben"):
        copy = await desk.get(who, "m.ics")
        assert answers(copy) == {"ben": "NEEDS-ACTION", "dora": "NEEDS-ACTION"}
        line = organizer_line(copy)
        assert line is not None
        assert line.value == "mailto:anna@example.org"
    assert await desk.methods("ben") == ["REQUEST"]


async def test_an_attendee_answers_under_the_own_path(desk: Desk) -> None:
    """And stays the one who was invited, by whichever address it was."""
    await desk.put("anna", "m.ics", meeting("m", "ben.second@example.org"))
    text = await desk.text("ben", "m.ics")
    answered = text.replace("mailto:ben.second@example.org", "/SOGo/dav/ben/").replace("NEEDS-ACTION", "ACCEPTED")
    await desk.put("ben", "m.ics", answered, status=204)
    assert answers(await desk.get("anna", "m.ics")) == {"ben.second": "ACCEPTED"}


async def test_an_organizer_who_writes_paths_later_invites_nobody_anew(desk: Desk) -> None:
    await desk.put("anna", "m.ics", meeting("m", "ben.second@example.org", organizer="mailto:anna.second@example.org"))
    text = await desk.text("anna", "m.ics")
    paths = text.replace("mailto:ben.second@example.org", "/SOGo/dav/ben/")
    await desk.put("anna", "m.ics", paths.replace("mailto:anna.second@example.org", "/SOGo/dav/anna/"))
    assert await desk.methods("ben") == ["REQUEST"]
    assert await desk.names("ben") == ["m.ics"]


async def test_groups_and_rooms_have_paths_too(desk: Desk) -> None:
    await desk.put("anna", "m.ics", meeting("m", ":/SOGo/dav/staff/", ":/SOGo/dav/room/"))
    copy = await desk.get("anna", "m.ics")
    assert answers(copy) == {
        "ben": "NEEDS-ACTION",
        "dora": "NEEDS-ACTION",
        "outside": "NEEDS-ACTION",
        "room": "ACCEPTED",
    }


async def test_delegates_and_who_acts_are_named_by_path(desk: Desk) -> None:
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org"))
    text = await desk.text("ben", "m.ics")
    delegated = text.replace("PARTSTAT=NEEDS-ACTION", 'PARTSTAT=DELEGATED;DELEGATED-TO="/SOGo/dav/dora/"')
    await desk.put("ben", "m.ics", delegated)
    assert answers(await desk.get("anna", "m.ics")) == {"ben": "DELEGATED", "dora": "NEEDS-ACTION"}
    assert await desk.names("dora") == ["m.ics"]


@pytest.mark.parametrize(
    "path",
    ["/SOGo/dav/none/", "/SOGo/dav/ben/Calendar/", "/elsewhere/ben/", "http://other.test/SOGo/dav/ben/", "/../x"],
)
async def test_a_path_that_leads_to_nobody_stays_and_is_told_as_no_user(desk: Desk, path: str) -> None:
    await desk.put("anna", "m.ics", meeting("m", f":{path}", "dora@example.org"))
    lines = {line.value: line for line in (await desk.get("anna", "m.ics")).components[-1].all("ATTENDEE")}
    assert lines[path].param("SCHEDULE-STATUS") == "3.7"
    assert await desk.names("dora") == ["m.ics"]
    assert await desk.names("ben") == []


async def test_the_outbox_understands_paths(desk: Desk) -> None:
    asked = await desk.dav.request("POST", "/anna/Calendar/personal/", FREE_BUSY, content_type="text/calendar")
    text = asked.body.decode()
    assert asked.status == 200
    assert text.index("<D:href>/SOGo/dav/ben/</D:href>") < text.index("2.0;Success") < text.index("3.7;")
    body = meeting("m", ":/SOGo/dav/ben/", organizer="/SOGo/dav/anna/").replace(
        "VERSION:2.0\r\n", "VERSION:2.0\r\nMETHOD:REQUEST\r\n"
    )
    sent = await desk.dav.request(
        "POST",
        "/anna/Calendar/personal/",
        body,
        content_type="text/calendar",
        originator="/SOGo/dav/anna/",
        recipient="http://dav.test/SOGo/dav/ben/",
    )
    assert sent.status == 200
    assert b"<D:href>http://dav.test/SOGo/dav/ben/</D:href>" in sent.body
    assert "ORGANIZER:mailto:anna@example.org" in await desk.text("ben", "m.ics")
