"""JMAP over a WebSocket."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from folkmoot.auth.errors import NotAuthenticated
from folkmoot.core.errors import Unavailable
from folkmoot.jmap.protocol.errors import RequestRefused
from folkmoot.jmap.push import conversation
from folkmoot.jmap.push.conversation import Conversation
from tests.jmap.push.conftest import Waiting
from tests.support.jmap import Client

pytestmark = pytest.mark.anyio

SOON = 5.0
CORE = "urn:ietf:params:jmap:core"
LEAVE: Any = object()


@dataclass
class FakeSocket:
    """The client's side of a connection."""

    incoming: asyncio.Queue[Any] = field(default_factory=asyncio.Queue)
    outgoing: asyncio.Queue[Any] = field(default_factory=asyncio.Queue)
    code: int = 0

    async def receive(self) -> str | bytes | None:
        message = await self.incoming.get()
        return None if message is LEAVE else message

    async def send(self, text: str | bytes) -> None:
        await self.outgoing.put(json.loads(text))

    async def close(self, code: int, reason: str = "") -> None:
        self.code = code
        await self.outgoing.put(None)

    def say(self, **message: Any) -> None:
        given = {key.replace("type_", "@type"): value for key, value in message.items()}
        self.incoming.put_nowait(json.dumps(given))

    async def hear(self) -> Any:
        async with asyncio.timeout(SOON):
            return await self.outgoing.get()


@dataclass
class FakeVisit:
    """Answers requests with their own calls, some slowly."""

    client: Client
    failure: Exception | None = None
    running: int = 0
    most: int = 0
    slow: float = 0.0

    @property
    def caller(self) -> Any:
        return self.client.caller

    async def again(self) -> None:
        if self.failure is not None:
            raise self.failure

    async def respond(self, request: Any, **more: object) -> bytes:
        if "urn:none" in request.using:
            raise RequestRefused("unknownCapability", "no such capability")
        if "urn:bug" in request.using:
            raise RuntimeError("a bug")
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(self.slow)
        self.running -= 1
        return json.dumps({**more, "methodResponses": [one.told() for one in request.calls]}).encode()


@asynccontextmanager
async def talking(waiting: Waiting, **visit: Any) -> AsyncIterator[tuple[FakeSocket, FakeVisit, Client]]:
    anna = await waiting.there.person("anna")
    socket, fake = FakeSocket(), FakeVisit(anna, **visit)
    task = asyncio.create_task(Conversation(fake, socket, waiting.pushes).run())  # type: ignore[arg-type]
    yield socket, fake, anna
    socket.incoming.put_nowait(LEAVE)
    async with asyncio.timeout(SOON):
        await task
    assert waiting.pushes.listeners == 0


async def listeners(waiting: Waiting, number: int) -> None:
    async with asyncio.timeout(SOON):
        while waiting.pushes.listeners != number:  # noqa: ASYNC110 - nothing else tells
            await asyncio.sleep(0.01)


async def test_a_request_is_answered_with_its_id(waiting: Waiting) -> None:
    async with talking(waiting) as (socket, _, _anna):
        socket.say(type_="Request", id="R1", using=[CORE], methodCalls=[["Core/echo", {"a": 1}, "c"]])
        assert await socket.hear() == {
            "@type": "Response",
            "requestId": "R1",
            "methodResponses": [["Core/echo", {"a": 1}, "c"]],
        }
        socket.say(type_="Request", using=[CORE], methodCalls=[])
        assert await socket.hear() == {"@type": "Response", "methodResponses": []}
    assert socket.code == 1000


