"""Objects of a whole home: by number, and what happened to them in all collections at once."""

import random

import pytest

from folkmoot.collections.content import Place, SyncTokenInvalid
from folkmoot.collections.home_objects import HomeChanges, HomeObjects
from folkmoot.collections.transfer import Transfer
from folkmoot.core.errors import NotFound
from folkmoot.core.ids import CollectionId, ObjectId, ResourceName
from folkmoot.store.records import Kind
from tests.collections.conftest import ANNA, BERT, BOOK, House, card

pytestmark = pytest.mark.anyio

OTHER = Place(ANNA.principal, Kind.ADDRESSBOOK, "other")


@pytest.fixture
async def homes(house: House) -> HomeObjects:
    await house.collections.home(ANNA, ANNA.principal, Kind.ADDRESSBOOK)
    await house.collections.create(ANNA, OTHER, {})
    return HomeObjects(house.access, house.collections)


async def _oid(house: House, name: str, place: Place = BOOK) -> ObjectId:
    _, stored = await house.objects.read(ANNA, place, ResourceName(name))
    return stored.meta.oid


async def _changes(homes: HomeObjects, since: str, limit: int = 100) -> HomeChanges:
    return await homes.changes(ANNA, ANNA.principal, Kind.ADDRESSBOOK, since, limit)


async def _move(house: House, name: str, source: Place, target: Place, new: str, *, move: bool = True) -> None:
    order = Transfer(source, target, move=move, overwrite=True)
    await house.transfers.transfer_object(ANNA, order, ResourceName(name), ResourceName(new))


async def test_an_object_is_found_by_its_number_wherever_it_moves(house: House, homes: HomeObjects) -> None:
    await house.put("a.vcf", card("a"))
    oid = await _oid(house, "a.vcf")
    await house.put("a.vcf", card("a", "Changed"))
    await _move(house, "a.vcf", BOOK, OTHER, "b.vcf")
    found = await homes.by_oid(ANNA, ANNA.principal, Kind.ADDRESSBOOK, [oid, ObjectId(1)])
    assert [(one.seen.collection.name, one.stored.meta.name) for one in found.values()] == [("other", "b.vcf")]
    assert await homes.by_oid(BERT, ANNA.principal, Kind.ADDRESSBOOK, [oid]) == {}
    assert await homes.by_oid(ANNA, BERT.principal, Kind.ADDRESSBOOK, [oid]) == {}


async def test_a_copy_has_a_number_of_its_own(house: House, homes: HomeObjects) -> None:
    await house.put("a.vcf", card("a"))
    await _move(house, "a.vcf", BOOK, OTHER, "a.vcf", move=False)
    assert await _oid(house, "a.vcf") != await _oid(house, "a.vcf", OTHER)


async def test_a_move_is_told_as_an_update_to_who_sees_both_sides(house: House, homes: HomeObjects) -> None:
    await house.put("a.vcf", card("a"))
    oid = await _oid(house, "a.vcf")
    await house.grants.set_(ANNA, OTHER, "bert", frozenset(["ObjectViewer"]))
    start = await homes.state(ANNA, ANNA.principal, Kind.ADDRESSBOOK)
    berts = await homes.state(BERT, ANNA.principal, Kind.ADDRESSBOOK)
    await _move(house, "a.vcf", BOOK, OTHER, "a.vcf")
    told = await _changes(homes, start)
    assert (told.created, told.updated, told.destroyed, told.more) == ([], [oid], [], False)
    seen = await homes.changes(BERT, ANNA.principal, Kind.ADDRESSBOOK, berts, 10)
    assert (seen.created, seen.updated, seen.destroyed) == ([oid], [], [])
    await _move(house, "a.vcf", OTHER, BOOK, "a.vcf")
    gone = await homes.changes(BERT, ANNA.principal, Kind.ADDRESSBOOK, seen.state, 10)
    assert (gone.created, gone.updated, gone.destroyed) == ([], [], [oid])
    assert (await _changes(homes, start)).updated == [oid]


async def test_what_comes_back_under_its_name_is_another_object(house: House, homes: HomeObjects) -> None:
    await house.put("a.vcf", card("a"))
    old = await _oid(house, "a.vcf")
    start = await homes.state(ANNA, ANNA.principal, Kind.ADDRESSBOOK)
    await house.objects.delete(ANNA, BOOK, ResourceName("a.vcf"))
    between = await homes.state(ANNA, ANNA.principal, Kind.ADDRESSBOOK)
    await house.put("a.vcf", card("a"))
    new = await _oid(house, "a.vcf")
    told = await _changes(homes, start)
    assert (told.created, told.updated, told.destroyed) == ([new], [], [old])
    later = await _changes(homes, between)
    assert (later.created, later.updated, later.destroyed) == ([new], [], [])


