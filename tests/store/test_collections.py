"""Collections, their counter and what depends on it."""

from functools import partial

import pytest

from folkmoot.core.errors import Conflict, NotFound, TooLarge
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.store import collections, grants, objects
from folkmoot.store.records import Collection, Kind
from tests.support.store import ANNA, NOW, Home, make_home

pytestmark = pytest.mark.anyio


async def _create(database: Database, name: str, kind: Kind = Kind.FILES) -> Collection:
    return await database.write(lambda tx: collections.create(tx, ANNA, kind, name, {}, now=NOW))


async def test_a_collection_is_found_as_it_was_made(database: Database) -> None:
    properties: dict[str, object] = {"displayname": "Büro 🎉", "order": 3, "components": ["VEVENT"], "none": None}
    dead = {"{urn:x}a": "<a>ü</a>"}
    made = await database.write(
        lambda tx: collections.create(tx, ANNA, Kind.CALENDAR, "personal", properties, dead_properties=dead, now=NOW)
    )
    found = await database.read(lambda tx: collections.find(tx, ANNA, Kind.CALENDAR, "personal"))
    assert found == made
    assert found.properties == properties
    assert found.dead_properties == dead
    assert await database.read(lambda tx: collections.get(tx, made.id)) == made
    for owner, kind, name in (
        (PrincipalId("Anna"), Kind.CALENDAR, "personal"),
        (PrincipalId("anna "), Kind.CALENDAR, "personal"),
        (ANNA, Kind.ADDRESSBOOK, "personal"),
        (ANNA, Kind.CALENDAR, "Personal"),
    ):
        place = partial(collections.find, owner=owner, kind=kind, name=name)
        assert await database.read(place) is None


async def test_a_name_is_taken_once(database: Database) -> None:
    await _create(database, "a")
    with pytest.raises(Conflict):
        await _create(database, "a")
    other = await _create(database, "b")
    with pytest.raises(Conflict):
        await database.write(lambda tx: collections.rename(tx, other.id, "a", NOW))
    await database.write(lambda tx: collections.rename(tx, other.id, "c", NOW))
    assert [made.name for made in await database.read(lambda tx: collections.list_home(tx, ANNA, Kind.FILES))] == [
        "a",
        "c",
    ]
    with pytest.raises(TooLarge):
        await _create(database, "x" * 256)


async def test_a_tree_of_files_is_listed_by_path(database: Database) -> None:
    for path in ("a", "a/b", "a/b/c", "a/ä", "a/z", "a.b", "a0", "a b", "A/b", "aa/b"):
        await _create(database, path)
    tree = await database.read(lambda tx: collections.list_owned_prefix(tx, ANNA, Kind.FILES, "a"))
    assert [made.name for made in tree] == ["a", "a/b", "a/b/c", "a/z", "a/ä"]
    nothing = await database.read(lambda tx: collections.list_owned_prefix(tx, ANNA, Kind.FILES, "a/%"))
    assert nothing == []


async def test_properties_are_replaced_whole(database: Database) -> None:
    made = await _create(database, "a")
    revision = await database.write(
        lambda tx: collections.set_properties(
            tx, made.id, properties={"color": "#ff0000"}, dead_properties={}, now=NOW + 1
        )
    )
    found = await database.read(lambda tx: collections.get(tx, made.id))
    assert (found.properties, found.revision, found.modified_at) == ({"color": "#ff0000"}, revision, NOW + 1)
    assert revision == made.revision + 1


async def test_deleting_takes_all_parts_along(home: Home) -> None:
    database = home.database
    await home.put("a")
    await database.write(lambda tx: grants.set_(tx, home.id, "berta", ["Viewer"]))
    await database.write(lambda tx: collections.delete(tx, home.id))
    with pytest.raises(NotFound):
        await database.read(lambda tx: collections.get(tx, home.id))
    with pytest.raises(NotFound):
        await home.put("a")
    with pytest.raises(NotFound):
        await database.write(lambda tx: collections.delete(tx, home.id))
    assert await database.read(lambda tx: objects.list_(tx, home.id)) == []


async def test_ids_are_never_used_again(database: Database) -> None:
    first = await _create(database, "a")
    await database.write(lambda tx: collections.delete(tx, first.id))
    assert (await _create(database, "a")).id > first.id


async def test_the_ctag_of_a_home_follows_every_change(database: Database) -> None:
    async def ctag() -> str:
        return await database.read(lambda tx: collections.home_ctag(tx, ANNA, Kind.CALENDAR))

    seen = {await ctag()}
    home = await make_home(database)
    seen.add(await ctag())
    await home.put("a")
    seen.add(await ctag())
    other = await make_home(database, "other")
    seen.add(await ctag())
    await database.write(lambda tx: collections.delete(tx, other.id))
    assert await ctag() in seen
    await home.delete("a")
    seen.add(await ctag())
    assert len(seen) == 5


async def test_raising_by_many_gives_a_range(home: Home) -> None:
    last = await home.database.write(lambda tx: collections.raise_revision(tx, home.id, by=10, now=NOW))
    assert last == 11
    await home.database.write(lambda tx: collections.delete(tx, home.id))
    with pytest.raises(NotFound):
        await home.database.write(lambda tx: collections.raise_revision(tx, home.id, now=NOW))
