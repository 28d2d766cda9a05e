"""Subscribed collections in the subscriber's home: the same paths for all methods, and properties of one's own."""

from collections.abc import Awaitable, Callable, Sequence

import pytest

from folkmoot.database import Row, Statement
from folkmoot.database.sqlite import _SQLiteTransaction
from tests.support.dav import Answers, Dav, card, condition, event, header
from tests.support.reports import ADDRESS_DATA, BOOK, CALENDAR, CALENDAR_DATA, document, names, put, report, status_of

pytestmark = pytest.mark.anyio

INVERSE = 'xmlns="urn:inverse:params:xml:ns:inverse-dav"'
HOME = "/ben/Calendar/"
MOUNT = "/ben/Calendar/anna_personal/"
MOUNT_HREF = "/SOGo/dav/ben/Calendar/anna_personal/"
READ = "<PublicViewer/><PrivateViewer/><ConfidentialViewer/>"
WRITE = "<PublicModifier/><PrivateModifier/><ConfidentialModifier/><ObjectCreator/><ObjectEraser/>"
NAME = "{DAV:}displayname"
COLOR = "{http://apple.com/ns/ical/}calendar-color"
ORDER = "{http://apple.com/ns/ical/}calendar-order"
TRANSPARENCY = "{urn:ietf:params:xml:ns:caldav}schedule-calendar-transp"
Fetch = Callable[..., Awaitable[Sequence[Row]]]
CTAG = "{http://calendarserver.org/ns/}getctag"


async def share(dav: Dav, roles: str, path: str = CALENDAR, user: str = "ben") -> None:
    body = f'<acl-query {INVERSE}><set-roles user="{user}">{roles}</set-roles></acl-query>'
    assert (await dav.request("POST", path, body, content_type="text/xml")).status == 204


async def subscribe(dav: Dav, roles: str = WRITE, path: str = CALENDAR, as_: str = "ben") -> None:
    await share(dav, roles, path)
    response = await dav.request("POST", path, f"<subscribe {INVERSE}/>", as_, content_type="text/xml")
    assert response.status == 200


async def patch(dav: Dav, path: str, properties: str, as_: str = "ben") -> Answers:
    body = document(
        "D:propertyupdate", f"<D:set><D:prop>{properties}</D:prop></D:set>", 'xmlns:A="http://apple.com/ns/ical/"'
    )
    response = await dav.request("PROPPATCH", path, body, as_)
    assert response.status == 207
    return Answers(response.body)


async def test_it_appears_in_the_home_under_owner_and_name(dav: Dav) -> None:
    assert "anna_personal" not in names(await dav.propfind(HOME, NAME, depth="1", as_="ben"))
    await subscribe(dav)
    listed = await dav.propfind(HOME, NAME, "{DAV:}owner", depth="1", as_="ben")
    assert {MOUNT_HREF, MOUNT_HREF[:-1] + ".ics", MOUNT_HREF[:-1] + ".xml"} <= set(listed.hrefs)
    assert listed.text(NAME, MOUNT_HREF) == "Personal Calendar (Anna Berg <anna@example.org>)"
    assert listed.text("{DAV:}owner", MOUNT_HREF) == "/SOGo/dav/anna/"
    assert "anna_personal" not in names(await dav.propfind(HOME, NAME, depth="1", as_="anna"))
    assert (await dav.request("PROPFIND", MOUNT, as_="anna", depth="0")).status == 404
    await dav.request("DELETE", MOUNT, as_="ben")


async def test_address_books_are_subscribed_to_alike(dav: Dav) -> None:
    await subscribe(dav, "<ObjectViewer/>", BOOK)
    await put(dav, f"{BOOK}a.vcf", card("a"))
    listed = await dav.propfind("/ben/Contacts/", NAME, depth="1", as_="ben")
    assert "anna_personal" in names(listed)
    body = "<D:prop><CR:address-data/></D:prop><D:href>/SOGo/dav/ben/Contacts/anna_personal/a.vcf</D:href>"
    found = await report(dav, "/ben/Contacts/anna_personal/", "CR:addressbook-multiget", body, as_="ben")
    assert "Jan Nov" in found.text(ADDRESS_DATA)
    assert (await dav.request("GET", "/ben/Contacts/anna_personal/a.vcf", as_="ben")).status == 200
    mac = await dav.request("PROPFIND", "/ben/Contacts/", as_="ben", depth="1", user_agent="AddressBookCore/1")
    assert b"anna_personal" not in mac.body


