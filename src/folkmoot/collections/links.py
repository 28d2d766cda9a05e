"""Secret links: a calendar read without signing in, by whoever knows an address that cannot be guessed.

The store keeps a keyed digest of the token, by which a link is found, and the token itself sealed, so that its owner
can read it again.  A copy of the database without the key opens no link that was made on it.
"""

import base64
import binascii
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from hmac import compare_digest
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from folkmoot.collections.access import Access, Seen
from folkmoot.collections.content import Place
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Forbidden, NotFound, TooLarge
from folkmoot.core.ids import CollectionId, PrincipalId
from folkmoot.database.statement import Transaction
from folkmoot.sharing.rights import Level, Rights
from folkmoot.store import collections as stored_collections
from folkmoot.store import links as stored
from folkmoot.store import secrets as stored_secrets
from folkmoot.store.links import SecretLink
from folkmoot.store.records import Collection, Kind

LINKS_MAX: Final = 100  # to one calendar; people need one for each purpose
_SECRET: Final = "secret-links"  # noqa: S105  # the name under which the store keeps the key
_KEY_OCTETS: Final = 32
_TOKEN_OCTETS: Final = 24  # 192 bits
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{32}\Z")
_NONCE_OCTETS: Final = 12  # NIST SP 800-38D section 8.2


@dataclass(frozen=True, slots=True)
class Link:
    """A link as its owner sees it; ``token`` is None if it was sealed with another key."""

    kept: SecretLink
    token: str | None

    @property
    def id(self) -> str:
        """What names the link without opening it."""
        return self.kept.digest[:12]


@dataclass(frozen=True, slots=True)
class Opened:
    """What somebody who follows a link may read, and as whom."""

    seen: Seen
    place: Place
    caller: Caller  # nobody of the directory: restricted copies of two links have nothing in common


@dataclass(frozen=True, slots=True)
class _Keys:
    digest: bytes
    seal: bytes


class Links:
    """Secret links to calendars."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._keys: _Keys | None = None

    async def create(
        self,
        caller: Caller,
        place: Place,
        *,
        label: str = "",
        dates_only: bool = False,
        with_private: bool = False,
        expires_at: int | None = None,
    ) -> Link:
        """Make a link to a calendar; ``expires_at`` in milliseconds since 1970 UTC.

        Raises:
            NotFound: no such calendar for this caller.
            Forbidden: not the owner, or no calendar.
            TooLarge: too many links, or too long a label.
        """
        access, keys = self._access, await self._known_keys()
        token = secrets.token_urlsafe(_TOKEN_OCTETS)
        digest = _digest(keys, token)

        async def work(tx: Transaction) -> SecretLink:
            collection = await self._administered(tx, caller, place)
            if len(await _links(tx, collection)) >= LINKS_MAX:
                raise TooLarge(f"at most {LINKS_MAX} links lead to one calendar")
            now = access.clock.milliseconds()
            sealed = _seal(keys, token, digest)
            link = SecretLink(
                digest, collection.id, caller.principal, label, sealed, dates_only, with_private, now, expires_at
            )
            await stored.add(tx, link)
            return link

        return Link(await access.write(caller, place, work), token)

    async def of(self, caller: Caller, place: Place) -> list[Link]:
        """Return the links to a calendar, the oldest first, expired ones too.

        Raises:
            NotFound: no such calendar for this caller.
            Forbidden: not the owner, or no calendar.
        """
        keys = await self._known_keys()

        async def work(tx: Transaction) -> list[SecretLink]:
            return await _links(tx, await self._administered(tx, caller, place))

        return [Link(kept, _open(keys, kept)) for kept in await self._access.read(caller, place, work)]

    async def of_home(self, caller: Caller, owner: PrincipalId) -> Mapping[CollectionId, Sequence[Link]]:
        """Return the links to all calendars of an owner, for the owner; for others none."""
        if not self._access.owns(caller, owner):
            return {}
        keys = await self._known_keys()

        async def work(tx: Transaction) -> dict[CollectionId, list[SecretLink]]:
            home = await stored_collections.list_home(tx, owner, Kind.CALENDAR)
            return await stored.of(tx, [collection.id for collection in home])

        found = await self._access.database.read(work)
        return {collection: [Link(kept, _open(keys, kept)) for kept in links] for collection, links in found.items()}

    async def revoke(self, caller: Caller, place: Place, link_id: str) -> None:
        """Make a link lead nowhere.

        Raises:
            NotFound: no such calendar for this caller, or no such link.
            Forbidden: not the owner, or no calendar.
        """

        async def work(tx: Transaction) -> None:
            collection = await self._administered(tx, caller, place)
            found = [kept for kept in await _links(tx, collection) if Link(kept, None).id == link_id]
            if not found:
                raise NotFound("no such link")
            for kept in found:
                await stored.remove(tx, collection.id, kept.digest)

        await self._access.write(caller, place, work)

    async def open(self, token: str) -> Opened:
        """Return what a link leads to.

        Raises:
            NotFound: there is no such link, it was revoked, or it has expired: nobody learns which.
        """
        keys = await self._known_keys()
        digest = _digest(keys, token)
        found = await self._access.database.read(lambda tx: stored.find(tx, digest))
        if found is None or not _TOKEN.match(token):
            raise NotFound("there is nothing here")
        link, collection = found
        expired = link.expires_at is not None and link.expires_at <= self._access.clock.milliseconds()
        if expired or not compare_digest(link.digest, digest):
            raise NotFound("there is nothing here")
        place = Place(collection.owner, collection.kind, collection.name)
        return Opened(Seen(collection, rights_of(link)), place, Caller(PrincipalId(f"link {digest}")))

    async def _administered(self, tx: Transaction, caller: Caller, place: Place) -> Collection:
        seen = await self._access.get(tx, caller, place)
        if not seen.rights.admin or place.kind is not Kind.CALENDAR:
            raise Forbidden("the owner of a calendar makes links to it")
        return seen.collection

    async def _known_keys(self) -> _Keys:
        if self._keys is None:
            secret = await self._access.database.write(lambda tx: stored_secrets.get_or_make(tx, _SECRET, _KEY_OCTETS))
            self._keys = _Keys(
                *(blake2b(key=secret, person=use, digest_size=32).digest() for use in (b"find", b"seal"))
            )
        return self._keys


async def _links(tx: Transaction, collection: Collection) -> list[SecretLink]:
    return (await stored.of(tx, [collection.id]))[collection.id]


def rights_of(link: SecretLink) -> Rights:
    """Return what a link lets everybody read who knows it."""
    level = Level.DATES if link.dates_only else Level.VIEW
    closed = level if link.with_private else Level.NONE
    return Rights(public=level, private=closed, confidential=closed)


def _digest(keys: _Keys, token: str) -> str:
    return blake2b(token.encode("utf-8", "replace"), key=keys.digest, digest_size=32).hexdigest()


def _seal(keys: _Keys, token: str, digest: str) -> str:
    nonce = secrets.token_bytes(_NONCE_OCTETS)
    sealed = AESGCM(keys.seal).encrypt(nonce, token.encode(), digest.encode())
    return base64.b64encode(nonce + sealed).decode()


def _open(keys: _Keys, kept: SecretLink) -> str | None:
    try:
        sealed = base64.b64decode(kept.sealed_token, validate=True)
        return AESGCM(keys.seal).decrypt(sealed[:_NONCE_OCTETS], sealed[_NONCE_OCTETS:], kept.digest.encode()).decode()
    except (InvalidTag, ValueError, binascii.Error):
        return None
