"""Secrets that the database keeps: encrypted, each purpose with a key of its own.

The keys derive from SOGoSecretValue, or from what the environment variable of that name holds (SOGoSecretType).
Without these they are made at random and kept in the database, so that a copy of one table alone opens nothing.
"""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from folkmoot.config.security_section import SecuritySettings
from folkmoot.core.errors import ConfigurationError
from folkmoot.database import Database
from folkmoot.store import secrets as stored_secrets

KEY_OCTETS: Final = 32  # AES-256
_NONCE_OCTETS: Final = 12  # NIST SP 800-38D section 8.2


class Keys:
    """The keys of this installation, by purpose."""

    def __init__(self, database: Database, security: SecuritySettings) -> None:
        """Take the configured key, if there is one.

        Raises:
            ConfigurationError: it is not 32 octets long, or the environment variable is not there.
        """
        self._database = database
        self._configured = configured_key(security)
        self._known: dict[str, bytes] = {}

    async def of(self, purpose: str) -> bytes:
        """Return the key of a purpose; it is the same in all workers.

        Raises:
            Unavailable: the database does not answer.
        """
        key = self._known.get(purpose)
        if key is None:
            if self._configured is not None:
                key = hmac.digest(self._configured, f"folkmoot {purpose}".encode(), hashlib.sha256)
            else:
                key = await self._database.write(lambda tx: stored_secrets.get_or_make(tx, purpose, KEY_OCTETS))
            self._known[purpose] = key
        return key


def configured_key(security: SecuritySettings) -> bytes | None:
    """Return the key of SOGoSecretValue; None if SOGoSecretType is ``none``.

    Raises:
        ConfigurationError: it is not 32 octets long, or the environment variable is not there.
    """
    if security.secret_type == "none":  # noqa: S105 - a kind of secret
        return None
    value = security.secret_value
    if security.secret_type == "env":  # noqa: S105 - likewise
        found = os.environ.get(value)
        if found is None:
            raise ConfigurationError(f"SOGoSecretValue: there is no environment variable {value[:64]!r}")
        value = found
    key = value.encode("utf-8", "surrogatepass")
    if len(key) != KEY_OCTETS:
        raise ConfigurationError(f"SOGoSecretValue: the key has {len(key)} octets, and must have {KEY_OCTETS}")
    return key


def seal(key: bytes, plain: bytes, about: str) -> str:
    """Encrypt (AES-256-GCM), so that it opens only for what it is about."""
    nonce = secrets.token_bytes(_NONCE_OCTETS)
    return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, plain, about.encode())).decode("ascii")


def unseal(key: bytes, sealed: str, about: str) -> bytes | None:
    """Return what was sealed; None if it was with another key or about something else."""
    try:
        octets = base64.b64decode(sealed, validate=True)
        return AESGCM(key).decrypt(octets[:_NONCE_OCTETS], octets[_NONCE_OCTETS:], about.encode())
    except (binascii.Error, InvalidTag, ValueError):
        return None


def keyed_digest(key: bytes, about: str, secret: str) -> str:
    """Return what is stored of a secret that was made at random: no slow hash is needed where nobody can guess."""
    return hmac.digest(key, f"{about}\0{secret}".encode("utf-8", "surrogatepass"), hashlib.sha256).hex()
