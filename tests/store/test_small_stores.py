"""Locks, grants, profiles, secrets and failed log-ins."""

import asyncio
from dataclasses import replace

import pytest

from folkmoot.core.errors import Conflict, NotFound
from folkmoot.core.ids import CollectionId, PrincipalId
from folkmoot.database import Database
from folkmoot.store import failures, grants, locks, profiles, secrets
from folkmoot.store.failures import Failures
from folkmoot.store.records import Lock, LockedPath
from tests.support.store import ANNA, NOW, Home, make_home

pytestmark = pytest.mark.anyio

LOCK = Lock(
    token="t1",
    owner=ANNA,
    path="Calendar/personal",
    infinite=True,
    exclusive=True,
    principal=PrincipalId("berta"),
    owner_xml="<D:href>mailto:ü🎉</D:href>",
    expires_at=NOW + 1000,
)


async def _take(database: Database, lock: Lock, now: int = NOW) -> None:
    await database.write(lambda tx: locks.take(tx, lock, now))


async def _tokens(database: Database, now: int = NOW) -> set[str]:
    return {lock.token for lock in await database.read(lambda tx: locks.list_(tx, ANNA, now))}


async def test_a_lock_lasts_until_it_expires(database: Database) -> None:
    await _take(database, LOCK)
    assert await database.read(lambda tx: locks.list_(tx, ANNA, NOW)) == [LOCK]
    assert await _tokens(database, NOW + 1000) == set()
    await database.write(lambda tx: locks.refresh(tx, ANNA, "t1", expires_at=NOW + 5000, now=NOW))
    assert await _tokens(database, NOW + 1000) == {"t1"}
    with pytest.raises(NotFound):
        await database.write(lambda tx: locks.refresh(tx, ANNA, "t1", expires_at=NOW + 9000, now=NOW + 5000))
    assert await database.write(lambda tx: locks.delete_expired(tx, NOW + 5000)) == 1
    with pytest.raises(NotFound):
        await database.write(lambda tx: locks.release(tx, ANNA, "t1"))


@pytest.mark.parametrize(
    ("path", "infinite", "excluded"),
    [
        ("Calendar/personal", False, True),
        ("Calendar/personal/a.ics", False, True),
        ("Calendar", True, True),
        ("", True, True),
        ("Calendar", False, False),
        ("Calendar/personal2", True, False),
        ("Calendar/Personal", True, False),
    ],
)
async def test_locks_exclude_what_they_cover(database: Database, path: str, infinite: bool, excluded: bool) -> None:
    await _take(database, LOCK)
    other = replace(LOCK, token="t2", path=path, infinite=infinite, exclusive=False)
    if not excluded:
        await _take(database, other)
        return
    with pytest.raises(LockedPath) as locked:
        await _take(database, other)
    assert locked.value.path == LOCK.path
    await _take(database, other, now=LOCK.expires_at)


async def test_shared_locks_stand_side_by_side(database: Database) -> None:
    await _take(database, replace(LOCK, exclusive=False))
    await _take(database, replace(LOCK, exclusive=False, token="t2"))
    with pytest.raises(LockedPath):
        await _take(database, replace(LOCK, token="t3"))
    await _take(database, replace(LOCK, token="t3", owner=PrincipalId("Anna")))


async def test_of_many_takers_one_gets_the_lock(database: Database) -> None:
    async def taker(number: int) -> bool:
        try:
            await _take(database, replace(LOCK, token=f"t{number}"))
        except LockedPath:
            return False
        return True

    assert sum(await asyncio.gather(*(taker(number) for number in range(16)))) == 1


async def test_locks_go_with_what_they_lock(database: Database) -> None:
    for token, path in (("1", "a"), ("2", "a/b"), ("3", "a.b"), ("4", "A/b")):
        await _take(database, replace(LOCK, token=token, path=path, infinite=False))
    await database.write(lambda tx: locks.drop_below(tx, ANNA, "a"))
    assert await _tokens(database) == {"3", "4"}


async def test_roles_are_replaced_for_one_subject_at_a_time(home: Home) -> None:
    database = home.database
    other = await make_home(database, "other")
    await database.write(lambda tx: grants.set_(tx, home.id, "berta", ["Viewer", "Editor", "Viewer"]))
    await database.write(lambda tx: grants.set_(tx, home.id, "<default>", ["Viewer"]))
    await database.write(lambda tx: grants.set_(tx, home.id, "berta", {"Editor"}))
    of = await database.read(lambda tx: grants.of(tx, [home.id, other.id, CollectionId(999)]))
    assert of[home.id] == {"berta": frozenset({"Editor"}), "<default>": frozenset({"Viewer"})}
    assert of[other.id] == {}
    shared = await database.read(lambda tx: grants.for_subjects(tx, ["berta", "<default>", "x"]))
    assert [collection.id for collection in shared] == [home.id]
    await database.write(lambda tx: grants.set_(tx, home.id, "berta", []))
    assert await database.read(lambda tx: grants.for_subjects(tx, ["berta"])) == []
    assert await database.read(lambda tx: grants.for_subjects(tx, [])) == []


