"""Names of content on the path where browsers send no cookies: encrypted, and good for a short while.

The key is another one each hour, and the old ones are deleted: a name found in a log opens nothing later, whoever has
the database.  A name is the same for a quarter of an hour, so that browsers need not load the same twice.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BinasciiError
from collections.abc import Callable
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from folkmoot.core.clock import Clock
from folkmoot.core.errors import NotFound
from folkmoot.database import Database, Transaction
from folkmoot.store import secrets as stored_secrets

PERIOD_SECONDS: Final = 15 * 60  # a name is good for one to two of these
TOKEN_MAX: Final = 4_000  # characters
KEY_OCTETS: Final = 32
_SECRET: Final = "content"  # noqa: S105 - the name under which the store keeps the keys
_NONCE_OCTETS: Final = 12
_HEAD_OCTETS: Final = 5  # when it ends, in periods since 1970
_PERIODS_AN_HOUR: Final = 3600 // PERIOD_SECONDS


class ContentTokens:
    """Seals what a name stands for."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._keys: dict[int, bytes] = {}

    async def seal(self, plain: bytes) -> str:
        """Return a name, safe as a segment of a URL."""
        return (await self.sealer())(plain)

    async def sealer(self) -> Callable[[bytes], str]:
        """Return what makes names now, for who needs many of them at once."""
        last = self._period() + 1
        key = await self._key(last // _PERIODS_AN_HOUR)
        head = last.to_bytes(_HEAD_OCTETS, "big")

        def sealed(plain: bytes) -> str:
            # The same for the same content, and never twice for different one (as AES-SIV makes it, RFC 5297).
            nonce = hmac.digest(key, head + plain, hashlib.sha256)[:_NONCE_OCTETS]
            octets = head + nonce + AESGCM(key).encrypt(nonce, plain, head)
            return urlsafe_b64encode(octets).decode().rstrip("=")

        return sealed

    async def open(self, token: str) -> bytes:
        """Return what was sealed.

        Raises:
            NotFound: nothing was, or its time is over.
        """
        try:
            octets = urlsafe_b64decode(token + "=" * (-len(token) % 4)) if len(token) <= TOKEN_MAX else b""
        except (BinasciiError, ValueError):
            octets = b""
        head, nonce, sealed = (
            octets[:_HEAD_OCTETS],
            octets[_HEAD_OCTETS : _HEAD_OCTETS + _NONCE_OCTETS],
            octets[_HEAD_OCTETS + _NONCE_OCTETS :],
        )
        last = int.from_bytes(head, "big")
        if not 0 <= last - self._period() <= 1 or not sealed:
            raise NotFound("there is nothing under this name any more")
        try:
            return AESGCM(await self._key(last // _PERIODS_AN_HOUR)).decrypt(nonce, sealed, head)
        except InvalidTag:
            raise NotFound("there is nothing under this name") from None

    def _period(self) -> int:
        return self._clock.milliseconds() // (PERIOD_SECONDS * 1000)

    async def _key(self, hour: int) -> bytes:
        key = self._keys.get(hour)
        if key is None:
            name, oldest = _name(hour), _name(hour - 1)

            async def work(tx: Transaction) -> bytes:
                await stored_secrets.remove_between(tx, _name(0), oldest)
                return await stored_secrets.get_or_make(tx, name, KEY_OCTETS)

            key = await self._database.write(work)
            self._keys = {known: one for known, one in self._keys.items() if known >= hour - 1} | {hour: key}
        return key


def _name(hour: int) -> str:
    return f"{_SECRET} {hour:010}"  # in the order of time
