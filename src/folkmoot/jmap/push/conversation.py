"""JMAP over a WebSocket (RFC 8887): requests and their answers in any order, and pushes between them."""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import structlog

from folkmoot.auth.errors import NotAuthenticated
from folkmoot.core.errors import FolkmootError
from folkmoot.jmap.answering import THREAD_OCTETS
from folkmoot.jmap.http import Socket
from folkmoot.jmap.protocol.errors import RequestRefused
from folkmoot.jmap.protocol.limits import CONCURRENT_REQUESTS_MAX, REQUEST_OCTETS_MAX
from folkmoot.jmap.protocol.request import request_of
from folkmoot.jmap.push.event_source import CHECK_SECONDS, LOOK_AGAIN_SECONDS, TYPES_MAX, still_good
from folkmoot.jmap.push.listener import state_change
from folkmoot.jmap.push.position import POSITION_MAX
from folkmoot.jmap.push.pushes import Pushes
from folkmoot.jmap.visiting import Visit

IDLE_SECONDS: Final = 3600.0  # without pushes and without a request
CLOSE_SECONDS: Final = 2.0  # for answers under way when the server leaves
DETAIL_MAX: Final = 500  # characters of a message that may quote what was sent
NORMAL, LEAVING, NO_TEXT, POLICY, TOO_LARGE, BUG, TRY_LATER = 1000, 1001, 1003, 1008, 1009, 1011, 1013

log: Final = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Closing:
    """The conversation ends, with a code of RFC 6455 section 7.4."""

    code: int
    reason: str = ""


class _PushEnable(msgspec.Struct, rename="camel"):
    data_types: list[str] | None = None
    push_state: str | None = None


