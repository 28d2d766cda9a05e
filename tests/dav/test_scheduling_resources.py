"""Rooms and things, groups, and people who let nobody invite them."""

import json
from xml.etree import ElementTree as ET

import pytest

from folkmoot.collections.content import Place
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.dav.http import Response
from folkmoot.store.records import Kind
from tests.support.dav import CALLERS
from tests.support.meetings import Desk, answers, desk_on, meeting, status_of

pytestmark = pytest.mark.anyio

ROOM = "room@example.org"
LATER = {"start": "20260302T113000Z", "end": "20260302T123000Z"}


@pytest.fixture
def desk(dav_database: Database) -> Desk:
    return desk_on(dav_database)


def error_text(response: Response) -> str:
    """Return the words inside DAV:error, where SOGo's clients look for them."""
    root = ET.fromstring(response.body)  # noqa: S314  # our own answer
    assert root.tag == "{DAV:}error"
    return root.text or ""


async def test_a_room_accepts_in_the_same_moment(desk: Desk) -> None:
    await desk.put("anna", "m.ics", meeting("m", ROOM, "ben@example.org"))
    for who in ("anna", "ben"):
        assert answers(await desk.get(who, "m.ics")) == {"room": "ACCEPTED", "ben": "NEEDS-ACTION"}, who
    assert status_of(await desk.get("anna", "m.ics"), ROOM) == "2.0"


async def test_a_full_room_is_refused_and_the_booking_in_the_way_named(desk: Desk) -> None:
    await desk.put("anna", "m.ics", meeting("m", ROOM, summary="Board"))
    path, body = "/ben/Calendar/personal/n.ics", meeting("n", ROOM, organizer="mailto:ben@example.org")
    response = await desk.dav.request("PUT", path, body, "ben")
    assert response.status == 409
    told = json.loads(error_text(response))
    assert told == {"reject": "Meeting room <room@example.org> is taken: Board (20260302T090000Z - 20260302T100000Z)"}
    assert await desk.names("ben") == []


@pytest.mark.parametrize("rule", ["", "RRULE:FREQ=DAILY;COUNT=3\r\n"])
async def test_the_title_of_a_private_booking_is_not_told(desk: Desk, rule: str) -> None:
    await desk.put("anna", "m.ics", meeting("m", ROOM, summary="Layoffs", extra=f"CLASS:PRIVATE\r\n{rule}"))
    body = meeting("n", ROOM, organizer="mailto:ben@example.org")
    response = await desk.dav.request("PUT", "/ben/Calendar/personal/n.ics", body, "ben")
    assert response.status == 409
    assert "Layoffs" not in response.body.decode()
    assert "20260302T090000Z" in response.body.decode()


async def test_bookings_beside_each_other_fit(desk: Desk) -> None:
    await desk.put("anna", "m.ics", meeting("m", ROOM))
    after = meeting("n", ROOM, organizer="mailto:ben@example.org", start="20260302T100000Z", end="20260302T110000Z")
    await desk.put("ben", "n.ics", after)


async def test_moving_a_booking_onto_another_is_refused_and_changes_nothing(desk: Desk) -> None:
    await desk.put("anna", "m.ics", meeting("m", ROOM))
    await desk.put("ben", "n.ics", meeting("n", ROOM, organizer="mailto:ben@example.org", **LATER))
    before = await desk.text("ben", "n.ics")
    moved = before.replace("T113000Z", "T093000Z").replace("T123000Z", "T103000Z")
    await desk.put("ben", "n.ics", moved, status=409)
    assert await desk.text("ben", "n.ics") == before


async def test_a_freed_room_can_be_booked_again(desk: Desk) -> None:
    await desk.put("anna", "m.ics", meeting("m", ROOM))
    await desk.delete("anna", "m.ics")
    await desk.put("ben", "n.ics", meeting("n", ROOM, organizer="mailto:ben@example.org"))


async def test_two_desks_are_taken_twice(desk: Desk) -> None:
    for number, status in ((1, 201), (2, 201), (3, 409)):
        await desk.put("anna", f"m{number}.ics", meeting(f"m{number}", "desks@example.org"), status=status)


@pytest.mark.parametrize("resource", ["hall@example.org", "beamer@example.org"])
async def test_without_a_limit_or_shown_busy_it_is_always_accepted(desk: Desk, resource: str) -> None:
    for number in range(3):
        await desk.put("anna", f"m{number}.ics", meeting(f"m{number}", resource))
    assert set(answers(await desk.get("anna", "m2.ics")).values()) == {"ACCEPTED"}


