"""The event source: what it sends, and when it ends."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from folkmoot.auth.errors import NotAuthenticated
from folkmoot.core.errors import MalformedInput, Unavailable
from folkmoot.jmap.push import event_source
from folkmoot.jmap.push.event_source import Wish, open_stream, parse_wish
from tests.jmap.push.conftest import Waiting
from tests.support.jmap import Client

pytestmark = pytest.mark.anyio

SOON = 5.0


class Stream:
    """Reads events as a browser does."""

    def __init__(self, body: Any) -> None:
        self.body = body
        self.pieces: AsyncIterator[bytes] = aiter(body)

    async def next(self) -> Mapping[str, str] | None:
        """Return the fields of the next event, None at the end."""
        async with asyncio.timeout(SOON):
            piece = await anext(self.pieces, None)
        if piece is None:
            return None
        text = piece.decode()
        assert text.endswith("\n\n")
        assert "\n\n" not in text[:-2]
        return dict(line.split(": ", 1) for line in text[:-2].split("\n"))


async def fine() -> None:
    """Find credentials to be good."""


async def opened(waiting: Waiting, client: Client, wish: Wish, check: Any = fine) -> Stream:
    response = await open_stream(waiting.pushes, client.caller, wish, check)
    assert response.status == 200
    assert dict(response.headers)["Content-Type"].startswith("text/event-stream")
    stream = Stream(response.body)
    first = await stream.next()
    assert first is not None
    assert int(first["retry"]) >= 1000
    return stream


async def test_a_change_is_an_event_with_a_position(waiting: Waiting) -> None:
    anna = await waiting.there.person("anna")
    stream = await opened(waiting, anna, Wish(frozenset({"Email"})))
    await waiting.deliver(anna)
    event = await stream.next()
    assert event is not None
    assert event["event"] == "state"
    assert json.loads(event["data"]) == {"@type": "StateChange", "changed": {anna.account: {"Email": "m2"}}}
    await waiting.deliver(anna)
    await stream.next()
    await stream.body.aclose()
    assert waiting.pushes.listeners == 0

    again = await opened(waiting, anna, Wish(frozenset({"Email"}), since=event["id"]))
    event = await again.next()
    assert event is not None
    assert json.loads(event["data"])["changed"] == {anna.account: {"Email": "m3"}}
    await again.body.aclose()


async def test_a_stream_that_is_to_close_after_an_event_does(waiting: Waiting) -> None:
    anna = await waiting.there.person("anna")
    stream = await opened(waiting, anna, Wish(once=True))
    await waiting.deliver(anna)
    assert await stream.next() is not None
    assert await stream.next() is None
    assert waiting.pushes.listeners == 0


async def test_pings_tell_how_often_they_come(waiting: Waiting, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = await waiting.there.person("anna")
    monkeypatch.setattr(event_source, "PING_MIN", 1)
    stream = await opened(waiting, anna, parse_wish({"ping": "1"}))
    event = await stream.next()
    assert event is not None
    assert (event["event"], json.loads(event["data"])) == ("ping", {"interval": 1})
    await stream.body.aclose()


async def test_it_ends_with_the_credentials_and_not_because_nobody_knows_them(
    waiting: Waiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = await waiting.there.person("anna")
    monkeypatch.setattr(event_source, "CHECK_SECONDS", 0.1)
    failures: list[Exception] = [Unavailable("away"), Unavailable("away"), NotAuthenticated("gone")]

    async def check() -> None:
        raise failures.pop(0)

    stream = await opened(waiting, anna, Wish(), check)
    assert await stream.next() is None
    assert not failures
    assert waiting.pushes.listeners == 0


async def test_a_change_of_the_person_has_the_credentials_looked_at(waiting: Waiting) -> None:
    anna = await waiting.there.person("anna")

    async def check() -> None:
        raise NotAuthenticated("the session was ended")

    stream = await opened(waiting, anna, Wish(frozenset({"Email"})), check)
    await waiting.there.services.choices.save(anna.caller, anna.caller.principal, {"a": 1}, {})
    assert await stream.next() is None


async def test_it_ends_when_the_worker_leaves(waiting: Waiting) -> None:
    anna = await waiting.there.person("anna")
    stream = await opened(waiting, anna, Wish())
    waiting.pushes.end()
    assert await stream.next() is None


@pytest.mark.parametrize(
    ("fields", "wish"),
    [
        ({}, Wish()),
        ({"types": "*", "closeafter": "no", "ping": "0"}, Wish()),
        ({"types": "Email,*"}, Wish()),
        ({"types": "Email, Mailbox,"}, Wish(frozenset({"Email", "Mailbox"}))),
        ({"closeafter": "state", "ping": "300"}, Wish(once=True, ping=300)),
        ({"ping": "1"}, Wish(ping=30)),
        ({"ping": "86400"}, Wish(ping=900)),
    ],
)
def test_the_variables_of_the_url_are_read(fields: dict[str, str], wish: Wish) -> None:
    assert parse_wish(fields) == wish


@pytest.mark.parametrize(
    "fields",
    [
        {"types": ""},
        {"types": ",".join(f"T{number}" for number in range(300))},
        {"closeafter": "yes"},
        {"ping": "-1"},
        {"ping": "²"},
        {"ping": "9" * 400},
    ],
)
def test_what_makes_no_sense_is_refused(fields: dict[str, str]) -> None:
    with pytest.raises(MalformedInput):
        parse_wish(fields)


def test_a_position_that_is_too_long_is_none_of_ours() -> None:
    assert parse_wish({}, "x" * 10_000) == Wish()
