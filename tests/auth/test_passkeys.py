"""Passkeys: made for this server, taken once, and only from whom they belong to."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from folkmoot.auth.ceremonies import TIMEOUT_MILLISECONDS, RelyingParty, relying_party
from folkmoot.auth.errors import NotAuthenticated, ProofNeeded, WrongCode
from folkmoot.config.server_section import ServerSettings
from folkmoot.config.settings import Settings
from folkmoot.core.errors import Conflict, Forbidden, MalformedInput, NotFound, TooLarge
from folkmoot.database import Database
from folkmoot.store import outbox, passkeys
from tests.support.authenticator import SoftAuthenticator
from tests.support.clock import SetClock
from tests.support.doors import Doors
from tests.support.memory_source import Memory

pytestmark = pytest.mark.anyio
CLIENT = "192.0.2.7"
ORIGIN = "https://mail.example.org"


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 6, 1, 6, tzinfo=UTC))


@pytest.fixture
def doors(database: Database, memory: Memory, clock: SetClock) -> Doors:
    return Doors(database, memory, clock, Settings(server=ServerSettings(public_url=ORIGIN)))


@pytest.fixture
def key() -> SoftAuthenticator:
    return SoftAuthenticator(ORIGIN, "mail.example.org")


async def registered(doors: Doors, key: SoftAuthenticator, *, required: bool = False) -> int:
    options = await doors.all.passkeys.begin_adding(doors.anna)
    made = await doors.all.passkeys.add(doors.anna, "Key", key.create(options), required=required)
    return made.made.id


async def test_a_passkey_alone_says_who_it_is(doors: Doors, key: SoftAuthenticator, clock: SetClock) -> None:
    await registered(doors, key)
    options: Any = await doors.all.passkeys.begin_sign_in()
    assert (options["rpId"], options["userVerification"]) == ("mail.example.org", "required")
    assert not options.get("allowCredentials")
    assert await doors.all.passkeys.check(key.get(options), CLIENT) == "anna"
    (shown,) = await doors.all.passkeys.list(doors.anna)
    assert (shown.name, shown.required, shown.used_at) == ("Key", False, clock.milliseconds())
    assert not await doors.all.second_factor.asked(doors.anna.principal)


async def test_one_that_is_required_is_a_second_factor_with_recovery_codes(
    doors: Doors, key: SoftAuthenticator
) -> None:
    options = await doors.all.passkeys.begin_adding(doors.anna)
    made = await doors.all.passkeys.add(doors.anna, "Key", key.create(options), required=True)
    assert len(made.recovery_codes) == 10
    assert await doors.all.second_factor.asked(doors.anna.principal)
    key.verified = False  # a touch is enough after the password
    wanted: Any = await doors.all.passkeys.begin_sign_in(doors.anna.principal)
    assert len(wanted["allowCredentials"]) == 1
    assert await doors.all.passkeys.check(key.get(wanted), CLIENT, doors.anna.principal) == "anna"
    await doors.all.second_factor.check(doors.anna.principal, made.recovery_codes[0], CLIENT)
    await doors.all.passkeys.require(doors.anna, made.made.id, wanted=False)
    assert not await doors.all.second_factor.asked(doors.anna.principal)
    assert (await doors.all.second_factor.state(doors.anna)).recovery_codes == 0
    assert len(await doors.all.passkeys.require(doors.anna, made.made.id, wanted=True)) == 10


async def test_alone_it_must_have_verified_the_person(doors: Doors, key: SoftAuthenticator) -> None:
    await registered(doors, key)
    key.verified = False
    with pytest.raises(WrongCode):
        await doors.all.passkeys.check(key.get(await doors.all.passkeys.begin_sign_in()), CLIENT)


async def test_a_challenge_serves_once_and_for_minutes(doors: Doors, key: SoftAuthenticator, clock: SetClock) -> None:
    await registered(doors, key)
    answered = key.get(await doors.all.passkeys.begin_sign_in())
    assert await doors.all.passkeys.check(answered, CLIENT) == "anna"
    with pytest.raises(WrongCode):
        await doors.all.passkeys.check(answered, CLIENT)
    options = await doors.all.passkeys.begin_sign_in()
    clock.pass_(milliseconds=TIMEOUT_MILLISECONDS)
    with pytest.raises(WrongCode):
        await doors.all.passkeys.check(key.get(options), CLIENT)
    with pytest.raises(WrongCode):
        await doors.all.passkeys.check(key.get({"challenge": "bWFkZSB1cA"}), CLIENT)


async def test_a_challenge_of_one_purpose_or_person_is_none_of_another(doors: Doors, key: SoftAuthenticator) -> None:
    await registered(doors, key)
    for options in (
        await doors.all.passkeys.begin_adding(doors.anna),
        await doors.all.passkeys.begin_sign_in(doors.anna.principal),
    ):
        with pytest.raises(WrongCode):
            await doors.all.passkeys.check(key.get(options), CLIENT)
    other = SoftAuthenticator(ORIGIN, "mail.example.org")
    with pytest.raises(WrongCode):
        await doors.all.passkeys.add(doors.bert, "x", other.create(await doors.all.passkeys.begin_adding(doors.anna)))
    options = await doors.all.passkeys.begin_sign_in(doors.bert.principal)
    with pytest.raises(WrongCode):
        await doors.all.passkeys.check(key.get(options), CLIENT, doors.bert.principal)


@pytest.mark.parametrize(
    ("origin", "rp_id"),
    [("https://evil.example", "mail.example.org"), (ORIGIN, "evil.example"), (ORIGIN + ":8443", "mail.example.org")],
)
async def test_another_site_s_answer_is_refused(doors: Doors, key: SoftAuthenticator, origin: str, rp_id: str) -> None:
    await registered(doors, key)
    forged = replace(key, origin=origin, rp_id=rp_id)
    with pytest.raises(WrongCode):
        await doors.all.passkeys.check(forged.get(await doors.all.passkeys.begin_sign_in()), CLIENT)
    fresh = SoftAuthenticator(origin, rp_id)
    with pytest.raises(WrongCode):
        await doors.all.passkeys.add(doors.anna, "x", fresh.create(await doors.all.passkeys.begin_adding(doors.anna)))


async def test_another_key_or_a_copy_is_refused(doors: Doors, key: SoftAuthenticator) -> None:
    await registered(doors, key)
    other = replace(key, key=SoftAuthenticator(ORIGIN, "mail.example.org").key)
    with pytest.raises(WrongCode):
        await doors.all.passkeys.check(other.get(await doors.all.passkeys.begin_sign_in()), CLIENT)
    copy = replace(key)
    for _ in range(3):
        await doors.all.passkeys.check(key.get(await doors.all.passkeys.begin_sign_in()), CLIENT)
    with pytest.raises(WrongCode):  # its counter stands where it was when it was copied
        await doors.all.passkeys.check(copy.get(await doors.all.passkeys.begin_sign_in()), CLIENT)
    stranger = replace(key, user_handle=b"somebody else")
    with pytest.raises(WrongCode):
        await doors.all.passkeys.check(stranger.get(await doors.all.passkeys.begin_sign_in()), CLIENT)


async def test_one_that_was_removed_opens_nothing(doors: Doors, key: SoftAuthenticator, database: Database) -> None:
    identity = await registered(doors, key)
    with pytest.raises(NotFound):
        await doors.all.passkeys.remove(doors.bert, identity)
    await doors.all.passkeys.remove(doors.anna, identity)
    assert await doors.all.passkeys.list(doors.anna) == []
    with pytest.raises(WrongCode):
        await doors.all.passkeys.check(key.get(await doors.all.passkeys.begin_sign_in()), CLIENT)
    mails = await database.read(lambda tx: outbox.list_(tx, list(outbox.State)))
    assert sorted(str(mail.payload["event"]) for mail in mails) == ["passkey_added", "passkey_removed"]


async def test_adding_and_removing_take_a_fresh_proof(doors: Doors, key: SoftAuthenticator) -> None:
    identity = await registered(doors, key)
    for call in (
        doors.all.passkeys.begin_adding(doors.stale),
        doors.all.passkeys.add(doors.stale, "x", {}),
        doors.all.passkeys.require(doors.stale, identity, wanted=True),
        doors.all.passkeys.remove(doors.stale, identity),
    ):
        with pytest.raises(ProofNeeded):
            await call


async def test_one_is_known_once_and_nobody_has_too_many(
    doors: Doors, key: SoftAuthenticator, monkeypatch: pytest.MonkeyPatch
) -> None:
    await registered(doors, key)
    with pytest.raises(Conflict):
        await doors.all.passkeys.add(doors.bert, "x", key.create(await doors.all.passkeys.begin_adding(doors.bert)))
    monkeypatch.setattr(passkeys, "OF_ONE_MAX", 1)
    with pytest.raises(TooLarge):
        await registered(doors, SoftAuthenticator(ORIGIN, "mail.example.org"))


@pytest.mark.parametrize(
    "nonsense",
    [
        None,
        7,
        {},
        {"response": {}},
        {"id": "AA", "response": {"clientDataJSON": "!!"}},
        {"id": "AA", "response": {"clientDataJSON": "e30"}},
        {"id": "A" * 70_000, "response": {"clientDataJSON": "e30"}},
        {"id": "AA", "response": {"clientDataJSON": "W1tbW1s"}},
    ],
)
async def test_nonsense_is_no_credential(doors: Doors, nonsense: object) -> None:
    with pytest.raises(MalformedInput):
        await doors.all.passkeys.check(nonsense, CLIENT)
    with pytest.raises(MalformedInput):
        await doors.all.passkeys.add(doors.anna, "x", nonsense)


@pytest.mark.parametrize("part", ["attestationObject", "clientDataJSON", "authenticatorData", "signature"])
@pytest.mark.parametrize("put", ["", "AA", "gA", "n" * 50, 7, None, "_" * 500])
async def test_parts_that_are_nonsense_are_refused(
    doors: Doors, key: SoftAuthenticator, part: str, put: object
) -> None:
    made: Any = key.create(await doors.all.passkeys.begin_adding(doors.anna))
    if part in made["response"]:
        made["response"][part] = put
        with pytest.raises((WrongCode, MalformedInput)):
            await doors.all.passkeys.add(doors.anna, "x", made)
    key.create(await doors.all.passkeys.begin_adding(doors.anna))
    await registered(doors, key)
    signed: Any = key.get(await doors.all.passkeys.begin_sign_in())
    if part in signed["response"]:
        signed["response"][part] = put
        with pytest.raises((WrongCode, MalformedInput)):
            await doors.all.passkeys.check(signed, CLIENT)


async def test_without_a_public_address_there_are_none(database: Database, memory: Memory, clock: SetClock) -> None:
    doors = Doors(database, memory, clock)
    assert not doors.all.passkeys.offered
    for call in (doors.all.passkeys.begin_adding(doors.anna), doors.all.passkeys.begin_sign_in()):
        with pytest.raises(Forbidden):
            await call


async def test_who_may_not_log_in_is_not_known(doors: Doors, memory: Memory) -> None:
    del memory.passwords["anna"]
    with pytest.raises(NotAuthenticated):
        await doors.all.authenticator.known(doors.anna.principal)


@pytest.mark.parametrize(
    ("url", "party"),
    [
        ("https://mail.example.org", ("mail.example.org", "https://mail.example.org")),
        ("https://mail.example.org:443/", ("mail.example.org", "https://mail.example.org")),
        ("https://Mail.Example.org:8443", ("mail.example.org", "https://mail.example.org:8443")),
        ("http://localhost:20000", ("localhost", "http://localhost:20000")),
        ("http://mail.example.org", None),
        ("", None),
        ("https://[", None),
    ],
)
def test_the_relying_party_is_the_configured_address(url: str, party: tuple[str, str] | None) -> None:
    found = relying_party(url, "Folkmoot")
    assert found == (None if party is None else RelyingParty(*party, "Folkmoot"))
