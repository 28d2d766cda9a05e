"""What a write to an object does, and what it refuses."""

import pytest

from folkmoot.core.errors import Conflict, MalformedInput, NotFound, PreconditionFailed, TooLarge
from folkmoot.core.ids import PrincipalId, ResourceName
from folkmoot.store import objects
from folkmoot.store.records import IndexRow, Kind, NewObject, UidConflict, etag_of
from tests.support.store import ANNA, Home, make_home, name

pytestmark = pytest.mark.anyio

AWKWARD = "Übung 🎉 a%20b 'quoted\" \\ back;slash_%.ics"


async def test_what_is_put_is_what_is_read(home: Home) -> None:
    body = bytes(range(256)) * 3 + "BEGIN:VCALENDAR\r\n🎉".encode()
    index = IndexRow(
        uid="u1", component="VEVENT", starts_at=-5, ends_at=2**40, exact=True, transparent=True,
        classification=2, status="CANCELLED", title="Mittag 🍜", search="x",
    )  # fmt: skip
    result = await home.put(AWKWARD, body, index=index)
    assert (result.created, result.etag, result.revision) == (True, etag_of(body), 2)
    stored = await home.get(AWKWARD)
    assert stored is not None
    assert stored.body == body
    meta = stored.meta
    assert (meta.name, meta.uid, meta.size, meta.title) == (AWKWARD, "u1", len(body), "Mittag 🍜")
    assert (meta.starts_at, meta.ends_at, meta.exact, meta.transparent) == (-5, 2**40, True, True)
    assert (meta.classification, meta.status, meta.revision) == (2, "CANCELLED", 2)


async def test_an_empty_body_is_kept(home: Home) -> None:
    await home.put("a", b"")
    stored = await home.get("a")
    assert stored is not None
    assert (stored.body, stored.meta.size) == (b"", 0)


async def test_a_large_body_is_kept(home: Home) -> None:
    body = b"x\x00\xff" * 700_000
    await home.put("a", body)
    stored = await home.get("a")
    assert stored is not None
    assert stored.body == body


async def test_names_differ_by_case_and_trailing_space(home: Home) -> None:
    for resource in ("a", "A", "a ", " a", "ä", "a\u0308"):
        await home.put(resource, resource.encode())
    assert await home.names() == {"a", "A", "a ", " a", "ä", "a\u0308"}
    stored = await home.get("a ")
    assert stored is not None
    assert stored.body == b"a "


async def test_overwriting_keeps_creation_and_raises_the_revision(home: Home) -> None:
    await home.put("a", b"one")
    home.now += 5
    result = await home.put("a", b"two")
    assert (result.created, result.revision) == (False, 3)
    stored = await home.get("a")
    assert stored is not None
    assert stored.meta.modified_at - stored.meta.created_at == 5


async def test_a_version_no_longer_present_is_refused(home: Home) -> None:
    seen_by_both = (await home.put("a", b"at nine")).etag
    await home.put("a", b"at ten", if_match=seen_by_both)
    with pytest.raises(PreconditionFailed):
        await home.put("a", b"at eleven", if_match=seen_by_both)
    with pytest.raises(PreconditionFailed):
        await home.delete("a", if_match=seen_by_both)
    assert await home.revision() == 3


async def test_any_version_must_be_some_version(home: Home) -> None:
    with pytest.raises(PreconditionFailed):
        await home.put("a", if_match="*")
    await home.put("a", b"one")
    assert not (await home.put("a", b"two", if_match="*")).created
    await home.delete("a", if_match="*")
    with pytest.raises(PreconditionFailed):
        await home.put("a", if_match="*")


async def test_what_must_be_new_is_not_overwritten(home: Home) -> None:
    assert (await home.put("a", must_be_new=True)).created
    with pytest.raises(PreconditionFailed):
        await home.put("a", must_be_new=True)
    await home.delete("a")
    assert (await home.put("a", b"again", must_be_new=True)).created


async def test_a_uid_is_used_once(home: Home) -> None:
    await home.put("a", uid="same")
    await home.put("b", uid="other")
    for taken in ("c", "b"):
        with pytest.raises(UidConflict) as conflict:
            await home.put(taken, uid="same")
        assert conflict.value.name == "a"
    with pytest.raises(UidConflict):
        await home.put("c", uid="same", must_be_new=True)
    await home.delete("a")
    assert (await home.put("c", uid="same")).created


async def test_an_object_may_change_its_uid(home: Home) -> None:
    await home.put("a", uid="one")
    assert not (await home.put("a", b"two", uid="two")).created
    found = await home.database.read(lambda tx: objects.find_uid(tx, home.id, "two"))
    assert found is not None
    assert found.name == "a"
    assert await home.database.read(lambda tx: objects.find_uid(tx, home.id, "one")) is None


