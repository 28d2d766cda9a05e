"""Headers, tags, inbox, outbox, and what real clients send (RFC 6638 sections 2, 3.2.10 and 8; client quirks)."""

import pytest

from folkmoot.calendars.meetings.policy import MeetingPolicy
from folkmoot.collections.content import Place
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.store.records import Kind
from tests.support.dav import CALLERS, Answers, condition, event, header
from tests.support.meetings import Desk, answers, desk_on, meeting

pytestmark = pytest.mark.anyio

C = "{urn:ietf:params:xml:ns:caldav}"
THUNDERBIRD = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.5"
EVOLUTION = "Evolution/3.52.2"
APPLE = "macOS/15.3 (24D60) dataaccessd/1.0"


@pytest.fixture
def desk(dav_database: Database) -> Desk:
    return desk_on(dav_database)


@pytest.fixture
def mailing(dav_database: Database) -> Desk:
    return desk_on(dav_database, MeetingPolicy(notify=True))


async def test_a_plain_event_has_no_tag_and_keeps_its_octets(desk: Desk) -> None:
    response = await desk.dav.request("PUT", "/anna/Calendar/personal/e.ics", event("e"))
    assert header(response, "Schedule-Tag") is None
    assert header(response, "ETag") is not None


async def test_a_tag_is_told_and_shown(desk: Desk) -> None:
    tag = await desk.put("anna", "m.ics", meeting("m", "ben@example.org"))
    assert tag
    for method in ("GET", "HEAD"):
        response = await desk.dav.request(method, "/anna/Calendar/personal/m.ics")
        assert header(response, "Schedule-Tag") == f'"{tag}"'
    answer = await desk.propfind("/anna/Calendar/personal/m.ics", f"{C}schedule-tag")
    assert answer.text(f"{C}schedule-tag") == f'"{tag}"'


async def test_an_answer_leaves_the_organizers_tag_as_it_is(desk: Desk) -> None:
    """So that an organizer's client, which has not seen it, can still write (RFC 6638 section 3.2.10)."""
    tag = await desk.put("anna", "m.ics", meeting("m", "ben@example.org"))
    stale = await desk.text("anna", "m.ics")
    await desk.answer("ben", "m.ics", "ACCEPTED")
    changed = stale.replace("SUMMARY:Planning", "SUMMARY:Planning\r\nCATEGORIES:Work")
    new = await desk.put("anna", "m.ics", changed, If_Schedule_Tag_Match=f'"{tag}"')
    assert answers(await desk.get("anna", "m.ics")) == {"ben": "ACCEPTED"}
    await desk.put("anna", "m.ics", changed, If_Schedule_Tag_Match='"other"', status=412)
    assert new


async def test_a_changed_meeting_has_another_tag(desk: Desk) -> None:
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org"))
    response = await desk.dav.request("GET", "/ben/Calendar/personal/m.ics", as_="ben")
    tag = header(response, "Schedule-Tag") or ""
    later = (await desk.text("anna", "m.ics")).replace("20260302T", "20260303T")
    await desk.put("anna", "m.ics", later)
    accepted = response.body.decode().replace("NEEDS-ACTION", "ACCEPTED")
    await desk.put("ben", "m.ics", accepted, If_Schedule_Tag_Match=tag, status=412)


@pytest.mark.parametrize("text", ["", "bare", '"a", "b"', '"a\x01"'])
async def test_what_is_no_tag_is_refused(desk: Desk, text: str) -> None:
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org"), If_Schedule_Tag_Match=text, status=400)


async def test_schedule_reply_is_t_or_f(desk: Desk) -> None:
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org"))
    await desk.delete("ben", "m.ics", status=400, Schedule_Reply="maybe")


async def test_messages_are_read_by_all_reports_and_taken_away(desk: Desk) -> None:
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org"))
    (name,) = await desk.names("ben", "inbox")
    href = f"/SOGo/dav/ben/Calendar/inbox/{name}"
    multiget = (
        '<C:calendar-multiget xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/>'
        f"<C:calendar-data/></D:prop><D:href>{href}</D:href></C:calendar-multiget>"
    )
    query = (
        '<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><C:calendar-data/></D:prop>'
        '<C:filter><C:comp-filter name="VCALENDAR"/></C:filter></C:calendar-query>'
    )
    sync = (
        '<D:sync-collection xmlns:D="DAV:"><D:sync-token/><D:sync-level>1</D:sync-level>'
        "<D:prop><D:getetag/></D:prop></D:sync-collection>"
    )
    for body in (multiget, query, sync):
        response = await desk.dav.request("REPORT", "/ben/Calendar/inbox/", body, "ben", depth="1")
        assert Answers(response.body).hrefs == [href]
    assert (await desk.dav.request("DELETE", f"/ben/Calendar/inbox/{name}", as_="ben")).status == 204
    assert await desk.names("ben", "inbox") == []
    assert await desk.names("ben") == ["m.ics"]


