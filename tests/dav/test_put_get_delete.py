"""PUT, GET, HEAD and DELETE of objects."""

import pytest

from folkmoot.collections.content import Place
from folkmoot.core.ids import PrincipalId
from folkmoot.dav.http import Response
from folkmoot.store.records import Kind
from tests.support.dav import CALLERS, Dav, card, condition, event, header

pytestmark = pytest.mark.anyio

WORK = "/anna/Calendar/personal/work.ics"
CALDAV = "{urn:ietf:params:xml:ns:caldav}"


def etag(response: Response) -> str:
    value = header(response, "ETag")
    assert value
    return value


async def share(dav: Dav, *roles: str, subject: str = "ben") -> None:
    place = Place(PrincipalId("anna"), Kind.CALENDAR, "personal")
    await dav.face.services.grants.set_(CALLERS["anna"], place, subject, frozenset(roles))


async def test_what_is_put_is_what_get_returns(dav: Dav) -> None:
    body = event("one", summary="Käse\\, Brot", extra="X-CUSTOM;P=1:kept\r\n")
    put = await dav.request("PUT", WORK, body, content_type="text/calendar")
    got = await dav.request("GET", WORK)
    assert (put.status, got.status) == (201, 200)
    assert got.body == body
    assert etag(put) == etag(got)
    assert header(got, "Content-Type") == "text/calendar; charset=utf-8; component=VEVENT"
    assert header(got, "Last-Modified")


async def test_a_second_put_answers_204_and_changes_the_etag(dav: Dav) -> None:
    first = await dav.request("PUT", WORK, event("one"))
    second = await dav.request("PUT", WORK, event("one", summary="Later"))
    assert second.status == 204
    assert etag(first) != etag(second)


async def test_head_is_get_without_the_body(dav: Dav) -> None:
    body = event("one")
    await dav.request("PUT", WORK, body)
    got = await dav.request("HEAD", WORK)
    assert (got.status, got.body) == (200, b"")
    assert header(got, "Content-Length") == str(len(body))


async def test_get_of_a_known_version_answers_304(dav: Dav) -> None:
    put = await dav.request("PUT", WORK, event("one"))
    assert (await dav.request("GET", WORK, if_none_match=etag(put))).status == 304
    assert (await dav.request("GET", WORK, if_none_match=f'"x", W/{etag(put)}')).status == 304
    assert (await dav.request("GET", WORK, if_none_match='"x"')).status == 200
    assert (await dav.request("GET", WORK, if_match='"x"')).status == 412


async def test_if_none_match_star_never_overwrites(dav: Dav) -> None:
    assert (await dav.request("PUT", WORK, event("one"), if_none_match="*")).status == 201
    assert (await dav.request("PUT", WORK, event("one"), if_none_match="*")).status == 412


async def test_if_match_lets_only_the_seen_version_be_replaced(dav: Dav) -> None:
    seen = etag(await dav.request("PUT", WORK, event("one")))
    assert (await dav.request("PUT", WORK, event("one", "a"), if_match=f'"other", {seen}')).status == 204
    assert (await dav.request("PUT", WORK, event("one", "b"), if_match=seen)).status == 412
    assert (await dav.request("DELETE", WORK, if_match=seen)).status == 412
    assert (await dav.request("DELETE", WORK, if_match="*")).status == 204
    assert (await dav.request("PUT", WORK, event("one"), if_match="*")).status == 412


async def test_delete_answers_204_and_then_404(dav: Dav) -> None:
    await dav.request("PUT", WORK, event("one"))
    assert (await dav.request("DELETE", WORK)).status == 204
    assert (await dav.request("DELETE", WORK)).status == 404
    assert (await dav.request("GET", WORK)).status == 404


async def test_a_second_object_with_a_uid_is_refused_with_the_href_of_the_first(dav: Dav) -> None:
    await dav.request("PUT", WORK, event("one"))
    refused = await dav.request("PUT", "/anna/Calendar/personal/b c.ics", event("one"))
    assert refused.status == 409
    assert condition(refused) == f"{CALDAV}no-uid-conflict"
    assert b"<D:href>/SOGo/dav/anna/Calendar/personal/work.ics</D:href>" in refused.body


async def test_a_put_that_does_not_parse_is_a_bad_request(dav: Dav) -> None:
    refused = await dav.request("PUT", WORK, b"BEGIN:VCALENDAR\r\nnonsense")
    assert refused.status == 400
    assert condition(refused) == f"{CALDAV}valid-calendar-data"
    refused = await dav.request("PUT", "/anna/Contacts/personal/a.vcf", b"nonsense")
    assert refused.status == 400
    assert condition(refused) == "{urn:ietf:params:xml:ns:carddav}valid-address-data"


