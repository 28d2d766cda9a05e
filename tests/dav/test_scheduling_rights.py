"""Who may write to whose meetings: delegates, those who may only answer, and what SOGo's tests froze."""

import pytest

from folkmoot.collections.content import Place
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.store.records import Kind
from tests.support.dav import CALLERS
from tests.support.meetings import Desk, answers, desk_on, meeting

pytestmark = pytest.mark.anyio

MODIFY = ("PublicModifier", "ObjectCreator", "ObjectEraser")


@pytest.fixture
def desk(dav_database: Database) -> Desk:
    return desk_on(dav_database)


async def share(desk: Desk, owner: str, with_: str, *roles: str) -> None:
    await desk.names(owner)
    place = Place(PrincipalId(owner), Kind.CALENDAR, "personal")
    await desk.dav.face.services.grants.set_(CALLERS[owner], place, with_, frozenset(roles))


async def test_a_delegate_invites_in_the_owners_name(desk: Desk) -> None:
    await share(desk, "anna", "dora", *MODIFY)
    await desk.put("dora", "m.ics", meeting("m", "ben@example.org"), home="anna")
    organizer = (await desk.get("ben", "m.ics")).components[-1].get("ORGANIZER")
    assert organizer is not None
    assert organizer.value == "mailto:anna@example.org"
    assert organizer.param("SENT-BY") == "mailto:dora@example.org"


async def test_a_client_that_names_the_delegate_as_organizer_is_put_right(desk: Desk) -> None:
    """Seen of macOS on shared calendars, and of Thunderbird before it knew identities."""
    await share(desk, "anna", "dora", *MODIFY)
    body = meeting("m", "ben@example.org", organizer="mailto:dora@example.org")
    await desk.put("dora", "m.ics", body, home="anna")
    organizer = (await desk.get("anna", "m.ics")).components[-1].get("ORGANIZER")
    assert organizer is not None
    assert (organizer.value, organizer.param("SENT-BY")) == ("mailto:anna@example.org", "mailto:dora@example.org")
    assert await desk.methods("ben") == ["REQUEST"]
    assert await desk.names("dora") == []


async def test_who_may_respond_answers_for_the_owner(desk: Desk) -> None:
    await share(desk, "ben", "dora", "PublicResponder")
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org"))
    answered = (await desk.text("ben", "m.ics")).replace("PARTSTAT=NEEDS-ACTION", "PARTSTAT=ACCEPTED")
    await desk.put("dora", "m.ics", answered, home="ben", status=204)
    assert answers(await desk.get("anna", "m.ics")) == {"ben": "ACCEPTED"}
    for who in ("ben", "anna"):
        line = (await desk.get(who, "m.ics")).components[-1].get("ATTENDEE")
        assert line is not None
        assert line.param("SENT-BY") == "mailto:dora@example.org", who
    await desk.answer("ben", "m.ics", "DECLINED")
    line = (await desk.get("anna", "m.ics")).components[-1].get("ATTENDEE")
    assert line is not None
    assert (line.param("PARTSTAT"), line.param("SENT-BY")) == ("DECLINED", None)


async def test_a_changed_organizer_or_text_of_who_may_respond_is_dropped_with_204(desk: Desk) -> None:
    await share(desk, "ben", "dora", "PublicResponder")
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org"))
    forged = (
        (await desk.text("ben", "m.ics"))
        .replace("SUMMARY:Planning", "SUMMARY:Forged")
        .replace("ORGANIZER:mailto:anna@example.org", "ORGANIZER:mailto:dora@example.org")
        .replace("PARTSTAT=NEEDS-ACTION", "PARTSTAT=TENTATIVE")
    )
    await desk.put("dora", "m.ics", forged, home="ben", status=204)
    copy = (await desk.get("ben", "m.ics")).components[-1]
    assert copy.text("SUMMARY") == "Planning"
    organizer = copy.get("ORGANIZER")
    assert organizer is not None
    assert organizer.value == "mailto:anna@example.org"
    assert answers(await desk.get("anna", "m.ics")) == {"ben": "TENTATIVE"}


async def test_acting_for_the_organizer_needs_the_right_to_modify_else_409(desk: Desk) -> None:
    await share(desk, "anna", "dora", "PublicResponder")
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org"))
    changed = (
        (await desk.text("anna", "m.ics"))
        .replace("SUMMARY:Planning", "SUMMARY:Mine now")
        .replace("ORGANIZER", 'ORGANIZER;SENT-BY="mailto:dora@example.org"', 1)
    )
    await desk.put("dora", "m.ics", changed, home="anna", status=409)
    assert "SUMMARY:Planning" in await desk.text("ben", "m.ics")