async def test_states_of_others_and_of_what_is_gone_are_refused(house: House, homes: HomeObjects) -> None:
    start = await homes.state(ANNA, ANNA.principal, Kind.ADDRESSBOOK)
    for state in ("", "x y", "1-zzzzzzzz", "99999-1", "1-1-22", "1-1." * 100_000):
        with pytest.raises(SyncTokenInvalid):
            await _changes(homes, state)
    await house.collections.delete(ANNA, OTHER)
    with pytest.raises(SyncTokenInvalid):
        await _changes(homes, start)


async def test_collections_are_found_by_id_in_their_home_only(house: House, homes: HomeObjects) -> None:
    book = (await house.collections.seen(ANNA, BOOK)).collection
    assert (await homes.collection(ANNA, ANNA.principal, Kind.ADDRESSBOOK, book.id)).collection.name == "personal"
    for caller, owner, kind, number in (
        (BERT, ANNA.principal, Kind.ADDRESSBOOK, book.id),
        (ANNA, BERT.principal, Kind.ADDRESSBOOK, book.id),
        (ANNA, ANNA.principal, Kind.FILES, book.id),
        (ANNA, ANNA.principal, Kind.ADDRESSBOOK, CollectionId(99_999)),
    ):
        with pytest.raises(NotFound):
            await homes.collection(caller, owner, kind, number)


async def test_a_client_fed_by_changes_ends_equal_and_is_told_nothing_twice(house: House, homes: HomeObjects) -> None:
    chance = random.Random(5)  # a test that goes the same way each time
    known: dict[ObjectId, str] = {}
    state = await homes.state(ANNA, ANNA.principal, Kind.ADDRESSBOOK)
    for _ in range(20):
        for _ in range(chance.randrange(1, 7)):
            source, target = chance.sample([BOOK, OTHER], 2)
            name = f"{chance.randrange(4)}.vcf"
            there = name in await house.names(place=source)
            match chance.randrange(4):
                case 0 if there:
                    await house.objects.delete(ANNA, source, ResourceName(name))
                case 1 if there:
                    await _move(house, name, source, target, name)
                case _:
                    uid = f"{source.name}-{name}" if not there else None
                    if uid is None:
                        _, stored = await house.objects.read(ANNA, source, ResourceName(name))
                        uid = stored.meta.uid or ""
                    elif uid in {meta.uid for meta in (await house.objects.list_(ANNA, source))[1]}:
                        continue
                    await house.put(name, card(uid, f"N{chance.random()}"), place=source)
        told = await _changes(homes, state)
        assert not known.keys() & set(told.created)
        assert known.keys() >= {*told.updated, *told.destroyed}
        state = told.state
        fresh = await homes.by_oid(ANNA, ANNA.principal, Kind.ADDRESSBOOK, [*told.created, *told.updated])
        known = {oid: etag for oid, etag in known.items() if oid not in told.destroyed}
        known |= {oid: found.stored.meta.etag for oid, found in fresh.items()}
        _, there_now = await homes.listed(ANNA, ANNA.principal, Kind.ADDRESSBOOK, ("VCARD",))
        assert known == {one.meta.oid: one.meta.etag for one in there_now}


async def test_pages_lead_to_the_same_end(house: House, homes: HomeObjects) -> None:
    start = state = await homes.state(ANNA, ANNA.principal, Kind.ADDRESSBOOK)
    for number in range(7):
        await house.put(f"{number}.vcf", card(f"u{number}"), place=(BOOK, OTHER)[number % 2])
    seen: list[ObjectId] = []
    for _ in range(10):
        told = await _changes(homes, state, 2)
        assert len(told.created) <= 2
        seen += told.created
        state = told.state
        if not told.more:
            break
    whole = await _changes(homes, start)
    assert sorted(seen) == sorted(whole.created)
    assert state == whole.state
    assert len(seen) == 7


@pytest.mark.parametrize("deleted", [False, True])
async def test_what_a_page_told_as_moved_is_known_on_the_next(house: House, homes: HomeObjects, deleted: bool) -> None:
    await house.put("a.vcf", card("a"))
    oid = await _oid(house, "a.vcf")
    state = await homes.state(ANNA, ANNA.principal, Kind.ADDRESSBOOK)
    await _move(house, "a.vcf", BOOK, OTHER, "a.vcf")
    first = await _changes(homes, state, 1)
    assert (first.created, first.updated, first.destroyed, first.more) == ([], [oid], [], True)
    if deleted:
        await house.objects.delete(ANNA, OTHER, ResourceName("a.vcf"))
    second = await _changes(homes, first.state, 1)
    told = (second.created, second.updated, second.destroyed, second.more)
    assert told == (([], [], [oid], False) if deleted else ([], [oid], [], False))
