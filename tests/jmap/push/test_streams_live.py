"""Event streams and WebSockets of a real server with two workers."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.support.folkmoot import ANNA, Folkmoot, running

pytestmark = [pytest.mark.live, pytest.mark.anyio]

SOON = 10.0
EVENTS = "/SOGo/jmap/eventsource/?types=CalendarEvent&closeafter=no&ping=0"
CORE = "urn:ietf:params:jmap:core"


@pytest.fixture
def folkmoot(tmp_path: Any) -> Iterator[Folkmoot]:
    with running(tmp_path, workers=2) as server:
        yield server
        assert server.bugs() == []


def event(name: str) -> bytes:
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\nBEGIN:VEVENT\r\n"
        f"UID:{name}\r\nDTSTAMP:20300101T000000Z\r\nDTSTART:20300101T100000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    ).encode()


async def put(client: httpx.AsyncClient, name: str) -> None:
    answer = await client.put(
        f"{ANNA.calendar}{name}.ics", content=event(name), headers={"Content-Type": "text/calendar"}
    )
    assert answer.status_code in {201, 204}


@asynccontextmanager
async def stream(client: httpx.AsyncClient, **headers: str) -> AsyncIterator[AsyncIterator[str]]:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    async with client.stream("GET", EVENTS, headers=given, timeout=httpx.Timeout(60)) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert "content-encoding" not in answer.headers
        lines = answer.aiter_lines()
        assert (await anext(lines)).startswith("retry: ")
        yield lines


async def told(lines: AsyncIterator[str]) -> dict[str, str]:
    """Return the fields of the next event."""
    found: dict[str, str] = {}
    async with asyncio.timeout(SOON):
        async for line in lines:
            if line:
                name, _, value = line.partition(": ")
                found[name] = value
            elif found:
                return found
    raise EOFError


async def test_a_change_in_either_worker_reaches_streams_in_both(folkmoot: Folkmoot) -> None:
    async with folkmoot.async_client(connections=20) as client:
        await put(client, "first")
        async with stream(client) as one, stream(client) as two, stream(client) as three, stream(client) as four:
            await asyncio.sleep(0.5)
            position = ""
            for name in ("a", "b", "c"):
                began = time.monotonic()
                await put(client, name)
                events = [await told(lines) for lines in (one, two, three, four)]
                assert time.monotonic() - began < 3
                assert len({each["data"] for each in events}) == 1
                position = events[0]["id"]
                await asyncio.sleep(0.5)
        await put(client, "d")
        async with stream(client, Last_Event_ID=position) as lines:
            assert (await told(lines))["event"] == "state"


async def test_streams_end_politely_when_the_server_stops(folkmoot: Folkmoot) -> None:
    async with folkmoot.async_client(connections=5) as client, stream(client) as one, stream(client) as two:
        await asyncio.sleep(0.3)
        began = time.monotonic()
        await asyncio.to_thread(folkmoot.stop)
        for lines in (one, two):
            assert [line async for line in lines if line] == []  # an end, not a broken connection
        assert time.monotonic() - began < 15


async def test_nobody_streams_without_signing_in(folkmoot: Folkmoot) -> None:
    async with httpx.AsyncClient(base_url=folkmoot.url) as client:
        assert (await client.get(EVENTS)).status_code == 401
        assert (await client.get(EVENTS, auth=("anna", "wrong"))).status_code == 401
        bad = await client.get(EVENTS.replace("ping=0", "ping=x"), headers={"Authorization": ANNA.authorization})
        assert bad.status_code == 400


def socket(folkmoot: Folkmoot, **headers: str) -> Any:
    url = folkmoot.url.replace("http", "ws", 1) + "/SOGo/jmap/ws"
    return connect(url, subprotocols=["jmap"], additional_headers=headers, compression=None)  # type: ignore[list-item]


async def say(there: ClientConnection, **message: Any) -> None:
    await there.send(json.dumps({key.replace("type_", "@type"): value for key, value in message.items()}))


async def hear(there: ClientConnection) -> Any:
    async with asyncio.timeout(SOON):
        return json.loads(await there.recv())


async def test_a_socket_answers_and_pushes(folkmoot: Folkmoot) -> None:
    async with folkmoot.async_client() as client, socket(folkmoot, Authorization=ANNA.authorization) as there:
        assert there.subprotocol == "jmap"
        await put(client, "first")
        await say(there, type_="Request", id="R", using=[CORE], methodCalls=[["Core/echo", {"a": 1}, "c"]])
        answer = await hear(there)
        assert (answer["@type"], answer["requestId"]) == ("Response", "R")
        assert answer["methodResponses"] == [["Core/echo", {"a": 1}, "c"]]
        session = (await client.get("/SOGo/jmap/session")).json()
        assert answer["sessionState"] == session["state"]
        await say(there, type_="WebSocketPushEnable", dataTypes=["CalendarEvent"])
        await asyncio.sleep(0.5)
        await put(client, "a")
        push = await hear(there)
        assert push["@type"] == "StateChange"
        assert list(push["changed"]) == list(session["accounts"])
        await asyncio.to_thread(folkmoot.stop)
        with pytest.raises(ConnectionClosed) as closed:
            await there.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1001


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Authorization": "Basic eDp5"}, 401),
        ({"Authorization": ANNA.authorization, "Origin": "https://elsewhere.test"}, 403),
        ({"Origin": "http://localhost", "Cookie": f"0xHIGHFLYxSOGo={quote('no such session')}"}, 401),
    ],
)
async def test_a_socket_is_opened_for_nobody_else(folkmoot: Folkmoot, headers: dict[str, str], status: int) -> None:
    if "localhost" in headers.get("Origin", ""):
        headers = {**headers, "Origin": folkmoot.url}
    with pytest.raises(InvalidStatus) as refused:
        async with socket(folkmoot, **headers):
            pass
    assert refused.value.response.status_code == status
