"""Mail: external accounts, S/MIME keys, messages that wait to be sent, messages put off."""

from typing import Any, Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0003"
down_revision = "0002"

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
    """Add what mail keeps beside IMAP."""
    op.create_table(
        "mail_account",
        sa.Column("id", _Id, primary_key=True, autoincrement=True),
        sa.Column("owner", _string(255), nullable=False),
        sa.Column("properties", _Text, nullable=False),
        sa.Column("sealed", _Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("modified_at", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
        **_TABLE,
    )
    op.create_index("mail_account_owner", "mail_account", ["owner"])
    op.create_table(
        "mail_key",
        sa.Column("owner", _string(255), primary_key=True),
        sa.Column("account", _string(64), primary_key=True),
        sa.Column("certificates", _Text, nullable=False),
        sa.Column("sealed_key", _Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        **_TABLE,
    )
    op.create_table(
        "submission",
        sa.Column("id", _Id, primary_key=True, autoincrement=True),
        sa.Column("owner", _string(255), nullable=False),
        sa.Column("account", _string(64), nullable=False),
        sa.Column("message_id", _string(255), nullable=False),
        sa.Column("mailbox", _Text, nullable=False),
        sa.Column("uid_validity", sa.BigInteger, nullable=False),
        sa.Column("uid", sa.BigInteger, nullable=False),
        sa.Column("payload", _Text, nullable=False),
        sa.Column("recipients", sa.Integer, nullable=False),
        sa.Column("state", _string(16), nullable=False),
        sa.Column("fault", _Text, nullable=False),
        sa.Column("send_at", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("modified_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("owner", "message_id", name="submission_message"),
        sqlite_autoincrement=True,
        **_TABLE,
    )
    op.create_index("submission_owner", "submission", ["owner", "created_at"])
    op.create_table(
        "snoozed",
        sa.Column("id", _Id, primary_key=True, autoincrement=True),
        sa.Column("owner", _string(255), nullable=False),
        sa.Column("account", _string(64), nullable=False),
        sa.Column("origin", _Text, nullable=False),
        sa.Column("mailbox", _Text, nullable=False),
        sa.Column("uid_validity", sa.BigInteger, nullable=False),
        sa.Column("uid", sa.BigInteger, nullable=False),
        sa.Column("message_id", _Text, nullable=False),
        sa.Column("until_at", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
        **_TABLE,
    )
    op.create_index("snoozed_owner", "snoozed", ["owner", "until_at"])
