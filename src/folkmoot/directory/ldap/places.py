"""Where the servers of an LDAP source are."""

import re
from dataclasses import dataclass
from typing import Final

from folkmoot.config.sources import LdapSource
from folkmoot.core.errors import ConfigurationError

LDAPS_PORT: Final = 636
_LDAP_PORT: Final = 389
_URL: Final = re.compile(
    r"(?P<scheme>ldaps?)://(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?/?"
)
_HOST: Final = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?\Z")
_START_TLS: Final = re.compile(r"\?\?\?\?!?StartTLS\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """One server."""

    url: str  # without path and extensions
    start_tls: bool = False

    @property
    def private(self) -> bool:
        """Whether nobody between can read along."""
        return self.start_tls or self.url.startswith("ldaps:")


def places_of(source: LdapSource) -> tuple[Place, ...]:
    """Return the servers in the order in which they are tried.

    Raises:
        ConfigurationError: ``hostname`` names none, or something that is no host and no URL.
    """
    found = tuple(_place(word, source) for word in source.hosts.split())
    if not found:
        raise ConfigurationError(f"user source {source.id}: hostname is empty")
    return found


def _place(word: str, source: LdapSource) -> Place:
    extension = _START_TLS.search(word)
    bare = word[: extension.start()] if extension else word
    start_tls = extension is not None or source.encryption == "STARTTLS"
    url = _URL.match(bare)
    if url is not None and url.end() == len(bare):
        secure = url["scheme"] == "ldaps"
        port = int(url["port"] or (LDAPS_PORT if secure else _LDAP_PORT))
        return Place(f"{url['scheme']}://{url['host']}:{port}", start_tls and not secure)
    host = _HOST.match(bare)
    if host is None:
        raise ConfigurationError(f"user source {source.id}: hostname: {word!r} is no host and no LDAP URL")
    secure = source.encryption == "SSL"
    usual = LDAPS_PORT if secure and source.port == _LDAP_PORT else source.port
    return Place(f"{'ldaps' if secure else 'ldap'}://{host['host']}:{host['port'] or usual}", start_tls and not secure)
