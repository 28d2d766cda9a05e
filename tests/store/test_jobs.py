"""Durable jobs: asked for, leased by one, done, failed, taken over."""

import asyncio

import pytest

from folkmoot.core.errors import TooLarge
from folkmoot.database import Database, Transaction
from folkmoot.store import jobs
from folkmoot.store.jobs import Job, NewJob

pytestmark = pytest.mark.anyio

NOW = 1_700_000_000_000
MINUTE = 60_000


async def ask(
    database: Database,
    key: str,
    *,
    kind: str = "mail",
    due_at: int = NOW,
    now: int = NOW,
    payload: dict[str, object] | None = None,
    replace: bool = False,
) -> None:
    await database.write(lambda tx: jobs.add(tx, kind, key, payload or {}, due_at, now, replace=replace))


async def take(database: Database, *, now: int = NOW, runner: str = "one", limit: int = 10) -> list[Job]:
    async def work(tx: Transaction) -> list[Job]:
        ids = [one.id for one in await jobs.due(tx, ["mail", "trim"], now=now, limit=limit)]
        return await jobs.lease(tx, ids, runner, now=now, until=now + MINUTE)

    return await database.write(work)


async def found(database: Database, key: str, kind: str = "mail") -> Job | None:
    return await database.read(lambda tx: jobs.find(tx, kind, key))


async def test_a_job_is_leased_when_it_is_due_and_gone_when_it_is_done(database: Database) -> None:
    await ask(database, "a", due_at=NOW + 1, payload={"text": "für dich", "count": 3})
    assert await take(database) == []
    (job,) = await take(database, now=NOW + 1)
    assert (job.key, job.payload, job.attempts) == ("a", {"text": "für dich", "count": 3}, 1)
    await database.write(lambda tx: jobs.finish(tx, job, next_due_at=None))
    assert await found(database, "a") is None


async def test_what_one_holds_nobody_else_gets(database: Database) -> None:
    await ask(database, "a")
    assert len(await take(database)) == 1
    assert await take(database, runner="two") == []
    assert await take(database, runner="two", now=NOW + MINUTE - 1) == []


async def test_a_lease_that_runs_out_is_taken_over_and_its_former_holder_changes_nothing(database: Database) -> None:
    await ask(database, "a")
    (first,) = await take(database)
    (second,) = await take(database, runner="two", now=NOW + MINUTE)
    assert second.attempts == 2
    assert not await database.write(lambda tx: jobs.renew(tx, first, until=NOW + 9 * MINUTE))
    await database.write(lambda tx: jobs.finish(tx, first, next_due_at=None))
    await database.write(lambda tx: jobs.fail(tx, first, fault="late", retry_at=NOW))
    job = await found(database, "a")
    assert job == second


async def test_a_renewed_lease_lasts(database: Database) -> None:
    await ask(database, "a")
    (job,) = await take(database)
    assert await database.write(lambda tx: jobs.renew(tx, job, until=NOW + 5 * MINUTE))
    assert await take(database, runner="two", now=NOW + 4 * MINUTE) == []


async def test_the_earliest_time_and_the_newest_payload_win(database: Database) -> None:
    await ask(database, "a", due_at=NOW + 10, payload={"n": 1})
    await ask(database, "a", due_at=NOW + 20, payload={"n": 2})
    job = await found(database, "a")
    assert job is not None
    assert (job.due_at, job.payload, job.version) == (NOW + 10, {"n": 2}, 2)
    await ask(database, "a", due_at=NOW + 5)
    job = await found(database, "a")
    assert job is not None
    assert job.due_at == NOW + 5


async def test_a_replaced_time_may_be_later(database: Database) -> None:
    await ask(database, "a", due_at=NOW)
    await ask(database, "a", due_at=NOW + 20, replace=True)
    assert await take(database) == []


async def test_what_is_asked_for_while_it_runs_is_done_again(database: Database) -> None:
    await ask(database, "a", payload={"n": 1})
    (job,) = await take(database)
    await ask(database, "a", payload={"n": 2}, due_at=NOW + 7)
    assert await take(database, runner="two", now=NOW + 8) == []  # never two at once
    await database.write(lambda tx: jobs.finish(tx, job, next_due_at=None))
    (again,) = await take(database, runner="three", now=NOW + 8)
    assert (again.payload, again.due_at) == ({"n": 2}, NOW + 7)


async def test_a_failure_is_kept_and_tried_again_later(database: Database) -> None:
    await ask(database, "a")
    (job,) = await take(database)
    await database.write(lambda tx: jobs.fail(tx, job, fault="no answer\0", retry_at=NOW + 50))
    assert await take(database) == []
    (again,) = await take(database, now=NOW + 50)
    assert (again.fault, again.attempts) == ("no answer", 2)
    await database.write(lambda tx: jobs.finish(tx, again, next_due_at=NOW + 100))
    (third,) = await take(database, now=NOW + 100)
    assert (third.fault, third.attempts) == ("", 1)


async def test_what_is_given_back_has_not_been_tried(database: Database) -> None:
    await ask(database, "a")
    (job,) = await take(database)
    await database.write(lambda tx: jobs.give_back(tx, job))
    (again,) = await take(database, runner="two")
    assert again.attempts == 1


async def test_removed_jobs_are_not_done(database: Database) -> None:
    await ask(database, "a")
    await ask(database, "a", kind="trim")
    await database.write(lambda tx: jobs.remove(tx, "mail", "a"))
    assert [job.kind for job in await take(database)] == ["trim"]


async def test_jobs_of_kinds_that_a_runner_does_not_know_stay(database: Database) -> None:
    await ask(database, "a", kind="other")
    assert await take(database) == []
    assert await found(database, "a", "other") is not None


async def test_many_are_asked_for_at_once(database: Database) -> None:
    new = [NewJob("mail", f"k{number}", {"n": number}, NOW) for number in range(50)]
    await database.write(lambda tx: jobs.add_many(tx, new, NOW))
    await database.write(lambda tx: jobs.add_many(tx, new[:10], NOW))
    await database.write(lambda tx: jobs.add_many(tx, [], NOW))
    assert len(await take(database, limit=100)) == 50
    (count,) = await database.read(lambda tx: jobs.counts(tx, NOW))
    assert (count.kind, count.all, count.due, count.failing) == ("mail", 50, 50, 0)


async def test_lists_go_by_time(database: Database) -> None:
    await ask(database, "b", due_at=NOW + 2)
    await ask(database, "a", due_at=NOW + 1)
    await ask(database, "c", due_at=NOW, kind="trim")
    assert [job.key for job in await database.read(jobs.list_)] == ["c", "a", "b"]
    assert [job.key for job in await database.read(lambda tx: jobs.list_(tx, kind="mail", limit=1))] == ["a"]


async def test_kinds_and_keys_have_a_length(database: Database) -> None:
    with pytest.raises(TooLarge):
        await ask(database, "k" * 256)
    with pytest.raises(TooLarge):
        await ask(database, "k", kind="k" * 33)


async def test_runners_that_ask_at_the_same_time_get_each_job_once(database: Database) -> None:
    new = [NewJob("mail", f"k{number}", {}, NOW) for number in range(40)]
    await database.write(lambda tx: jobs.add_many(tx, new, NOW))
    taken: list[int] = []

    async def runner(name: str) -> None:
        for turn in range(60):
            got = await take(database, runner=f"{name}-{turn}", limit=4)
            taken.extend(job.id for job in got)

    await asyncio.gather(*(runner(f"runner-{number}") for number in range(4)))
    assert len(taken) == 40
    assert len(set(taken)) == 40
