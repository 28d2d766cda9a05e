"""The tree for who does not sign in: what owners grant to ``anonymous``, read only, and only if it is enabled."""

from dataclasses import replace
from datetime import UTC

import pytest

from folkmoot.calendars.busy.free_busy import FreeBusy
from folkmoot.calendars.zones import CalendarZones
from folkmoot.dav.face import DavFace
from folkmoot.dav.settings import DavSettings
from tests.support.dav import Dav, FixedDirectory, event, header
from tests.support.reports import CALENDAR, CALENDAR_DATA, document, put, report

pytestmark = pytest.mark.anyio

INVERSE = 'xmlns="urn:inverse:params:xml:ns:inverse-dav"'
HOME = "/public/anna/Calendar/"
HOME_HREF = "/SOGo/dav/public/anna/Calendar/"
NAME = "{DAV:}displayname"


@pytest.fixture
def public(dav: Dav) -> Dav:
    """The same face with the public tree enabled."""
    services = dav.face.services
    free_busy = FreeBusy(services.links._access, CalendarZones(UTC), FixedDirectory(), public=True)
    return Dav(DavFace(replace(services, free_busy=free_busy), replace(DavSettings(), public_access=True)))


async def grant(dav: Dav, roles: str, user: str = "anonymous", path: str = CALENDAR) -> None:
    body = f'<acl-query {INVERSE}><set-roles user="{user}">{roles}</set-roles></acl-query>'
    assert (await dav.request("POST", path, body, content_type="text/xml")).status == 204


async def test_it_is_not_there_unless_it_is_enabled(dav: Dav, public: Dav) -> None:
    await grant(dav, "<PublicViewer/>")
    for path in ("/public", "/public/", HOME, "/public/anna/freebusy.ifb"):
        assert (await dav.request("OPTIONS", path, as_="nobody")).status == 404
        assert (await dav.request("PROPFIND", path, as_="anna")).status == 404
        assert (await public.request("OPTIONS", path, as_="nobody")).status == 200


async def test_collections_are_listed_by_what_anonymous_may_do(public: Dav) -> None:
    await public.request("MKCALENDAR", "/anna/Calendar/club/")
    await public.propfind(CALENDAR, NAME)
    await grant(public, "<ObjectCreator/>", "&lt;default&gt;", "/anna/Calendar/club/")
    assert (await public.propfind(HOME, NAME, depth="1", as_="nobody")).hrefs == [HOME_HREF]
    await grant(public, "<ObjectCreator/>", path="/anna/Calendar/club/")
    listed = await public.propfind(HOME, NAME, depth="1", as_="nobody")
    assert set(listed.hrefs) == {HOME_HREF, *(f"{HOME_HREF}club{end}" for end in ("/", ".ics", ".xml"))}
    assert listed.text(NAME, f"{HOME_HREF}club/") == "club"


async def test_what_is_granted_can_be_read_and_not_written(public: Dav) -> None:
    await put(public, f"{CALENDAR}a.ics", event("a"))
    await grant(public, "<PublicModifier/><ObjectCreator/><ObjectEraser/>")
    assert (await public.request("GET", f"{HOME}personal/a.ics", as_="nobody")).status == 200
    assert (await public.request("GET", f"{HOME}personal.ics", as_="nobody")).status == 200
    body = f"<D:prop><C:calendar-data/></D:prop><D:href>{HOME_HREF}personal/a.ics</D:href>"
    found = await report(public, f"{HOME}personal/", "C:calendar-multiget", body, as_="nobody")
    assert "UID:a" in found.text(CALENDAR_DATA)
    for method in ("PUT", "DELETE", "PROPPATCH", "LOCK", "ACL", "POST", "MKCALENDAR", "MOVE"):
        for who in ("nobody", "anna"):
            assert (await public.request(method, f"{HOME}personal/a.ics", event("a"), as_=who)).status == 403
    assert (await public.request("GET", f"{CALENDAR}a.ics")).status == 200


async def test_signing_in_gives_no_rights_there(public: Dav) -> None:
    await put(public, f"{CALENDAR}a.ics", event("a"))
    assert (await public.request("GET", f"{HOME}personal/a.ics", as_="anna")).status == 404
    assert (await public.request("GET", f"{HOME}personal/a.ics", as_="root")).status == 404


async def test_people_are_known_by_nothing_but_their_name(public: Dav) -> None:
    addresses = "{urn:ietf:params:xml:ns:caldav}calendar-user-address-set"
    emails = "{http://calendarserver.org/ns/}email-address-set"
    found = await public.propfind("/public/anna/", NAME, addresses, emails, "{DAV:}owner", as_="nobody")
    assert found.text(NAME) == "anna"
    text = "".join("".join(one.itertext()) for one in found.found().values())
    assert "@" not in text
    assert "Berg" not in text
    assert (await public.request("PROPFIND", "/public/zoe/", as_="nobody")).status == 404
    root = await public.propfind("/public/", "{DAV:}current-user-principal", depth="1", as_="nobody")
    assert root.hrefs == ["/SOGo/dav/public/"]
    body = document("I:user-query", '<I:users match-name="ben"/>')
    searched = await public.request("REPORT", "/public/anna/", body, "nobody")
    assert b"Lund" not in searched.body


async def test_free_busy_tells_times_and_nothing_else(public: Dav) -> None:
    await put(public, f"{CALENDAR}a.ics", event("a"))
    await grant(public, "<PublicDAndTViewer/>")
    response = await public.request(
        "GET", "/public/anna/freebusy.ifb", as_="nobody", query="start=20260301T000000Z&end=20260307T000000Z"
    )
    assert response.status == 200
    assert b"20260302T090000Z" in response.body
    assert b"@" not in response.body
    assert (header(response, "content-type") or "").startswith("text/calendar")
