"""PROPFIND: hrefs, depths, forms, and the live properties that clients ask for."""

import pytest

from folkmoot.collections.content import Place
from folkmoot.core.ids import PrincipalId
from folkmoot.dav.face import DavFace, alias
from folkmoot.dav.settings import DavSettings
from folkmoot.store.records import Kind
from tests.support.dav import CALLERS, Answers, Dav, card, event, header

pytestmark = pytest.mark.anyio

D, C, CR = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}", "{urn:ietf:params:xml:ns:carddav}"
CS, A = "{http://calendarserver.org/ns/}", "{http://apple.com/ns/ical/}"
CALENDAR = "/anna/Calendar/personal/"


async def test_discovery_from_the_root_ends_at_a_calendar(dav: Dav) -> None:
    root = await dav.propfind("/", f"{D}current-user-principal")
    assert root.text(f"{D}current-user-principal") == "/SOGo/dav/anna"
    principal = await dav.propfind("/anna", f"{C}calendar-home-set", f"{CR}addressbook-home-set", f"{D}principal-URL")
    assert principal.hrefs == ["/SOGo/dav/anna"]
    assert principal.text(f"{C}calendar-home-set") == "/SOGo/dav/anna/Calendar/"
    assert principal.text(f"{CR}addressbook-home-set") == "/SOGo/dav/anna/Contacts/"
    assert principal.text(f"{D}principal-URL") == "/SOGo/dav/anna/"
    home = await dav.propfind("/anna/Calendar/", f"{D}resourcetype", depth="1")
    assert f"{C}calendar" in {
        child.tag for child in home.found("/SOGo/dav/anna/Calendar/personal/")[f"{D}resourcetype"]
    }
    books = await dav.propfind("/anna/Contacts/", f"{D}resourcetype", depth="1")
    types = {child.tag for child in books.found("/SOGo/dav/anna/Contacts/personal/")[f"{D}resourcetype"]}
    assert f"{CR}addressbook" in types


async def test_the_root_tells_the_callers_homes_too(dav: Dav) -> None:
    root = await dav.propfind("", f"{C}calendar-home-set", f"{D}resourcetype")
    assert root.hrefs == ["/SOGo/dav"]
    assert root.text(f"{C}calendar-home-set") == "/SOGo/dav/anna/Calendar/"


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("/", "/"),
        ("/principals/", "/"),
        ("/.well-known/caldav", "/"),
        ("/calendar/dav/anna/user/", "/anna/"),
        ("/principals/users/anna/", "/anna/"),
        ("/principals/__uids__/anna/calendar-proxy-read/", "/anna/calendar-proxy-read/"),
        ("/somewhere/else", None),
    ],
)
def test_paths_that_apples_clients_try_mean_a_place_below_the_root(asked: str, meant: str | None) -> None:
    assert alias(asked) == meant


async def test_the_older_principal_path_still_works(dav: Dav) -> None:
    answers = await dav.propfind("/users/anna/", f"{D}displayname")
    assert answers.text(f"{D}displayname") == "Anna Berg"


async def test_the_final_slash_is_the_clients(dav: Dav) -> None:
    assert (await dav.propfind("/anna/Calendar/personal", f"{D}owner")).hrefs == ["/SOGo/dav/anna/Calendar/personal"]
    assert (await dav.propfind(CALENDAR, f"{D}owner")).hrefs == ["/SOGo/dav/anna/Calendar/personal/"]


async def test_depth_infinity_and_no_depth_reach_as_far_as_one(dav: Dav) -> None:
    await dav.request("PUT", f"{CALENDAR}a.ics", event("a"))
    one = await dav.propfind("/anna/Calendar/", f"{D}owner", depth="1")
    body = '<propfind xmlns="DAV:"><prop><owner/></prop></propfind>'
    assert Answers((await dav.request("PROPFIND", "/anna/Calendar/", body)).body).hrefs == one.hrefs
    assert (await dav.propfind("/anna/Calendar/", f"{D}owner", depth="infinity")).hrefs == one.hrefs
    assert (await dav.request("PROPFIND", "/anna/", body, depth="2")).status == 400


