"""Messages on their way out: one row each, and steps that only who saw the last one can take."""

import asyncio
from dataclasses import replace

import pytest

from folkmoot.core.errors import TooLarge
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.store import jobs, submissions
from folkmoot.store.submissions import NewSubmission, State, StoredSubmission, key_of
from tests.support.store import ANNA, NOW

pytestmark = pytest.mark.anyio


def _new(message_id: str = "<1@example.org>", **more: object) -> NewSubmission:
    new = NewSubmission(ANNA, "0", message_id, "Entwürfe", 7, 42, {"to": ["ida@example.net"]}, 1, NOW + 5_000)
    return replace(new, **more)  # type: ignore[arg-type]  # any of its values


async def _add(database: Database, new: NewSubmission | None = None, now: int = NOW) -> StoredSubmission | None:
    wanted = new or _new()
    return await database.write(
        lambda tx: submissions.add(tx, wanted, state=State.WAITING, due_at=wanted.send_at, now=now)
    )


async def _step(database: Database, seen: StoredSubmission, state: State, now: int = NOW) -> StoredSubmission | None:
    return await database.write(lambda tx: submissions.step(tx, seen, state, now=now, fault="why"))


async def test_a_message_is_kept_once_with_a_job(database: Database) -> None:
    first, second = await asyncio.gather(_add(database), _add(database))
    kept = first or second
    assert kept is not None
    assert (first is None) != (second is None)
    assert (kept.owner, kept.mailbox, kept.uid, kept.state) == (ANNA, "Entwürfe", 42, State.WAITING)
    assert kept.payload == {"to": ["ida@example.net"]}
    (job,) = await database.read(lambda tx: jobs.list_(tx, kind=submissions.JOB))
    assert (job.key, job.due_at) == (str(kept.id), NOW + 5_000)
    assert await _add(database, _new(owner=PrincipalId("berta"))) is not None
    assert await database.read(lambda tx: submissions.find(tx, ANNA, "<1@example.org>")) == kept
    assert await database.read(lambda tx: submissions.find(tx, ANNA, "<2@example.org>")) is None


async def test_only_who_saw_the_last_step_takes_the_next(database: Database) -> None:
    waiting = await _add(database)
    assert waiting is not None
    sending = await _step(database, waiting, State.SENDING)
    assert sending is not None
    assert (sending.state, sending.fault) == (State.SENDING, "why")
    assert sending.modified_at > waiting.modified_at
    assert await _step(database, waiting, State.CANCELLED) is None
    again = await _step(database, sending, State.SENDING)  # taken over
    assert again is not None
    assert await _step(database, sending, State.HANDING) is None
    taken = await asyncio.gather(*(_step(database, again, State.HANDING) for _ in range(4)))
    assert len([one for one in taken if one is not None]) == 1


@pytest.mark.parametrize("state", list(State))
async def test_what_failed_or_was_taken_back_may_begin_anew(database: Database, state: State) -> None:
    waiting = await _add(database)
    assert waiting is not None
    if state is not State.WAITING:
        assert await _step(database, waiting, state) is not None
    again = await _add(database, _new(uid=43, send_at=NOW + 9_000), NOW + 1)
    if state in submissions.AGAIN:
        assert again is not None
        assert (again.id, again.uid, again.state, again.fault) == (waiting.id, 43, State.WAITING, "")
        (job,) = await database.read(lambda tx: jobs.list_(tx, kind=submissions.JOB))
        assert job.due_at == NOW + 9_000
    else:
        assert again is None


async def test_what_somebody_sent_of_late_is_counted_without_what_was_taken_back(database: Database) -> None:
    for number in range(3):
        kept = await _add(database, _new(f"<{number}@example.org>", recipients=number + 1), NOW + number)
        assert kept is not None
        if number == 2:
            await _step(database, kept, State.CANCELLED)
    assert await database.read(lambda tx: submissions.counted(tx, ANNA, NOW)) == [(NOW + 1, 2)]
    listed = await database.read(lambda tx: submissions.list_of(tx, ANNA, [State.WAITING]))
    assert [one.recipients for one in listed] == [2, 1]


async def test_what_came_to_its_end_is_forgotten_in_time(database: Database) -> None:
    for number, state in enumerate(State):
        kept = await _add(database, _new(f"<{number}@example.org>"))
        assert kept is not None
        await _step(database, kept, state)
    assert await database.write(lambda tx: submissions.trim(tx, before=NOW)) == 0
    assert await database.write(lambda tx: submissions.trim(tx, before=NOW + 10)) == len(submissions.FINAL)
    left = await database.read(lambda tx: submissions.list_of(tx, ANNA, list(State)))
    assert {one.state for one in left}.isdisjoint(submissions.FINAL)


@pytest.mark.parametrize("state", list(State))
async def test_a_message_that_was_moved_before_it_has_gone_is_followed(database: Database, state: State) -> None:
    kept, other = await _add(database), await _add(database, _new("<2@example.org>", uid=44))
    assert kept is not None
    assert other is not None
    if state is not State.WAITING:
        assert await _step(database, kept, state) is not None
    old, new = ("Entwürfe", 7, 42), ("Archiv/2026", 8, 1)

    async def move(owner: PrincipalId, account: str = "0", old: tuple[str, int, int] = old) -> int:
        return await database.write(lambda tx: submissions.move(tx, owner, account, old, new))

    assert await move(PrincipalId("berta")) == 0
    assert await move(ANNA, "1") == 0
    assert await move(ANNA, old=("Entwürfe", 9, 42)) == 0
    follows = state not in {State.SENT, State.FAILED, State.UNCERTAIN}
    assert await move(ANNA) == int(follows)
    found = await database.read(lambda tx: submissions.get(tx, kept.id))
    assert found is not None
    assert (found.mailbox, found.uid_validity, found.uid) == (new if follows else old)
    assert await database.read(lambda tx: submissions.get(tx, other.id)) == other


@pytest.mark.parametrize("state", list(State))
async def test_only_what_came_to_its_end_is_forgotten_and_only_by_its_owner(database: Database, state: State) -> None:
    kept = await _add(database)
    assert kept is not None
    if state is not State.WAITING:
        assert await _step(database, kept, state) is not None

    async def forget(owner: PrincipalId, id_: int) -> bool:
        return await database.write(lambda tx: submissions.forget(tx, owner, id_))

    assert await forget(PrincipalId("berta"), kept.id) is False
    assert await forget(ANNA, kept.id + 1_000_000) is False
    over = state in submissions.FINAL
    assert await forget(ANNA, kept.id) is over
    assert (await database.read(lambda tx: submissions.get(tx, kept.id)) is None) is over
    assert await forget(ANNA, kept.id) is False


async def test_any_message_id_has_a_key_that_fits(database: Database) -> None:
    for odd in ("<" + "x" * 900 + "@example.org>", "<é@example.org>", "", "\0"):
        assert len(key_of(odd)) <= submissions.ID_MAX
        assert await _add(database, _new(odd)) is not None
        assert await database.read(lambda tx, odd=odd: submissions.find(tx, ANNA, odd)) is not None  # type: ignore[misc]
    with pytest.raises(TooLarge):
        await _add(database, _new(payload={"x": "y" * 1_000_001}))
