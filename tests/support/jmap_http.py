"""The JMAP face without sockets: requests as the server hands them over, by browsers and by other clients."""

import json as json_text
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from folkmoot.auth.sign_in import SignIn
from folkmoot.core.caller import Caller
from folkmoot.core.errors import TooLarge
from folkmoot.directory.local import NewUser
from folkmoot.jmap.face import JmapFace
from folkmoot.jmap.http import Request
from folkmoot.jmap.visiting import Stream, Talk
from folkmoot.server.jmap_face import jmap_face
from folkmoot.server.sign_in import sign_in_of
from tests.support.jmap import World

ORIGIN = "https://h.test"


@dataclass
class Octets:
    """A body that arrives in pieces."""

    octets: bytes = b""
    piece: int = 7

    async def read(self, limit: int) -> bytes:
        if len(self.octets) > limit:
            raise TooLarge("too large")
        return self.octets

    async def pieces(self, limit: int) -> AsyncIterator[bytes]:
        for start in range(0, len(self.octets), self.piece):
            if start + self.piece > limit:
                raise TooLarge("too large")
            yield self.octets[start : start + self.piece]


@dataclass
class Reply:
    """An answer, read to its end."""

    status: int
    headers: dict[str, str]
    body: bytes
    caller: Caller | None = None

    @property
    def json(self) -> Any:
        return json_text.loads(self.body)


@dataclass
class House:
    """The face over a world, and what signs people in to it."""

    face: JmapFace
    sign_in: SignIn
    world: World

    async def person(self, login: str, password: str = "secret, no guess") -> "Visitor":  # noqa: S107  # of nobody
        """Add somebody and return a client that shows the password with each request."""
        local = self.world.rooms.people_directory.local
        assert local is not None
        await local.add(NewUser(login, login.title(), f"{login}@example.com"), password)
        shown = "Basic " + b64encode(f"{login}:{password}".encode()).decode()
        return Visitor(self.face, {"authorization": shown})

    async def browser(self, login: str, password: str = "secret, no guess") -> "Visitor":  # noqa: S107
        """Return the browser of somebody who is there, signed in."""
        sessions = self.sign_in.sessions
        begun = await sessions.begin(await sessions.check(login, password, "192.0.2.7"), "192.0.2.7")
        cookie = f"other=1; 0xHIGHFLYxSOGo={begun.cookie}; XSRF-TOKEN={begun.token}"
        return Visitor(
            self.face,
            {"cookie": cookie, "x-xsrf-token": begun.token, "sec-fetch-site": "same-origin", "origin": ORIGIN},
            begun.cookie,
        )


@dataclass
class Visitor:
    """Sends requests with the same headers each time."""

    face: JmapFace
    headers: dict[str, str] = field(default_factory=dict)
    cookie: str = ""

    def request(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Request:
        parts = urlsplit(url)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        told = {name: value for name, value in {**self.headers, **given}.items() if value}
        told.setdefault("content-length", str(len(body)))
        return Request(method, parts.path, parts.query, told, Octets(body), "192.0.2.7", ORIGIN)

    async def send(self, method: str, url: str, body: bytes = b"", *, content: bool = False, **headers: str) -> Reply:
        """Send a request below /SOGo/jmap/, or with ``content`` below /SOGo.content/; header names with underscores."""
        face = self.face.content if content else self.face
        caller, response = await face(self.request(method, url, body, headers))
        octets = response.body if isinstance(response.body, bytes) else b"".join([one async for one in response.body])
        return Reply(response.status, {name.lower(): value for name, value in response.headers}, octets, caller)

    async def call(self, *calls: tuple[str, Mapping[str, Any]], using: tuple[str, ...] = ()) -> Reply:
        """Send a request with calls."""
        told = {"using": using, "methodCalls": [(*one, f"c{i}") for i, one in enumerate(calls)]}
        return await self.send("POST", "api", json_text.dumps(told).encode(), content_type="application/json")


def house_of(
    world: World,
    *,
    stream: Stream | None = None,
    talk: Talk | None = None,
    wait: int = 0,
    request_seconds: float = 60.0,
) -> House:
    """Put the face together over a world; ``wait``: everybody has asked too often."""
    rooms = world.rooms
    sign_in = sign_in_of(
        world.settings, rooms.database, rooms.people_directory.directory, rooms.people_directory.verifier, rooms.clock
    )
    make = partial(jmap_face, world.settings, rooms, world.services, sign_in, lambda _: wait)
    return House(make(request_seconds=request_seconds, stream=stream, talk=talk), sign_in, world)
