"""The ASGI application: finds who answers, decides who asks, reads the body, sends the answer, writes one log line."""

import asyncio
import itertools
import os
import re
import time
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Final
from urllib.parse import unquote_to_bytes

import structlog

from folkmoot.auth.errors import NotAuthenticated, TooManyFailures
from folkmoot.core.caller import ANONYMOUS, Caller
from folkmoot.core.errors import FolkmootError, MalformedInput, NotFound, TooLarge, Unavailable
from folkmoot.dav.http import Request
from folkmoot.dav.public import is_public
from folkmoot.server import logs, pages, transcript
from folkmoot.server.asgi import Receive, Scope, Send
from folkmoot.server.compression import compress
from folkmoot.server.exchange import Answer, Bodies, ClientGone, Head, Overloaded, RequestTimedOut
from folkmoot.server.jmap_requests import answer_jmap, answer_socket
from folkmoot.server.origin import UNIX_PEER, origin_of
from folkmoot.server.routes import CONTENT, DAV, HOME, LINKS, MAIL_CALLS, Part, Route, route
from folkmoot.server.sending import send_answer
from folkmoot.server.site import Limits, Site
from folkmoot.server.sockets import AsgiSocket
from folkmoot.stack import calls
from folkmoot.web import http as web

log = structlog.get_logger()

ACTION_MAX: Final = 1024 * 1024  # octets of a JSON action; all preferences of a person are half of it
RETRY_SECONDS: Final = 10  # after 503: long enough for a database to come back, short enough to go unnoticed
_REFUSED: Final = 400
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


