"""Passwords of single devices: which doors they open, for whom, and when they stop."""

from base64 import b64encode
from datetime import UTC, datetime

import pytest

from folkmoot.auth import authenticator
from folkmoot.auth.app_passwords import NOTED_MILLISECONDS, plain_form
from folkmoot.auth.errors import NotAuthenticated, ProofNeeded
from folkmoot.auth.protocols import DEVICES, Protocol
from folkmoot.config.security_section import SecuritySettings
from folkmoot.config.settings import Settings
from folkmoot.core.caller import ANONYMOUS
from folkmoot.core.errors import Forbidden, MalformedInput, NotFound, TooLarge
from folkmoot.database import Database
from folkmoot.store import app_passwords, outbox
from tests.support.clock import SetClock
from tests.support.doors import Doors
from tests.support.memory_source import Memory

pytestmark = pytest.mark.anyio
CLIENT = "192.0.2.7"


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 6, 1, 6, tzinfo=UTC))


@pytest.fixture
def doors(database: Database, memory: Memory, clock: SetClock) -> Doors:
    return Doors(database, memory, clock)


def basic(login: str, password: str) -> str:
    return "Basic " + b64encode(f"{login}:{password}".encode()).decode()


async def opens(doors: Doors, authorization: str, protocol: Protocol = Protocol.DAV) -> bool:
    try:
        caller = await doors.all.authenticator.authenticate(authorization, CLIENT, protocol=protocol, agent="Phone/1")
    except NotAuthenticated:
        return False
    assert not caller.password, "no server behind us knows it"
    assert not caller.fresh, "a found phone must not be able to lock its owner out"
    return caller.principal == "anna"


async def test_it_opens_its_doors_for_its_owner_and_nothing_else(doors: Doors) -> None:
    made = await doors.all.app_passwords.add(doors.anna, "Phone", {Protocol.DAV, Protocol.EAS})
    header = basic("anna", made.password)
    assert [door for door in Protocol if await opens(doors, header, door)] == [Protocol.DAV, Protocol.EAS]
    assert not await opens(doors, basic("bert", made.password))
    assert not await opens(doors, basic("nobody", made.password))
    assert not await opens(doors, basic("anna", made.password[:-1] + ("a" if made.password[-1] != "a" else "b")))
    assert doors.all.authenticator.cached(header, Protocol.DAV) is not None
    assert doors.all.authenticator.cached(header, Protocol.MAIL) is None


async def test_it_may_be_typed_without_its_dashes_and_in_capitals(doors: Doors) -> None:
    made = await doors.all.app_passwords.add(doors.anna, "Phone", DEVICES)
    assert await opens(doors, basic("anna", made.password.replace("-", "").upper()))
    assert await opens(doors, basic("anna", made.password.replace("-", " ")))


async def test_it_is_a_bearer_token_too(doors: Doors) -> None:
    made = await doors.all.app_passwords.add(doors.anna, "Script", {Protocol.JMAP})
    assert await opens(doors, f"Bearer {made.password}", Protocol.JMAP)
    assert not await opens(doors, f"Bearer {made.password}", Protocol.DAV)
    assert not await opens(doors, "Bearer aaaa-aaaa-aaaa-aaaa-aaaa-aaaa-aaaa", Protocol.JMAP)


async def test_it_costs_no_hash_of_the_directory(doors: Doors, memory: Memory) -> None:
    made = await doors.all.app_passwords.add(doors.anna, "Phone", DEVICES)
    assert await opens(doors, basic("anna", made.password))
    assert memory.checks == 0


async def test_every_worker_knows_it_and_the_main_password_still_works(doors: Doors) -> None:
    made = await doors.all.app_passwords.add(doors.anna, "Phone", DEVICES)
    other = doors.another_worker()
    assert await opens(other, basic("anna", made.password))
    caller = await other.all.authenticator.authenticate(basic("anna", "secret"), CLIENT)
    assert (caller.principal, caller.password, caller.fresh) == ("anna", "secret", True)


async def test_revoking_one_leaves_the_others(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authenticator, "BELIEVED_SECONDS", 0.0)
    phone = await doors.all.app_passwords.add(doors.anna, "Phone", DEVICES)
    tablet = await doors.all.app_passwords.add(doors.anna, "Tablet", DEVICES)
    assert await opens(doors, basic("anna", phone.password))
    await doors.all.app_passwords.remove(doors.anna, phone.made.id)
    assert not await opens(doors, basic("anna", phone.password))
    assert await opens(doors, basic("anna", tablet.password))
    assert [one.name for one in await doors.all.app_passwords.list(doors.anna)] == ["Tablet"]


async def test_it_ends_when_it_was_to_end(doors: Doors, clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authenticator, "BELIEVED_SECONDS", 0.0)
    until = clock.milliseconds() + 1000
    made = await doors.all.app_passwords.add(doors.anna, "Trial", DEVICES, expires_at=until)
    assert await opens(doors, basic("anna", made.password))
    clock.pass_(seconds=2)
    assert not await opens(doors, basic("anna", made.password))
    assert (await doors.all.app_passwords.list(doors.anna))[0].expires_at == until


