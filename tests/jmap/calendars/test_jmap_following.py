"""A client that knows only what /changes tells it has what the server has, whoever writes by whatever protocol."""

import random
from contextlib import suppress
from typing import Any

import pytest

from folkmoot.collections.content import Place
from folkmoot.core.errors import FolkmootError
from folkmoot.core.ids import ResourceName
from folkmoot.database import Database
from folkmoot.store.records import Kind
from tests.jmap.calendars.test_jmap_events import DAILY, LUNCH, _default
from tests.support.jmap import Client, World, world

pytestmark = pytest.mark.anyio

BODY = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nBEGIN:{kind}\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\n"
    "DTSTART:20260301T100000Z\r\nSUMMARY:{title}\r\nEND:{kind}\r\nEND:VCALENDAR\r\n"
)


class Follower:
    """A client that keeps what it was told of one type."""

    def __init__(self, client: Client, kind: str) -> None:
        self.client, self.kind = client, kind
        self.known: dict[str, Any] = {}
        self.state = ""

    async def start(self) -> None:
        told = await self.client.call(f"{self.kind}/get", ids=None)
        self.known = {one["id"]: one for one in told["list"]}
        self.state = told["state"]

    async def follow(self) -> None:
        told = await self.client.call(f"{self.kind}/changes", sinceState=self.state)
        assert not self.known.keys() & set(told["created"])
        assert self.known.keys() >= {*told["updated"], *told["destroyed"]}
        for id_ in told["destroyed"]:
            del self.known[id_]
        fresh = await self.client.call(f"{self.kind}/get", ids=[*told["created"], *told["updated"]])
        assert fresh["notFound"] == []
        self.known |= {one["id"]: one for one in fresh["list"]}
        self.state = told["newState"]
        whole = await self.client.call(f"{self.kind}/get", ids=None)
        assert self.known == {one["id"]: one for one in whole["list"]}
        assert self.state == whole["state"]


async def _dav(w: World, client: Client, chance: random.Random, titled: str) -> None:
    """Write, as a PUT or DELETE does, one of a few names."""
    place = Place(client.caller.principal, Kind.CALENDAR, "personal")
    name = ResourceName(f"{chance.randrange(4)}.ics")
    if chance.random() < 0.3:
        await w.services.objects.delete(client.caller, place, name)
        return
    kind = chance.choice(["VEVENT", "VEVENT", "VTODO"])
    body = BODY.format(kind=kind, uid=f"dav-{name}", title=titled)
    await w.services.objects.put(client.caller, place, name, body.encode(), "text/calendar")


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_followers_end_equal(embedded: Database, seed: int) -> None:
    chance = random.Random(seed)  # a test that goes the same way each time
    async with world(embedded) as w:
        anna, bert = await w.person("anna"), await w.person("bert")
        default = await _default(anna)
        other = (await anna.call("Calendar/set", create={"k": {"name": "Work"}}))["created"]["k"]["id"]
        place = Place(anna.caller.principal, Kind.CALENDAR, "personal")
        await w.services.grants.set_(anna.caller, place, "bert", frozenset(["PublicViewer", "PrivateDAndTViewer"]))
        shared = Client(w.services, bert.caller)
        followers = [Follower(anna, kind) for kind in ("CalendarEvent", "Task", "Calendar", "TaskList")]
        for one in followers:
            await one.start()
        for number in range(60):
            events = [id_ for id_ in followers[0].known if "_" not in id_]
            match chance.randrange(7):
                case 0 | 1:
                    value = chance.choice([LUNCH, DAILY]) | {"calendarIds": {chance.choice([default, other]): True}}
                    privacy = chance.choice(["public", "private", "secret"])
                    await anna.call("CalendarEvent/set", create={"k": value | {"privacy": privacy}})
                case 2 if events:
                    patch = {"title": f"t{number}"}
                    await anna.call("CalendarEvent/set", update={chance.choice(events): patch})
                case 3 if events:
                    target = {chance.choice([default, other]): True}
                    await anna.call("CalendarEvent/set", update={chance.choice(events): {"calendarIds": target}})
                case 4 if events:
                    await anna.call("CalendarEvent/set", destroy=[chance.choice(events)])
                case 5:
                    await anna.call("Calendar/set", update={other: {"name": f"Work {number}"}})
                case _:
                    with suppress(FolkmootError):
                        await _dav(w, anna, chance, f"d{number}")
            if chance.random() < 0.4:
                for one in followers:
                    await one.follow()
        for one in followers:
            await one.follow()
        seen = await shared.call("CalendarEvent/get", accountId=anna.account, ids=None)
        assert all(one["calendarIds"] == {default: True} for one in seen["list"])
