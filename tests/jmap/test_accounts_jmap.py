"""Accounts: whose there are for whom, and which ids name none."""

from collections.abc import AsyncIterator

import pytest

from folkmoot.core.errors import NotFound
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.jmap.accounts import account_id, owner_of
from tests.support.jmap import World, world

pytestmark = pytest.mark.anyio


@pytest.fixture
async def town(embedded: Database) -> AsyncIterator[World]:
    async with world(embedded) as made:
        await made.person("anna")
        await made.person("bert")
        yield made


@pytest.mark.parametrize("owner", ["anna", "anna@example.com", "Ünal Ö", "a" * 100])
def test_an_id_says_whose_account_it_is(owner: str) -> None:
    assert owner_of(account_id(PrincipalId(owner))) == owner


@pytest.mark.parametrize("text", ["", "u", "anna", "u!", "uYW5uYQ==", "u_w", "xYW5uYQ", "uYW5uYR"])
def test_what_is_no_id_names_nobody(text: str) -> None:
    assert owner_of(text) is None


async def test_the_own_account_has_all_that_is_not_denied(town: World) -> None:
    own = town.client("anna").context().accounts.own
    assert (own.personal, own.mail, own.calendars, own.addressbooks) == (True, "0", True, True)
    denied = town.client("anna", denied=frozenset(["Mail", "Calendar"])).context().accounts.own
    assert (denied.mail, denied.calendars, denied.addressbooks) == (None, False, True)


@pytest.mark.parametrize("wanted", ["x7", "x", "unobody", "u", "c1", account_id(PrincipalId("ghost"))])
async def test_accounts_of_others_are_not_there(town: World, wanted: str) -> None:
    anna = town.client("anna")
    for account in (wanted, town.client("bert").account):
        with pytest.raises(NotFound):
            await anna.context().accounts.get(account)


async def test_a_superuser_reaches_calendars_and_books_of_all_and_nobody_s_mail(town: World) -> None:
    root = town.client("anna", superuser=True)
    account = await root.context().accounts.get(town.client("bert").account)
    assert (account.calendars, account.addressbooks, account.mail, account.in_session) == (True, True, None, False)
    with pytest.raises(NotFound):
        await root.context().accounts.get(account_id(PrincipalId("ghost")))
