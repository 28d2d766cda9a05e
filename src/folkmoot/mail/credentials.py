"""What a mail server is signed in to with: a password, a master user's, or a token.

Services choose one (``mailboxes``); the IMAP, SMTP and ManageSieve clients turn it into a SASL mechanism.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Password:
    """A user's own password."""

    name: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Master:
    """An account that may act for everybody: SASL's authorization identity, or ``name*master`` where there is none."""

    name: str  # for whom
    master: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Token:
    """An OAuth 2 bearer token (RFC 7628), or the older XOAUTH2."""

    name: str
    token: str = field(repr=False)


Credentials = Password | Master | Token
