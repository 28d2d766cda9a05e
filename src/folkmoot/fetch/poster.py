"""Sends a few octets to an address that somebody named, with the guard of all fetching; of the answer, its status."""

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import httpx

from folkmoot import __version__
from folkmoot.fetch.addresses import Network
from folkmoot.fetch.errors import BAD_URL, FetchFailed
from folkmoot.fetch.guarding import Guard, Resolve, new_client, pinned
from folkmoot.fetch.target import Target, parse_target

SECONDS: Final = 30.0  # for all of it
RETRY_DIGITS: Final = 9  # of Retry-After in seconds; a date is not read


@dataclass(frozen=True, slots=True)
class Posted:
    """What the server said; nothing of its body is read."""

    status: int
    retry_after: int | None = None  # seconds


class Poster:
    """Posts over HTTPS; redirections are not followed, as push services make none."""

    def __init__(
        self,
        allowed: Sequence[Network] = (),
        *,
        resolve: Resolve | None = None,
        tls: ssl.SSLContext | None = None,
        seconds: float = SECONDS,
    ) -> None:
        self._guard = Guard(allowed, resolve)
        self._tls = tls
        self._seconds = seconds

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        """Post octets.

        Raises:
            FetchFailed: nobody answers there, or nobody who may be asked.
        """
        target = parse_target(url)
        self._tls = self._tls or ssl.create_default_context()
        sent = {"User-Agent": f"Folkmoot/{__version__}", **headers}
        try:
            async with asyncio.timeout(self._seconds):
                return await self._post(target, body, sent)
        except TimeoutError as error:
            raise FetchFailed(BAD_URL, "the server takes too long") from error

    async def _post(self, target: Target, body: bytes, headers: Mapping[str, str]) -> Posted:
        failure: Exception | None = None
        for address in await self._guard.addresses(target):
            try:
                async with new_client(self._tls) as client:
                    response = await client.send(pinned("POST", target, address, headers, body), stream=True)
                    await response.aclose()
                return Posted(response.status_code, _seconds(response.headers.get("retry-after", "")))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
            except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
                reason = f"the server does not answer as it should ({type(error).__name__})"
                raise FetchFailed(BAD_URL, reason) from error
        raise FetchFailed(BAD_URL, "the server cannot be reached") from failure


def _seconds(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= RETRY_DIGITS else None
