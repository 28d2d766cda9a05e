"""Who is calling, and for how long that is believed."""

import asyncio
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import structlog

from folkmoot.auth import authenticator as module
from folkmoot.auth.authenticator import (
    BELIEVED_SECONDS,
    GRACE_SECONDS,
    REFUSED_SECONDS,
    VERIFIED_SECONDS,
    Authenticator,
)
from folkmoot.auth.errors import NotAuthenticated, TooManyFailures
from folkmoot.auth.failure_counts import FailureCounts
from folkmoot.auth.sessions import Sessions
from folkmoot.config.security_section import SecuritySettings
from folkmoot.config.settings import Settings
from folkmoot.core.clock import SystemClock
from folkmoot.core.errors import Unavailable
from folkmoot.database import Database
from folkmoot.directory.directory import Directory
from folkmoot.directory.principal import PrincipalKind
from tests.support.memory_source import Memory

pytestmark = pytest.mark.anyio
CLIENT = "192.0.2.7"


class Hand:
    """A clock whose hand the test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def basic(login: str, password: str) -> str:
    return "Basic " + b64encode(f"{login}:{password}".encode()).decode()


@pytest.fixture
def hand() -> Hand:
    return Hand()


Make = Callable[..., Authenticator]


@pytest.fixture
def make(memory: Memory, hand: Hand, database: Database) -> Make:
    def make(**security: Any) -> Authenticator:
        settings = replace(Settings(), security=SecuritySettings(**security))
        failures = FailureCounts(settings.security, database, SystemClock())
        return Authenticator(Directory([memory]), settings, failures, time=hand)

    return make


async def refused(auth: Authenticator, header: str) -> bool:
    try:
        await auth.authenticate(header, CLIENT)
    except NotAuthenticated:
        return True
    return False


async def test_the_right_password_makes_a_caller_that_is_remembered(make: Make, memory: Memory) -> None:
    auth = make()
    assert auth.cached(basic("anna", "secret")) is None
    caller = await auth.authenticate(basic("anna", "secret"), CLIENT)
    assert (caller.principal, caller.superuser, caller.anonymous) == ("anna", False, False)
    assert auth.cached(basic("anna", "secret")) == caller
    assert memory.checks == 1


@pytest.mark.parametrize("header", ["", "Basic", "Bearer x", "Basic AAAA", basic("anna", "")])
async def test_no_credentials_are_refused_without_counting_or_logging(make: Make, memory: Memory, header: str) -> None:
    auth = make(failed_logins_max=1)
    with structlog.testing.capture_logs() as logs:
        for _ in range(5):
            assert await refused(auth, header)
    assert memory.checks == 0
    assert logs == []
    assert not await refused(auth, basic("anna", "secret"))


async def test_another_password_is_another_question(make: Make) -> None:
    auth = make()
    await auth.authenticate(basic("anna", "secret"), CLIENT)
    assert auth.cached(basic("anna", "wrong")) is None
    assert auth.cached(basic("bert", "secret")) is None
    assert await refused(auth, basic("anna", "wrong"))


async def test_a_changed_password_works_at_once_and_the_old_one_stops_within_seconds(
    make: Make, memory: Memory, hand: Hand
) -> None:
    auth = make()
    await auth.authenticate(basic("anna", "secret"), CLIENT)
    memory.passwords["anna"] = "changed"
    assert not await refused(auth, basic("anna", "changed"))
    hand.now += BELIEVED_SECONDS
    assert auth.cached(basic("anna", "secret")) is None
    assert await refused(auth, basic("anna", "secret"))


async def test_whoever_signs_in_anew_needs_the_password_of_now(make: Make, memory: Memory) -> None:
    auth = make()
    await auth.authenticate(basic("anna", "secret"), CLIENT)
    memory.passwords["anna"] = "changed elsewhere"
    assert auth.cached(basic("anna", "secret")) is not None
    with pytest.raises(NotAuthenticated):
        await auth.authenticate(basic("anna", "secret"), CLIENT, anew=True)
    assert auth.cached(basic("anna", "secret")) is None


async def test_who_is_removed_is_out_within_seconds(make: Make, memory: Memory, hand: Hand) -> None:
    auth = make()
    await auth.authenticate(basic("anna", "secret"), CLIENT)
    del memory.passwords["anna"]
    hand.now += BELIEVED_SECONDS
    assert await refused(auth, basic("anna", "secret"))


async def test_going_on_looks_at_the_stored_password_without_hashing(make: Make, memory: Memory, hand: Hand) -> None:
    auth = make()
    for _ in range(5):
        await auth.authenticate(basic("anna", "secret"), CLIENT)
        hand.now += BELIEVED_SECONDS
    assert (memory.checks, memory.rechecks) == (1, 4)
    hand.now += VERIFIED_SECONDS
    await auth.authenticate(basic("anna", "secret"), CLIENT)
    assert memory.checks == 2


async def test_requests_at_once_share_one_verification(make: Make, memory: Memory) -> None:
    auth = make()
    await asyncio.gather(*(auth.authenticate(basic("anna", "secret"), CLIENT) for _ in range(20)))
    assert memory.checks == 1
    results = await asyncio.gather(*(refused(auth, basic("anna", "no")) for _ in range(20)))
    assert all(results)
    assert memory.checks == 2


async def test_a_client_that_leaves_does_not_take_the_others_answer_along(make: Make) -> None:
    auth = make()
    leaving = asyncio.create_task(auth.authenticate(basic("anna", "secret"), CLIENT))
    staying = asyncio.create_task(auth.authenticate(basic("anna", "secret"), CLIENT))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying).principal == "anna"


async def test_wrong_credentials_are_hashed_again_after_a_moment_only(make: Make, memory: Memory, hand: Hand) -> None:
    auth = make()
    for _ in range(3):
        assert await refused(auth, basic("anna", "soon"))
    assert memory.checks == 1
    memory.passwords["anna"] = "soon"
    hand.now += REFUSED_SECONDS
    assert not await refused(auth, basic("anna", "soon"))


async def test_a_source_that_is_down_keeps_those_signed_in_for_a_minute(make: Make, memory: Memory, hand: Hand) -> None:
    auth = make()
    await auth.authenticate(basic("anna", "secret"), CLIENT)
    memory.down = True
    hand.now += BELIEVED_SECONDS
    assert not await refused(auth, basic("anna", "secret"))
    with pytest.raises(Unavailable):
        await auth.authenticate(basic("bert", "hunter2"), CLIENT)
    hand.now += GRACE_SECONDS
    with pytest.raises(Unavailable):
        await auth.authenticate(basic("anna", "secret"), CLIENT)
    memory.down = False
    assert not await refused(auth, basic("anna", "secret"))


async def test_superusers_and_closed_modules_are_told_to_the_caller(make: Make, memory: Memory) -> None:
    memory.denied["bert"] = frozenset({"Calendar"})
    auth = make(superusers=("root",))
    assert (await auth.authenticate(basic("root", "r"), CLIENT)).superuser
    bert = await auth.authenticate(basic("bert", "hunter2"), CLIENT)
    assert (bert.superuser, bert.denied) == (False, frozenset({"Calendar"}))


async def test_a_proxy_is_believed_only_where_the_setting_says_so(make: Make, memory: Memory, hand: Hand) -> None:
    memory.kinds["bert"] = PrincipalKind.LOCATION
    with pytest.raises(NotAuthenticated):
        await make().vouched("anna")
    auth = make(trust_proxy_authentication=True)
    assert (await auth.vouched("anna")).principal == "anna"
    for nobody in ("", "carl", "bert", "anna ", "x" * 999):
        with pytest.raises(NotAuthenticated):
            await auth.vouched(nobody)
    memory.down = True
    assert (await auth.vouched("anna")).principal == "anna", "as every request carries the name"
    hand.now += BELIEVED_SECONDS
    with pytest.raises(Unavailable):
        await auth.vouched("anna")


async def test_too_many_failures_block_the_account_for_all_workers(make: Make, memory: Memory, hand: Hand) -> None:
    limits = {"failed_logins_max": 3, "failed_logins_interval_seconds": 60, "failed_logins_block_seconds": 60}
    first, second = make(**limits), make(**limits)
    await first.authenticate(basic("anna", "secret"), CLIENT)
    for guess in ("a", "b", "c"):
        assert await refused(first, basic("Anna" if guess == "b" else "anna", guess))
    for auth in (first, second):
        with pytest.raises(TooManyFailures):
            await auth.authenticate(basic("anna", "d"), CLIENT)
    with pytest.raises(TooManyFailures):
        await second.authenticate(basic("anna", "secret"), CLIENT)
    assert first.cached(basic("anna", "secret")) is not None, "a phone that is signed in goes on"
    assert not await refused(second, basic("bert", "hunter2"))


async def test_guesses_sent_at_once_do_not_slip_past_the_limit(make: Make, memory: Memory) -> None:
    auth = make(failed_logins_max=3, failed_logins_interval_seconds=60, failed_logins_block_seconds=60)
    answers = await asyncio.gather(
        *(auth.authenticate(basic("anna", f"guess {i}"), CLIENT) for i in range(30)), return_exceptions=True
    )
    assert memory.checks == 3
    assert sum(isinstance(answer, TooManyFailures) for answer in answers) == 27


async def test_a_success_forgets_the_failures_before_it(make: Make) -> None:
    auth = make(failed_logins_max=3, failed_logins_interval_seconds=60, failed_logins_block_seconds=60)
    for attempt in range(4):
        assert await refused(auth, basic("anna", f"a{attempt}"))
        assert await refused(auth, basic("anna", f"b{attempt}"))
        auth = make(failed_logins_max=3, failed_logins_interval_seconds=60, failed_logins_block_seconds=60)
        assert not await refused(auth, basic("anna", "secret"))


async def test_memory_is_bounded(make: Make, memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ENTRIES_MAX", 5)
    monkeypatch.setattr(module, "REFUSED_MAX", 5)
    memory.passwords |= {f"user{i}": "p" for i in range(12)}
    auth = make()
    for i in range(12):
        await auth.authenticate(basic(f"user{i}", "p"), CLIENT)
        assert await refused(auth, basic(f"user{i}", "q"))
    remembered = [i for i in range(12) if auth.cached(basic(f"user{i}", "p"))]
    assert remembered == [7, 8, 9, 10, 11]


async def test_each_request_carries_its_password_and_nothing_remembers_it(make: Make, hand: Hand) -> None:
    auth = make()
    header = basic("anna", "secret")
    asked = await auth.authenticate(header, CLIENT)
    again = auth.cached(header)
    assert again is not None
    assert (asked.password, again.password) == ("secret", "secret")
    assert "secret" not in repr(asked)
    assert all(not entry.caller.password for entry in auth._entries.values())


async def test_a_sessions_requests_carry_the_password_it_was_begun_with(make: Make, database: Database) -> None:
    sessions = Sessions(database, make(), SystemClock())
    begun = await sessions.begin(await sessions.check("anna", "secret", CLIENT), CLIENT)
    assert begun.caller.password == "secret"
    assert (await sessions.caller(begun.cookie, CLIENT)).password == "secret"


async def test_who_a_proxy_vouches_for_has_no_password(make: Make) -> None:
    auth = make(trust_proxy_authentication=True)
    assert (await auth.vouched("anna")).password == ""
