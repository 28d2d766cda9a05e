"""The databases that the tests of this room run on, and a directory whose people are a dictionary."""

import pytest

from tests.support.cheap_hashes import cheap_hashes
from tests.support.memory_source import Memory
from tests.support.servers import database, empty_url, mariadb_server, postgresql_server

__all__ = ["cheap_hashes", "database", "empty_url", "mariadb_server", "postgresql_server"]


@pytest.fixture
def memory() -> Memory:
    return Memory({"anna": "secret", "bert": "hunter2", "root": "r"})
