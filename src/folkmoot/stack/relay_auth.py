"""Signing in to the relay (RFC 4954): as the server itself, as its Dovecot, or with password or token."""

import base64
import binascii
import hmac
import re
from dataclasses import dataclass
from typing import Final

from folkmoot.auth.errors import NotAuthenticated
from folkmoot.auth.mail_tokens import MailTokens
from folkmoot.auth.protocols import Protocol
from folkmoot.core.clock import Clock
from folkmoot.core.errors import MalformedInput
from folkmoot.core.ids import PrincipalId
from folkmoot.directory.directory import Directory
from folkmoot.stack.applying import SUBMISSION, SYSTEM
from folkmoot.stack.calls import Authenticator, has_mail

MECHANISMS: Final = ("PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER")
RESPONSE_MAX: Final = 4096  # characters of base64
_BEARER: Final = re.compile(r"(?:\A|\x01)auth=Bearer ([A-Za-z0-9._~+/=-]+)\x01", re.IGNORECASE)
_PARTS: Final = 3  # authorization identity, authentication identity, password (RFC 4616)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who signed in; without a principal it is the server, which may send as anybody.

    Dovecot's submission service names for whom it speaks with each message (RFC 4954 section 5).
    """

    principal: PrincipalId | None = None
    for_others: bool = False


class RelayAuth:
    """Verifies what SASL brings."""

    def __init__(
        self, secret: str, authenticator: Authenticator, directory: Directory, tokens: MailTokens, clock: Clock
    ) -> None:
        self._secret = secret.encode()
        self._authenticator = authenticator
        self._directory = directory
        self._tokens = tokens
        self._clock = clock

    async def plain(self, response: str) -> Sender:
        """Verify a PLAIN response, in base64.

        Raises:
            MalformedInput: it is none.
            NotAuthenticated: wrong.
            Unavailable: whoever knows the answer cannot be asked now.
        """
        parts = decoded(response).split("\0")
        if len(parts) != _PARTS:
            raise MalformedInput("not a PLAIN response")
        for_whom, name, password = parts
        sender = await self.password(name, password)
        if for_whom not in {"", name, sender.principal}:
            raise NotAuthenticated("nobody sends for others")
        return sender

    async def password(self, name: str, password: str) -> Sender:
        """Verify a name and a password; the server's own, too.

        Raises:
            NotAuthenticated: wrong.
            Unavailable: whoever knows the answer cannot be asked now.
        """
        if name in {SYSTEM, SUBMISSION} and hmac.compare_digest(password.encode(), self._secret):
            return Sender(for_others=name == SUBMISSION)
        if ":" in name:
            raise NotAuthenticated("no login has a colon")
        basic = base64.b64encode(f"{name}:{password}".encode()).decode()
        caller = await self._authenticator.authenticate(f"Basic {basic}", "mail", protocol=Protocol.MAIL)
        return await self._sender(caller.principal)

    async def bearer(self, response: str) -> Sender:
        """Verify an XOAUTH2 or OAUTHBEARER response, in base64 (RFC 7628 section 3.1).

        Raises:
            MalformedInput: it is none.
            NotAuthenticated: no valid token.
        """
        found = _BEARER.search(decoded(response))
        if found is None:
            raise MalformedInput("not a bearer token's response")
        told = self._tokens.verify(found[1], self._clock.milliseconds())
        return await self._sender(told.principal)

    async def _sender(self, principal: PrincipalId) -> Sender:
        person = await self._directory.find(principal)
        if person is None or not has_mail(person):
            raise NotAuthenticated("nobody of this name has mail")
        return Sender(principal)


def decoded(response: str) -> str:
    """Return the text of a response in base64.

    Raises:
        MalformedInput: it is no base64, or no UTF-8.
    """
    if len(response) > RESPONSE_MAX:
        raise MalformedInput("the response is too long")
    try:
        return base64.b64decode(response, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise MalformedInput("not base64") from error
