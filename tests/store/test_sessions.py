"""Sessions of browsers, and choices of people, on all databases."""

from dataclasses import replace

import pytest

from folkmoot.core.caller import Caller
from folkmoot.core.clock import SystemClock
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database, Transaction
from folkmoot.sharing.choices import Choices
from folkmoot.store import busy, sessions
from folkmoot.store.sessions import Session

pytestmark = pytest.mark.anyio

ANNA = PrincipalId("anna")
FIRST = Session("d1", ANNA, {"sealed": "ünïcode"}, 1000, 1000, 5000)


async def add(database: Database, *new: Session) -> None:
    for one in new:
        await database.write(lambda tx, one=one: sessions.add(tx, one))  # type: ignore[misc]  # bound at once


async def find(database: Database, digest: str, now: int = 1000) -> Session | None:
    return await database.read(lambda tx: sessions.find(tx, digest, now))


async def test_a_session_is_found_until_it_expires(database: Database) -> None:
    await add(database, FIRST)
    assert await find(database, "d1", 4999) == FIRST
    assert await find(database, "d1", 5000) is None
    assert await find(database, "d2") is None
    await database.write(lambda tx: sessions.touch(tx, "d1", seen_at=4000, expires_at=9000))
    assert await find(database, "d1", 8999) == replace(FIRST, seen_at=4000, expires_at=9000)
    assert await database.write(lambda tx: sessions.remove(tx, "d1", now=1))
    assert not await database.write(lambda tx: sessions.remove(tx, "d1", now=1))


async def test_the_least_recently_used_sessions_of_one_person_go(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "SESSIONS_MAX", 2)
    await add(database, replace(FIRST, digest="other", principal=PrincipalId("bert")))
    await add(database, *(replace(FIRST, digest=f"d{n}", seen_at=n) for n in (3, 1, 2, 4)))
    assert [n for n in range(1, 5) if await find(database, f"d{n}")] == [3, 4]
    assert await find(database, "other") is not None


async def test_choices_are_merged_by_key(database: Database) -> None:
    choices, caller = Choices(database, SystemClock()), Caller(ANNA)
    await choices.save(caller, ANNA, {"a": 1, "b": 2}, {"Calendar": {"x": 1}})
    await choices.save(caller, ANNA, {"b": None, "c": [3]}, {"Calendar": {"y": 2}, "Mail": {"z": 3}})
    assert await choices.get(caller, ANNA) == (
        {"a": 1, "c": [3]},
        {"Calendar": {"x": 1, "y": 2}, "Mail": {"z": 3}},
    )


async def test_nobody_is_busy_without_calendars(database: Database) -> None:
    async def work(tx: Transaction) -> list[int]:
        return [
            len(await busy.calendars(tx, [ANNA])),
            len(await busy.calendars(tx, [])),
            len(await busy.subscribed(tx, [ANNA])),
            len(await busy.subscribed(tx, [])),
            len(await busy.rows(tx, [], 0, 1)),
        ]

    assert await database.read(work) == [0] * 5
