"""Ids that stay with an object when it moves, and the revision it was made at."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Change nothing yet."""
