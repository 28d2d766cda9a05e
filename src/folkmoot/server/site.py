"""What the server needs of the rooms above the services, and the settings that concern HTTP itself."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from folkmoot.auth.protocols import Protocol as Door
from folkmoot.core.caller import Caller
from folkmoot.core.errors import NotFound
from folkmoot.dav.http import Request, Response
from folkmoot.server.jmap_requests import Jmap, JmapSocket, no_jmap, no_socket
from folkmoot.server.origin import Trust
from folkmoot.server.web_application import WebApplication
from folkmoot.stack import calls
from folkmoot.web import http as web

Face = Callable[[Request], Awaitable[Response]]
Web = Callable[[web.Request], Awaitable[tuple[Caller | None, web.Response]]]


MailCalls = Callable[[calls.Call], Awaitable[calls.Reply]]


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


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client may ask for at once."""

    upload_octets: int  # of a file
    object_octets: int  # of a calendar or address object
    document_octets: int  # of any other body
    pause_seconds: float  # between two pieces of a body
    request_seconds: float  # from head to answer


@dataclass(frozen=True, slots=True)
class Presentation:
    """How the server shows itself."""

    title: str = "Folkmoot"
    realm: str = "SOGo"  # clients keep passwords by realm
    compress: bool = True
    debug: bool = False  # SOGoDebugRequests: transcripts, and the duration in a header
    public_access: bool = False  # SOGoEnablePublicAccess


async def _no_actions(_: web.Request) -> tuple[Caller | None, web.Response]:
    return None, web.answer(404, {"message": "no such action"})


async def no_mail(_: calls.Call) -> calls.Reply:
    """Answer where no Dovecot is ours."""
    raise NotFound("There is nothing here.")


@dataclass(frozen=True, slots=True)
class Site:
    """Everything a worker answers with."""

    dav: Face
    authenticator: Authenticator
    links: Face  # what secret links lead to
    healthy: Callable[[], Awaitable[bool]]
    trust: Trust
    limits: Limits
    presentation: Presentation
    mail_calls: MailCalls = no_mail
    jmap: Jmap = no_jmap
    jmap_content: Jmap = no_jmap  # the path where browsers send no cookies
    jmap_socket: JmapSocket = no_socket
    web: Web = _no_actions  # SOGo's JSON actions; it finds out by itself who asks
    application: WebApplication = field(default_factory=lambda: WebApplication({}))
    admit: Callable[[Caller], int] = lambda _caller: 0  # seconds to wait; 0: go on (SOGoMaximumRequestCount)