async def test_the_inbox_is_its_owners_alone_and_nobody_writes_to_it(desk: Desk) -> None:
    await desk.names("ben", "inbox")
    assert (await desk.dav.request("PROPFIND", "/ben/Calendar/inbox/", as_="anna", depth="0")).status == 404
    put = await desk.dav.request("PUT", "/ben/Calendar/inbox/x.ics", meeting("m"), "ben")
    assert put.status == 403
    assert (await desk.dav.request("DELETE", "/ben/Calendar/inbox/", as_="ben")).status == 403


async def test_the_inbox_says_what_it_is_and_takes(desk: Desk) -> None:
    names = ["{DAV:}resourcetype", "{DAV:}current-user-privilege-set", "{DAV:}supported-report-set", "{DAV:}sync-token"]
    answer = await desk.propfind("/anna/Calendar/inbox/", *names)
    found = answer.found()
    assert {child.tag for child in found["{DAV:}resourcetype"]} == {"{DAV:}collection", f"{C}schedule-inbox"}
    privileges = {one.tag for element in found["{DAV:}current-user-privilege-set"] for one in element}
    assert {f"{C}schedule-deliver", f"{C}schedule-deliver-invite", f"{C}schedule-deliver-reply"} <= privileges
    assert "{DAV:}bind" not in privileges
    reports = {one.tag for element in found["{DAV:}supported-report-set"].iter("{DAV:}report") for one in element}
    assert {f"{C}calendar-multiget", f"{C}calendar-query", "{DAV:}sync-collection"} <= reports


async def test_invitations_go_to_the_calendar_that_was_chosen(desk: Desk) -> None:
    await desk.dav.request("MKCALENDAR", "/ben/Calendar/work/", as_="ben")
    name = f"{C}schedule-default-calendar-URL"

    def patch(href: str) -> str:
        return (
            '<D:propertyupdate xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop>'
            f"<C:schedule-default-calendar-URL><D:href>{href}</D:href></C:schedule-default-calendar-URL>"
            "</D:prop></D:set></D:propertyupdate>"
        )

    inbox = "/ben/Calendar/inbox/"
    chosen = await desk.dav.request("PROPPATCH", inbox, patch("/SOGo/dav/ben/Calendar/work/"), "ben")
    assert Answers(chosen.body).status(name) == 200
    assert (await desk.propfind(inbox, name, as_="ben")).text(name) == "/SOGo/dav/ben/Calendar/work/"
    refused = await desk.dav.request("PROPPATCH", inbox, patch("/SOGo/dav/ben/Calendar/none/"), "ben")
    assert refused.status == 403
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org"))
    assert await desk.names("ben", "work") == ["m.ics"]


async def test_thunderbird_files_what_was_filed_already(desk: Desk) -> None:
    """It PUTs with If-None-Match under the UID's name (nextcloud/server 37605, 17915)."""
    await desk.put("anna", "uid.ics", meeting("uid", "ben@example.org"))
    accepted = meeting("uid", ";PARTSTAT=ACCEPTED:mailto:ben@example.org")
    await desk.put("ben", "uid.ics", accepted, If_None_Match="*", User_Agent=THUNDERBIRD)
    assert answers(await desk.get("anna", "uid.ics")) == {"ben": "ACCEPTED"}
    await desk.put("ben", "uid.ics", accepted, If_None_Match="*", User_Agent=THUNDERBIRD, status=412)
    assert await desk.status("ben", "uid.ics") == 200


async def test_nothing_else_is_filed_over_an_invitation(desk: Desk) -> None:
    await desk.put("anna", "uid.ics", meeting("uid", "ben@example.org"))
    before = await desk.text("ben", "uid.ics")
    other = meeting("other", "dora@example.org", organizer="mailto:ben@example.org")
    for body in (other, event("plain").decode(), event("uid").decode().replace("UID:uid", "UID:else")):
        await desk.put("ben", "uid.ics", body, If_None_Match="*", status=412)
    assert await desk.text("ben", "uid.ics") == before
    assert await desk.names("dora") == []


@pytest.mark.parametrize("agent", [EVOLUTION, APPLE, THUNDERBIRD])
async def test_a_client_files_the_invitation_under_a_name_of_its_own(desk: Desk, agent: str) -> None:
    """The copy that was filed gives way: one UID stays one object (nextcloud/server 14428, 20730)."""
    await desk.put("anna", "m.ics", meeting("uid", "ben@example.org"))
    accepted = meeting("uid", ";PARTSTAT=ACCEPTED:mailto:ben@example.org")
    await desk.put("ben", "other.ics", accepted, If_None_Match="*", User_Agent=agent, status=201)
    assert await desk.names("ben") == ["other.ics"]
    assert answers(await desk.get("anna", "m.ics")) == {"ben": "ACCEPTED"}


