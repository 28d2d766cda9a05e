"""What somebody who sees dates only gets of a calendar, whichever way it is asked."""

import pytest

from folkmoot.collections.content import Place
from folkmoot.core.caller import Caller
from folkmoot.core.ids import PrincipalId, ResourceName
from folkmoot.store.records import Kind
from tests.support.dav import CALLERS, Answers, Dav, event, header
from tests.support.reports import CALENDAR, document

pytestmark = pytest.mark.anyio

D, C = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
PLACE = Place(CALLERS["anna"].principal, Kind.CALENDAR, "personal")
CLASSES = ("Public", "Private", "Confidential")
SECRET = "LOCATION:SECRET\r\nATTENDEE;CN=SECRET:mailto:secret@example.org\r\n"
OWN = "/ben/Calendar/personal/x.ics"
DATA = "<D:prop><D:getetag/><C:calendar-data/></D:prop>"


async def share(dav: Dav, *roles: str, subject: str = "ben") -> None:
    await dav.face.services.grants.set_(CALLERS["anna"], PLACE, subject, frozenset(roles))


async def filled(dav: Dav) -> None:
    for name in CLASSES:
        body = event(f"SECRET-{name}", "SECRET", extra=f"CLASS:{name.upper()}\r\n{SECRET}")
        assert (await dav.request("PUT", f"{CALENDAR}{name}.ics", body)).status == 201
    await share(dav, *(f"{name}DAndTViewer" for name in CLASSES))


async def query(dav: Dav, inner: str, as_: str = "ben") -> str:
    text = f'<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">{inner}'
    body = document("C:calendar-query", f"{DATA}{text}</C:comp-filter></C:comp-filter></C:filter>")
    response = await dav.request("REPORT", CALENDAR, body, as_, depth="1")
    assert response.status == 207
    return response.body.decode()


async def test_no_way_of_reading_tells_more_than_dates(dav: Dav) -> None:
    await filled(dav)
    hrefs = "".join(f"<D:href>{'/SOGo/dav' + CALENDAR}{name}.ics</D:href>" for name in CLASSES)
    token = "<D:sync-token/><D:sync-level>1</D:sync-level>"
    answers = [await dav.request("GET", f"{CALENDAR}{name}.ics", as_="ben") for name in CLASSES]
    answers += [await dav.request("GET", path, as_="ben") for path in (f"{CALENDAR[:-1]}.ics", f"{CALENDAR[:-1]}.xml")]
    asked = document("D:propfind", "<D:prop><D:getetag/><C:calendar-data/><D:displayname/></D:prop>")
    answers.append(await dav.request("PROPFIND", CALENDAR, asked, "ben", depth="1"))
    answers.append(await dav.request("PROPFIND", CALENDAR, "", "ben", depth="1"))
    answers.append(await dav.request("REPORT", CALENDAR, document("C:calendar-multiget", DATA + hrefs), "ben"))
    answers.append(await dav.request("REPORT", CALENDAR, document("D:sync-collection", token + DATA), "ben"))
    whole = (await query(dav, "")).encode()
    for text in [answer.body for answer in answers] + [whole]:
        assert b"SECRET" not in text.upper().replace(b"X-SOGO-SECURE", b"")
    for answer in answers:
        assert answer.status in {200, 207}
    # all but the plain listing hold the copies themselves
    assert whole.count(b"X-SOGo-Secure:YES") == 3
    for name, answer in zip(CLASSES, answers, strict=False):
        assert f"SUMMARY:({name} event)".encode() in answer.body
        assert header(answer, "last-modified") == "Thu, 01 Jan 1970 00:00:00 GMT"


