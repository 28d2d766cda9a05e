"""Connections to hosts that people name: an address is looked up once, checked, and connected to as it was checked."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

import httpx
import structlog

from folkmoot.fetch.addresses import Network, may_ask
from folkmoot.fetch.errors import BAD_URL, FetchFailed
from folkmoot.fetch.target import Target

log = structlog.get_logger()

ADDRESSES_MAX: Final = 4  # tried of one name
CONNECT_SECONDS: Final = 8.0
PAUSE_SECONDS: Final = 20.0  # between two pieces of an answer
_TIMEOUT: Final = httpx.Timeout(PAUSE_SECONDS, connect=CONNECT_SECONDS)

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class Guard:
    """Decides which addresses of a host may be asked; ``allowed`` are private networks that may be."""

    def __init__(self, allowed: Sequence[Network] = (), resolve: Resolve | None = None) -> None:
        self._allowed = tuple(allowed)
        self._resolve = resolve or resolve_name

    async def addresses(self, target: Target) -> Sequence[str]:
        """Return the addresses to try.

        Raises:
            FetchFailed: there is none, or none that may be asked.
        """
        try:
            found = await self._resolve(target.host, target.port)
        except (OSError, UnicodeError) as error:
            raise FetchFailed(BAD_URL, "the server cannot be reached") from error
        permitted = [address for address in found if may_ask(address, self._allowed)]
        if not permitted:
            log.warning("fetch refused", host=target.host, addresses=list(found[:ADDRESSES_MAX]))
            raise FetchFailed(BAD_URL, "the server cannot be reached")  # whether it exists is nobody's business
        return permitted[:ADDRESSES_MAX]


def new_client(tls: ssl.SSLContext | None) -> httpx.AsyncClient:
    """Return a client for one request."""
    return httpx.AsyncClient(
        verify=tls or True,
        trust_env=False,  # a proxy would resolve the name again
        follow_redirects=False,
        timeout=_TIMEOUT,
        limits=httpx.Limits(max_keepalive_connections=0),
    )


def pinned(
    method: str, target: Target, address: str, headers: Mapping[str, str], content: bytes | None = None
) -> httpx.Request:
    """Return a request to one address of a host.

    Raises:
        httpx.InvalidURL: it cannot be written.
    """
    url = httpx.URL(scheme=target.scheme, host=address, port=target.port, raw_path=target.path or b"/")
    return httpx.Request(
        method,
        url,
        headers={"Host": target.host_header, **headers, "Connection": "close"},
        content=content,
        # What the certificate must be for; without it, it would be the address.
        extensions={"sni_hostname": target.host, "timeout": _TIMEOUT.as_dict()},
    )


async def resolve_name(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host, as the system's resolver gives them.

    Raises:
        OSError: it has none.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))
