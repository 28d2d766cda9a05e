"""HTTP/1.1 with the limits that uvicorn lacks: the size of a head, the time for it, peers that do not read."""

import asyncio
from typing import Any, Final

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

TARGET_MAX: Final = 8 * 1024  # octets of the request target; nginx and Apache stop there too
HEAD_MAX: Final = 64 * 1024  # octets of request line and fields; a Kerberos ticket needs a few dozen kB
FIELDS_MAX: Final = 128  # header fields; browsers and proxies together send under 40
HEAD_SECONDS: Final = 20.0  # from the first octet of a head to its end
FIRST_OCTET_SECONDS: Final = 75.0  # an open connection that says nothing; as long as a kept-alive one
UNREAD_SECONDS: Final = 120.0  # a peer that takes none of its answer (WOHttpAdaptorSendTimeout)
_OF_BODIES: Final = frozenset([b"content-length", b"transfer-encoding"])
DISCARD_MAX: Final = 32 * 1024 * 1024  # octets of a body read after its refusal, so that the peer sees the answer


class Draining:
    """Whether this worker is leaving: each connection then ends with the answer it is waiting for."""

    on = False


class LimitedProtocol(HttpToolsProtocol):
    """One connection."""

    send_seconds = UNREAD_SECONDS
    draining = Draining()

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._in_head = False
        self._head_began = False
        self._heads = 0  # complete ones on this connection
        self._raw_octets = 0
        self._field_octets = 0
        self._discarded = 0
        self._refusal = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._write_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        self._head_timer = self.loop.call_later(FIRST_OCTET_SECONDS, self._head_overdue)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_head_timer()
        self._stop_write_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refusal:
            return
        self._head_began = False
        super().data_received(data)
        if not self._in_head:
            if self._heads:
                self._stop_head_timer()
        elif self._head_began:
            self._stop_head_timer()
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self._head_overdue)
        else:
            # The parser keeps an unfinished field to itself: count what came, not what it told.
            self._raw_octets += len(data)
            if self._raw_octets > HEAD_MAX:
                self._refuse(431)

    def on_message_begin(self) -> None:
        self._in_head = self._head_began = True
        self._raw_octets = self._field_octets = self._discarded = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > TARGET_MAX:
            self._refusal = 414
            raise _RefusedError
        if b"#" in url:
            # The parser would drop a fragment, and a DELETE hit more than it meant (RFC 9112 section 3.2).
            self._refusal = 400
            raise _RefusedError

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self._field_octets += len(name) + len(value) + 4
        if self._field_octets > HEAD_MAX or len(self.headers) > FIELDS_MAX:
            self._refusal = 431
            raise _RefusedError

    def on_headers_complete(self) -> None:
        self._in_head = False
        if self._should_upgrade() and any(name in _OF_BODIES for name, _ in self.headers):
            self._refusal = 400  # uvicorn would wait for the body, and for nothing after it
            raise _RefusedError
        super().on_headers_complete()
        self._heads += 1
        cycle: Any = self.cycle
        if self.draining.on and cycle is not None:  # there is none for what becomes a WebSocket
            cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        cycle: Any = self.cycle
        if cycle is not None and cycle.response_complete:
            self._discarded += len(body)
            if self._discarded > DISCARD_MAX:
                self.transport.close()
            return
        super().on_body(body)

    def send_400_response(self, msg: str) -> None:
        """Answer what the parser refused, or what a limit of ours made it refuse."""
        self._stop_head_timer()
        if self._refusal:
            self._refuse(self._refusal)
        elif self._answering:
            # A body that stops making sense; an answer to the request may be under way.
            self.transport.close()
        else:
            super().send_400_response(msg)

    @property
    def _answering(self) -> bool:
        cycle: Any = self.cycle
        return bool(self._heads) and cycle is not None and not cycle.response_complete

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._write_timer is None:
            self._write_timer = self.loop.call_later(self.send_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        self._stop_write_timer()
        super().resume_writing()

    def _head_overdue(self) -> None:
        if self._in_head:
            self._refuse(408)
        elif not self.transport.is_closing():
            self.transport.close()

    def _refuse(self, status: int) -> None:
        self._refusal = status
        if not self.transport.is_closing():
            self.transport.write(STATUS_LINE[status] + b"content-length: 0\r\nconnection: close\r\n\r\n")
            self.transport.close()

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _stop_write_timer(self) -> None:
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None


class LimitedSocket(WebSocketsSansIOProtocol):
    """One WebSocket; its handshake has passed the limits of ``LimitedProtocol``."""

    send_seconds = UNREAD_SECONDS
    _write_timer: asyncio.TimerHandle | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_write_timer()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._write_timer is None:
            self._write_timer = self.loop.call_later(self.send_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        self._stop_write_timer()
        super().resume_writing()

    def _stop_write_timer(self) -> None:
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None


class _RefusedError(Exception):
    """Makes the parser stop; ``send_400_response`` then answers."""
