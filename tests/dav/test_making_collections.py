"""MKCOL, extended MKCOL, MKCALENDAR, and the removal of collections."""

from xml.etree import ElementTree as ET

import pytest

from folkmoot.dav.http import Response
from tests.support.dav import Dav, condition, event

pytestmark = pytest.mark.anyio

D, C, CR = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}", "{urn:ietf:params:xml:ns:carddav}"
A = "{http://apple.com/ns/ical/}"


def mkcol(props: str) -> str:
    return (
        '<D:mkcol xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:CR="urn:ietf:params:xml:ns:carddav">'
        f"<D:set><D:prop>{props}</D:prop></D:set></D:mkcol>"
    )


def mkcalendar(props: str) -> str:
    return (
        '<C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:A="http://apple.com/ns/ical/">'
        f"<D:set><D:prop>{props}</D:prop></D:set></C:mkcalendar>"
    )


def root_of(response: Response) -> ET.Element:
    return ET.fromstring(response.body)  # noqa: S314


async def test_mkcalendar_makes_a_calendar_with_its_properties(dav: Dav) -> None:
    body = mkcalendar(
        "<D:displayname>Team</D:displayname><A:calendar-color>#112233</A:calendar-color><A:calendar-order>3"
        "</A:calendar-order><C:supported-calendar-component-set><C:comp name='VTODO'/>"
        "</C:supported-calendar-component-set><dead xmlns='urn:x'>kept</dead>"
    )
    assert (await dav.request("MKCALENDAR", "/anna/Calendar/team/", body)).status == 201
    answers = await dav.propfind(
        "/anna/Calendar/team/",
        f"{D}displayname",
        f"{A}calendar-color",
        f"{C}supported-calendar-component-set",
        "{urn:x}dead",
    )
    assert answers.text(f"{D}displayname") == "Team"
    assert answers.text(f"{A}calendar-color") == "#112233FF"
    assert [c.get("name") for c in answers.found()[f"{C}supported-calendar-component-set"]] == ["VTODO"]
    assert answers.text("{urn:x}dead") == "kept"
    refused = await dav.request("PUT", "/anna/Calendar/team/a.ics", event("a"))
    assert condition(refused) == f"{C}supported-calendar-component"


async def test_a_calendar_that_is_there_is_not_made_again(dav: Dav) -> None:
    assert (await dav.request("MKCALENDAR", "/anna/Calendar/team")).status == 201
    for method in ("MKCALENDAR", "MKCOL"):
        assert (await dav.request(method, "/anna/Calendar/team/")).status == 405
        assert (await dav.request(method, "/anna/Calendar/personal/")).status == 405
        assert (await dav.request(method, "/anna/Calendar/")).status in {403, 405}


async def test_a_refused_property_makes_nothing(dav: Dav) -> None:
    for method, body, status in (
        ("MKCALENDAR", mkcalendar("<D:displayname>x</D:displayname><D:getetag>1</D:getetag>"), 207),
        ("MKCOL", mkcol("<D:displayname>x</D:displayname><D:getetag>1</D:getetag>"), 424),
    ):
        response = await dav.request(method, "/anna/Calendar/team/", body)
        assert response.status == status
        statuses = [element.text for element in root_of(response).iter(f"{D}status")]
        assert statuses == ["HTTP/1.1 403 Forbidden", "HTTP/1.1 424 Failed Dependency"]
        assert (await dav.request("PROPFIND", "/anna/Calendar/team/")).status == 404


async def test_extended_mkcol_says_what_was_set(dav: Dav) -> None:
    kind = "<D:resourcetype><D:collection/><CR:addressbook/></D:resourcetype>"
    body = mkcol(f"{kind}<D:displayname>Clients</D:displayname>")
    response = await dav.request("MKCOL", "/anna/Contacts/clients/", body)
    assert response.status == 201
    root = root_of(response)
    assert root.tag == f"{D}mkcol-response"
    assert root.find(f"{D}propstat/{D}prop/{D}displayname") is not None
    assert (await dav.propfind("/anna/Contacts/clients/", f"{D}displayname")).text(f"{D}displayname") == "Clients"


