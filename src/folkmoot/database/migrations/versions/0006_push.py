"""Where browsers are told of changes while they are away."""

from typing import Any, Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0006"
down_revision = "0005"

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
    """Add the subscriptions of RFC 8620 section 7.2."""
    op.create_table(
        "push_subscription",
        sa.Column("id", _Id, primary_key=True, autoincrement=True),
        sa.Column("principal", _string(255), nullable=False),
        sa.Column("credential", _string(255), nullable=False),
        sa.Column("device", _string(255), nullable=False),
        sa.Column("url", _Text, nullable=False),
        sa.Column("properties", _Text, nullable=False),
        sa.Column("positions", _Text, nullable=False),
        sa.Column("code", _string(64), nullable=False),
        sa.Column("verified", sa.SmallInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
        **_TABLE,
    )
    op.create_index("push_subscription_principal", "push_subscription", ["principal"])
    op.create_index("push_subscription_expires_at", "push_subscription", ["expires_at"])
