"""The databases that the tests of this room run on."""

from tests.support.servers import database, empty_url, mariadb_server, postgresql_server

__all__ = ["database", "empty_url", "mariadb_server", "postgresql_server"]
