"""Free-busy in all its forms: the report, freebusy.ifb, and the request to the outbox."""

from xml.etree import ElementTree as ET

import pytest

from folkmoot.dav.face import DavFace
from folkmoot.dav.settings import DavSettings
from tests.support.dav import Answers, Dav, event, header
from tests.support.reports import CALENDAR, document, put

pytestmark = pytest.mark.anyio

MARCH = '<C:time-range start="20260301T000000Z" end="20260401T000000Z"/>'
REQUEST = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//EN\r\nMETHOD:REQUEST\r\nBEGIN:VFREEBUSY\r\nUID:ask\r\n"
    "DTSTAMP:20260101T000000Z\r\nDTSTART:20260302T000000Z\r\nDTEND:20260303T000000Z\r\n"
    "ORGANIZER:mailto:anna@example.org\r\nATTENDEE:mailto:anna@example.org\r\n"
    "ATTENDEE:mailto:ben@example.org\r\nATTENDEE:mailto:x@nowhere.example\r\nEND:VFREEBUSY\r\nEND:VCALENDAR\r\n"
)


async def fill(dav: Dav) -> None:
    await put(dav, f"{CALENDAR}a.ics", event("a"))
    await put(dav, f"{CALENDAR}b.ics", event("b", start="20260302T093000Z"))
    await put(dav, f"{CALENDAR}free.ics", event("free", start="20260304T090000Z", extra="TRANSP:TRANSPARENT\r\n"))
    await put(dav, f"{CALENDAR}maybe.ics", event("maybe", start="20260305T090000Z", extra="STATUS:TENTATIVE\r\n"))


@pytest.mark.parametrize("path", [CALENDAR, "/anna/Calendar/"])
async def test_the_report_merges_busy_times(dav: Dav, path: str) -> None:
    await fill(dav)
    response = await dav.request("REPORT", path, document("C:free-busy-query", MARCH))
    assert response.status == 200
    assert header(response, "content-type") == "text/calendar; charset=utf-8"
    text = response.body.decode()
    assert "FREEBUSY:20260302T090000Z/20260302T103000Z" in text
    assert "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20260305T090000Z/20260305T100000Z" in text
    assert "20260304" not in text


async def test_transparent_calendars_do_not_count_in_a_home(dav: Dav) -> None:
    body = (
        '<D:propertyupdate xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop>'
        "<C:schedule-calendar-transp><C:transparent/></C:schedule-calendar-transp></D:prop></D:set></D:propertyupdate>"
    )
    await fill(dav)
    assert (await dav.request("PROPPATCH", CALENDAR, body)).status == 207
    response = await dav.request("REPORT", "/anna/Calendar/", document("C:free-busy-query", MARCH))
    assert b"FREEBUSY:" not in response.body


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ("", 400),
        ('<C:time-range start="20260301T000000Z"/>', 400),
        ('<C:time-range start="20260301T000000Z" end="20260201T000000Z"/>', 400),
        ('<C:time-range start="19500101T000000Z" end="20260201T000000Z"/>', 413),
        ('<C:time-range start="00010101T000000Z" end="20260201T000000Z"/>', 403),
    ],
)
async def test_a_window_that_cannot_be_is_refused(dav: Dav, content: str, status: int) -> None:
    assert (await dav.request("REPORT", CALENDAR, document("C:free-busy-query", content))).status == status


async def test_others_cannot_ask_about_a_calendar_they_do_not_see(dav: Dav) -> None:
    response = await dav.request("REPORT", CALENDAR, document("C:free-busy-query", MARCH), "ben")
    assert response.status == 404


async def test_anybody_signed_in_reads_freebusy_ifb(dav: Dav) -> None:
    await fill(dav)
    query = "start=20260301T000000Z&end=20260401T000000Z"
    response = await dav.request("GET", "/anna/freebusy.ifb", as_="ben", query=query)
    assert response.status == 200
    text = response.body.decode()
    assert "METHOD:PUBLISH" in text
    assert "ORGANIZER:mailto:anna@example.org" in text
    assert "FREEBUSY:20260302T090000Z/20260302T103000Z" in text
    assert "SUMMARY" not in text


async def test_freebusy_ifb_without_a_window_is_about_the_present(dav: Dav) -> None:
    response = await dav.request("GET", "/anna/freebusy.ifb")
    assert response.status == 200
    assert b"BEGIN:VFREEBUSY" in response.body


@pytest.mark.parametrize("query", ["start=soon", "start=20269999", "&".join("a=1" for _ in range(30))])
async def test_odd_windows_of_freebusy_ifb_are_400(dav: Dav, query: str) -> None:
    assert (await dav.request("GET", "/anna/freebusy.ifb", query=query)).status == 400


