"""A TCP proxy on loopback that loses a connection, or falls silent, after so many octets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

PIECE: Final = 65536


class Way(Enum):
    """In which direction octets are counted."""

    DOWN = "from the server"
    UP = "to the server"


class Fault(Enum):
    """What happens then."""

    CUT = "all connections end at once"
    HANG = "nothing goes through any more, in any connection that was there"


@dataclass
class CuttingProxy:
    """Where the proxy listens, what has gone through, and when it fails; it fails once, then is well again."""

    target: int  # a port on 127.0.0.1
    port: int = 0
    passed: dict[Way, int] = field(default_factory=lambda: dict.fromkeys(Way, 0))  # octets since ``arm`` or ``count``
    failed: bool = False  # since ``arm``
    down: bool = False  # nobody is let in
    _plan: tuple[Way, int, Fault] | None = None
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _silent: set[asyncio.StreamWriter] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def count(self) -> None:
        """Begin to count at zero, and do not fail."""
        self.passed = dict.fromkeys(Way, 0)
        self.failed = False
        self._plan = None

    def arm(self, way: Way, octets: int, fault: Fault = Fault.CUT) -> None:
        """Fail when so many octets have gone one way; the octet after them does not arrive."""
        self.count()
        self._plan = (way, octets, fault)

    def fail(self, fault: Fault = Fault.CUT) -> None:
        """Fail now."""
        self.failed = True
        self._plan = None
        if fault is Fault.HANG:
            self._silent |= self._open
            return
        for writer in list(self._open):
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            if not self.down:
                await self._join(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        self.fail()
        await asyncio.sleep(0)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection("127.0.0.1", self.target)
        ends = {writer, to_server}
        self._open |= ends
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(from_server, writer, Way.DOWN))
                group.create_task(self._pump(reader, to_server, Way.UP))
        finally:
            self._open -= ends
            self._silent -= ends
            to_server.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: Way) -> None:
        with suppress(OSError):
            while piece := await reader.read(PIECE):
                fault = None
                if self._plan is not None and self._plan[0] is way:
                    left = self._plan[1] - self.passed[way]
                    if len(piece) > left:
                        piece, fault = piece[:left], self._plan[2]
                if writer not in self._silent:
                    self.passed[way] += len(piece)
                    writer.write(piece)
                    await writer.drain()
                if fault is not None:
                    await asyncio.sleep(0.005)  # what went through arrives before the end does
                    self.fail(fault)
            if writer not in self._silent:
                await asyncio.sleep(0.001)
                writer.close()


@asynccontextmanager
async def cutting(target: int) -> AsyncIterator[CuttingProxy]:
    """Run a proxy before a port on 127.0.0.1."""
    proxy = CuttingProxy(target)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        await proxy.stop()
