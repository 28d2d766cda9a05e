"""Encrypted connections to MariaDB and MySQL (MySQL4SSLEnabled and its fellows)."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from folkmoot.config.database_section import DatabaseSettings
from folkmoot.config.url import parse_database_url
from folkmoot.core.errors import ConfigurationError, Unavailable
from folkmoot.database import Database, Session
from folkmoot.database.address import address, pool_size
from tests.support.servers import Server

pytestmark = pytest.mark.anyio

PLAIN = DatabaseSettings()
ENCRYPTED = replace(PLAIN, mysql_tls=True)


def of(server: Server, settings: DatabaseSettings) -> str:
    return address(parse_database_url(server.name("mysql")), settings)


def certificate(directory: Path) -> Path:
    path = directory / "other.pem"
    request = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=other -keyout"
    subprocess.run([*request.split(), str(directory / "key"), "-out", str(path)], check=True, capture_output=True)
    return path


async def cipher(url: str) -> str:
    async with await Database.open(url, pool_size=1) as database:
        found: list[str] = []

        async def look(session: Session) -> None:
            rows = await session.fetch("SHOW STATUS LIKE 'Ssl_cipher'")
            found.append(str(rows[0][1]))

        await database.exclusively(look)
        return found[0]


@pytest.mark.live
async def test_a_connection_is_encrypted_only_where_that_is_configured(mariadb_server: Server) -> None:
    assert await cipher(of(mariadb_server, ENCRYPTED)) != ""
    assert await cipher(of(mariadb_server, PLAIN)) == ""


@pytest.mark.live
async def test_the_server_is_verified_where_an_authority_is_named(mariadb_server: Server, tmp_path: Path) -> None:
    ours = str(mariadb_server.directory / "certificate.pem")
    assert await cipher(of(mariadb_server, replace(ENCRYPTED, mysql_tls_authority_path=ours))) != ""
    other = certificate(tmp_path)
    with pytest.raises(Unavailable):
        await cipher(of(mariadb_server, replace(ENCRYPTED, mysql_tls_authority_path=str(other))))


async def test_a_certificate_that_cannot_be_read_is_a_fault_of_the_settings() -> None:
    url = parse_database_url("mysql://a@127.0.0.1:1/b")
    with pytest.raises(ConfigurationError, match="MySQL4SSL"):
        await Database.open(address(url, replace(ENCRYPTED, mysql_tls_authority_path="/nonexistent")))


@pytest.mark.parametrize(
    ("url", "size"), [("mysql://a@b/c", 7), ("postgresql://a@b/c", 9), ("sqlite:///tmp/x.sqlite", 0)]
)
async def test_the_number_of_connections_is_that_of_the_kind_of_database(url: str, size: int) -> None:
    settings = replace(PLAIN, mysql_connections_max=7, postgresql_connections_max=9)
    assert pool_size(parse_database_url(url), settings) == size
