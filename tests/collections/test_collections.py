"""Collections through the services: making, removal, copies and moves, locks, imports."""

import asyncio

import pytest

from folkmoot.collections.content import Place
from folkmoot.collections.importing import Effect, Item
from folkmoot.collections.transfer import Transfer
from folkmoot.core.errors import Conflict, Forbidden, NotFound, PreconditionFailed
from folkmoot.core.ids import ResourceName
from folkmoot.store.records import Kind, LockedPath
from tests.collections.conftest import ANNA, BERT, BOOK, FILES, House, card

pytestmark = pytest.mark.anyio


def below(name: str) -> Place:
    return Place(ANNA.principal, Kind.FILES, name)


async def test_only_the_owner_makes_and_removes_collections(house: House) -> None:
    work = Place(ANNA.principal, Kind.ADDRESSBOOK, "work")
    with pytest.raises(NotFound):
        await house.collections.create(BERT, work, {})
    await house.collections.create(ANNA, work, {"displayname": "Work"})
    with pytest.raises(Conflict):
        await house.collections.create(ANNA, work, {})
    await house.grants.set_(ANNA, work, "bert", frozenset(["ObjectEditor", "ObjectCreator", "ObjectEraser"]))
    with pytest.raises(Forbidden):
        await house.collections.delete(BERT, work)
    await house.collections.delete(ANNA, work)
    with pytest.raises(NotFound):
        await house.collections.seen(ANNA, work)


async def test_the_personal_collection_stays(house: House) -> None:
    await house.collections.seen(ANNA, BOOK)
    with pytest.raises(Forbidden):
        await house.collections.delete(ANNA, BOOK)


async def test_properties_are_set_and_removed(house: House) -> None:
    await house.collections.change_properties(ANNA, BOOK, {"color": "#FF0000", "displayname": "Mine"}, {"{x}y": "<y/>"})
    await house.collections.change_properties(ANNA, BOOK, {"color": None}, {"{x}y": None, "{x}z": "<z/>"})
    seen = await house.collections.seen(ANNA, BOOK)
    assert seen.collection.properties == {"displayname": "Mine"}
    assert seen.collection.dead_properties == {"{x}z": "<z/>"}


async def test_a_homes_ctag_changes_with_anything_in_it(house: House) -> None:
    seen = set()
    for step in range(3):
        await house.put(f"{step}.vcf", card(str(step)))
        seen.add(await house.collections.home_ctag(ANNA.principal, Kind.ADDRESSBOOK))
    await house.collections.change_properties(ANNA, BOOK, {"displayname": "Other"}, {})
    seen.add(await house.collections.home_ctag(ANNA.principal, Kind.ADDRESSBOOK))
    assert len(seen) == 4


async def test_files_nest_and_a_parent_must_exist(house: House) -> None:
    with pytest.raises(Conflict):
        await house.collections.create(ANNA, below("a/b"), {})
    await house.collections.seen(ANNA, FILES)
    await house.collections.create(ANNA, below("a"), {})
    await house.collections.create(ANNA, below("a/b"), {})
    await house.put("x.txt", b"x", place=below("a/b"))
    await house.collections.delete(ANNA, below("a"))
    with pytest.raises(NotFound):
        await house.names(place=below("a/b"))


async def test_a_tree_is_copied_with_all_in_it_and_moved_away(house: House) -> None:
    await house.collections.seen(ANNA, FILES)
    for name in ("a", "a/b", "ab"):
        await house.collections.create(ANNA, below(name), {"displayname": name})
    await house.put("x.txt", b"x", place=below("a/b"))
    await house.objects.set_dead_properties(ANNA, below("a/b"), ResourceName("x.txt"), {"{x}y": "<y/>"})
    copy = Transfer(below("a"), below("c"), move=False, overwrite=False)
    assert await house.transfers.transfer_collection(ANNA, copy, deep=True)
    _, stored = await house.objects.read(ANNA, below("c/b"), ResourceName("x.txt"))
    assert (stored.body, stored.dead_properties) == (b"x", {"{x}y": "<y/>"})
    with pytest.raises(PreconditionFailed):
        await house.transfers.transfer_collection(ANNA, copy, deep=True)
    move = Transfer(below("a"), below("c"), move=True, overwrite=True)
    assert not await house.transfers.transfer_collection(ANNA, move, deep=True)
    assert {s.collection.name for s in await house.collections.home(ANNA, ANNA.principal, Kind.FILES)} == {
        "",
        "ab",
        "c",
        "c/b",
    }
    with pytest.raises(Forbidden):
        await house.transfers.transfer_collection(
            ANNA, Transfer(below("c"), below("c/b/d"), move=True, overwrite=True), deep=True
        )


