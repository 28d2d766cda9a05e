"""One worker process: uvicorn as a library on the supervisor's sockets, until told to leave."""

import asyncio
import contextlib
import gc
import os
import resource
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog
import uvicorn
import uvloop

from folkmoot.server.asgi import ASGI
from folkmoot.server.logs import LogFile
from folkmoot.server.protocol import Draining, LimitedProtocol, LimitedSocket

log = structlog.get_logger()

# What a worker tells its supervisor, one octet each.
READY: Final = b"R"
ALIVE: Final = b"."
TOO_BIG: Final = b"M"

EXIT_CANNOT_START: Final = 3  # tells the supervisor that trying again is useless before anything has changed
COLLECT_AFTER: Final = 100_000  # new objects; some 10 MB
BEAT_SECONDS: Final = 1.0
KEEP_ALIVE_SECONDS: Final = (
    75  # longer than the 60 s of nginx, so that the proxy closes first and never loses a request
)
SOCKET_MESSAGE_MAX: Final = 10 * 1024 * 1024  # octets of one message on a WebSocket; as large as a JMAP request may be
SOCKET_PING_SECONDS: Final = 50.0  # between two pings; proxies close what says nothing for 60 s
SOCKET_PONG_SECONDS: Final = 30.0  # for the answer to one
DRAIN_SECONDS: Final = 3.0  # in which a client on a kept-alive connection may ask once more and is told to reconnect
_PAGE: Final = resource.getpagesize()


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """When a worker must go."""

    memory_octets: int  # resident; 0: no limit (SxVMemLimit)
    leave_seconds: float  # for requests under way after the order to leave
    send_seconds: float  # for a client that does not read (WOHttpAdaptorSendTimeout)
    backlog: int  # connections that may wait to be accepted


def run(
    listeners: list[socket.socket],
    channel: socket.socket,
    make: Callable[[asyncio.Event], ASGI],
    limits: WorkerLimits,
    log_file: LogFile,
) -> int:
    """Serve until told to leave; return the exit status.

    ``make`` gets the event that is set as soon as this worker has to leave, before anything is shut down: whoever
    holds requests answers them then.
    """
    stopping = asyncio.Event()
    application = make(stopping)
    draining = Draining()
    protocol = type("Protocol", (LimitedProtocol,), {"send_seconds": limits.send_seconds, "draining": draining})
    config = uvicorn.Config(
        application,
        http=protocol,
        ws=type("Socket", (LimitedSocket,), {"send_seconds": limits.send_seconds}),
        ws_max_size=SOCKET_MESSAGE_MAX,
        ws_ping_interval=SOCKET_PING_SECONDS,
        ws_ping_timeout=SOCKET_PONG_SECONDS,
        # Compressing costs each connection memory, and tells by its length what stands beside text of a stranger.
        ws_per_message_deflate=False,
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=limits.backlog,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=max(1, int(limits.leave_seconds)),
        reset_contextvars=False,
    )
    server = _Server(config, channel, stopping, draining, limits, log_file)
    try:
        uvloop.run(server.serve(sockets=listeners))
    except SystemExit as left:  # uvicorn's word for a lifespan that failed
        return EXIT_CANNOT_START if left.code else 0
    return 0


class _Server(uvicorn.Server):
    """uvicorn's server, which also answers to a supervisor and lets connections end politely."""

    def __init__(
        self,
        config: uvicorn.Config,
        channel: socket.socket,
        stopping: asyncio.Event,
        draining: Draining,
        limits: WorkerLimits,
        log_file: LogFile,
    ) -> None:
        super().__init__(config)
        self._channel = channel
        self._stopping = stopping
        self._draining = draining
        self._limits = limits
        self._log_file = log_file

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        """Leave on SIGTERM; Ctrl-C reaches the whole process group, so the supervisor's word counts instead."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._leave)
        loop.add_signal_handler(signal.SIGUSR1, self._log_file.reopen)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        # A list of a thousand objects would set off several collections, each of a fifth of the whole answer's time,
        # and find nothing: our values have no cycles.
        gc.freeze()
        gc.set_threshold(COLLECT_AFTER, 50, 100)
        loop = asyncio.get_running_loop()
        self._channel.setblocking(False)
        loop.add_reader(self._channel, self._supervisor_gone)
        self._tell(READY)
        loop.call_later(BEAT_SECONDS, self._beat)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept no more, end each connection with its next answer, then do what uvicorn does."""
        self._stopping.set()
        self._draining.on = True
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            cycle = getattr(connection, "cycle", None)
            if cycle is not None and not cycle.response_complete:
                cycle.keep_alive = False
        loop = asyncio.get_running_loop()
        until = loop.time() + DRAIN_SECONDS
        while self.server_state.connections and loop.time() < until:  # noqa: ASYNC110 - uvicorn keeps a mere set
            await asyncio.sleep(0.05)
        await super().shutdown(sockets=sockets)

    def _leave(self) -> None:
        self._stopping.set()
        self.should_exit = True

    def _beat(self) -> None:
        """Say that the event loop turns, and how large the process has become."""
        limit = self._limits.memory_octets
        self._tell(TOO_BIG if limit and _resident_octets() > limit else ALIVE)
        if not self.should_exit:
            asyncio.get_running_loop().call_later(BEAT_SECONDS, self._beat)

    def _tell(self, word: bytes) -> None:
        with contextlib.suppress(BlockingIOError):
            try:
                self._channel.send(word)
            except OSError:
                self._leave()

    def _supervisor_gone(self) -> None:
        asyncio.get_running_loop().remove_reader(self._channel)
        log.warning("supervisor gone, leaving", pid=os.getpid())
        self._leave()


def _resident_octets() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE
