"""Secret links over JMAP."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from folkmoot.core.errors import NotFound
from folkmoot.database import Database
from tests.support.clock import SetClock
from tests.support.jmap import World, world

pytestmark = pytest.mark.anyio


@pytest.fixture
async def house(database: Database) -> AsyncIterator[World]:
    async with world(database, clock=SetClock(datetime(2026, 6, 1, 6, tzinfo=UTC))) as opened:
        yield opened


async def test_a_link_is_made_told_followed_and_revoked(house: World) -> None:
    anna = await house.person("anna")
    calendar = (await anna.call("Calendar/get", ids=None))["list"][0]["id"]
    wanted = {"calendarId": calendar, "label": "The club", "datesOnly": True, "expires": "2026-07-01T00:00:00Z"}
    answer = await anna.call("Link/set", create={"l": wanted})
    made = answer["created"]["l"]
    assert made["url"].startswith("https://h.test/SOGo/links/")
    assert made["url"].endswith(".ics")
    (shown,) = (await anna.call("Link/get", ids=None))["list"]
    assert shown == made
    assert {name: shown[name] for name in wanted} == wanted
    token = made["url"].rpartition("/")[2].removesuffix(".ics")
    assert (await house.services.links.open(token)).seen.rights.public.name == "DATES"
    assert (await anna.call("Link/set", destroy=[made["id"]]))["destroyed"] == [made["id"]]
    with pytest.raises(NotFound):
        await house.services.links.open(token)
    assert (await anna.call("Link/get", ids=None))["list"] == []


@pytest.mark.parametrize(
    ("wrong", "property_"),
    [
        ({"calendarId": "c999999"}, "calendarId"),
        ({"expires": "2026-05-01T00:00:00Z"}, "expires"),
        ({"expires": "2026-02-30T00:00:00Z"}, "expires"),
        ({"url": "https://mine.example/"}, "url"),
        ({"label": 7}, "label"),
    ],
)
async def test_links_that_make_no_sense_are_refused(house: World, wrong: dict[str, Any], property_: str) -> None:
    anna = await house.person("anna")
    calendar = (await anna.call("Calendar/get", ids=None))["list"][0]["id"]
    error = (await anna.call("Link/set", create={"l": {"calendarId": calendar, **wrong}}))["notCreated"]["l"]
    assert (error["type"], error["properties"]) == ("invalidProperties", [property_])


async def test_nobody_makes_or_ends_links_to_anothers(house: World) -> None:
    anna, bert = await house.person("anna"), await house.person("bert")
    calendar = (await anna.call("Calendar/get", ids=None))["list"][0]["id"]
    made = (await anna.call("Link/set", create={"l": {"calendarId": calendar}}))["created"]["l"]
    refused = await bert.call("Link/set", create={"l": {"calendarId": calendar}}, destroy=[made["id"], "x", ""])
    assert refused["notCreated"]["l"]["type"] == "invalidProperties"
    assert {one["type"] for one in refused["notDestroyed"].values()} == {"notFound"}
    assert (await bert.call("Link/get", ids=None))["list"] == []


async def test_a_calendar_of_the_same_request_gets_its_link(house: World) -> None:
    anna = await house.person("anna")
    answers = await anna.request(
        ("Calendar/set", {"accountId": anna.account, "create": {"club": {"name": "Club"}}}),
        ("Link/set", {"accountId": anna.account, "create": {"l": {"calendarId": "#club"}}}),
    )
    assert answers[1].arguments["created"]["l"]["calendarId"] == answers[0].arguments["created"]["club"]["id"]
