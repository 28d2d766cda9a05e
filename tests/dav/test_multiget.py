"""CALDAV:calendar-multiget and CARDDAV:addressbook-multiget."""

import pytest

from tests.support.dav import Dav, card, condition, event
from tests.support.reports import ADDRESS_DATA, BOOK, CALENDAR, CALENDAR_DATA, HOME, document, put, report, status_of

pytestmark = pytest.mark.anyio

PROP = "<D:prop><D:getetag/><C:calendar-data/></D:prop>"


def hrefs(*found: str) -> str:
    return PROP + "".join(f"<D:href>{href}</D:href>" for href in found)


async def test_each_href_is_answered_once_the_missing_with_404(dav: Dav) -> None:
    await put(dav, f"{CALENDAR}a.ics", event("a"))
    base = f"{HOME}personal/"
    asked = hrefs(f"{base}a.ics", f"{base}gone.ics", f"{base}a.ics", "/elsewhere/b.ics", f"{base}%zz", "mailto:x")
    answers = await report(dav, CALENDAR, "C:calendar-multiget", asked)
    assert answers.text(CALENDAR_DATA, f"{base}a.ics").encode() == event("a")
    assert "{DAV:}getetag" in answers.found(f"{base}a.ics")
    assert len(answers.hrefs) == 5
    assert {status_of(answers, href) for href in answers.hrefs if not href.endswith("/a.ics")} == {
        "HTTP/1.1 404 Not Found"
    }


async def test_hrefs_are_compared_decoded_and_may_name_the_host(dav: Dav) -> None:
    await put(dav, f"{CALENDAR}ä b@c.ics", event("a"))
    asked = hrefs("http://dav.test/SOGo/dav/anna/Calendar/personal/%C3%A4%20b%40c.ics")
    answers = await report(dav, CALENDAR, "C:calendar-multiget", asked)
    assert answers.hrefs == [f"{HOME}personal/%C3%A4%20b@c.ics"]
    assert answers.text(CALENDAR_DATA)


async def test_objects_of_another_calendar_are_only_read_through_the_home(dav: Dav) -> None:
    assert (await dav.request("MKCALENDAR", "/anna/Calendar/work/")).status == 201
    await put(dav, "/anna/Calendar/work/w.ics", event("w"))
    await put(dav, f"{CALENDAR}a.ics", event("a"))
    asked = hrefs(f"{HOME}work/w.ics", f"{HOME}personal/a.ics")
    here = await report(dav, CALENDAR, "C:calendar-multiget", asked)
    assert "404" in status_of(here, f"{HOME}work/w.ics")
    home = await report(dav, "/anna/Calendar/", "C:calendar-multiget", asked)
    assert [bool(home.text(CALENDAR_DATA, href)) for href in home.hrefs] == [True, True]
    root = await report(dav, "/", "C:calendar-multiget", asked)
    assert [bool(root.text(CALENDAR_DATA, href)) for href in root.hrefs] == [True, True]


async def test_what_others_have_not_shared_is_not_there(dav: Dav) -> None:
    await put(dav, f"{CALENDAR}a.ics", event("a"))
    answers = await report(dav, "/", "C:calendar-multiget", hrefs(f"{HOME}personal/a.ics"), as_="ben")
    assert "404" in status_of(answers, f"{HOME}personal/a.ics")


async def test_the_inbox_is_empty(dav: Dav) -> None:
    answers = await report(dav, "/anna/Calendar/inbox/", "C:calendar-multiget", hrefs(f"{HOME}inbox/x.ics"))
    assert "404" in status_of(answers, f"{HOME}inbox/x.ics")


async def test_a_report_for_the_wrong_kind_is_not_supported(dav: Dav) -> None:
    response = await dav.request("REPORT", BOOK, document("C:calendar-multiget", PROP))
    assert response.status == 403
    assert condition(response) == "{DAV:}supported-report"


