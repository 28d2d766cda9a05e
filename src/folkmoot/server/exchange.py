"""One request being answered: its head, who sent it, its body within limits, and the answer."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from folkmoot.core.errors import FolkmootError, TooLarge
from folkmoot.server.asgi import Receive
from folkmoot.server.origin import Origin

RATE_MIN: Final = 1024  # octets a second below which a body is not waited for, once its pause allowance is spent
LENGTH_DIGITS: Final = 18  # of Content-Length; an exabyte is more than anybody sends
BUFFERED_MAX: Final = 256 * 1024 * 1024  # octets of bodies that one worker holds at the same time
BUFFER_FREE: Final = 64 * 1024  # bodies up to this size are let in all the same


class RequestTimedOut(FolkmootError):
    """The client stopped sending in the middle of its request."""


class ClientGone(FolkmootError):
    """The connection ended before the request did; nobody waits for an answer."""


class Overloaded(FolkmootError):
    """This worker holds as many large bodies as it may; trying again later helps."""


@dataclass(frozen=True, slots=True)
class Head:
    """A request before its body."""

    id: str  # for logs, and for people to quote
    method: str  # upper case
    path: str  # percent-decoded, starting with "/"
    target: str  # as sent: path and query, for logs
    query: str  # raw, without "?"
    headers: Mapping[str, str]  # names in lower case; repeated fields joined with ", "
    origin: Origin

    @property
    def length(self) -> int | None:
        """Octets that the body announces; None if it does not say (RFC 9112 section 6.3)."""
        if "transfer-encoding" in self.headers:
            return None
        length = self.headers.get("content-length", "0")
        return int(length) if length.isdecimal() and len(length) <= LENGTH_DIGITS else None


@dataclass(slots=True)
class Answer:
    """Status, headers, and the whole body or what yields it."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    pieces: AsyncIterator[bytes] | None = None  # sent as they come, instead of ``body``


class Bodies:
    """Reads bodies: each within its limit, all together within the worker's, until they are released."""

    def __init__(self, *, pause_seconds: float) -> None:
        self._pause_seconds = pause_seconds
        self._held = 0

    async def read(self, head: Head, receive: Receive, *, limit: int) -> bytes:
        """Return the whole body.

        Raises:
            TooLarge: over ``limit`` octets, announced or sent.
            RequestTimedOut: the client paused too long, or sends too slowly.
            ClientGone: the connection ended.
            Overloaded: too many large bodies at once.
        """
        parts: list[bytes] = []
        received = 0
        try:
            async for part in self.pieces(head, receive, limit=limit):
                received += len(part)
                self._held += len(part)
                if received > BUFFER_FREE and self._held > BUFFERED_MAX:
                    raise Overloaded("too many large uploads at once")
                parts.append(part)
        except BaseException:
            self._held -= received
            raise
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def pieces(self, head: Head, receive: Receive, *, limit: int) -> AsyncIterator[bytes]:
        """Yield the body as it arrives; nothing of it is held here.

        Raises:
            TooLarge: over ``limit`` octets, announced or sent.
            RequestTimedOut: the client paused too long, or sends too slowly.
            ClientGone: the connection ended.
        """
        if head.length == 0:
            return
        if head.length is not None and head.length > limit:
            raise TooLarge(f"the body has {head.length} octets, allowed are {limit}")
        received = 0
        loop = asyncio.get_running_loop()
        began = loop.time()
        more = True
        while more:
            allowance = began + self._pause_seconds + received / RATE_MIN - loop.time()
            part, more = await self._part(receive, min(self._pause_seconds, max(allowance, 0)))
            received += len(part)
            if received > limit:
                raise TooLarge(f"the body is larger than {limit} octets")
            yield part

    def release(self, body: bytes) -> None:
        """Give back the room of a body that ``read`` returned."""
        self._held -= len(body)

    @staticmethod
    async def _part(receive: Receive, seconds: float) -> tuple[bytes, bool]:
        try:
            async with asyncio.timeout(seconds):
                message = await receive()
        except TimeoutError:
            raise RequestTimedOut("the body did not arrive in time") from None
        if message["type"] == "http.disconnect":
            raise ClientGone("the connection ended within the body")
        return message.get("body", b""), message.get("more_body", False)


class Incoming:
    """The body of one request, for a face that knows best how much it takes, and in which form."""

    def __init__(self, bodies: Bodies, head: Head, receive: Receive) -> None:
        self._bodies = bodies
        self._head = head
        self._receive = receive
        self._held: list[bytes] = []

    async def read(self, limit: int) -> bytes:
        """Return the whole body; raises as ``Bodies.read``."""
        body = await self._bodies.read(self._head, self._receive, limit=limit)
        self._held.append(body)
        return body

    def pieces(self, limit: int) -> AsyncIterator[bytes]:
        """Yield the body as it arrives; raises as ``Bodies.pieces``."""
        return self._bodies.pieces(self._head, self._receive, limit=limit)

    def release(self) -> None:
        """Give back the room of what was read."""
        while self._held:
            self._bodies.release(self._held.pop())
