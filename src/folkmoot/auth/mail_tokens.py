"""Tokens that let the server itself into somebody's mailbox, for a short while and without a password.

Mail servers take them as OAuth 2 bearer tokens (RFC 7628) and ask us, by introspection (RFC 7662), whose they are.
Work in the background, delegation and sign-ins without a password use them.  Nothing is stored: a token says whose
mailbox it opens, for what and until when, and carries an HMAC of that under a key that all workers share.
"""

import hashlib
import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BinasciiError
from dataclasses import dataclass
from typing import Final

from folkmoot.auth.errors import NotAuthenticated
from folkmoot.core.errors import MalformedInput
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.store.secrets import get_or_make

KEY: Final = "mail tokens"
KEY_OCTETS: Final = 32
LIFE_MILLISECONDS: Final = 10 * 60 * 1000  # a sign-in follows within seconds; a session outlives its token
TOKEN_MAX: Final = 1024  # characters; a login has 255, each three octets at most in base64
_PREFIX: Final = "fmt1"
_PURPOSE: Final = re.compile(r"[a-z][a-z0-9 -]{0,39}")
_FIELDS: Final = 3


@dataclass(frozen=True, slots=True)
class MailToken:
    """What a token says."""

    principal: PrincipalId
    purpose: str
    expires_at: int  # milliseconds since 1970, UTC


class MailTokens:
    """Makes tokens and verifies them; ``open_mail_tokens`` knows the key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def mint(self, principal: PrincipalId, purpose: str, now: int, *, life: int = LIFE_MILLISECONDS) -> str:
        """Return a token that opens the mailbox of ``principal`` until ``now + life``, in milliseconds.

        ``purpose`` is a few words in lower case for the log: ``background``, ``delegation``.

        Raises:
            MalformedInput: no principal or purpose that a token can name.
        """
        if not principal or "\0" in principal or not _PURPOSE.fullmatch(purpose):
            raise MalformedInput("no token can say this")
        said = f"{now + life}\0{purpose}\0{principal}".encode()
        token = f"{_PREFIX}.{_text(said)}.{_text(self._digest(said))}"
        if len(token) > TOKEN_MAX:
            raise MalformedInput("no token can say this")
        return token

    def verify(self, token: str, now: int) -> MailToken:
        """Return what a token says; ``now`` in milliseconds.

        Raises:
            NotAuthenticated: it is none of ours, or was valid once.
        """
        try:
            prefix, said_text, digest_text = token.split(".", _FIELDS - 1) if len(token) <= TOKEN_MAX else ("", "", "")
            said, digest = _octets(said_text), _octets(digest_text)
        except (ValueError, BinasciiError):
            raise NotAuthenticated("no such token") from None
        if prefix != _PREFIX or not hmac.compare_digest(digest, self._digest(said)):
            raise NotAuthenticated("no such token")
        expires_at, purpose, principal = said.decode().split("\0", _FIELDS - 1)  # written by us
        if int(expires_at) <= now:
            raise NotAuthenticated("the token has expired")
        return MailToken(PrincipalId(principal), purpose, int(expires_at))

    def _digest(self, said: bytes) -> bytes:
        return hmac.digest(self._key, said, hashlib.sha256)


async def open_mail_tokens(database: Database) -> MailTokens:
    """Return the tokens of this installation.

    Raises:
        Unavailable: the database does not answer.
    """
    return MailTokens(await database.write(lambda tx: get_or_make(tx, KEY, KEY_OCTETS)))


def _text(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def _octets(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