async def test_a_card_moves_to_another_book_with_its_version(house: House) -> None:
    put = await house.put("a.vcf", card("a"))
    collected = Place(ANNA.principal, Kind.ADDRESSBOOK, "collected")
    order = Transfer(BOOK, collected, move=True, overwrite=False)
    assert await house.transfers.transfer_object(ANNA, order, ResourceName("a.vcf"), ResourceName("b.vcf"))
    _, stored = await house.objects.read(ANNA, collected, ResourceName("b.vcf"))
    assert stored.meta.etag == put.etag
    assert await house.names() == set()


async def test_a_lock_holds_until_its_token_comes(house: House) -> None:
    await house.put("a.vcf", card("a"))
    path = BOOK.path_of("a.vcf")
    lock = await house.locks.take(
        ANNA, ANNA.principal, path, infinite=False, exclusive=True, owner_xml="", timeout_ms=None
    )
    with pytest.raises(LockedPath):
        await house.put("a.vcf", card("a", "B"))
    with pytest.raises(LockedPath):
        await house.objects.delete(ANNA, BOOK, ResourceName("a.vcf"))
    await house.put("a.vcf", card("a", "B"), tokens=frozenset([lock.token]))
    await house.put("b.vcf", card("b"))
    with pytest.raises(LockedPath):
        await house.locks.take(
            ANNA, ANNA.principal, BOOK.path, infinite=True, exclusive=True, owner_xml="", timeout_ms=None
        )
    await house.locks.release(ANNA, ANNA.principal, path, lock.token)
    await house.objects.delete(ANNA, BOOK, ResourceName("a.vcf"))


async def test_a_locked_collection_lets_nothing_appear_or_vanish(house: House) -> None:
    await house.put("a.vcf", card("a"))
    lock = await house.locks.take(
        ANNA, ANNA.principal, BOOK.path, infinite=False, exclusive=True, owner_xml="", timeout_ms=60_000
    )
    with pytest.raises(LockedPath):
        await house.put("b.vcf", card("b"))
    with pytest.raises(LockedPath):
        await house.objects.delete(ANNA, BOOK, ResourceName("a.vcf"))
    await house.put("a.vcf", card("a", "changed"))
    await house.put("b.vcf", card("b"), tokens=frozenset([lock.token]))
    assert (await house.locks.of(ANNA.principal)) == [lock]


async def test_an_import_takes_what_is_good_and_names_the_rest(house: House) -> None:
    await house.put("a.vcf", card("a", "Old"))
    await house.put("same.vcf", card("same"))
    items = [
        Item("line 1", card("a", "New")),
        Item("line 7", b"rubbish"),
        Item("line 9", fault="not a card"),
        Item("line 20", card("b")),
        Item("line 30", card("b")),
        Item("line 40", card("same")),
    ]
    dry = [outcome.effect async for outcome in house.imports.run(ANNA, BOOK, items, dry_run=True)]
    assert len(await house.names()) == 2
    told = [outcome async for outcome in house.imports.run(ANNA, BOOK, items)]
    assert (
        [t.effect for t in told]
        == dry
        == [
            Effect.REPLACED,
            Effect.REJECTED,
            Effect.REJECTED,
            Effect.CREATED,
            Effect.REJECTED,
            Effect.UNCHANGED,
        ]
    )
    assert "not a card" in told[2].text
    assert len(await house.names()) == 3
    with pytest.raises(NotFound):
        _ = [o async for o in house.imports.run(BERT, BOOK, items)]


async def test_properties_set_at_the_same_time_are_all_kept(house: House) -> None:
    await house.collections.seen(ANNA, BOOK)
    await asyncio.gather(*(house.collections.change_properties(ANNA, BOOK, {f"p{n}": n}, {}) for n in range(6)))
    seen = await house.collections.seen(ANNA, BOOK)
    assert {f"p{n}" for n in range(6)} <= seen.collection.properties.keys()