async def test_expansion_works_in_a_multiget(dav: Dav) -> None:
    await put(dav, f"{CALENDAR}daily.ics", event("daily", extra="RRULE:FREQ=DAILY;COUNT=5\r\n"))
    window = '<C:expand start="20260302T000000Z" end="20260304T000000Z"/>'
    prop = f"<D:prop><C:calendar-data>{window}</C:calendar-data></D:prop><D:href>{HOME}personal/daily.ics</D:href>"
    answers = await report(dav, CALENDAR, "C:calendar-multiget", prop)
    assert answers.text(CALENDAR_DATA).count("BEGIN:VEVENT") == 2


async def test_cards_come_by_either_name_and_in_the_version_asked_for(dav: Dav) -> None:
    await put(dav, f"{BOOK}jan.vcf", card("jan", extra="TEL;TYPE=HOME:+420 1\r\n"))
    href = "<D:href>/SOGo/dav/anna/Contacts/personal/jan.vcf</D:href>"
    wrong = await report(dav, BOOK, "CR:addressbook-multiget", f"<D:prop><CR:addressbook-data/></D:prop>{href}")
    name = "{urn:ietf:params:xml:ns:carddav}addressbook-data"
    assert wrong.text(name).encode() == card("jan", extra="TEL;TYPE=HOME:+420 1\r\n")
    four = '<D:prop><CR:address-data content-type="text/vcard" version="4.0"/></D:prop>'
    assert "VERSION:4.0" in (await report(dav, BOOK, "CR:addressbook-multiget", four + href)).text(ADDRESS_DATA)


async def test_a_client_that_names_no_version_gets_3_0(dav: Dav) -> None:
    four = card("four").replace(b"VERSION:3.0", b"VERSION:4.0")
    await put(dav, f"{BOOK}four.vcf", four)
    href = "<D:href>/SOGo/dav/anna/Contacts/personal/four.vcf</D:href>"
    plain = await report(dav, BOOK, "CR:addressbook-multiget", f"<D:prop><CR:address-data/></D:prop>{href}")
    assert "VERSION:3.0" in plain.text(ADDRESS_DATA)
    same = '<D:prop><CR:address-data content-type="text/vcard" version="4.0"/></D:prop>'
    answers = await report(dav, BOOK, "CR:addressbook-multiget", same + href)
    assert answers.text(ADDRESS_DATA).encode() == four


async def test_control_characters_in_stored_text_do_not_break_the_answer(dav: Dav) -> None:
    await put(dav, f"{BOOK}odd.vcf", card("odd", name="A\x01B"))
    href = "<D:href>/SOGo/dav/anna/Contacts/personal/odd.vcf</D:href>"
    answers = await report(dav, BOOK, "CR:addressbook-multiget", f"<D:prop><CR:address-data/></D:prop>{href}")
    assert "A\ufffdB" in answers.text(ADDRESS_DATA)


async def test_propfind_gives_the_text_of_objects_to_those_who_ask(dav: Dav) -> None:
    await put(dav, f"{CALENDAR}a.ics", event("a"))
    await put(dav, f"{BOOK}jan.vcf", card("jan"))
    one = await dav.propfind(f"{CALENDAR}a.ics", CALENDAR_DATA)
    assert one.text(CALENDAR_DATA).encode() == event("a")
    listed = await dav.propfind(BOOK, ADDRESS_DATA, depth="1")
    assert listed.text(ADDRESS_DATA, "/SOGo/dav/anna/Contacts/personal/jan.vcf").encode() == card("jan")
    assert CALENDAR_DATA not in (await dav.propfind(f"{CALENDAR}a.ics")).found()


async def test_get_gives_a_card_in_the_version_that_accept_names(dav: Dav) -> None:
    await put(dav, f"{BOOK}jan.vcf", card("jan"))
    plain = await dav.request("GET", f"{BOOK}jan.vcf", accept="text/vcard, */*")
    assert plain.body == card("jan")
    four = await dav.request("GET", f"{BOOK}jan.vcf", accept="text/vcard;version=4.0")
    assert b"VERSION:4.0" in four.body
    three = await dav.request("GET", f"{BOOK}jan.vcf", accept="text/vcard;version=3.0")
    assert three.body == card("jan")
