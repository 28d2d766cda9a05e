"""Units of work: all or nothing, repeated where that is safe, and honest about what failed."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from folkmoot.core.errors import ConfigurationError, MalformedInput, Unavailable
from folkmoot.database import Database, DuplicateKey, Row, Session, Statement, Transaction, insert_if_absent, migrate
from folkmoot.database.dialect import absent_only, contains, upsert, within
from folkmoot.database.errors import ConnectionLost, Interrupted
from folkmoot.database.schema import secret
from tests.support.servers import sqlite_url

pytestmark = pytest.mark.anyio

INSERT = Statement(sa.insert(secret))
UPSERT = Statement(lambda dialect: upsert(dialect, secret))
ABSENT = Statement(lambda dialect: absent_only(dialect, secret))
GET = Statement(sa.select(secret.c.value).where(secret.c.name == sa.bindparam("name")))
NAMES = Statement(sa.select(secret.c.name).where(within(secret.c.name, "names")).order_by(secret.c.name))
CONTAINING = Statement(sa.select(secret.c.name).where(contains(secret.c.value, "text")))
SET = Statement(sa.update(secret).where(secret.c.name == sa.bindparam("name")).values(value=sa.bindparam("value")))


async def _value(database: Database, name: str) -> str | None:
    row = await database.read(lambda tx: tx.fetch_one(GET, name=name))
    return None if row is None else row[0]


async def _insert(tx: Transaction, *, name: str, value: str) -> None:
    await tx.execute(INSERT, name=name, value=value)


async def _containing(tx: Transaction, *, text: str) -> Sequence[Row]:
    return await tx.fetch_all(CONTAINING, text=text)


async def test_a_unit_that_fails_leaves_nothing(database: Database) -> None:
    async def work(tx: Transaction) -> None:
        await tx.execute(INSERT, name="a", value="1")
        raise RuntimeError("crash")

    for _ in range(20):  # more often than there are connections
        with pytest.raises(RuntimeError, match="crash"):
            await database.write(work)
    assert await _value(database, "a") is None


async def test_a_unit_that_is_cancelled_leaves_nothing_and_harms_nobody(database: Database) -> None:
    if database.dialect == "sqlite":
        pytest.skip("a unit is one hop there: it is over before it can be cancelled")
    reached = asyncio.Event()

    async def work(tx: Transaction) -> None:
        await tx.execute(INSERT, name="a", value="1")
        reached.set()
        await asyncio.sleep(60)

    for _ in range(20):
        reached.clear()
        task = asyncio.create_task(database.write(work))
        await reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await _value(database, "a") is None
    await database.write(lambda tx: tx.execute(INSERT, name="a", value="2"))
    assert await _value(database, "a") == "2"


async def test_a_taken_key_is_a_duplicate(database: Database) -> None:
    await database.write(lambda tx: tx.execute(INSERT, name="a", value="1"))
    with pytest.raises(DuplicateKey):
        await database.write(lambda tx: tx.execute(INSERT, name="a", value="2"))
    assert not await database.write(lambda tx: insert_if_absent(tx, ABSENT, name="a", value="2"))
    assert await database.write(lambda tx: insert_if_absent(tx, ABSENT, name="b", value="2"))
    await database.write(lambda tx: tx.execute(UPSERT, name="a", value="3"))
    assert await _value(database, "a") == "3"


async def test_row_counts_are_of_matched_rows(database: Database) -> None:
    await database.write(lambda tx: tx.execute(INSERT, name="a", value="1"))
    for _ in range(2):  # the second one changes nothing
        assert await database.write(lambda tx: tx.execute(SET, name="a", value="2")) == 1
    assert await database.write(lambda tx: tx.execute(SET, name="b", value="2")) == 0


async def test_lists_of_any_length_are_one_parameter(database: Database) -> None:
    awkward = ["it's", 'a "quote"', "back\\slash", "100%s", "ü🎉", "[]", ""]
    rows = [{"name": name, "value": name} for name in awkward]
    await database.write(lambda tx: tx.execute_many(INSERT, rows))
    found = await database.read(lambda tx: tx.fetch_all(NAMES, names=[*awkward, *(f"n{i}" for i in range(5000))]))
    assert [row[0] for row in found] == sorted(awkward)
    assert not await database.read(lambda tx: tx.fetch_all(NAMES, names=[]))
    for text in ("%", "\\", "'", "🎉", '"q'):
        hits = await database.read(partial(_containing, text=text))
        assert {row[0] for row in hits} == {name for name in awkward if text in name}


async def test_values_that_no_column_holds_are_malformed(database: Database) -> None:
    with pytest.raises(MalformedInput):
        await database.read(lambda tx: tx.fetch_all(GET, name="\ud800"))


async def test_text_is_compared_by_code_point(database: Database) -> None:
    for name in ("a", "A", "ä", "a ", "b"):
        await database.write(partial(_insert, name=name, value=name))
    for name in ("a", "A", "ä", "a ", "b"):
        assert await _value(database, name) == name


async def test_interrupted_units_are_repeated_and_then_given_up(database: Database) -> None:
    attempts = 0

    async def twice(tx: Transaction) -> int:
        nonlocal attempts
        attempts += 1
        await tx.execute(INSERT, name="a", value=str(attempts))
        if attempts < 3:
            raise Interrupted("deadlock")
        return attempts

    assert await database.write(twice) == 3
    assert await _value(database, "a") == "3"

    async def never(_: Transaction) -> None:
        raise Interrupted("deadlock")

    with pytest.raises(Unavailable):
        await database.write(never)


async def test_deadlocks_resolve_themselves(database: Database) -> None:
    for name in ("a", "b"):
        await database.write(partial(_insert, name=name, value="0"))

    def crossing(*names: str) -> Callable[[Transaction], Awaitable[None]]:
        async def work(tx: Transaction) -> None:
            for name in names:
                await tx.execute(SET, name=name, value="".join(names))

        return work

    async with asyncio.TaskGroup() as tasks:
        for _ in range(2):  # PostgreSQL takes a second to notice each
            tasks.create_task(database.write(crossing("a", "b")))
            tasks.create_task(database.write(crossing("b", "a")))
    assert await _value(database, "a") == await _value(database, "b")


async def test_a_lost_connection_is_tried_once_more(database: Database) -> None:
    lost = 0

    async def work(tx: Transaction) -> str:
        nonlocal lost
        if not lost:
            lost += 1
            raise ConnectionLost("gone")
        await tx.execute(UPSERT, name="a", value="1")
        return "done"

    assert await database.write(work) == "done"

    async def gone(_: Transaction) -> None:
        raise ConnectionLost("gone")

    with pytest.raises(Unavailable):
        await database.read(gone)


async def test_what_awaits_something_else_is_a_bug_on_sqlite(database: Database) -> None:
    if database.dialect != "sqlite":
        pytest.skip("the servers' units run on the loop")

    async def work(_: Transaction) -> None:
        await asyncio.sleep(1)

    with pytest.raises(RuntimeError):
        await database.write(work)
    await database.write(lambda tx: tx.execute(INSERT, name="a", value="1"))


PEERS = {
    "mysql": "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()",
    "postgresql": (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    ),
}
ONE = Statement(sa.text("SELECT 1"))


async def _end_all_connections(session: Session, dialect: str) -> None:
    for row in await session.fetch(PEERS[dialect]):
        if dialect == "mysql":
            await session.run(f"KILL {row[0]}")


async def test_connections_that_the_server_closed_are_replaced(database: Database, empty_url: str) -> None:
    if database.dialect == "sqlite":
        pytest.skip("there is no server")

    async def one(tx: Transaction) -> int:
        row = await tx.fetch_one(ONE)
        return 0 if row is None else int(row[0])

    async with asyncio.TaskGroup() as tasks:
        for _ in range(5):
            tasks.create_task(database.read(one))
    async with await Database.open(empty_url, pool_size=1) as other:
        await other.exclusively(partial(_end_all_connections, dialect=database.dialect))
    assert await database.read(one) == 1
    assert await database.write(one) == 1


def _mode(path: str) -> int:
    return Path(path).stat().st_mode


async def test_a_sqlite_file_is_for_its_owner_alone() -> None:
    async with sqlite_url() as url, await Database.open(url):
        assert _mode(url.removeprefix("sqlite:///")) & 0o077 == 0


COUNTER = """
import asyncio, sys
import sqlalchemy as sa
from folkmoot.database import Database, Statement
from folkmoot.database.schema import secret