async def test_another_media_type_is_refused(dav: Dav) -> None:
    refused = await dav.request("PUT", WORK, b"<html/>", content_type="text/html")
    assert refused.status == 415
    assert condition(refused) == f"{CALDAV}supported-calendar-data"


async def test_a_component_that_the_calendar_does_not_take_is_refused(dav: Dav) -> None:
    body = event("one").replace(b"VEVENT", b"VJOURNAL").replace(b"DURATION:PT1H\r\n", b"")
    refused = await dav.request("PUT", WORK, body)
    assert refused.status == 403
    assert condition(refused) == f"{CALDAV}supported-calendar-component"


async def test_too_large_an_object_is_refused(dav: Dav) -> None:
    refused = await dav.request("PUT", WORK, event("one", extra="DESCRIPTION:" + "x" * 300_000 + "\r\n"))
    assert refused.status == 413
    assert condition(refused) == f"{CALDAV}max-resource-size"


async def test_a_part_of_a_body_is_refused(dav: Dav) -> None:
    assert (await dav.request("PUT", WORK, event("one"), content_range="bytes 0-9/20")).status == 400
    assert (await dav.request("PUT", WORK, b"\x1f\x8b", content_encoding="gzip")).status == 415


async def test_prefer_representation_gives_the_stored_body(dav: Dav) -> None:
    body = event("one")
    first = await dav.request("PUT", WORK, body, prefer="return=representation")
    again = await dav.request("PUT", WORK, body, prefer="return=representation")
    assert (first.status, again.status) == (201, 200)
    assert first.body == again.body == body
    assert header(first, "Preference-Applied") == "return=representation"


async def test_without_a_collection_the_owner_hears_409_and_others_404(dav: Dav) -> None:
    assert (await dav.request("PUT", "/anna/Calendar/none/a.ics", event("one"))).status == 409
    assert (await dav.request("PUT", "/anna/Calendar/none/a.ics", event("one"), "ben")).status == 404
    assert (await dav.request("PUT", "/anna/Calendar/personal/a.ics", event("one"), "ben")).status == 404
    assert (await dav.request("PUT", "/anna/Calendar/personal/a/b.ics", event("one"))).status == 409
    assert (await dav.request("PUT", "/anna/Calendar/personal", event("one"))).status == 405
    assert (await dav.request("PUT", "/anna/a.ics", event("one"))).status == 405


async def test_names_with_odd_characters_work(dav: Dav) -> None:
    path = "/anna/Calendar/personal/a@b #ü&%.ics"
    assert (await dav.request("PUT", path, event("one"))).status == 201
    assert (await dav.request("GET", path)).status == 200
    listing = await dav.propfind("/anna/Calendar/personal/", "{DAV:}getetag", depth="1")
    assert "/SOGo/dav/anna/Calendar/personal/a@b%20%23%C3%BC%26%25.ics" in listing.hrefs


async def test_a_user_name_with_an_at_sign_names_one_home(dav: Dav) -> None:
    answers = await dav.propfind("/carl@example.org/", "{DAV:}displayname")
    assert answers.hrefs == ["/SOGo/dav/carl@example.org/"]
    assert answers.text("{DAV:}displayname") == "Carl Öst & Söhne"


async def test_what_one_may_not_know_of_is_not_there(dav: Dav) -> None:
    await dav.request("PUT", WORK, event("one"))
    for method in ("GET", "DELETE", "PROPFIND", "PROPPATCH", "COPY", "MOVE", "LOCK"):
        body = '<propertyupdate xmlns="DAV:"><set><prop><a xmlns="b"/></prop></set></propertyupdate>'
        got = await dav.request(method, WORK, body if method == "PROPPATCH" else "", "ben", destination=WORK + "x")
        missing = await dav.request(
            method, "/anna/Calendar/none/work.ics", body if method == "PROPPATCH" else "", "ben", destination=WORK
        )
        assert got.status == missing.status, method


