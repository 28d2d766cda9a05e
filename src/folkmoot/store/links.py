"""Secret links to calendars: found by a keyed digest of their token, which itself is kept only sealed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.core.ids import CollectionId, PrincipalId
from folkmoot.database import Row, Statement, Transaction
from folkmoot.database.dialect import within
from folkmoot.database.schema import collection, secret_link
from folkmoot.store.columns import COLLECTION, NAME_MAX, collection_of, length_of, require_text
from folkmoot.store.records import Collection

LABEL_MAX: Final = length_of(secret_link.c.label)


@dataclass(frozen=True, slots=True)
class SecretLink:
    """One link; times in milliseconds since 1970 UTC."""

    digest: str
    collection_id: CollectionId
    creator: PrincipalId
    label: str
    sealed_token: str
    dates_only: bool  # when, not what
    with_private: bool  # private and confidential events too
    created_at: int
    expires_at: int | None


_LINK: Final = tuple(secret_link.c[name] for name in SecretLink.__slots__)
_COUNT: Final = len(COLLECTION)
_OF: Final = secret_link.c.collection_id == bindparam("collection_id")

_FIND: Final = Statement(
    sa.select(*COLLECTION, *_LINK)
    .select_from(secret_link.join(collection, collection.c.id == secret_link.c.collection_id))
    .where(secret_link.c.digest == bindparam("digest"))
)
_LIST: Final = Statement(
    sa.select(*_LINK)
    .where(within(secret_link.c.collection_id, "ids"))
    .order_by(secret_link.c.created_at, secret_link.c.digest)
)
_INSERT: Final = Statement(sa.insert(secret_link))
_REMOVE: Final = Statement(sa.delete(secret_link).where(_OF, secret_link.c.digest == bindparam("digest")))


async def find(tx: Transaction, digest: str) -> tuple[SecretLink, Collection] | None:
    """Return the link with this digest, expired or not, and its collection."""
    row = await tx.fetch_one(_FIND, digest=digest)
    return None if row is None else (_link(row[_COUNT:]), collection_of(row[:_COUNT]))


async def of(tx: Transaction, collection_ids: Sequence[CollectionId]) -> dict[CollectionId, list[SecretLink]]:
    """Return the links to each of these collections, the oldest first; an entry for every collection."""
    found: dict[CollectionId, list[SecretLink]] = {collection_id: [] for collection_id in collection_ids}
    if collection_ids:
        for row in await tx.fetch_all(_LIST, ids=list(collection_ids)):
            link = _link(row)
            found[link.collection_id].append(link)
    return found


async def add(tx: Transaction, link: SecretLink) -> None:
    """Keep a new link.

    Raises:
        TooLarge: the label is too long.
        MalformedInput: a label that no column can hold.
    """
    require_text("the label", link.label, LABEL_MAX)
    require_text("the creator", link.creator, NAME_MAX)
    await tx.execute(
        _INSERT,
        digest=link.digest,
        collection_id=link.collection_id,
        creator=link.creator,
        label=link.label,
        sealed_token=link.sealed_token,
        dates_only=int(link.dates_only),
        with_private=int(link.with_private),
        created_at=link.created_at,
        expires_at=link.expires_at,
    )


async def remove(tx: Transaction, collection_id: CollectionId, digest: str) -> bool:
    """Revoke a link; say whether there was one."""
    return await tx.execute(_REMOVE, collection_id=collection_id, digest=digest) > 0


def _link(row: Row) -> SecretLink:
    digest, collection_id, creator, label, sealed_token, dates_only, with_private, created_at, expires_at = row
    return SecretLink(
        digest,
        CollectionId(collection_id),
        PrincipalId(creator),
        label,
        sealed_token,
        bool(dates_only),
        bool(with_private),
        created_at,
        expires_at,
    )