GET = Statement(sa.select(secret.c.value))
SET = Statement(sa.update(secret).values(value=sa.bindparam("value")))

async def work(tx):
    row = await tx.fetch_one(GET)
    await tx.execute(SET, value=str(int(row[0]) + 1))

async def main():
    async with await Database.open(sys.argv[1]) as database:
        for _ in range(100):
            await database.write(work)

asyncio.run(main())
"""


async def test_workers_share_one_sqlite_file() -> None:
    async with sqlite_url() as url, await Database.open(url) as database:
        await migrate(database)
        await database.write(lambda tx: tx.execute(INSERT, name="counter", value="0"))
        workers = [await asyncio.create_subprocess_exec(sys.executable, "-c", COUNTER, url) for _ in range(3)]
        assert [await worker.wait() for worker in workers] == [0, 0, 0]
        assert await _value(database, "counter") == "300"


@pytest.mark.parametrize(
    "url", ["", "nonsense", "oracle://a/b", "mysql://u:p@h:nonsense/x", "sqlite://", "sqlite:///:memory:"]
)
async def test_what_is_no_database_is_a_fault_of_configuration(url: str) -> None:
    with pytest.raises(ConfigurationError):
        await Database.open(url)


@pytest.mark.parametrize(
    "url",
    ["sqlite:////nonexistent/directory/x.db", "mysql://u:p@127.0.0.1:1/x", "postgresql://u:p@127.0.0.1:1/x"],
)
async def test_a_database_that_is_not_there_is_unavailable(url: str) -> None:
    with pytest.raises(Unavailable):
        await Database.open(url)
