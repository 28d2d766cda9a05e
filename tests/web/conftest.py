"""The web face over a database on SQLite."""

import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from folkmoot.database import Database
from tests.support.cheap_hashes import cheap_hashes
from tests.support.clock import SetClock
from tests.support.memory_source import Memory
from tests.support.web import Browser, Town

__all__ = ["cheap_hashes"]


@pytest.fixture
async def database(tmp_path: Path, migrated_file: Path, anyio_backend: str) -> AsyncIterator[Database]:
    """An empty database."""
    shutil.copy(migrated_file, tmp_path / "web.db")
    async with await Database.open(f"sqlite:///{tmp_path}/web.db") as database:
        yield database


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 6, 1, 6, tzinfo=UTC))


@pytest.fixture
def memory() -> Memory:
    return Memory({"anna": "secret", "bert": "hunter2", "root": "r"})


@pytest.fixture
async def town(database: Database, memory: Memory, clock: SetClock) -> Town:
    return Town(database, memory, clock)


@pytest.fixture
async def browser(town: Town) -> Browser:
    """A browser in which nobody has signed in."""
    return town.browser


@pytest.fixture
async def anna(browser: Browser) -> Browser:
    """A browser in which anna has signed in."""
    assert (await browser.sign_in()).status == 200
    return browser
