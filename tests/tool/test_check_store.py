"""``folkmoot check-store``: one line for each fault, and an exit status."""

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner

from folkmoot.tool.check_store import check_store
from folkmoot.tool.environment import Invocation, open_database
from tests.support.store import make_home


@pytest.fixture
def invocation(tmp_path: Path) -> Invocation:
    file = tmp_path / "sogo.conf"
    file.write_text(f'{{ FolkmootDatabaseURL = "sqlite://{tmp_path}/x.db"; }}')
    return Invocation((file,))


def _fill(invocation: Invocation, damage: str | None = None) -> None:
    async def fill() -> None:
        async with open_database(invocation.settings()) as database:
            home = await make_home(database)
            await home.put("a")
            if damage is not None:
                await database.exclusively(lambda session: session.run(damage))

    asyncio.run(fill())


def test_a_sound_store_has_no_faults(invocation: Invocation) -> None:
    _fill(invocation)
    result = CliRunner().invoke(check_store, obj=invocation)
    assert (result.exit_code, result.stdout) == (0, "no faults\n")


def test_each_fault_is_one_line(invocation: Invocation) -> None:
    _fill(invocation, "UPDATE object SET size = 7")
    result = CliRunner().invoke(check_store, obj=invocation)
    assert (result.exit_code, result.stdout) == (1, "collection 1, a: 4 octets, but 7 by its row\n")