class Application:
    """One worker's ASGI callable; ``opening`` makes its site at start and closes it at the end."""

    def __init__(self, opening: AbstractAsyncContextManager[Site]) -> None:
        self._opening = opening
        self._site: Site | None = None
        self._bodies = Bodies(pause_seconds=0)
        self._ids = map(f"{os.getpid():x}-{{:x}}".format, itertools.count(1))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            scheme = scope["scheme"].replace("ws", "http", 1)
            await self._http({**scope, "method": "GET", "scheme": scheme}, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        async with AsyncExitStack() as stack:
            await receive()
            try:
                self._site = await stack.enter_async_context(self._opening)
            except FolkmootError as error:
                log.error("cannot start", reason=str(error))
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                return
            self._bodies = Bodies(pause_seconds=self._site.limits.pause_seconds)
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        site = self._site
        if site is None:
            raise RuntimeError("asked before the start was over")
        began = time.perf_counter()
        identity = next(self._ids)
        token = logs.request_id.set(identity)
        user, sent = "", 0
        head: Head | None = None
        socket = AsgiSocket(receive, send) if scope["type"] == "websocket" else None
        try:
            try:
                head = _head(identity, scope, site)
                if socket is not None:
                    caller, answer = await self._socket(site, head, receive, socket)
                else:
                    caller, answer = await self._answer(site, head, receive)
                user = caller.principal
            except MalformedInput as error:
                answer = pages.text(400, str(error))
            if socket is not None:
                await socket.finish(answer)
            else:
                if head is not None and site.presentation.compress:
                    answer = await compress(answer, head.headers.get("accept-encoding", ""))
                if answer.status >= _REFUSED:
                    answer.headers.append(("X-Request-Id", identity))  # for whoever asks us what went wrong
                if site.presentation.debug:
                    answer.headers.append(("SOGo-Request-Duration", f"{time.perf_counter() - began:.6f}"))
                sent = await send_answer(answer, receive, send, head_only=scope["method"] == "HEAD")
        except ClientGone:
            answer = Answer(499)  # nobody reads it; the number is nginx's, for the log line
        except Exception as error:
            log.error("bug", method=scope["method"], target=scope["raw_path"].decode("latin-1"), exc_info=error)
            raise
        finally:
            logs.request_id.reset(token)
        if head is not None and answer.status < _REFUSED and head.path.startswith(MAIL_CALLS):
            return  # two for each change of a flag in a mail program
        logs.write_request(
            id=identity,
            client=head.origin.client if head else _peer(scope),
            user=user,
            method=scope["method"],
            target=head.target if head else scope["raw_path"].decode("latin-1"),
            status=answer.status,
            received=head.length if head else None,
            sent=sent,
            seconds=time.perf_counter() - began,
            agent=head.headers.get("user-agent", "") if head else "",
        )

    async def _socket(self, site: Site, head: Head, receive: Receive, socket: AsgiSocket) -> tuple[Caller, Answer]:
        """Let the face speak over a WebSocket until it is closed, or return what answers the handshake otherwise."""
        if not await socket.connected():
            raise ClientGone("the peer left before the handshake")
        target = route(head.method, head.path)
        try:
            if not site.trust.admits(head.origin.peer):
                return ANONYMOUS, pages.text(403, "This address may not connect.")
            if target.part is not Part.JMAP:
                return ANONYMOUS, pages.text(404, "There is no WebSocket here.")
            return await answer_socket(site.jmap_socket, head, target.path, receive, socket)
        except ClientGone:
            raise
        except Exception as error:  # noqa: BLE001 - likewise answered
            return ANONYMOUS, _failure(head, site, error)

    async def _answer(self, site: Site, head: Head, receive: Receive) -> tuple[Caller, Answer]:
        """Answer a request; every expected failure becomes its status here, and a bug becomes 500."""
        caller = ANONYMOUS
        try:
            async with asyncio.timeout(site.limits.request_seconds):
                target = route(head.method, head.path)
                # Our own Dovecot may connect, whoever else may.
                if target.part is not Part.MAIL_CALL and not site.trust.admits(head.origin.peer):
                    return caller, pages.text(403, "This address may not connect.")
                if target.part not in {Part.DAV, Part.LINK}:
                    return await self._other(site, head, target, receive)
                caller = ANONYMOUS if target.part is Part.LINK else await _caller(site, head, target.path)
                wait = site.admit(caller)
                if wait:
                    return caller, pages.text(429, "Too many requests.", ("Retry-After", str(wait)))
                if target.part is Part.LINK:
                    return caller, await _link(site, head, target.path)
                return caller, await self._dav(site, head, caller, target.path, receive)
        except (ClientGone, MalformedInput):
            raise
        except Exception as error:  # noqa: BLE001 - the one place that answers for bugs
            return caller, _failure(head, site, error)

    async def _other(self, site: Site, head: Head, target: Route, receive: Receive) -> tuple[Caller, Answer]:
        if target.part is Part.WEB:
            return await self._web(site, head, target.path, receive)
        if target.part is Part.JMAP:
            return await answer_jmap(site.jmap, head, target.path, self._bodies, receive)
        if target.part is Part.CONTENT:
            return await answer_jmap(site.jmap_content, head, target.path, self._bodies, receive)
        if target.part is Part.MAIL_CALL:
            return ANONYMOUS, await self._mail_call(site, head, target.path, receive)
        return ANONYMOUS, await _page(site, head, target)

    async def _mail_call(self, site: Site, head: Head, path: str, receive: Receive) -> Answer:
        body = await self._bodies.read(head, receive, limit=calls.BODY_MAX)
        try:
            reply = await site.mail_calls(calls.Call(head.method, path, head.headers.get("authorization", ""), body))
        finally:
            self._bodies.release(body)
        return Answer(reply.status, [("Content-Type", reply.content_type)], reply.body)

    async def _web(self, site: Site, head: Head, path: str, receive: Receive) -> tuple[Caller, Answer]:
        body = await self._bodies.read(head, receive, limit=ACTION_MAX)
        try:
            caller, response = await site.web(
                web.Request(
                    method=head.method,
                    path=path,
                    query=head.query,
                    headers=head.headers,
                    body=body,
                    client=head.origin.client,
                    secure=head.origin.public.startswith("https:"),
                    remote_user=head.origin.remote_user,
                )
            )
        finally:
            self._bodies.release(body)
        answer = Answer(response.status, list(response.headers), response.body)
        if site.presentation.debug:
            transcript.record(head, b"(not shown)" if body else b"", answer)  # it may hold a password
        return caller or ANONYMOUS, answer

    async def _dav(self, site: Site, head: Head, caller: Caller, path: str, receive: Receive) -> Answer:
        limits = site.limits
        body = await self._bodies.read(head, receive, limit=_body_max(limits, head.method, path))
        try:
            response = await site.dav(
                Request(
                    method=head.method,
                    path=path,
                    query=head.query,
                    headers=head.headers,
                    body=body,
                    caller=caller,
                    prefix=DAV,
                    origin=head.origin.public,
                    client=head.origin.client,
                )
            )
        finally:
            self._bodies.release(body)
        answer = Answer(response.status, response.headers, response.body)
        if site.presentation.debug:
            transcript.record(head, body, answer)
        return answer


def _failure(head: Head, site: Site, error: Exception) -> Answer:
    """Return the answer to a failure."""
    match error:
        case NotAuthenticated():
            challenge = f'Basic realm="{site.presentation.realm}", charset="UTF-8"'
            return pages.text(401, str(error) or "Sign in.", ("WWW-Authenticate", challenge))
        case NotFound():
            return pages.text(404, str(error))
        case TooManyFailures():
            return pages.text(429, str(error), ("Retry-After", "60"))
        case TooLarge():
            return pages.text(413, str(error))
        case RequestTimedOut():
            return pages.text(408, str(error), ("Connection", "close"))
        case Unavailable() | Overloaded() | TimeoutError():
            log.warning("unavailable", reason=str(error))
            wait = ("Retry-After", str(RETRY_SECONDS))
            return pages.text(503, str(error) or "This takes too long just now.", wait)
        case _:
            log.error("bug", method=head.method, target=head.target, exc_info=error)
            return pages.text(500, f"Something went wrong here; the log tells under {head.id}.")


def _body_max(limits: Limits, method: str, path: str) -> int:
    if "/Mail/" in path and method in {"PUT", "POST"}:  # a message
        return limits.upload_octets
    if method != "PUT":
        return limits.document_octets
    return limits.upload_octets if "/Files/" in path else limits.object_octets


async def _caller(site: Site, head: Head, path: str) -> Caller:
    if is_public(path):
        if not site.presentation.public_access:
            raise NotFound("no such resource")  # not 401: there is no password that opens it
        return ANONYMOUS
    if head.origin.remote_user:
        return await site.authenticator.vouched(head.origin.remote_user)
    authorization = head.headers.get("authorization", "")
    if authorization:
        cached = site.authenticator.cached(authorization)
        return cached or await site.authenticator.authenticate(
            authorization, head.origin.client, agent=head.headers.get("user-agent", "")
        )
    raise NotAuthenticated("Sign in.")


async def _link(site: Site, head: Head, path: str) -> Answer:
    response = await site.links(
        Request(head.method, path, head.query, head.headers, b"", ANONYMOUS, LINKS, head.origin.public)
    )
    return Answer(response.status, response.headers, response.body)


async def _page(site: Site, head: Head, target: Route) -> Answer:
    packing, known = head.headers.get("accept-encoding", ""), head.headers.get("if-none-match", "")
    match target.part:
        case Part.APPLICATION if site.application.is_built:
            return site.application.page(head.origin.public, packing, known)
        case Part.APPLICATION:
            return pages.landing(site.presentation.title, head.origin.public, DAV)
        case Part.APPLICATION_FILE:
            return site.application.file(target.path, packing, known) or pages.text(404, "There is nothing here.")
        case Part.TO_APPLICATION:
            return pages.redirect(f"{HOME}{target.path}")
        case Part.TO_LANDING:
            return pages.redirect(f"{site.trust.public_origin}{HOME}")
        case Part.TO_DAV:
            return pages.redirect(f"{site.trust.public_origin}{DAV}/", permanent=True)
        case Part.HEALTH:
            healthy = await site.healthy()
            return pages.text(200, "ok") if healthy else pages.text(503, "the database does not answer")
        case Part.ROBOTS:
            return pages.text(200, pages.ROBOTS)
        case _:
            return pages.text(404, "There is nothing here.")


def _head(identity: str, scope: Scope, site: Site) -> Head:
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        if name in headers:
            value = f"{headers[name]}, {value}"
        headers[name] = value
    raw_path: bytes = scope["raw_path"]
    query = scope["query_string"].decode("latin-1")
    try:
        path = (unquote_to_bytes(raw_path) if b"%" in raw_path else raw_path).decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedInput("The path is not UTF-8.") from None
    if not path.startswith("/") or _CONTROL.search(path):
        raise MalformedInput("This is no path.")
    # Whoever reads the log must not be able to follow a secret link.
    secret = next((one for one in (LINKS, CONTENT) if path.startswith(one)), "")
    target = f"{secret}(secret)" if secret else raw_path.decode("latin-1")
    return Head(
        id=identity,
        method=scope["method"],
        path=path,
        target=f"{target}?{query}" if query else target,
        query=query,
        headers=headers,
        origin=origin_of(site.trust, _peer(scope), scope["scheme"], headers),
    )


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else UNIX_PEER