async def test_uids_differ_by_case_and_may_be_long(home: Home) -> None:
    long = "é" * 5000
    for position, uid in enumerate(("uid", "UID", "uid ", long)):
        await home.put(f"{position}", uid=uid)
    found = await home.database.read(lambda tx: objects.find_uid(tx, home.id, long))
    assert found is not None
    assert found.name == "3"
    with pytest.raises(UidConflict):
        await home.put("x", uid=long)


async def test_files_need_no_uid(home: Home) -> None:
    for resource in ("a", "b"):
        await home.put(resource, index=IndexRow(component="FILE"))
        assert not (await home.put(resource, b"again", index=IndexRow(component="FILE"))).created


async def test_dead_properties_are_kept_until_replaced(home: Home) -> None:
    properties = {"{urn:x}color": "<x:color xmlns:x='urn:x'>rot 🎉</x:color>"}
    await home.put("a", dead_properties=properties)
    await home.put("a", b"two")
    stored = await home.get("a")
    assert stored is not None
    assert stored.dead_properties == properties
    assert stored.meta.has_dead_properties
    await home.put("a", b"three", dead_properties={})
    stored = await home.get("a")
    assert stored is not None
    assert not stored.dead_properties
    assert not stored.meta.has_dead_properties


async def test_setting_dead_properties_changes_neither_etag_nor_revision(home: Home) -> None:
    put = await home.put("a")
    await home.database.write(
        lambda tx: objects.set_dead_properties(tx, home.id, name("a"), {"{urn:x}a": "<a/>"}, home.now)
    )
    stored = await home.get("a")
    assert stored is not None
    assert (stored.meta.etag, stored.meta.revision) == (put.etag, put.revision)
    assert stored.meta.has_dead_properties
    with pytest.raises(NotFound):
        await home.database.write(lambda tx: objects.set_dead_properties(tx, home.id, name("b"), {}, home.now))


async def test_deleting_what_is_not_there(home: Home) -> None:
    with pytest.raises(NotFound):
        await home.delete("a")
    await home.put("a")
    await home.delete("a")
    with pytest.raises(NotFound):
        await home.delete("a", if_match="*")
    assert await home.get("a") is None


async def test_bad_names_are_refused_alike(home: Home) -> None:
    with pytest.raises(TooLarge):
        await home.put("a" * 256)
    await home.put("🎉" * 255)
    for bad in ("nul\0", "\ud800"):
        with pytest.raises(MalformedInput):
            await home.put(bad)


async def test_derived_text_need_not_be_clean(home: Home) -> None:
    await home.put("a", index=IndexRow(uid="u", title="t\0\ud800" * 300, search="s\0\udfff"))
    stored = await home.get("a")
    assert stored is not None
    assert len(stored.meta.title) == 255


async def test_looking_for_a_name_that_cannot_be(home: Home) -> None:
    for bad in ("nul\0", "\ud800"):
        try:
            assert await home.get(bad) is None
        except MalformedInput:
            continue


async def test_look_and_read_tell_all_in_one_statement(home: Home) -> None:
    database = home.database
    await home.put("a", b"one")
    seen = await database.read(lambda tx: objects.look(tx, ANNA, Kind.CALENDAR, "personal", name("a")))
    assert seen is not None
    assert seen.meta is not None
    assert (seen.meta.size, seen.locks) == (3, 0)
    assert seen.collection.properties == {"displayname": "Work"}
    absent = await database.read(lambda tx: objects.look(tx, ANNA, Kind.CALENDAR, "personal", name("b")))
    assert absent is not None
    assert absent.meta is None
    assert await database.read(lambda tx: objects.look(tx, ANNA, Kind.CALENDAR, "none", name("a"))) is None
    whole = await database.read(lambda tx: objects.read(tx, ANNA, Kind.CALENDAR, "personal", name("a")))
    assert whole is not None
    assert whole[1] is not None
    assert whole[1].body == b"one"
    none = await database.read(lambda tx: objects.read(tx, ANNA, Kind.CALENDAR, "personal", name("b")))
    assert none is not None
    assert none[1] is None
    assert await database.read(lambda tx: objects.read(tx, ANNA, Kind.FILES, "personal", name("a"))) is None


async def test_many_are_read_at_once(home: Home) -> None:
    wanted = [f"{number}.ics" for number in range(1200)] + [AWKWARD]
    rows = [
        NewObject(
            name(resource), resource.encode(), etag_of(resource.encode()), "text/calendar", IndexRow(uid=resource)
        )
        for resource in wanted
    ]
    results = await home.database.write(lambda tx: objects.put_many(tx, home.id, rows, home.now))
    assert [result.revision for result in results] == list(range(2, len(rows) + 2))
    found = await home.database.read(
        lambda tx: objects.get_many(tx, home.id, [name(text) for text in [*wanted, "none", AWKWARD]], bodies=True)
    )
    assert {stored.meta.name: stored.body for stored in found} == {text: text.encode() for text in wanted}
    assert await home.database.read(lambda tx: objects.count(tx, home.id)) == len(wanted)
    assert await home.database.read(lambda tx: objects.get_many(tx, home.id, [], bodies=False)) == []