async def test_who_may_only_look_changes_nothing(desk: Desk) -> None:
    await share(desk, "ben", "dora", "PublicViewer")
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org"))
    answered = (await desk.text("ben", "m.ics")).replace("PARTSTAT=NEEDS-ACTION", "PARTSTAT=ACCEPTED")
    await desk.put("dora", "m.ics", answered, home="ben", status=403)
    await desk.put("dora", "new.ics", meeting("n", "ben@example.org"), home="ben", status=403)
    response = await desk.dav.request("DELETE", "/ben/Calendar/personal/m.ics", as_="dora")
    assert response.status == 403
    assert answers(await desk.get("anna", "m.ics")) == {"ben": "NEEDS-ACTION"}


async def test_a_guest_cannot_rewrite_the_meeting(desk: Desk) -> None:
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org", "dora@example.org"))
    changed = (await desk.text("ben", "m.ics")).replace("SUMMARY:Planning", "SUMMARY:Party")
    await desk.put("ben", "m.ics", changed)
    for who in ("anna", "ben", "dora"):
        assert "SUMMARY:Planning" in await desk.text(who, "m.ics"), who


async def test_an_answer_to_a_meeting_that_the_organizer_no_longer_has_is_refused(desk: Desk) -> None:
    await desk.put("ben", "ghost.ics", meeting("ghost", "ben@example.org"), status=403)
    assert await desk.names("ben") == []


async def test_a_meeting_of_strangers_is_kept_as_it_comes(desk: Desk) -> None:
    """No organizer check that rejects third parties' events (Evolution, Thunderbird)."""
    body = meeting("x", "ben@example.org", organizer="mailto:boss@example.net")
    await desk.put("ben", "x.ics", body, status=201)
    body = meeting("y", "someone@example.net", organizer="mailto:boss@example.net")
    await desk.put("ben", "y.ics", body, status=201)
    assert await desk.text("ben", "y.ics") == body


@pytest.mark.parametrize(
    ("agent", "status"),
    [
        ("", 403),
        ("macOS/15.3 (24D60) dataaccessd/1.0", 403),
        ("iOS/18.3 (22D63) dataaccessd/1.0", 403),
        ("Mozilla/5.0 (X11; Linux x86_64) Thunderbird/128.5", 409),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15) Thunderbird/128.5", 409),
    ],
)
async def test_an_old_sequence_is_refused_as_each_client_understands_it(desk: Desk, agent: str, status: int) -> None:
    """Apple's clients duplicate what is answered with 409, Lightning shows nothing for 403."""
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org", extra="SEQUENCE:4\r\n"))
    old = (await desk.text("ben", "m.ics")).replace("SEQUENCE:4", "SEQUENCE:1")
    before = await desk.text("ben", "m.ics")
    await desk.put("ben", "m.ics", old.replace("NEEDS-ACTION", "ACCEPTED"), status=status, User_Agent=agent)
    assert await desk.text("ben", "m.ics") == before
    assert answers(await desk.get("anna", "m.ics")) == {"ben": "NEEDS-ACTION"}


C = "{urn:ietf:params:xml:ns:caldav}"
SENDING = {f"{C}schedule-send", f"{C}schedule-send-invite", f"{C}schedule-send-reply", f"{C}schedule-send-freebusy"}
ANSWERING = {f"{C}schedule-send-reply", f"{C}schedule-send-freebusy"}


async def post(desk: Desk, who: str, home: str, method: str, body: str) -> int:
    message = body.replace("VERSION:2.0\r\n", f"VERSION:2.0\r\nMETHOD:{method}\r\n")
    path = f"/{home}/Calendar/personal/"
    return (await desk.dav.request("POST", path, message, who, content_type="text/calendar")).status


@pytest.mark.parametrize(
    ("roles", "shown"),
    [
        (("PublicViewer", "PrivateViewer"), set()),
        (("PublicResponder",), ANSWERING),
        (("PrivateModifier",), SENDING),
        (("ObjectCreator",), set()),
    ],
)
async def test_an_outbox_shows_what_one_may_send_with_it(desk: Desk, roles: tuple[str, ...], shown: set[str]) -> None:
    await share(desk, "anna", "dora", *roles)
    name = "{DAV:}current-user-privilege-set"
    for who, wanted in (("anna", SENDING), ("dora", shown)):
        found = (await desk.propfind("/anna/Calendar/personal/", name, as_=who)).found()[name]
        assert {one.tag for element in found for one in element} & SENDING == wanted
    await desk.dav.request("MKCALENDAR", "/anna/Calendar/work/")
    found = (await desk.propfind("/anna/Calendar/work/", name)).found()[name]
    assert not {one.tag for element in found for one in element} & SENDING


