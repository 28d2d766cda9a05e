"""What somebody shows at a door, and what it proves."""

import re
from dataclasses import dataclass, field
from typing import Final, Protocol

from folkmoot.auth.basic import Credentials, parse_basic
from folkmoot.auth.protocols import Protocol as Door
from folkmoot.core.ids import PrincipalId
from folkmoot.directory.principal import Principal

TOKEN_MAX: Final = 8192  # characters; tokens of OpenID providers with many groups have half of it
_BEARER: Final = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*)\Z", re.IGNORECASE)  # RFC 6750 section 2.1


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token, as a client sent it."""

    text: str = field(repr=False)


Shown = Credentials | Token


@dataclass(frozen=True, slots=True)
class Proven:
    """Who it is, and which doors that opens."""

    principal: Principal
    way: "Way" = field(repr=False)
    opens: frozenset[Door]
    closed: str  # what to say at the other doors
    tag: object = None  # what the way knows it by when it looks again
    expires_at: int = 0  # milliseconds since 1970 UTC; 0: by itself never
    with_password: bool = False  # the password is the directory's own, and servers behind us may take it

    @property
    def id(self) -> PrincipalId:
        return self.principal.id


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who stands at the door, for the log and the list of devices."""

    client: str  # address
    agent: str = ""  # User-Agent


class Way(Protocol):
    """One way of proving who one is."""

    async def prove(self, shown: Shown, visitor: Visitor) -> Proven | None:
        """Return what this proves; None if it is nothing of this way.

        Raises:
            NotAuthenticated: it is of this way, and wrong.
            TooManyFailures: the account is blocked.
            Unavailable: whoever knows the answer cannot be asked now.
        """

    async def again(self, proven: Proven, visitor: Visitor) -> Proven | None:
        """Return what it proves now, without the cost of the first time; None if it no longer does.

        Raises:
            Unavailable: whoever knows the answer cannot be asked now.
        """


def parse_authorization(authorization: str) -> Shown | None:
    """Return what an ``Authorization`` header shows; None for another scheme or anything ill-formed."""
    if len(authorization) <= TOKEN_MAX:
        match = _BEARER.match(authorization.strip())
        if match is not None:
            return Token(match[1])
    return parse_basic(authorization)
