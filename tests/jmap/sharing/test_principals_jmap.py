"""Principals: who is found, what is told of them, and what one may set of oneself."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.directory.principal import PrincipalKind
from folkmoot.jmap.sharing.ids import principal_id
from tests.support.jmap import Client, Refused, World, world

pytestmark = pytest.mark.anyio


def id_of(login: str) -> str:
    return principal_id(PrincipalId(login))


@pytest.fixture
async def town(embedded: Database) -> AsyncIterator[World]:
    async with world(embedded) as made:
        await made.person("anna")
        await made.person("bert")
        await made.person("attic", kind=PrincipalKind.LOCATION)
        yield made


@pytest.fixture
def anna(town: World) -> Client:
    return town.client("anna")


async def test_principals_are_told_with_type_name_and_address(anna: Client) -> None:
    answer = await anna.call("Principal/get", ids=[id_of("bert"), id_of("attic"), id_of("nobody"), "x", "p!"])
    told = {one["name"]: (one["type"], one["email"]) for one in answer["list"]}
    assert told == {"Bert": ("individual", "bert@example.com"), "Attic": ("location", "attic@example.com")}
    assert answer["notFound"] == [id_of("nobody"), "x", "p!"]


async def test_a_small_directory_is_told_whole(anna: Client) -> None:
    answer = await anna.call("Principal/get", ids=None, properties=["name"])
    assert sorted(one["name"] for one in answer["list"]) == ["Anna", "Attic", "Bert"]


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        (None, ["Anna", "Attic", "Bert"]),
        ({"type": "location"}, ["Attic"]),
        ({"name": "bert"}, ["Bert"]),
        ({"email": "anna@"}, ["Anna"]),
        ({"text": "att"}, ["Attic"]),
        ({"timeZone": "Europe/Paris"}, []),
        ({"operator": "OR", "conditions": [{"name": "anna"}, {"name": "bert"}]}, ["Anna", "Bert"]),
        ({"operator": "NOT", "conditions": [{"type": "individual"}]}, ["Attic"]),
        ({"operator": "AND", "conditions": [{"type": "individual"}, {"text": "be"}]}, ["Bert"]),
    ],
)
async def test_a_filter_finds_principals(anna: Client, condition: Any, names: list[str]) -> None:
    found = await anna.call("Principal/query", filter=condition, calculateTotal=True)
    told = await anna.call("Principal/get", ids=found["ids"])
    assert [one["name"] for one in told["list"]] == names
    assert found["total"] == len(names)


async def test_a_list_is_told_in_parts(anna: Client) -> None:
    answer = await anna.call("Principal/query", sort=[{"property": "name", "isAscending": False}], position=1, limit=1)
    assert (answer["ids"], answer["position"]) == ([id_of("attic")], 1)
    after = await anna.call("Principal/query", anchor=id_of("attic"), anchorOffset=1)
    assert after["ids"] == [id_of("bert")]


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ({"filter": {"shoeSize": 9}}, "unsupportedFilter"),
        ({"filter": {"operator": "XOR", "conditions": []}}, "unsupportedFilter"),
        ({"sort": [{"property": "timeZone"}]}, "unsupportedSort"),
        ({"anchor": "pNobody"}, "anchorNotFound"),
        ({"position": "first"}, "invalidArguments"),
        ({"unknown": 1}, "invalidArguments"),
    ],
)
async def test_a_query_that_cannot_be_answered_says_why(anna: Client, arguments: dict[str, Any], kind: str) -> None:
    with pytest.raises(Refused) as refused:
        await anna.call("Principal/query", **arguments)
    assert refused.value.type == kind


async def test_the_directory_does_not_tell_what_changed(anna: Client) -> None:
    with pytest.raises(Refused, match="cannotCalculateChanges"):
        await anna.call("Principal/changes", sinceState="0")


async def test_one_sets_the_own_time_zone_and_nothing_else(anna: Client) -> None:
    me, bert = id_of("anna"), id_of("bert")
    answer = await anna.call("Principal/set", update={me: {"timeZone": "Europe/Madrid"}})
    assert answer["updated"] == {me: None}
    told = await anna.call("Principal/get", ids=[me, bert])
    assert [one["timeZone"] for one in told["list"]] == ["Europe/Madrid", None]
    refused = await anna.call(
        "Principal/set",
        update={me: {"timeZone": "Moon/Tycho"}, bert: {"timeZone": "Europe/Rome"}, "pXX": {"timeZone": "UTC"}},
        create={"k": {}},
        destroy=[id_of("attic")],
    )
    assert {one: error["type"] for one, error in refused["notUpdated"].items()} == {
        me: "invalidProperties",
        bert: "forbidden",
        "pXX": "notFound",
    }
    assert refused["notCreated"]["k"]["type"] == "forbidden"
    assert refused["notDestroyed"][id_of("attic")]["type"] == "forbidden"


async def test_names_are_the_directory_s(anna: Client) -> None:
    answer = await anna.call("Principal/set", update={id_of("anna"): {"name": "Queen"}})
    assert answer["notUpdated"][id_of("anna")]["type"] == "forbidden"
