"""Going through all profiles."""

from functools import partial

import pytest

from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database, Transaction
from folkmoot.store import profiles

pytestmark = pytest.mark.anyio


async def test_profiles_come_in_pages_and_none_twice(database: Database) -> None:
    names = sorted(f"person-{number}" for number in range(profiles.PRINCIPALS_MAX + 3))

    async def fill(tx: Transaction) -> None:
        for name in names:
            properties = {"defaults": {"name": name}}
            await profiles.set_(tx, PrincipalId(name), properties=properties, dead_properties={}, now=1)

    await database.write(fill)
    found: list[str] = []
    last = PrincipalId("")
    while page := await database.read(partial(profiles.list_after, principal=last)):
        found += [one.principal for one in page]
        assert all(one.properties == {"defaults": {"name": one.principal}} for one in page)
        last = page[-1].principal
    assert sorted(found) == names
