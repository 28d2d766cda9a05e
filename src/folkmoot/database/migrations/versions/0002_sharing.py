"""Sharing, scheduling and jobs."""

from typing import Any, Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0002"
down_revision = "0001"

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
_Text: Final = (
    sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb").with_variant(sa.Text(collation="C"), "postgresql")
)


def _string(length: int) -> sa.String:
    """Text of so many code points; PostgreSQL, too, compares it by code point."""
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    """Add what sharing, scheduling and jobs keep."""
    op.add_column("object", sa.Column("schedule_tag", _string(64), nullable=True))
    op.add_column("object", sa.Column("participation", _string(16), nullable=False, server_default=""))
    op.create_table(
        "subscription",
        sa.Column("principal", _string(255), primary_key=True),
        sa.Column("collection_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("properties", _Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        **_TABLE,
    )
    op.create_index("subscription_collection_id", "subscription", ["collection_id"])
    op.create_table(
        "share_invitation",
        sa.Column("collection_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("principal", _string(255), primary_key=True),
        sa.Column("uid", _string(64), nullable=False),
        sa.Column("access", _string(16), nullable=False),
        sa.Column("state", _string(16), nullable=False),
        sa.Column("summary", _string(255), nullable=False),
        sa.Column("modified_at", sa.BigInteger, nullable=False),
        **_TABLE,
    )
    op.create_index("share_invitation_principal", "share_invitation", ["principal"])
    op.create_table(
        "secret_link",
        sa.Column("digest", _string(64), primary_key=True),
        sa.Column("collection_id", sa.BigInteger, nullable=False),
        sa.Column("creator", _string(255), nullable=False),
        sa.Column("label", _string(255), nullable=False),
        sa.Column("sealed_token", _string(255), nullable=False),
        sa.Column("dates_only", sa.SmallInteger, nullable=False),
        sa.Column("with_private", sa.SmallInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=True),
        **_TABLE,
    )
    op.create_index("secret_link_collection_id", "secret_link", ["collection_id"])
    op.create_table(
        "web_calendar",
        sa.Column("collection_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("url", _Text, nullable=False),
        sa.Column("sealed_credentials", _Text, nullable=True),
        sa.Column("reload_on_login", sa.SmallInteger, nullable=False),
        sa.Column("etag", _string(255), nullable=False),
        sa.Column("last_modified", _string(127), nullable=False),
        sa.Column("fetched_at", sa.BigInteger, nullable=False),
        sa.Column("checked_at", sa.BigInteger, nullable=False),
        sa.Column("fault", _string(255), nullable=False),
        **_TABLE,
    )
    op.create_table(
        "outbox",
        sa.Column("id", _Id, primary_key=True, autoincrement=True),
        sa.Column("key", _string(64), nullable=False),
        sa.Column("kind", _string(16), nullable=False),
        sa.Column("sender", _string(255), nullable=False),
        sa.Column("recipient", _string(320), nullable=False),
        sa.Column("payload", _Text, nullable=False),
        sa.Column("state", _string(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("fault", _Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("modified_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("key", name="outbox_key"),
        sqlite_autoincrement=True,
        **_TABLE,
    )
    op.create_index("outbox_state", "outbox", ["state", "modified_at"])
    op.create_table(
        "job",
        sa.Column("id", _Id, primary_key=True, autoincrement=True),
        sa.Column("kind", _string(32), nullable=False),
        sa.Column("key", _string(255), nullable=False),
        sa.Column("payload", _Text, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("lease", _string(64), nullable=True),
        sa.Column("leased_until", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("fault", _Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("kind", "key", name="job_key"),
        sqlite_autoincrement=True,
        **_TABLE,
    )
    op.create_index("job_due_at", "job", ["due_at"])
    op.create_table(
        "session",
        sa.Column("digest", _string(64), primary_key=True),
        sa.Column("principal", _string(255), nullable=False),
        sa.Column("properties", _Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        **_TABLE,
    )
    op.create_index("session_principal", "session", ["principal"])
    op.create_index("session_expires_at", "session", ["expires_at"])
    op.create_table(
        "group_member",
        sa.Column("group_login", _string(255), primary_key=True),
        sa.Column("member", _string(320), primary_key=True),
        **_TABLE,
    )
    op.create_index("group_member_member", "group_member", ["member"])
