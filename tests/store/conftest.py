"""The databases that the tests of this room run on."""

import pytest

from folkmoot.database import Database
from tests.support.servers import database, empty_url, mariadb_server, postgresql_server
from tests.support.store import Home, make_home


@pytest.fixture
async def home(database: Database) -> Home:
    """One empty calendar, once for each kind of database."""
    return await make_home(database)


__all__ = ["database", "empty_url", "home", "mariadb_server", "postgresql_server"]
