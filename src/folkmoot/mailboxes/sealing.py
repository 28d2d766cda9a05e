"""Secrets of people that mail keeps: encrypted with a key that is not in the database, where one is configured.

The key is SOGoSecretValue itself, as SOGo has it; ``auth.sealing`` tells where it comes from.
"""

from typing import Final

from folkmoot.auth.sealing import KEY_OCTETS, configured_key, seal, unseal
from folkmoot.config.security_section import SecuritySettings
from folkmoot.database import Database
from folkmoot.store import secrets as stored_secrets

__all__ = ["KEY_OCTETS", "SealingKey", "configured_key", "seal", "unseal"]

SECRET: Final = "mail-accounts"  # noqa: S105 - the name under which the store keeps the key


class SealingKey:
    """The key of this installation."""

    def __init__(self, database: Database, security: SecuritySettings) -> None:
        """Take the configured key, if there is one.

        Raises:
            ConfigurationError: it is not 32 octets long, or the environment variable is not there.
        """
        self._database = database
        self._key = configured_key(security)

    async def known(self) -> bytes:
        """Return the key, made now if it is the first time that it is needed."""
        if self._key is None:
            self._key = await self._database.write(lambda tx: stored_secrets.get_or_make(tx, SECRET, KEY_OCTETS))
        return self._key
