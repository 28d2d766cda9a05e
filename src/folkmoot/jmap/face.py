"""JMAP over HTTP: the session, requests, uploads, downloads; the event source and WebSockets are handed on.

Downloads of a browser with a session are sent on to the path without cookies (``contents.py``).
"""

from collections.abc import Awaitable, Callable
from typing import Final

from folkmoot.auth.errors import NotAuthenticated
from folkmoot.core.caller import Caller
from folkmoot.core.errors import FolkmootError, Forbidden, MalformedInput, NotFound, TooLarge
from folkmoot.jmap.answering import parsed
from folkmoot.jmap.asking import Doorway
from folkmoot.jmap.delivering import deliver, wanted_of
from folkmoot.jmap.http import JSON_TYPE, NOT_KEPT, Accept, Request, Response, answer, problem
from folkmoot.jmap.protocol.errors import RequestRefused
from folkmoot.jmap.protocol.limits import REQUEST_OCTETS_MAX
from folkmoot.jmap.uploading import receive_upload
from folkmoot.jmap.visiting import House, Stream, Talk, Visit

SUBPROTOCOL: Final = "jmap"  # of WebSockets (RFC 8887 section 4.1)
_READS: Final = ("GET", "HEAD")
_SEGMENTS: Final = 4  # download, account, blob, and a name that may hold slashes
_STATUS: Final[tuple[tuple[type[FolkmootError], int], ...]] = (
    (MalformedInput, 400),
    (Forbidden, 403),
    (NotFound, 404),
    (TooLarge, 413),
)

Answered = tuple[Caller | None, Response]