@pytest.mark.parametrize(
    ("message", "kind", "identity"),
    [
        ("{", "notJSON", None),
        ("[" * 100_000, "notJSON", None),
        ("[]", "notRequest", None),
        ('{"@type": "Response", "id": "x"}', "notRequest", "x"),
        ('{"@type": "Request", "id": "x", "using": "y"}', "notRequest", "x"),
        ('{"@type": "Request", "id": 7, "using": [], "methodCalls": [[1]]}', "notRequest", None),
        ('{"@type": "Request", "id": "x", "using": ["urn:none"], "methodCalls": []}', "unknownCapability", "x"),
        ('{"@type": "WebSocketPushEnable", "dataTypes": "Email"}', "notRequest", None),
    ],
)
async def test_what_cannot_be_run_is_told_and_the_conversation_goes_on(
    waiting: Waiting, message: str, kind: str, identity: str | None
) -> None:
    async with talking(waiting) as (socket, _, _anna):
        socket.incoming.put_nowait(message)
        told = await socket.hear()
        assert (told["@type"], told["requestId"]) == ("RequestError", identity)
        assert told["type"] == f"urn:ietf:params:jmap:error:{kind}"
        socket.say(type_="Request", using=[], methodCalls=[])
        assert (await socket.hear())["@type"] == "Response"


async def test_a_bug_and_an_outage_are_answers_and_no_end(waiting: Waiting) -> None:
    async with talking(waiting) as (socket, visit, _anna):
        socket.say(type_="Request", id="x", using=["urn:bug"], methodCalls=[])
        assert (await socket.hear())["status"] == 500
        visit.failure = Unavailable("the database does not answer")
        socket.say(type_="Request", id="x", using=[], methodCalls=[])
        assert (await socket.hear())["status"] == 503


async def test_few_requests_run_at_once_and_all_are_answered(waiting: Waiting) -> None:
    async with talking(waiting, slow=0.02) as (socket, visit, _anna):
        for number in range(30):
            socket.say(type_="Request", id=str(number), using=[], methodCalls=[])
        assert {(await socket.hear())["requestId"] for _ in range(30)} == {str(number) for number in range(30)}
        assert visit.most <= 8


async def test_pushes_begin_and_end_as_asked(waiting: Waiting) -> None:
    async with talking(waiting) as (socket, _, anna):
        socket.say(type_="WebSocketPushEnable", dataTypes=["Email"])
        await listeners(waiting, 1)
        await asyncio.sleep(0.3)
        await waiting.deliver(anna)
        told = await socket.hear()
        assert told == {
            "@type": "StateChange",
            "changed": {anna.account: {"Email": "m2"}},
            "pushState": told["pushState"],
        }
        socket.say(type_="WebSocketPushDisable")
        await listeners(waiting, 0)
        await waiting.deliver(anna)
        socket.say(type_="WebSocketPushEnable", dataTypes=["Email"], pushState=told["pushState"])
        assert (await socket.hear())["changed"] == {anna.account: {"Email": "m3"}}


async def test_octets_are_refused(waiting: Waiting) -> None:
    async with talking(waiting) as (socket, _, _anna):
        socket.incoming.put_nowait(b"\x00")
        assert await socket.hear() is None
    assert socket.code == 1003


async def test_a_message_that_is_too_large_is_refused(waiting: Waiting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "REQUEST_OCTETS_MAX", 1000)
    async with talking(waiting) as (socket, _, _anna):
        socket.incoming.put_nowait("x" * 1001)
        assert await socket.hear() is None
    assert socket.code == 1009


async def test_it_ends_with_the_credentials(waiting: Waiting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "CHECK_SECONDS", 0.1)
    async with talking(waiting) as (socket, visit, _anna):
        visit.failure = NotAuthenticated("gone")
        assert await socket.hear() is None
    assert socket.code == 1008


async def test_who_says_nothing_is_sent_away(waiting: Waiting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "CHECK_SECONDS", 0.05)
    monkeypatch.setattr(conversation, "IDLE_SECONDS", 0.1)
    async with talking(waiting) as (socket, _, _anna):
        assert await socket.hear() is None
    assert socket.code == 1000


async def test_when_the_worker_leaves_answers_under_way_are_sent(waiting: Waiting) -> None:
    async with talking(waiting, slow=0.2) as (socket, _, _anna):
        socket.say(type_="Request", id="x", using=[], methodCalls=[])
        await asyncio.sleep(0.1)
        waiting.pushes.end()
        assert (await socket.hear())["requestId"] == "x"
        assert await socket.hear() is None
    assert socket.code == 1001
