"""Pictures in mails, for whoever reads them: those within, and with consent those elsewhere, by way of this server.

Who wrote the mail learns from a fetched picture that it was read, and nothing about the reader: no address, no browser,
no cookie, no page that it was on.  A picture is fetched for whom we wrote its URL and nobody else, so that this server
fetches nothing for strangers; and only from the public internet.
"""

import asyncio
import base64
import binascii
from collections.abc import Callable
from hashlib import blake2b
from hmac import compare_digest
from typing import Final

from folkmoot.core.clock import Clock
from folkmoot.core.errors import NotFound
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.fetch.fetcher import Fetcher, FetchLimits
from folkmoot.fetch.target import without_credentials
from folkmoot.mailboxes.raster import OCTETS_MAX, Picture, rewrite
from folkmoot.mime import urls
from folkmoot.store import secrets as stored_secrets

SECRET: Final = "mail-pictures"  # noqa: S105 - the name under which the store keeps the key
KEY_OCTETS: Final = 32
SECONDS: Final = 15.0  # for one picture
AT_ONCE: Final = 4  # pictures fetched and decoded at a time, by one worker: each may take 100 MB
VALID_SECONDS: Final = 12 * 3600  # a mail stays open for a day's work
TOKEN_MAX: Final = 8000  # characters
_MAC_OCTETS: Final = 16
_EXPIRY_OCTETS: Final = 5

Sign = Callable[[str], str]
"""Gives the token for a picture's URL; empty if it is no URL that is fetched."""


def picture_fetcher() -> Fetcher:
    """Return what fetches pictures: from the public internet alone, whichever networks calendars may come from."""
    return Fetcher(
        limits=FetchLimits(OCTETS_MAX, SECONDS), accept="image/png, image/jpeg, image/gif, image/webp, image/*;q=0.5"
    )


class Pictures:
    """Pictures of mails, written anew."""

    def __init__(self, database: Database, fetcher: Fetcher, clock: Clock) -> None:
        self._database = database
        self._fetcher = fetcher
        self._clock = clock
        self._key: bytes | None = None
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def signer(self, reader: PrincipalId) -> Sign:
        """Return what makes tokens for a reader; a token is good for ``VALID_SECONDS``, and safe in a URL as it is."""
        key = await self._known_key()
        expiry = self._clock.milliseconds() // 1000 + VALID_SECONDS

        def sign(url: str) -> str:
            permitted = urls.remote(url)
            if not permitted or not permitted.isascii():
                return ""
            told = expiry.to_bytes(_EXPIRY_OCTETS, "big") + permitted.encode("ascii")
            token = base64.urlsafe_b64encode(_mac(key, reader, told) + told).decode("ascii").rstrip("=")
            return token if len(token) <= TOKEN_MAX else ""

        return sign

    async def fetch(self, reader: PrincipalId, token: str) -> Picture:
        """Fetch the picture of a token that was made for this reader.

        Raises:
            NotFound: the token is nobody's, somebody else's, or too old.
            FetchFailed: the picture cannot be had.
            MalformedInput: what came is no bitmap.
            TooLarge: it is larger than what is shown.
        """
        url = self._opened(await self._known_key(), reader, token)
        async with self._turns:
            fetched = await self._fetcher.get(without_credentials(url))
            if fetched.body is None:
                raise NotFound("there is no such picture")
            return await asyncio.to_thread(rewrite, fetched.body)

    async def within(self, octets: bytes) -> Picture:
        """Return a picture that stands in a message, written anew.

        Raises:
            MalformedInput: it is no bitmap.
            TooLarge: it is larger than what is shown.
        """
        async with self._turns:
            return await asyncio.to_thread(rewrite, octets)

    def _opened(self, key: bytes, reader: PrincipalId, token: str) -> str:
        try:
            octets = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)) if len(token) <= TOKEN_MAX else b""
        except (binascii.Error, ValueError):
            octets = b""
        mac, told = octets[:_MAC_OCTETS], octets[_MAC_OCTETS:]
        if not compare_digest(mac, _mac(key, reader, told)):
            raise NotFound("there is no such picture")
        if int.from_bytes(told[:_EXPIRY_OCTETS], "big") * 1000 < self._clock.milliseconds():
            raise NotFound("there is no such picture any more: open the message again")
        return told[_EXPIRY_OCTETS:].decode("ascii")

    async def _known_key(self) -> bytes:
        if self._key is None:
            self._key = await self._database.write(lambda tx: stored_secrets.get_or_make(tx, SECRET, KEY_OCTETS))
        return self._key


def _mac(key: bytes, reader: PrincipalId, told: bytes) -> bytes:
    named = reader.encode("utf-8", "surrogatepass")
    return blake2b(
        len(named).to_bytes(4, "big") + named + told, key=key, digest_size=_MAC_OCTETS, person=b"mail picture"
    ).digest()
