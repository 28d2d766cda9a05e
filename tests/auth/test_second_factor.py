"""Codes of authenticator apps and recovery codes: when they count, how often, and for whom."""

import asyncio
from base64 import b64encode
from datetime import UTC, datetime

import pyotp
import pytest
import structlog

from folkmoot.auth.attempts import CODES
from folkmoot.auth.errors import NotAuthenticated, ProofNeeded, TooManyFailures, WrongCode
from folkmoot.auth.protocols import DEVICES, Protocol
from folkmoot.auth.second_factor import PENDING_MILLISECONDS
from folkmoot.core.errors import NotFound
from folkmoot.database import Database
from folkmoot.store import outbox, second_factors
from tests.support.clock import SetClock
from tests.support.doors import Doors
from tests.support.memory_source import Memory

pytestmark = pytest.mark.anyio
CLIENT = "192.0.2.7"
ANNA = "Basic " + b64encode(b"anna:secret").decode()


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 6, 1, 6, tzinfo=UTC))


@pytest.fixture
def doors(database: Database, memory: Memory, clock: SetClock) -> Doors:
    return Doors(database, memory, clock)


def code(secret: str, clock: SetClock, *, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(clock.milliseconds() // 1000, counter_offset=steps)


async def turned_on(doors: Doors, clock: SetClock) -> tuple[str, list[str]]:
    """Turn anna's second factor on; return the secret and the recovery codes."""
    enrolment = await doors.all.second_factor.begin(doors.anna, "anna")
    codes = await doors.all.second_factor.confirm(doors.anna, code(enrolment.secret, clock))
    clock.pass_(seconds=90)
    return enrolment.secret, list(codes)


async def test_a_secret_counts_once_a_code_has_confirmed_it(doors: Doors, clock: SetClock) -> None:
    factor = doors.all.second_factor
    enrolment = await factor.begin(doors.anna, "anna@example.org")
    assert not await factor.asked(doors.anna.principal)
    assert len(enrolment.secret) == 32, "160 bits in base32"
    assert enrolment.uri.startswith("otpauth://totp/")
    with pytest.raises(WrongCode):
        await factor.confirm(doors.anna, "000000" if code(enrolment.secret, clock) != "000000" else "000001")
    assert not await factor.asked(doors.anna.principal)
    codes = await factor.confirm(doors.anna, code(enrolment.secret, clock))
    assert len(set(codes)) == 10
    state = await factor.state(doors.anna)
    assert (state.asked, state.code, state.passkey, state.recovery_codes) == (True, True, False, 10)
    assert not (await factor.state(doors.bert)).asked


async def test_each_enrolment_has_a_new_secret_and_the_old_one_ends_with_it(doors: Doors, clock: SetClock) -> None:
    first, codes = await turned_on(doors, clock)
    enrolment = await doors.all.second_factor.begin(doors.anna, "anna")
    assert enrolment.secret != first
    await doors.all.second_factor.check(doors.anna.principal, code(first, clock), CLIENT)
    await doors.all.second_factor.confirm(doors.anna, code(enrolment.secret, clock))
    clock.pass_(seconds=90)
    for old in (code(first, clock), codes[0]):
        with pytest.raises(WrongCode):
            await doors.all.second_factor.check(doors.anna.principal, old, CLIENT)
    await doors.all.second_factor.check(doors.anna.principal, code(enrolment.secret, clock), CLIENT)


async def test_what_was_begun_long_ago_is_confirmed_no_more(doors: Doors, clock: SetClock) -> None:
    enrolment = await doors.all.second_factor.begin(doors.anna, "anna")
    clock.pass_(milliseconds=PENDING_MILLISECONDS + 1)
    with pytest.raises(NotFound):
        await doors.all.second_factor.confirm(doors.anna, code(enrolment.secret, clock))


async def test_a_code_is_taken_once_by_all_workers_together(doors: Doors, clock: SetClock) -> None:
    secret, _ = await turned_on(doors, clock)
    others = [doors.another_worker() for _ in range(4)]
    tries = [other.all.second_factor.check(doors.anna.principal, code(secret, clock), CLIENT) for other in others]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(isinstance(result, WrongCode) for result in results) == [False, True, True, True]


async def test_the_code_that_confirmed_is_not_taken_again(doors: Doors, clock: SetClock) -> None:
    enrolment = await doors.all.second_factor.begin(doors.anna, "anna")
    used = code(enrolment.secret, clock)
    await doors.all.second_factor.confirm(doors.anna, used)
    with pytest.raises(WrongCode):
        await doors.all.second_factor.check(doors.anna.principal, used, CLIENT)


@pytest.mark.parametrize(("steps", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_clocks_may_differ_by_a_step(doors: Doors, clock: SetClock, steps: int, *, right: bool) -> None:
    secret, _ = await turned_on(doors, clock)
    shown = code(secret, clock, steps=steps)
    if right:
        await doors.all.second_factor.check(doors.anna.principal, f"{shown[:3]} {shown[3:]}", CLIENT)
    else:
        with pytest.raises(WrongCode):
            await doors.all.second_factor.check(doors.anna.principal, shown, CLIENT)


async def test_an_older_code_is_not_taken_after_a_newer_one(doors: Doors, clock: SetClock) -> None:
    secret, _ = await turned_on(doors, clock)
    await doors.all.second_factor.check(doors.anna.principal, code(secret, clock, steps=1), CLIENT)
    with pytest.raises(WrongCode):
        await doors.all.second_factor.check(doors.anna.principal, code(secret, clock), CLIENT)


@pytest.mark.parametrize("nonsense", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "\0" * 6, "x" * 10_000, "\ud800"])
async def test_nonsense_is_no_code(doors: Doors, clock: SetClock, nonsense: str) -> None:
    await turned_on(doors, clock)
    with pytest.raises(WrongCode):
        await doors.all.second_factor.check(doors.anna.principal, nonsense, CLIENT)


async def test_codes_cannot_be_guessed_for_long_in_any_worker(doors: Doors, clock: SetClock) -> None:
    secret, _ = await turned_on(doors, clock)
    with structlog.testing.capture_logs() as logs:
        for number in range(CODES.count):
            other = doors.another_worker() if number % 2 else doors
            with pytest.raises(WrongCode):
                await other.all.second_factor.check(doors.anna.principal, f"x{number:05d}", CLIENT)
    assert sum("might not have worked" in entry["event"] and CLIENT in entry["event"] for entry in logs) == CODES.count
    with pytest.raises(TooManyFailures):
        await doors.all.second_factor.check(doors.anna.principal, code(secret, clock), CLIENT)
    clock.pass_(milliseconds=CODES.milliseconds)
    await doors.all.second_factor.check(doors.anna.principal, code(secret, clock), CLIENT)


async def test_a_recovery_code_is_taken_once(doors: Doors, clock: SetClock) -> None:
    _, codes = await turned_on(doors, clock)
    await doors.all.second_factor.check(doors.anna.principal, codes[3].upper().replace("-", " "), CLIENT)
    with pytest.raises(WrongCode):
        await doors.all.second_factor.check(doors.anna.principal, codes[3], CLIENT)
    assert (await doors.all.second_factor.state(doors.anna)).recovery_codes == 9
    fresh = await doors.all.second_factor.renew_codes(doors.anna)
    with pytest.raises(WrongCode):
        await doors.all.second_factor.check(doors.anna.principal, codes[4], CLIENT)
    await doors.all.second_factor.check(doors.anna.principal, fresh[0], CLIENT)


async def test_the_main_password_opens_only_the_web_then_and_says_why(doors: Doors, clock: SetClock) -> None:
    app = await doors.all.app_passwords.add(doors.anna, "Phone", DEVICES)
    assert (await doors.all.authenticator.authenticate(ANNA, CLIENT)).principal == "anna"
    await turned_on(doors, clock)
    other = doors.another_worker().all.authenticator
    for door in DEVICES:
        with pytest.raises(NotAuthenticated, match="app password"):
            await other.authenticate(ANNA, CLIENT, protocol=door)
        assert other.cached(ANNA, door) is None
        shown = "Basic " + b64encode(f"anna:{app.password}".encode()).decode()
        assert (await other.authenticate(shown, CLIENT, protocol=door)).principal == "anna"
    assert (await other.authenticate(ANNA, CLIENT, protocol=Protocol.WEB)).principal == "anna"


async def test_turning_it_on_or_off_takes_a_fresh_proof_and_tells_the_owner(
    doors: Doors, clock: SetClock, database: Database
) -> None:
    for call in (
        doors.all.second_factor.begin(doors.stale, "anna"),
        doors.all.second_factor.confirm(doors.stale, "123456"),
        doors.all.second_factor.remove(doors.stale),
        doors.all.second_factor.renew_codes(doors.stale),
    ):
        with pytest.raises(ProofNeeded):
            await call
    await turned_on(doors, clock)
    await doors.all.second_factor.remove(doors.anna)
    assert not (await doors.all.second_factor.state(doors.anna)).asked
    assert (await doors.all.second_factor.state(doors.anna)).recovery_codes == 0
    with pytest.raises(NotFound):
        await doors.all.second_factor.remove(doors.anna)
    mails = await database.read(lambda tx: outbox.list_(tx, list(outbox.State)))
    assert sorted(str(mail.payload["event"]) for mail in mails) == ["totp_off", "totp_on"]


async def test_turning_it_on_ends_the_other_sessions(doors: Doors, clock: SetClock) -> None:
    from dataclasses import replace

    sessions = doors.all.sessions
    mine = await sessions.begin(await sessions.check("anna", "secret", CLIENT), CLIENT)
    other = await sessions.begin(await sessions.check("anna", "secret", CLIENT), CLIENT)
    enrolment = await doors.all.second_factor.begin(doors.anna, "anna")
    present = replace(doors.anna, session=mine.caller.session)
    await doors.all.second_factor.confirm(present, code(enrolment.secret, clock))
    assert (await sessions.caller(mine.cookie, CLIENT)).principal == "anna"
    with pytest.raises(NotAuthenticated):
        await sessions.caller(other.cookie, CLIENT)


async def test_the_database_holds_neither_secret_nor_codes(doors: Doors, clock: SetClock, database: Database) -> None:
    secret, codes = await turned_on(doors, clock)
    stored = await database.read(lambda tx: second_factors.find(tx, doors.anna.principal, pending=False))
    assert stored is not None
    assert secret not in stored.sealed
    assert not await database.write(lambda tx: second_factors.take_code(tx, doors.anna.principal, codes[0]))
