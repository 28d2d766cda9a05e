"""Sharing by invitation and publishing, as Apple's clients do it (CalendarServer's caldav-sharing)."""

from xml.etree import ElementTree as ET

import pytest

from folkmoot.collections import boxes
from tests.support.dav import Dav, event
from tests.support.reports import CALENDAR, document, put

pytestmark = pytest.mark.anyio

CS = "{http://calendarserver.org/ns/}"
HOME = "/ben/Calendar/"
MOUNT = "/ben/Calendar/anna_personal/"
WAITING = "/ben/notifications/"
IPHONE = "iOS/18.4 (22E240) dataaccessd/1.0"
BEN = "<CS:set><D:href>mailto:ben@example.org</D:href><CS:summary>Work &amp; play</CS:summary>{}</CS:set>"
REMOVE = "<CS:remove><D:href>mailto:ben@example.org</D:href></CS:remove>"


async def share(dav: Dav, content: str, path: str = CALENDAR, as_: str = "anna") -> int:
    return (await dav.request("POST", path, document("CS:share", content), as_, content_type="text/xml")).status


async def invite(dav: Dav, access: str = "<CS:read-write/>") -> ET.Element:
    """Invite ben; return the notification that he finds."""
    await dav.propfind(CALENDAR, "{DAV:}displayname")
    assert await share(dav, BEN.format(access)) == 200
    return await notification(dav, "ben")


async def notification(dav: Dav, who: str) -> ET.Element:
    """Return the one notification that waits for somebody."""
    listed = await dav.propfind(f"/{who}/notifications/", f"{CS}notificationtype", depth="1", as_=who)
    (href,) = [href for href in listed.hrefs if href.endswith(".xml")]
    response = await dav.request("GET", href.removeprefix("/SOGo/dav"), as_=who)
    assert response.status == 200
    return ET.fromstring(response.body)  # noqa: S314  # our own answer


async def waiting(dav: Dav, who: str) -> int:
    listed = await dav.propfind(f"/{who}/notifications/", "{DAV:}getetag", depth="1", as_=who)
    return len(listed.hrefs) - 1


async def reply(dav: Dav, uid: str, answer: str = "accepted", path: str = HOME, as_: str = "ben") -> tuple[int, bytes]:
    content = (
        f"<D:href>mailto:ben@example.org</D:href><CS:invite-{answer}/><CS:in-reply-to>{uid}</CS:in-reply-to>"
        "<CS:hosturl><D:href>/SOGo/dav/anna/Calendar/personal/</D:href></CS:hosturl>"
    )
    response = await dav.request("POST", path, document("CS:invite-reply", content), as_, content_type="text/xml")
    return response.status, response.body


async def sharees(dav: Dav, path: str = CALENDAR, as_: str = "anna") -> dict[str, tuple[str, str]]:
    """Return state and access by href."""
    found = (await dav.propfind(path, f"{CS}invite", as_=as_)).found().get(f"{CS}invite")
    users = [] if found is None else found.findall(f"{CS}user")
    result = {}
    for user in users:
        state = next(child.tag for child in user if child.tag.startswith(f"{CS}invite-"))
        access = user.find(f"{CS}access")
        assert access is not None
        result[user.findtext("{DAV:}href") or ""] = (state.removeprefix(f"{CS}invite-"), access[0].tag.removeprefix(CS))
    return result


async def test_an_invitation_waits_for_the_sharees_clients(dav: Dav) -> None:
    url = await dav.propfind("/ben/", f"{CS}notification-URL", as_="ben")
    assert url.text(f"{CS}notification-URL") == "/SOGo/dav/ben/notifications/"
    found = await invite(dav)
    inner = found.find(f"{CS}invite-notification")
    assert inner is not None
    assert inner.get("shared-type") == "calendar"
    assert inner.findtext("{DAV:}href") == "mailto:ben@example.org"
    assert inner.find(f"{CS}invite-noresponse") is not None
    assert inner.find(f"{CS}access/{CS}read-write") is not None
    assert inner.findtext(f"{CS}hosturl/{{DAV:}}href") == "/SOGo/dav/anna/Calendar/personal/"
    assert inner.findtext(f"{CS}organizer/{CS}common-name") == "Anna Berg"
    assert inner.findtext(f"{CS}summary") == "Work & play"
    listed = await dav.propfind(WAITING, f"{CS}notificationtype", "{DAV:}resourcetype", depth="1", as_="ben")
    types = [child.tag for child in listed.found("/SOGo/dav/ben/notifications/")["{DAV:}resourcetype"]]
    assert types == ["{DAV:}collection", f"{CS}notification"]
    (href,) = [href for href in listed.hrefs if href.endswith(".xml")]
    assert listed.found(href)[f"{CS}notificationtype"][0].tag == f"{CS}invite-notification"
    assert await sharees(dav) == {"mailto:ben@example.org": ("noresponse", "read-write")}