async def test_a_copy_has_one_etag_everywhere_and_not_the_originals(dav: Dav) -> None:
    await filled(dav)
    got = header(await dav.request("GET", f"{CALENDAR}Public.ics", as_="ben"), "etag")
    listed = await dav.propfind(CALENDAR, f"{D}getetag", f"{D}getcontentlength", depth="1", as_="ben")
    href = f"/SOGo/dav{CALENDAR}Public.ics"
    assert listed.text(f"{D}getetag", href) == got
    assert listed.status(f"{D}getcontentlength", href) == 404
    assert got != header(await dav.request("GET", f"{CALENDAR}Public.ics"), "etag")
    again = await dav.request("GET", f"{CALENDAR}Public.ics", as_="ben", if_none_match=str(got))
    assert again.status == 304


async def test_a_filter_does_not_answer_what_the_copy_does_not_tell(dav: Dav) -> None:
    await filled(dav)
    match = '<C:prop-filter name="{}"><C:text-match>{}</C:text-match></C:prop-filter>'
    for name, text in (("SUMMARY", "SECRET"), ("LOCATION", "SECRET"), ("UID", "SECRET"), ("ATTENDEE", "secret")):
        assert "calendar-data" not in await query(dav, match.format(name, text))
        assert "calendar-data" in await query(dav, match.format(name, text), as_="anna")
    for _ in range(2):
        assert (await query(dav, match.format("SUMMARY", "Private"))).count("X-SOGo-Secure") == 1


async def test_two_viewers_know_an_event_by_different_names(dav: Dav) -> None:
    await filled(dav)
    await share(dav, "PublicDAndTViewer", subject="room")
    seen = []
    for viewer in (CALLERS["ben"], Caller(PrincipalId("room")), CALLERS["ben"]):
        _, stored = await dav.face.services.objects.read(viewer, PLACE, ResourceName("Public.ics"))
        seen.append((stored.meta.uid, stored.meta.etag, stored.body))
    assert seen[0] == seen[2]
    assert all(one != other for one, other in zip(seen[0], seen[1], strict=True))


async def test_a_copy_cannot_be_written_back(dav: Dav) -> None:
    await filled(dav)
    got = await dav.request("GET", f"{CALENDAR}Public.ics", as_="ben")
    for roles in (["PublicDAndTViewer"], ["PublicDAndTViewer", "ObjectCreator", "ObjectEraser"]):
        await share(dav, *roles)
        for headers in ({}, {"if_match": str(header(got, "etag"))}):
            assert (await dav.request("PUT", f"{CALENDAR}Public.ics", got.body, "ben", **headers)).status == 403
        patch = document("D:propertyupdate", "<D:set><D:prop><I:x>1</I:x></D:prop></D:set>")
        answer = await dav.request("PROPPATCH", f"{CALENDAR}Public.ics", patch, "ben")
        assert answer.status in {207, 403}
        assert b"200 OK" not in answer.body
    moved = await dav.request(
        "MOVE", f"{CALENDAR}Public.ics", "", "ben", destination="/SOGo/dav/ben/Calendar/personal/x.ics"
    )
    assert moved.status in {403, 409}
    assert b"SECRET" in (await dav.request("GET", f"{CALENDAR}Public.ics")).body


async def test_a_copy_is_copied_as_a_copy(dav: Dav) -> None:
    await filled(dav)
    await dav.request("PROPFIND", "/ben/Calendar/", as_="ben", depth="1")
    made = await dav.request(
        "COPY", f"{CALENDAR}Public.ics", as_="ben", destination="/SOGo/dav/ben/Calendar/personal/x.ics"
    )
    assert made.status == 201
    body = (await dav.request("GET", OWN, as_="ben")).body
    assert b"SUMMARY:(Public event)" in body
    assert b"LOCATION" not in body


async def test_who_may_erase_erases_by_the_etag_of_the_copy(dav: Dav) -> None:
    await filled(dav)
    await share(dav, "PublicDAndTViewer", "ObjectEraser")
    whole = str(header(await dav.request("GET", f"{CALENDAR}Public.ics"), "etag"))
    copy = str(header(await dav.request("GET", f"{CALENDAR}Public.ics", as_="ben"), "etag"))
    assert (await dav.request("DELETE", f"{CALENDAR}Public.ics", as_="ben", if_match=whole)).status == 412
    assert (await dav.request("DELETE", f"{CALENDAR}Public.ics", as_="ben", if_match=copy)).status == 204