class Conversation:
    """One open WebSocket."""

    def __init__(self, visit: Visit, socket: Socket, pushes: Pushes) -> None:
        self._visit = visit
        self._socket = socket
        self._pushes = pushes
        self._answering: set[asyncio.Task[None]] = set()
        self._pushing: asyncio.Task[None] | None = None
        self._free = asyncio.Semaphore(CONCURRENT_REQUESTS_MAX)  # beyond it nothing more is read
        self._sending = asyncio.Lock()
        self._closing: asyncio.Future[_Closing] = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        """Speak until one side ends it; then nothing of it goes on."""
        reading = asyncio.create_task(self._read(), name="socket: read")
        over = self._pushes.over
        leaving = asyncio.create_task(over.wait(), name="socket: leave")
        try:
            waited: set[asyncio.Future[Any]] = {reading, leaving, self._closing}
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            if self._closing.done():
                end = self._closing.result()
                await self._socket.close(end.code, end.reason)
            elif reading.done():
                reading.result()
                await self._socket.close(NORMAL)
            else:
                await self._answered()
                await self._socket.close(LEAVING, "the server restarts")
        except ConnectionError:
            pass  # the peer is gone
        finally:
            tasks = [one for one in (reading, leaving, self._pushing, *self._answering) if one is not None]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _answered(self) -> None:
        if self._answering:
            await asyncio.wait(set(self._answering), timeout=CLOSE_SECONDS)

    async def _read(self) -> None:
        idle = 0.0
        while True:
            await self._free.acquire()
            self._free.release()
            message = None
            try:
                async with asyncio.timeout(CHECK_SECONDS):
                    message = await self._socket.receive()
            except TimeoutError:
                idle += CHECK_SECONDS
                if not await still_good(self._visit.again):
                    self._end(POLICY, "signed out")
                elif self._pushing is None and idle >= IDLE_SECONDS:
                    self._end(NORMAL, "idle")
                continue
            if message is None:
                return
            idle = 0.0
            await self._take(message)

    async def _take(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            self._end(NO_TEXT, "messages are text")
            return
        if len(message) > REQUEST_OCTETS_MAX:
            self._end(TOO_LARGE, "the message is too large")
            return
        identity: object = None
        try:
            value = await _decoded(message)
            identity = value.get("id") if isinstance(value.get("id"), str) else None
            match value.get("@type"):
                case "Request":
                    await self._begin(value, identity)
                case "WebSocketPushEnable":
                    await self._enable(value)
                case "WebSocketPushDisable":
                    await self._disable()
                case _:
                    raise RequestRefused("notRequest", "the @type is none that a client sends")
        except RequestRefused as error:
            await self._refuse(error.problem(), identity)

    async def _begin(self, value: Mapping[str, Any], identity: object) -> None:
        request = request_of(value)
        await self._free.acquire()
        task = asyncio.create_task(self._answer(request, identity), name="socket: answer")
        self._answering.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._answering.discard(task)
        self._free.release()

    async def _answer(self, request: Any, identity: object) -> None:
        more = {} if identity is None else {"requestId": identity}
        try:
            await self._visit.again()
            await self._send(await self._visit.respond(request, **{"@type": "Response"}, **more))
        except RequestRefused as error:
            await self._refuse(error.problem(), identity)
        except NotAuthenticated:
            self._end(POLICY, "signed out")
        except FolkmootError as error:
            await self._refuse({"type": "about:blank", "status": 503, "detail": str(error)}, identity)
        except ConnectionError:
            self._end(NORMAL)
        except Exception as error:
            log.error("bug", user=self._visit.caller.principal, exc_info=error)
            await self._refuse({"type": "about:blank", "status": 500, "detail": "something went wrong here"}, identity)

    async def _enable(self, value: Mapping[str, Any]) -> None:
        try:
            wish = msgspec.convert(value, _PushEnable)
        except msgspec.ValidationError as error:
            raise RequestRefused("notRequest", str(error)) from error
        if wish.data_types is not None and len(wish.data_types) > TYPES_MAX:
            raise RequestRefused("notRequest", f"at most {TYPES_MAX} types")
        await self._disable()
        types = None if wish.data_types is None else frozenset(wish.data_types)
        since = (wish.push_state or "")[: POSITION_MAX + 1]
        self._pushing = asyncio.create_task(self._push(types, since), name="socket: push")

    async def _disable(self) -> None:
        pushing, self._pushing = self._pushing, None
        if pushing is not None:
            pushing.cancel()
            await asyncio.gather(pushing, return_exceptions=True)

    async def _push(self, types: frozenset[str] | None, since: str) -> None:
        try:
            async with self._pushes.listen(self._visit.caller, types, since) as listener:
                again = False
                while True:
                    heard = await listener.wait(LOOK_AGAIN_SECONDS if again else CHECK_SECONDS)
                    if heard.over:
                        return
                    look, again = (
                        heard.person or (again and not heard.changed),
                        heard.person or (again and bool(heard.changed)),
                    )
                    if look and not await still_good(self._visit.again):
                        self._end(POLICY, "signed out")
                        return
                    if heard.changed:
                        told = {**state_change(heard.changed), "pushState": heard.position}
                        await self._send(msgspec.json.encode(told))
        except FolkmootError as error:
            self._end(TRY_LATER, str(error)[:100])
        except ConnectionError:
            self._end(NORMAL)

    async def _refuse(self, problem: Mapping[str, object], identity: object) -> None:
        detail = str(problem.get("detail", ""))[:DETAIL_MAX]
        told = {"@type": "RequestError", "requestId": identity, **problem, "detail": detail}
        with contextlib.suppress(ConnectionError):
            await self._send(msgspec.json.encode(told))

    async def _send(self, octets: bytes) -> None:
        async with self._sending:
            await self._socket.send(octets)

    def _end(self, code: int, reason: str = "") -> None:
        if not self._closing.done():
            self._closing.set_result(_Closing(code, reason))


async def _decoded(message: str) -> dict[str, Any]:
    try:
        if len(message) < THREAD_OCTETS:
            value = msgspec.json.decode(message)
        else:
            value = await asyncio.to_thread(msgspec.json.decode, message)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise RequestRefused("notJSON", str(error)) from error
    if not isinstance(value, dict):
        raise RequestRefused("notRequest", "a message is an object")
    return value
