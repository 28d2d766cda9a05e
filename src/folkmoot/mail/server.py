"""Where a mail server is: the forms of SOGoSMTPServer, SOGoIMAPServer and SOGoSieveServer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from types import MappingProxyType
from typing import Final
from urllib.parse import parse_qsl

from folkmoot.core.errors import MalformedInput

PORT_MAX: Final = 65_535
URL_MAX: Final = 1_024  # characters
OPTIONS_MAX: Final = 16
_URL: Final = re.compile(
    r"(?:(?P<scheme>[a-z]+)://)?(?:\[(?P<v6>[0-9a-f:.]+)\]|(?P<host>[^\s:/?#@\[\]]+))(?::(?P<port>[0-9]{1,5}))?/?"
    r"(?:\?(?P<options>[^#\s]*))?",
    re.IGNORECASE,
)


class TlsMode(StrEnum):
    """How the connection is encrypted."""

    NONE = "none"
    START = "starttls"  # required: without it nothing is sent
    IMPLICIT = "tls"  # from the first octet


class VerifyMode(StrEnum):
    """Whether the server's certificate must be valid."""

    DEFAULT = "default"
    ALLOW_INSECURE_LOCALHOST = "allowInsecureLocalhost"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Scheme:
    """What a URL scheme means."""

    port: int
    tls: TlsMode = TlsMode.NONE


@dataclass(frozen=True, slots=True)
class MailServer:
    """A mail server."""

    host: str
    port: int
    tls: TlsMode = TlsMode.NONE
    verify: VerifyMode = VerifyMode.DEFAULT

    @property
    def local(self) -> bool:
        """Whether it runs on this machine."""
        if self.host.lower() == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def verified(self) -> bool:
        """Whether its certificate must be valid."""
        if self.verify is VerifyMode.NONE:
            return False
        return not (self.verify is VerifyMode.ALLOW_INSECURE_LOCALHOST and self.local)


SMTP: Final[Mapping[str, Scheme]] = MappingProxyType(
    {"smtp": Scheme(25), "smtps": Scheme(465, TlsMode.IMPLICIT)}  # RFC 8314 section 7.3
)
IMAP: Final[Mapping[str, Scheme]] = MappingProxyType({"imap": Scheme(143), "imaps": Scheme(993, TlsMode.IMPLICIT)})
SIEVE: Final[Mapping[str, Scheme]] = MappingProxyType({"sieve": Scheme(4190)})  # RFC 5804; TLS by STARTTLS only


def parse_server(text: str, schemes: Mapping[str, Scheme]) -> MailServer:
    """Parse ``host``, ``host:port`` or a URL of one of the schemes, with ``?tls=YES&tlsVerifyMode=…``.

    The first scheme holds where none is written.

    Raises:
        MalformedInput: none of these.
    """
    usual = next(iter(schemes))
    match = _URL.fullmatch(text.strip()) if len(text) <= URL_MAX else None
    if match is None:
        raise MalformedInput(f"not a mail server: expected {usual}://host:port")
    scheme = schemes.get((match["scheme"] or usual).lower())
    if scheme is None:
        raise MalformedInput(f"not a mail server: unknown scheme {match['scheme']}")
    try:
        pairs = parse_qsl(match["options"] or "", keep_blank_values=True, max_num_fields=OPTIONS_MAX)
    except ValueError as error:
        raise MalformedInput("too many options of the mail server") from error
    options = {name.lower(): value for name, value in pairs}
    port = int(match["port"] or scheme.port)
    if not 0 < port <= PORT_MAX:
        raise MalformedInput(f"no such port: {port}")
    tls = scheme.tls
    if tls is TlsMode.NONE and options.get("tls", "").upper() in {"YES", "TRUE", "1"}:
        tls = TlsMode.START
    return MailServer(match["v6"] or match["host"], port, tls, _verify_mode(options.get("tlsverifymode", "")))


def _verify_mode(text: str) -> VerifyMode:
    for mode in VerifyMode:
        if mode.value.lower() == text.lower():
            return mode
    if text:
        raise MalformedInput(f"no such tlsVerifyMode: {text[:40]!r}")
    return VerifyMode.DEFAULT