async def test_an_answered_copy_does_not_give_way(desk: Desk) -> None:
    await desk.put("anna", "m.ics", meeting("uid", "ben@example.org"))
    await desk.answer("ben", "m.ics", "ACCEPTED")
    declined = meeting("uid", ";PARTSTAT=DECLINED:mailto:ben@example.org")
    response = await desk.dav.request("PUT", "/ben/Calendar/personal/other.ics", declined, "ben")
    assert response.status == 409
    assert condition(response) == f"{C}no-uid-conflict"
    assert b"/SOGo/dav/ben/Calendar/personal/m.ics" in response.body
    assert answers(await desk.get("anna", "m.ics")) == {"ben": "ACCEPTED"}


async def test_apple_moves_a_meeting_by_put_and_delete_without_cancelling_it(desk: Desk) -> None:
    await desk.dav.request("MKCALENDAR", "/anna/Calendar/work/")
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org"))
    body = await desk.text("anna", "m.ics")
    moved = await desk.dav.request("PUT", "/anna/Calendar/work/m.ics", body, User_Agent=APPLE)
    assert moved.status == 201
    await desk.delete("anna", "m.ics", User_Agent=APPLE)
    assert await desk.methods("ben") == ["REQUEST"]
    assert await desk.status("ben", "m.ics") == 200


async def test_move_within_the_own_home_tells_nobody(desk: Desk) -> None:
    await desk.dav.request("MKCALENDAR", "/anna/Calendar/work/")
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org"))
    moved = await desk.dav.request(
        "MOVE", "/anna/Calendar/personal/m.ics", destination="/SOGo/dav/anna/Calendar/work/m.ics"
    )
    assert moved.status == 201
    assert await desk.methods("ben") == ["REQUEST"]
    await desk.answer("ben", "m.ics", "ACCEPTED")
    stored = await desk.dav.request("GET", "/anna/Calendar/work/m.ics")
    assert b"PARTSTAT=ACCEPTED" in stored.body


async def test_a_calendar_that_goes_takes_its_meetings_out_of_all_calendars(desk: Desk) -> None:
    """Meetings of the past stay with those who were there; copies of other people's meetings go without an answer."""
    await desk.dav.request("MKCALENDAR", "/anna/Calendar/work/")
    past = meeting("old", "dora@example.org", start="20250302T090000Z", end="20250302T100000Z")
    foreign = meeting("x", "anna@example.org", organizer="mailto:boss@example.net")
    for uid, body in (("a", meeting("a", "ben@example.org")), ("b", meeting("b", "dora@example.org"))):
        await desk.dav.request("PUT", f"/anna/Calendar/work/{uid}.ics", body)
    await desk.dav.request("PUT", "/anna/Calendar/work/old.ics", past)
    await desk.dav.request("PUT", "/anna/Calendar/work/x.ics", foreign)
    await desk.dav.request("PUT", "/anna/Calendar/work/plain.ics", event("plain"))
    assert (await desk.dav.request("DELETE", "/anna/Calendar/work/")).status == 204
    assert await desk.names("ben") == []
    assert await desk.methods("ben") == ["CANCEL", "REQUEST"]
    assert await desk.names("dora") == ["old.ics"]


async def test_a_meeting_moved_to_another_person_is_cancelled_and_held_anew(desk: Desk) -> None:
    await desk.names("dora")
    place = Place(PrincipalId("dora"), Kind.CALENDAR, "personal")
    roles = frozenset(["PublicModifier", "ObjectCreator", "ObjectEraser"])
    await desk.dav.face.services.grants.set_(CALLERS["dora"], place, "anna", roles)
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org"))
    moved = await desk.dav.request(
        "MOVE", "/anna/Calendar/personal/m.ics", destination="/SOGo/dav/dora/Calendar/personal/m.ics"
    )
    assert moved.status == 201
    organizer = (await desk.get("ben", "m.ics")).components[-1].get("ORGANIZER")
    assert organizer is not None
    assert organizer.value == "mailto:dora@example.org"
    assert await desk.methods("ben") == ["CANCEL", "REQUEST", "REQUEST"]


async def test_an_all_day_event_of_an_iphone_can_be_made_free(dav_database: Database) -> None:
    desk = desk_on(dav_database, MeetingPolicy(all_day_transparent=True))
    day = event("d").replace(b"DTSTART:20260302T090000Z\r\nDURATION:PT1H", b"DTSTART;VALUE=DATE:20260302").decode()
    await desk.put("anna", "d.ics", day, User_Agent="iOS/18.3 (22D63) dataaccessd/1.0")
    assert "TRANSP:TRANSPARENT" in await desk.text("anna", "d.ics")
    await desk.put("anna", "e.ics", day.replace("UID:d", "UID:e"))
    assert "TRANSP" not in await desk.text("anna", "e.ics")


