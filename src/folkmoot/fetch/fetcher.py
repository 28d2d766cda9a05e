"""Fetches documents that people name, without lending them the server's place in the network.

A name is resolved once, its addresses are checked, and the connection goes to one of those very addresses, so that a
second answer of the name server changes nothing.  TLS is verified for the name.  Each redirection starts anew.
"""

import asyncio
import base64
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import httpx
import structlog

from folkmoot import __version__
from folkmoot.fetch.addresses import Network
from folkmoot.fetch.decoding import ACCEPTED, Body
from folkmoot.fetch.errors import BAD_URL, HTTP_ERROR, FetchFailed
from folkmoot.fetch.guarding import Guard, Resolve, new_client, pinned
from folkmoot.fetch.target import Target, parse_target, redirected

log = structlog.get_logger()

REDIRECTS_MAX: Final = 5
VALIDATOR_MAX: Final = 250  # characters of an ETag or date that is kept; longer ones are not
CALENDARS: Final = "text/calendar, */*;q=0.5"
_REDIRECTIONS: Final = frozenset({301, 302, 303, 307, 308})
_OK: Final = 200
_NOT_MODIFIED: Final = 304


@dataclass(frozen=True, slots=True)
class Credentials:
    """A name and password for HTTP Basic."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came back; ``body`` is None where the copy that one has is still the present one."""

    body: bytes | None
    etag: str = ""
    last_modified: str = ""
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """How much a document may cost."""

    octets: int = 20 * 1024 * 1024  # unpacked
    seconds: float = 60.0  # from the first name look-up to the last octet


class Fetcher:
    """Fetches with a guard; ``allowed`` are the private networks that may be asked all the same."""

    def __init__(
        self,
        allowed: Sequence[Network] = (),
        limits: FetchLimits | None = None,
        *,
        resolve: Resolve | None = None,
        tls: ssl.SSLContext | None = None,
        accept: str = CALENDARS,
    ) -> None:
        self._guard = Guard(allowed, resolve)
        self._limits = limits or FetchLimits()
        self._tls = tls
        self._accept = accept

    async def get(
        self, url: str, *, etag: str = "", last_modified: str = "", auth: Credentials | None = None
    ) -> Fetched:
        """Fetch a document, or learn that the copy with these validators is the present one.

        Raises:
            FetchFailed: it cannot be had.
        """
        target = parse_target(url)
        if auth is None and target.user:
            auth = Credentials(target.user, target.password)
        headers = {
            "User-Agent": f"Folkmoot/{__version__}",
            "Accept": self._accept,
            "Accept-Encoding": ACCEPTED,
            **({"If-None-Match": etag} if _is_header(etag) else {}),
            **({"If-Modified-Since": last_modified} if _is_header(last_modified) else {}),
        }
        self._tls = self._tls or ssl.create_default_context()
        try:
            async with asyncio.timeout(self._limits.seconds):
                return await self._follow(target, headers, auth)
        except TimeoutError as error:
            raise FetchFailed(BAD_URL, "the server takes too long") from error

    async def _follow(self, first: Target, headers: dict[str, str], auth: Credentials | None) -> Fetched:
        target = first
        for _ in range(REDIRECTS_MAX + 1):
            sent = dict(headers)
            if auth is not None and first.same_party(target):
                told = f"{auth.user}:{auth.password}".encode()
                sent["Authorization"] = f"Basic {base64.b64encode(told).decode('ascii')}"
            answer = await self._ask(target, sent)
            if isinstance(answer, Fetched):
                return answer
            target = redirected(target, answer)
        raise FetchFailed(HTTP_ERROR, f"more than {REDIRECTS_MAX} redirections")

    async def _ask(self, target: Target, headers: dict[str, str]) -> Fetched | str:
        """Return the answer of one place, or where it sends us."""
        failure: Exception | None = None
        for address in await self._guard.addresses(target):
            try:
                return await self._ask_at(target, address, headers)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
            except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
                raise FetchFailed(BAD_URL, f"the server does not answer as it should ({_told(error)})") from error
        raise FetchFailed(BAD_URL, "the server cannot be reached") from failure

    async def _ask_at(self, target: Target, address: str, headers: dict[str, str]) -> Fetched | str:
        request = pinned("GET", target, address, headers)
        client = new_client(self._tls)
        async with client:
            response = await client.send(request, stream=True)
            try:
                return await self._read(response)
            finally:
                await response.aclose()

    async def _read(self, response: httpx.Response) -> Fetched | str:
        status, headers = response.status_code, response.headers
        if status in _REDIRECTIONS:
            location: str = headers.get("location", "")
            if not location:
                raise FetchFailed(HTTP_ERROR, "a redirection to nowhere", status=status)
            return location
        etag, last_modified = _kept(headers.get("etag", "")), _kept(headers.get("last-modified", ""))
        if status == _NOT_MODIFIED:
            return Fetched(None, etag, last_modified)
        if status != _OK:
            raise FetchFailed(HTTP_ERROR, f"the server answered with status {status}", status=status)
        body = Body(headers.get("content-encoding", ""), self._limits.octets)
        async for octets in response.aiter_raw():
            body.feed(octets)
        return Fetched(body.whole(), etag, last_modified, _kept(headers.get("content-type", "")))


def _is_header(value: str) -> bool:
    return bool(value) and value.isascii() and value.isprintable()


def _kept(value: str) -> str:
    return value if len(value) <= VALIDATOR_MAX and value.isascii() and value.isprintable() else ""


def _told(error: Exception) -> str:
    return type(error).__name__
