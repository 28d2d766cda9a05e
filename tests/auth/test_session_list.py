"""The browsers somebody is signed in with: listed, ended, made fresh again."""

from datetime import UTC, datetime

import pytest

from folkmoot.auth.agents import browser_of
from folkmoot.auth.errors import NotAuthenticated, TooManyFailures, WrongCode
from folkmoot.auth.freshness import FRESH_MILLISECONDS
from folkmoot.auth.sessions import Begun, SignedIn
from folkmoot.core.caller import ANONYMOUS, Caller
from folkmoot.core.errors import Forbidden, MalformedInput, NotFound
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from tests.support.clock import SetClock
from tests.support.doors import Doors
from tests.support.memory_source import Memory

pytestmark = pytest.mark.anyio
CLIENT = "192.0.2.7"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 6, 1, 6, tzinfo=UTC))


@pytest.fixture
def doors(database: Database, memory: Memory, clock: SetClock) -> Doors:
    return Doors(database, memory, clock)


async def signed_in(doors: Doors, login: str = "anna", password: str = "secret", agent: str = FIREFOX) -> Begun:  # noqa: S107  # of nobody
    sessions = doors.all.sessions
    return await sessions.begin(await sessions.check(login, password, CLIENT), CLIENT, agent)


async def test_each_session_is_told_with_its_browser_and_the_present_one_is_marked(
    doors: Doors, clock: SetClock
) -> None:
    first = await signed_in(doors)
    clock.pass_(seconds=60)
    second = await signed_in(doors, agent="curl/8.0")
    found = await doors.all.session_list.list(second.caller)
    assert [(one.browser, one.client, one.present) for one in found] == [
        ("curl", CLIENT, True),
        ("Firefox on Linux", CLIENT, False),
    ]
    assert found[1].id == first.caller.session
    assert found[1].created_at == found[0].created_at - 60_000
    assert await doors.all.session_list.list(Caller(PrincipalId("bert"))) == []


async def test_ending_one_leaves_the_others(doors: Doors) -> None:
    first, second = await signed_in(doors), await signed_in(doors)
    await doors.all.session_list.end(second.caller, first.caller.session)
    with pytest.raises(NotAuthenticated):
        await doors.all.sessions.caller(first.cookie, CLIENT)
    assert (await doors.all.sessions.caller(second.cookie, CLIENT)).principal == "anna"
    with pytest.raises(NotFound):
        await doors.all.session_list.end(second.caller, first.caller.session)


async def test_all_others_can_be_ended_at_once(doors: Doors) -> None:
    others = [await signed_in(doors) for _ in range(3)]
    mine, bert = await signed_in(doors), await signed_in(doors, "bert", "hunter2")
    assert await doors.all.session_list.end_others(mine.caller) == 3
    for other in others:
        with pytest.raises(NotAuthenticated):
            await doors.all.sessions.caller(other.cookie, CLIENT)
    assert (await doors.all.sessions.caller(bert.cookie, CLIENT)).principal == "bert"


async def test_nobody_ends_another_s(doors: Doors) -> None:
    mine, bert = await signed_in(doors), await signed_in(doors, "bert", "hunter2")
    with pytest.raises(NotFound):
        await doors.all.session_list.end(bert.caller, mine.caller.session)
    for call in (doors.all.session_list.list(ANONYMOUS), doors.all.session_list.end_others(ANONYMOUS)):
        with pytest.raises(Forbidden):
            await call


async def test_a_session_is_fresh_for_ten_minutes_and_by_the_password_again(doors: Doors, clock: SetClock) -> None:
    begun = await signed_in(doors)
    assert begun.caller.fresh
    clock.pass_(milliseconds=FRESH_MILLISECONDS - 1)
    assert (await doors.all.sessions.caller(begun.cookie, CLIENT)).fresh
    clock.pass_(milliseconds=1)
    stale = await doors.all.sessions.caller(begun.cookie, CLIENT)
    assert not stale.fresh
    with pytest.raises(WrongCode):
        await doors.all.session_list.prove(stale, CLIENT, password="wrong")
    with pytest.raises(WrongCode):
        await doors.all.session_list.prove(stale, CLIENT, password="hunter2", login="bert")
    assert not (await doors.all.sessions.caller(begun.cookie, CLIENT)).fresh
    await doors.all.session_list.prove(stale, CLIENT, password="secret")
    assert (await doors.all.sessions.caller(begun.cookie, CLIENT)).fresh


async def test_proofs_cannot_be_guessed_for_long(doors: Doors) -> None:
    begun = await signed_in(doors)
    for number in range(10):
        with pytest.raises(WrongCode):
            await doors.all.session_list.prove(begun.caller, CLIENT, password=f"wrong {number}")
    with pytest.raises(TooManyFailures):
        await doors.all.session_list.prove(begun.caller, CLIENT, password="secret")


async def test_a_proof_is_a_password_or_a_code_in_a_session(doors: Doors) -> None:
    begun = await signed_in(doors)
    for wrong in ({}, {"password": "secret", "code": "123456"}, {"password": "x" * 2000}):
        with pytest.raises(MalformedInput):
            await doors.all.session_list.prove(begun.caller, CLIENT, **wrong)
    with pytest.raises(Forbidden):
        await doors.all.session_list.prove(doors.anna, CLIENT, password="secret")


async def test_a_session_without_a_password_goes_on_while_its_owner_may_log_in(
    doors: Doors, memory: Memory, clock: SetClock
) -> None:
    caller = await doors.all.authenticator.known(PrincipalId("anna"))
    begun = await doors.all.sessions.begin(SignedIn(caller), CLIENT)
    again = await doors.all.sessions.caller(begun.cookie, CLIENT)
    assert (again.principal, again.password, again.fresh) == ("anna", "", True)
    del memory.passwords["anna"]
    with pytest.raises(NotAuthenticated):
        await doors.another_worker().all.sessions.caller(begun.cookie, CLIENT)
    memory.passwords["anna"] = "back"
    with pytest.raises(NotAuthenticated):
        await doors.another_worker().all.sessions.caller(begun.cookie, CLIENT)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_4) Version/18.4 Mobile Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("nothing known", ""),
        ("", ""),
    ],
)
def test_browsers_are_named_for_people(agent: str, name: str) -> None:
    assert browser_of(agent) == name
