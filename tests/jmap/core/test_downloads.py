"""Uploads and downloads: who, as what, which range, and where browsers are sent."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from folkmoot.database import Database
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.protocol import calling
from tests.support.clock import SetClock
from tests.support.jmap import world
from tests.support.jmap_http import House, Visitor, house_of

pytestmark = pytest.mark.anyio
ANNA = "uYW5uYQ"


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 6, 1, 6, 3, tzinfo=UTC))


@pytest.fixture
async def house(embedded: Database, clock: SetClock) -> AsyncIterator[House]:
    async with world(embedded, clock=clock) as made:
        yield house_of(made)


@pytest.fixture
async def anna(house: House) -> Visitor:
    return await house.person("anna")


@pytest.fixture
async def browser(house: House, anna: Visitor) -> Visitor:
    return await house.browser("anna")


async def uploaded(who: Visitor, octets: bytes, content_type: str = "text/plain") -> str:
    reply = await who.send("POST", f"upload/{ANNA}/", octets, content_type=content_type)
    assert reply.status == 201
    return str(reply.json["blobId"])


def picture() -> bytes:
    octets = BytesIO()
    Image.new("RGB", (3, 2), "red").save(octets, "PNG", pnginfo=None)
    return octets.getvalue() + b"<script>alert(1)</script>"


async def test_what_was_uploaded_comes_back(anna: Visitor) -> None:
    reply = await anna.send("POST", f"upload/{ANNA}/", b"0123456789" * 10, content_type="Text/CSV; charset=x")
    assert reply.status == 201
    assert reply.json | {"blobId": ""} == {"accountId": ANNA, "blobId": "", "type": "text/csv", "size": 100}
    got = await anna.send("GET", f"download/{ANNA}/{reply.json['blobId']}/a.csv?type=text/csv")
    assert (got.status, got.body) == (200, b"0123456789" * 10)
    assert got.headers["content-type"] == "text/csv"
    assert got.headers["cache-control"].startswith("private")
    assert "immutable" in got.headers["cache-control"]


async def test_an_upload_that_is_too_large_leaves_nothing(house: House, anna: Visitor) -> None:
    world = house.world
    settings = replace(world.settings, server=replace(world.settings.server, upload_max_kilobytes=1))
    services = replace(world.services, settings=lambda _: settings)
    small = Visitor(house_of(replace(world, services=services)).face, anna.headers)
    for length in ("", "5"):  # one that does not tell, one that lies
        reply = await small.send("POST", f"upload/{ANNA}/", b"x" * 1025, content_length=length)
        assert (reply.status, reply.json["limit"]) == (413, "maxSizeUpload")
    assert (await small.send("POST", f"upload/{ANNA}/", b"x" * 1000)).status == 201
    session = await small.send("GET", "session")
    assert session.json["capabilities"]["urn:ietf:params:jmap:core"]["maxSizeUpload"] == 1024


async def test_nobody_else_reads_an_upload_or_uploads_for_somebody(house: House, anna: Visitor) -> None:
    blob = await uploaded(anna, b"secret")
    ben = await house.person("ben")
    assert (await ben.send("GET", f"download/{ANNA}/{blob}/x")).status == 404
    assert (await ben.send("GET", f"download/uYmVu/{blob}/x")).status == 404
    assert (await ben.send("POST", f"upload/{ANNA}/", b"x")).status == 404


@pytest.mark.parametrize("blob", ["U", "Unone", "U" + "0" * 32, "U../../x", "X1", "", "%00", "\udcff"])
async def test_what_is_no_blob_is_not_found(anna: Visitor, blob: str) -> None:
    assert (await anna.send("GET", f"download/{ANNA}/{blob}/x")).status == 404


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("text/html", "application/octet-stream"),
        ("image/svg+xml", "application/octet-stream"),
        ("application/xhtml+xml", "application/octet-stream"),
        ("text/xml", "application/octet-stream"),
        ("text/javascript", "application/octet-stream"),
        ("application/pdf", "application/pdf"),
        ("IMAGE/PNG;x=y", "image/png"),
        ("image/png%0D%0Aset-cookie: a=b", "application/octet-stream"),
        ("", "application/octet-stream"),
    ],
)
async def test_nothing_is_told_to_be_a_page_or_a_script(anna: Visitor, asked: str, told: str) -> None:
    blob = await uploaded(anna, b"<script>alert(1)</script>", "text/html")
    reply = await anna.send("GET", f"download/{ANNA}/{blob}/x.html?type={asked}&disposition=inline")
    assert reply.headers["content-type"] == told
    assert reply.headers["content-disposition"].startswith("attachment;")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("a.txt", "attachment; filename=\"a.txt\"; filename*=UTF-8''a.txt"),
        ('a"b\\c/d.txt', "attachment; filename=\"a_b_c_d.txt\"; filename*=UTF-8''a%22b_c_d.txt"),
        ("a\r\nSet-Cookie: x.txt", 'attachment; filename="a__Set-Cookie_ x.txt"'),
        ("räksmörgås.pdf", "attachment; filename=\"r_ksm_rg_s.pdf\"; filename*=UTF-8''r%C3%A4ksm%C3%B6rg%C3%A5s.pdf"),
        ("a\u202efdp.exe", 'attachment; filename="a_fdp.exe"'),
        ("..", 'attachment; filename="attachment"'),
    ],
)
async def test_a_file_is_saved_under_a_safe_name(anna: Visitor, name: str, told: str) -> None:
    blob = await uploaded(anna, b"x")
    request = anna.request("GET", "x", b"", {})
    _, response = await anna.face(replace(request, path=f"download/{ANNA}/{blob}/{name}"))
    disposition = dict(response.headers)["Content-Disposition"]
    assert disposition.startswith(told)
    assert disposition.isascii()
    assert disposition.isprintable()


@pytest.mark.parametrize(
    ("asked", "status", "told", "octets"),
    [
        ("bytes=2-4", 206, "bytes 2-4/10", b"234"),
        ("bytes=8-", 206, "bytes 8-9/10", b"89"),
        ("bytes=8-99", 206, "bytes 8-9/10", b"89"),
        ("bytes=-3", 206, "bytes 7-9/10", b"789"),
        ("bytes=-99", 206, "bytes 0-9/10", b"0123456789"),
        ("bytes=10-", 416, "bytes */10", None),
        ("bytes=-0", 416, "bytes */10", None),
        ("bytes=4-2", 416, "bytes */10", None),
        ("bytes=0-1,4-5", 200, None, b"0123456789"),
        ("octets=0-1", 200, None, b"0123456789"),
        ("bytes=99999999999999999999-", 200, None, b"0123456789"),
    ],
)
async def test_a_range_is_told_as_it_is(
    anna: Visitor, asked: str, status: int, told: str | None, octets: bytes | None
) -> None:
    blob = await uploaded(anna, b"0123456789")
    reply = await anna.send("GET", f"download/{ANNA}/{blob}/x", range=asked)
    assert (reply.status, reply.headers.get("content-range")) == (status, told)
    if octets is not None:
        assert (reply.body, reply.headers["content-length"]) == (octets, str(len(octets)))


async def test_a_blob_that_is_known_is_not_sent_again(anna: Visitor) -> None:
    blob = await uploaded(anna, b"0123456789")
    first = await anna.send("GET", f"download/{ANNA}/{blob}/x")
    again = await anna.send("GET", f"download/{ANNA}/{blob}/x", if_none_match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    other = await anna.send("GET", f"download/{ANNA}/{blob}/x?type=text/plain", if_none_match=first.headers["etag"])
    assert other.status == 200
    ranged = await anna.send("GET", f"download/{ANNA}/{blob}/x", range="bytes=1-1", if_range=first.headers["etag"])
    assert (ranged.status, ranged.body) == (206, b"1")
    assert (await anna.send("GET", f"download/{ANNA}/{blob}/x", range="bytes=1-1", if_range='"x"')).status == 200


async def test_a_browser_gets_content_where_it_sends_no_cookies(house: House, browser: Visitor) -> None:
    blob = await uploaded(browser, b"0123456789")
    reply = await browser.send("GET", f"download/{ANNA}/{blob}/a b.txt?type=text/plain")
    where = reply.headers["location"]
    assert (reply.status, reply.body) == (302, b"")
    assert where.startswith("/SOGo.content/")
    assert where.endswith("/a%20b.txt")
    anybody = Visitor(house.face)
    got = await anybody.send("GET", where.removeprefix("/SOGo.content/"), content=True, range="bytes=0-1")
    assert (got.status, got.body) == (206, b"01")
    assert got.headers["cross-origin-resource-policy"] == "cross-origin"
    for spoilt in (
        where[:-20],
        where.replace("/SOGo.content/A", "/SOGo.content/B"),
        "/SOGo.content/x/y",
        "/SOGo.content/",
    ):
        assert (await anybody.send("GET", spoilt.removeprefix("/SOGo.content/"), content=True)).status == 404
    assert (await anybody.send("POST", where.removeprefix("/SOGo.content/"), content=True)).status == 405


async def test_the_url_of_content_ends_with_the_session_and_with_time(
    house: House, browser: Visitor, clock: SetClock
) -> None:
    blob = await uploaded(browser, b"0123456789")
    path = f"download/{ANNA}/{blob}/x"
    where = (await browser.send("GET", path)).headers["location"].removeprefix("/SOGo.content/")
    anybody = Visitor(house.face)
    clock.pass_(minutes=11)
    assert (await browser.send("GET", path)).headers["location"].removeprefix("/SOGo.content/") == where
    clock.pass_(minutes=10)
    assert (await browser.send("GET", path)).headers["location"].removeprefix("/SOGo.content/") != where
    assert (await anybody.send("GET", where, content=True)).status == 200
    clock.pass_(minutes=10)
    assert (await anybody.send("GET", where, content=True)).status == 404
    where = (await browser.send("GET", path)).headers["location"].removeprefix("/SOGo.content/")
    await house.sign_in.sessions.end(browser.cookie)
    assert (await anybody.send("GET", where, content=True)).status == 401


async def test_a_picture_is_shown_only_after_it_was_written_anew(anna: Visitor) -> None:
    blob = await uploaded(anna, picture(), "image/png")
    shown = await anna.send("GET", f"download/{ANNA}/{blob}/x.png?type=image/png&disposition=inline")
    assert shown.headers["content-type"] == "image/png"
    assert shown.headers["content-disposition"].startswith("inline;")
    assert "sandbox" in shown.headers["content-security-policy"]
    assert b"script" not in shown.body
    assert Image.open(BytesIO(shown.body)).size == (3, 2)
    saved = await anna.send("GET", f"download/{ANNA}/{blob}/x.png?type=image/png")
    assert (saved.body, saved.headers["content-disposition"][:11]) == (picture(), "attachment;")


async def test_what_is_no_picture_is_not_shown_as_one(anna: Visitor) -> None:
    blob = await uploaded(anna, b"<svg onload=alert(1)>", "image/png")
    reply = await anna.send("GET", f"download/{ANNA}/{blob}/x.png?type=image/png&disposition=inline")
    assert reply.headers["content-disposition"].startswith("attachment;")


async def test_plain_text_is_shown_as_text(anna: Visitor) -> None:
    blob = await uploaded(anna, b"<script>alert(1)</script>")
    reply = await anna.send("GET", f"download/{ANNA}/{blob}/x.txt?type=text/plain&disposition=inline")
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    assert "sandbox" in reply.headers["content-security-policy"]


async def test_a_page_of_ours_is_shown_under_its_own_policy(anna: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"<p>safe</p>"

    async def page(_: calling.Context, __: Account, ___: str) -> calling.Blob:
        return calling.Blob("text/html", "mail", None, pieces(), page_policy="default-src 'none'; sandbox")

    blobs: Any = anna.face._house.registry.blobs
    monkeypatch.setitem(blobs, "9", page)
    reply = await anna.send("GET", f"download/{ANNA}/91/mail.html")
    assert (reply.headers["content-type"], reply.body) == ("text/html; charset=utf-8", b"<p>safe</p>")
    assert reply.headers["content-security-policy"] == "default-src 'none'; sandbox"


async def test_urls_of_content_are_for_whom_they_are_made(house: House, anna: Visitor, browser: Visitor) -> None:
    caller = (await anna.send("GET", "session")).caller
    assert caller is not None
    direct = house.world.client("anna").context()
    account = direct.accounts.own
    url = await direct.content_url(account, "U1", "a/b.txt", "text/plain", shown=True)
    assert url == f"https://h.test/SOGo/jmap/download/{ANNA}/U1/a%2Fb.txt?type=text%2Fplain&disposition=inline"
    request = browser.request("GET", "x", b"", {})
    made = anna.face._house.contents.of(caller, browser.cookie, request)
    assert made is not None
    assert (await made.url(ANNA, "U1", "", "")).startswith("https://h.test/SOGo.content/")
    assert "cookie" not in repr(made.bearer)
