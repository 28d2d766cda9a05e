"""``localhost`` in the URL of a MariaDB: its unix socket, as for SOGo."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from folkmoot.database import Database, Statement, mariadb
from tests.support.servers import Server

pytestmark = [pytest.mark.anyio, pytest.mark.live]

HOST = Statement(
    sa.text("SELECT @@port, host FROM information_schema.processlist WHERE id = connection_id()").columns(
        sa.column("port", sa.Integer), sa.column("host", sa.String)
    )
)


async def connected(url: str) -> tuple[int, str]:
    """Return the port of the server that was reached, and from where it was."""
    async with await Database.open(url, pool_size=1) as database:
        row = await database.read(lambda tx: tx.fetch_one(HOST))
    assert row is not None
    return int(row[0]), str(row[1]).partition(":")[0]


@pytest.mark.parametrize("port", ["", ":3306"])
async def test_localhost_is_the_socket_where_there_is_one(
    mariadb_server: Server, monkeypatch: pytest.MonkeyPatch, port: str
) -> None:
    monkeypatch.setattr(mariadb, "SOCKETS", ("/nonexistent", str(mariadb_server.directory / "s")))
    found = await connected(f"mysql://folkmoot:secret@localhost{port}/mysql")
    assert found == (mariadb_server.port, "localhost")


async def test_localhost_with_a_port_of_its_own_is_that_port(
    mariadb_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mariadb, "SOCKETS", (str(mariadb_server.directory / "s"),))
    url = f"mysql://folkmoot:secret@localhost:{mariadb_server.port}/mysql"
    assert await connected(url) == (mariadb_server.port, "127.0.0.1")


async def test_a_file_that_is_no_socket_is_passed_over(
    mariadb_server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "mysqld.sock").touch()
    monkeypatch.setattr(mariadb, "SOCKETS", (str(tmp_path / "mysqld.sock"),))
    monkeypatch.setattr(mariadb, "PORT", mariadb_server.port)
    url = f"mysql://folkmoot:secret@localhost:{mariadb_server.port}/mysql"
    assert await connected(url) == (mariadb_server.port, "127.0.0.1")


async def test_an_address_is_never_the_socket(mariadb_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mariadb, "SOCKETS", (str(mariadb_server.directory / "s"),))
    monkeypatch.setattr(mariadb, "PORT", mariadb_server.port)
    assert await connected(f"mysql://folkmoot:secret@127.0.0.1:{mariadb_server.port}/mysql") == (
        mariadb_server.port,
        "127.0.0.1",
    )
