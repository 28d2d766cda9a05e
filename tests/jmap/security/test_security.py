"""Devices, sessions and factors over JMAP: one's own, by who has just shown who it is."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pyotp
import pytest

from folkmoot.auth.sessions import SignedIn
from folkmoot.config.security_section import SecuritySettings
from folkmoot.config.server_section import ServerSettings
from folkmoot.config.settings import Settings
from folkmoot.database import Database
from folkmoot.store import person
from tests.support.authenticator import SoftAuthenticator
from tests.support.clock import SetClock
from tests.support.jmap import Client, Refused, World, world

pytestmark = pytest.mark.anyio
ORIGIN = "https://mail.example.org"
SETTINGS = Settings(
    server=ServerSettings(public_url=ORIGIN),
    security=SecuritySettings(password_change=True, password_recovery=True),
)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 6, 1, 6, tzinfo=UTC))


@pytest.fixture
async def house(database: Database, clock: SetClock) -> AsyncIterator[World]:
    async with world(database, SETTINGS, clock) as opened:
        yield opened


async def browser(house: World, login: str = "anna", *, new: bool = True) -> Client:
    """Return somebody who has just signed in with a browser."""
    client = await house.person(login) if new else house.client(login)
    signed_in = SignedIn(client.caller, login, "secret")
    begun = await house.services.sign_in.sessions.begin(signed_in, "192.0.2.7", "Firefox")
    return replace(client, caller=begun.caller)


def stale(client: Client) -> Client:
    return replace(client, caller=replace(client.caller, fresh=False))


async def objects(client: Client, kind: str) -> list[dict[str, Any]]:
    return list((await client.call(f"{kind}/get", ids=None))["list"])


async def test_an_app_password_is_told_once_and_opens_its_doors(house: World) -> None:
    anna = await browser(house)
    wanted = {"name": "Phone", "protocols": ["dav", "jmap"], "expires": "2099-01-01T00:00:00Z"}
    answer = await anna.call("AppPassword/set", create={"p": wanted})
    made = answer["created"]["p"]
    assert len(made["password"].replace("-", "")) == 28
    (shown,) = await objects(anna, "AppPassword")
    assert shown == {**made, "password": None}
    assert (shown["name"], shown["protocols"], shown["expires"]) == ("Phone", ["dav", "jmap"], wanted["expires"])
    assert answer["oldState"] != answer["newState"] == (await anna.call("AppPassword/get", ids=[]))["state"]
    assert (await anna.call("AppPassword/set", destroy=[made["id"]]))["destroyed"] == [made["id"]]
    assert await objects(anna, "AppPassword") == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "", "protocols": ["dav"]},
        {"name": "x\ny", "protocols": ["dav"]},
        {"name": "x", "protocols": []},
        {"name": "x", "protocols": ["web"]},
        {"name": "x", "protocols": ["dav"], "expires": "2001-01-01T00:00:00Z"},
        {"name": "x", "protocols": ["dav"], "expires": "2099-02-30T00:00:00Z"},
        {"name": "x", "protocols": ["dav"], "password": "mine"},
    ],
)
async def test_app_passwords_that_make_no_sense_are_refused(house: World, wrong: dict[str, Any]) -> None:
    anna = await browser(house)
    answer = await anna.call("AppPassword/set", create={"p": wrong})
    assert answer["notCreated"]["p"]["type"] == "invalidProperties"
    assert await objects(anna, "AppPassword") == []


async def test_who_is_not_fresh_gives_a_proof_first(house: World) -> None:
    anna = await browser(house)
    wanted = {"p": {"name": "Phone", "protocols": ["dav"]}}
    refused = await stale(anna).call("AppPassword/set", create=wanted)
    assert refused["notCreated"]["p"]["type"] == "needsProof"
    with pytest.raises(Refused, match="needsProof"):
        await stale(anna).call("SecondFactor/begin")


async def test_an_app_password_lists_and_changes_nothing(house: World) -> None:
    anna = await browser(house)
    made = (await anna.call("AppPassword/set", create={"p": {"name": "Phone", "protocols": ["jmap"]}}))["created"]["p"]
    device = replace(anna, caller=replace(anna.caller, session="", fresh=False))
    assert [one["id"] for one in await objects(device, "AppPassword")] == [made["id"]]
    answer = await device.call("AppPassword/set", create={"q": {"name": "Mine", "protocols": ["mail"]}})
    assert answer["notCreated"]["q"]["type"] == "needsProof"
    with pytest.raises(Refused) as refused:
        await device.call("Proof/give", password="secret")
    assert refused.value.type == "forbidden"


async def test_nobody_reaches_anothers(house: World) -> None:
    anna, bert = await browser(house), await browser(house, "bert")
    made = (await anna.call("AppPassword/set", create={"p": {"name": "Phone", "protocols": ["dav"]}}))["created"]["p"]
    (session,) = await objects(anna, "OpenSession")
    assert (await bert.call("AppPassword/set", destroy=[made["id"]]))["notDestroyed"][made["id"]]["type"] == "notFound"
    refused = await bert.call("OpenSession/set", destroy=[session["id"]])
    assert refused["notDestroyed"][session["id"]]["type"] == "notFound"
    root = replace(bert, caller=replace(bert.caller, superuser=True))
    with pytest.raises(Refused) as unknown:
        await root.call("AppPassword/get", accountId=anna.account, ids=None)
    assert unknown.value.type == "accountNotSupportedByMethod"
    assert len(await objects(anna, "AppPassword")) == len(await objects(anna, "OpenSession")) == 1


async def test_sessions_are_listed_and_ended(house: World) -> None:
    anna = await browser(house)
    others = [await browser(house, new=False) for _ in range(3)]
    listed = await objects(anna, "OpenSession")
    assert sorted(one["isPresent"] for one in listed) == [False, False, False, True]
    one = next(one["id"] for one in listed if not one["isPresent"])
    assert (await anna.call("OpenSession/set", destroy=[one]))["destroyed"] == [one]
    assert (await anna.call("OpenSession/endOthers"))["ended"] == len(others) - 1
    assert [one["isPresent"] for one in await objects(anna, "OpenSession")] == [True]


async def test_codes_are_turned_on_by_the_first_one(house: World, clock: SetClock) -> None:
    anna = await browser(house)
    await browser(house, new=False)
    assert (await objects(anna, "SecondFactor"))[0]["code"] is False
    before = (await anna.call("SecondFactor/get", ids=[]))["state"]
    begun = await anna.call("SecondFactor/begin")
    assert begun["uri"].startswith("otpauth://totp/")
    with pytest.raises(Refused) as wrong:
        await anna.call("SecondFactor/confirm", code="000000")
    assert wrong.value.type == "wrongCode"
    code = pyotp.TOTP(begun["secret"]).at(clock.milliseconds() // 1000)
    codes = (await anna.call("SecondFactor/confirm", code=code))["recoveryCodes"]
    (state,) = await objects(anna, "SecondFactor")
    assert (state["code"], state["recoveryCodes"]) == (True, len(codes))
    assert (await anna.call("SecondFactor/changes", sinceState=before))["updated"] == ["singleton"]
    assert [one["isPresent"] for one in await objects(anna, "OpenSession")] == [True], "the others ended"

    await stale(anna).call("Proof/give", code=codes[0])
    assert (await objects(anna, "SecondFactor"))[0]["recoveryCodes"] == len(codes) - 1
    assert set((await anna.call("SecondFactor/renewCodes"))["recoveryCodes"]).isdisjoint(codes)
    await anna.call("SecondFactor/turnOff")
    assert (await objects(anna, "SecondFactor"))[0]["code"] is False


async def test_a_passkey_is_made_named_required_and_removed(house: World) -> None:
    anna = await browser(house)
    key = SoftAuthenticator(ORIGIN, "mail.example.org")
    options = (await anna.call("Passkey/begin"))["publicKey"]
    made = await anna.call("Passkey/finish", name="Laptop", credential=key.create(options))
    number = made["created"]["id"]
    answer = await anna.call("Passkey/set", update={number: {"name": "Old laptop", "required": True}})
    assert answer["updated"][number]["recoveryCodes"]
    (shown,) = await objects(anna, "Passkey")
    assert (shown["name"], shown["required"]) == ("Old laptop", True)
    challenge = (await anna.call("Proof/begin"))["publicKey"]
    await stale(anna).call("Proof/give", passkey=key.get(challenge))
    with pytest.raises(Refused) as used:
        await stale(anna).call("Proof/give", passkey=key.get(challenge))
    assert used.value.type == "wrongCode"
    assert (await anna.call("Passkey/set", destroy=[number]))["destroyed"] == [number]
    assert (await anna.call("Passkey/set", update={number: {"name": "x"}}))["notUpdated"][number]["type"] == "notFound"


async def test_recovery_is_chosen_and_the_answer_never_told(house: World) -> None:
    anna = await browser(house)
    patch = {"mode": "SecretQuestion", "question": "SecretQuestion2", "answer": "Rex"}
    assert (await anna.call("Recovery/set", update={"singleton": patch}))["notUpdated"] is None
    (told,) = await objects(anna, "Recovery")
    assert (told["mode"], told["isAnswered"], told["answer"]) == ("SecretQuestion", True, None)
    wrong = await anna.call("Recovery/set", update={"singleton": {"mode": "SecondaryEmail", "address": "no address"}})
    assert wrong["notUpdated"]["singleton"]["type"] == "invalidProperties"
    assert (await anna.call("Recovery/set", destroy=["singleton"]))["notDestroyed"]["singleton"]["type"] == "singleton"


async def test_the_policy_tells_what_a_new_password_must_satisfy(house: World) -> None:
    (policy,) = await objects(await browser(house), "PasswordPolicy")
    assert policy["isOffered"] is True


async def test_guessing_a_proof_ends_after_some_tries(house: World) -> None:
    anna = await browser(house)
    types = set()
    for _ in range(30):
        with pytest.raises(Refused) as refused:
            await stale(anna).call("Proof/give", password="a guess")
        types.add(refused.value.type)
    assert types == {"wrongCode", "tooManyFailures"}


async def test_pages_that_show_them_are_told(house: World, database: Database) -> None:
    anna = await browser(house)
    found: list[object] = []

    async def revision() -> object:
        return await database.read(lambda tx: person.find(tx, anna.caller.principal))

    for change in (
        ("AppPassword/set", {"create": {"p": {"name": "Phone", "protocols": ["dav"]}}}),
        ("Recovery/set", {"update": {"singleton": {"mode": "SecretQuestion", "answer": "Rex"}}}),
    ):
        await anna.call(change[0], **change[1])
        found.append(await revision())
    assert found[0] is not None
    assert len(set(map(repr, found))) == len(found)