async def test_the_outbox_answers_for_each_attendee(dav: Dav) -> None:
    await fill(dav)
    response = await dav.request("POST", CALENDAR, REQUEST, content_type="text/calendar; charset=utf-8")
    assert response.status == 200
    c = "{urn:ietf:params:xml:ns:caldav}"
    root = ET.fromstring(response.body)  # noqa: S314  # our own answer
    assert root.tag == f"{c}schedule-response"
    found = {one.findtext(f"{c}recipient/{{DAV:}}href"): one for one in root}
    assert [one.findtext(f"{c}request-status") for one in found.values()] == [
        "2.0;Success",
        "2.0;Success",
        "3.7;Invalid Calendar User",
    ]
    own = found["mailto:anna@example.org"].findtext(f"{c}calendar-data") or ""
    assert "METHOD:REPLY" in own
    assert "FREEBUSY:20260302T090000Z/20260302T103000Z" in own


@pytest.mark.parametrize(
    ("path", "body", "kind", "status"),
    [
        (CALENDAR, REQUEST, "text/plain", 415),
        (CALENDAR, "nonsense", "text/calendar", 400),
        (CALENDAR, REQUEST.replace("DTEND", "X-END"), "text/calendar", 400),
        ("/anna/Calendar/", REQUEST, "text/calendar", 405),
    ],
)
async def test_other_posts_are_refused(dav: Dav, path: str, body: str, kind: str, status: int) -> None:
    assert (await dav.request("POST", path, body, content_type=kind)).status == status


async def test_a_calendar_is_exported_whole_as_ics_and_xml(dav: Dav) -> None:
    await fill(dav)
    text = await dav.request("GET", "/anna/Calendar/personal.ics")
    assert text.status == 200
    assert text.body.count(b"BEGIN:VEVENT") == 4
    assert b"METHOD:PUBLISH" in text.body
    again = await dav.request("GET", "/anna/Calendar/personal.ics", if_none_match=header(text, "etag") or "")
    assert again.status == 304
    await put(dav, f"{CALENDAR}new.ics", event("new"))
    changed = await dav.request("GET", "/anna/Calendar/personal.ics", if_none_match=header(text, "etag") or "")
    assert changed.status == 200
    xml = await dav.request("GET", "/anna/Calendar/personal.xml")
    assert ET.fromstring(xml.body).tag == "{urn:ietf:params:xml:ns:icalendar-2.0}icalendar"  # noqa: S314  # ours


@pytest.mark.parametrize("form", ["ics", "xml"])
async def test_calendars_are_not_exported_where_that_is_disabled(dav: Dav, form: str) -> None:
    await fill(dav)
    closed = Dav(DavFace(dav.face.services, DavSettings(calendar_export=False)))
    assert (await closed.request("GET", f"/anna/Calendar/personal.{form}")).status == 404
    assert (await closed.request("GET", f"{CALENDAR}a.ics")).status == 200
    assert b"personal.ics" not in (await closed.request("PROPFIND", "/anna/Calendar/", depth="1")).body


async def ask(dav: Dav, request: str = REQUEST) -> dict[str, str]:
    response = await dav.request("POST", CALENDAR, request, content_type="text/calendar")
    assert response.status == 200
    return {
        "".join(one.find("{urn:ietf:params:xml:ns:caldav}recipient").itertext()): (  # type: ignore[union-attr]  # always there
            one.findtext("{urn:ietf:params:xml:ns:caldav}calendar-data") or ""
        )
        for one in ET.fromstring(response.body)  # noqa: S314  # our own answer
    }


async def test_the_outbox_says_tentative_of_what_is_not_decided(dav: Dav) -> None:
    invited = (
        "ORGANIZER:mailto:carl@example.org\r\nATTENDEE;PARTSTAT={}:mailto:ben@example.org\r\nRRULE:FREQ=YEARLY\r\n"
    )
    await put(dav, "/ben/Calendar/personal/a.ics", event("a", extra=invited.format("TENTATIVE")), as_="ben")
    await put(dav, "/ben/Calendar/personal/b.ics", event("b", extra=invited.format("DECLINED")), as_="ben")
    answers = await ask(dav)
    assert "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20260302T090000Z/20260302T100000Z" in answers["mailto:ben@example.org"]
    assert "FREEBUSY:" not in answers["mailto:ben@example.org"]


async def test_a_meeting_that_is_being_moved_makes_nobody_busy(dav: Dav) -> None:
    await fill(dav)
    masked = REQUEST.replace("DTSTART", "X-CALENDARSERVER-MASK-UID:a\r\nDTSTART")
    assert "FREEBUSY:20260302T093000Z/20260302T103000Z" in (await ask(dav, masked))["mailto:anna@example.org"]
    assert "FREEBUSY:20260302T090000Z/20260302T103000Z" in (await ask(dav))["mailto:anna@example.org"]


