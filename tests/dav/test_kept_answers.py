"""Answers kept in memory are never older than the collection, and never shown to those who see less."""

import pytest

from folkmoot.collections.content import Place
from folkmoot.store.records import Kind
from tests.support.dav import CALLERS, Dav, event

pytestmark = pytest.mark.anyio

QUERY = (
    '<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/><C:calendar-data/>'
    '</D:prop><C:filter><C:comp-filter name="VCALENDAR"/></C:filter></C:calendar-query>'
)
CALENDAR = "/anna/Calendar/personal/"


async def asked(dav: Dav, as_: str = "anna") -> str:
    answer = await dav.request("REPORT", CALENDAR, QUERY, as_=as_, depth="1")
    assert answer.status == 207
    return answer.body.decode()


async def test_a_second_question_gets_the_same_answer_and_a_change_another(dav: Dav) -> None:
    await dav.request("PUT", f"{CALENDAR}a.ics", event("a", "first"))
    once = await asked(dav)
    assert await asked(dav) == once
    await dav.request("PUT", f"{CALENDAR}a.ics", event("a", "second"))
    assert "SUMMARY:second" in await asked(dav)
    await dav.request("DELETE", f"{CALENDAR}a.ics")
    assert "SUMMARY" not in await asked(dav)


async def test_a_kept_answer_is_not_shown_to_whoever_sees_less(dav: Dav) -> None:
    await dav.request("PUT", f"{CALENDAR}a.ics", event("s", "secret", extra="CLASS:PRIVATE\r\n"))
    await dav.request("PUT", f"{CALENDAR}b.ics", event("p", "public"))
    assert "SUMMARY:secret" in await asked(dav)
    denied = await dav.request("REPORT", CALENDAR, QUERY, as_="ben", depth="1")
    assert denied.status == 404
    place = Place(CALLERS["anna"].principal, Kind.CALENDAR, "personal")
    await dav.face.services.grants.set_(CALLERS["anna"], place, "ben", frozenset(["PublicViewer"]))
    seen = await asked(dav, as_="ben")
    assert "SUMMARY:public" in seen
    assert "SUMMARY:secret" not in seen


async def test_headers_that_change_the_answer_are_part_of_the_question(dav: Dav) -> None:
    await dav.request("PUT", f"{CALENDAR}a.ics", event("a"))
    await asked(dav)
    nothing = await dav.request("REPORT", CALENDAR, QUERY, depth="0")
    assert b"SUMMARY" not in nothing.body


async def test_what_depends_on_more_than_the_collection_is_asked_anew(dav: Dav) -> None:
    await dav.request("PUT", f"{CALENDAR}a.ics", event("a"))
    query = QUERY.replace("<D:getetag/>", "<D:lockdiscovery/>")
    before = await dav.request("REPORT", CALENDAR, query, depth="1")
    lock = (
        '<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope>'
        "<D:locktype><D:write/></D:locktype></D:lockinfo>"
    )
    assert (await dav.request("LOCK", f"{CALENDAR}a.ics", lock)).status == 200
    after = await dav.request("REPORT", CALENDAR, query, depth="1")
    assert b"activelock" in after.body
    assert b"activelock" not in before.body
