import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
import uvicorn
from uvicorn.server import ServerState

from folkmoot.server import protocol
from folkmoot.server.asgi import Message, Receive, Scope, Send
from folkmoot.server.protocol import FIELDS_MAX, HEAD_MAX, TARGET_MAX, Draining, LimitedProtocol
from tests.support.http import exchange, parse

pytestmark = pytest.mark.anyio


async def echo_length(scope: Scope, receive: Receive, send: Send) -> None:
    length = 0
    if scope["path"] != "/unread":
        while True:
            message: Message = await receive()
            length += len(message.get("body", b""))
            if not message.get("more_body"):
                break
    body = b"x" * 30_000_000 if scope["path"] == "/large" else b"%d" % length
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def listening(kind: type[LimitedProtocol] = LimitedProtocol, **attributes: object) -> AsyncIterator[int]:
    config = uvicorn.Config(echo_length, ws="none", lifespan="off", log_config=None, access_log=False)
    config.load()
    configured = type("Protocol", (kind,), {"draining": Draining(), **attributes})
    make: Callable[[], LimitedProtocol] = lambda: configured(config, ServerState(), {})  # noqa: E731
    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def ask(port: int, *pieces: bytes) -> bytes:
    return await asyncio.to_thread(exchange, port, *pieces)


async def test_a_plain_request_is_answered() -> None:
    async with listening() as port:
        reply = parse(
            await ask(port, b"PUT /a HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 3\r\n\r\nabc")
        )
    assert (reply.status, reply.body) == (200, b"3")


async def test_a_head_that_arrives_octet_by_octet_is_answered() -> None:
    octets = b"GET /a HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    async with listening() as port:
        assert parse(await ask(port, *(octets[i : i + 1] for i in range(len(octets))))).status == 200


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /" + b"a" * TARGET_MAX + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET /" + b"a" * HEAD_MAX * 3, 414),
        (b"GET / HTTP/1.1\r\nx: " + b"a" * HEAD_MAX + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nx: " + b"a" * HEAD_MAX * 3, 431),
        (b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * (FIELDS_MAX + 1) + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + b"x" * HEAD_MAX * 3, 431),
        (b"BREW / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00", 400),
    ],
)
async def test_an_unreasonable_head_is_refused(head: bytes, status: int) -> None:
    async with listening() as port:
        pieces = [head[i : i + 16_000] for i in range(0, len(head), 16_000)]
        assert parse(await ask(port, *pieces)).status == status


async def test_a_target_with_a_fragment_is_refused() -> None:
    async with listening() as port:
        assert parse(await ask(port, b"DELETE /a#b HTTP/1.1\r\nhost: x\r\n\r\n")).status == 400


async def test_a_head_just_within_the_limits_is_answered() -> None:
    filler = b"x: " + b"a" * 1000 + b"\r\n"
    head = b"GET /" + b"a" * (TARGET_MAX - 2) + b" HTTP/1.1\r\nconnection: close\r\n" + filler * (HEAD_MAX // 1010)
    async with listening() as port:
        assert parse(await ask(port, head + b"\r\n")).status == 200


async def test_a_head_after_a_large_body_counts_from_its_own_beginning() -> None:
    body = b"b" * 200_000
    first = b"PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % len(body) + body
    async with listening() as port:
        received = await ask(port, first + b"GET / HT", b"TP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
    assert received.count(b"HTTP/1.1 200 OK") == 2


async def test_a_head_that_never_ends_is_timed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.1)
    async with listening() as port:
        assert parse(await ask(port, b"GET / HTTP/1.1\r\nx:")).status == 408


async def test_a_connection_that_says_nothing_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "FIRST_OCTET_SECONDS", 0.1)
    async with listening() as port:
        assert await ask(port) == b""


async def test_a_peer_that_reads_nothing_is_dropped() -> None:
    dropped = asyncio.Event()

    class Watched(LimitedProtocol):
        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            dropped.set()

    async with listening(Watched, send_seconds=0.1) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)  # stops reading after that
        writer.write(b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n")
        await asyncio.wait_for(dropped.wait(), 5)
        writer.close()
        del reader


async def test_a_body_that_nobody_wanted_is_read_so_that_the_answer_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    body = b"b" * 3_000_000
    request = b"PUT /unread HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % len(body)
    follow = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    async with listening() as port:
        assert (await ask(port, request, body, follow)).count(b"HTTP/1.1 200 OK") == 2
        monkeypatch.setattr(protocol, "DISCARD_MAX", 1_000_000)
        assert (await ask(port, request, body, follow)).count(b"HTTP/1.1 200 OK") <= 1


async def test_a_leaving_worker_ends_each_connection_with_its_answer() -> None:
    draining = Draining()
    draining.on = True
    async with listening(draining=draining) as port:
        reply = parse(await ask(port, b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"))
    assert reply.status == 200
    assert reply.headers["connection"] == "close"
