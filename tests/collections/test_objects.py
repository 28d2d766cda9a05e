"""Objects through the services: rights, conditions, races, sync."""

import asyncio

import pytest

from folkmoot.collections.content import Condition, Place, SyncTokenInvalid
from folkmoot.core.caller import ANONYMOUS, Caller
from folkmoot.core.errors import Forbidden, MalformedInput, NotFound, PreconditionFailed, TooLarge, Unsupported
from folkmoot.core.ids import PrincipalId, ResourceName
from folkmoot.store.records import Kind, UidConflict
from tests.collections.conftest import ANNA, BERT, BOOK, FILES, House, card

pytestmark = pytest.mark.anyio


async def test_the_default_book_appears_with_its_owners_first_write(house: House) -> None:
    assert (await house.put("a.vcf", card("a"))).created
    assert {seen.collection.name for seen in await house.collections.home(ANNA, ANNA.principal, Kind.ADDRESSBOOK)} == {
        "personal",
        "collected",
    }


async def test_all_first_writes_at_the_same_time_find_the_default_book(house: House) -> None:
    await asyncio.gather(*(house.put(f"{number}.vcf", card(f"u{number}")) for number in range(8)))
    assert len(await house.names()) == 8


async def test_what_was_put_is_what_is_read_byte_for_byte(house: House) -> None:
    body = card("a") + b"\r\n"
    put = await house.put("a.vcf", body)
    _, stored = await house.objects.read(ANNA, BOOK, ResourceName("a.vcf"))
    assert stored.body == body
    assert stored.meta.etag == put.etag


async def test_others_are_told_that_nothing_exists(house: House) -> None:
    await house.put("a.vcf", card("a"))
    for caller in (BERT, ANONYMOUS):
        with pytest.raises(NotFound):
            await house.objects.read(caller, BOOK, ResourceName("a.vcf"))
        with pytest.raises(NotFound):
            await house.objects.list_(caller, BOOK)
        with pytest.raises(NotFound):
            await house.put("a.vcf", card("a"), caller=caller)
        with pytest.raises(NotFound):
            await house.objects.delete(caller, BOOK, ResourceName("a.vcf"))
        with pytest.raises(NotFound):
            await house.objects.changes(caller, BOOK, None, None)
        assert await house.collections.home(caller, ANNA.principal, Kind.ADDRESSBOOK) == []


async def test_a_viewer_reads_but_may_not_write(house: House) -> None:
    await house.put("a.vcf", card("a"))
    await house.grants.set_(ANNA, BOOK, "bert", frozenset(["ObjectViewer"]))
    assert await house.names(BERT) == {"a.vcf"}
    with pytest.raises(Forbidden):
        await house.put("a.vcf", card("a", "Changed"), caller=BERT)
    with pytest.raises(Forbidden):
        await house.put("b.vcf", card("b"), caller=BERT)
    with pytest.raises(Forbidden):
        await house.objects.delete(BERT, BOOK, ResourceName("a.vcf"))
    with pytest.raises(Forbidden):
        await house.grants.set_(BERT, BOOK, "bert", frozenset(["ObjectEditor"]))


async def test_creating_changing_and_erasing_are_rights_of_their_own(house: House) -> None:
    await house.put("a.vcf", card("a"))
    await house.grants.set_(ANNA, BOOK, "bert", frozenset(["ObjectEditor"]))
    await house.put("a.vcf", card("a", "Changed"), caller=BERT)
    with pytest.raises(Forbidden):
        await house.put("b.vcf", card("b"), caller=BERT)
    await house.grants.set_(ANNA, BOOK, "bert", frozenset(["ObjectViewer", "ObjectCreator", "ObjectEraser"]))
    await house.put("b.vcf", card("b"), caller=BERT)
    await house.objects.delete(BERT, BOOK, ResourceName("a.vcf"))
    assert await house.names() == {"b.vcf"}


async def test_a_superuser_acts_on_anybodys_data(house: House) -> None:
    root = Caller(PrincipalId("root"), superuser=True)
    await house.put("a.vcf", card("a"))
    assert await house.names(root) == {"a.vcf"}
    await house.objects.delete(root, BOOK, ResourceName("a.vcf"))
    assert await house.names() == set()


async def test_conditions_are_checked_on_the_stored_version(house: House) -> None:
    first = await house.put("a.vcf", card("a"))
    with pytest.raises(PreconditionFailed):
        await house.put("a.vcf", card("a"), condition=Condition(none_match=frozenset("*")))
    with pytest.raises(PreconditionFailed):
        await house.put("a.vcf", card("a", "B"), condition=Condition(match=frozenset(["other"])))
    await house.put("a.vcf", card("a", "B"), condition=Condition(match=frozenset([first.etag, "other"])))
    with pytest.raises(PreconditionFailed):
        await house.objects.delete(ANNA, BOOK, ResourceName("a.vcf"), Condition(match=frozenset([first.etag])))
    with pytest.raises(PreconditionFailed):
        await house.put("new.vcf", card("n"), condition=Condition(match=frozenset("*")))


