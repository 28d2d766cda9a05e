"""What JMAP takes and gives over HTTP and WebSockets; sockets and proxies are the server's business."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol
from urllib.parse import parse_qs

import msgspec

from folkmoot.core.errors import MalformedInput
from folkmoot.jmap.protocol.errors import PROBLEM_TYPE

JSON_TYPE: Final = "application/json"
FIELDS_MAX: Final = 20  # of a query string
NOT_KEPT: Final = ("Cache-Control", "no-cache, no-store, must-revalidate")


class Body(Protocol):
    """The body of a request, on its way."""

    async def read(self, limit: int) -> bytes:
        """Return all of it.

        Raises:
            TooLarge: it has more than ``limit`` octets.
        """

    def pieces(self, limit: int) -> AsyncIterator[bytes]:
        """Yield it as it arrives; raises as ``read``."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request; its body has not been read yet."""

    method: str
    path: str  # below /SOGo/jmap/, percent-decoded, without a slash at the start
    query: str
    headers: Mapping[str, str]  # names in lower case
    body: Body
    client: str  # address
    origin: str  # public scheme and authority of this server
    remote_user: str = ""  # whom a trusted proxy has signed in

    def header(self, name: str) -> str:
        """Return a header by its name in lower case, empty if it is missing."""
        return self.headers.get(name, "")

    def fields(self) -> Mapping[str, str]:
        """Return the fields of the query string, the first of each name.

        Raises:
            MalformedInput: there are too many.
        """
        try:
            found = parse_qs(self.query, keep_blank_values=True, max_num_fields=FIELDS_MAX)
        except ValueError as error:
            raise MalformedInput("the query string has too many fields") from error
        return {name: values[0] for name, values in found.items()}


@dataclass(frozen=True, slots=True)
class Response:
    """An answer: its body whole, or yielded piece by piece for as long as the client stays."""

    status: int
    headers: Sequence[tuple[str, str]] = field(default=())
    body: bytes | AsyncIterator[bytes] = b""


class Socket(Protocol):
    """An open WebSocket."""

    async def receive(self) -> str | bytes | None:
        """Return the next message: text, or octets; None when the peer has closed it."""

    async def send(self, text: str | bytes) -> None:
        """Send a text message, as text or encoded; waits for a slow peer.

        Raises:
            ConnectionError: the peer is gone.
        """

    async def close(self, code: int, reason: str = "") -> None:
        """Close it (RFC 6455 section 7.4); there need be nobody any more."""


Accept = Callable[[str], Awaitable[Socket]]
"""Completes the handshake with a subprotocol; without it the answer is sent instead."""


def answer(status: int, value: object, *headers: tuple[str, str]) -> Response:
    """Return an answer in JSON that nobody keeps."""
    return Response(status, (("Content-Type", JSON_TYPE), NOT_KEPT, *headers), msgspec.json.encode(value))


def problem(status: int, detail: str, *headers: tuple[str, str], kind: str = "about:blank", **more: object) -> Response:
    """Return a refusal as problem details (RFC 7807)."""
    told = {"type": kind, "status": status, "detail": detail, **more}
    return Response(status, (("Content-Type", PROBLEM_TYPE), NOT_KEPT, *headers), msgspec.json.encode(told))