async def test_a_listing_of_calendars_has_their_documents_except_for_apple(dav: Dav) -> None:
    hrefs = (await dav.propfind("/anna/Calendar/", f"{D}owner", depth="1")).hrefs
    base = "/SOGo/dav/anna/Calendar/"
    assert hrefs == [base, f"{base}personal/", f"{base}personal.ics", f"{base}personal.xml"]
    dav.headers["user-agent"] = "iOS/18.4 (22E240) dataaccessd/1.0"
    assert (await dav.propfind("/anna/Calendar/", f"{D}owner", depth="1")).hrefs == [base, f"{base}personal/"]


async def test_groupdav_types_are_kept_from_apple(dav: Dav) -> None:
    plain = await dav.propfind(CALENDAR, f"{D}resourcetype")
    assert any("groupdav" in child.tag for child in plain.found()[f"{D}resourcetype"])
    dav.headers["user-agent"] = "macOS/15.0 (24A335) accountsd/113"
    apple = await dav.propfind(CALENDAR, f"{D}resourcetype")
    assert {child.tag for child in apple.found()[f"{D}resourcetype"]} == {f"{D}collection", f"{C}calendar"}


async def test_the_dav_header_on_propfind_is_for_ical_4_only(dav: Dav) -> None:
    plain = await dav.request("PROPFIND", "/anna/", depth="0")
    old = await dav.request("PROPFIND", "/anna/", depth="0", user_agent="DAVKit/4.0.3 (732); iCal/4.0.4")
    assert header(plain, "DAV") is None
    assert "calendar-access" in (header(old, "DAV") or "")


async def test_unknown_properties_are_404_each_and_left_out_on_request(dav: Dav) -> None:
    body = '<propfind xmlns="DAV:"><prop><owner/><x xmlns="urn:a&amp;b"/><y xmlns=""/></prop></propfind>'
    answers = Answers((await dav.request("PROPFIND", CALENDAR, body, depth="0")).body)
    assert set(answers.found(status=404)) == {"{urn:a&b}x", "y"}
    for wish in ({"prefer": "return=minimal"}, {"brief": "t"}):
        response = await dav.request("PROPFIND", CALENDAR, body, depth="0", **wish)
        short = Answers(response.body)
        assert set(short.found()) == {f"{D}owner"}
        assert not short.found(status=404)
    assert header(await dav.request("PROPFIND", CALENDAR, prefer="return=minimal"), "Preference-Applied") == (
        "return=minimal"
    )


async def test_depth_noroot_leaves_the_target_out(dav: Dav) -> None:
    await dav.request("PUT", f"{CALENDAR}a.ics", event("a"))
    response = await dav.request("PROPFIND", CALENDAR, depth="1", prefer="depth-noroot")
    assert Answers(response.body).hrefs == ["/SOGo/dav/anna/Calendar/personal/a.ics"]


async def test_propname_names_what_allprop_and_prop_would_show(dav: Dav) -> None:
    await dav.request("PUT", f"{CALENDAR}a.ics", event("a"))
    body = '<propfind xmlns="DAV:"><propname/></propfind>'
    answers = Answers((await dav.request("PROPFIND", f"{CALENDAR}a.ics", body, depth="0")).body)
    assert {f"{D}getetag", f"{D}getcontenttype", f"{D}resourcetype"} <= set(answers.found())
    assert all(not list(prop) and not prop.text for prop in answers.found().values())
    calendar = Answers((await dav.request("PROPFIND", CALENDAR, body, depth="0")).body)
    assert {f"{D}sync-token", f"{CS}getctag", f"{C}max-instances"} <= set(calendar.found())
    assert f"{CR}supported-address-data" not in calendar.found()


async def test_allprop_shows_dead_properties_and_what_include_names(dav: Dav) -> None:
    patch = '<propertyupdate xmlns="DAV:"><set><prop><x:mine xmlns:x="urn:x">1</x:mine></prop></set></propertyupdate>'
    await dav.request("PROPPATCH", CALENDAR, patch)
    body = '<propfind xmlns="DAV:"><allprop/><include><sync-token/></include></propfind>'
    found = Answers((await dav.request("PROPFIND", CALENDAR, body, depth="0")).body).found()
    assert {"{urn:x}mine", f"{D}sync-token", f"{D}displayname"} <= set(found)
    assert f"{C}calendar-timezone" not in found