async def test_bulk_writes_overwrite_and_refuse_as_single_ones_do(home: Home) -> None:
    await home.put("a", b"old", dead_properties={"{u}p": "<p/>"})
    await home.put("b", uid="taken")
    await home.put("gone")
    await home.delete("gone")

    def row(resource: str, uid: str) -> NewObject:
        return NewObject(name(resource), b"new", etag_of(b"new"), "text/calendar", IndexRow(uid=uid))

    async def put_many(*rows: NewObject) -> list[bool]:
        results = await home.database.write(lambda tx: objects.put_many(tx, home.id, rows, home.now))
        return [result.created for result in results]

    assert await put_many(row("a", "uid-a"), row("gone", "g"), row("c", "c")) == [False, True, True]
    stored = await home.get("a")
    assert stored is not None
    assert stored.dead_properties == {"{u}p": "<p/>"}
    with pytest.raises(UidConflict):
        await put_many(row("d", "taken"))
    with pytest.raises(UidConflict):
        await put_many(row("d", "x"), row("e", "x"))
    with pytest.raises(Conflict):
        await put_many(row("d", "x"), row("d", "y"))
    assert await put_many(row("b", "x"), row("d", "taken")) == [False, True]
    assert await put_many() == []


async def test_moving_keeps_the_etag_and_leaves_a_tombstone(home: Home) -> None:
    other = await make_home(home.database, "other")
    put = await home.put("a", dead_properties={"{u}p": "<p/>"})
    moved = await home.database.write(
        lambda tx: objects.move(tx, home.id, name("a"), other.id, name("b"), overwrite=False, now=home.now)
    )
    assert moved.etag == put.etag
    assert await home.changes(2) == {"a": None}
    assert await other.changes(1) == {"b": put.etag}
    stored = await other.get("b")
    assert stored is not None
    assert stored.dead_properties == {"{u}p": "<p/>"}
    back = await home.database.write(
        lambda tx: objects.move(tx, other.id, name("b"), home.id, name("a"), overwrite=False, now=home.now)
    )
    assert back.created
    renamed = await home.database.write(
        lambda tx: objects.move(tx, home.id, name("a"), home.id, name("c"), overwrite=False, now=home.now)
    )
    assert await home.changes(back.revision) == {"a": None, "c": put.etag}
    assert renamed.revision == await home.revision()


async def test_moving_overwrites_only_when_told(home: Home) -> None:
    await home.put("a", b"one")
    await home.put("b", b"two")

    async def move(source: str, target: str, *, overwrite: bool) -> bool:
        result = await home.database.write(
            lambda tx: objects.move(tx, home.id, name(source), home.id, name(target), overwrite=overwrite, now=home.now)
        )
        return result.created

    with pytest.raises(PreconditionFailed):
        await move("a", "b", overwrite=False)
    assert await home.names() == {"a", "b"}
    assert not await move("a", "b", overwrite=True)
    assert await home.names() == {"b"}
    with pytest.raises(NotFound):
        await move("a", "b", overwrite=True)
    with pytest.raises(Conflict):
        await move("b", "b", overwrite=True)


async def test_copying_into_another_collection(home: Home) -> None:
    other = await make_home(home.database, "other", PrincipalId("berta"))
    await home.put("a", b"one")

    async def copy(target: Home, resource: str) -> bool:
        result = await home.database.write(
            lambda tx: objects.copy(
                tx, home.id, name("a"), target.id, ResourceName(resource), overwrite=False, now=home.now
            )
        )
        return result.created

    assert await copy(other, "a")
    with pytest.raises(PreconditionFailed):
        await copy(other, "a")
    with pytest.raises(UidConflict):
        await copy(other, "b")
    with pytest.raises(UidConflict):
        await copy(home, "b")


async def test_what_becomes_another_kind_of_thing_is_another_object(home: Home) -> None:
    made = await home.put("a", index=IndexRow(uid="u", component="VEVENT"))
    changed = await home.put("a", index=IndexRow(uid="u", component="VTODO"))
    assert not changed.created
    assert changed.oid not in {None, made.oid}
    row = NewObject(name("a"), b"again", etag_of(b"again"), "text/calendar", IndexRow(uid="u", component="VEVENT"))
    (result,) = await home.database.write(lambda tx: objects.put_many(tx, home.id, [row], home.now))
    assert not result.created
    stored = await home.get("a")
    assert stored is not None
    assert stored.meta.oid not in {made.oid, changed.oid}
    assert stored.meta.created_revision <= await home.revision()
