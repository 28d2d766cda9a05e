"""Where browsers are told of changes while they are away."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Change nothing yet."""
