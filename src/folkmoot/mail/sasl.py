"""SASL mechanisms (RFC 4422) as values: what IMAP, SMTP and ManageSieve answer to a server's challenges.

``choose`` takes what the server offers and the credentials and returns an ``Exchange``; the client carries it out in
its protocol's way.  Where the protocol lets a client speak first (SASL-IR), the first answer of an exchange with
``client_first`` stands in the command itself; else it answers the server's first, empty challenge.
"""

import base64
import binascii
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from folkmoot.core.errors import MalformedInput, Unsupported
from folkmoot.mail.credentials import Credentials, Master, Password, Token

PASSWORD_MAX: Final = 16_384  # octets; tokens of some providers take four thousand, SAML assertions more
MASTER_SEPARATOR: Final = "*"  # of Dovecot's auth_master_user_separator and Cyrus' proxies alike
_FIELD_END: Final = "\x01"


@dataclass(frozen=True, slots=True)
class Exchange:
    """What one mechanism says, in turn."""

    mechanism: str
    answers: tuple[bytes, ...] = field(repr=False)  # not yet base64
    client_first: bool = True

    def answer(self, turn: int) -> bytes | None:
        """Return the answer to the challenge of this turn, from 0; None: there is none, so cancel with ``*``."""
        return self.answers[turn] if turn < len(self.answers) else None


def choose(
    credentials: Credentials, offered: Collection[str], *, preferred: str = "", host: str = "", port: int = 0
) -> Exchange:
    """Return the exchange for a server's mechanisms.

    Args:
        credentials: what there is to sign in with.
        offered: names of mechanisms, in any case.
        preferred: NGImap4AuthMechanism or SOGoSMTPAuthenticationType; taken if it fits and is offered.
        host: whom OAUTHBEARER is told it is for.
        port: likewise.

    Raises:
        Unsupported: none fits.
        MalformedInput: a name or password that cannot be said.
    """
    names = {name.upper() for name in offered}
    fitting = _TOKEN if isinstance(credentials, Token) else _PASSWORD
    wish = preferred.upper()
    ordered = sorted(fitting, key=lambda name: name != wish)
    for mechanism in ordered:
        if mechanism in names:
            return exchange(mechanism, credentials, host=host, port=port)
    raise Unsupported(f"the mail server offers no way to sign in that fits: {', '.join(sorted(names))[:200] or 'none'}")


def exchange(mechanism: str, credentials: Credentials, *, host: str = "", port: int = 0) -> Exchange:
    """Return the exchange of one mechanism: PLAIN, LOGIN, XOAUTH2 or OAUTHBEARER.

    Raises:
        Unsupported: the mechanism does not fit the credentials.
        MalformedInput: a name or password that cannot be said.
    """
    name = _said(credentials.name)
    match mechanism.upper(), credentials:
        case "PLAIN", Password(password=password):
            return Exchange("PLAIN", (b"\0" + name + b"\0" + _said(password),))  # RFC 4616
        case "PLAIN", Master(master=master, password=password):
            return Exchange("PLAIN", (name + b"\0" + _said(master) + b"\0" + _said(password),))
        case "LOGIN", Password() | Master():
            user, password = login_pair(credentials)
            return Exchange("LOGIN", (_said(user), _said(password)), client_first=False)
        case "OAUTHBEARER", Token(token=token):
            told = f"n,a={_gs2(credentials.name)},{_FIELD_END}"
            if host:
                told += f"host={host}{_FIELD_END}port={port}{_FIELD_END}"
            told += f"auth=Bearer {_token(token)}{_FIELD_END}{_FIELD_END}"
            return Exchange("OAUTHBEARER", (told.encode(), b"\x01"))  # the second ends a refusal (RFC 7628 3.2.3)
        case "XOAUTH2", Token(token=token):
            told = f"user={credentials.name}{_FIELD_END}auth=Bearer {_token(token)}{_FIELD_END}{_FIELD_END}"
            return Exchange("XOAUTH2", (told.encode(), b""))
        case _:
            raise Unsupported(f"cannot sign in by {mechanism} with these credentials")


def login_pair(credentials: Password | Master) -> tuple[str, str]:
    """Return name and password where nothing but these can be said: IMAP's LOGIN, SASL's LOGIN.

    Raises:
        MalformedInput: a name or password that cannot be said.
    """
    name = credentials.name
    if isinstance(credentials, Master):
        name = f"{name}{MASTER_SEPARATOR}{credentials.master}"
    _said(name)
    _said(credentials.password)
    return name, credentials.password


def to_base64(octets: bytes) -> bytes:
    """Return an answer as it goes over the line."""
    return base64.b64encode(octets)


def from_base64(octets: bytes) -> bytes:
    """Return a challenge as it is meant; one that is no base64 is read as empty, as only its turn matters."""
    try:
        return base64.b64decode(octets)
    except (binascii.Error, ValueError):
        return b""


_PASSWORD: Final = ("PLAIN", "LOGIN")
_TOKEN: Final = ("OAUTHBEARER", "XOAUTH2")


def _said(text: str) -> bytes:
    octets = text.encode(errors="surrogateescape")
    if not octets or len(octets) > PASSWORD_MAX or b"\0" in octets or b"\r" in octets or b"\n" in octets:
        raise MalformedInput("the name or password is empty, too long, or holds control characters")
    return octets


def _token(token: str) -> str:
    if not token or len(token) > PASSWORD_MAX or not token.isascii() or not token.isprintable() or " " in token:
        raise MalformedInput("not a bearer token")
    return token


def _gs2(name: str) -> str:
    return name.replace("=", "=3D").replace(",", "=2C")