@pytest.mark.parametrize(
    "body",
    [
        "<propfind xmlns='DAV:'>",
        "<prop xmlns='DAV:'/>",
        "<propfind xmlns='DAV:'/>",
        "<propfind xmlns='DAV:'><allprop/><propname/></propfind>",
        "<!DOCTYPE a [<!ENTITY x 'y'>]><propfind xmlns='DAV:'><allprop/></propfind>",
        "<D:propfind xmlns:D='DAV:'><D:prop><bar:foo xmlns:bar=''/></D:prop></D:propfind>",
        "no xml",
    ],
)
async def test_a_body_that_is_no_propfind_is_a_bad_request(dav: Dav, body: str) -> None:
    assert (await dav.request("PROPFIND", CALENDAR, body, depth="0")).status == 400


async def test_a_calendar_tells_what_it_takes_and_its_limits(dav: Dav) -> None:
    names = ["max-resource-size", "max-instances", "max-attendees-per-instance", "min-date-time", "max-date-time"]
    answers = await dav.propfind(
        CALENDAR,
        *(C + name for name in names),
        f"{C}supported-calendar-component-set",
        f"{C}supported-calendar-data",
        f"{C}supported-collation-set",
        f"{C}schedule-calendar-transp",
        f"{CS}getctag",
        f"{D}sync-token",
        f"{D}resource-id",
        f"{D}supported-report-set",
        f"{D}group",
    )
    assert not answers.found(status=404)
    found = answers.found()
    assert found[f"{C}max-resource-size"].text == "200000"
    assert found[f"{C}max-date-time"].text == "22000101T000000Z"
    assert [c.get("name") for c in found[f"{C}supported-calendar-component-set"]] == ["VEVENT", "VTODO"]
    assert [c.tag for c in found[f"{C}schedule-calendar-transp"]] == [f"{C}opaque"]
    reports = {element.tag for element in found[f"{D}supported-report-set"].iter()}
    assert {f"{D}sync-collection", f"{C}calendar-query", f"{C}free-busy-query", f"{D}expand-property"} <= reports


async def test_a_book_tells_which_versions_it_takes(dav: Dav) -> None:
    answers = await dav.propfind("/anna/Contacts/personal/", f"{CR}supported-address-data", f"{CR}max-resource-size")
    assert [child.get("version") for child in answers.found()[f"{CR}supported-address-data"]] == ["3.0", "4.0"]


async def test_a_principal_tells_addresses_and_kind(dav: Dav) -> None:
    answers = await dav.propfind(
        "/anna/", f"{C}calendar-user-address-set", f"{C}calendar-user-type", f"{CS}email-address-set", f"{CS}first-name"
    )
    assert [href.text for href in answers.found()[f"{C}calendar-user-address-set"]] == [
        "mailto:anna@example.org",
        "mailto:anna.second@example.org",
        "/SOGo/dav/anna/",
    ]
    assert answers.text(f"{C}calendar-user-type") == "INDIVIDUAL"
    assert answers.text(f"{CS}first-name") == "Anna"
    room = await dav.propfind("/room/", f"{C}calendar-user-type", f"{CS}record-type")
    assert (room.text(f"{C}calendar-user-type"), room.text(f"{CS}record-type")) == ("ROOM", "locations")


async def test_ctags_and_sync_tokens_change_with_every_write_below(dav: Dav) -> None:
    async def tags() -> tuple[str, str, str]:
        calendar = await dav.propfind(CALENDAR, f"{CS}getctag", f"{D}sync-token")
        home = await dav.propfind("/anna/Calendar/", f"{CS}getctag")
        return calendar.text(f"{CS}getctag"), calendar.text(f"{D}sync-token"), home.text(f"{CS}getctag")

    before = await tags()
    await dav.request("PUT", f"{CALENDAR}a.ics", event("a"))
    between = await tags()
    await dav.request("DELETE", f"{CALENDAR}a.ics")
    after = await tags()
    for column in zip(before, between, after, strict=True):
        assert len(set(column)) == 3


