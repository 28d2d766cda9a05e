"""Who may ask for what over HTTP, and what is refused."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from folkmoot.auth.protocols import Protocol
from folkmoot.config.settings import Settings
from folkmoot.core.errors import Unavailable
from folkmoot.database import Database
from folkmoot.jmap.http import Request, Response, Socket
from folkmoot.jmap.protocol.limits import CALLS_MAX, REQUEST_OCTETS_MAX
from folkmoot.jmap.visiting import Visit
from tests.support.jmap import world
from tests.support.jmap_http import House, Visitor, house_of

pytestmark = pytest.mark.anyio
ECHO = json.dumps({"using": [], "methodCalls": [["Core/echo", {"a": 1}, "0"]]}).encode()
JSON = "application/json"


@pytest.fixture
async def house(embedded: Database) -> AsyncIterator[House]:
    async with world(embedded) as made:
        yield house_of(made)


@pytest.fixture
async def anna(house: House) -> Visitor:
    return await house.person("anna")


@pytest.fixture
async def browser(house: House, anna: Visitor) -> Visitor:
    return await house.browser("anna")


async def test_the_session_tells_what_and_where(anna: Visitor) -> None:
    reply = await anna.send("GET", "session")
    told = reply.json
    assert (reply.status, reply.headers["content-type"]) == (200, JSON)
    assert "no-store" in reply.headers["cache-control"]
    assert told["username"] == "anna"
    assert told["capabilities"]["urn:ietf:params:jmap:core"]["maxCallsInRequest"] == CALLS_MAX
    assert told["primaryAccounts"]["urn:ietf:params:jmap:blob"] in told["accounts"]
    assert told["apiUrl"] == "https://h.test/SOGo/jmap/api"
    for name in ("accountId", "blobId", "name", "type"):
        assert f"{{{name}}}" in told["downloadUrl"]
    assert {"{types}", "{closeafter}", "{ping}"} <= set(told["eventSourceUrl"].replace("&", "=").split("="))


async def test_every_answer_tells_the_state_of_the_session(anna: Visitor) -> None:
    state = (await anna.send("GET", "session")).json["state"]
    assert (await anna.send("GET", "session")).json["state"] == state
    assert (await anna.call(("Core/echo", {}))).json["sessionState"] == state


async def test_who_does_not_sign_in_is_challenged(house: House) -> None:
    stranger = Visitor(house.face)
    reply = await stranger.send("GET", "session")
    assert (reply.status, reply.headers["content-type"]) == (401, "application/problem+json")
    assert reply.headers["www-authenticate"].startswith("Bearer")
    page = await stranger.send("POST", "api", ECHO, sec_fetch_site="same-origin")
    assert page.status == 401
    for path in ("upload/u/", "download/u/b/n", "eventsource/"):
        assert (await stranger.send("POST" if "upload" in path else "GET", path)).status in {401, 404}


async def test_a_wrong_password_lets_nobody_in(anna: Visitor) -> None:
    assert (await anna.send("GET", "session", authorization="Basic YW5uYTp3cm9uZw==")).status == 401
    assert (await anna.send("GET", "session", authorization="Bearer nobody")).status == 401


async def test_an_app_password_opens_as_a_bearer_token(house: House, anna: Visitor) -> None:
    caller = (await anna.send("GET", "session")).caller
    assert caller is not None
    made = await house.sign_in.app_passwords.add(replace(caller, fresh=True), "laptop", frozenset([Protocol.JMAP]))
    shown = Visitor(house.face, {"authorization": f"Bearer {made.password}"})
    assert (await shown.call(("Core/echo", {}))).status == 200
    # No browser sends it by itself, so a page that has one may use it from wherever it is.
    assert (await shown.send("POST", "api", ECHO, content_type=JSON, origin="https://app.example")).status == 200


async def test_a_session_needs_its_token_to_act(browser: Visitor) -> None:
    assert (await browser.call(("Core/echo", {}))).status == 200
    assert (await browser.send("GET", "session", x_xsrf_token="")).status == 200
    for token in ("", "0" * 40, "é"):
        assert (await browser.send("POST", "api", ECHO, content_type=JSON, x_xsrf_token=token)).status == 403
        assert (await browser.send("POST", "upload/u/", b"x", x_xsrf_token=token)).status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.test"},
        {"origin": "null"},
        {"origin": "http://h.test"},
        {"origin": "https://h.test.evil.test"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
async def test_pages_of_other_sites_cannot_act(anna: Visitor, browser: Visitor, headers: dict[str, str]) -> None:
    for who in (anna, browser):
        reply = await Visitor(who.face, {**who.headers, **headers}).send("POST", "api", ECHO, content_type=JSON)
        assert reply.status == 403


async def test_a_session_that_has_ended_opens_nothing(house: House, browser: Visitor) -> None:
    await house.sign_in.sessions.end(browser.cookie)
    assert (await browser.call(("Core/echo", {}))).status == 401


async def test_the_closed_web_application_closes_jmap(embedded: Database) -> None:
    settings = Settings()
    settings = replace(settings, web=replace(settings.web, enabled=False))
    async with world(embedded, settings) as made:
        anna = await house_of(made).person("anna")
        assert (await anna.send("GET", "session")).status == 403


async def test_who_asks_too_often_waits(house: House, anna: Visitor) -> None:
    busy = Visitor(house_of(house.world, wait=7).face, anna.headers)
    reply = await busy.send("GET", "session")
    assert (reply.status, reply.headers["retry-after"]) == (429, "7")


@pytest.mark.parametrize(
    ("body", "content_type", "status", "kind", "limit"),
    [
        (ECHO, "text/plain", 400, "notJSON", None),
        (ECHO, "", 400, "notJSON", None),
        (b"{", JSON, 400, "notJSON", None),
        (b"[" * 100_000, JSON, 400, "notRequest", None),
        (b'{"a":' + b"[" * 100_000, JSON, 400, "notJSON", None),
        (b'{"using":[],"methodCalls":' + b"[" * 100_000, JSON, 400, "notRequest", None),
        (b"[]", JSON, 400, "notRequest", None),
        (b'{"using":["urn:x"],"methodCalls":[]}', JSON, 400, "unknownCapability", None),
        (b" " * (REQUEST_OCTETS_MAX + 1), JSON, 413, "limit", "maxSizeRequest"),
        (
            b'{"using":[],"methodCalls":[' + b",".join([b'["Core/echo",{},"a"]'] * (CALLS_MAX + 1)) + b"]}",
            JSON, 400, "limit", "maxCallsInRequest",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "-",
)  # fmt: skip
async def test_what_is_no_request_is_told_precisely(
    anna: Visitor, body: bytes, content_type: str, status: int, kind: str, limit: str | None
) -> None:
    reply = await anna.send("POST", "api", body, content_type=content_type)
    assert (reply.status, reply.headers["content-type"]) == (status, "application/problem+json")
    assert reply.json["type"] == f"urn:ietf:params:jmap:error:{kind}"
    assert (reply.json["status"], reply.json.get("limit")) == (status, limit)


async def test_a_charset_in_the_content_type_is_no_harm(anna: Visitor) -> None:
    assert (await anna.send("POST", "api", ECHO, content_type="Application/JSON; charset=utf-8")).status == 200


async def test_created_ids_are_told_back_if_they_are_given(anna: Visitor) -> None:
    upload = ["Blob/upload", {"accountId": "uYW5uYQ", "create": {"b": {"data": [{"data:asText": "x"}]}}}, "0"]
    told = {"using": ["urn:ietf:params:jmap:blob"], "methodCalls": [upload]}
    first = await anna.send("POST", "api", json.dumps(told).encode(), content_type=JSON)
    assert "createdIds" not in first.json
    second = await anna.send("POST", "api", json.dumps({**told, "createdIds": {"a": "u1"}}).encode(), content_type=JSON)
    assert second.json["createdIds"] == {"a": "u1", "b": second.json["methodResponses"][0][1]["created"]["b"]["id"]}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "api", 405),
        ("POST", "session", 405),
        ("PUT", "upload/u/", 405),
        ("POST", "download/u/b/n", 405),
        ("GET", "nothing", 404),
        ("GET", "", 404),
        ("GET", "eventsource/", 404),
        ("GET", "ws", 426),
        ("GET", "download/u/b", 404),
    ],
)
async def test_other_methods_and_places_are_refused(anna: Visitor, method: str, path: str, status: int) -> None:
    reply = await anna.send(method, path)
    assert reply.status == status
    assert ("allow" in reply.headers) == (status == 405)


async def test_as_many_requests_as_the_session_tells_run_at_once(anna: Visitor, house: House) -> None:
    turns = house.face._house.requests
    caller = (await anna.send("GET", "session")).caller
    assert caller is not None
    async with asyncio.TaskGroup() as group:
        inside = asyncio.Event()
        leave = asyncio.Event()

        async def hold() -> None:
            async with turns.turn(f"{caller.principal}\0{caller.session}"):
                inside.set()
                await leave.wait()

        for _ in range(32):
            group.create_task(hold())
        await inside.wait()
        await asyncio.sleep(0)
        reply = await anna.call(("Core/echo", {}))
        assert (reply.status, reply.json["limit"]) == (429, "maxConcurrentRequests")
        leave.set()
    assert (await anna.call(("Core/echo", {}))).status == 200
    assert not turns._queues


async def test_the_event_source_is_handed_on_with_who_asks(house: House, browser: Visitor) -> None:
    async def stream(visit: Visit) -> Response:
        await visit.again()
        return Response(200, (), f"{visit.caller.principal} {visit.request.fields()['types']}".encode())

    face = house_of(house.world, stream=stream).face
    assert (await Visitor(face, browser.headers).send("GET", "eventsource/?types=*&ping=0")).body == b"anna *"
    assert (await Visitor(face).send("GET", "eventsource/?types=*")).status == 401


class Spoken:
    def __init__(self) -> None:
        self.subprotocols: list[str] = []
        self.sent: list[str | bytes] = []

    async def accept(self, subprotocol: str) -> Socket:
        self.subprotocols.append(subprotocol)
        return self

    async def receive(self) -> str | bytes | None:
        return None

    async def send(self, text: str | bytes) -> None:
        self.sent.append(text)

    async def close(self, code: int, reason: str = "") -> None:
        pass


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 101),
        ({"x_xsrf_token": ""}, 101),
        ({"origin": ""}, 403),
        ({"origin": "https://evil.test"}, 403),
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"cookie": ""}, 401),
        ({"sec_websocket_protocol": "chat"}, 400),
        ({"sec_websocket_protocol": "chat, jmap"}, 101),
    ],
    ids=str,
)
async def test_a_websocket_is_opened_by_pages_of_ours_only(
    house: House, browser: Visitor, headers: dict[str, str], status: int
) -> None:
    async def talk(visit: Visit, socket: Socket) -> None:
        await socket.send(visit.caller.principal)

    face = house_of(house.world, talk=talk).face
    spoken = Spoken()
    request: Request = browser.request("GET", "ws", b"", {"sec_websocket_protocol": "jmap", **headers})
    _, response = await face.socket(request, spoken.accept)
    assert response.status == status
    assert (spoken.sent, spoken.subprotocols) == ((["anna"], ["jmap"]) if status == 101 else ([], []))


async def test_a_client_with_a_password_opens_a_websocket_without_an_origin(house: House, anna: Visitor) -> None:
    async def talk(visit: Visit, socket: Socket) -> None:
        await socket.send(visit.caller.principal)

    spoken = Spoken()
    request = anna.request("GET", "ws", b"", {"sec_websocket_protocol": "jmap"})
    await house_of(house.world, talk=talk).face.socket(request, spoken.accept)
    assert spoken.sent == ["anna"]


async def test_a_server_that_does_not_answer_is_no_fault_of_the_client(
    anna: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def down(*_: object, **__: object) -> None:
        raise Unavailable("the directory does not answer")

    monkeypatch.setattr(type(anna.face._doorway.authenticator), "authenticate", down)
    monkeypatch.setattr(type(anna.face._doorway.authenticator), "cached", lambda *_: None)
    with pytest.raises(Unavailable):
        await anna.send("GET", "session")