async def test_all_methods_work_below_it_and_hrefs_stay_there(dav: Dav) -> None:
    await subscribe(dav)
    assert (await dav.request("PUT", f"{MOUNT}a.ics", event("a"), "ben", content_type="text/calendar")).status == 201
    assert (await dav.request("GET", f"{CALENDAR}a.ics")).status == 200
    fetched = await dav.request("GET", f"{MOUNT}a.ics", as_="ben")
    assert fetched.status == 200
    stale = await dav.request("PUT", f"{MOUNT}a.ics", event("a", "New"), "ben", if_match='"no"')
    assert stale.status == 412
    found = await report(
        dav,
        MOUNT,
        "C:calendar-multiget",
        f"<D:prop><C:calendar-data/></D:prop><D:href>{MOUNT_HREF}a.ics</D:href>",
        as_="ben",
    )
    assert "UID:a" in found.text(CALENDAR_DATA, f"{MOUNT_HREF}a.ics")
    found = await report(
        dav, HOME, "C:calendar-multiget", f"<D:prop><D:getetag/></D:prop><D:href>{MOUNT_HREF}a.ics</D:href>", as_="ben"
    )
    assert found.hrefs == [f"{MOUNT_HREF}a.ics"]
    assert found.status("{DAV:}getetag") == 200
    query = '<D:prop><D:getetag/></D:prop><C:filter><C:comp-filter name="VCALENDAR"/></C:filter>'
    assert (await report(dav, MOUNT, "C:calendar-query", query, as_="ben", depth="1")).hrefs == [f"{MOUNT_HREF}a.ics"]
    deep = await report(dav, HOME, "C:calendar-query", query, as_="ben", depth="infinity")
    assert deep.hrefs == [f"{MOUNT_HREF}a.ics"]
    sync = "<D:sync-token/><D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop>"
    assert (await report(dav, MOUNT, "D:sync-collection", sync, as_="ben")).hrefs == [f"{MOUNT_HREF}a.ics"]
    listed = await dav.propfind(MOUNT, "{DAV:}getetag", depth="1", as_="ben")
    assert listed.hrefs == [MOUNT_HREF, f"{MOUNT_HREF}a.ics"]
    assert (await dav.request("GET", "/ben/Calendar/anna_personal.ics", as_="ben")).status == 200
    moved = await dav.request("MOVE", f"{MOUNT}a.ics", as_="ben", destination="/SOGo/dav/ben/Calendar/personal/b.ics")
    assert moved.status == 201
    back = await dav.request("MOVE", f"{HOME}personal/b.ics", as_="ben", destination=f"{MOUNT_HREF}c.ics")
    assert back.status == 201
    assert (await dav.request("DELETE", f"{MOUNT}c.ics", as_="ben")).status == 204
    assert (await dav.request("GET", f"{CALENDAR}c.ics")).status == 404


async def test_a_taken_uid_names_the_object_in_the_subscribers_home(dav: Dav) -> None:
    await subscribe(dav)
    await put(dav, f"{CALENDAR}a.ics", event("a"))
    response = await dav.request("PUT", f"{MOUNT}b.ics", event("a"), "ben", content_type="text/calendar")
    assert response.status == 409
    assert f"{MOUNT_HREF}a.ics".encode() in response.body


async def test_locks_are_those_of_the_owners_calendar(dav: Dav) -> None:
    await subscribe(dav)
    await put(dav, f"{CALENDAR}a.ics", event("a"))
    body = document("D:lockinfo", "<D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype>")
    taken = await dav.request("LOCK", f"{MOUNT}a.ics", body, "ben")
    assert taken.status == 200
    assert (await dav.request("PUT", f"{CALENDAR}a.ics", event("a", "New"))).status == 423
    refused = await dav.request("PUT", f"{MOUNT}a.ics", event("a", "New"), "ben")
    assert refused.status == 423
    assert condition(refused) == "{DAV:}lock-token-submitted"
    token = header(taken, "lock-token") or ""
    assert (await dav.request("PUT", f"{MOUNT}a.ics", event("a", "New"), "ben", **{"if": f"({token})"})).status == 204
    assert (await dav.request("UNLOCK", f"{MOUNT}a.ics", as_="ben", lock_token=token)).status == 204


