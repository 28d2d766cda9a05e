"""Who sends a request: a browser with its session, a client with a password or token, whomever a proxy signed in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from folkmoot.auth.errors import NotAuthenticated
from folkmoot.auth.protocols import Protocol as Door
from folkmoot.auth.sessions import is_token
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Forbidden
from folkmoot.core.ids import PrincipalId
from folkmoot.jmap.http import Request

TOKEN_FIELD: Final = "x-xsrf-token"  # noqa: S105 - a header's name
_ELSEWHERE: Final = frozenset(["cross-site", "same-site"])  # whose pages may not act for somebody here


class Authenticator(Protocol):
    """Who is this."""

    def cached(self, authorization: str, protocol: Door = Door.DAV) -> Caller | None:
        """Return the caller of a header that was verified a moment ago."""

    async def authenticate(
        self, authorization: str, client: str, *, protocol: Door = Door.DAV, agent: str = ""
    ) -> Caller:
        """Verify a header, shown at a door."""

    async def vouched(self, login: str) -> Caller:
        """Return the caller that a trusted proxy signed in."""

    async def known(self, principal: PrincipalId) -> Caller:
        """Return the caller for somebody who has proved before who it is."""


class Sessions(Protocol):
    """Sessions of browsers."""

    async def caller(self, cookie: str, client: str) -> Caller:
        """Return whose session a cookie is."""


@dataclass(frozen=True, slots=True)
class Doorway:
    """What decides who asks."""

    authenticator: Authenticator
    sessions: Sessions
    session_of: Callable[[str], str]  # a Cookie header's session, empty if there is none
    check_origin: bool = True  # SOGoXSRFValidationEnabled: the session's token must come back

    async def caller(self, request: Request, *, acts: bool) -> Caller:
        """Return who asks; what ``acts`` is refused where a page of another site may have made the browser ask.

        Raises:
            NotAuthenticated: nobody, or nobody any more.
            Forbidden: it may be another site that asks.
            TooManyFailures: the account is blocked.
            Unavailable: whoever knows the answer cannot be asked now.
        """
        authorization = request.header("authorization")
        if acts and not authorization.lower().startswith("bearer "):  # which no browser sends by itself
            _refuse_strangers(request)
        if request.remote_user:
            return await self.authenticator.vouched(request.remote_user)
        if authorization:
            door = Door.JMAP
            return self.authenticator.cached(authorization, door) or await self.authenticator.authenticate(
                authorization, request.client, protocol=door, agent=request.header("user-agent")
            )
        cookie = self.session_of(request.header("cookie"))
        if not cookie:
            raise NotAuthenticated("Sign in.")
        caller = await self.sessions.caller(cookie, request.client)
        if acts and self.check_origin and not is_token(cookie, request.header(TOKEN_FIELD)):
            raise Forbidden("the request does not carry the session's token")
        return caller

    async def caller_of_socket(self, request: Request) -> Caller:
        """Return who opens a WebSocket; raises as ``caller``.

        Scripts cannot add a token to its handshake, and browsers ask no leave of the other site before it (RFC 6455
        section 10.2): one that has a session must name us as the page's origin.
        """
        if not request.header("authorization") and not request.header("origin"):
            raise Forbidden("the handshake does not tell where it comes from")
        _refuse_strangers(request)
        return await self.caller(request, acts=False)

    def cookie(self, request: Request) -> str:
        """Return the session's cookie where that, and nothing else, tells who asks."""
        if request.remote_user or request.header("authorization"):
            return ""
        return self.session_of(request.header("cookie"))


def _refuse_strangers(request: Request) -> None:
    origin = request.header("origin")
    # A proxy that ends TLS may not tell us about it.
    ours = {request.origin, request.origin.replace("http:", "https:", 1)}
    if request.header("sec-fetch-site") in _ELSEWHERE or (origin and origin not in ours):
        raise Forbidden("another site may not ask for this")
