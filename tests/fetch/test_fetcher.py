"""Fetching from a real server, and every trick that others' fetchers fell for."""

import asyncio
import base64
import gzip
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path

import pytest

from folkmoot.fetch.errors import FetchFailed
from folkmoot.fetch.fetcher import Credentials, Fetcher, FetchLimits
from folkmoot.fetch.guarding import resolve_name
from tests.support.web_server import Asked, Web, trusting, web_server

pytestmark = pytest.mark.anyio
LOOPBACK = [ip_network("127.0.0.0/8")]
BODY = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


@dataclass
class Names:
    """A name server that lies as a test wants: the answers in turn, the last one for ever."""

    answers: dict[str, list[list[str]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def resolve(self, host: str, _port: int) -> Sequence[str]:
        self.asked.append(host)
        known = self.answers.get(host, [["127.0.0.1"]])
        return known.pop(0) if len(known) > 1 else known[0]


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Web]:
    async with web_server(tmp_path) as running:
        running.on("/a.ics", BODY, ETag='"one"', content_type="text/calendar")
        yield running


@pytest.fixture
def names() -> Names:
    return Names()


@pytest.fixture
def fetcher(names: Names, tmp_path: Path, web: Web) -> Fetcher:
    limits = FetchLimits(octets=100_000, seconds=5)
    return Fetcher(LOOPBACK, limits, resolve=names.resolve, tls=trusting(tmp_path))


async def failure(fetcher: Fetcher, url: str) -> FetchFailed:
    with pytest.raises(FetchFailed) as caught:
        await fetcher.get(url)
    return caught.value


async def test_a_document_comes_with_its_validators(fetcher: Fetcher, web: Web) -> None:
    fetched = await fetcher.get(web.url("/a.ics"))
    assert (fetched.body, fetched.etag, fetched.content_type) == (BODY, '"one"', "text/calendar")
    asked = web.asked[0]
    assert asked.headers["host"] == f"calendar.example:{web.port}"
    assert asked.headers["user-agent"].startswith("Folkmoot/")
    assert "authorization" not in asked.headers
    assert "cookie" not in asked.headers


async def test_over_tls_the_certificate_must_be_of_the_name(fetcher: Fetcher, web: Web, names: Names) -> None:
    assert (await fetcher.get(web.tls_url("/a.ics"))).body == BODY
    assert (await failure(fetcher, web.tls_url("/a.ics", host="other.example"))).reason == "bad-url"
    stranger = Fetcher(LOOPBACK, resolve=names.resolve)  # with the authorities of this machine
    assert (await failure(stranger, web.tls_url("/a.ics"))).reason == "bad-url"


async def test_webcal_is_http(fetcher: Fetcher, web: Web) -> None:
    assert (await fetcher.get(web.url("/a.ics").replace("http:", "webcal:"))).body == BODY
    assert (await fetcher.get(web.tls_url("/a.ics").replace("https:", "webcals:"))).body == BODY


async def test_an_unchanged_document_is_not_sent_again(fetcher: Fetcher, web: Web) -> None:
    web.on("/same", status="304 Not Modified", ETag='"one"')
    fetched = await fetcher.get(web.url("/same"), etag='"one"', last_modified="Mon, 01 Jun 2026 00:00:00 GMT")
    assert fetched.body is None
    asked = web.asked[0].headers
    assert (asked["if-none-match"], asked["if-modified-since"]) == ('"one"', "Mon, 01 Jun 2026 00:00:00 GMT")


async def test_validators_that_are_no_header_are_left_out(fetcher: Fetcher, web: Web) -> None:
    await fetcher.get(web.url("/a.ics"), etag='"x"\r\nX-Evil: 1', last_modified="ü")
    assert not {"x-evil", "if-none-match", "if-modified-since"} & web.asked[0].headers.keys()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "calendar.example/a.ics",
        "file:///etc/passwd",
        "gopher://calendar.example/",
        "ftp://calendar.example/a.ics",
        "http://",
        "http:///a.ics",
        "http://calendar.example:25/",
        "http://calendar.example:22/",
        "http://calendar.example:6379/",
        "http://calendar.example:11211/",
        "http://calendar.example:99999/",
        "http://calendar.example\\@127.0.0.1/",
        "http://calendar.example/\r\nX: y",
        "http://calendar.example/" + "a" * 3000,
        "http://[::1/",
        "http://exa mple/",
    ],
)
async def test_what_is_no_such_url_is_not_asked(fetcher: Fetcher, names: Names, url: str) -> None:
    assert (await failure(fetcher, url)).reason == "invalid-url"
    assert names.asked == []


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0"],
)
async def test_no_spelling_of_this_machine_is_asked(host: str, web: Web) -> None:
    assert (await failure(Fetcher(), f"http://{host}:{web.port}/a.ics")).reason in {"bad-url", "invalid-url"}
    assert web.asked == []