class JmapFace:
    """Answers what comes below ``/SOGo/jmap/``."""

    def __init__(
        self,
        house: House,
        doorway: Doorway,
        admit: Callable[[Caller], int] = lambda _caller: 0,
        *,
        stream: Stream | None = None,
        talk: Talk | None = None,
    ) -> None:
        self._house = house
        self._doorway = doorway
        self._admit = admit
        self._stream = stream
        self._talk = talk

    async def __call__(self, request: Request) -> Answered:
        """Answer a request; with the answer, say who asked.

        Raises:
            TooManyFailures: the account is blocked.
            Unavailable: a peer does not answer.
        """
        return await self._told(request, self._answer)

    async def content(self, request: Request) -> Answered:
        """Answer for a URL of the path without cookies; ``request.path`` is what stands below it."""
        return await self._told(request, self._content)

    async def socket(self, request: Request, accept: Accept) -> Answered:
        """Open a WebSocket and speak until it is closed; the answer is for whom it is not opened."""

        async def open_(request: Request) -> Answered:
            if request.path != "ws" or self._talk is None:
                raise NotFound("there is no WebSocket here")
            visit = await self._visit(request, self._doorway.caller_of_socket)
            if SUBPROTOCOL not in [one.strip() for one in request.header("sec-websocket-protocol").split(",")]:
                return visit.caller, problem(400, f"the subprotocol is {SUBPROTOCOL}")
            await self._talk(visit, await accept(SUBPROTOCOL))
            return visit.caller, Response(101)

        return await self._told(request, open_)

    async def _told(self, request: Request, work: Callable[[Request], Awaitable[Answered]]) -> Answered:
        try:
            return await work(request)
        except _Refusal as error:
            return None, error.response
        except RequestRefused as error:
            refused = error.problem()
            return None, problem(error.status, str(error), kind=str(refused.pop("type")), **_rest(refused))
        except NotAuthenticated as error:
            return None, _sign_in(request, str(error))
        except FolkmootError as error:
            status = next((status for kind, status in _STATUS if isinstance(error, kind)), None)
            if status is None:
                raise
            return None, problem(status, str(error))

    async def _answer(self, request: Request) -> Answered:
        parts = request.path.split("/", _SEGMENTS - 1)
        match parts:
            case ["session"]:
                return await self._session(request)
            case ["api"] | ["api", ""]:
                return await self._api(request)
            case ["upload", account] | ["upload", account, ""]:
                return await self._upload(request, account)
            case ["download", account, blob, name]:
                return await self._download(request, account, blob, name)
            case ["eventsource"] | ["eventsource", ""] if self._stream is not None:
                visit = await self._visit(_by(request, "GET"), self._reader)
                return visit.caller, await self._stream(visit)
            case ["ws"]:
                return None, problem(426, "this is for WebSockets", ("Upgrade", "websocket"))
        raise NotFound("there is nothing here")

    async def _session(self, request: Request) -> Answered:
        visit = await self._visit(_by(request, *_READS), self._reader)
        return visit.caller, answer(200, await visit.session())

    async def _api(self, request: Request) -> Answered:
        visit = await self._visit(_by(request, "POST"), self._actor)
        if request.header("content-type").partition(";")[0].strip().lower() != JSON_TYPE:
            raise RequestRefused("notJSON", f"the content type is {JSON_TYPE}")
        try:
            octets = await request.body.read(REQUEST_OCTETS_MAX)
        except TooLarge as error:
            raise RequestRefused("limit", str(error), limit="maxSizeRequest", status=413) from error
        told = await visit.respond(await parsed(octets))
        return visit.caller, Response(200, (("Content-Type", JSON_TYPE), NOT_KEPT), told)

    async def _upload(self, request: Request, account: str) -> Answered:
        visit = await self._visit(_by(request, "POST"), self._actor)
        async with self._house.uploads.turn(visit.key):
            return visit.caller, answer(201, await receive_upload(visit.context(), request, account))

    async def _download(self, request: Request, account: str, blob: str, name: str) -> Answered:
        visit = await self._visit(_by(request, *_READS), self._reader)
        context = visit.context()
        wanted = wanted_of(request, account, blob, name)
        if context.contents is not None:
            url = await context.contents.url(account, blob, name, wanted.content_type, shown=wanted.shown)
            # A path keeps scheme, host and port as the browser knows them.
            return visit.caller, Response(302, (("Location", url.removeprefix(request.origin)), NOT_KEPT))
        return visit.caller, await deliver(context, request, wanted)

    async def _content(self, request: Request) -> Answered:
        caller, cookie, wanted = await self._house.contents.open(_by(request, *_READS))
        visit = Visit(self._house, request, caller, cookie)
        self._let_in(caller)
        told = await deliver(visit.context(), request, wanted)
        # It is shown within a frame that has no origin, which is therefore another one than ours.
        headers = (*told.headers, ("Cross-Origin-Resource-Policy", "cross-origin"))
        return caller, Response(told.status, headers, told.body)

    async def _reader(self, request: Request) -> Caller:
        return await self._doorway.caller(request, acts=False)

    async def _actor(self, request: Request) -> Caller:
        return await self._doorway.caller(request, acts=True)

    async def _visit(self, request: Request, asks: Callable[[Request], Awaitable[Caller]]) -> Visit:
        caller = await asks(request)
        self._let_in(caller)
        return Visit(self._house, request, caller, self._doorway.cookie(request), lambda: self._reader(request))

    def _let_in(self, caller: Caller) -> None:
        if not self._house.services.settings(None).web.enabled:
            raise Forbidden("the web application is closed")
        wait = self._admit(caller)
        if wait:
            raise _Refusal(problem(429, "too many requests", ("Retry-After", str(wait))))


class _Refusal(FolkmootError):
    """A refusal that is an answer already."""

    def __init__(self, response: Response) -> None:
        super().__init__("refused")
        self.response = response


def _by(request: Request, *methods: str) -> Request:
    if request.method not in methods:
        allowed = ", ".join(methods)
        raise _Refusal(problem(405, f"this takes {allowed}", ("Allow", allowed)))
    return request


def _rest(refused: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in refused.items() if name not in {"status", "detail"}}


def _sign_in(request: Request, message: str) -> Response:
    """Return 401; pages are not made to ask for a password by the browser's own window."""
    challenges = [("WWW-Authenticate", 'Bearer realm="SOGo"')]
    if not request.header("cookie") and not request.header("sec-fetch-site"):
        challenges.insert(0, ("WWW-Authenticate", 'Basic realm="SOGo", charset="UTF-8"'))
    return problem(401, message or "Sign in.", *challenges)