async def test_accepting_subscribes_and_tells_the_owner(dav: Dav) -> None:
    uid = (await invite(dav)).findtext(f".//{CS}uid") or ""
    status, body = await reply(dav, uid)
    assert status == 200
    answer = ET.fromstring(body)  # noqa: S314
    assert answer.tag == f"{CS}shared-as"
    assert answer.findtext("{DAV:}href") == "/SOGo/dav/ben/Calendar/anna_personal/"
    assert await waiting(dav, "ben") == 0
    await put(dav, f"{MOUNT}a.ics", event("a"), "ben")
    told = (await notification(dav, "anna")).find(f"{CS}invite-reply")
    assert told is not None
    assert told.find(f"{CS}invite-accepted") is not None
    assert told.findtext(f"{CS}in-reply-to") == uid
    assert told.findtext(f"{CS}common-name") == "Ben Lund"
    assert await sharees(dav) == {"mailto:ben@example.org": ("accepted", "read-write")}


async def test_declining_is_told_and_shows_nothing(dav: Dav) -> None:
    uid = (await invite(dav, "<CS:read/>")).findtext(f".//{CS}uid") or ""
    assert (await reply(dav, uid, "declined"))[0] == 200
    assert (await dav.request("PROPFIND", MOUNT, as_="ben", depth="0")).status == 404
    told = (await notification(dav, "anna")).find(f"{CS}invite-reply/{CS}invite-declined")
    assert told is not None
    assert await sharees(dav) == {"mailto:ben@example.org": ("declined", "read")}


async def test_what_apples_clients_see_of_a_shared_calendar(dav: Dav) -> None:
    apple = Dav(dav.face, {"user-agent": IPHONE})

    async def types(path: str, as_: str, client: Dav = apple) -> set[str]:
        found = (await client.propfind(path, "{DAV:}resourcetype", as_=as_)).found()["{DAV:}resourcetype"]
        return {child.tag.removeprefix(CS) for child in found if child.tag.startswith(CS)}

    uid = (await invite(dav, "<CS:read/>")).findtext(f".//{CS}uid") or ""
    await reply(dav, uid)
    assert await types(CALENDAR, "anna") == {"shared-owner"}
    assert await types(MOUNT, "ben") == {"shared"}
    assert await types(f"{HOME}personal/", "ben") == set()
    assert await types(MOUNT, "ben", dav) == set()
    found = (
        await apple.propfind(MOUNT, f"{CS}invite", f"{CS}shared-url", f"{CS}allowed-sharing-modes", as_="ben")
    ).found()
    assert found[f"{CS}invite"].findtext(f"{CS}organizer/{CS}common-name") == "Anna Berg"
    assert found[f"{CS}invite"].find(f"{CS}access/{CS}read") is not None
    assert found[f"{CS}shared-url"][0].text == "/SOGo/dav/anna/Calendar/personal/"
    assert f"{CS}allowed-sharing-modes" not in found
    modes = (await apple.propfind(CALENDAR, f"{CS}allowed-sharing-modes")).found()[f"{CS}allowed-sharing-modes"]
    assert [mode.tag for mode in modes] == [f"{CS}can-be-shared", f"{CS}can-be-published"]
    options = await dav.request("OPTIONS", "/anna/Calendar/")
    assert "calendarserver-sharing" in dict(options.headers)["DAV"]


async def test_readers_see_what_is_public_and_times_of_the_rest(dav: Dav) -> None:
    await put(dav, f"{CALENDAR}a.ics", event("a", "Lunch"))
    await put(dav, f"{CALENDAR}b.ics", event("b", "Doctor", extra="CLASS:PRIVATE\r\n"))
    await reply(dav, (await invite(dav, "<CS:read/>")).findtext(f".//{CS}uid") or "")
    assert b"Lunch" in (await dav.request("GET", f"{MOUNT}a.ics", as_="ben")).body
    assert b"Doctor" not in (await dav.request("GET", f"{MOUNT}b.ics", as_="ben")).body
    assert (await dav.request("DELETE", f"{MOUNT}a.ics", as_="ben")).status == 403


