"""Sharing: grants as they are kept, and what others' clients are told of them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.jmap.sharing.ids import principal_id
from folkmoot.store.records import Kind
from tests.support.jmap import Client, Refused, World, world

pytestmark = pytest.mark.anyio
BERT = principal_id(PrincipalId("bert"))
READER = ["ConfidentialDAndTViewer", "PrivateDAndTViewer", "PublicViewer"]


@pytest.fixture
async def town(database: Database) -> AsyncIterator[World]:
    async with world(database) as made:
        await made.person("anna")
        await made.person("bert")
        await made.person("carl")
        yield made


async def calendar(of: Client) -> str:
    """Return the id of somebody's own calendar."""
    (seen,) = await of.services.collections.home(of.caller, of.caller.principal, Kind.CALENDAR)
    return f"c{seen.collection.id}"


async def give(anna: Client, roles: list[str], **whom: str) -> dict[str, Any]:
    wanted = {
        "objectType": "Calendar",
        "objectId": await calendar(anna),
        "roles": roles,
        **(whom or {"principalId": BERT}),
    }
    return await anna.call("Grant/set", create={"g": wanted})


async def test_a_grant_is_given_changed_and_taken(town: World) -> None:
    anna = town.client("anna")
    made = await give(anna, READER)
    grant = made["created"]["g"]["id"]
    (told,) = (await anna.call("Grant/get", ids=None))["list"]
    assert (told["principalId"], told["roles"], told["everybody"]) == (BERT, READER, None)
    await anna.call("Grant/set", update={grant: {"roles": ["PublicModifier"]}})
    assert (await anna.call("Grant/get", ids=[grant]))["list"][0]["roles"] == ["PublicModifier"]
    gone = await anna.call("Grant/set", destroy=[grant])
    assert gone["destroyed"] == [grant]
    assert gone["oldState"] != gone["newState"]
    assert (await anna.call("Grant/get", ids=None))["list"] == []


async def test_everybody_can_be_given_roles(town: World) -> None:
    anna = town.client("anna")
    assert (await give(anna, ["PublicDAndTViewer"], everybody="signedIn"))["created"]
    assert (await anna.call("Grant/get", ids=None))["list"][0]["everybody"] == "signedIn"


@pytest.mark.parametrize(
    ("wanted", "properties"),
    [
        ({"roles": ["King"]}, ["roles"]),
        ({"roles": []}, ["roles"]),
        ({"roles": ["ObjectViewer"]}, ["roles"]),  # of address books
        ({"principalId": "pXXXX"}, ["principalId"]),
        ({"principalId": principal_id(PrincipalId("anna"))}, ["principalId"]),
        ({"everybody": "signedIn"}, ["principalId", "everybody"]),
        ({"objectId": "c999999"}, ["objectId"]),
        ({"objectType": "Kitchen"}, ["objectType"]),
        ({"id": "c1-2"}, ["id"]),
    ],
)
async def test_a_grant_that_cannot_be_is_refused(town: World, wanted: dict[str, Any], properties: list[str]) -> None:
    anna = town.client("anna")
    base = {"objectType": "Calendar", "objectId": await calendar(anna), "principalId": BERT, "roles": READER}
    answer = await anna.call("Grant/set", create={"g": {**base, **wanted}})
    assert answer["notCreated"]["g"]["type"] == "invalidProperties"
    assert answer["notCreated"]["g"]["properties"] == properties
    assert (await anna.call("Grant/get", ids=None))["list"] == []


async def test_nobody_sees_or_changes_the_grants_of_others(town: World) -> None:
    anna, bert = town.client("anna"), town.client("bert")
    made = await give(anna, READER)
    with pytest.raises(Refused, match="accountNotSupportedByMethod"):
        await bert.call("Grant/get", accountId=anna.account, ids=None)
    with pytest.raises(Refused, match="accountNotFound"):
        await town.client("carl").call("Grant/get", accountId=anna.account, ids=None)
    taken = await bert.call("Grant/set", destroy=[made["created"]["g"]["id"]])
    assert taken["notDestroyed"]
    stolen = await bert.call(
        "Grant/set",
        create={
            "g": {
                "objectType": "Calendar",
                "objectId": await calendar(anna),
                "principalId": principal_id(PrincipalId("carl")),
                "roles": READER,
            }
        },
    )
    assert stolen["notCreated"]["g"]["properties"] == ["objectId"]


async def test_whose_rights_change_is_told_once_each_time(town: World) -> None:
    anna, bert = town.client("anna"), town.client("bert")
    before = (await bert.call("ShareNotification/get", ids=None))["state"]
    await give(anna, READER)
    await give(anna, READER)  # nothing new
    changes = await bert.call("ShareNotification/changes", sinceState=before)
    assert len(changes["created"]) == 1
    (told,) = (await bert.call("ShareNotification/get", ids=changes["created"]))["list"]
    assert told["changedBy"] == {
        "name": "Anna",
        "email": "anna@example.com",
        "principalId": principal_id(PrincipalId("anna")),
    }
    assert (told["objectType"], told["objectId"], told["objectAccountId"]) == (
        "Calendar",
        await calendar(anna),
        anna.account,
    )
    assert told["oldRights"] is None
    assert (told["newRights"]["mayReadItems"], told["newRights"]["mayWriteAll"]) == (True, False)
    assert (await anna.call("ShareNotification/get", ids=None))["list"] == []
    assert (await town.client("carl").call("ShareNotification/get", ids=changes["created"]))["list"] == []


async def test_notifications_are_listed_newest_first_and_taken_away(town: World) -> None:
    anna, bert = town.client("anna"), town.client("bert")
    await give(anna, READER)
    await give(anna, ["PublicModifier"])
    found = await bert.call("ShareNotification/query", calculateTotal=True)
    assert found["total"] == 2
    newest = (await bert.call("ShareNotification/get", ids=found["ids"][:1]))["list"][0]
    assert newest["oldRights"] is not None
    assert (await bert.call("ShareNotification/query", filter={"objectType": "AddressBook"}))["ids"] == []
    state = (await bert.call("ShareNotification/get", ids=[]))["state"]
    answer = await bert.call("ShareNotification/set", destroy=found["ids"], create={"n": {}}, update={})
    assert sorted(answer["destroyed"]) == sorted(found["ids"])
    assert answer["notCreated"]["n"]["type"] == "forbidden"
    changes = await bert.call("ShareNotification/changes", sinceState=state)
    assert sorted(changes["destroyed"]) == sorted(found["ids"])


async def test_who_is_given_something_finds_the_account(town: World) -> None:
    anna, bert = town.client("anna"), town.client("bert")
    await give(anna, READER)
    told = await bert.call("Principal/get", ids=[principal_id(PrincipalId("anna"))])
    assert list(told["list"][0]["accounts"]) == [anna.account]
    account = (await bert.context().accounts.shared())[anna.account]
    assert (account.calendars, account.addressbooks, account.in_session) == (True, False, False)
