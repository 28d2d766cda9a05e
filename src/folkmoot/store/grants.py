"""Who holds which roles on a collection; what a role allows is decided in ``sharing``."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.core.ids import CollectionId
from folkmoot.database import Row, Statement, Transaction
from folkmoot.database.dialect import within
from folkmoot.database.schema import collection, collection_grant
from folkmoot.store.columns import COLLECTION, collection_of, length_of, require_text
from folkmoot.store.records import Collection

SUBJECT_MAX: Final = length_of(collection_grant.c.subject)
ROLE_MAX: Final = length_of(collection_grant.c.role)

_COLUMNS: Final = sa.select(collection_grant.c.collection_id, collection_grant.c.subject, collection_grant.c.role)
_IN: Final = within(collection_grant.c.collection_id, "ids")
_BY: Final = within(collection_grant.c.subject, "subjects")
_OF: Final = Statement(_COLUMNS.where(_IN))
_OF_SUBJECTS: Final = Statement(_COLUMNS.where(_IN, _BY))
# What every request on somebody else's collection asks; on SQLite in a seventh of the time.
_OF_ONE: Final = Statement(_COLUMNS.where(collection_grant.c.collection_id == bindparam("id"), _BY))
_CLEAR: Final = Statement(
    sa.delete(collection_grant).where(
        collection_grant.c.collection_id == bindparam("id"), within(collection_grant.c.subject, "subjects")
    )
)
_INSERT: Final = Statement(sa.insert(collection_grant))
_HOLD: Final = Statement(
    sa.update(collection).where(collection.c.id == bindparam("id")).values(modified_at=collection.c.modified_at)
)
_FOR_SUBJECTS: Final = Statement(
    sa.select(*COLLECTION)
    .where(
        collection.c.id.in_(
            sa.select(collection_grant.c.collection_id).where(within(collection_grant.c.subject, "subjects"))
        )
    )
    .order_by(collection.c.id)
)


async def of(
    tx: Transaction, collection_ids: Sequence[CollectionId], *, subjects: Sequence[str] | None = None
) -> dict[CollectionId, dict[str, frozenset[str]]]:
    """Return the roles of each subject on each of these collections; an entry for every collection.

    With ``subjects`` only their rows are read: a collection may be shared with hundreds.
    """
    gathered: dict[CollectionId, dict[str, set[str]]] = {collection_id: {} for collection_id in collection_ids}
    if collection_ids:
        for collection_id, subject, role in await _rows(tx, list(collection_ids), subjects):
            gathered[collection_id].setdefault(subject, set()).add(role)
    return {
        collection_id: {subject: frozenset(roles) for subject, roles in subjects.items()}
        for collection_id, subjects in gathered.items()
    }


async def _rows(tx: Transaction, ids: list[CollectionId], subjects: Sequence[str] | None) -> Sequence[Row]:
    if subjects is None:
        return await tx.fetch_all(_OF, ids=ids)
    if len(ids) == 1:
        return await tx.fetch_all(_OF_ONE, id=ids[0], subjects=list(subjects))
    return await tx.fetch_all(_OF_SUBJECTS, ids=ids, subjects=list(subjects))


async def set_(tx: Transaction, collection_id: CollectionId, subject: str, roles: Iterable[str]) -> None:
    """Replace a subject's roles on a collection; none takes all away.

    Raises:
        TooLarge: the subject or a role is too long.
    """
    await set_many(tx, collection_id, {subject: roles})


async def set_many(tx: Transaction, collection_id: CollectionId, rows: Mapping[str, Iterable[str]]) -> None:
    """Replace the roles of subjects on a collection, those of others stay; none takes all of a subject's away.

    Raises:
        TooLarge: a subject or a role is too long.
    """
    wanted = [
        {"collection_id": collection_id, "subject": subject, "role": role}
        for subject, roles in sorted(rows.items())
        for role in sorted(set(roles))
    ]
    for subject in rows:
        require_text("the subject", subject, SUBJECT_MAX)
    for row in wanted:
        require_text("the role", str(row["role"]), ROLE_MAX)
    await tx.execute(_HOLD, id=collection_id)  # the row lock: two at once would insert the same rows
    await tx.execute(_CLEAR, id=collection_id, subjects=list(rows))
    await tx.execute_many(_INSERT, wanted)


async def for_subjects(tx: Transaction, subjects: Sequence[str]) -> list[Collection]:
    """Return the collections on which any of the subjects holds a role, each once."""
    if not subjects:
        return []
    return [collection_of(row) for row in await tx.fetch_all(_FOR_SUBJECTS, subjects=list(subjects))]
