"""Encrypted connections: MySQL4SSLEnabled and its fellows, and the sslmode of PostgreSQL's URLs."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from folkmoot.config.check import check
from folkmoot.config.database_section import DatabaseSettings
from folkmoot.config.sources import SqlSource
from folkmoot.config.url import DatabaseUrl, parse_database_url
from folkmoot.core.errors import ConfigurationError, Unavailable
from folkmoot.database import Database, Session, Statement
from folkmoot.database.address import address, pool_size
from folkmoot.directory.opening import _database
from folkmoot.directory.source_database import SourceDatabase
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


@pytest.mark.live
async def test_a_client_shows_its_own_certificate(mariadb_server: Server) -> None:
    root = Database.open(of(mariadb_server, PLAIN), pool_size=1)
    async with await root as database:
        await database.exclusively(lambda session: session.run("CREATE OR REPLACE USER shown@'%' REQUIRE X509"))
    url = parse_database_url(f"mysql://shown@127.0.0.1:{mariadb_server.port}/information_schema")
    with pytest.raises(Unavailable):
        await cipher(address(url, ENCRYPTED))
    directory = mariadb_server.directory
    settings = replace(
        ENCRYPTED,
        mysql_tls_certificate_path=str(directory / "certificate.pem"),
        mysql_tls_key_path=str(directory / "key.pem"),
    )
    assert await cipher(address(url, settings)) != ""


@pytest.mark.live
async def test_a_user_source_is_asked_over_an_encrypted_connection_too(mariadb_server: Server) -> None:
    async with await Database.open(of(mariadb_server, PLAIN), pool_size=1) as database:
        await database.exclusively(lambda session: session.run("CREATE OR REPLACE USER source@'%' REQUIRE SSL"))
    view = f"mysql://source@127.0.0.1:{mariadb_server.port}/information_schema/tables"
    source = f"{{ type = sql; id = a; viewURL = '{view}'; }}"
    one = Statement(sa.select(sa.literal(1)))
    for enabled, answered in (("YES", True), ("NO", False)):
        settings = check(f"{{ SOGoUserSources = ({source}); MySQL4SSLEnabled = {enabled}; }}").settings
        (entry,) = settings.people.sources
        assert isinstance(entry, SqlSource)
        databases: dict[DatabaseUrl, SourceDatabase] = {}
        place = _database(databases, entry.view_url, settings)
        try:
            if answered:
                assert await place.read(lambda tx: tx.fetch_one(one)) is not None
            else:
                with pytest.raises(Unavailable):
                    await place.read(lambda tx: tx.fetch_one(one))
        finally:
            await place.close()


async def in_postgresql(url: str) -> bool:
    statement = Statement(
        sa.text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").columns(sa.column("ssl", sa.Boolean))
    )
    async with await Database.open(url, pool_size=1) as database:
        row = await database.read(lambda tx: tx.fetch_one(statement))
    assert row is not None
    return bool(row[0])


@pytest.mark.live
async def test_connections_to_postgresql_are_encrypted_as_sslmode_says(
    postgresql_server: Server, tmp_path: Path
) -> None:
    url = postgresql_server.name("postgres")
    assert await in_postgresql(f"{url}?sslmode=require")
    assert not await in_postgresql(f"{url}?sslmode=disable")
    ours = postgresql_server.directory / "certificate.pem"
    assert await in_postgresql(f"{url}?sslmode=verify-ca&sslrootcert={ours}")
    with pytest.raises(Unavailable):
        await in_postgresql(f"{url}?sslmode=verify-ca&sslrootcert={certificate(tmp_path)}")
    with pytest.raises(Unavailable):  # the certificate is for another host
        await in_postgresql(f"{url}?sslmode=verify-full&sslrootcert={ours}")


@pytest.mark.parametrize("options", ["sslmode=yes", "sslmode=verify-ca&sslrootcert=/nonexistent"])
async def test_tls_of_postgresql_that_cannot_be_is_a_fault_of_the_settings(options: str) -> None:
    with pytest.raises(ConfigurationError, match="ssl"):
        await Database.open(f"postgresql://a@127.0.0.1:1/b?{options}")


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
