"""JMAP on each database; ``embedded`` is SQLite alone, for what does not touch storage."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from folkmoot.database import Database
from tests.support.servers import database, empty_url, mariadb_server, postgresql_server


@pytest.fixture
async def embedded(tmp_path: Path, migrated_file: Path, anyio_backend: str) -> AsyncIterator[Database]:
    """An empty database on SQLite."""
    shutil.copy(migrated_file, tmp_path / "jmap.db")
    async with await Database.open(f"sqlite:///{tmp_path}/jmap.db") as opened:
        yield opened


__all__ = ["database", "embedded", "empty_url", "mariadb_server", "postgresql_server"]
