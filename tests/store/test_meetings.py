"""One meeting in many homes, on each database."""

import pytest

from folkmoot.core.errors import PreconditionFailed
from folkmoot.core.ids import CollectionId, PrincipalId, Revision
from folkmoot.database import Database, Transaction
from folkmoot.store import collections, meetings, objects, profiles
from folkmoot.store.meetings import Filing
from folkmoot.store.records import Collection, IndexRow, Kind, etag_of
from tests.support.store import NOW, name

pytestmark = pytest.mark.anyio

PEOPLE = [PrincipalId("anna"), PrincipalId("ben"), PrincipalId("dora")]
NAME = name("m.ics")


def filing(one: Collection, body: bytes | None, present: bytes | None = None, uid: str | None = "u") -> Filing:
    etag = None if present is None else etag_of(present)
    index = IndexRow(uid=uid, component="VEVENT", starts_at=100, ends_at=200, title="Plan", schedule_tag="t")
    return Filing(one.id, NAME, etag, body, "text/calendar", index)


async def homes_of(database: Database) -> list[Collection]:
    async def work(tx: Transaction) -> list[Collection]:
        return [await collections.create(tx, who, Kind.CALENDAR, "personal", {}, now=NOW) for who in PEOPLE]

    return await database.write(work)


async def write(database: Database, *filings: Filing, uid: str = "u") -> dict[CollectionId, int]:
    async def work(tx: Transaction) -> dict[CollectionId, int]:
        held = await meetings.hold(tx, [one.collection for one in filings])
        await meetings.write(tx, filings, held, uid=uid, now=NOW)
        return {one: int(revision) for one, revision in held.items()}

    return await database.write(work)


async def test_copies_are_made_changed_and_deleted_in_one_go(database: Database) -> None:
    made = await homes_of(database)
    revisions = await write(database, *(filing(one, b"first") for one in made))
    assert set(revisions.values()) == {2}
    found = await database.read(lambda tx: meetings.copies(tx, PEOPLE, "u"))
    assert [copy.stored.body for copy in found] == [b"first"] * 3
    assert [copy.collection.owner for copy in found] == PEOPLE
    assert found[0].stored.meta.schedule_tag == "t"
    anna, ben, _ = made
    await write(database, filing(anna, b"second", b"first"), filing(ben, None, b"first"))
    left = await database.read(lambda tx: meetings.copies(tx, PEOPLE, "u"))
    assert {copy.collection.owner: copy.stored.body for copy in left} == {"anna": b"second", "dora": b"first"}
    changes = await database.read(
        lambda tx: objects.changes(tx, ben.id, since=Revision(2), until=Revision(3), limit=None)
    )
    assert [(change.name, change.etag) for change in changes] == [(NAME, None)]
    await write(database, filing(ben, b"again"))
    assert (await database.read(lambda tx: objects.count(tx, ben.id))) == 1


async def test_several_writes_in_one_collection_get_revisions_of_their_own(database: Database) -> None:
    anna, ben, _ = await homes_of(database)
    second = Filing(anna.id, name("n.ics"), None, b"note", "text/calendar", IndexRow(component="VEVENT"))
    held = await write(database, filing(anna, b"first"), second, filing(ben, b"first"))
    assert held == {anna.id: 3, ben.id: 2}
    rows = await database.read(lambda tx: objects.list_(tx, anna.id))
    assert sorted(row.revision for row in rows) == [2, 3]
    assert (await database.read(lambda tx: collections.get(tx, anna.id))).revision == 3


async def test_a_copy_that_is_no_longer_what_was_read_is_not_overwritten(database: Database) -> None:
    anna, ben, _ = await homes_of(database)
    await write(database, filing(anna, b"first"))
    for wrong in (
        filing(anna, b"second", b"other"),
        filing(anna, None, b"other"),
        filing(anna, b"second"),
        filing(ben, b"second", b"first"),
    ):
        with pytest.raises(PreconditionFailed):
            await write(database, wrong)
    other_name = Filing(anna.id, name("n.ics"), None, b"x", "text/calendar", IndexRow(uid="u", component="VEVENT"))
    with pytest.raises(PreconditionFailed):
        await write(database, other_name)
    gone = Filing(CollectionId(999_999), NAME, None, b"x", "text/calendar", IndexRow(uid="u"))
    with pytest.raises(PreconditionFailed):
        await write(database, gone)
    assert (await database.read(lambda tx: collections.get(tx, anna.id))).revision == 2


async def test_homes_hold_calendars_and_inboxes(database: Database) -> None:
    anna, *_ = await homes_of(database)
    inbox = await database.write(lambda tx: collections.create(tx, anna.owner, Kind.INBOX, "inbox", {}, now=NOW))
    await database.write(lambda tx: collections.create(tx, anna.owner, Kind.ADDRESSBOOK, "personal", {}, now=NOW))
    found = await database.read(lambda tx: meetings.homes(tx, [*PEOPLE, PrincipalId("nobody")]))
    assert [one.id for one in found[anna.owner]] == [anna.id, inbox.id]
    assert found[PrincipalId("nobody")] == []


async def test_bookings_are_found_in_many_calendars_at_once(database: Database) -> None:
    anna, ben, dora = await homes_of(database)
    await write(database, filing(anna, b"a"), filing(ben, b"b"))
    ids = [anna.id, ben.id, dora.id]
    rows = await database.read(lambda tx: meetings.in_range(tx, ids, component="VEVENT", start=150, end=160))
    assert sorted(one for one, _ in rows) == [anna.id, ben.id]
    assert not await database.read(lambda tx: meetings.in_range(tx, ids, component="VEVENT", start=200, end=300))
    bodies = await database.read(lambda tx: meetings.bodies_of(tx, [(anna.id, NAME), (dora.id, NAME)]))
    assert bodies == {(anna.id, NAME): b"a"}
    assert await database.read(lambda tx: meetings.taken(tx, ids, NAME)) == {anna.id, ben.id}


async def test_what_is_kept_about_many_is_read_at_once(database: Database) -> None:
    await database.write(lambda tx: profiles.set_(tx, PEOPLE[0], properties={"a": 1}, dead_properties={}, now=NOW))
    found = await database.read(lambda tx: profiles.get_many(tx, PEOPLE))
    assert {principal: profile.properties for principal, profile in found.items()} == {"anna": {"a": 1}}