def itip(method: str, body: str) -> str:
    return body.replace("VERSION:2.0\r\n", f"VERSION:2.0\r\nMETHOD:{method}\r\n")


async def test_a_message_to_the_outbox_is_delivered(desk: Desk) -> None:
    response = await desk.dav.request(
        "POST",
        "/anna/Calendar/personal/",
        itip("REQUEST", meeting("m", "ben@example.org", "dora@example.org", "x@example.net")),
        content_type="text/calendar; charset=utf-8",
        originator="mailto:anna@example.org",
        recipient="mailto:ben@example.org, mailto:x@example.net",
    )
    assert response.status == 200
    text = response.body.decode()
    assert text.count("2.0;Success") == 1
    assert "5.2;" in text
    assert await desk.methods("ben") == ["REQUEST"]
    assert await desk.methods("dora") == []
    assert await desk.names("ben") == ["m.ics"]


async def test_a_counter_proposal_waits_in_the_organizers_inbox(mailing: Desk) -> None:
    await mailing.put("anna", "m.ics", meeting("m", "ben@example.org"))
    counter = itip("COUNTER", meeting("m", "ben@example.org", start="20260302T150000Z", end="20260302T160000Z"))
    response = await mailing.dav.request(
        "POST", "/ben/Calendar/personal/", counter, "ben", content_type="text/calendar"
    )
    assert response.status == 200
    assert await mailing.methods("anna") == ["COUNTER"]
    assert "T090000Z" in await mailing.text("anna", "m.ics")
    assert [mail.payload["method"] for mail in await mailing.mails()] == ["REQUEST", "COUNTER"]


@pytest.mark.parametrize(
    ("method", "who", "status"),
    [("REQUEST", "ben", 403), ("CANCEL", "ben", 403), ("REPLY", "dora", 403), ("PUBLISH", "anna", 415)],
)
async def test_nobody_speaks_for_others(desk: Desk, method: str, who: str, status: int) -> None:
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org"))
    path, body = f"/{who}/Calendar/personal/", itip(method, meeting("m", "ben@example.org", summary="Forged"))
    response = await desk.dav.request("POST", path, body, who, content_type="text/calendar")
    assert response.status == status
    assert "Forged" not in await desk.text("anna", "m.ics")


async def test_an_originator_is_the_owner_of_the_outbox(desk: Desk) -> None:
    response = await desk.dav.request(
        "POST",
        "/anna/Calendar/personal/",
        itip("REQUEST", meeting("m", "ben@example.org")),
        content_type="text/calendar",
        originator="mailto:ben@example.org",
    )
    assert response.status == 403
    assert condition(response) == f"{C}originator-allowed"


async def test_a_repeated_write_mails_nothing_twice(mailing: Desk) -> None:
    await mailing.put("anna", "m.ics", meeting("m", "x@example.net"))
    await mailing.put("anna", "m.ics", await mailing.text("anna", "m.ics"))
    assert len(await mailing.mails()) == 1


async def test_answers_to_outsiders_go_by_mail_each_time(mailing: Desk) -> None:
    body = meeting("m", "ben@example.org", organizer="mailto:boss@example.net")
    await mailing.put("ben", "m.ics", body)
    for partstat in ("ACCEPTED", "DECLINED", "ACCEPTED"):
        await mailing.answer("ben", "m.ics", partstat)
    mails = await mailing.mails()
    assert [(mail.recipient, mail.payload["method"]) for mail in mails] == [("boss@example.net", "REPLY")] * 3


async def test_a_person_may_have_no_answers_mailed(mailing: Desk) -> None:
    await mailing.prefer("ben", InvitationNotificationsOnCalDavDisabled=1)
    await mailing.put("ben", "m.ics", meeting("m", "ben@example.org", organizer="mailto:boss@example.net"))
    await mailing.answer("ben", "m.ics", "ACCEPTED")
    assert await mailing.mails() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"start": "20250302T090000Z", "end": "20250302T100000Z"},
        {"extra": "X-SOGo-Send-Appointment-Notifications:NO\r\n"},
    ],
)
async def test_past_and_silenced_meetings_are_not_mailed(mailing: Desk, changes: dict[str, str]) -> None:
    await mailing.put("anna", "m.ics", meeting("m", "x@example.net", "ben@example.org", **changes))
    assert await mailing.mails() == []
    assert await mailing.names("ben") == ["m.ics"]


async def test_who_only_listens_gets_the_text_alone(mailing: Desk) -> None:
    await mailing.put("anna", "m.ics", meeting("m", ";ROLE=NON-PARTICIPANT:mailto:x@example.net"))
    (mail,) = await mailing.mails()
    assert mail.payload["text_only"] is True
