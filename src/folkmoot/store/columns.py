"""Rows to values: which columns are selected in which order, and what they mean."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.core.ids import CollectionId, PrincipalId, Revision
from folkmoot.database import Row
from folkmoot.database.schema import collection, object_, object_body
from folkmoot.store.records import Collection, Kind, ObjectMeta, StoredObject

COLLECTION: Final[tuple[sa.ColumnElement[Any], ...]] = (
    collection.c.id,
    collection.c.owner,
    collection.c.kind,
    collection.c.name,
    collection.c.properties,
    collection.c.dead_properties,
    collection.c.revision,
    collection.c.history_start,
    collection.c.created_at,
    collection.c.modified_at,
)
META: Final[tuple[sa.ColumnElement[Any], ...]] = (
    object_.c.name,
    object_.c.uid,
    object_.c.etag,
    object_.c.size,
    object_.c.content_type,
    object_.c.revision,
    object_.c.has_dead_properties,
    object_.c.created_at,
    object_.c.modified_at,
    object_.c.component,
    object_.c.starts_at,
    object_.c.ends_at,
    object_.c.exact,
    object_.c.transparent,
    object_.c.classification,
    object_.c.status,
    object_.c.title,
    object_.c.schedule_tag,
    object_.c.participation,
    object_.c.oid,
    object_.c.created_revision,
)
# What a tombstone is called whose name another object takes: no object can be called so.
NAMELESS: Final = sa.literal_column("'/'", sa.String()) + sa.cast(object_.c.revision, sa.String(20))
META_COUNT: Final = len(META)
BODY: Final[tuple[sa.ColumnElement[Any], ...]] = (object_body.c.body, object_body.c.dead_properties)

WITH_BODY: Final = object_.join(
    object_body,
    sa.and_(object_body.c.collection_id == object_.c.collection_id, object_body.c.name == object_.c.name),
)
NAMED_YET: Final = sa.or_(object_.c.name < sa.literal_column("'/'"), object_.c.name >= sa.literal_column("'0'"))
LIVE: Final = object_.c.deleted == sa.literal_column("0")

_decode_text = msgspec.json.Decoder(dict[str, str]).decode
_decode_any = msgspec.json.Decoder(dict[str, object]).decode
_encode = msgspec.json.Encoder(order="deterministic").encode


def collection_of(row: Row) -> Collection:
    """Read the columns of ``COLLECTION``."""
    return Collection(
        id=CollectionId(row[0]),
        owner=PrincipalId(row[1]),
        kind=Kind(row[2]),
        name=row[3],
        properties=properties_of(row[4]),
        dead_properties=texts_of(row[5]),
        revision=Revision(row[6]),
        history_start=Revision(row[7]),
        created_at=row[8],
        modified_at=row[9],
    )


def meta_of(row: Row) -> ObjectMeta:
    """Read a row of just the columns of ``META``."""
    return ObjectMeta(*row)


def object_of(row: Row) -> StoredObject:
    """Read the columns of ``META`` and ``BODY``."""
    return StoredObject(ObjectMeta(*row[:META_COUNT]), row[META_COUNT], texts_of(row[META_COUNT + 1]))


def properties_of(text: str | None) -> dict[str, object]:
    """Read a column of service-owned JSON."""
    return _decode_any(text) if text else {}


def texts_of(text: str | None) -> dict[str, str]:
    """Read a column of dead properties."""
    return _decode_text(text) if text else {}


def json_of(values: Mapping[str, object]) -> str:
    """Return JSON values as a column's text."""
    return _encode(values).decode()


def json_or_null(values: Mapping[str, object]) -> str | None:
    """Return JSON values as a column's text, nothing as NULL."""
    return _encode(values).decode() if values else None


def require_text(what: str, text: str, maximum: int) -> None:
    """Refuse text that a column cannot hold, alike on all databases.

    Raises:
        TooLarge: longer than ``maximum`` code points (SQLite would take it).
        MalformedInput: NUL (PostgreSQL) or a lone surrogate (nobody takes it).
    """
    if len(text) > maximum:
        raise TooLarge(f"{what} is longer than {maximum} characters")
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise MalformedInput(f"{what} is not Unicode text")
    if "\0" in text:
        raise MalformedInput(f"{what} contains NUL")


def plain(text: str) -> str:
    """Return derived text as every column can hold it: without NUL and lone surrogates."""
    if not text.isascii():
        text = text.encode(errors="replace").decode()
    return text.replace("\0", "")


def length_of(column: sa.Column[Any]) -> int:
    """Return how many code points a text column holds."""
    length = getattr(column.type, "length", None)
    if not isinstance(length, int):
        raise TypeError(f"{column} has no length")
    return length


NAME_MAX: Final = length_of(object_.c.name)
