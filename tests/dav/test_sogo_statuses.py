"""Statuses that a running SOGo gives, or those of the RFC where SOGo's are a defect."""

import pytest

from folkmoot.collections.content import Place
from folkmoot.core.ids import PrincipalId
from folkmoot.store.records import Kind
from tests.support.dav import CALLERS, Answers, Dav, card, condition, event, header

pytestmark = pytest.mark.anyio

CALENDAR, BOOK = "/anna/Calendar/personal/", "/anna/Contacts/personal/"
D = "{DAV:}"


async def _share(dav: Dav, *roles: str) -> None:
    place = Place(PrincipalId("anna"), Kind.CALENDAR, "personal")
    await dav.face.services.grants.set_(CALLERS["anna"], place, "ben", frozenset(roles))


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("MKCALENDAR", CALENDAR, 405),
        ("MKCOL", CALENDAR, 405),
        ("MKCOL", BOOK, 405),
        ("MKCALENDAR", "/anna/Calendar/inbox/", 403),
        ("MKCALENDAR", "/anna/Contacts/more/", 403),
        ("MKCOL", f"{CALENDAR}below/", 403),
        ("MKCOL", "/anna/other/", 405),
        ("MKCALENDAR", "/ben/Calendar/more/", 403),
        ("DELETE", CALENDAR, 403),
        ("DELETE", "/anna/Calendar/", 403),
        ("DELETE", "/anna/Calendar/inbox/", 403),
        ("DELETE", "/anna/", 403),
        ("DELETE", "/ben/Calendar/personal/", 404),
        ("GET", "/nobody-here/", 404),
        ("PROPFIND", "/nobody-here/", 404),
        ("GET", "/anna/Calendar/", 405),
        ("SEARCH", "/anna/Calendar/", 405),
        ("REPORT", "/anna/Calendar/", 400),
    ],
)
async def test_what_can_be_done_with_the_tree_itself(dav: Dav, method: str, path: str, status: int) -> None:
    for present in (CALENDAR, BOOK):
        await dav.propfind(present, f"{D}owner")
    response = await dav.request(method, path)
    assert response.status == status
    assert (header(response, "Allow") is not None) == (status == 405)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"BEGIN:VCALENDAR\r\nrubbish", "text/calendar", 400),
        (b"", "text/calendar", 400),
        (card("a"), "text/vcard", 415),
    ],
)
async def test_a_put_that_is_no_calendar_is_refused(dav: Dav, body: bytes, kind: str, status: int) -> None:
    response = await dav.request("PUT", f"{CALENDAR}a.ics", body, content_type=kind)
    assert response.status == status
    assert (await dav.request("GET", f"{CALENDAR}a.ics")).status == 404


async def test_a_delete_of_another_version_deletes_nothing(dav: Dav) -> None:
    await dav.request("PUT", f"{CALENDAR}a.ics", event("a"))
    assert (await dav.request("DELETE", f"{CALENDAR}a.ics", if_match='"gcs00000009"')).status == 412
    assert (await dav.request("DELETE", f"{CALENDAR}a.ics")).status == 204


async def test_an_eraser_deletes_what_it_may_not_read(dav: Dav) -> None:
    await dav.request("PUT", f"{CALENDAR}a.ics", event("a"))
    await _share(dav, "ObjectEraser")
    assert (await dav.request("PUT", f"{CALENDAR}a.ics", event("a"), "ben")).status == 403
    assert (await dav.request("PUT", f"{CALENDAR}b.ics", event("b"), "ben")).status == 403
    assert (await dav.request("DELETE", f"{CALENDAR}a.ics", as_="ben")).status == 204


async def test_a_creator_adds_and_can_do_no_more(dav: Dav) -> None:
    await dav.request("PUT", f"{CALENDAR}a.ics", event("a"))
    await _share(dav, "ObjectCreator")
    assert (await dav.request("PUT", f"{CALENDAR}b.ics", event("b"), "ben")).status == 201
    assert (await dav.request("PUT", f"{CALENDAR}b.ics", event("b", "Other"), "ben")).status == 403
    for name in ("a", "none"):  # whether there is one is not told
        assert (await dav.request("GET", f"{CALENDAR}{name}.ics", as_="ben")).status == 403
        assert (await dav.request("DELETE", f"{CALENDAR}{name}.ics", as_="ben")).status == 403


@pytest.mark.parametrize("path", ["/anna/", "/anna/Calendar/", "/anna/Contacts/", "/anna/Calendar/inbox/"])
async def test_a_name_of_ours_cannot_be_set(dav: Dav, path: str) -> None:
    body = '<propertyupdate xmlns="DAV:"><set><prop><displayname>x</displayname></prop></set></propertyupdate>'
    response = await dav.request("PROPPATCH", path, body)
    assert response.status == 207
    assert Answers(response.body).status(f"{D}displayname") == 403
    assert (await dav.propfind(path, f"{D}displayname")).text(f"{D}displayname") != "x"


@pytest.mark.parametrize("kind", ["calendar", "addressbook"])
async def test_the_name_that_drafts_gave_a_collation_is_understood(dav: Dav, kind: str) -> None:
    await dav.request("PUT", f"{CALENDAR}a.ics", event("a", "Über Nacht"))
    await dav.request("PUT", f"{BOOK}a.vcf", card("a", "Über Nacht"))
    match = '<x:text-match collation="{}">über</x:text-match>'
    namespace = "urn:ietf:params:xml:ns:" + ("caldav" if kind == "calendar" else "carddav")
    inner = (
        '<x:comp-filter name="VCALENDAR"><x:comp-filter name="VEVENT"><x:prop-filter name="SUMMARY">'
        f"{match}</x:prop-filter></x:comp-filter></x:comp-filter>"
        if kind == "calendar"
        else f'<x:prop-filter name="FN">{match}</x:prop-filter>'
    )
    body = f'<x:{kind}-query xmlns:x="{namespace}" xmlns="DAV:"><prop><getetag/></prop><x:filter>{inner}</x:filter>'
    path = CALENDAR if kind == "calendar" else BOOK
    found = await dav.request("REPORT", path, f"{body}</x:{kind}-query>".format("i;unicasemap"), depth="1")
    assert len(Answers(found.body).hrefs) == 1
    refused = await dav.request("REPORT", path, f"{body}</x:{kind}-query>".format("i;none"), depth="1")
    assert condition(refused) == f"{{{namespace}}}supported-collation"


async def test_mail_is_another_name_of_email_in_filters(dav: Dav) -> None:
    await dav.request("PUT", f"{BOOK}a.vcf", card("a", extra="EMAIL:jan@example.net\r\n"))
    await dav.request("PUT", f"{BOOK}b.vcf", card("b"))
    body = (
        '<addressbook-query xmlns="urn:ietf:params:xml:ns:carddav" xmlns:D="DAV:"><D:prop><D:getetag/></D:prop>'
        '<filter><prop-filter name="MAIL"><text-match>jan@</text-match></prop-filter></filter></addressbook-query>'
    )
    assert Answers((await dav.request("REPORT", BOOK, body)).body).hrefs == [f"/SOGo/dav{BOOK}a.vcf"]