async def test_contacts_on_a_mac_finds_one_address_book(dav: Dav) -> None:
    await dav.request("MKCOL", "/anna/Contacts/clients/")
    assert len((await dav.propfind("/anna/Contacts/", f"{D}owner", depth="1")).hrefs) > 2
    dav.headers["user-agent"] = "macOS/13.2 (22D49) AddressBookCore/2483.400"
    assert (await dav.propfind("/anna/Contacts/", f"{D}owner", depth="1")).hrefs == [
        "/SOGo/dav/anna/Contacts/",
        "/SOGo/dav/anna/Contacts/personal/",
    ]


async def test_free_busy_is_asked_for_at_the_personal_calendar(dav: Dav) -> None:
    answers = await dav.propfind("/anna/", f"{C}schedule-outbox-URL")
    assert answers.text(f"{C}schedule-outbox-URL") == "/SOGo/dav/anna/Calendar/personal/"
    types = (await dav.propfind(CALENDAR, f"{D}resourcetype")).found()[f"{D}resourcetype"]
    assert f"{C}schedule-outbox" in {child.tag for child in types}
    assert (await dav.propfind("/anna/", f"{C}schedule-outbox-URL", as_="ben")).status(f"{C}schedule-outbox-URL") == 404


async def test_the_inbox_is_there_and_empty(dav: Dav) -> None:
    answers = await dav.propfind("/anna/Calendar/inbox/", f"{D}resourcetype", f"{CS}getctag", depth="1")
    assert len(answers.hrefs) == 1
    assert answers.text(f"{CS}getctag") == "1"
    assert f"{C}schedule-inbox" in {child.tag for child in answers.found()[f"{D}resourcetype"]}


async def test_objects_tell_length_type_and_dates(dav: Dav) -> None:
    await dav.request("PUT", "/anna/Contacts/personal/a.vcf", card("a"))
    answers = await dav.propfind(
        "/anna/Contacts/personal/a.vcf", f"{D}getcontentlength", f"{D}getlastmodified", f"{D}creationdate", f"{D}owner"
    )
    assert answers.text(f"{D}getcontentlength") == str(len(card("a")))
    assert answers.text(f"{D}getlastmodified").endswith("GMT")
    assert answers.text(f"{D}owner") == "/SOGo/dav/anna/"


async def test_a_sharee_sees_only_the_calendars_that_are_shared(dav: Dav) -> None:
    await dav.request("MKCALENDAR", "/anna/Calendar/team/")
    await dav.propfind("/anna/Calendar/", depth="1")
    assert (await dav.propfind("/anna/Calendar/", f"{D}owner", depth="1", as_="ben")).hrefs == [
        "/SOGo/dav/anna/Calendar/"
    ]
    place = Place(PrincipalId("anna"), Kind.CALENDAR, "team")
    await dav.face.services.grants.set_(CALLERS["anna"], place, "ben", frozenset(["PublicViewer"]))
    hrefs = (await dav.propfind("/anna/Calendar/", f"{D}owner", depth="1", as_="ben")).hrefs
    assert "/SOGo/dav/anna/Calendar/team/" in hrefs
    assert "/SOGo/dav/anna/Calendar/personal/" not in hrefs


async def test_homes_taken_off_dav_are_not_there(dav: Dav) -> None:
    off = Dav(DavFace(dav.face.services, DavSettings(calendar_access=False)))
    assert (await off.request("PROPFIND", "/anna/Calendar/")).status == 404
    assert (await off.request("PUT", f"{CALENDAR}a.ics", event("a"))).status == 404
    assert (await off.request("PROPFIND", "/anna/Contacts/")).status == 207
    assert "/SOGo/dav/anna/Calendar/" not in (await off.propfind("/anna/", f"{D}owner", depth="1")).hrefs


