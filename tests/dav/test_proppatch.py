"""PROPPATCH: live properties that can be set, dead ones kept whole, all or nothing."""

from xml.etree import ElementTree as ET

import pytest

from folkmoot.collections.content import Place
from folkmoot.core.ids import PrincipalId
from folkmoot.store.records import Kind
from tests.support.dav import CALLERS, Answers, Dav, card, event, header

pytestmark = pytest.mark.anyio

D, C, CR = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}", "{urn:ietf:params:xml:ns:carddav}"
CS, A = "{http://calendarserver.org/ns/}", "{http://apple.com/ns/ical/}"
I = "{urn:inverse:params:xml:ns:inverse-dav}"  # noqa: E741
CALENDAR = "/anna/Calendar/personal/"
PREFIXES = (
    'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:CR="urn:ietf:params:xml:ns:carddav" '
    'xmlns:A="http://apple.com/ns/ical/" xmlns:CS="http://calendarserver.org/ns/" '
    'xmlns:I="urn:inverse:params:xml:ns:inverse-dav" xmlns:x="urn:x"'
)
CATEGORIES = "<I:category>One</I:category><I:category>Two</I:category>"
ZONE = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//T//EN\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/Oslo\r\nBEGIN:STANDARD\r\n"
    "DTSTART:19700101T000000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    "END:VCALENDAR\r\n"
)


def update(setting: str = "", removing: str = "") -> str:
    steps = f"<D:set><D:prop>{setting}</D:prop></D:set>" if setting else ""
    steps += f"<D:remove><D:prop>{removing}</D:prop></D:remove>" if removing else ""
    return f"<D:propertyupdate {PREFIXES}>{steps}</D:propertyupdate>"


@pytest.mark.parametrize(
    ("path", "element", "name", "text"),
    [
        (CALENDAR, "<D:displayname>Työ &amp; muu</D:displayname>", f"{D}displayname", "Työ & muu"),
        (CALENDAR, "<C:calendar-description>why</C:calendar-description>", f"{C}calendar-description", "why"),
        (CALENDAR, "<A:calendar-color>#ff8000</A:calendar-color>", f"{A}calendar-color", "#FF8000FF"),
        (CALENDAR, "<A:calendar-color>#ff800080</A:calendar-color>", f"{A}calendar-color", "#FF800080"),
        (CALENDAR, "<A:calendar-order>7</A:calendar-order>", f"{A}calendar-order", "7"),
        (CALENDAR, "<C:calendar-timezone-id>Europe/Oslo</C:calendar-timezone-id>", f"{C}calendar-timezone-id",
         "Europe/Oslo"),
        (CALENDAR, "<I:calendar-show-alarms>false</I:calendar-show-alarms>", f"{I}calendar-show-alarms", "false"),
        (CALENDAR, "<I:notify-on-personal-modifications>1</I:notify-on-personal-modifications>",
         f"{I}notify-on-personal-modifications", "true"),
        (CALENDAR, "<I:notified-user-on-personal-modifications>a@b</I:notified-user-on-personal-modifications>",
         f"{I}notified-user-on-personal-modifications", "a@b"),
        ("/anna/Calendar/", "<I:events-default-classification>PRIVATE</I:events-default-classification>",
         f"{I}events-default-classification", "PRIVATE"),
        ("/anna/Contacts/", f"<I:contacts-categories>{CATEGORIES}</I:contacts-categories>",
         f"{I}contacts-categories", "OneTwo"),
        ("/anna/Contacts/personal/", "<CR:addressbook-description>d</CR:addressbook-description>",
         f"{CR}addressbook-description", "d"),
        ("/anna/", "<x:dead>1</x:dead>", "{urn:x}dead", "1"),
        ("/anna/Files/", "<D:displayname>Papers</D:displayname>", f"{D}displayname", "Papers"),
    ],
)  # fmt: skip
async def test_a_property_that_was_set_is_shown(dav: Dav, path: str, element: str, name: str, text: str) -> None:
    response = await dav.request("PROPPATCH", path, update(element))
    assert response.status == 207
    assert Answers(response.body).status(name) == 200
    assert (await dav.propfind(path, name)).text(name) == text


