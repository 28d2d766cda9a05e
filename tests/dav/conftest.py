"""The DAV face over real services on SQLite, and a client of it."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from folkmoot.database import Database
from folkmoot.dav.face import DavFace
from folkmoot.dav.settings import DavSettings
from tests.support.dav import Dav, services_on


@pytest.fixture
async def dav_database(tmp_path: Path, migrated_file: Path, anyio_backend: str) -> AsyncIterator[Database]:
    """An empty database of one's own."""
    shutil.copy(migrated_file, tmp_path / "office.db")
    async with await Database.open(f"sqlite:///{tmp_path}/office.db") as database:
        yield database


@pytest.fixture
async def dav(tmp_path: Path, migrated_file: Path, anyio_backend: str) -> AsyncIterator[Dav]:
    """A client of the face; its people are anna, ben, carl@example.org, staff and room."""
    shutil.copy(migrated_file, tmp_path / "dav.db")
    async with await Database.open(f"sqlite:///{tmp_path}/dav.db") as database:
        yield Dav(DavFace(services_on(database), DavSettings()))