async def test_name_colour_and_order_are_the_subscribers_own(dav: Dav) -> None:
    await subscribe(dav, READ)
    await patch(
        dav, CALENDAR, "<D:displayname>Work</D:displayname><A:calendar-color>#111111FF</A:calendar-color>", "anna"
    )
    before = await dav.propfind(MOUNT, NAME, COLOR, as_="ben")
    assert before.text(NAME).startswith("Work (Anna")
    assert before.text(COLOR) == "#111111FF"
    changed = await patch(
        dav,
        MOUNT,
        "<D:displayname>Anna's work</D:displayname><A:calendar-color>#22AA22</A:calendar-color>"
        "<A:calendar-order>7</A:calendar-order><X:mine xmlns:X='urn:x'>yes</X:mine>",
    )
    assert changed.status(NAME) == 200
    after = await dav.propfind(MOUNT, NAME, COLOR, ORDER, "{urn:x}mine", as_="ben")
    assert (after.text(NAME), after.text(COLOR), after.text(ORDER)) == ("Anna's work", "#22AA22FF", "7")
    assert after.text("{urn:x}mine") == "yes"
    owners = await dav.propfind(CALENDAR, NAME, COLOR, ORDER, "{urn:x}mine")
    assert (owners.text(NAME), owners.text(COLOR)) == ("Work", "#111111FF")
    assert owners.status(ORDER) == 404
    assert owners.status("{urn:x}mine") == 404
    listed = await dav.propfind(HOME, NAME, depth="1", as_="ben")
    assert listed.text(NAME, MOUNT_HREF) == "Anna's work"


async def test_what_is_the_owners_needs_the_right_to_change_it(dav: Dav) -> None:
    await subscribe(dav, READ)
    body = document(
        "D:propertyupdate", "<D:set><D:prop><C:calendar-description>No</C:calendar-description></D:prop></D:set>"
    )
    assert (await dav.request("PROPPATCH", MOUNT, body, "ben")).status == 403
    await share(dav, WRITE)
    assert (await dav.request("PROPPATCH", MOUNT, body, "ben")).status == 207
    description = "{urn:ietf:params:xml:ns:caldav}calendar-description"
    assert (await dav.propfind(CALENDAR, description)).text(description) == "No"


async def test_it_does_not_count_in_free_busy_unless_the_subscriber_says_so(dav: Dav) -> None:
    await subscribe(dav, READ)
    found = (await dav.propfind(MOUNT, TRANSPARENCY, as_="ben")).found()[TRANSPARENCY]
    assert found[0].tag.endswith("}transparent")
    await patch(dav, MOUNT, "<C:schedule-calendar-transp><C:opaque/></C:schedule-calendar-transp>")
    found = (await dav.propfind(MOUNT, TRANSPARENCY, as_="ben")).found()[TRANSPARENCY]
    assert found[0].tag.endswith("}opaque")
    counted = "{urn:ietf:params:xml:ns:caldav}calendar-free-busy-set"
    assert MOUNT_HREF in (await dav.propfind("/ben/", counted, as_="ben")).text(counted)
    await patch(dav, MOUNT, "<C:schedule-calendar-transp><C:transparent/></C:schedule-calendar-transp>")
    assert MOUNT_HREF not in (await dav.propfind("/ben/", counted, as_="ben")).text(counted)
    owners = (await dav.propfind(CALENDAR, TRANSPARENCY)).found()[TRANSPARENCY]
    assert owners[0].tag.endswith("}opaque")


async def test_the_homes_ctag_covers_it(dav: Dav) -> None:
    async def ctag() -> str:
        return (await dav.propfind(HOME, CTAG, as_="ben")).text(CTAG)

    await dav.propfind(HOME, NAME, depth="1", as_="ben")
    seen = [await ctag()]
    await subscribe(dav)
    seen.append(await ctag())
    await put(dav, f"{CALENDAR}a.ics", event("a"))
    seen.append(await ctag())
    await patch(dav, MOUNT, "<D:displayname>Mine</D:displayname>")
    seen.append(await ctag())
    assert len(set(seen)) == 4
    assert await ctag() == seen[-1]


async def test_without_rights_it_stays_and_shows_nothing(dav: Dav) -> None:
    await subscribe(dav)
    await patch(dav, MOUNT, "<D:displayname>Mine</D:displayname>")
    await share(dav, "")
    assert "anna_personal" not in names(await dav.propfind(HOME, NAME, depth="1", as_="ben"))
    for method in ("GET", "PROPFIND", "REPORT", "PROPPATCH"):
        assert (await dav.request(method, MOUNT, as_="ben")).status in {400, 404}
    assert (await dav.request("PUT", f"{MOUNT}a.ics", event("a"), "ben")).status == 404
    found = await report(
        dav, HOME, "C:calendar-multiget", f"<D:prop><D:getetag/></D:prop><D:href>{MOUNT_HREF}a.ics</D:href>", as_="ben"
    )
    assert " 404 " in status_of(found, f"{MOUNT_HREF}a.ics")
    await share(dav, READ)
    assert (await dav.propfind(MOUNT, NAME, as_="ben")).text(NAME) == "Mine"


