"""Devices that are away: subscribed by JMAP, verified, told of changes, dropped when they are gone."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from folkmoot.core.errors import Unavailable
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.fetch.poster import Poster
from folkmoot.jmap.push.away import Away, messages
from folkmoot.jmap.push.pushed_types import States
from folkmoot.jobs.web_push import Telling, WebPushes
from folkmoot.push.encryption import PLAIN_MAX
from folkmoot.push.wakes import Wakes
from folkmoot.push.watching import Watching
from folkmoot.store import jobs, new_mail, sessions
from folkmoot.store.jobs import Job
from folkmoot.store.push_subscriptions import JOB
from folkmoot.store.records import Kind
from folkmoot.store.sessions import Session
from tests.jmap.push.conftest import Mail, pushed
from tests.jmap.push.test_pushes import put_event
from tests.support.clock import SetClock
from tests.support.jmap import Client, Refused, World, world
from tests.support.push_service import PushService
from tests.support.web_server import trusting, web_server

pytestmark = pytest.mark.anyio

LOOPBACK = [ip_network("127.0.0.0/8")]


@dataclass
class Room:
    """A server with a push service beside it."""

    there: World
    service: PushService
    handler: WebPushes
    database: Database
    clock: SetClock
    mail: Mail

    async def run(self) -> list[int | None]:
        """Run all jobs that wait, and return when they want to run again."""
        found = await self.database.read(partial(jobs.list_, kind=JOB))
        answers = [await self.handler.run(job) for job in found]
        for job in found:
            await self.database.write(partial(jobs.remove, kind=JOB, key=job.key))
        return answers

    async def subscribe(self, client: Client, **more: Any) -> str:
        """Make a subscription and verify it; what was sent until then is forgotten."""
        answer = await self.make(client, **more)
        await self.run()
        code = self.service.messages[-1]["verificationCode"]
        update = {answer["id"]: {"verificationCode": code}}
        assert (await call(client, "PushSubscription/set", update=update))["updated"] == {answer["id"]: None}
        await self.run()
        self.service.web.asked.clear()
        return str(answer["id"])

    async def make(self, client: Client, **more: Any) -> Mapping[str, Any]:
        new = {"deviceClientId": "d", "url": self.service.url, "keys": self.service.browser.keys, **more}
        answer = await call(client, "PushSubscription/set", create={"a": new})
        assert answer["notCreated"] is None, answer
        found: Mapping[str, Any] = answer["created"]["a"]
        return found


async def call(client: Client, name: str, **arguments: Any) -> dict[str, Any]:
    answer = (await client.request((name, arguments)))[0]
    if answer.name == "error":
        raise Refused(answer.arguments)
    return answer.arguments


@pytest.fixture
async def room(database: Database, tmp_path: Path) -> AsyncIterator[Room]:
    async with opened(database, tmp_path) as found:
        yield found


@asynccontextmanager
async def opened(database: Database, tmp_path: Path) -> AsyncIterator[Room]:
    clock = SetClock(datetime(2030, 1, 1, tzinfo=UTC))
    async with world(database, clock=clock) as there, web_server(tmp_path) as web:
        service = PushService(web)
        mail = Mail()
        away = Away(States(pushed(mail), there.services), Watching(there.rooms.access))

        async def since(
            principal: PrincipalId, types: frozenset[str] | None, positions: Mapping[str, object]
        ) -> tuple[Telling, Sequence[bytes]]:
            telling = await away.since(there.client(principal).caller, types, positions)
            return telling, messages(telling.changed, PLAIN_MAX)

        poster = Poster(LOOPBACK, resolve=service.resolve, tls=trusting(tmp_path))
        handler = WebPushes(there.services.push_subscriptions, poster, since, "https://h.test", clock)
        yield Room(there, service, handler, database, clock, mail)


async def test_a_device_is_verified_and_then_told(room: Room) -> None:
    anna = await room.there.person("anna")
    await put_event(room.there, anna, "first")
    made = await room.make(anna, types=["CalendarEvent"])
    assert await room.run() == [None]
    [verification] = room.service.messages
    assert (verification["@type"], verification["pushSubscriptionId"]) == ("PushVerification", made["id"])
    head = room.service.heads[0]
    assert head["content-encoding"] == "aes128gcm"
    assert head["ttl"] == "86400"
    assert head["authorization"].startswith("vapid t=")
    assert head["authorization"].endswith(room.there.services.push_subscriptions.application_key)

    wrong = await call(anna, "PushSubscription/set", update={made["id"]: {"verificationCode": "guessed"}})
    assert wrong["notUpdated"][made["id"]]["type"] == "forbidden"
    code = verification["verificationCode"]
    await call(anna, "PushSubscription/set", update={made["id"]: {"verificationCode": code}})
    await room.run()
    assert len(room.service.messages) == 1  # what is there already is not told

    async with Wakes(room.database, room.clock) as wakes:
        room.database.follow(wakes.note)
        await put_event(room.there, anna, "second")
        await wakes.flush()
    assert await room.run() == [None]
    state = await room.there.services.home_objects.state(anna.caller, anna.caller.principal, Kind.CALENDAR)
    assert room.service.messages[1:] == [{"@type": "StateChange", "changed": {anna.account: {"CalendarEvent": state}}}]
    assert await room.run() == []


async def test_nothing_is_sent_before_the_code_has_come_back(room: Room) -> None:
    anna = await room.there.person("anna")
    await room.make(anna)
    await room.run()
    async with Wakes(room.database, room.clock) as wakes:
        room.database.follow(wakes.note)
        await put_event(room.there, anna, "first")
        await wakes.flush()
    assert await room.run() == []
    assert [one["@type"] for one in room.service.messages] == ["PushVerification"]


async def change(room: Room, client: Client, name: str) -> list[int | None]:
    await put_event(room.there, client, name)
    kept = await room.there.services.push_subscriptions.list_(client.caller)
    found = [Job(1, JOB, str(one.id), {}, 0, 0, "", 0, 1, "", 0) for one in kept]
    return [await room.handler.run(job) for job in found]


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone"])
async def test_a_device_that_is_gone_is_dropped(room: Room, status: str) -> None:
    anna = await room.there.person("anna")
    await room.subscribe(anna)
    room.service.answer(status)
    assert await change(room, anna, "a") == [None]
    assert (await call(anna, "PushSubscription/get"))["list"] == []


async def test_a_push_service_that_is_busy_is_asked_when_it_says(room: Room) -> None:
    anna = await room.there.person("anna")
    await room.subscribe(anna)
    now = room.clock.milliseconds()
    room.service.answer("429 Too Many Requests", Retry_After="120")
    assert await change(room, anna, "a") == [now + 120_000]
    room.service.answer("503 Service Unavailable", Retry_After="999999999")
    assert await change(room, anna, "b") == [now + 6 * 3600_000]
    room.service.answer("500 Oops")
    with pytest.raises(Unavailable):
        await change(room, anna, "c")
    room.service.answer("201 Created")
    room.service.web.asked.clear()
    assert await change(room, anna, "d") == [None]
    assert list(room.service.messages[0]["changed"]) == [anna.account]


async def test_states_that_cannot_be_told_are_told_later(room: Room) -> None:
    anna = await room.there.person("anna")
    await room.subscribe(anna)
    room.mail.away = True
    await room.database.write(partial(new_mail.note, owner=anna.caller.principal, arrived={}, now=1))
    assert await change(room, anna, "a") == [room.clock.milliseconds() + 60_000]
    assert "Email" not in room.service.messages[-1]["changed"][anna.account]
    room.mail.away = False
    assert await change(room, anna, "b") == [None]
    assert room.service.messages[-1]["changed"][anna.account]["Email"] == "m1"


async def test_a_subscription_ends_with_the_session_that_made_it(room: Room) -> None:
    anna = await room.there.person("anna")
    now = room.clock.milliseconds()
    kept = Session("digest", anna.caller.principal, {}, now, now, now + 1000)
    await room.database.write(lambda tx: sessions.add(tx, kept))
    browser = replace(anna, caller=replace(anna.caller, session="digest"))
    made = await room.subscribe(browser)
    assert (await call(anna, "PushSubscription/get"))["list"] == []  # those of other credentials are not told
    assert (await call(anna, "PushSubscription/get", ids=[made]))["notFound"] == [made]
    gone = await call(anna, "PushSubscription/set", destroy=[made])
    assert gone["notDestroyed"][made]["type"] == "notFound"
    room.clock.pass_(seconds=2)
    assert await change(room, browser, "a") == [None]
    assert room.service.messages == []
    assert (await call(browser, "PushSubscription/get"))["list"] == []


async def test_subscriptions_are_listed_changed_and_destroyed(room: Room) -> None:
    anna = await room.there.person("anna")
    made = await room.subscribe(anna, types=["Email"], expires="2030-01-02T00:00:00Z")
    [listed] = (await call(anna, "PushSubscription/get"))["list"]
    assert set(listed) == {"id", "deviceClientId", "verificationCode", "expires", "types"}
    assert (listed["id"], listed["expires"], listed["types"]) == (made, "2030-01-02T00:00:00Z", ["Email"])
    with pytest.raises(Refused, match="forbidden"):
        await call(anna, "PushSubscription/get", properties=["url"])
    update = {"types": None, "expires": "2040-01-01T00:00:00Z"}
    changed = await call(anna, "PushSubscription/set", update={made: update})
    assert changed["updated"] == {made: {"expires": "2030-01-31T00:00:00Z"}}
    wrong = {made: {"url": "https://elsewhere.test/"}, "P999": {"types": None}, "nonsense": {"types": None}}
    refused = (await call(anna, "PushSubscription/set", update=wrong))["notUpdated"]
    assert {name: one["type"] for name, one in refused.items()} == {
        made: "invalidProperties",
        "P999": "notFound",
        "nonsense": "notFound",
    }
    assert (await call(anna, "PushSubscription/set", destroy=[made]))["destroyed"] == [made]
    assert (await call(anna, "PushSubscription/get", ids=[made]))["notFound"] == [made]


WRONG: Sequence[dict[str, Any]] = (
    {"url": "http://push.test/"},
    {"url": "https://anna:secret@push.test/"},
    {"url": "https://push.test:25/"},
    {"url": "https://push.test/" + "x" * 3000},
    {"url": "nonsense"},
    {"url": 7},
    {"keys": {"p256dh": "AAAA", "auth": "AAAA"}},
    {"keys": {"p256dh": "AAAA"}},
    {"deviceClientId": ""},
    {"types": ["x" * 300]},
    {"types": ["x"] * 300},
    {"expires": "tomorrow"},
    {"expires": "2030-13-01T00:00:00Z"},
    {"verificationCode": "early"},
    {"unknown": 1},
    {"id": "P1"},
)


async def test_what_is_no_subscription_is_refused(embedded: Database, tmp_path: Path) -> None:
    async with opened(embedded, tmp_path) as room:
        anna = await room.there.person("anna")
        for wrong in WRONG:
            new = {"deviceClientId": "d", "url": room.service.url, "keys": room.service.browser.keys, **wrong}
            answer = await call(anna, "PushSubscription/set", create={"a": new})
            assert answer["created"] is None, wrong
            assert answer["notCreated"]["a"]["type"] in {"invalidProperties", "tooLarge"}, wrong
        assert (await call(anna, "PushSubscription/get"))["list"] == []


async def test_addresses_within_the_servers_network_are_not_posted_to(room: Room, tmp_path: Path) -> None:
    anna = await room.there.person("anna")
    await room.make(anna)
    guarded = replace(room.handler, poster=Poster(resolve=room.service.resolve, tls=trusting(tmp_path)))
    [job] = await room.database.read(partial(jobs.list_, kind=JOB))
    with pytest.raises(Exception, match="cannot be reached"):
        await guarded.run(job)
    assert room.service.web.asked == []


def test_messages_fit_and_long_states_are_told_by_their_digest() -> None:
    changed = {f"u{number}": {"Email": "x" * 250, "CalendarEvent": "y" * 100_000} for number in range(10)}
    told = messages(changed, 1000)
    assert len(told) == 4
    assert all(len(one) <= 1000 for one in told)
    assert b"y" * 301 not in b"".join(told)
    assert messages({}, 1000) == []
