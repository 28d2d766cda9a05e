"""Where the SMTP server is: the forms of SOGoSMTPServer."""

import re
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from typing import Final
from urllib.parse import parse_qsl

from folkmoot.core.errors import MalformedInput

SMTP_PORT: Final = 25
SMTPS_PORT: Final = 465  # RFC 8314 section 7.3
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
class SmtpServer:
    """An SMTP server."""

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


def parse_server(text: str) -> SmtpServer:
    """Parse ``host``, ``host:port``, ``smtp://…`` or ``smtps://…``, with ``?tls=YES&tlsVerifyMode=…``.

    Raises:
        MalformedInput: none of these.
    """
    match = _URL.fullmatch(text.strip()) if len(text) <= URL_MAX else None
    if match is None:
        raise MalformedInput("not an SMTP server: expected smtp://host:port")
    scheme = (match["scheme"] or "smtp").lower()
    if scheme not in {"smtp", "smtps"}:
        raise MalformedInput(f"not an SMTP server: unknown scheme {scheme}")
    try:
        pairs = parse_qsl(match["options"] or "", keep_blank_values=True, max_num_fields=OPTIONS_MAX)
    except ValueError as error:
        raise MalformedInput("too many options of the SMTP server") from error
    options = {name.lower(): value for name, value in pairs}
    port = int(match["port"] or (SMTPS_PORT if scheme == "smtps" else SMTP_PORT))
    if not 0 < port <= PORT_MAX:
        raise MalformedInput(f"no such port: {port}")
    tls = TlsMode.IMPLICIT if scheme == "smtps" else TlsMode.NONE
    if tls is TlsMode.NONE and options.get("tls", "").upper() in {"YES", "TRUE", "1"}:
        tls = TlsMode.START
    return SmtpServer(match["v6"] or match["host"], port, tls, _verify_mode(options.get("tlsverifymode", "")))


def _verify_mode(text: str) -> VerifyMode:
    for mode in VerifyMode:
        if mode.value.lower() == text.lower():
            return mode
    if text:
        raise MalformedInput(f"no such tlsVerifyMode: {text[:40]!r}")
    return VerifyMode.DEFAULT
