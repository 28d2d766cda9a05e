"""Address books as JMAP clients see them."""

from typing import Any

import pytest

from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.jmap.sharing.ids import principal_id
from tests.support.jmap import Client, Refused, world

pytestmark = pytest.mark.anyio
READER = {"mayRead": True, "mayWrite": False, "mayShare": False, "mayDelete": False}


async def books(client: Client, account: str | None = None) -> dict[str, dict[str, Any]]:
    """Return the address books of an account by name."""
    told = await client.call("AddressBook/get", ids=None, **({"accountId": account} if account else {}))
    return {one["name"]: one for one in told["list"]}


async def made(client: Client, **value: object) -> str:
    told = await client.call("AddressBook/set", create={"k": {"name": "Friends", **value}})
    assert told["notCreated"] is None, told
    return str(told["created"]["k"]["id"])


async def test_the_default_books_are_there(database: Database) -> None:
    async with world(database) as w:
        anna = await w.person("anna")
        found = await books(anna)
        assert {name: one["isDefault"] for name, one in found.items() if one["source"] == "own"} == {
            "Personal Address Book": True,
            "Collected Address Book": False,
        }
        personal = found["Personal Address Book"]
        assert personal["myRights"] == {"mayRead": True, "mayWrite": True, "mayShare": True, "mayDelete": False}
        assert personal["isSubscribed"]


async def test_what_is_set_is_shown_and_told_as_changed(database: Database) -> None:
    async with world(database) as w:
        anna = await w.person("anna")
        start = (await anna.call("AddressBook/get", ids=[]))["state"]
        id_ = await made(anna, description="old ones", sortOrder=7)
        told = await anna.call("AddressBook/changes", sinceState=start)
        assert (told["created"], told["updated"], told["destroyed"]) == ([id_], [], [])
        patch = {"name": "Enemies", "description": None, "sortOrder": 2}
        set_ = await anna.call("AddressBook/set", update={id_: patch})
        assert set_["updated"] == {id_: None}
        (one,) = (await anna.call("AddressBook/get", ids=[id_]))["list"]
        assert (one["name"], one["description"], one["sortOrder"]) == ("Enemies", None, 2)
        gone = await anna.call("AddressBook/set", destroy=[id_])
        assert gone["destroyed"] == [id_]
        later = await anna.call("AddressBook/changes", sinceState=told["newState"])
        assert later["destroyed"] == [id_]


@pytest.mark.parametrize(
    "value",
    [
        {"name": ""},
        {"name": "a\nb"},
        {"name": "ü" * 200},
        {"name": 3},
        {"name": "x", "sortOrder": -1},
        {"name": "x", "sortOrder": 2**40},
        {"name": "x", "isDefault": True},
        {"name": "x", "colour": "red"},
        {"name": "x", "isSubscribed": False},
        {"name": "x", "shareWith": {"nobody": {"mayRead": True}}},
    ],
)
async def test_what_cannot_be_a_book_is_refused(embedded: Database, value: dict[str, Any]) -> None:
    async with world(embedded) as w:
        anna = await w.person("anna")
        before = await books(anna)
        told = await anna.call("AddressBook/set", create={"k": value})
        assert told["notCreated"]["k"]["type"] == "invalidProperties"
        assert await books(anna) == before


async def test_a_book_with_cards_is_removed_only_with_them(database: Database) -> None:
    async with world(database) as w:
        anna = await w.person("anna")
        id_ = await made(anna)
        await anna.call("ContactCard/set", create={"c": {"addressBookIds": {id_: True}, "name": {"full": "Ada"}}})
        told = await anna.call("AddressBook/set", destroy=[id_])
        assert told["notDestroyed"][id_]["type"] == "addressBookHasContents"
        told = await anna.call("AddressBook/set", destroy=[id_], onDestroyRemoveContents=True)
        assert told["destroyed"] == [id_]
        assert (await anna.call("ContactCard/query"))["ids"] == []


async def test_another_book_becomes_the_default(database: Database) -> None:
    async with world(database) as w:
        anna = await w.person("anna")
        told = await anna.call("AddressBook/set", create={"k": {"name": "Work"}}, onSuccessSetIsDefault="#k")
        id_ = told["created"]["k"]["id"]
        found = await books(anna)
        assert [name for name, one in found.items() if one["isDefault"]] == ["Work"]
        assert told["updated"][id_] == {"isDefault": True}
        assert told["updated"][found["Personal Address Book"]["id"]] == {"isDefault": False}
        card = await anna.call("ContactCard/set", create={"c": {"name": {"full": "Ada"}}})
        assert card["created"]["c"]["addressBookIds"] == {id_: True}
        refused = await anna.call("AddressBook/set", destroy=[id_])
        assert refused["notDestroyed"][id_]["type"] == "forbidden"


async def test_a_shared_book_is_seen_with_the_rights_that_were_given(database: Database) -> None:
    async with world(database) as w:
        anna, bert, carl = await w.person("anna"), await w.person("bert"), await w.person("carl")
        id_ = await made(anna)
        shared = {principal_id(PrincipalId("bert")): READER}
        told = await anna.call("AddressBook/set", update={id_: {"shareWith": shared}})
        assert told["updated"] == {id_: None}
        assert (await books(anna))["Friends"]["shareWith"] == shared
        (one,) = (await books(bert, anna.account)).values()
        assert (one["id"], one["myRights"], one["isSubscribed"], one["isDefault"]) == (id_, READER, False, False)
        assert one["shareWith"] is None
        await bert.call("AddressBook/set", accountId=anna.account, update={id_: {"isSubscribed": True}})
        await bert.call("AddressBook/set", accountId=anna.account, update={id_: {"name": "Hers"}})
        assert (await books(bert, anna.account))["Hers"]["isSubscribed"]
        assert "Friends" in await books(anna)
        for change in ({"description": "mine"}, {"shareWith": None}):
            failed = await bert.call("AddressBook/set", accountId=anna.account, update={id_: change})
            assert failed["notUpdated"] is None or failed["notUpdated"][id_]["type"] == "forbidden"
        failed = await bert.call("AddressBook/set", accountId=anna.account, destroy=[id_])
        assert failed["notDestroyed"][id_]["type"] == "forbidden"
        with pytest.raises(Refused, match="account"):
            await carl.call("AddressBook/get", accountId=anna.account, ids=[id_])
        assert (await carl.call("AddressBook/get", ids=[id_]))["notFound"] == [id_]
