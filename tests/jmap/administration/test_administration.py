"""Administration over JMAP: by superusers in a browser, and each action is written down."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from folkmoot.auth.errors import NotAuthenticated
from folkmoot.auth.protocols import Protocol
from folkmoot.auth.sessions import SignedIn
from folkmoot.config.security_section import SecuritySettings
from folkmoot.config.settings import Settings
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database, Transaction
from folkmoot.store import jobs, outbox
from folkmoot.store.outbox import NewMail, key_of
from tests.support.clock import SetClock
from tests.support.jmap import Client, Refused, World, world

pytestmark = pytest.mark.anyio
SETTINGS = Settings(security=SecuritySettings(superusers=("root",)))
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOON)


@pytest.fixture
async def house(database: Database, clock: SetClock) -> AsyncIterator[World]:
    async with world(database, SETTINGS, clock) as opened:
        yield opened


async def administrator(house: World) -> Client:
    return await house.person("root", superuser=True, session="a browser's")


async def objects(client: Client, kind: str, ids: Sequence[str] | None = None) -> list[dict[str, Any]]:
    return list((await client.call(f"{kind}/get", ids=ids))["list"])


async def actions(client: Client) -> list[tuple[str, str]]:
    return [(one["action"], one["subject"]) for one in reversed(await objects(client, "AuditEntry"))]


async def signs_in(house: World, login: str, password: str) -> bool:
    try:
        await house.services.sign_in.sessions.check(login, password, "192.0.2.7")
    except NotAuthenticated:
        return False
    return True


async def test_somebody_is_added_changed_and_removed(house: World) -> None:
    root = await administrator(house)
    wanted = {"login": "Ada", "name": "Ada King", "email": "ada@example.com", "password": "difference engine"}
    made = (await root.call("Person/set", create={"a": wanted}))["created"]["a"]
    assert (made["login"], made["isEditable"], made["password"]) == ("ada", True, None)
    assert await signs_in(house, "ada", "difference engine")
    (found,) = (await root.call("Person/search", text="king"))["list"]
    assert found == made

    patch = {"name": "Ada Lovelace", "aliases": ["countess@example.com"], "password": "analytical engine"}
    assert (await root.call("Person/set", update={made["id"]: patch}))["notUpdated"] is None
    (after,) = await objects(root, "Person", [made["id"]])
    assert (after["name"], after["aliases"], after["email"]) == (
        "Ada Lovelace",
        ["countess@example.com"],
        "ada@example.com",
    )
    assert await signs_in(house, "ada", "analytical engine")
    assert not await signs_in(house, "ada", "difference engine")

    ada = house.client("ada")
    await ada.call("Calendar/set", create={"c": {"name": "Engines"}})
    assert (await root.call("Person/set", destroy=[made["id"]], destroyData=True))["destroyed"] == [made["id"]]
    assert (await root.call("Person/get", ids=[made["id"]]))["notFound"] == [made["id"]]
    assert not await signs_in(house, "ada", "analytical engine")
    again = (await root.call("Person/set", create={"a": wanted}))["created"]["a"]
    assert "Engines" not in [one["name"] for one in await objects(house.client(again["login"]), "Calendar")]
    assert await actions(root) == [
        ("person added", "ada"),
        ("person changed", "ada"),
        ("password set", "ada"),
        ("person removed with data", "ada"),
        ("person added", "ada"),
    ]


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ({"login": "a b"}, "invalidProperties"),
        ({"login": "root"}, "conflict"),
        ({"login": "x", "email": "no address"}, "invalidProperties"),
        ({"login": "x", "kind": "robot"}, "invalidProperties"),
        ({"login": "x", "source": "ldap"}, "invalidProperties"),
        ({"name": "without login"}, "invalidProperties"),
    ],
)
async def test_people_who_make_no_sense_are_refused(house: World, wrong: dict[str, Any], kind: str) -> None:
    root = await administrator(house)
    assert (await root.call("Person/set", create={"a": wrong}))["notCreated"]["a"]["type"] == kind
    assert await actions(root) == []


async def test_a_room_is_added_without_password(house: World) -> None:
    root = await administrator(house)
    wanted = {"login": "hall", "name": "Hall", "kind": "location", "multipleBookings": -1}
    made = (await root.call("Person/set", create={"r": wanted}))["created"]["r"]
    assert (made["kind"], made["multipleBookings"]) == ("location", -1)
    assert not await signs_in(house, "hall", "")


async def test_nobody_removes_oneself(house: World) -> None:
    root = await administrator(house)
    (found,) = (await root.call("Person/search", text="root"))["list"]
    assert (await root.call("Person/set", destroy=[found["id"]]))["notDestroyed"][found["id"]]["type"] == "forbidden"


async def test_who_has_lost_everything_signs_in_by_the_password_alone(house: World) -> None:
    root, anna = await administrator(house), await house.person("anna")
    services = house.services.sign_in
    begun = await services.sessions.begin(SignedIn(anna.caller, "anna", "secret"), "192.0.2.7", "Firefox")
    await services.app_passwords.add(begun.caller, "Phone", [Protocol.DAV])
    principal = f"p{anna.account[1:]}"
    told = await root.call("Person/devices", id=principal)
    assert (told["sessions"], told["appPasswords"], told["secondFactor"]) == (1, 1, False)
    await root.call("Person/resetSignIn", id=principal)
    told = await root.call("Person/devices", id=principal)
    assert (told["sessions"], told["appPasswords"]) == (0, 0)
    assert await actions(root) == [("sign-in reset", "anna")]


async def test_ordinary_people_have_none_of_this(house: World) -> None:
    anna = await house.person("anna", session="a browser's")
    with pytest.raises(Refused) as refused:
        await anna.call("Person/get", ids=None)
    assert refused.value.type == "accountNotSupportedByMethod"
    for work in (
        house.services.administered_people.search(anna.caller, ""),
        house.services.administration.letters(anna.caller),
        house.services.administration.health(anna.caller),
        house.services.administration.entries(anna.caller),
    ):
        with pytest.raises(Exception, match="administrators"):
            await work


async def test_an_app_password_of_an_administrator_looks_and_does_nothing(house: World) -> None:
    root = await administrator(house)
    device = replace(root, caller=replace(root.caller, session=""))
    assert (await device.call("Person/search", text="root"))["list"]
    answer = await device.call("Person/set", create={"a": {"login": "mallory", "password": "opens everything"}})
    assert answer["notCreated"]["a"]["type"] == "forbidden"
    message = await device.call("MessageOfTheDay/set", update={"singleton": {"text": "Owned"}})
    assert message["notUpdated"]["singleton"]["type"] == "forbidden"
    with pytest.raises(Refused) as refused:
        await device.call("Person/resetSignIn", id=f"p{root.account[1:]}")
    assert refused.value.type == "forbidden"


async def test_letters_are_sent_again_and_forgotten(house: World, database: Database, clock: SetClock) -> None:
    root = await administrator(house)

    async def write(tx: Transaction) -> None:
        now = clock.milliseconds()
        for name in ("one", "two"):
            mail = NewMail(key_of(name), "test", PrincipalId("anna"), f"{name}@x.test", {})
            await outbox.add(tx, [mail], now)
            claimed = await outbox.claim(tx, key_of(name), now=now, lease_ms=1000)
            assert claimed is not None
            await outbox.settle(tx, claimed, outbox.State.DEAD, fault="550 nobody", now=now)

    await database.write(write)
    two, one = await objects(root, "OutboxLetter")
    assert (one["state"], one["recipient"], one["fault"]) == ("dead", "one@x.test", "550 nobody")
    wrong = await root.call("OutboxLetter/set", update={one["id"]: {"state": "sent"}, "77": {"state": "waiting"}})
    assert [wrong["notUpdated"][id_]["type"] for id_ in (one["id"], "77")] == ["invalidProperties", "notFound"]
    answer = await root.call("OutboxLetter/set", update={one["id"]: {"state": "waiting"}}, destroy=[two["id"]])
    assert answer["destroyed"] == [two["id"]]
    (left,) = await objects(root, "OutboxLetter")
    assert (left["id"], left["state"]) == (one["id"], "waiting")
    assert sorted(await actions(root)) == [("mail discarded", "two@x.test"), ("mail retried", "one@x.test")]


async def test_jobs_are_seen_and_run_now(house: World, database: Database, clock: SetClock) -> None:
    root = await administrator(house)
    now = clock.milliseconds()
    await database.write(lambda tx: jobs.add(tx, "trim", "tombstones", {}, now + 3_600_000, now))
    (job,) = await objects(root, "Job")
    assert (job["kind"], job["due"], job["runningUntil"]) == ("trim", "2026-06-01T13:00:00Z", None)
    await root.call("Job/runNow", id=job["id"])
    (job,) = await objects(root, "Job")
    assert job["due"] == "2026-06-01T12:00:00Z"
    for unknown in ("77", "x"):
        with pytest.raises(Refused) as refused:
            await root.call("Job/runNow", id=unknown)
        assert refused.value.type == "notFound"


async def test_everybody_is_told_the_message_in_its_time(house: World, clock: SetClock) -> None:
    root, anna = await administrator(house), await house.person("anna")

    async def told() -> str:
        return str((await objects(anna, "Site"))[0]["messageOfTheDay"])

    assert await told() == ""
    message = {"text": "We move on Friday.", "since": "2026-06-01T13:00:00Z", "until": "2026-06-02T13:00:00Z"}
    assert (await root.call("MessageOfTheDay/set", update={"singleton": message}))["notUpdated"] is None
    assert (await objects(root, "MessageOfTheDay"))[0] == {"id": "singleton", **message}
    assert await told() == ""
    clock.pass_(hours=2)
    assert await told() == "We move on Friday."
    clock.pass_(hours=24)
    assert await told() == ""
    wrongs: list[dict[str, str]] = [
        {"text": "x" * 5000},
        {"text": "\x00"},
        {"until": "2026-01-01T00:00:00Z"},
        {"since": "2026-02-30T00:00:00Z"},
    ]
    for wrong in wrongs:
        answer = await root.call("MessageOfTheDay/set", update={"singleton": wrong})
        assert answer["notUpdated"]["singleton"]["type"] == "invalidProperties", wrong


async def test_how_the_peers_are(house: World) -> None:
    root = await administrator(house)
    found = {one["id"]: one["fault"] for one in await objects(root, "Peer")}
    assert found["database"] == found["people"] == ""