async def test_who_may_not_log_in_any_more_may_not_with_it_either(
    doors: Doors, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authenticator, "BELIEVED_SECONDS", 0.0)
    made = await doors.all.app_passwords.add(doors.anna, "Phone", DEVICES)
    assert await opens(doors, basic("anna", made.password))
    del memory.passwords["anna"]
    assert not await opens(doors, basic("anna", made.password))
    assert not await opens(doors, f"Bearer {made.password}", Protocol.JMAP)


async def test_a_blocked_account_keeps_its_devices(database: Database, memory: Memory, clock: SetClock) -> None:
    doors = Doors(database, memory, clock, Settings(security=SecuritySettings(failed_logins_max=1)))
    made = await doors.all.app_passwords.add(doors.anna, "Phone", DEVICES)
    assert not await opens(doors, basic("anna", "wrong"))
    assert await opens(doors, basic("anna", made.password))


async def test_the_last_use_is_noted_now_and_then(doors: Doors, clock: SetClock) -> None:
    made = await doors.all.app_passwords.add(doors.anna, "Phone", DEVICES)
    (one,) = await doors.all.app_passwords.list(doors.anna)
    assert (one.used_at, one.used_from, one.used_by) == (None, "", "")
    first = clock.milliseconds()
    assert await opens(doors, basic("anna", made.password))
    clock.pass_(seconds=60)
    assert await opens(doors.another_worker(), basic("anna", made.password))
    (one,) = await doors.all.app_passwords.list(doors.anna)
    assert (one.used_at, one.used_from, one.used_by) == (first, CLIENT, "Phone/1")
    clock.pass_(milliseconds=NOTED_MILLISECONDS)
    assert await opens(doors.another_worker(), basic("anna", made.password))
    (one,) = await doors.all.app_passwords.list(doors.anna)
    assert one.used_at == clock.milliseconds()


async def test_nobody_sees_or_revokes_another_s(doors: Doors) -> None:
    made = await doors.all.app_passwords.add(doors.anna, "Phone", DEVICES)
    assert await doors.all.app_passwords.list(doors.bert) == []
    with pytest.raises(NotFound):
        await doors.all.app_passwords.remove(doors.bert, made.made.id)
    for call in (doors.all.app_passwords.list(ANONYMOUS), doors.all.app_passwords.remove(ANONYMOUS, 1)):
        with pytest.raises(Forbidden):
            await call
    assert await opens(doors, basic("anna", made.password))


async def test_making_one_takes_a_fresh_proof_and_tells_the_owner(doors: Doors, database: Database) -> None:
    with pytest.raises(ProofNeeded):
        await doors.all.app_passwords.add(doors.stale, "Phone", DEVICES)
    await doors.all.app_passwords.add(doors.anna, "Phone", DEVICES)
    (mail,) = await database.read(lambda tx: outbox.list_(tx, list(outbox.State)))
    assert (mail.kind, mail.recipient) == ("sign-in", "anna")
    assert mail.payload == {"event": "app_password_added", "detail": "Phone"}


@pytest.mark.parametrize(
    ("name", "scopes", "expires_at"),
    [
        ("", DEVICES, None),
        ("a\nb", DEVICES, None),
        ("Phone", set(), None),
        ("Phone", {Protocol.WEB}, None),
        ("Phone", DEVICES, 5),
        ("\ud800", DEVICES, None),
    ],
)
async def test_what_is_none_is_refused(doors: Doors, name: str, scopes: set[Protocol], expires_at: int | None) -> None:
    with pytest.raises(MalformedInput):
        await doors.all.app_passwords.add(doors.anna, name, scopes, expires_at=expires_at)
    assert await doors.all.app_passwords.list(doors.anna) == []


async def test_nobody_has_more_than_so_many(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_passwords, "OF_ONE_MAX", 1)
    await doors.all.app_passwords.add(doors.anna, "Phone", DEVICES)
    with pytest.raises(TooLarge):
        await doors.all.app_passwords.add(doors.anna, "Tablet", DEVICES)
    await doors.all.app_passwords.add(doors.bert, "Phone", DEVICES)
    with pytest.raises(TooLarge):
        await doors.all.app_passwords.add(doors.bert, "x" * 256, DEVICES)


async def test_the_database_does_not_hold_it(doors: Doors, database: Database) -> None:
    made = await doors.all.app_passwords.add(doors.anna, "Phone", DEVICES)
    stored = await database.read(lambda tx: app_passwords.list_of(tx, doors.anna.principal))
    assert str(plain_form(made.password)) not in str(stored)
    assert made.password not in repr(made)


def test_what_is_no_app_password_is_not_looked_up() -> None:
    assert plain_form("secret") is None
    assert plain_form("a" * 28 + "!") is None
    assert plain_form("é" * 28) is None
    assert plain_form("a" * 1000) is None