async def test_transparency_and_time_zone_are_set_and_removed(dav: Dav) -> None:
    zone = f"<C:calendar-timezone>{ZONE}</C:calendar-timezone>"
    body = f"<C:schedule-calendar-transp><C:transparent/></C:schedule-calendar-transp>{zone}"
    assert (await dav.request("PROPPATCH", CALENDAR, update(body))).status == 207
    answers = await dav.propfind(
        CALENDAR, f"{C}schedule-calendar-transp", f"{C}calendar-timezone", f"{C}calendar-timezone-id"
    )
    assert [child.tag for child in answers.found()[f"{C}schedule-calendar-transp"]] == [f"{C}transparent"]
    assert answers.text(f"{C}calendar-timezone-id") == "Europe/Oslo"
    assert "TZID:Europe/Oslo" in answers.text(f"{C}calendar-timezone")
    await dav.request("PROPPATCH", CALENDAR, update(removing="<C:schedule-calendar-transp/><C:calendar-timezone/>"))
    answers = await dav.propfind(CALENDAR, f"{C}schedule-calendar-transp")
    assert [child.tag for child in answers.found()[f"{C}schedule-calendar-transp"]] == [f"{C}opaque"]


async def test_a_dead_property_keeps_content_namespaces_and_language(dav: Dav) -> None:
    body = (
        '<D:propertyupdate xmlns:D="DAV:" xml:lang="fi"><D:set><D:prop xmlns:y="urn:y">'
        '<x:list xmlns:x="urn:x" kind="a&quot;b"> <y:item>1 &lt; 2</y:item>tail<item xmlns=""/></x:list>'
        "</D:prop></D:set></D:propertyupdate>"
    )
    await dav.request("PUT", f"{CALENDAR}a.ics", event("a"))
    for path in (CALENDAR, f"{CALENDAR}a.ics", "/anna/Calendar/"):
        assert (await dav.request("PROPPATCH", path, body)).status == 207
        kept = (await dav.propfind(path, "{urn:x}list")).found()["{urn:x}list"]
        assert kept.get("kind") == 'a"b'
        assert kept.get("{http://www.w3.org/XML/1998/namespace}lang") == "fi"
        assert [child.tag for child in kept] == ["{urn:y}item", "item"]
        assert "".join(kept.itertext()) == " 1 < 2tail"
        await dav.request("PROPPATCH", path, update(removing="<x:list/>"))
        assert (await dav.propfind(path, "{urn:x}list")).status("{urn:x}list") == 404


async def test_dead_properties_do_not_touch_the_objects_etag(dav: Dav) -> None:
    put = await dav.request("PUT", "/anna/Contacts/personal/a.vcf", card("a"))
    await dav.request("PROPPATCH", "/anna/Contacts/personal/a.vcf", update("<x:a>1</x:a>"))
    got = await dav.request("GET", "/anna/Contacts/personal/a.vcf")
    assert header(got, "ETag") == header(put, "ETag")


@pytest.mark.parametrize(
    ("element", "name", "status"),
    [
        ("<D:getetag>x</D:getetag>", f"{D}getetag", 403),
        ("<D:resourcetype/>", f"{D}resourcetype", 403),
        ("<CS:getctag>1</CS:getctag>", f"{CS}getctag", 403),
        ("<C:supported-calendar-component-set/>", f"{C}supported-calendar-component-set", 403),
        ("<C:calendar-timezone>nonsense</C:calendar-timezone>", f"{C}calendar-timezone", 403),
        ("<C:calendar-timezone-id>Mars/Base</C:calendar-timezone-id>", f"{C}calendar-timezone-id", 403),
        ("<A:calendar-color>red</A:calendar-color>", f"{A}calendar-color", 403),
    ],
)
async def test_one_refusal_undoes_the_others(dav: Dav, element: str, name: str, status: int) -> None:
    response = await dav.request("PROPPATCH", CALENDAR, update(f"<D:displayname>new</D:displayname>{element}"))
    answers = Answers(response.body)
    assert response.status == 207
    assert answers.status(name) == status
    assert answers.status(f"{D}displayname") == 424
    assert (await dav.propfind(CALENDAR, f"{D}displayname")).text(f"{D}displayname") == "Personal Calendar"


