"""Migrations lead to the schema that the statements are written for."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy.schema import CreateIndex, CreateTable

from folkmoot.core.errors import ConfigurationError
from folkmoot.database import Database, Session, migrate
from folkmoot.database.migrate import VERSION_TABLE, _run, _steps
from folkmoot.database.schema import metadata
from folkmoot.store.records import OIDS
from tests.support.store import make_home

pytestmark = pytest.mark.anyio

_DESCRIBED = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name",
    "mysql": (
        "SELECT table_name, column_name, column_type, is_nullable, column_key, extra, collation_name, ordinal_position"
        " FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position"
    ),
    "postgresql": (
        "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, l.collname,"
        " pg_get_indexdef(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 LEFT JOIN pg_collation l ON l.oid = a.attcollation"
        " WHERE n.nspname = 'public' ORDER BY c.relname, a.attnum"
    ),
}
_INDEXES = (
    "SELECT table_name, index_name, seq_in_index, column_name, non_unique FROM information_schema.statistics"
    " WHERE table_schema = DATABASE() ORDER BY 1, 2, 3"
)


async def _described(database: Database) -> list[Sequence[object]]:
    async def read(session: Session) -> list[Sequence[object]]:
        rows = list(await session.fetch(_DESCRIBED[database.dialect]))
        if database.dialect == "mysql":
            rows += await session.fetch(_INDEXES)
        return [
            [" ".join(str(value).split()) for value in row]
            for row in rows
            if VERSION_TABLE not in row[0] and not str(row[0]).startswith("sqlite_")
        ]

    return await database.exclusively(read)


async def _drop_all(session: Session) -> None:
    for table in reversed(metadata.sorted_tables):
        await session.run(f"DROP TABLE {table.name}")


async def test_the_migrated_schema_is_the_declared_one(database: Database) -> None:
    migrated = await _described(database)
    await database.exclusively(_drop_all)

    async def create(session: Session) -> None:
        for table in metadata.sorted_tables:
            await session.run(str(CreateTable(table).compile(dialect=database.ddl_dialect)))
            for index in sorted(table.indexes, key=lambda index: str(index.name)):
                await session.run(str(CreateIndex(index).compile(dialect=database.ddl_dialect)))

    await database.exclusively(create)
    assert await _described(database) == migrated


async def test_workers_that_start_together_migrate_once(empty_url: str) -> None:
    async def worker() -> None:
        async with await Database.open(empty_url, pool_size=2) as database:
            await migrate(database)

    async with asyncio.TaskGroup() as workers:
        for _ in range(4):
            workers.create_task(worker())


async def test_a_database_of_a_later_version_is_refused(database: Database) -> None:
    later = f"UPDATE {VERSION_TABLE} SET version_num = '9999'"  # noqa: S608
    await database.exclusively(lambda session: session.run(later))
    with pytest.raises(ConfigurationError):
        await migrate(database)


async def test_objects_that_are_there_are_numbered(database: Database) -> None:
    made = await make_home(database)
    for number in range(30):
        await made.put(f"{number}")

    async def number_again(session: Session) -> list[Sequence[int]]:
        drop = "DROP INDEX object_oid ON object" if database.dialect == "mysql" else "DROP INDEX object_oid"
        await session.run(drop)
        for column in ("oid", "created_revision"):
            await session.run(f"ALTER TABLE object DROP COLUMN {column}")
        for sql in _steps("0003", database.ddl_dialect):
            if VERSION_TABLE in sql:
                break
            await _run(session, sql)
        return [list(row) for row in await session.fetch("SELECT oid, created_revision, revision FROM object")]

    rows = await database.exclusively(number_again)
    assert len({oid for oid, _, _ in rows}) == 30
    assert all(0 < oid < OIDS and created == revision for oid, created, revision in rows)