async def sync(dav: Dav, token: str = "", as_: str = "ben") -> tuple[int, str, list[str]]:
    inner = f"<D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop>"
    answer = await dav.request("REPORT", CALENDAR, document("D:sync-collection", inner), as_)
    if answer.status != 207:
        return answer.status, "", []
    found = Answers(answer.body)
    return 207, found.root.findtext(f"{D}sync-token") or "", found.hrefs


async def test_a_client_starts_again_when_its_rights_have_changed(dav: Dav) -> None:
    await filled(dav)
    status, token, hrefs = await sync(dav)
    assert (status, len(hrefs)) == (207, 3)
    assert (await dav.propfind(CALENDAR, f"{D}sync-token", as_="ben")).text(f"{D}sync-token") == token
    assert await sync(dav, token) == (207, token, [])
    before = (await dav.propfind(CALENDAR, "{http://calendarserver.org/ns/}getctag", as_="ben")).root
    await share(dav, "PublicViewer", "PrivateDAndTViewer")
    assert (await sync(dav, token))[0] == 403
    after = (await dav.propfind(CALENDAR, "{http://calendarserver.org/ns/}getctag", as_="ben")).root
    assert "".join(before.itertext()) != "".join(after.itertext())
    status, token, hrefs = await sync(dav)
    assert (status, len(hrefs)) == (207, 2)
    # Whoever sees everything has the owner's tokens, whatever else is allowed.
    await share(dav, *(f"{name}Viewer" for name in CLASSES))
    assert (await sync(dav))[1] == (await sync(dav, as_="anna"))[1]
    whole = (await sync(dav))[1]
    await share(dav, *(f"{name}Modifier" for name in CLASSES), "ObjectEraser")
    assert (await sync(dav, whole))[0] == 207


async def test_an_event_that_becomes_private_disappears_for_who_saw_it(dav: Dav) -> None:
    await filled(dav)
    await share(dav, "PublicDAndTViewer")
    _, token, hrefs = await sync(dav)
    assert len(hrefs) == 1
    await dav.request("PUT", f"{CALENDAR}Public.ics", event("SECRET-Public", extra="CLASS:PRIVATE\r\n"))
    status, _, hrefs = await sync(dav, token)
    assert (status, hrefs) == (207, [f"/SOGo/dav{CALENDAR}Public.ics"])
    assert (await dav.request("GET", f"{CALENDAR}Public.ics", as_="ben")).status == 403


async def test_a_uid_in_use_is_named_to_those_only_who_may_know_of_it(dav: Dav) -> None:
    await filled(dav)
    await share(dav, "ObjectCreator")
    refused = await dav.request("PUT", f"{CALENDAR}new.ics", event("SECRET-Private"), "ben")
    assert (refused.status, b"Private.ics" in refused.body) == (409, False)
    await share(dav, "ObjectCreator", "PrivateDAndTViewer")
    refused = await dav.request("PUT", f"{CALENDAR}new.ics", event("SECRET-Private"), "ben")
    assert (refused.status, b"Private.ics" in refused.body) == (409, True)


async def test_no_condition_tells_whether_a_guessed_text_is_what_is_hidden(dav: Dav) -> None:
    await dav.request("PUT", f"{CALENDAR}hidden.ics", event("hidden", extra="CLASS:PRIVATE\r\n"))
    await share(dav, "PublicViewer", "ObjectCreator", "ObjectEraser")
    guessed = header(await dav.request("GET", f"{CALENDAR}hidden.ics"), "ETag") or ""
    response = await dav.request("DELETE", f"{CALENDAR}hidden.ics", as_="ben", if_match=guessed)
    assert response.status == 412