@pytest.mark.parametrize(
    ("path", "types"),
    [
        ("/anna/Calendar/a/", "<D:collection/><CR:addressbook/>"),
        ("/anna/Contacts/a/", "<D:collection/><C:calendar/>"),
        ("/anna/Calendar/a/", "<D:collection/>"),
        ("/anna/Files/a/", "<D:collection/><C:calendar/>"),
        ("/anna/Calendar/a/", "<D:collection/><C:calendar/><C:schedule-inbox/>"),
    ],
)
async def test_a_home_holds_one_kind_of_collection(dav: Dav, path: str, types: str) -> None:
    refused = await dav.request("MKCOL", path, mkcol(f"<D:resourcetype>{types}</D:resourcetype>"))
    assert refused.status == 403
    assert condition(refused) == f"{D}valid-resourcetype"


async def test_plain_mkcol_makes_what_the_home_holds(dav: Dav) -> None:
    assert (await dav.request("MKCOL", "/anna/Calendar/a/")).status == 201
    assert (await dav.request("MKCOL", "/anna/Contacts/a/")).status == 201
    types = (await dav.propfind("/anna/Contacts/a/", f"{D}resourcetype")).found()[f"{D}resourcetype"]
    assert f"{CR}addressbook" in {child.tag for child in types}


@pytest.mark.parametrize(
    ("body", "status"),
    [("afafafaf", 415), ("<xml><no>mkcol</no></xml>", 415), ("<D:mkcol xmlns:D='DAV:'>", 400)],
)
async def test_unknown_bodies_are_refused(dav: Dav, body: str, status: int) -> None:
    assert (await dav.request("MKCOL", "/anna/Calendar/a/", body)).status == status


async def test_calendars_are_made_in_ones_own_calendar_home_only(dav: Dav) -> None:
    assert (await dav.request("MKCALENDAR", "/anna/Contacts/a/")).status == 403
    assert (await dav.request("MKCALENDAR", "/anna/a/")).status == 403
    refused = await dav.request("MKCALENDAR", "/anna/Calendar/personal/sub/")
    assert condition(refused) == f"{C}calendar-collection-location-ok"
    assert (await dav.request("MKCALENDAR", "/anna/Calendar/none/sub/")).status == 409
    assert (await dav.request("MKCALENDAR", "/ben/Calendar/a/")).status in {403, 404}
    assert (await dav.request("MKCOL", "/anna/Calendar/inbox/")).status in {403, 405}


async def test_collections_of_files_nest(dav: Dav) -> None:
    assert (await dav.request("MKCOL", "/anna/Files/a/b/")).status == 409
    assert (await dav.request("MKCOL", "/anna/Files/a/")).status == 201
    assert (await dav.request("MKCOL", "/anna/Files/a/b")).status == 201
    assert (await dav.request("PUT", "/anna/Files/a/b/c.txt", b"deep")).status == 201
    assert (await dav.request("MKCOL", "/anna/Files/a/b/c.txt")).status == 405
    hrefs = (await dav.propfind("/anna/Files/a/", f"{D}resourcetype", depth="1")).hrefs
    assert hrefs == ["/SOGo/dav/anna/Files/a/", "/SOGo/dav/anna/Files/a/b/"]
    assert (await dav.request("DELETE", "/anna/Files/a/")).status == 204
    assert (await dav.request("GET", "/anna/Files/a/b/c.txt")).status == 404


async def test_a_calendar_is_deleted_with_all_in_it(dav: Dav) -> None:
    await dav.request("MKCALENDAR", "/anna/Calendar/team/")
    await dav.request("PUT", "/anna/Calendar/team/a.ics", event("a"))
    assert (await dav.request("DELETE", "/anna/Calendar/team/", depth="0")).status == 400
    assert (await dav.request("DELETE", "/anna/Calendar/team/")).status == 204
    assert (await dav.request("GET", "/anna/Calendar/team/a.ics")).status == 404
    assert (await dav.request("DELETE", "/anna/Calendar/team/")).status == 404


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/anna/Calendar/personal/", 403),
        ("/anna/Calendar/", 403),
        ("/anna/", 403),
        ("/", 403),
        ("/anna/Calendar/personal.ics", 403),
        ("/anna/Calendar/inbox/", 403),
        ("/anna/Files/", 403),
        ("/anna/nothing", 404),
    ],
)
async def test_what_must_exist_cannot_be_deleted(dav: Dav, path: str, status: int) -> None:
    await dav.propfind("/anna/Calendar/", depth="1")
    assert (await dav.request("DELETE", path)).status == status
