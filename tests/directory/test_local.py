"""The built-in user source beyond what all sources do."""

import asyncio

import pytest
import sqlalchemy as sa

from folkmoot.core.clock import SystemClock
from folkmoot.core.errors import Conflict, MalformedInput, NotFound
from folkmoot.database import Database, Statement, Transaction
from folkmoot.database.schema import local_user
from folkmoot.directory.local import LocalUserSource, NewUser
from folkmoot.directory.passwords import hash_password
from folkmoot.directory.source import Authenticated, Refusal
from folkmoot.directory.verifier import Verifier

pytestmark = pytest.mark.anyio

_STORED = Statement(sa.select(local_user.c.password).where(local_user.c.login == sa.bindparam("of")))
_STORE = Statement(
    sa.update(local_user).where(local_user.c.login == sa.bindparam("of")).values(password=sa.bindparam("stored"))
)


async def stored(database: Database, login: str) -> str:
    row = await database.read(lambda tx: tx.fetch_one(_STORED, of=login))
    assert row is not None
    return str(row[0])


async def store(database: Database, login: str, value: str) -> None:
    async def work(tx: Transaction) -> int:
        return await tx.execute(_STORE, of=login, stored=value)

    await database.write(work)


@pytest.fixture
def local(database: Database, verifier: Verifier) -> LocalUserSource:
    return LocalUserSource(database, verifier, SystemClock())


@pytest.mark.parametrize("login", ["Anna", "ANNA", " anna ", "anna"])
async def test_logins_are_read_in_any_case(local: LocalUserSource, login: str) -> None:
    await local.add(NewUser("Anna"), "p")
    result = await local.check(login, "p")
    assert isinstance(result, Authenticated)
    assert result.principal.id == "anna"


async def test_new_passwords_are_argon2id(local: LocalUserSource, database: Database) -> None:
    await local.add(NewUser("anna"), "p")
    assert (await stored(database, "anna")).startswith("{ARGON2ID}$argon2id$")


async def test_an_address_as_login_is_the_main_address_too(local: LocalUserSource) -> None:
    added = await local.add(NewUser("anna@example.org"), None)
    assert added.mails == ("anna@example.org",)


@pytest.mark.parametrize("rehash", [False, True])
async def test_passwords_are_hashed_anew_only_with_consent(
    database: Database, verifier: Verifier, *, rehash: bool
) -> None:
    local = LocalUserSource(database, verifier, SystemClock(), rehash=rehash)
    await local.add(NewUser("anna"), "p")
    old = hash_password("p", "ssha")
    await store(database, "anna", old)
    assert await local.check("anna", "wrong") is Refusal.WRONG
    assert await stored(database, "anna") == old
    result = await local.check("anna", "p")
    assert isinstance(result, Authenticated)
    assert (await stored(database, "anna") != old) is rehash
    assert await local.recheck(result) == result
    assert isinstance(await local.check("anna", "p"), Authenticated)


async def test_one_login_is_added_once_however_many_try(local: LocalUserSource) -> None:
    results = await asyncio.gather(*(local.add(NewUser("anna"), None) for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(result, Conflict) for result in results) == 7


async def test_who_is_not_there_can_be_neither_changed_nor_removed(local: LocalUserSource) -> None:
    with pytest.raises(NotFound):
        await local.set_password("anna", "p")
    with pytest.raises(NotFound):
        await local.remove("anna")


@pytest.mark.parametrize(
    "login", ["", ".x", "a/b", "a b", "a\nb", "a:b", "a%b", "<a>", "public", "users", "\ud800", "a\0", "x@y@z"]
)
async def test_a_login_must_fit_into_addresses_and_paths(local: LocalUserSource, login: str) -> None:
    with pytest.raises(MalformedInput):
        await local.add(NewUser(login), None)
