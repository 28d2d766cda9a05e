"""Answers that come piece by piece, bodies that are not held, and WebSockets, over real connections."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

import pytest
import uvicorn
import websockets
from uvicorn.server import ServerState

from folkmoot.core.caller import Caller
from folkmoot.core.errors import Unavailable
from folkmoot.core.ids import PrincipalId
from folkmoot.jmap.http import Accept, Request, Response, problem
from folkmoot.server.app import Application
from folkmoot.server.origin import Trust
from folkmoot.server.protocol import FIELDS_MAX, Draining, LimitedProtocol, LimitedSocket
from folkmoot.server.site import Limits, Presentation, Site
from tests.server.test_app import Doors, Face
from tests.support.http import exchange, parse

pytestmark = pytest.mark.anyio
ANNA = Caller(PrincipalId("anna"))


@dataclass
class Jmap:
    """Streams, counts bodies, and echoes."""

    ended: asyncio.Event = field(default_factory=asyncio.Event)
    seen: list[Request] = field(default_factory=list)
    failing: Exception | None = None

    async def __call__(self, request: Request) -> tuple[Caller | None, Response]:
        self.seen.append(request)
        match request.path:
            case "quiet":
                return ANNA, Response(200, (("Content-Type", "text/event-stream"),), self.events(3600))
            case "pieces":
                return ANNA, Response(200, (), self.events(0))
            case "sized":
                return ANNA, Response(200, (("Content-Length", "10"),), self.events(0))
            case "broken":
                return ANNA, Response(200, (), self.events(0, Unavailable("gone")))
            case "endless":
                return ANNA, Response(200, (), self.endless())
            case "count":
                sizes = [len(piece) async for piece in request.body.pieces(5_000_000)]
                return ANNA, Response(200, (), f"{sum(sizes)} {max(sizes) < 1_000_000}".encode())
            case _:
                return None, problem(404, "nothing")

    async def events(self, pause: float, error: Exception | None = None) -> AsyncIterator[bytes]:
        try:
            yield b"first"
            if error is not None:
                raise error
            await asyncio.sleep(pause)
            yield b"secon"
        finally:
            self.ended.set()

    async def endless(self) -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"x" * 100_000
        finally:
            self.ended.set()

    async def socket(self, request: Request, accept: Accept) -> tuple[Caller | None, Response]:
        self.seen.append(request)
        if self.failing is not None:
            raise self.failing
        if request.path != "ws":
            return None, problem(403, "not here")
        socket = await accept("jmap")
        try:
            while (message := await socket.receive()) is not None:
                if message == "leave":
                    await socket.close(4000, "as you wish")
                await socket.send(message)
        except ConnectionError:
            pass
        self.ended.set()
        return ANNA, Response(101)


@asynccontextmanager
async def serving(
    jmap: Jmap, trust: Trust | None = None, *, request_seconds: float = 5, **attributes: object
) -> AsyncIterator[int]:
    async def health() -> bool:
        return True

    site = Site(
        dav=Face(),
        links=Face(),
        authenticator=Doors(),
        healthy=health,
        trust=trust or Trust((ip_network("127.0.0.0/8"),)),
        limits=Limits(1000, 500, 100, pause_seconds=1, request_seconds=request_seconds),
        presentation=Presentation(),
        jmap=jmap,
        jmap_content=jmap,
        jmap_socket=jmap.socket,
    )

    @asynccontextmanager
    async def opening() -> AsyncIterator[Site]:
        yield site

    application = Application(opening())
    inbox: asyncio.Queue[Any] = asyncio.Queue()
    outbox: asyncio.Queue[Any] = asyncio.Queue()
    life = asyncio.create_task(application({"type": "lifespan"}, inbox.get, outbox.put))
    await inbox.put({"type": "lifespan.startup"})
    await outbox.get()
    socket = type("Socket", (LimitedSocket,), attributes)
    config = uvicorn.Config(
        application,
        ws=socket,
        lifespan="off",
        log_config=None,
        access_log=False,
        ws_max_size=1_000_000,
        ws_per_message_deflate=False,
    )
    config.load()
    state = ServerState()
    configured = type("Protocol", (LimitedProtocol,), {"draining": Draining(), **attributes})
    make: Callable[[], LimitedProtocol] = lambda: configured(config, state, {})  # noqa: E731
    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
        for connection in list(state.connections):
            connection.transport.abort()
    await inbox.put({"type": "lifespan.shutdown"})
    await life


async def ask(port: int, path: str, method: str = "GET", headers: str = "", body: bytes = b"") -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nhost: h.test\r\nconnection: close\r\n{headers}\r\n".encode()
    return await asyncio.to_thread(exchange, port, head + body)


async def test_an_answer_comes_piece_by_piece() -> None:
    async with serving(Jmap()) as port:
        chunked = parse(await ask(port, "/SOGo/jmap/pieces"))
        assert chunked.headers["transfer-encoding"] == "chunked"
        assert chunked.body == b"5\r\nfirst\r\n5\r\nsecon\r\n0\r\n\r\n"
        assert "sandbox" in chunked.headers["content-security-policy"]
        sized = parse(await ask(port, "/SOGo/jmap/sized"))
        assert (sized.headers["content-length"], sized.body) == ("10", b"firstsecon")


async def test_asking_for_the_head_alone_reads_no_piece() -> None:
    async with serving(Jmap()) as port:
        reply = parse(await ask(port, "/SOGo/jmap/sized", "HEAD"))
    assert (reply.status, reply.headers["content-length"], reply.body) == (200, "10", b"")


async def test_a_quiet_stream_outlives_the_time_of_a_request_and_ends_with_its_client() -> None:
    jmap = Jmap()
    async with serving(jmap, request_seconds=0.1, send_seconds=0.1) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /SOGo/jmap/quiet HTTP/1.1\r\nhost: h.test\r\n\r\n")
        await reader.readuntil(b"first")
        await asyncio.sleep(0.3)
        assert not jmap.ended.is_set()
        writer.close()
        await asyncio.wait_for(jmap.ended.wait(), 5)


async def test_who_does_not_read_is_dropped() -> None:
    jmap = Jmap()
    async with serving(jmap, send_seconds=0.2) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        writer.write(b"GET /SOGo/jmap/endless HTTP/1.1\r\nhost: h.test\r\n\r\n")
        await asyncio.wait_for(jmap.ended.wait(), 5)
        writer.close()


async def test_an_answer_that_breaks_off_does_not_look_whole() -> None:
    async with serving(Jmap()) as port:
        assert not (await ask(port, "/SOGo/jmap/broken")).endswith(b"0\r\n\r\n")


async def test_a_body_is_handed_over_as_it_arrives() -> None:
    async with serving(Jmap()) as port:
        body = b"x" * 3_000_000
        reply = parse(await ask(port, "/SOGo/jmap/count", "POST", f"content-length: {len(body)}\r\n", body))
        assert reply.body == b"3000000 True"
        assert parse(await ask(port, "/SOGo/jmap/count", "POST", "content-length: 5000001\r\n", b"x")).status == 413


async def test_content_has_a_place_of_its_own_that_no_log_tells(capsys: pytest.CaptureFixture[str]) -> None:
    jmap = Jmap()
    async with serving(jmap) as port:
        await ask(port, "/SOGo.content/token/a%2Fb")
        await ask(port, "/SOGo.contents/token")
    assert [one.path for one in jmap.seen] == ["token/a/b"]


@asynccontextmanager
async def connected(port: int, path: str = "/SOGo/jmap/ws", **more: Any) -> AsyncIterator[websockets.ClientConnection]:
    uri = f"ws://127.0.0.1:{port}{path}"
    async with websockets.connect(uri, subprotocols=[websockets.Subprotocol("jmap")], proxy=None, **more) as socket:
        yield socket


async def test_a_websocket_is_spoken_over() -> None:
    jmap = Jmap()
    async with serving(jmap) as port, connected(port, additional_headers={"x-a": "b"}) as socket:
        await socket.send("hällo" * 10_000)
        assert await socket.recv() == "hällo" * 10_000
        assert socket.subprotocol == "jmap"
        assert socket.response is not None
        assert "sec-websocket-extensions" not in {name.lower() for name in socket.response.headers}
        request = jmap.seen[0]
        assert (request.origin, request.header("x-a"), request.client) == (f"http://127.0.0.1:{port}", "b", "127.0.0.1")
        await socket.send("leave")
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await socket.recv()
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4000, "as you wish")
    assert jmap.ended.is_set()


async def test_a_websocket_ends_with_its_client() -> None:
    jmap = Jmap()
    async with serving(jmap) as port:
        async with connected(port) as socket:
            await socket.send("a")
        await asyncio.wait_for(jmap.ended.wait(), 5)


async def test_a_message_that_is_too_large_ends_the_websocket() -> None:
    jmap = Jmap()
    async with serving(jmap) as port, connected(port) as socket:
        with contextlib.suppress(websockets.ConnectionClosed):
            await socket.send("x" * 1_000_001)
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await socket.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009


@pytest.mark.parametrize(
    ("path", "trust", "failing", "status"),
    [
        ("/SOGo/jmap/other", None, None, 403),
        ("/SOGo/dav/", None, None, 404),
        ("/", None, None, 404),
        ("/SOGo/jmap/ws", Trust((), (ip_network("192.0.2.0/24"),)), None, 403),
        ("/SOGo/jmap/ws", None, Unavailable("down"), 503),
        ("/SOGo/jmap/ws", None, RuntimeError("bug"), 500),
    ],
)
async def test_a_websocket_that_is_not_opened_is_answered(
    path: str, trust: Trust | None, failing: Exception | None, status: int
) -> None:
    async with serving(Jmap(failing=failing), trust) as port:
        with pytest.raises(websockets.InvalidStatus) as refused:
            async with connected(port, path):
                pass
        assert refused.value.response.status_code == status
        assert refused.value.response.headers["x-content-type-options"] == "nosniff"


def upgrade(path: str = "/SOGo/jmap/ws", **more: str) -> bytes:
    fields: Mapping[str, str] = {
        "host": "h.test",
        "upgrade": "websocket",
        "connection": "Upgrade",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        **more,
    }
    return f"GET {path} HTTP/1.1\r\n{''.join(f'{n}: {v}' + chr(13) + chr(10) for n, v in fields.items())}\r\n".encode()


@pytest.mark.parametrize(
    ("octets", "status"),
    [
        (upgrade("/SOGo/jmap/" + "w" * 9000), 414),
        (upgrade(**{f"x-{i}": "y" for i in range(FIELDS_MAX)}), 431),
        (upgrade(x="y" * 70_000), 431),
        (upgrade("/SOGo/jmap/ws#x"), 400),
        (upgrade(**{"sec-websocket-version": "8"}), 400),
        (upgrade(**{"sec-websocket-key": "short"}), 400),
        (upgrade("/SOGo/jmap/%ff"), 400),
        (upgrade("/SOGo/jmap/%00"), 400),
        (upgrade().replace(b"GET", b"POST", 1), 405),
        (upgrade(**{"content-length": "5"}) + b"abcde", 400),
        (upgrade(**{"transfer-encoding": "chunked"}) + b"5\r\nabcde\r\n0\r\n\r\n", 400),
    ],
)
async def test_a_handshake_keeps_the_limits_of_every_head(octets: bytes, status: int) -> None:
    async with serving(Jmap()) as port:
        assert parse(await asyncio.to_thread(exchange, port, octets)).status == status
