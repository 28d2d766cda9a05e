"""Names and passwords for web calendars, kept encrypted with a key of the store's (AES-256-GCM)."""

import base64
import binascii
import secrets
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.core.ids import CollectionId
from folkmoot.database import Database
from folkmoot.fetch.fetcher import Credentials
from folkmoot.store import secrets as stored_secrets

SECRET: Final = "web-calendars"  # noqa: S105  # the name under which the store keeps the key
KEY_OCTETS: Final = 32
LENGTH_MAX: Final = 1024  # characters of a name or a password
_NONCE_OCTETS: Final = 12  # NIST SP 800-38D section 8.2


class CredentialKey:
    """The key of this installation, made when it is first needed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._key: bytes | None = None

    async def known(self) -> bytes:
        """Return the key."""
        if self._key is None:
            self._key = await self._database.write(lambda tx: stored_secrets.get_or_make(tx, SECRET, KEY_OCTETS))
        return self._key


def seal(key: bytes, credentials: Credentials, collection_id: CollectionId) -> str:
    """Encrypt credentials, so that they open for this calendar alone.

    Raises:
        TooLarge: name or password are too long.
        MalformedInput: the name has a colon (RFC 7617 section 2), or either has control characters.
    """
    both = (credentials.user, credentials.password)
    if max(map(len, both)) > LENGTH_MAX:
        raise TooLarge(f"a name or password has at most {LENGTH_MAX} characters")
    if ":" in credentials.user or not all(text.isprintable() for text in both):
        raise MalformedInput("a name has no colon, and neither name nor password has control characters")
    nonce = secrets.token_bytes(_NONCE_OCTETS)
    sealed = AESGCM(key).encrypt(nonce, msgspec.json.encode(both), _about(collection_id))
    return base64.b64encode(nonce + sealed).decode("ascii")


def unseal(key: bytes, sealed: str, collection_id: CollectionId) -> Credentials | None:
    """Return what was sealed; None if it was with another key."""
    try:
        octets = base64.b64decode(sealed, validate=True)
        plain = AESGCM(key).decrypt(octets[:_NONCE_OCTETS], octets[_NONCE_OCTETS:], _about(collection_id))
        user, password = msgspec.json.decode(plain, type=tuple[str, str])
    except (binascii.Error, InvalidTag, ValueError, msgspec.DecodeError):
        return None
    return Credentials(user, password)


def _about(collection_id: CollectionId) -> bytes:
    return f"web calendar {collection_id}".encode()