async def test_taking_it_back_ends_everything(dav: Dav) -> None:
    await reply(dav, (await invite(dav)).findtext(f".//{CS}uid") or "")
    await dav.request("DELETE", "/anna/notifications/x.xml")
    assert await share(dav, REMOVE) == 200
    assert (await dav.request("PROPFIND", MOUNT, as_="ben", depth="0")).status == 404
    assert (await dav.request("PROPFIND", CALENDAR, as_="ben", depth="0")).status == 404
    assert (await notification(dav, "ben")).find(f".//{CS}invite-deleted") is not None
    assert await sharees(dav) == {}


async def test_taking_an_unanswered_invitation_back_leaves_nothing_waiting(dav: Dav) -> None:
    uid = (await invite(dav)).findtext(f".//{CS}uid") or ""
    assert await share(dav, REMOVE) == 200
    assert await waiting(dav, "ben") == 0
    assert (await reply(dav, uid))[0] == 403


async def test_inviting_again_changes_the_access_and_asks_only_who_has_not_answered(dav: Dav) -> None:
    first = (await invite(dav, "<CS:read/>")).findtext(f".//{CS}uid") or ""
    second = (await invite(dav)).findtext(f".//{CS}uid") or ""
    assert first != second
    assert (await reply(dav, first))[0] == 403
    assert (await reply(dav, second))[0] == 200
    assert await share(dav, BEN.format("<CS:read/>")) == 200
    assert await waiting(dav, "ben") == 0
    assert await sharees(dav) == {"mailto:ben@example.org": ("accepted", "read")}


async def test_other_ways_of_sharing_are_seen_here_and_kept(dav: Dav) -> None:
    inverse = 'xmlns="urn:inverse:params:xml:ns:inverse-dav"'
    body = f'<acl-query {inverse}><set-roles user="ben"><PublicResponder/></set-roles></acl-query>'
    assert (await dav.request("POST", CALENDAR, body, content_type="text/xml")).status == 204
    assert await sharees(dav) == {"mailto:ben@example.org": ("noresponse", "read-write")}
    await invite(dav)
    roles = f'<acl-query {inverse}><roles user="ben"/></acl-query>'
    told = await dav.request("POST", CALENDAR, roles, content_type="text/xml")
    assert told.body.endswith(b"<roles><PublicResponder/></roles>"), "they say the same more precisely"
    await dav.request("POST", CALENDAR, f"<subscribe {inverse}/>", "ben", content_type="text/xml")
    assert await sharees(dav) == {"mailto:ben@example.org": ("accepted", "read-write")}
    assert await waiting(dav, "ben") == 0
    await dav.request("DELETE", MOUNT, as_="ben")
    assert await sharees(dav) == {"mailto:ben@example.org": ("declined", "read-write")}


async def test_whom_nobody_knows_is_told_and_the_others_are_invited(dav: Dav) -> None:
    await dav.propfind(CALENDAR, "{DAV:}displayname")
    people = "".join(
        f"<CS:set><D:href>{href}</D:href><CS:read/></CS:set>"
        for href in ("mailto:zoe@example.org", "/SOGo/dav/ben/", "mailto:anna@example.org", "/SOGo/dav/staff/", "urn:x")
    )
    response = await dav.request("POST", CALENDAR, document("CS:share", people), content_type="text/xml")
    assert response.status == 207
    statuses = [(one[0].text, (one.findtext("{DAV:}status") or "").split()[1]) for one in ET.fromstring(response.body)]  # noqa: S314
    assert statuses == [
        ("mailto:zoe@example.org", "403"),
        ("/SOGo/dav/ben/", "200"),
        ("mailto:anna@example.org", "403"),
        ("/SOGo/dav/staff/", "200"),
        ("urn:x", "403"),
    ]
    assert await waiting(dav, "ben") == 1
    assert set(await sharees(dav)) == {"mailto:ben@example.org", "mailto:staff@example.org"}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "<CS:set/>",
        "<CS:set><D:href/></CS:set>",
        "<CS:remove/>",
        "<CS:set><D:href>a</D:href><D:href>b</D:href></CS:set>",
    ],
)
async def test_malformed_requests_are_400(dav: Dav, content: str) -> None:
    assert await share(dav, content) == 400


