"""Meetings under way at the same time, and messages from outside, on each database."""

import asyncio

import pytest

from folkmoot.calendars.meetings.policy import MeetingPolicy
from folkmoot.collections.content import Place, WriteOptions
from folkmoot.core.caller import Caller
from folkmoot.core.errors import MalformedInput, NotFound, Unavailable
from folkmoot.core.ids import PrincipalId, ResourceName
from folkmoot.database import Database
from folkmoot.scheduling.values import Address, Effect, Prevented
from folkmoot.store.records import Kind
from tests.support.dav import event, person
from tests.support.meetings import PEOPLE, Desk, answers, desk_on, meeting

pytestmark = pytest.mark.anyio

GUESTS = [f"guest{number}" for number in range(6)]
CROWD = (*PEOPLE, *(person(name, name.title()) for name in GUESTS))


@pytest.fixture
def desk(database: Database) -> Desk:
    return desk_on(database, people=CROWD)


def itip(method: str, body: str) -> bytes:
    return body.replace("VERSION:2.0\r\n", f"VERSION:2.0\r\nMETHOD:{method}\r\n").encode()


async def test_answers_at_the_same_time_all_arrive(desk: Desk) -> None:
    await desk.put("anna", "m.ics", meeting("m", *(f"{name}@example.org" for name in GUESTS)))
    await asyncio.gather(*(desk.answer_again(name, "m.ics", "ACCEPTED") for name in GUESTS))
    expected = dict.fromkeys(GUESTS, "ACCEPTED")
    for who in ("anna", *GUESTS):
        assert answers(await desk.get(who, "m.ics")) == expected, who


async def test_people_who_invite_each_other_at_the_same_time_do_not_wait_for_each_other(desk: Desk) -> None:
    def invite(host: str, number: int) -> str:
        others = [f"{name}@example.org" for name in GUESTS if name != host]
        return meeting(f"{host}-{number}", *others, organizer=f"mailto:{host}@example.org")

    await asyncio.gather(
        *(desk.put(host, f"{host}-{number}.ics", invite(host, number)) for host in GUESTS[:4] for number in range(3))
    )
    for who in GUESTS:
        assert len(await desk.names(who)) == 12


async def test_an_invitation_from_outside_is_filed_and_announced(desk: Desk) -> None:
    boss = "mailto:boss@example.net"
    services = desk.dav.face.services
    body = itip("REQUEST", meeting("m", "ben@example.org", organizer=boss))
    receipt = await services.meetings.receive(PrincipalId("ben"), body, Address("boss@example.net"))
    assert receipt.effect is Effect.APPLIED
    assert answers(await desk.get("ben", "m.ics")) == {"ben": "NEEDS-ACTION"}
    assert await desk.methods("ben") == ["REQUEST"]
    again = await services.meetings.receive(PrincipalId("ben"), body, Address("boss@example.net"))
    assert again.effect is not Effect.APPLIED
    assert await desk.methods("ben") == ["REQUEST"]
    cancel = itip("CANCEL", meeting("m", "ben@example.org", organizer=boss, extra="SEQUENCE:1\r\n"))
    gone = await services.meetings.receive(PrincipalId("ben"), cancel, Address("boss@example.net"))
    assert gone.effect is Effect.REMOVED
    assert await desk.names("ben") == []


async def test_an_answer_from_outside_reaches_all_copies(desk: Desk) -> None:
    await desk.put("anna", "m.ics", meeting("m", "x@example.net", "ben@example.org"))
    reply = itip("REPLY", meeting("m", ";PARTSTAT=ACCEPTED:mailto:x@example.net"))
    receipt = await desk.dav.face.services.meetings.receive(PrincipalId("anna"), reply, Address("x@example.net"))
    assert receipt.effect is Effect.APPLIED
    for who in ("anna", "ben"):
        assert answers(await desk.get(who, "m.ics"))["x"] == "ACCEPTED", who


