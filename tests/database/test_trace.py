"""Statements in the log (MySQL4DebugEnabled, PGDebugEnabled)."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from folkmoot.config.database_section import DatabaseSettings
from folkmoot.config.url import parse_database_url
from folkmoot.database import Database, DuplicateKey, Statement, Transaction, migrate
from folkmoot.database.address import address
from folkmoot.database.schema import secret

pytestmark = pytest.mark.anyio

INSERT = Statement(sa.insert(secret))
NAMES = Statement(sa.select(secret.c.name))


async def _used(database: Database) -> None:
    async def work(tx: Transaction) -> None:
        await tx.execute(INSERT, name="a", value="hush")
        await tx.execute_many(INSERT, [{"name": "b", "value": "hush"}])
        assert await tx.fetch_one(NAMES) is not None

    await database.write(work)
    assert len(await database.read(lambda tx: tx.fetch_all(NAMES))) == 2
    with pytest.raises(DuplicateKey):
        await database.write(lambda tx: tx.execute(INSERT, name="a", value="hush"))


async def test_statements_are_logged_without_their_parameters(empty_url: str) -> None:
    joint = "&" if "?" in empty_url else "?"
    async with await Database.open(f"{empty_url}{joint}log_statements=yes", pool_size=2) as database:
        await migrate(database)
        with capture_logs() as lines:
            await _used(database)
    assert [line["event"] for line in lines] == ["statement"] * 5
    assert [line["sql"].split()[0] for line in lines] == ["INSERT", "INSERT", "SELECT", "SELECT", "INSERT"]
    assert [line["failed"] for line in lines] == ["", "", "", "", True]
    assert "hush" not in str(lines)


async def test_nothing_is_logged_unless_that_is_asked_for(empty_url: str) -> None:
    async with await Database.open(empty_url, pool_size=2) as database:
        await migrate(database)
        with capture_logs() as lines:
            await _used(database)
    assert lines == []


@pytest.mark.parametrize(
    ("url", "logged"), [("mysql://a@b/c", True), ("postgresql://a@b/c", False), ("sqlite:///tmp/x.sqlite", False)]
)
def test_each_kind_of_database_has_its_own_switch(url: str, logged: bool) -> None:
    settings = replace(DatabaseSettings(), mysql_statements_logged=True)
    assert ("log_statements=yes" in address(parse_database_url(url), settings)) is logged
    other = replace(DatabaseSettings(), postgresql_statements_logged=True)
    assert ("log_statements=yes" in address(parse_database_url(url), other)) is url.startswith("postgresql")
