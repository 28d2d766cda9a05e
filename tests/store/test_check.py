"""The consistency check sees each kind of broken promise."""

import pytest

from folkmoot.database import Database, migrate
from folkmoot.store.check import check_store
from tests.support.servers import sqlite_url
from tests.support.store import make_home

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        ("UPDATE object SET revision = 99 WHERE name = 'a'", "revision 99"),
        ("UPDATE object SET revision = 2", "several rows"),
        ("UPDATE object SET size = 7 WHERE name = 'a'", "octets"),
        ("UPDATE object SET etag = 'x' WHERE name = 'a'", "ETag"),
        ("UPDATE object SET has_dead_properties = 1 WHERE name = 'a'", "dead properties"),
        ("DELETE FROM object_body", "no body"),
        ("DELETE FROM object WHERE name = 'a'", "body without an object"),
        ("UPDATE object SET deleted = 1 WHERE name = 'a'", "tombstone with a body"),
        ("UPDATE object SET uid = 'x' WHERE name = 'gone'", "tombstone with a UID"),
        ("DELETE FROM collection", "does not exist"),
        ("UPDATE collection SET history_start = 99", "history"),
        ("UPDATE collection SET properties = '['", "JSON"),
        ("UPDATE collection SET dead_properties = '{\"a\":1}'", "JSON"),
    ],
)
async def test_damage_is_reported(damage: str, fault: str) -> None:
    async with sqlite_url() as url, await Database.open(url) as database:
        await migrate(database)
        home = await make_home(database)
        await home.put("a")
        await home.put("gone")
        await home.delete("gone")
        assert await check_store(database) == []
        await database.exclusively(lambda session: session.run(damage))
        assert any(fault in str(found) for found in await check_store(database))


async def test_etags_taken_over_are_believed() -> None:
    async with sqlite_url() as url, await Database.open(url) as database:
        await migrate(database)
        home = await make_home(database)
        await home.put("a")
        await database.exclusively(lambda session: session.run("UPDATE object SET etag = 'gcs00000001'"))
        assert await check_store(database) == []
