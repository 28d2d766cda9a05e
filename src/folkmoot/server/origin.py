"""Where a request came from and where the public reaches us, believing only trusted proxies.

The front web servers of SOGo installations send ``x-webobjects-*``; others send ``X-Forwarded-*``.  From a peer that
is no trusted proxy all of these are ignored, so that no client can choose links, redirects or addresses in logs.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

_FORWARDING: Final = (
    "x-webobjects-server-url",
    "x-forwarded-proto",
    "x-forwarded-host",
    "x-forwarded-port",
    "host",
)
REMEMBERED_MAX: Final = 512  # characters of these headers together; longer ones are judged each time
HOPS_MAX: Final = 32  # addresses of one X-Forwarded-For that are looked at; chains of proxies are short
AUTHORITY: Final = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
ORIGIN: Final = re.compile(rf"https?://{AUTHORITY.pattern}")
REMOTE_USER_MAX: Final = 255  # characters of a name that a proxy vouches for
UNIX_PEER: Final = "unix"  # a peer on our unix socket: the socket's permissions decide who that is


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose word counts."""

    proxies: Sequence[Network]
    allowed: Sequence[Network] = ()  # WOHttpAllowHost; empty: all
    public_origin: str = ""  # FolkmootPublicURL, without final slash
    remote_user: bool = False  # SOGoTrustProxyAuthentication

    def trusts(self, peer: str) -> bool:
        """Return whether a peer's proxy headers are believed."""
        return peer == UNIX_PEER or _within(peer, tuple(self.proxies))

    def admits(self, peer: str) -> bool:
        """Return whether a peer may connect at all (WOHttpAllowHost)."""
        return not self.allowed or peer == UNIX_PEER or _within(peer, tuple(self.allowed))


@dataclass(frozen=True, slots=True)
class Origin:
    """What a request's peer and headers say, as far as they are believed."""

    peer: str  # address of the connection; "unix" for our unix socket
    client: str  # address for logs and throttling, the peer unless a proxy told otherwise
    public: str  # scheme and authority, "https://mail.example.org"; empty if no one sensible was named
    remote_user: str = ""  # signed in by the proxy


def origin_of(trust: Trust, peer: str, scheme: str, headers: Mapping[str, str]) -> Origin:
    """Judge one request; ``headers`` with lower-case names, repeated fields joined with commas."""
    if not trust.trusts(peer):
        return Origin(peer, peer, trust.public_origin or _from_host(scheme, headers))
    user = headers.get("x-webobjects-remote-user", "") if trust.remote_user else ""
    return Origin(
        peer,
        _client(trust, peer, headers),
        trust.public_origin or _forwarded(scheme, headers) or _from_host(scheme, headers),
        user if len(user) <= REMOTE_USER_MAX and user.isprintable() else "",
    )


def _client(trust: Trust, peer: str, headers: Mapping[str, str]) -> str:
    """Return the address nearest to the client that a trusted proxy wrote.

    The published nginx set-up for SOGo sends a fixed ``x-webobjects-remote-host 127.0.0.1``, so that header counts
    only where it names another machine.
    """
    remote = headers.get("x-webobjects-remote-host", "").strip()
    parsed = _address(remote)
    if parsed is not None and not parsed.is_loopback:
        return str(parsed)
    real = _address(headers.get("x-real-ip", "").strip())
    if real is not None:
        return str(real)
    hops = headers.get("x-forwarded-for", "").split(",")[-HOPS_MAX:]
    nearest = peer
    for hop in reversed(hops):
        address = _address(hop.strip())
        if address is None:
            break
        nearest = str(address)
        if not trust.trusts(nearest):
            break
    return nearest


def _forwarded(scheme: str, headers: Mapping[str, str]) -> str:
    said = tuple([headers.get(name, "") for name in _FORWARDING])
    judge = _judge if sum(map(len, said)) <= REMEMBERED_MAX else _judge.__wrapped__
    return judge(scheme, said)


@lru_cache(maxsize=1024)
def _judge(scheme: str, said: tuple[str, ...]) -> str:
    """Return the origin that a proxy's headers name; the same few come with every request."""
    headers = dict(zip(_FORWARDING, said, strict=True))
    url = headers["x-webobjects-server-url"].strip().rstrip("/")
    if ORIGIN.fullmatch(url):
        return url
    proto = headers.get("x-forwarded-proto", "").split(",")[0].strip().lower()
    host = headers.get("x-forwarded-host", "").split(",")[0].strip()
    if proto not in ("http", "https"):
        proto = scheme
    if AUTHORITY.fullmatch(host):
        port = headers.get("x-forwarded-port", "").split(",")[0].strip()
        if ":" not in host.rpartition("]")[2] and port.isdecimal() and port not in ("80", "443"):
            host = f"{host}:{port[:5]}"
        return f"{proto}://{host}"
    return _from_host(proto, headers)


def _from_host(scheme: str, headers: Mapping[str, str]) -> str:
    host = headers.get("host", "")
    return f"{scheme}://{host}" if AUTHORITY.fullmatch(host) else ""


@lru_cache(maxsize=4096)
def _address(text: str) -> Address | None:
    """Return an address, also from ``[v6]:port``, ``v4:port`` and IPv4 written as IPv6."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


@lru_cache(maxsize=4096)
def _within(peer: str, networks: tuple[Network, ...]) -> bool:
    address = _address(peer)
    return address is not None and any(address in network for network in networks)