AVAILABILITY = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//EN\r\nBEGIN:VAVAILABILITY\r\nUID:v\r\n"
    "DTSTAMP:20260101T000000Z\r\nBEGIN:AVAILABLE\r\nUID:w\r\nDTSTART:20260302T080000Z\r\nDTEND:20260302T160000Z\r\n"
    "END:AVAILABLE\r\nEND:VAVAILABILITY\r\nEND:VCALENDAR\r\n"
)


def availability(text: str) -> str:
    return (
        '<D:propertyupdate xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop>'
        f"<C:calendar-availability>{text}</C:calendar-availability></D:prop></D:set></D:propertyupdate>"
    )


@pytest.mark.parametrize("path", ["/anna/Calendar/inbox/", "/anna/Calendar/", "/anna/"])
async def test_availability_is_stated_and_enters_free_busy(dav: Dav, path: str) -> None:
    name = "{urn:ietf:params:xml:ns:caldav}calendar-availability"
    answer = Answers((await dav.request("PROPPATCH", path, availability(AVAILABILITY))).body)
    assert answer.status(name) == 200
    assert "BEGIN:AVAILABLE" in (await dav.propfind("/anna/Calendar/inbox/", name)).text(name)
    text = (await ask(dav))["mailto:anna@example.org"]
    assert "FBTYPE=BUSY-UNAVAILABLE:20260302T000000Z/20260302T080000Z" in text
    assert "FBTYPE=BUSY-UNAVAILABLE:20260302T160000Z/20260303T000000Z" in text
    refused = await dav.request("PROPPATCH", path, availability(AVAILABILITY), as_="ben")
    assert refused.status == (404 if "inbox" in path else 403)


@pytest.mark.parametrize(
    "text", ["", "nonsense", event("e").decode(), AVAILABILITY.replace("DTSTART:20260302T080000Z\r\n", "")]
)
async def test_what_is_no_availability_is_refused(dav: Dav, text: str) -> None:
    response = await dav.request("PROPPATCH", "/anna/Calendar/inbox/", availability(text))
    assert b"valid-calendar-data" in response.body
    assert Answers(response.body).status("{urn:ietf:params:xml:ns:caldav}calendar-availability") == 403


async def test_availability_is_announced(dav: Dav) -> None:
    response = await dav.request("OPTIONS", "/anna/Calendar/")
    assert "calendar-availability" in (header(response, "dav") or "").split(", ")


async def test_availability_is_no_object_of_a_calendar(dav: Dav) -> None:
    response = await dav.request("PUT", f"{CALENDAR}v.ics", AVAILABILITY, content_type="text/calendar")
    assert response.status == 403
    assert b"supported-calendar-component" in response.body


async def test_others_see_no_statement_but_its_effect(dav: Dav) -> None:
    name = "{urn:ietf:params:xml:ns:caldav}calendar-availability"
    await dav.request("PROPPATCH", "/anna/Calendar/inbox/", availability(AVAILABILITY))
    assert (await dav.propfind("/anna/", name)).status(name) == 200
    assert (await dav.propfind("/anna/", name, as_="ben")).status(name) in {403, 404}
    query = "start=20260302T000000Z&end=20260303T000000Z"
    seen = await dav.request("GET", "/anna/freebusy.ifb", as_="ben", query=query)
    assert b"FBTYPE=BUSY-UNAVAILABLE" in seen.body


async def test_an_availability_that_recurs_by_the_second_is_refused(dav: Dav) -> None:
    text = (
        "BEGIN:VCALENDAR&#13;\nVERSION:2.0&#13;\nPRODID:x&#13;\nBEGIN:VAVAILABILITY&#13;\nUID:a&#13;\n"
        "DTSTAMP:20260101T000000Z&#13;\nBEGIN:AVAILABLE&#13;\nUID:b&#13;\nDTSTAMP:20260101T000000Z&#13;\n"
        "DTSTART:20260101T000000Z&#13;\nDURATION:PT1S&#13;\nRRULE:FREQ=SECONDLY&#13;\nEND:AVAILABLE&#13;\n"
        "END:VAVAILABILITY&#13;\nEND:VCALENDAR&#13;\n"
    )
    body = document(
        "D:propertyupdate", f"<D:set><D:prop><C:calendar-availability>{text}</C:calendar-availability></D:prop></D:set>"
    )
    response = await dav.request("PROPPATCH", "/anna/Calendar/inbox/", body)
    assert b"200 OK" not in response.body
    kept = await dav.request("PROPPATCH", "/anna/Calendar/inbox/", body.replace("SECONDLY", "DAILY"))
    assert b"200 OK" in kept.body
