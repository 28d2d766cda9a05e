"""Mail accounts elsewhere, as rows."""

import pytest

from folkmoot.core.errors import TooLarge
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.store import mail_accounts

pytestmark = pytest.mark.anyio
EVA, ADAM = PrincipalId("eva"), PrincipalId("adam")


async def test_an_account_is_its_owners_alone(database: Database) -> None:
    first = await database.write(
        lambda tx: mail_accounts.add(tx, EVA, properties={"name": "Zuhause ✉"}, sealed="c2VjcmV0", now=1)
    )
    second = await database.write(lambda tx: mail_accounts.add(tx, EVA, properties={}, sealed="", now=2))
    found = await database.read(lambda tx: mail_accounts.find(tx, EVA, first))
    assert found is not None
    assert (found.properties, found.sealed, found.created_at) == ({"name": "Zuhause ✉"}, "c2VjcmV0", 1)
    assert "c2VjcmV0" not in repr(found)
    assert await database.read(lambda tx: mail_accounts.find(tx, ADAM, first)) is None
    assert [one.id for one in await database.read(lambda tx: mail_accounts.list_of(tx, EVA))] == [first, second]
    assert await database.read(lambda tx: mail_accounts.count(tx, ADAM)) == 0


async def test_only_the_owner_replaces_and_removes_an_account(database: Database) -> None:
    one = await database.write(lambda tx: mail_accounts.add(tx, EVA, properties={"a": 1}, sealed="x", now=1))
    assert not await database.write(lambda tx: mail_accounts.replace(tx, ADAM, one, properties={}, sealed="", now=2))
    assert await database.write(lambda tx: mail_accounts.replace(tx, EVA, one, properties={"b": 2}, sealed="y", now=3))
    found = await database.read(lambda tx: mail_accounts.find(tx, EVA, one))
    assert found is not None
    assert (found.properties, found.sealed, found.created_at, found.modified_at) == ({"b": 2}, "y", 1, 3)
    assert not await database.write(lambda tx: mail_accounts.remove(tx, ADAM, one))
    assert await database.write(lambda tx: mail_accounts.remove(tx, EVA, one))
    assert await database.read(lambda tx: mail_accounts.count(tx, EVA)) == 0


async def test_what_is_kept_about_an_account_is_bounded(database: Database) -> None:
    long = {"signature": "x" * mail_accounts.PROPERTIES_MAX}
    with pytest.raises(TooLarge):
        await database.write(lambda tx: mail_accounts.add(tx, EVA, properties=long, sealed="", now=1))