async def test_a_protected_property_is_named_as_such(dav: Dav) -> None:
    response = await dav.request("PROPPATCH", CALENDAR, update("<D:getetag>x</D:getetag>"))
    assert ET.fromstring(response.body).find(f".//{D}error/{D}cannot-modify-protected-property") is not None  # noqa: S314


@pytest.mark.parametrize(
    ("path", "element", "status"),
    [
        (CALENDAR, "<I:calendar-show-alarms>perhaps</I:calendar-show-alarms>", 400),
        (CALENDAR, "<C:schedule-calendar-transp>x</C:schedule-calendar-transp>", 400),
        ("/anna/Calendar/", "<I:events-default-classification/>", 403),
        ("/anna/Calendar/", "<I:tasks-default-classification>SECRET</I:tasks-default-classification>", 403),
    ],
)
async def test_sogos_statuses_for_bad_values(dav: Dav, path: str, element: str, status: int) -> None:
    assert (await dav.request("PROPPATCH", path, update(element))).status == status


async def test_who_may_not_modify_may_not_set_properties(dav: Dav) -> None:
    place = Place(PrincipalId("anna"), Kind.CALENDAR, "personal")
    await dav.propfind("/anna/Calendar/", depth="1")
    await dav.face.services.grants.set_(CALLERS["anna"], place, "ben", frozenset(["PublicViewer"]))
    body = update("<D:displayname>mine now</D:displayname>")
    assert (await dav.request("PROPPATCH", CALENDAR, body, "ben")).status == 403
    assert (await dav.request("PROPPATCH", "/anna/Calendar/", update("<x:a>1</x:a>"), "ben")).status == 403
    assert (await dav.request("PROPPATCH", "/", body)).status == 403


async def test_what_a_home_keeps_is_shown_to_its_owner_only(dav: Dav) -> None:
    await dav.request("PROPPATCH", "/anna/Calendar/", update("<x:a>private</x:a>"))
    assert (await dav.propfind("/anna/Calendar/", "{urn:x}a", as_="ben")).status("{urn:x}a") == 404


async def test_too_much_is_refused(dav: Dav) -> None:
    big = "".join(f"<x:p{n}>{'y' * 30_000}</x:p{n}>" for n in range(12))
    assert (await dav.request("PROPPATCH", CALENDAR, update(big))).status == 413
    many = "".join(f"<x:p{n}/>" for n in range(1200))
    assert (await dav.request("PROPPATCH", CALENDAR, update(many))).status == 413


async def test_a_minimal_answer_to_success_is_empty(dav: Dav) -> None:
    response = await dav.request("PROPPATCH", CALENDAR, update("<x:a>1</x:a>"), prefer="return=minimal")
    assert (response.status, response.body) == (200, b"")
    refused = await dav.request("PROPPATCH", CALENDAR, update("<D:getetag>1</D:getetag>"), prefer="return=minimal")
    assert refused.status == 207


@pytest.mark.parametrize(
    "body", ["", "<D:propertyupdate xmlns:D='DAV:'/>", "<a/>", "<D:propertyupdate xmlns:D='DAV:'>"]
)
async def test_a_body_that_is_no_proppatch_is_a_bad_request(dav: Dav, body: str) -> None:
    assert (await dav.request("PROPPATCH", CALENDAR, body)).status == 400