async def test_a_recurring_booking_is_compared_a_year_ahead(desk: Desk) -> None:
    single = meeting("m", ROOM, start="20261005T090000Z", end="20261005T100000Z")
    await desk.put("anna", "m.ics", single)
    weekly = meeting("w", ROOM, organizer="mailto:ben@example.org", extra="RRULE:FREQ=WEEKLY\r\n")
    await desk.put("ben", "w.ics", weekly, status=409)
    monthly = meeting("f", ROOM, organizer="mailto:ben@example.org", extra="RRULE:FREQ=MONTHLY\r\n")
    await desk.put("ben", "f.ics", monthly)


async def test_a_single_booking_meets_a_recurring_one(desk: Desk) -> None:
    await desk.put("anna", "w.ics", meeting("w", ROOM, extra="RRULE:FREQ=WEEKLY\r\n"))
    single = meeting("m", ROOM, organizer="mailto:ben@example.org", start="20260511T093000Z", end="20260511T094500Z")
    await desk.put("ben", "m.ics", single, status=409)


async def test_where_rights_are_given_the_booker_needs_the_right_to_create(desk: Desk) -> None:
    await desk.put("anna", "first.ics", meeting("first", ROOM))
    place = Place(PrincipalId("room"), Kind.CALENDAR, "personal")
    await desk.dav.face.services.grants.set_(CALLERS["root"], place, "anna", frozenset(["ObjectCreator"]))
    await desk.put("ben", "n.ics", meeting("n", ROOM, organizer="mailto:ben@example.org", **LATER), status=409)
    await desk.put("anna", "n.ics", meeting("n", ROOM, **LATER))


async def test_who_prevents_invitations_is_named(desk: Desk) -> None:
    await desk.prefer("ben", PreventInvitations=1)
    body = meeting("m", "ben@example.org", "dora@example.org")
    response = await desk.dav.request("PUT", "/anna/Calendar/personal/m.ics", body)
    assert response.status == 409
    assert json.loads(error_text(response)) == {
        "reject": "Cannot invite: Ben Lund <ben@example.org>",
        "unavailableAttendees": ["ben@example.org"],
    }
    alone = await desk.dav.request("PUT", "/anna/Calendar/personal/n.ics", meeting("n", "ben@example.org"))
    assert (alone.status, error_text(alone)) == (409, "Cannot invite: Ben Lund <ben@example.org>")
    assert await desk.names("anna") == []
    assert await desk.names("dora") == []


async def test_who_prevents_invitations_is_not_reached_through_the_outbox_either(desk: Desk) -> None:
    await desk.prefer("ben", PreventInvitations=1)
    message = meeting("m", "ben@example.org").replace("VERSION:2.0", "VERSION:2.0\r\nMETHOD:REQUEST")
    response = await desk.dav.request("POST", "/anna/Calendar/personal/", message, content_type="text/calendar")
    assert response.status == 409
    assert await desk.names("ben") == []


async def test_the_whitelist_wins(desk: Desk) -> None:
    await desk.prefer("ben", PreventInvitations=1, PreventInvitationsWhitelist={"anna": "Anna Berg <anna@example.org>"})
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org"))
    refused = meeting("n", "ben@example.org", organizer="mailto:dora@example.org")
    await desk.put("dora", "n.ics", refused, status=409)


async def test_a_meeting_from_before_can_still_be_moved(desk: Desk) -> None:
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org"))
    await desk.prefer("ben", PreventInvitations=1)
    later = (await desk.text("anna", "m.ics")).replace("20260302T", "20260303T")
    await desk.put("anna", "m.ics", later)
    assert "20260303T090000Z" in await desk.text("ben", "m.ics")


async def test_a_group_gives_way_to_its_members(desk: Desk) -> None:
    await desk.put("anna", "m.ics", meeting("m", "staff@example.org", "ben@example.org"))
    organized = await desk.get("anna", "m.ics")
    assert answers(organized) == {"ben": "NEEDS-ACTION", "dora": "NEEDS-ACTION", "outside": "NEEDS-ACTION"}
    assert await desk.methods("dora") == ["REQUEST"]
    assert await desk.methods("ben") == ["REQUEST"]


async def test_a_client_can_keep_the_group_whole(desk: Desk) -> None:
    await desk.put("anna", "m.ics", meeting("m", "staff@example.org"), X_SOGo="NoGroupsDecomposition")
    assert answers(await desk.get("anna", "m.ics")) == {"staff": "NEEDS-ACTION"}
    assert await desk.names("dora") == []


@pytest.mark.parametrize("agent", ["NONE", "CLIENT"])
async def test_whom_the_client_invites_itself_hears_nothing(desk: Desk, agent: str) -> None:
    line = f";SCHEDULE-AGENT={agent};PARTSTAT=NEEDS-ACTION:mailto:ben@example.org"
    await desk.put("anna", "m.ics", meeting("m", line, "dora@example.org"))
    assert await desk.names("ben") == []
    assert await desk.names("dora") == ["m.ics"]
