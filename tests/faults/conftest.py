"""Two workers on each kind of database, and somebody new for each test."""

from collections.abc import Iterator
from itertools import count

import pytest

from tests.support.folkmoot import Folkmoot, Person, running
from tests.support.servers import mariadb_server, postgresql_server

__all__ = ["mariadb_server", "postgresql_server"]

DATABASES = ("sqlite", "mariadb", "postgresql")
_serial = count(1)


@pytest.fixture(scope="module", params=DATABASES)
def folkmoot(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Folkmoot]:
    """A server of two workers, whose log and store are checked at the end."""
    server = None if request.param == "sqlite" else request.getfixturevalue(f"{request.param}_server")
    with running(tmp_path_factory.mktemp("folkmoot"), server) as started:
        yield started


@pytest.fixture
def person(folkmoot: Folkmoot) -> Person:
    """Somebody whose collections nobody has touched yet."""
    return folkmoot.add(Person(f"person{next(_serial)}", "secret"))
