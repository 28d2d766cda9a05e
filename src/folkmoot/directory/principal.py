"""What the directory tells about a person, group or resource."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from folkmoot.core.ids import PrincipalId

NO_ATTRIBUTES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({})


class PrincipalKind(StrEnum):
    """What a principal is; all but individuals can be booked."""

    INDIVIDUAL = "individual"
    GROUP = "group"
    LOCATION = "location"
    THING = "thing"


@dataclass(frozen=True, slots=True)
class Principal:
    """A user, group or resource that can hold rights (RFC 3744 section 2)."""

    id: PrincipalId
    login: str  # as its source knows it, without the domain that the id may carry
    display_name: str
    mails: tuple[str, ...]  # as written in the source, the main one first
    kind: PrincipalKind
    source: str  # id of the user source
    domain: str | None = None
    multiple_bookings: int | None = None  # 0 or None any number, -1 any number but shown busy, n that many
    modules_denied: frozenset[str] = frozenset()  # of Mail, Calendar, ActiveSync
    imap_server: str = ""  # a host or URL; empty: the domain's
    imap_login: str = ""  # empty: what the domain says
    sieve_server: str = ""  # a host or URL; empty: the domain's
    attributes: Mapping[str, tuple[str, ...]] = field(
        default_factory=lambda: NO_ATTRIBUTES, hash=False
    )  # names in lower case

    @property
    def bookable(self) -> bool:
        """Whether this is a resource."""
        return self.kind is not PrincipalKind.INDIVIDUAL