async def test_deleting_it_ends_the_subscription_only(dav: Dav) -> None:
    await subscribe(dav)
    await put(dav, f"{CALENDAR}a.ics", event("a"))
    assert (await dav.request("DELETE", f"{HOME}anna_personal.ics", as_="ben")).status == 403
    assert (await dav.request("DELETE", MOUNT, as_="ben")).status == 204
    assert (await dav.request("DELETE", MOUNT, as_="ben")).status == 404
    assert (await dav.request("PROPFIND", MOUNT, as_="ben", depth="0")).status == 404
    assert (await dav.request("GET", f"{CALENDAR}a.ics", as_="ben")).status == 200
    await subscribe(dav)
    await share(dav, "")
    assert (await dav.request("DELETE", MOUNT, as_="ben")).status == 204, "also without rights"


async def test_a_calendar_of_ones_own_of_that_name_wins(dav: Dav) -> None:
    assert (await dav.request("MKCALENDAR", MOUNT, as_="ben")).status == 201
    await put(dav, f"{MOUNT}own.ics", event("own"), "ben")
    await subscribe(dav)
    await put(dav, f"{CALENDAR}a.ics", event("a"))
    assert names(await dav.propfind(MOUNT, NAME, depth="1", as_="ben")) == ["anna_personal", "own.ics"]
    listed = await dav.propfind(HOME, NAME, depth="1", as_="ben")
    assert listed.hrefs.count(MOUNT_HREF) == 1
    assert (await dav.request("DELETE", MOUNT, as_="ben")).status == 204
    assert "a.ics" in names(await dav.propfind(MOUNT, NAME, depth="1", as_="ben"))


async def test_it_cannot_be_made_moved_or_replaced(dav: Dav) -> None:
    await subscribe(dav)
    assert (await dav.request("MKCALENDAR", MOUNT, as_="ben")).status == 405
    elsewhere = "/SOGo/dav/ben/Calendar/other/"
    assert (await dav.request("MOVE", MOUNT, as_="ben", destination=elsewhere)).status == 403
    await dav.request("MKCALENDAR", f"{HOME}own/", as_="ben")
    assert (await dav.request("MOVE", f"{HOME}own/", as_="ben", destination=MOUNT_HREF)).status == 403
    assert (await dav.request("MOVE", f"{HOME}own/", as_="root", destination=MOUNT_HREF)).status == 403


async def test_it_goes_with_the_owners_calendar(dav: Dav) -> None:
    await dav.request("MKCALENDAR", "/anna/Calendar/a_b/")
    await subscribe(dav, path="/anna/Calendar/a_b/")
    assert "anna_a_b" in names(await dav.propfind(HOME, NAME, depth="1", as_="ben"))
    assert (await dav.request("PROPFIND", f"{HOME}anna_a_b/", as_="ben", depth="0")).status == 207
    await dav.request("DELETE", "/anna/Calendar/a_b/")
    assert "anna_a_b" not in names(await dav.propfind(HOME, NAME, depth="1", as_="ben"))


async def test_a_collection_query_finds_the_owners_not_the_subscription(dav: Dav) -> None:
    await subscribe(dav)
    body = (
        '<I:filters><I:prop-match name="owner">/SOGo/dav/anna</I:prop-match>'
        '<I:prop-match name="resource-type">calendar</I:prop-match></I:filters>'
    )
    found = await dav.request("REPORT", "/ben/", document("I:collection-query", body), "ben")
    assert b"/SOGo/dav/anna/Calendar/personal/" in found.body
    assert b"anna_personal" not in found.body


async def test_a_home_with_many_subscriptions_asks_the_database_as_often_as_with_one(
    dav: Dav, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = []
    await dav.propfind(HOME, NAME, depth="1", as_="ben")  # makes what every home has
    for many in (1, 30):
        for number in range(many):
            path = f"/anna/Calendar/c{number}/"
            await dav.request("MKCALENDAR", path)
            await subscribe(dav, READ, path)
        asked = 0
        fetch = _SQLiteTransaction.fetch_all

        async def counting(
            tx: _SQLiteTransaction, statement: Statement, /, *, fetch: Fetch = fetch, **params: object
        ) -> Sequence[Row]:
            nonlocal asked
            asked += 1
            return await fetch(tx, statement, **params)

        with monkeypatch.context() as patched:
            patched.setattr(_SQLiteTransaction, "fetch_all", counting)
            listed = await dav.propfind(HOME, NAME, "{DAV:}current-user-privilege-set", CTAG, depth="1", as_="ben")
        assert len([href for href in listed.hrefs if "anna_c" in href and href.endswith("/")]) == many
        counts.append(asked)
    assert counts[0] == counts[1]
