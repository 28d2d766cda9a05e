"""Keys for mail, as rows."""

from dataclasses import replace

import pytest

from folkmoot.core.errors import TooLarge
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database, Transaction
from folkmoot.store import mail_keys
from folkmoot.store.mail_keys import StoredMailKey

pytestmark = pytest.mark.anyio
EVA, ADAM = PrincipalId("eva"), PrincipalId("adam")
KEY = StoredMailKey(EVA, "0", "certificate of Eva", "sealed", 1)


async def test_an_account_has_one_key_and_the_new_one_replaces_it(database: Database) -> None:
    await database.write(lambda tx: mail_keys.put(tx, KEY))
    assert await database.read(lambda tx: mail_keys.find(tx, EVA, "0")) == KEY
    newer = replace(KEY, certificates="newer", sealed_key="other", created_at=2)
    await database.write(lambda tx: mail_keys.put(tx, newer))
    assert await database.read(lambda tx: mail_keys.list_of(tx, EVA)) == [newer]
    assert "sealed" not in repr(KEY)


async def test_keys_are_their_owners_and_their_accounts(database: Database) -> None:
    await database.write(lambda tx: mail_keys.put(tx, KEY))
    await database.write(lambda tx: mail_keys.put(tx, replace(KEY, account="7", certificates="elsewhere")))
    assert await database.read(lambda tx: mail_keys.find(tx, ADAM, "0")) is None
    assert await database.read(lambda tx: mail_keys.list_of(tx, ADAM)) == []
    assert not await database.write(lambda tx: mail_keys.remove(tx, ADAM, "0"))
    assert await database.write(lambda tx: mail_keys.remove(tx, EVA, "0"))
    assert [one.account for one in await database.read(lambda tx: mail_keys.list_of(tx, EVA))] == ["7"]


async def test_certificates_of_many_people_are_one_question(database: Database) -> None:
    await database.write(lambda tx: mail_keys.put(tx, KEY))
    await database.write(lambda tx: mail_keys.put(tx, replace(KEY, account="7", certificates="elsewhere")))
    await database.write(lambda tx: mail_keys.put(tx, replace(KEY, owner=ADAM, certificates="certificate of Adam")))
    found = await database.read(lambda tx: mail_keys.certificates_of(tx, [EVA, ADAM, PrincipalId("nobody")]))
    assert {owner: sorted(texts) for owner, texts in found.items()} == {
        EVA: ["certificate of Eva", "elsewhere"],
        ADAM: ["certificate of Adam"],
    }
    assert await database.read(lambda tx: mail_keys.certificates_of(tx, [])) == {}


async def test_what_is_kept_is_bounded(database: Database) -> None:
    for large in (
        replace(KEY, certificates="x" * (mail_keys.CERTIFICATES_MAX + 1)),
        replace(KEY, sealed_key="x" * (mail_keys.SEALED_MAX + 1)),
        replace(KEY, account="x" * (mail_keys.ACCOUNT_MAX + 1)),
    ):

        async def work(tx: Transaction, key: StoredMailKey = large) -> None:
            await mail_keys.put(tx, key)

        with pytest.raises(TooLarge):
            await database.write(work)