async def test_a_uid_stands_once_in_a_collection(house: House) -> None:
    await house.put("a.vcf", card("a"))
    with pytest.raises(UidConflict) as refused:
        await house.put("b.vcf", card("a"))
    assert refused.value.name == "a.vcf"
    await house.objects.delete(ANNA, BOOK, ResourceName("a.vcf"))
    assert (await house.put("b.vcf", card("a"))).created


async def test_what_a_book_does_not_take_leaves_it_untouched(house: House) -> None:
    for body, wrong in ((b"", MalformedInput), (b"BEGIN:VCARD\r\n", MalformedInput), (b"\xff\x00", MalformedInput)):
        with pytest.raises(wrong):
            await house.put("a.vcf", body)
    with pytest.raises(Unsupported):
        await house.objects.put(ANNA, BOOK, ResourceName("a.vcf"), card("a"), "image/png")
    with pytest.raises(TooLarge):
        await house.put("a.txt", b"x" * 1001, place=FILES)
    with pytest.raises(Forbidden):
        await house.put("..", card("a"))
    assert await house.names() == set()


async def test_of_many_writers_with_the_same_version_one_wins(house: House) -> None:
    first = await house.put("a.vcf", card("a"))
    condition = Condition(match=frozenset([first.etag]))
    results = await asyncio.gather(
        *(house.put("a.vcf", card("a", f"writer {n}"), condition=condition) for n in range(8)), return_exceptions=True
    )
    assert sum(not isinstance(result, BaseException) for result in results) == 1
    assert all(isinstance(r, PreconditionFailed) for r in results if isinstance(r, BaseException))


async def test_writers_without_conditions_all_succeed(house: House) -> None:
    await house.put("a.vcf", card("a"))
    await asyncio.gather(*(house.put("a.vcf", card("a", f"writer {n}")) for n in range(5)))
    await asyncio.gather(*(house.put(f"{n}.vcf", card(f"{n}")) for n in range(10)))
    assert len(await house.names()) == 11


async def test_a_client_fed_by_changes_alone_ends_equal(house: House) -> None:
    _, first = await house.objects.changes(ANNA, BOOK, None, None)
    assert not first.rows
    await house.put("a.vcf", card("a"))
    await house.put("b.vcf", card("b"))
    await house.objects.delete(ANNA, BOOK, ResourceName("a.vcf"))
    _, second = await house.objects.changes(ANNA, BOOK, first.token, None)
    assert {row.name: row.etag is None for row in second.rows} == {"a.vcf": True, "b.vcf": False}
    _, third = await house.objects.changes(ANNA, BOOK, second.token, None)
    assert not third.rows
    assert third.token == second.token


async def test_a_truncated_first_sync_goes_on_where_it_stopped(house: House) -> None:
    for n in range(7):
        await house.put(f"{n}.vcf", card(str(n)))
    have: dict[str, str | None] = {}
    token = None
    pages = 0
    while True:
        _, page = await house.objects.changes(ANNA, BOOK, token, 3)
        have |= {row.name: row.etag for row in page.rows}
        token, pages = page.token, pages + 1
        if pages == 1:  # what changes between two pages is told in a later one
            await house.objects.delete(ANNA, BOOK, ResourceName("0.vcf"))
            await house.put("8.vcf", card("8"))
        if not page.truncated:
            break
    assert {name for name, etag in have.items() if etag} == await house.names()
    assert pages == 3


async def test_a_token_of_another_collection_or_of_nonsense_is_refused(house: House) -> None:
    _, other = await house.objects.changes(ANNA, Place(ANNA.principal, Kind.ADDRESSBOOK, "collected"), None, None)
    for token in (other.token, "urn:folkmoot:sync:1", "x", "urn:folkmoot:sync:99999999999-1-1", "9" * 30):
        with pytest.raises(SyncTokenInvalid):
            await house.objects.changes(ANNA, BOOK, token, None)


async def test_dead_properties_leave_the_version_alone(house: House) -> None:
    put = await house.put("a.vcf", card("a"))
    name = ResourceName("a.vcf")
    await house.objects.set_dead_properties(ANNA, BOOK, name, {"{x}a": "<a/>", "{x}b": "<b/>"})
    await house.objects.set_dead_properties(ANNA, BOOK, name, {"{x}a": None})
    _, stored = await house.objects.read(ANNA, BOOK, name)
    assert stored.dead_properties == {"{x}b": "<b/>"}
    assert stored.meta.etag == put.etag
    with pytest.raises(TooLarge):
        await house.objects.set_dead_properties(ANNA, BOOK, name, {"{x}c": "x" * 300_000})
