"""The first schema."""

from typing import Any, Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0001"
down_revision = None

_TABLE: Final[dict[str, Any]] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_0900_bin",
    "mysql_row_format": "DYNAMIC",
    "mariadb_engine": "InnoDB",
    "mariadb_charset": "utf8mb4",
    "mariadb_collate": "utf8mb4_nopad_bin",
    "mariadb_row_format": "DYNAMIC",
}
_Id: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_Body: Final = sa.LargeBinary().with_variant(mysql.LONGBLOB(), "mysql", "mariadb")
_Text: Final = (
    sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb").with_variant(sa.Text(collation="C"), "postgresql")
)


def _string(length: int) -> sa.String:
    """Text of so many code points; PostgreSQL, too, compares it by code point."""
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "collection",
        sa.Column("id", _Id, primary_key=True, autoincrement=True),
        sa.Column("owner", _string(255), nullable=False),
        sa.Column("kind", _string(16), nullable=False),
        sa.Column("name", _string(255), nullable=False),
        sa.Column("properties", _Text, nullable=False),
        sa.Column("dead_properties", _Text, nullable=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("history_start", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("modified_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("owner", "kind", "name", name="collection_place"),
        sqlite_autoincrement=True,
        **_TABLE,
    )
    op.create_index("collection_modified_at", "collection", ["modified_at"])
    op.create_table(
        "object",
        sa.Column("collection_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("name", _string(255), primary_key=True),
        sa.Column("uid", _string(255), nullable=True),
        sa.Column("etag", _string(64), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("content_type", _string(127), nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("deleted", sa.SmallInteger, nullable=False),
        sa.Column("has_dead_properties", sa.SmallInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("modified_at", sa.BigInteger, nullable=False),
        sa.Column("component", _string(16), nullable=False),
        sa.Column("starts_at", sa.BigInteger, nullable=True),
        sa.Column("ends_at", sa.BigInteger, nullable=True),
        sa.Column("exact", sa.SmallInteger, nullable=False),
        sa.Column("transparent", sa.SmallInteger, nullable=False),
        sa.Column("classification", sa.SmallInteger, nullable=False),
        sa.Column("status", _string(16), nullable=False),
        sa.Column("title", _string(255), nullable=False),
        sa.Column("search", _Text, nullable=True),
        sa.UniqueConstraint("collection_id", "uid", name="object_uid"),
        sqlite_with_rowid=False,
        **_TABLE,
    )
    op.create_index("object_revision", "object", ["collection_id", "revision"])
    op.create_table(
        "object_body",
        sa.Column("collection_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("name", _string(255), primary_key=True),
        sa.Column("body", _Body, nullable=False),
        sa.Column("dead_properties", _Text, nullable=True),
        **_TABLE,
    )
    op.create_table(
        "collection_grant",
        sa.Column("collection_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("subject", _string(255), primary_key=True),
        sa.Column("role", _string(48), primary_key=True),
        **_TABLE,
    )
    op.create_index("collection_grant_subject", "collection_grant", ["subject"])
    op.create_table(
        "dav_lock",
        sa.Column("token", _string(64), primary_key=True),
        sa.Column("owner", _string(255), nullable=False),
        sa.Column("path", _string(767), nullable=False),
        sa.Column("infinite", sa.SmallInteger, nullable=False),
        sa.Column("exclusive", sa.SmallInteger, nullable=False),
        sa.Column("principal", _string(255), nullable=False),
        sa.Column("owner_xml", _Text, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        **_TABLE,
    )
    op.create_index("dav_lock_owner", "dav_lock", ["owner"])
    op.create_table(
        "profile",
        sa.Column("principal", _string(255), primary_key=True),
        sa.Column("properties", _Text, nullable=False),
        sa.Column("dead_properties", _Text, nullable=True),
        sa.Column("modified_at", sa.BigInteger, nullable=False),
        **_TABLE,
    )
    op.create_table(
        "local_user",
        sa.Column("login", _string(255), primary_key=True),
        sa.Column("password", _Text, nullable=False),
        sa.Column("display_name", _string(255), nullable=False),
        sa.Column("mail", _string(255), nullable=False),
        sa.Column("aliases", _Text, nullable=False),
        sa.Column("kind", _string(16), nullable=False),
        sa.Column("multiple_bookings", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("modified_at", sa.BigInteger, nullable=False),
        **_TABLE,
    )
    op.create_table(
        "login_failure",
        sa.Column("login", _string(255), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("first_at", sa.BigInteger, nullable=False),
        sa.Column("blocked_until", sa.BigInteger, nullable=False),
        **_TABLE,
    )
    op.create_table(
        "secret",
        sa.Column("name", _string(64), primary_key=True),
        sa.Column("value", _string(255), nullable=False),
        **_TABLE,
    )
