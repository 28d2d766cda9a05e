"""Times at which people can meet."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from folkmoot.database import Database
from tests.support.jmap import Client, Refused, World, world

pytestmark = pytest.mark.anyio
DAY = {"utcStart": "2026-06-01T00:00:00Z", "utcEnd": "2026-06-02T00:00:00Z"}


@pytest.fixture
async def house(embedded: Database) -> AsyncIterator[World]:
    async with world(embedded) as opened:
        yield opened


async def busy(client: Client, start: str, hours: int) -> None:
    home = (await client.call("Calendar/get", ids=None))["list"][0]["id"]
    event = {
        "@type": "Event",
        "title": "Elsewhere",
        "start": start,
        "duration": f"PT{hours}H",
        "timeZone": "Etc/UTC",
        "calendarIds": {home: True},
    }
    assert (await client.call("CalendarEvent/set", create={"e": event}))["notCreated"] is None


def principal(client: Client) -> str:
    return f"p{client.account[1:]}"


async def find(client: Client, **arguments: Any) -> dict[str, Any]:
    return await client.call("Principal/findSlots", **{**DAY, **arguments})


async def test_the_first_time_when_all_are_free_within_working_hours(house: World) -> None:
    anna, bert = await house.person("anna"), await house.person("bert")
    await busy(anna, "2026-06-01T08:00:00", 2)
    await busy(bert, "2026-06-01T10:00:00", 1)
    found = await find(anna, required=[principal(anna), principal(bert)], minutes=60, limit=1)
    assert found["list"] == [
        {"utcStart": "2026-06-01T11:00:00Z", "utcEnd": "2026-06-01T12:00:00Z", "busy": [], "tentative": []}
    ]
    early = await find(anna, required=[principal(anna), principal(bert)], limit=1, anytime=True)
    assert early["list"][0]["utcStart"] == "2026-06-01T00:00:00Z"


async def test_who_may_miss_it_is_told_as_busy(house: World) -> None:
    anna, bert = await house.person("anna"), await house.person("bert")
    await busy(bert, "2026-06-01T00:00:00", 24)
    (slot,) = (await find(anna, required=[principal(anna)], optional=[principal(bert)], limit=1))["list"]
    assert slot["busy"] == [principal(bert)]
    assert (await find(anna, required=[principal(bert)]))["list"] == []


async def test_people_who_are_not_there_and_windows_that_make_no_sense(house: World) -> None:
    anna = await house.person("anna")
    assert (await find(anna, required=[principal(anna), "pbm9ib2R5"]))["notFound"] == ["pbm9ib2R5"]
    wrongs: list[dict[str, Any]] = [
        {"required": []},
        {"required": ["x!"]},
        {"required": ["c1"]},
        {"utcEnd": DAY["utcStart"]},
        {"utcEnd": "2027-06-01T00:00:00Z"},
        {"utcStart": "2026-02-30T00:00:00Z"},
        {"minutes": 0},
        {"limit": 0},
    ]
    for wrong in wrongs:
        with pytest.raises(Refused) as refused:
            await find(anna, **{"required": [principal(anna)], **wrong})
        assert refused.value.type == "invalidArguments", wrong
