"""Rows of messages that were put off."""

import pytest

from folkmoot.core.errors import TooLarge
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.store import jobs, snoozed
from folkmoot.store.snoozed import NewSnoozed

pytestmark = pytest.mark.anyio

ANNA, BERND = PrincipalId("anna"), PrincipalId("bernd")
SOON, LATER, NOW = 2_000, 9_000, 1_000


async def _add(database: Database, owner: PrincipalId, uids: list[int], until: int) -> list[snoozed.Snoozed]:
    new = [NewSnoozed(7, uid, f"<{uid}@example.net>") for uid in uids]
    return await database.write(lambda tx: snoozed.add(tx, owner, "0", "INBOX", new, until_at=until, now=NOW))


async def test_what_is_due_is_told_account_by_account(database: Database) -> None:
    later = await _add(database, ANNA, [1, 2], LATER)
    (soon,) = await _add(database, ANNA, [5], SOON)
    await _add(database, BERND, [5], SOON)
    assert [row.uid for row in later] == [1, 2]
    assert (soon.mailbox, soon.origin, soon.message_id) == ("INBOX", "INBOX", "<5@example.net>")
    listed = await database.read(lambda tx: snoozed.list_(tx, ANNA))
    assert [row.uid for row in listed] == [5, 1, 2]
    due = await database.read(lambda tx: snoozed.due(tx, ANNA, "0", SOON))
    assert [row.id for row in due] == [soon.id]
    assert await database.read(lambda tx: snoozed.due(tx, ANNA, "1", LATER)) == []
    await database.write(lambda tx: snoozed.remove(tx, ANNA, [soon.id]))
    assert await database.read(lambda tx: snoozed.next_at(tx, ANNA, "0")) == LATER


async def test_one_job_brings_back_an_accounts_messages_when_the_first_is_due(database: Database) -> None:
    await _add(database, ANNA, [1], LATER)
    await _add(database, ANNA, [2], SOON)
    asked = await database.read(lambda tx: jobs.list_(tx, kind=snoozed.JOB))
    assert [(job.due_at, job.payload) for job in asked] == [(SOON, {"owner": "anna", "account": "0"})]


async def test_nobody_changes_rows_of_somebody_else(database: Database) -> None:
    (row,) = await _add(database, ANNA, [1], SOON)
    await database.write(lambda tx: snoozed.place(tx, BERND, "Snoozed", 9, {row.id: 4}))
    await database.write(lambda tx: snoozed.remove(tx, BERND, [row.id]))
    assert await database.read(lambda tx: snoozed.list_(tx, ANNA)) == [row]
    await database.write(lambda tx: snoozed.place(tx, ANNA, "Snoozed", 9, {row.id: 4}))
    (placed,) = await database.read(lambda tx: snoozed.list_(tx, ANNA))
    assert (placed.mailbox, placed.uid_validity, placed.uid, placed.origin) == ("Snoozed", 9, 4, "INBOX")


async def test_nobody_puts_off_more_than_anybody_would(database: Database) -> None:
    await _add(database, ANNA, list(range(1, snoozed.SNOOZED_MAX + 1)), SOON)
    with pytest.raises(TooLarge):
        await _add(database, ANNA, [5_000], SOON)
    assert len(await database.read(lambda tx: snoozed.due(tx, ANNA, "0", SOON))) == snoozed.DUE_MAX


async def test_a_message_id_that_is_too_long_is_not_kept(database: Database) -> None:
    new = [NewSnoozed(7, 1, f"<{'x' * 2_000}@example.net>")]
    (row,) = await database.write(lambda tx: snoozed.add(tx, ANNA, "0", "INBOX", new, until_at=SOON, now=NOW))
    assert row.message_id == ""