async def test_only_the_owner_shares_and_only_calendars(dav: Dav) -> None:
    await invite(dav)
    assert await share(dav, REMOVE, as_="ben") == 403
    assert await share(dav, REMOVE, "/anna/Contacts/personal/") == 405
    assert await share(dav, REMOVE, "/anna/Calendar/") == 405
    assert (await dav.request("PROPFIND", WAITING, as_="anna", depth="1")).status == 404


async def test_everybody_answers_for_oneself(dav: Dav) -> None:
    uid = (await invite(dav)).findtext(f".//{CS}uid") or ""
    assert (await reply(dav, uid, as_="anna"))[0] == 403
    assert (await reply(dav, uid, path="/anna/Calendar/", as_="anna"))[0] == 403
    assert (await reply(dav, "other"))[0] == 403
    assert (await reply(dav, uid, path="/ben/"))[0] == 405
    assert (await reply(dav, uid, "perhaps"))[0] == 400
    assert (await reply(dav, uid))[0] == 200
    assert (await reply(dav, uid))[0] == 200, "and may repeat it"


async def test_notifications_are_taken_away_and_never_put(dav: Dav) -> None:
    await invite(dav)
    listed = await dav.propfind(WAITING, "{DAV:}getetag", "{DAV:}sync-token", depth="1", as_="ben")
    (href,) = [href for href in listed.hrefs if href.endswith(".xml")]
    path = href.removeprefix("/SOGo/dav")
    assert (await dav.request("PUT", f"{WAITING}x.xml", b"<x/>", "ben")).status == 403
    assert (await dav.request("PUT", path, b"<x/>", "ben")).status == 403
    assert (await dav.request("MKCOL", f"{WAITING}x/", as_="ben")).status in {403, 405}
    assert (await dav.request("DELETE", WAITING, as_="ben")).status == 403
    assert (await dav.request("DELETE", path, as_="anna")).status == 404
    assert (await dav.request("DELETE", path, as_="ben")).status == 204
    assert await waiting(dav, "ben") == 0
    assert await waiting(dav, "anna") == 0


async def test_publishing_makes_a_link_and_unpublishing_takes_it_back(dav: Dav) -> None:
    url = f"{CS}publish-url"

    async def published(as_: str = "anna") -> str | None:
        found = (await dav.propfind(CALENDAR, url, as_=as_)).found().get(url)
        return None if found is None else found[0].text

    async def post(action: str, as_: str = "anna") -> int:
        body = document(f"CS:{action}", "")
        return (await dav.request("POST", CALENDAR, body, as_, content_type="application/xml")).status

    await invite(dav)
    assert await published() is None
    assert await post("publish-calendar") == 202
    first = await published()
    assert first is not None
    assert first.startswith("http://dav.test/SOGo/links/")
    assert first.endswith(".ics")
    assert await post("publish-calendar") == 202
    assert await published() == first
    assert await published("ben") is None
    assert await post("publish-calendar", "ben") == 403
    assert await post("unpublish-calendar", "ben") == 403
    assert await post("unpublish-calendar") == 200
    assert await published() is None


async def test_whoever_answers_again_and_again_leaves_one_answer_waiting(dav: Dav) -> None:
    uid = (await invite(dav)).findtext(f"{CS}invite-notification/{CS}uid") or ""
    for answer in ("accepted", "declined") * 3:
        assert (await reply(dav, uid, answer))[0] == 200
    told = (await notification(dav, "anna")).find(f"{CS}invite-reply")
    assert told is not None
    assert told.find(f"{CS}invite-declined") is not None


async def test_rights_are_taken_back_also_from_whose_notifications_are_many(
    dav: Dav, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boxes, "WAITING_MAX", 2)
    for name in ("one", "two", "three"):
        path = f"/anna/Calendar/{name}/"
        assert (await dav.request("MKCALENDAR", path)).status == 201
        assert await share(dav, BEN.format("<CS:read/>"), path) == 200
    assert await waiting(dav, "ben") == 2
    assert await share(dav, REMOVE, "/anna/Calendar/one/") == 200
    assert (await dav.request("PROPFIND", "/anna/Calendar/one/", as_="ben", depth="0")).status == 404