async def test_hrefs_are_absolute_when_relative_ones_are_not_wanted(dav: Dav) -> None:
    absolute = Dav(DavFace(dav.face.services, DavSettings(relative_urls=False)))
    await absolute.request("PUT", f"{CALENDAR}a.ics", event("a"))
    answers = await absolute.propfind(CALENDAR, f"{D}owner", depth="1")
    assert answers.hrefs[1] == "http://dav.test/SOGo/dav/anna/Calendar/personal/a.ics"
    moved = await absolute.request(
        "MOVE", f"{CALENDAR}a.ics", destination="http://dav.test/SOGo/dav/anna/Calendar/personal/b.ics"
    )
    assert moved.status == 201


async def test_control_characters_in_stored_text_do_not_break_the_answer(dav: Dav) -> None:
    place = Place(PrincipalId("anna"), Kind.CALENDAR, "personal")
    await dav.propfind("/anna/Calendar/", depth="1")
    await dav.face.services.collections.change_properties(
        CALLERS["anna"], place, {"displayname": "a\x00\x1b\ufffe<&>"}, {}
    )
    assert (await dav.propfind(CALENDAR, f"{D}displayname")).text(f"{D}displayname") == "a���<&>"


async def test_old_events_are_left_out_of_listings_when_the_administrator_says_so(dav: Dav) -> None:
    recent = Dav(DavFace(dav.face.services, DavSettings(past_days=30)))
    await recent.request("PUT", f"{CALENDAR}old.ics", event("old", start="20010101T090000Z"))
    await recent.request("PUT", f"{CALENDAR}r.ics", event("r", start="20010101T090000Z", extra="RRULE:FREQ=DAILY\r\n"))
    hrefs = (await recent.propfind(CALENDAR, f"{D}getetag", depth="1")).hrefs
    assert "/SOGo/dav/anna/Calendar/personal/old.ics" not in hrefs
    assert "/SOGo/dav/anna/Calendar/personal/r.ics" in hrefs
    assert (await recent.request("GET", f"{CALENDAR}old.ics")).status == 200


@pytest.mark.parametrize("path", ["/nobody-here/", "/anna/Mail/x", "/anna/Calendar/none/", "/anna/none"])
async def test_what_is_not_there_is_404(dav: Dav, path: str) -> None:
    assert (await dav.request("PROPFIND", path, depth="0")).status == 404


@pytest.mark.parametrize(
    "path", ["/anna/../ben/", "/anna/./x", "/anna/\0", "/anna/\udcff", "/" + "a/" * 200, "/" + "a" * 9000]
)
async def test_paths_that_nothing_can_have_are_bad_requests(dav: Dav, path: str) -> None:
    for method in ("PROPFIND", "GET", "PUT", "MKCOL", "DELETE", "LOCK", "REPORT", "OPTIONS"):
        assert (await dav.request(method, path, "" if method != "REPORT" else "<a/>")).status in {400, 403}, method


async def test_a_listing_that_is_kept_follows_every_change(dav: Dav) -> None:
    async def etags(path: str = CALENDAR) -> dict[str, str]:
        answers = await dav.propfind(path, f"{D}getetag", "{urn:x}dead", depth="1")
        return {href: answers.text(f"{D}getetag", href) for href in answers.hrefs[1:]}

    assert await etags() == {}
    await dav.request("PUT", f"{CALENDAR}a.ics", event("a"))
    first = await etags()
    assert await etags() == first
    await dav.request("PUT", f"{CALENDAR}a.ics", event("a", "later"))
    second = await etags()
    assert second.keys() == first.keys()
    assert second != first
    assert list(await etags(CALENDAR.rstrip("/"))) == list(first)
    patch = '<propertyupdate xmlns="DAV:"><set><prop><x:dead xmlns:x="urn:x">1</x:dead></prop></set></propertyupdate>'
    await dav.request("PROPPATCH", f"{CALENDAR}a.ics", patch)
    answers = await dav.propfind(CALENDAR, f"{D}getetag", "{urn:x}dead", depth="1")
    assert answers.text("{urn:x}dead", next(iter(first))) == "1"
    await dav.request("DELETE", f"{CALENDAR}a.ics")
    assert await etags() == {}
    assert (await dav.request("PROPFIND", CALENDAR, depth="1", as_="ben")).status == 404