async def test_only_the_rows_of_the_asked_subjects_are_read(home: Home) -> None:
    rows = {"bert": ["Viewer"], "@all": ["Eraser", "Creator"], "zoe": ["Viewer"]}
    await home.database.write(lambda tx: grants.set_many(tx, home.id, rows))
    asked = ["bert", "@all", "nobody", "O'Brien", "\u20ac"]
    ids = [home.id, CollectionId(999)]
    for collections_asked in (ids[:1], ids):
        of = await home.database.read(lambda tx, ids=collections_asked: grants.of(tx, ids, subjects=asked))  # type: ignore[misc]  # bound at once
        assert of[home.id] == {"bert": frozenset(["Viewer"]), "@all": frozenset(["Eraser", "Creator"])}
        assert not of.get(CollectionId(999))
    await home.database.write(
        lambda tx: grants.set_many(tx, home.id, {"bert": [], "@all": ["Viewer"], "new": ["Viewer"]})
    )
    of = await home.database.read(lambda tx: grants.of(tx, [home.id]))
    assert of[home.id] == {subject: frozenset(["Viewer"]) for subject in ("@all", "new", "zoe")}


async def test_grants_set_at_once_do_not_collide(home: Home) -> None:
    async with asyncio.TaskGroup() as tasks:
        for _ in range(10):
            tasks.create_task(home.database.write(lambda tx: grants.set_(tx, home.id, "berta", ["Viewer"])))
    of = await home.database.read(lambda tx: grants.of(tx, [home.id]))
    assert of[home.id] == {"berta": frozenset({"Viewer"})}


async def test_a_profile_is_empty_until_set(database: Database) -> None:
    empty = await database.read(lambda tx: profiles.get(tx, ANNA))
    assert (empty.properties, empty.dead_properties, empty.modified_at) == ({}, {}, 0)
    await database.write(
        lambda tx: profiles.set_(tx, ANNA, properties={"a": [1, "ü"]}, dead_properties={"{u}x": "<x/>"}, now=NOW)
    )
    kept = await database.read(lambda tx: profiles.get(tx, ANNA))
    assert (kept.properties, kept.dead_properties, kept.modified_at) == ({"a": [1, "ü"]}, {"{u}x": "<x/>"}, NOW)


async def test_a_held_profile_loses_no_change(database: Database) -> None:
    async def add(number: int) -> None:
        async def work(tx: object) -> None:
            held = await profiles.hold(tx, ANNA)  # type: ignore[arg-type]  # the unit's own transaction
            await profiles.set_(
                tx,  # type: ignore[arg-type]
                ANNA,
                properties={**held.properties, str(number): True},
                dead_properties={},
                now=NOW,
            )

        await database.write(work)

    async with asyncio.TaskGroup() as tasks:
        for number in range(12):
            tasks.create_task(add(number))
    kept = await database.read(lambda tx: profiles.get(tx, ANNA))
    assert set(kept.properties) == {str(number) for number in range(12)}


async def test_all_workers_get_the_same_secret(database: Database) -> None:
    async def get() -> bytes:
        return await database.write(lambda tx: secrets.get_or_make(tx, "cookie", 32))

    found = set(await asyncio.gather(*(get() for _ in range(8))))
    assert len(found) == 1
    assert len(found.pop()) == 32
    with pytest.raises(Conflict):
        await database.write(lambda tx: secrets.get_or_make(tx, "cookie", 16))


async def test_failures_within_the_window_block(database: Database) -> None:
    async def note(login: str, now: int) -> Failures:
        return await database.write(
            lambda tx: failures.note(tx, login, now=now, window_ms=1000, limit=3, block_ms=5000)
        )

    assert await note("anna", NOW) == Failures(1, NOW, 0)
    assert await note("anna", NOW + 1) == Failures(2, NOW, 0)
    assert await note("anna", NOW + 1001) == Failures(1, NOW + 1001, 0)  # the window has passed
    await note("anna", NOW + 1002)
    assert await note("anna", NOW + 1003) == Failures(3, NOW + 1001, NOW + 6003)
    assert await database.read(lambda tx: failures.get(tx, "Anna")) == Failures(0, 0, 0)
    await database.write(lambda tx: failures.forget(tx, "anna"))
    assert await database.read(lambda tx: failures.get(tx, "anna")) == Failures(0, 0, 0)


async def test_failures_at_once_are_all_counted(database: Database) -> None:
    login = "x\0\ud800" * 200
    async with asyncio.TaskGroup() as tasks:
        for _ in range(16):
            tasks.create_task(
                database.write(lambda tx: failures.note(tx, login, now=NOW, window_ms=1000, limit=0, block_ms=0))
            )
    assert await database.read(lambda tx: failures.get(tx, login)) == Failures(16, NOW, 0)
    assert await database.write(lambda tx: failures.delete_expired(tx, now=NOW, before=NOW)) == 1
