"""How far mailboxes have been looked at, and the revision that rises as they change."""

from functools import partial

import pytest

from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.store import check, collections, new_mail
from folkmoot.store.new_mail import BEFORE, Arrived, Position
from folkmoot.store.records import Kind

pytestmark = pytest.mark.anyio

ANNA = PrincipalId("anna")


async def note(database: Database, arrived: dict[str, Arrived], now: int = 1, *, pushed: bool = False) -> bool:
    return await database.write(lambda tx: new_mail.note(tx, ANNA, arrived, now, pushed=pushed))


async def waiting(database: Database) -> dict[str, Position]:
    return await database.read(lambda tx: new_mail.waiting(tx, ANNA))


async def looked(database: Database, mailbox: str, validity: int, next_: int) -> None:
    reached = Position(validity, next_, 0, 0)
    await database.write(lambda tx: new_mail.looked(tx, ANNA, mailbox, reached, 7))


async def test_what_is_new_waits_until_it_was_looked_at(database: Database) -> None:
    first = BEFORE + 10
    assert await note(database, {"INBOX": Arrived(5, first, first + 2)})
    assert await waiting(database) == {"INBOX": Position(5, 10, first + 2, 1)}
    await note(database, {"INBOX": Arrived(5, first + 3, first + 3)})
    await looked(database, "INBOX", 5, first + 3)
    assert await waiting(database) == {"INBOX": Position(5, first + 3, first + 3, 7)}
    await looked(database, "INBOX", 5, first + 4)
    assert await waiting(database) == {}
    assert not await note(database, {})
    assert await check.check_store(database) == []


async def test_a_mailbox_made_anew_begins_anew(database: Database) -> None:
    await note(database, {"INBOX": Arrived(5, 10, 12)})
    await note(database, {"INBOX": Arrived(6, 1, 1)})
    await looked(database, "INBOX", 5, 99)
    assert (await waiting(database))["INBOX"] == Position(6, 1, 1, 1)


async def test_every_note_raises_the_revision_and_no_home_shows_it(database: Database) -> None:
    await note(database, {})
    first = await database.read(lambda tx: new_mail.find(tx, ANNA))
    await note(database, {})
    second = await database.read(lambda tx: new_mail.find(tx, ANNA))
    assert first is not None
    assert second is not None
    assert second.revision > first.revision
    for kind in Kind:
        found = await database.read(partial(collections.list_home, owner=ANNA, kind=kind))
        assert (found != []) == (kind is Kind.MAIL)


async def test_few_mailboxes_are_remembered_and_those_told_of_last_stay(database: Database) -> None:
    many = {f"Lists/{number:04}": Arrived(1, 1, 1) for number in range(new_mail.MAILBOXES_MAX + 5)}
    await note(database, many)
    kept = await waiting(database)
    assert len(kept) == new_mail.MAILBOXES_MAX
    assert list(many)[-1] in kept


async def test_it_is_known_whether_the_server_tells_by_itself(database: Database) -> None:
    await note(database, {}, 5)
    assert await database.read(lambda tx: new_mail.pushed_at(tx, ANNA)) == 0
    await note(database, {}, 10**6, pushed=True)
    assert await database.read(lambda tx: new_mail.pushed_at(tx, ANNA)) == 10**6


async def test_what_a_unit_has_raised_is_told_once_after_its_commit(database: Database) -> None:
    told: list[dict[int, int]] = []
    database.follow(lambda raised: told.append(dict(raised)))
    await note(database, {"INBOX": Arrived(1, 1, 1)})
    made = await database.read(lambda tx: new_mail.find(tx, ANNA))
    assert made is not None
    assert told == [{made.id: made.revision}]
    with pytest.raises(RuntimeError, match="undone"):
        await database.write(_failing)
    await database.read(lambda tx: new_mail.find(tx, ANNA))
    assert len(told) == 1


async def _failing(tx: object) -> None:
    await new_mail.note(tx, ANNA, {}, 3)  # type: ignore[arg-type]  # a transaction
    raise RuntimeError("undone")
