"""The event source (RFC 8620 section 7.3): a text/event-stream that ends when the client, its credentials or we do."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import msgspec

from folkmoot.auth.errors import NotAuthenticated
from folkmoot.core.caller import Caller
from folkmoot.core.errors import FolkmootError, MalformedInput
from folkmoot.jmap.http import NOT_KEPT, Response
from folkmoot.jmap.push.listener import Listener, state_change
from folkmoot.jmap.push.position import POSITION_MAX
from folkmoot.jmap.push.pushes import Pushes

PING_MIN: Final = 30  # seconds; many clients that ping every second cost as much as polling
PING_MAX: Final = 900
CHECK_SECONDS: Final = 300.0  # between two looks at who is signed in, for clients that want no pings
LOOK_AGAIN_SECONDS: Final = 6.0  # after a change of the person: by then nobody believes what was revoked
RETRY_MS: Final = (1_000, 6_000)  # until a client comes back, chosen at random, so that not all come at once
TYPES_MAX: Final = 200  # named by one client
ASKED_MAX: Final = 64  # sets of types remembered: all streams of a program share one
HEADERS: Final = (
    ("Content-Type", "text/event-stream; charset=utf-8"),
    NOT_KEPT,
    ("X-Accel-Buffering", "no"),  # nginx would keep events until it has a full buffer
)
_random: Final = random.Random()  # noqa: S311  # spreads reconnections only

Check = Callable[[], Awaitable[object]]
"""Raises ``NotAuthenticated`` once the credentials of a wait are good no more."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a client asks of an event source."""

    types: frozenset[str] | None = None  # None: all
    once: bool = False  # closeafter=state
    ping: int = 0  # seconds; 0: no pings
    since: str = ""  # Last-Event-ID


def parse_wish(fields: Mapping[str, str], last_event_id: str = "") -> Wish:
    """Read the variables of the URL; pings are as often as a server can bear, which each of them tells.

    Raises:
        MalformedInput: one of them is missing or makes no sense.
    """
    types = _types_of(fields.get("types", "*"))
    close_after = fields.get("closeafter", "no")
    if close_after not in {"state", "no"}:
        raise MalformedInput("closeafter is state or no")
    ping = fields.get("ping", "0")
    if not (ping.isascii() and ping.isdecimal() and len(ping) <= len(str(2**53))):
        raise MalformedInput("ping is a number of seconds")
    seconds = int(ping) and min(max(int(ping), PING_MIN), PING_MAX)
    since = last_event_id if len(last_event_id) <= POSITION_MAX else ""
    return Wish(types, close_after == "state", seconds, since)


@lru_cache(ASKED_MAX)
def _types_of(named: str) -> frozenset[str] | None:
    types = [one.strip() for one in named.split(",") if one.strip()]
    if not types or len(types) > TYPES_MAX:
        raise MalformedInput(f"types is * or names 1 to {TYPES_MAX} types")
    return None if "*" in types else frozenset(types)


async def open_stream(pushes: Pushes, caller: Caller, wish: Wish, check: Check) -> Response:
    """Begin to wait and return the endless answer; closing its body ends the wait.

    Raises:
        FolkmootError: as ``Pushes.listen``.
    """
    stack = pushes.listen(caller, wish.types, wish.since)
    listener = await stack.__aenter__()
    return Response(200, HEADERS, Stream(events(listener, wish, check), stack.__aexit__))


class Stream:
    """The events of one wait, which ends however the reading of it does."""

    __slots__ = ("_events", "_leave", "_open")

    def __init__(self, events_: AsyncIterator[bytes], leave: Callable[..., Awaitable[object]]) -> None:
        self._events = events_
        self._leave = leave
        self._open = True

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        try:
            return await anext(self._events)
        except BaseException:
            await self.aclose()
            raise

    async def aclose(self) -> None:
        """End the wait; it may have ended."""
        if self._open:
            self._open = False
            await self._leave(None, None, None)


async def events(listener: Listener, wish: Wish, check: Check) -> AsyncIterator[bytes]:
    """Yield events until the wait is over or the credentials are good no more."""
    yield f"retry: {_random.randint(*RETRY_MS)}\n\n".encode()
    again = False
    while True:
        heard = await listener.wait(LOOK_AGAIN_SECONDS if again else wish.ping or CHECK_SECONDS)
        if heard.over:
            return
        if (heard.person or not heard.changed) and not await still_good(check):
            return
        if again and not heard.changed and not heard.person:
            again = False
            continue
        again = again or heard.person
        if heard.changed:
            yield _event("state", state_change(heard.changed), heard.position)
            if wish.once:
                return
        elif wish.ping and not heard.person:
            yield _event("ping", {"interval": wish.ping})


async def still_good(check: Check) -> bool:
    """Whether credentials are good, as far as anybody can tell just now."""
    try:
        await check()
    except NotAuthenticated:
        return False
    except FolkmootError:  # who knows does not answer: nothing is known against them
        return True
    return True


def _event(name: str, value: object, position: str = "") -> bytes:
    identity = f"id: {position}\n" if position else ""
    return f"event: {name}\n{identity}data: ".encode() + msgspec.json.encode(value) + b"\n\n"
