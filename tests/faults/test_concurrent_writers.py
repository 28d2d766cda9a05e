"""Many connections write to one calendar at the same time, and nothing is lost."""

import asyncio
import random
import re
import time
from collections import Counter
from dataclasses import dataclass, field

import httpx
import pytest
from lxml import etree

from tests.support.dav import event
from tests.support.folkmoot import Folkmoot, Person

pytestmark = [pytest.mark.live, pytest.mark.anyio]

CONNECTIONS = 32
OBJECTS = 8  # four connections want each
SECONDS = 6
D = "{DAV:}"


def counter(name: str, value: int) -> bytes:
    return event(name, f"count {value}")


async def test_increments_under_if_match_add_up(folkmoot: Folkmoot, person: Person) -> None:
    names = [f"{number}.ics" for number in range(OBJECTS)]
    acknowledged: Counter[str] = Counter()
    refused = 0
    async with folkmoot.async_client(person, connections=CONNECTIONS) as client:
        for name in names:
            answer = await client.put(person.calendar + name, content=counter(name, 0))
            assert answer.status_code == 201

        async def increment(seed: int) -> None:
            nonlocal refused
            chance = random.Random(seed)
            until = time.monotonic() + SECONDS
            while time.monotonic() < until:
                name = chance.choice(names)
                found = await client.get(person.calendar + name)
                assert found.status_code == 200
                (value,) = re.findall(r"count (\d+)", found.text)
                condition = {"If-Match": found.headers["etag"]}
                answer = await client.put(
                    person.calendar + name, content=counter(name, int(value) + 1), headers=condition
                )
                assert answer.status_code in {204, 412}, answer.text
                if answer.status_code == 204:
                    acknowledged[name] += 1
                refused += answer.status_code == 412

        await asyncio.gather(*(increment(seed) for seed in range(CONNECTIONS)))
        final = {}
        for name in names:
            found = await client.get(person.calendar + name)
            final[name] = int(re.findall(r"count (\d+)", found.text)[0])
    assert final == dict(acknowledged)
    assert acknowledged.total() > 100
    assert refused > 0, "nobody met anybody"


async def test_one_of_many_who_create_the_same_object_succeeds(folkmoot: Folkmoot, person: Person) -> None:
    async with folkmoot.async_client(person, connections=CONNECTIONS) as client:
        for round_ in range(5):
            path = f"{person.calendar}round{round_}.ics"
            answers = await asyncio.gather(
                *(
                    client.put(path, content=event(f"round{round_}", f"by {by}"), headers={"If-None-Match": "*"})
                    for by in range(CONNECTIONS)
                )
            )
            assert Counter(answer.status_code for answer in answers) == {201: 1, 412: CONNECTIONS - 1}
            (winner,) = [by for by, answer in enumerate(answers) if answer.status_code == 201]
            assert f"by {winner}\r\n" in (await client.get(path)).text


@dataclass
class Follower:
    """A client that knows the calendar by sync-collection only."""

    client: httpx.AsyncClient
    path: str
    token: str = ""
    known: dict[str, str] = field(default_factory=dict)

    async def sync(self, limit: int | None = None) -> None:
        """Take all changes up to now, in pages of ``limit``."""
        while await self._page(limit):
            pass

    async def _page(self, limit: int | None) -> bool:
        limited = f"<limit><nresults>{limit}</nresults></limit>" if limit else ""
        body = (
            f'<sync-collection xmlns="DAV:"><sync-token>{self.token}</sync-token><sync-level>1</sync-level>'
            f"{limited}<prop><getetag/></prop></sync-collection>"
        )
        answer = await self.client.request("REPORT", self.path, content=body, headers={"Depth": "0"})
        assert answer.status_code == 207, answer.text
        more = False
        root = etree.fromstring(answer.content)
        for response in root.iterfind(f"{D}response"):
            href, status = response.findtext(f"{D}href") or "", response.findtext(f"{D}status") or ""
            if href == self.path:
                assert " 507 " in status, answer.text
                more = True
            elif " 404 " in status:
                self.known.pop(href, None)
            else:
                self.known[href] = response.findtext(f".//{D}getetag") or ""
        token = root.findtext(f"{D}sync-token") or ""
        assert not more or token != self.token
        self.token = token
        return more


async def listing(client: httpx.AsyncClient, path: str) -> dict[str, str]:
    body = '<propfind xmlns="DAV:"><prop><getetag/><resourcetype/></prop></propfind>'
    answer = await client.request("PROPFIND", path, content=body, headers={"Depth": "1"})
    assert answer.status_code == 207
    return {
        response.findtext(f"{D}href") or "": response.findtext(f".//{D}getetag") or ""
        for response in etree.fromstring(answer.content).iterfind(f"{D}response")
        if response.find(f".//{D}collection") is None
    }


async def test_a_client_fed_by_sync_collection_alone_ends_equal_to_the_server(
    folkmoot: Folkmoot, person: Person
) -> None:
    other = f"{person.path}/Calendar/other/"
    writing = True
    async with folkmoot.async_client(person, connections=16) as client:
        assert (await client.request("MKCALENDAR", other)).status_code == 201

        async def edit(seed: int) -> None:
            chance = random.Random(seed)
            until = time.monotonic() + SECONDS
            while time.monotonic() < until:
                here, there = chance.sample([person.calendar, other], 2)
                name = f"{chance.randrange(60)}.ics"
                match chance.randrange(6):
                    case 0:
                        answer = await client.delete(here + name)
                        assert answer.status_code in {204, 404}, answer.text
                    case 1:
                        headers = {"Destination": folkmoot.url + there + name, "Overwrite": chance.choice("TF")}
                        answer = await client.request("MOVE", here + name, headers=headers)
                        assert answer.status_code in {201, 204, 404, 412}, answer.text
                    case _:
                        content = event(name, f"edit {chance.random()}")
                        answer = await client.put(here + name, content=content)
                        assert answer.status_code in {201, 204}, answer.text

        async def follow(follower: Follower, seed: int) -> None:
            chance = random.Random(seed)
            while writing:
                await follower.sync(chance.choice([None, 1, 3, 10]))
                await asyncio.sleep(chance.random() / 10)
            await follower.sync()

        followers = [Follower(client, path) for path in (person.calendar, other, person.calendar)]
        following = [asyncio.create_task(follow(one, seed)) for seed, one in enumerate(followers)]
        await asyncio.gather(*(edit(seed) for seed in range(10)))
        writing = False
        await asyncio.gather(*following)
        for follower in followers:
            assert follower.known == await listing(client, follower.path)
        assert followers[0].known
