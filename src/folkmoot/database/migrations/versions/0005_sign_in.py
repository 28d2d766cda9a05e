"""App passwords, second factors, passkeys, what is taken once, counted attempts, and how old local passwords are."""

from typing import Any, Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0005"
down_revision = "0004"

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
    """Add what sign-in keeps beside the password."""
    op.create_table(
        "app_password",
        sa.Column("id", _Id, primary_key=True, autoincrement=True),
        sa.Column("principal", _string(255), nullable=False),
        sa.Column("digest", _string(64), nullable=False),
        sa.Column("name", _string(255), nullable=False),
        sa.Column("scopes", _string(255), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.BigInteger, nullable=False),
        sa.Column("used_from", _string(255), nullable=False),
        sa.Column("used_by", _string(255), nullable=False),
        sa.UniqueConstraint("digest", name="app_password_digest"),
        sqlite_autoincrement=True,
        **_TABLE,
    )
    op.create_index("app_password_principal", "app_password", ["principal"])
    op.create_table(
        "second_factor",
        sa.Column("principal", _string(255), primary_key=True),
        sa.Column("pending", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sealed", _Text, nullable=False),
        sa.Column("last_step", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        **_TABLE,
    )
    op.create_table(
        "recovery_code",
        sa.Column("principal", _string(255), primary_key=True),
        sa.Column("digest", _string(64), primary_key=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        **_TABLE,
    )
    op.create_table(
        "passkey",
        sa.Column("id", _Id, primary_key=True, autoincrement=True),
        sa.Column("principal", _string(255), nullable=False),
        sa.Column("digest", _string(64), nullable=False),
        sa.Column("properties", _Text, nullable=False),
        sa.Column("name", _string(255), nullable=False),
        sa.Column("required", sa.Integer, nullable=False),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("digest", name="passkey_digest"),
        sqlite_autoincrement=True,
        **_TABLE,
    )
    op.create_index("passkey_principal", "passkey", ["principal"])
    op.create_table(
        "challenge",
        sa.Column("digest", _string(64), primary_key=True),
        sa.Column("purpose", _string(32), nullable=False),
        sa.Column("principal", _string(255), nullable=False),
        sa.Column("properties", _Text, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        **_TABLE,
    )
    op.create_index("challenge_principal", "challenge", ["principal"])
    op.create_index("challenge_expires_at", "challenge", ["expires_at"])
    op.create_table(
        "attempt",
        sa.Column("name", _string(255), primary_key=True),
        sa.Column("spent", sa.Integer, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        **_TABLE,
    )
    op.create_index("attempt_expires_at", "attempt", ["expires_at"])
    op.create_table(
        "local_password",
        sa.Column("login", _string(255), primary_key=True),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Column("must_change", sa.Integer, nullable=False),
        **_TABLE,
    )
