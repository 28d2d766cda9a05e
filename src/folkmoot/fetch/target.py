"""Where a document is: a URL that may be fetched, taken apart once, so that what is checked is what is asked."""

import re
from dataclasses import dataclass
from typing import Final

import httpx

from folkmoot.fetch.errors import BAD_URL, INVALID_URL, FetchFailed

URL_MAX: Final = 2048  # characters; servers refuse longer ones
_SCHEMES: Final = {"http": "http", "https": "https", "webcal": "http", "webcals": "https"}
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_PORT_MAX: Final = 65535
_PRIVILEGED: Final = 1024
_HOST: Final = re.compile(r"[0-9a-z._-]{1,253}|[0-9a-f:.]{2,45}")  # a name in ASCII, or an address
# Ports above 1023 on which other protocols listen that a request could be mistaken for (the Fetch standard's list).
_OTHER_PROTOCOLS: Final = frozenset(
    [1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6379, 6566, *range(6665, 6670), 6697, 10080, 11211]
)


@dataclass(frozen=True, slots=True)
class Target:
    """One place to ask; ``host`` is in ASCII, ``path`` carries the query."""

    scheme: str
    host: str
    port: int
    path: bytes
    user: str = ""
    password: str = ""

    @property
    def default_port(self) -> bool:
        return self.port == _DEFAULT_PORTS[self.scheme]

    @property
    def host_header(self) -> str:
        """The Host header (RFC 9110 section 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.default_port else f"{host}:{self.port}"

    def same_party(self, other: "Target") -> bool:
        """Whether what is secret to one may be told to the other: the same server, or its own encrypted side."""
        if self.host != other.host or (self.scheme == "https" and other.scheme != "https"):
            return False
        return self.port == other.port or (self.default_port and other.default_port)


def parse_target(url: str) -> Target:
    """Take a URL apart.

    Raises:
        FetchFailed: it is none that is fetched here.
    """
    text = url.strip()
    if not text or len(text) > URL_MAX or not text.isprintable() or "\\" in text:
        raise FetchFailed(INVALID_URL, "this is no URL that can be fetched")
    try:
        parsed = httpx.URL(text)
        host = parsed.raw_host.decode("ascii").rstrip(".").lower()
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise FetchFailed(INVALID_URL, "this is no URL that can be fetched") from error
    return _target(parsed, host)


def without_credentials(url: str) -> str:
    """Return a URL that may be kept and shown: without the name and password that may stand in it.

    Raises:
        FetchFailed: it is none that is fetched here.
    """
    parse_target(url)
    parsed = httpx.URL(url.strip())
    return str(parsed.copy_with(userinfo=b"")) if parsed.userinfo else url.strip()


def redirected(target: Target, location: str) -> Target:
    """Follow a Location header (RFC 9110 section 10.2.2), without what is secret to another server.

    Raises:
        FetchFailed: it leads to nothing that is fetched here, or from an encrypted place to a plain one.
    """
    if len(location) > URL_MAX:
        raise FetchFailed(BAD_URL, "the redirection is too long")
    try:
        here = httpx.URL(scheme=target.scheme, host=target.host, port=target.port, raw_path=target.path or b"/")
        following = parse_target(str(here.join(location)))
    except httpx.InvalidURL as error:
        raise FetchFailed(BAD_URL, "the redirection leads nowhere") from error
    if target.scheme == "https" and following.scheme != "https":
        raise FetchFailed(BAD_URL, "the redirection leads to a place that is not encrypted")
    return following


def _target(parsed: httpx.URL, host: str) -> Target:
    scheme = _SCHEMES.get(parsed.scheme)
    if scheme is None or not _HOST.fullmatch(host):
        raise FetchFailed(INVALID_URL, "only http, https and webcal URLs are fetched")
    port = parsed.port or _DEFAULT_PORTS[scheme]
    if port > _PORT_MAX or (port < _PRIVILEGED and port not in _DEFAULT_PORTS.values()) or port in _OTHER_PROTOCOLS:
        raise FetchFailed(INVALID_URL, f"nothing is fetched from port {port}")
    return Target(scheme, host, port, parsed.raw_path, parsed.username, parsed.password)