async def test_some_right_but_not_this_one_is_forbidden(dav: Dav) -> None:
    await dav.request("PUT", WORK, event("one"))
    await share(dav, "PublicViewer")
    assert (await dav.request("GET", WORK, as_="ben")).status == 200
    assert (await dav.request("PUT", WORK, event("one", "x"), "ben")).status == 403
    assert (await dav.request("PUT", WORK + "2", event("two"), "ben")).status == 403
    assert (await dav.request("DELETE", WORK, as_="ben")).status == 403
    await share(dav, "PublicModifier", "ObjectCreator", "ObjectEraser")
    assert (await dav.request("PUT", WORK, event("one", "x"), "ben")).status == 204
    assert (await dav.request("DELETE", WORK, as_="ben")).status == 204


async def test_a_card_comes_back_as_it_went_in(dav: Dav) -> None:
    body = card("c1", extra="item1.EMAIL:jan@example.org\r\nitem1.X-ABLABEL:Home\r\n")
    path = "/anna/Contacts/personal/c1.vcf"
    assert (await dav.request("PUT", path, body, content_type="text/vcard")).status == 201
    got = await dav.request("GET", path)
    assert got.body == body
    assert (header(got, "Content-Type") or "").startswith("text/vcard")


@pytest.mark.parametrize(
    ("accept", "version"),
    [
        ("", b"3.0"),
        ("*/*", b"3.0"),
        ("text/vcard;version=4.0", b"4.0"),
        ("text/vcard; version=4.0, text/vcard;q=0.5", b"3.0"),
        ("text/vcard;version=3.0, text/vcard;version=4.0", b"3.0"),
        ("text/vcard;version=9.9", b"3.0"),
    ],
)
async def test_a_card_comes_in_the_version_that_the_client_accepts(dav: Dav, accept: str, version: bytes) -> None:
    path = "/anna/Contacts/personal/c1.vcf"
    stored = etag(await dav.request("PUT", path, card("c1")))
    got = await dav.request("GET", path, accept=accept)
    assert b"VERSION:" + version in got.body
    assert etag(got) == (stored if version == b"3.0" else f"W/{stored}")
    assert (await dav.request("PUT", path, card("c1", "New"), if_match=etag(got))).status == 204


async def test_a_file_is_served_as_a_download_that_cannot_run(dav: Dav) -> None:
    await dav.request("PUT", "/anna/Files/a.html", "<script>alert(1)</script>", content_type="text/html")
    got = await dav.request("GET", "/anna/Files/a.html")
    assert header(got, "Content-Type") == "text/html"
    assert header(got, "Content-Disposition") == "attachment"
    assert "sandbox" in (header(got, "Content-Security-Policy") or "")
    assert header(got, "X-Content-Type-Options") == "nosniff"


@pytest.mark.parametrize(
    ("asked", "status", "body"),
    [
        ("bytes=0-3", 206, b"0123"),
        ("bytes=4-", 206, b"456789"),
        ("bytes=-2", 206, b"89"),
        ("bytes=8-99", 206, b"89"),
        ("bytes=10-", 416, b""),
        ("bytes=-0", 416, b""),
        ("bytes=5-2", 200, b"0123456789"),
        ("bytes=0-1,3-4", 200, b"0123456789"),
        ("lines=1-2", 200, b"0123456789"),
    ],
)
async def test_a_range_of_a_file(dav: Dav, asked: str, status: int, body: bytes) -> None:
    await dav.request("PUT", "/anna/Files/a.bin", b"0123456789")
    got = await dav.request("GET", "/anna/Files/a.bin", range=asked)
    assert (got.status, got.body) == (status, body)
    if status == 206:
        assert (await dav.request("GET", "/anna/Files/a.bin", range=asked, if_range='"old"')).status == 200


async def test_a_browser_that_opens_a_collection_is_sent_to_the_web_pages(dav: Dav) -> None:
    for path in ("/", "/anna/", "/anna/Calendar/", "/anna/Calendar/personal/"):
        got = await dav.request("GET", path, accept="text/html,*/*")
        assert (got.status, header(got, "Location")) == (302, "/SOGo/"), path
        assert (await dav.request("GET", path)).status == 405


async def test_nothing_is_put_where_a_collection_of_files_is(dav: Dav) -> None:
    await dav.request("MKCOL", "/anna/Files/a")
    assert (await dav.request("PUT", "/anna/Files/a", b"x")).status == 405
    assert (await dav.request("PUT", "/anna/Files/none/a", b"x")).status == 409


async def test_below_an_object_nothing_is_found_and_nothing_can_be_put(dav: Dav) -> None:
    path = "/anna/Calendar/personal/a.ics/b/c.ics"
    for method in ("GET", "DELETE", "PROPFIND"):
        assert (await dav.request(method, path)).status == 404
    assert (await dav.request("PUT", path, event("c"))).status == 409