async def test_a_name_for_a_private_address_is_not_asked_and_tells_nothing(web: Web, names: Names) -> None:
    guarded = Fetcher(resolve=names.resolve)
    refused = await failure(guarded, web.url("/a.ics"))
    assert web.asked == []

    async def nobody(_host: str, _port: int) -> Sequence[str]:
        raise OSError("no such name")

    unknown = await failure(Fetcher(resolve=nobody), web.url("/a.ics"))
    assert (
        (refused.reason, str(refused)) == (unknown.reason, str(unknown)) == ("bad-url", "the server cannot be reached")
    )


async def test_of_several_addresses_only_permitted_ones_are_asked(web: Web, names: Names, tmp_path: Path) -> None:
    names.answers["calendar.example"] = [["10.0.0.1", "169.254.169.254", "127.0.0.1"]]
    fetcher = Fetcher(LOOPBACK, resolve=names.resolve)
    assert (await fetcher.get(web.url("/a.ics"))).body == BODY


async def test_a_second_answer_of_the_name_server_changes_nothing(fetcher: Fetcher, web: Web, names: Names) -> None:
    names.answers["calendar.example"] = [["127.0.0.1"], ["10.0.0.1"]]
    assert (await fetcher.get(web.url("/a.ics"))).body == BODY
    assert names.asked == ["calendar.example"]


async def test_each_redirection_is_checked_anew(fetcher: Fetcher, web: Web, names: Names) -> None:
    names.answers["inside.example"] = [["10.0.0.1"]]
    web.on("/to-inside", status="302 Found", Location="http://inside.example/secret")
    assert (await failure(fetcher, web.url("/to-inside"))).reason == "bad-url"
    web.on("/to-file", status="302 Found", Location="file:///etc/passwd")
    assert (await failure(fetcher, web.url("/to-file"))).reason == "invalid-url"
    web.on("/to-port", status="302 Found", Location="http://calendar.example:25/")
    assert (await failure(fetcher, web.url("/to-port"))).reason == "invalid-url"
    names.answers["calendar.example"] = [["127.0.0.1"], ["192.168.0.1"]]
    web.on("/rebind", status="302 Found", Location="/a.ics")
    assert (await failure(fetcher, web.url("/rebind"))).reason == "bad-url"


async def test_redirections_are_followed_five_times(fetcher: Fetcher, web: Web) -> None:
    for number in range(7):
        web.on(f"/{number}", status="301 Moved Permanently", Location=f"/{number + 1}" if number < 6 else "/a.ics")
    assert (await fetcher.get(web.url("/2"))).body == BODY
    assert (await failure(fetcher, web.url("/1"))).reason == "http-error"


async def test_no_redirection_leads_from_tls_to_plain_text(fetcher: Fetcher, web: Web) -> None:
    web.on("/down", status="302 Found", Location=web.url("/a.ics"))
    web.on("/up", status="302 Found", Location=web.tls_url("/a.ics"))
    assert (await failure(fetcher, web.tls_url("/down"))).reason == "bad-url"
    assert (await fetcher.get(web.url("/up"))).body == BODY


