"""A request whose asker is known, and what is done for it; a stream or a WebSocket is one for as long as it is open."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from folkmoot.core.caller import Caller
from folkmoot.jmap.accounts import Accounts
from folkmoot.jmap.answering import respond
from folkmoot.jmap.contents import Contents
from folkmoot.jmap.http import Request, Response, Socket
from folkmoot.jmap.protocol import request as envelope
from folkmoot.jmap.protocol.calling import Context
from folkmoot.jmap.protocol.dispatch import Registry
from folkmoot.jmap.protocol.limits import CONCURRENT_REQUESTS_MAX, CONCURRENT_UPLOADS_MAX
from folkmoot.jmap.services import JmapServices
from folkmoot.jmap.session import SessionStates
from folkmoot.jmap.turns import Turns

WAITING_MAX = 24  # requests of one session that wait for others of it: a page that loads in several tabs


@dataclass(frozen=True, slots=True)
class House:
    """What all visits share, one for each worker."""

    registry: Registry
    services: JmapServices
    contents: Contents
    seconds: float  # for all calls of one request
    states: SessionStates
    requests: Turns = field(
        default_factory=lambda: Turns("maxConcurrentRequests", CONCURRENT_REQUESTS_MAX, waiting_max=WAITING_MAX)
    )
    uploads: Turns = field(default_factory=lambda: Turns("maxConcurrentUpload", CONCURRENT_UPLOADS_MAX))


@dataclass(slots=True)
class Visit:
    """One request, and who sent it."""

    house: House
    request: Request
    caller: Caller
    cookie: str = field(default="", repr=False)  # of the session, where nothing else tells who asks
    ask_again: Callable[[], Awaitable[Caller]] | None = field(default=None, repr=False)

    @property
    def key(self) -> str:
        """What tells this session from others."""
        return f"{self.caller.principal}\0{self.caller.session}"

    async def again(self) -> None:
        """Find out whether who asked is still let in, and with what; for what stays open.

        Raises:
            NotAuthenticated: the session is over, or the password another one.
            Unavailable: whoever knows the answer cannot be asked now.
        """
        if self.ask_again is not None:
            self.caller = await self.ask_again()

    def context(self) -> Context:
        """Return what one request's calls share."""
        house, request, caller = self.house, self.request, self.caller
        return Context(
            house.services,
            caller,
            Accounts(house.services, caller),
            client=request.client,
            agent=request.header("user-agent"),
            origin=request.origin,
            session=caller.session,
            blobs=house.registry.blobs,
            holders=house.registry.holders,
            contents=house.contents.of(caller, self.cookie, request),
        )

    async def session(self) -> dict[str, Any]:
        """Return the session object."""
        return await self.house.states.describe(self.context())

    async def respond(self, request: envelope.Request, **more: object) -> bytes:
        """Run a request and return the JSON of its answer, with ``more`` beside the rest.

        Raises:
            RequestRefused: ``unknownCapability``, or ``limit``: too many at the same time.
        """
        house = self.house
        async with house.requests.turn(self.key):
            context = self.context()
            state = await house.states.of(context)
            return await respond(house.registry, context, request, state, seconds=house.seconds, more=more)


Stream = Callable[[Visit], Awaitable[Response]]
"""Answers a request for the event source."""
Talk = Callable[[Visit, Socket], Awaitable[None]]
"""Speaks over a WebSocket until it is closed."""