async def test_an_answer_of_somebody_else_is_not_believed(desk: Desk) -> None:
    await desk.put("anna", "m.ics", meeting("m", "x@example.net", "ben@example.org"))
    reply = itip("REPLY", meeting("m", ";PARTSTAT=ACCEPTED:mailto:x@example.net"))
    receipt = await desk.dav.face.services.meetings.receive(PrincipalId("anna"), reply, Address("evil@example.net"))
    assert receipt.effect is Effect.UNKNOWN
    assert await desk.methods("anna") == []
    assert answers(await desk.get("anna", "m.ics"))["x"] == "NEEDS-ACTION"


async def test_what_is_no_message_or_for_nobody_is_refused(desk: Desk) -> None:
    services = desk.dav.face.services
    with pytest.raises(MalformedInput):
        await services.meetings.receive(PrincipalId("anna"), b"nonsense", Address("x@example.net"))
    body = itip("REQUEST", meeting("m", "ben@example.org"))
    with pytest.raises(NotFound):
        await services.meetings.receive(PrincipalId("nobody"), body, Address("anna@example.org"))


async def test_what_a_subscribed_calendar_shows_of_a_meeting_is_left_alone(desk: Desk) -> None:
    created = await desk.dav.request("MKCALENDAR", "/ben/Calendar/web/", as_="ben")
    assert created.status == 201
    copy = meeting("m", "ben@example.org", "dora@example.org", summary="Seen elsewhere")
    services, caller = desk.dav.face.services, Caller(PrincipalId("ben"))
    stored = await desk.dav.request("PUT", "/ben/Calendar/web/w.ics", copy.replace("anna@", "boss@"), "ben")
    assert stored.status == 201
    place = Place(PrincipalId("ben"), Kind.CALENDAR, "web")
    await services.collections.change_properties(caller, place, {"read_only": True}, {})
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org", "dora@example.org"))
    assert "Planning" in await desk.text("ben", "m.ics")
    shown = await desk.dav.request("GET", "/ben/Calendar/web/w.ics", as_="ben")
    assert b"Seen elsewhere" in shown.body


async def test_a_first_try_is_refused_where_a_guest_is_busy_and_a_second_is_not(desk: Desk) -> None:
    """As the web application saves: DAV and ActiveSync always count as the second try."""
    await desk.put("ben", "own.ics", event("own", "Dentist", "20260302T093000Z").decode())
    services, caller = desk.dav.face.services, Caller(PrincipalId("anna"))
    place = Place(caller.principal, Kind.CALENDAR, "personal")
    await desk.names("anna")
    body = meeting("m", "ben@example.org", "dora@example.org").encode()

    async def save(*, forced: bool) -> None:
        options = WriteOptions(forced=forced)
        await services.objects.put(caller, place, ResourceName("m.ics"), body, "text/calendar", options=options)

    with pytest.raises(Prevented) as refused:
        await save(forced=False)
    assert refused.value.unavailable == ["Ben Lund <ben@example.org>"]
    assert refused.value.conflict == "20260302T093000Z - 20260302T103000Z"
    assert await desk.names("dora") == []
    await save(forced=True)
    assert await desk.names("dora") == ["m.ics"]


async def test_while_the_directory_is_down_nothing_is_written(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def down(address: str) -> None:
        raise Unavailable("a user source does not answer")

    await desk.names("anna")
    monkeypatch.setattr(desk.directory, "find_by_mail", down)
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org"), status=503)
    assert await desk.names("anna") == []
    await desk.put("anna", "plain.ics", event("plain").decode())


async def test_somebody_invited_by_two_addresses_has_one_copy(desk: Desk) -> None:
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org", "ben.second@example.org"))
    assert await desk.names("ben") == ["m.ics"]
    await desk.answer("ben", "m.ics", "ACCEPTED")
    assert answers(await desk.get("anna", "m.ics"))["ben"] == "ACCEPTED"


async def test_a_mail_and_its_meeting_are_kept_together(database: Database) -> None:
    desk = desk_on(database, MeetingPolicy(notify=True))
    await desk.prefer("ben", PreventInvitations=1)
    await desk.put("anna", "m.ics", meeting("m", "x@example.net", "ben@example.org"), status=409)
    assert await desk.mails() == []
    await desk.put("anna", "m.ics", meeting("m", "x@example.net"))
    assert len(await desk.mails()) == 1