async def test_credentials_stay_with_the_server_they_are_for(fetcher: Fetcher, web: Web) -> None:
    auth = Credentials("änna", "pass:word")
    told = "Basic " + base64.b64encode("änna:pass:word".encode()).decode()
    web.on("/here", status="302 Found", Location="/a.ics")
    await fetcher.get(web.url("/here"), auth=auth)
    assert [asked.headers.get("authorization") for asked in web.asked] == [told, told]
    web.asked.clear()
    web.on("/away", status="302 Found", Location=web.url("/a.ics", host="other.example"))
    await fetcher.get(web.url("/away"), auth=auth)
    assert [asked.headers.get("authorization") for asked in web.asked] == [told, None]
    assert "pass:word" not in repr(auth)


async def test_credentials_may_stand_in_the_url(fetcher: Fetcher, web: Web) -> None:
    await fetcher.get(web.url("/a.ics", host="anna:s%20cret@calendar.example"))
    assert web.asked[0].headers["authorization"] == "Basic " + base64.b64encode(b"anna:s cret").decode()
    assert web.asked[0].headers["host"].startswith("calendar.example:")


async def test_answers_that_are_no_document_are_named_with_their_status(fetcher: Fetcher, web: Web) -> None:
    for status in ("404 Not Found", "401 Unauthorized", "500 Oops", "204 No Content"):
        web.on("/gone", status=status)
        failed = await failure(fetcher, web.url("/gone"))
        assert (failed.reason, failed.status) == ("http-error", int(status[:3]))


async def test_large_documents_are_refused_announced_or_not(fetcher: Fetcher, web: Web) -> None:
    web.on("/large", b"x" * 100_001)
    assert (await failure(fetcher, web.url("/large"))).reason == "http-error"

    async def endless(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
            await writer.drain()

    web.answers["/endless"] = endless
    assert (await failure(fetcher, web.url("/endless"))).reason == "http-error"
    web.on("/just", b"x" * 100_000)
    assert len((await fetcher.get(web.url("/just"))).body or b"") == 100_000


async def test_packed_documents_are_unpacked_as_far_as_they_may_grow(fetcher: Fetcher, web: Web) -> None:
    web.on("/packed", gzip.compress(BODY), content_encoding="gzip")
    assert (await fetcher.get(web.url("/packed"))).body == BODY
    web.on("/bomb", gzip.compress(b"x" * 50_000_000), content_encoding="gzip")
    assert (await failure(fetcher, web.url("/bomb"))).reason == "http-error"
    web.on("/cut", gzip.compress(BODY * 50)[:-12], content_encoding="gzip")
    assert (await failure(fetcher, web.url("/cut"))).reason == "http-error"
    web.on("/garbage", b"not packed", content_encoding="gzip")
    assert (await failure(fetcher, web.url("/garbage"))).reason == "http-error"
    web.on("/odd", BODY, content_encoding="br")
    assert (await failure(fetcher, web.url("/odd"))).reason == "http-error"


async def test_slow_servers_are_left_after_the_whole_time(names: Names, web: Web) -> None:
    async def drip(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    web.answers["/drip"] = drip
    fetcher = Fetcher(LOOPBACK, FetchLimits(seconds=0.3), resolve=names.resolve)
    assert (await failure(fetcher, web.url("/drip"))).reason == "bad-url"


async def test_what_is_no_http_is_no_answer(fetcher: Fetcher, web: Web) -> None:
    async def odd(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")

    async def long(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1_000_000 + b"\r\n\r\n")

    async def short(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")

    for path, answer in {"/odd": odd, "/long": long, "/short": short}.items():
        web.answers[path] = answer
        assert (await failure(fetcher, web.url(path))).reason == "bad-url"


async def test_no_proxy_of_the_environment_is_used(fetcher: Fetcher, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    assert (await fetcher.get(web.url("/a.ics"))).body == BODY


async def test_names_are_resolved_by_the_system() -> None:
    assert "127.0.0.1" in await resolve_name("localhost", 80)