@pytest.mark.parametrize(
    ("collection", "aggregate", "parts"),
    [
        ("personal", "schedule-send", SENDING),
        (
            "inbox",
            "schedule-deliver",
            {f"{C}schedule-deliver", f"{C}schedule-deliver-invite", f"{C}schedule-deliver-reply"}
            | {f"{C}schedule-query-freebusy"},
        ),
    ],
)
async def test_privileges_of_scheduling_are_listed_in_their_aggregate(
    desk: Desk, collection: str, aggregate: str, parts: set[str]
) -> None:
    """RFC 6638 sections 6.1 and 6.2."""
    name = "{DAV:}supported-privilege-set"
    await desk.names("anna", collection)
    found = (await desk.propfind(f"/anna/Calendar/{collection}/", name)).found()[name]
    (whole,) = [
        one
        for one in found.iter("{DAV:}supported-privilege")
        if one.find(f"{{DAV:}}privilege/{C}{aggregate}") is not None
    ]
    assert {one.tag for privilege in whole.iter("{DAV:}privilege") for one in privilege} == parts


async def test_a_delegate_sends_with_the_owners_outbox(desk: Desk) -> None:
    await share(desk, "anna", "dora", *MODIFY)
    assert await post(desk, "dora", "anna", "REQUEST", meeting("m", "ben@example.org")) == 200
    organizer = (await desk.get("ben", "m.ics")).components[-1].get("ORGANIZER")
    assert organizer is not None
    assert (organizer.value, organizer.param("SENT-BY")) == ("mailto:anna@example.org", "mailto:dora@example.org")
    assert (
        await post(desk, "dora", "anna", "REQUEST", meeting("n", "ben@example.org", extra="CLASS:PRIVATE\r\n")) == 403
    )
    assert await desk.names("ben") == ["m.ics"]


async def test_who_may_respond_sends_answers_with_the_owners_outbox_and_nothing_else(desk: Desk) -> None:
    await share(desk, "ben", "dora", "PublicResponder")
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org"))
    accepted = meeting("m", ";PARTSTAT=ACCEPTED:mailto:ben@example.org")
    assert await post(desk, "dora", "ben", "REPLY", accepted) == 200
    line = (await desk.get("anna", "m.ics")).components[-1].get("ATTENDEE")
    assert line is not None
    assert (line.param("PARTSTAT"), line.param("SENT-BY")) == ("ACCEPTED", "mailto:dora@example.org")
    own = meeting("own", "anna@example.org", organizer="mailto:ben@example.org")
    assert await post(desk, "dora", "ben", "REQUEST", own) == 403
    assert await desk.names("anna") == ["m.ics"]


async def test_what_a_delegate_may_send_about_follows_from_the_owners_copy(desk: Desk) -> None:
    """Not from the class that the message claims, nor from rights on another calendar."""
    await share(desk, "ben", "dora", "PublicModifier", "ObjectCreator")
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org", extra="CLASS:CONFIDENTIAL\r\n"))
    declined = meeting("m", ";PARTSTAT=DECLINED:mailto:ben@example.org")
    assert await post(desk, "dora", "ben", "REPLY", declined) == 403
    await desk.dav.request("MKCALENDAR", "/ben/Calendar/work/", as_="ben")
    own = meeting("own", "anna@example.org", organizer="mailto:ben@example.org")
    await desk.dav.request("PUT", "/ben/Calendar/work/own.ics", own, "ben")
    assert await post(desk, "dora", "ben", "CANCEL", own) == 403
    assert await desk.names("anna") == ["m.ics", "own.ics"]
    assert answers(await desk.get("anna", "m.ics")) == {"ben": "NEEDS-ACTION"}


async def test_with_no_right_to_answer_nobody_sends_with_anothers_outbox(desk: Desk) -> None:
    await share(desk, "anna", "dora", "PublicViewer", "ObjectCreator")
    assert await post(desk, "dora", "anna", "REQUEST", meeting("m", "ben@example.org")) == 403
    assert await desk.names("ben") == []
