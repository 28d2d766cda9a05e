"""Content for browsers, on a path where they send no cookies (security: nothing received has a session to steal).

A URL there holds, encrypted, what it opens and in which session: it ends with the session, and after a short while.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, Protocol
from urllib.parse import quote

import msgspec

from folkmoot.core.caller import Caller
from folkmoot.core.errors import NotFound
from folkmoot.core.ids import PrincipalId
from folkmoot.jmap.asking import Doorway
from folkmoot.jmap.delivering import Wanted
from folkmoot.jmap.disposition import permitted_type
from folkmoot.jmap.http import Request
from folkmoot.jmap.protocol.calling import UrlOf

PATH: Final = "/SOGo.content/"


class Tokens(Protocol):
    """Seals what a URL stands for."""

    async def sealer(self) -> Callable[[bytes], str]:
        """Return what makes segments of URLs."""

    async def open(self, token: str) -> bytes:
        """Return what was sealed; raises NotFound."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom a URL was made for: by a session, or by the word of a proxy."""

    cookie: str = field(repr=False)
    principal: str


@dataclass(frozen=True, slots=True)
class ContentOf:
    """Makes URLs for one request."""

    tokens: Tokens
    bearer: Bearer
    origin: str

    @property
    def place(self) -> str:
        """What all these URLs begin with."""
        return f"{self.origin}{PATH}"

    async def urls(self, account: str) -> UrlOf:
        """Return what makes URLs of an account's blobs."""
        seal = await self.tokens.sealer()

        def url(blob: str, name: str = "", content_type: str = "", *, shown: bool = False) -> str:
            # The name is for people: it stands in the URL, and what it says is not believed.
            token = seal(msgspec.json.encode((self.bearer, account, blob, permitted_type(content_type), shown)))
            return f"{self.place}{token}/{quote(name or 'file', safe='')}"

        return url

    async def url(self, account: str, blob: str, name: str, content_type: str, *, shown: bool = False) -> str:
        """Return the URL of a blob; ``shown``: not as a file, where it is a picture, plain text, or a page of ours."""
        return (await self.urls(account))(blob, name, content_type, shown=shown)


class Contents:
    """Makes these URLs, and finds what they open."""

    def __init__(self, tokens: Tokens, doorway: Doorway, known: Callable[[PrincipalId], Awaitable[Caller]]) -> None:
        self._tokens = tokens
        self._doorway = doorway
        self._known = known

    def of(self, caller: Caller, cookie: str, request: Request) -> ContentOf | None:
        """Return what makes URLs for a browser; None for a client that shows a password or token with each request."""
        if cookie:
            bearer = Bearer(cookie, "")
        elif request.remote_user:
            bearer = Bearer("", caller.principal)
        else:
            return None
        return ContentOf(self._tokens, bearer, request.origin)

    async def open(self, request: Request) -> tuple[Caller, str, Wanted]:
        """Return for whom a URL was made, the cookie of the session if it was one, and what it opens.

        Raises:
            NotFound: nothing, any more.
            NotAuthenticated: the session is over.
        """
        token, _, name = request.path.partition("/")
        try:
            bearer, account, blob, kind, shown = msgspec.json.decode(
                await self._tokens.open(token), type=tuple[Bearer, str, str, str, bool]
            )
        except msgspec.DecodeError as error:
            raise NotFound("there is nothing under this name") from error
        if bearer.cookie:
            caller = await self._doorway.sessions.caller(bearer.cookie, request.client)
        else:
            caller = await self._known(PrincipalId(bearer.principal))
        return caller, bearer.cookie, Wanted(account, blob, name, kind, shown)
