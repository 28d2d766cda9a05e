import asyncio
from collections.abc import Sequence

import pytest

from folkmoot.core.errors import TooLarge
from folkmoot.server import exchange
from folkmoot.server.asgi import Message, Receive
from folkmoot.server.exchange import Bodies, ClientGone, Head, Overloaded, RequestTimedOut
from folkmoot.server.origin import Origin

pytestmark = pytest.mark.anyio


def head(**headers: str) -> Head:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Head("1", "PUT", "/a", "/a", "", names, Origin("127.0.0.1", "127.0.0.1", ""))


def sending(parts: Sequence[bytes], *, then_gone: bool = False) -> Receive:
    messages: list[Message] = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    if then_gone:
        messages.append({"type": "http.disconnect"})
    else:
        messages[-1]["more_body"] = False

    async def receive() -> Message:
        if not messages:
            await asyncio.sleep(3600)
        return messages.pop(0)

    return receive


async def test_a_body_is_put_together() -> None:
    bodies = Bodies(pause_seconds=1)
    assert await bodies.read(head(content_length="4"), sending([b"ab", b"cd"]), limit=4) == b"abcd"
    assert await bodies.read(head(transfer_encoding="chunked"), sending([b"ab", b"", b"cd"]), limit=4) == b"abcd"


async def test_a_request_without_a_body_is_not_waited_for() -> None:
    assert await Bodies(pause_seconds=0).read(head(), sending([], then_gone=True), limit=4) == b""


async def test_an_announced_length_over_the_limit_is_refused_before_reading() -> None:
    with pytest.raises(TooLarge):
        await Bodies(pause_seconds=0).read(head(content_length="5"), sending([], then_gone=True), limit=4)


async def test_a_body_that_grows_over_the_limit_is_refused() -> None:
    with pytest.raises(TooLarge):
        await Bodies(pause_seconds=1).read(head(transfer_encoding="chunked"), sending([b"abc", b"de"]), limit=4)


async def test_a_pause_in_the_body_ends_the_wait() -> None:
    with pytest.raises(RequestTimedOut):
        await Bodies(pause_seconds=0.05).read(head(content_length="4"), _forever, limit=4)


async def test_a_trickle_does_not_go_on_for_ever() -> None:
    async def trickle() -> Message:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    with pytest.raises(RequestTimedOut):
        await Bodies(pause_seconds=0.1).read(head(content_length="1000"), trickle, limit=1000)


async def test_a_client_that_leaves_is_noticed() -> None:
    with pytest.raises(ClientGone):
        await Bodies(pause_seconds=1).read(head(content_length="4"), sending([b"ab"], then_gone=True), limit=4)


async def test_all_bodies_together_have_a_limit_until_they_are_released(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "BUFFERED_MAX", 1_000_000)
    bodies = Bodies(pause_seconds=1)
    large = b"x" * 600_000
    kept = await bodies.read(head(content_length="600000"), sending([large]), limit=1_000_000)
    with pytest.raises(Overloaded):
        await bodies.read(head(content_length="600000"), sending([large]), limit=1_000_000)
    assert await bodies.read(head(content_length="3"), sending([b"abc"]), limit=10) == b"abc", "small ones are let in"
    bodies.release(kept)
    assert len(await bodies.read(head(content_length="600000"), sending([large]), limit=1_000_000)) == 600_000


async def _forever() -> Message:
    await asyncio.sleep(3600)
    return {}
