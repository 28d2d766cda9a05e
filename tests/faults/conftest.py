"""Two workers on each kind of database."""

from collections.abc import Iterator

import pytest

from tests.support.folkmoot import Folkmoot, running
from tests.support.servers import mariadb_server, postgresql_server

__all__ = ["mariadb_server", "postgresql_server"]

DATABASES = ("sqlite", "mariadb", "postgresql")


@pytest.fixture(params=DATABASES)
def folkmoot(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Folkmoot]:
    """A server of two workers, whose log and store are checked at the end."""
    server = None if request.param == "sqlite" else request.getfixturevalue(f"{request.param}_server")
    with running(tmp_path_factory.mktemp("folkmoot"), server) as started:
        yield started
