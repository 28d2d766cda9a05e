"""The DAV face over real services on SQLite, and a client of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from folkmoot.database import Database, migrate
from folkmoot.dav.face import DavFace
from folkmoot.dav.settings import DavSettings
from tests.support.dav import Dav, services_on


@pytest.fixture
async def dav(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Dav]:
    """A client of the face; its people are anna, ben, carl@example.org, staff and room."""
    async with await Database.open(f"sqlite:///{tmp_path}/dav.db") as database:
        await migrate(database)
        yield Dav(DavFace(services_on(database), DavSettings()))
