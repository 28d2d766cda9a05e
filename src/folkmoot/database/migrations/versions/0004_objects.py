"""Ids that stay with an object when it moves, and the revision at which it came into its collection.

What is there already came at a revision that nobody wrote down: its present one is told instead, so that a client
which asks for the changes since before it hears of a new object once.
"""

import sqlalchemy as sa
from alembic import op

from folkmoot.database.migrate import repeated

revision = "0004"
down_revision = "0003"

BATCH = 10_000  # rows of one transaction where each statement is one: Galera refuses large ones

# Two draws, since one of MariaDB's holds only 30 random bits.
_SET = "UPDATE object SET created_revision = revision, oid = {}"
_DRAWN = "1 + FLOOR({0} * 67108864) * 134217728 + FLOOR({0} * 134217727)"


def upgrade() -> None:
    """Number the objects."""
    op.add_column("object", sa.Column("oid", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("object", sa.Column("created_revision", sa.BigInteger, nullable=False, server_default="0"))
    dialect = op.get_context().dialect.name
    if dialect == "sqlite":
        op.execute(_SET.format("1 + abs(random() % 9007199254740991)"))
    elif dialect == "postgresql":
        op.execute(_SET.format(_DRAWN.format("random()")))
    else:
        op.create_index("object_unnumbered", "object", ["oid"])
        number = f"{_SET.format(_DRAWN.format('RAND()'))} WHERE oid = 0 LIMIT {BATCH}"
        op.execute(repeated(number, "SELECT 1 FROM object WHERE oid = 0 LIMIT 1"))
        op.drop_index("object_unnumbered", "object")
    op.create_index("object_oid", "object", ["collection_id", "oid"])
