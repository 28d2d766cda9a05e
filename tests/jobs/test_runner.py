"""Runners: each job once, failures later, nothing lost when one dies."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from folkmoot.core.clock import SystemClock
from folkmoot.core.errors import Unavailable
from folkmoot.database import Database
from folkmoot.jobs.runner import BACKOFF_MAX_MS, Handler, Runner, RunnerLimits, backoff_ms
from folkmoot.store import jobs
from folkmoot.store.jobs import Job, NewJob
from tests.support.clock import SetClock

pytestmark = pytest.mark.anyio
QUICK = RunnerLimits(poll_seconds=0.02, lease_seconds=0.4, job_seconds=5)


@dataclass
class Handled:
    """A handler that notes what it ran, and does what the test says."""

    does: Callable[[Job], Awaitable[int | None]] | None = None
    ran: list[str] = field(default_factory=list)

    async def run(self, job: Job) -> int | None:
        self.ran.append(job.key)
        return await self.does(job) if self.does else None


@dataclass
class House:
    """A database with jobs."""

    database: Database
    clock: SetClock = field(default_factory=lambda: SetClock(datetime(2026, 5, 1, tzinfo=UTC)))

    async def ask(self, key: str, *, kind: str = "mail") -> None:
        now = self.clock.milliseconds()
        await self.database.write(lambda tx: jobs.add(tx, kind, key, {}, now, now))

    async def found(self, key: str, kind: str = "mail") -> Job | None:
        return await self.database.read(lambda tx: jobs.find(tx, kind, key))

    def runner(self, limits: RunnerLimits = QUICK, **handlers: Handler) -> Runner:
        named: Mapping[str, Handler] = {kind.replace("_", "-"): handler for kind, handler in handlers.items()}
        return Runner(self.database, self.clock, named, limits)


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


async def eventually(condition: Callable[[], bool], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  # the tests look from outside
            await asyncio.sleep(0.01)


async def test_a_due_job_is_run_once_and_is_gone(house: House) -> None:
    handled = Handled()
    await house.ask("a")
    assert await house.runner(mail=handled).run_due() == 1
    assert handled.ran == ["a"]
    assert await house.found("a") is None
    assert await house.runner(mail=handled).run_due() == 0


async def test_kinds_without_a_handler_are_left_for_others(house: House) -> None:
    await house.ask("a", kind="unknown")
    assert await house.runner(mail=Handled()).run_due() == 0
    assert await house.found("a", "unknown") is not None


async def test_a_handler_names_the_next_time(house: House) -> None:
    async def later(_: Job) -> int:
        return house.clock.milliseconds() + 60_000

    handled = Handled(later)
    await house.ask("a")
    runner = house.runner(mail=handled)
    await runner.run_due()
    await runner.run_due()
    house.clock.pass_(minutes=1)
    await runner.run_due()
    assert handled.ran == ["a", "a"]


async def test_a_refusal_is_kept_with_the_job_and_tried_again_later(house: House) -> None:
    async def refuse(_: Job) -> int | None:
        raise Unavailable("the mail server does not answer")

    await house.ask("a")
    handled = Handled(refuse)
    runner = house.runner(mail=handled)
    await runner.run_due()
    job = await house.found("a")
    assert job is not None
    assert (job.fault, job.lease, job.attempts) == ("the mail server does not answer", None, 1)
    await runner.run_due()
    house.clock.pass_(minutes=1)
    await runner.run_due()
    assert handled.ran == ["a", "a"]


async def test_a_bug_in_a_handler_ends_neither_runner_nor_job(house: House) -> None:
    async def stumble(job: Job) -> int | None:
        if job.key == "bad":
            raise ZeroDivisionError("oops")
        return None

    handled = Handled(stumble)
    await house.ask("bad")
    await house.ask("good")
    await house.runner(mail=handled).run_due()
    bad = await house.found("bad")
    assert bad is not None
    assert bad.fault == "bug: ZeroDivisionError: oops"
    assert await house.found("good") is None


async def test_pauses_double_up_to_an_hour() -> None:
    assert [backoff_ms(attempts) // 1000 for attempts in (1, 2, 3, 4)] == [30, 60, 120, 240]
    assert backoff_ms(1_000_000) == BACKOFF_MAX_MS


async def test_what_takes_too_long_has_failed(house: House) -> None:
    async def hang(_: Job) -> int | None:
        await asyncio.sleep(60)
        return None

    await house.ask("a")
    await house.runner(RunnerLimits(job_seconds=0.05), mail=Handled(hang)).run_due()
    job = await house.found("a")
    assert job is not None
    assert "took longer" in job.fault


async def test_no_more_than_so_many_run_at_once_and_of_each_kind(house: House) -> None:
    most: dict[str, int] = {}
    present: dict[str, int] = {}

    async def count(job: Job) -> int | None:
        for kind in (job.kind, "all"):
            present[kind] = present.get(kind, 0) + 1
            most[kind] = max(most.get(kind, 0), present[kind])
        await asyncio.sleep(0.01)
        for kind in (job.kind, "all"):
            present[kind] -= 1
        return None

    for number in range(12):
        await house.ask(f"m{number}")
        await house.ask(f"t{number}", kind="trim")
    handled = Handled(count)
    limits = RunnerLimits(at_once=4, of_kind={"trim": 1}, poll_seconds=0.02)
    async with house.runner(limits, mail=handled, trim=handled):
        await eventually(lambda: len(handled.ran) == 24)
    assert (most["all"] <= 4, most["trim"]) == (True, 1)


async def test_a_running_runner_finds_what_comes_later(house: House) -> None:
    handled = Handled()
    async with house.runner(mail=handled):
        await asyncio.sleep(0.05)
        await house.ask("a")
        await eventually(lambda: handled.ran == ["a"])


async def test_a_nudged_runner_does_not_wait_for_its_next_look(house: House) -> None:
    handled = Handled()
    async with house.runner(RunnerLimits(poll_seconds=60), mail=handled) as runner:
        await asyncio.sleep(0.05)
        await house.ask("a")
        runner.nudge()
        await eventually(lambda: handled.ran == ["a"], seconds=5)


async def test_a_runner_that_stops_gives_back_what_it_has_not_done(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("folkmoot.jobs.runner.STOP_SECONDS", 0.05)

    async def hang(_: Job) -> int | None:
        await asyncio.sleep(60)
        return None

    handled = Handled(hang)
    await house.ask("a")
    async with house.runner(mail=handled):
        await eventually(lambda: handled.ran == ["a"])
    job = await house.found("a")
    assert job is not None
    assert (job.lease, job.leased_until, job.attempts) == (None, 0, 0)


async def test_a_long_job_keeps_its_lease(house: House) -> None:
    async def last(_: Job) -> int | None:
        await asyncio.sleep(1.0)
        return None

    runner = Runner(house.database, SystemClock(), {"mail": Handled(last)}, QUICK)
    other = Handled()
    await house.ask("a")
    async with runner, Runner(house.database, SystemClock(), {"mail": other}, QUICK):
        await asyncio.sleep(0.05)
        async with asyncio.timeout(10):
            while await house.found("a") is not None:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    first = runner._handlers["mail"]
    assert isinstance(first, Handled)
    assert len(first.ran) + len(other.ran) == 1


async def test_a_handler_whose_job_was_taken_over_is_ended(house: House) -> None:
    ended = asyncio.Event()

    async def hang(_: Job) -> int | None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.set()
            raise
        return None

    handled = Handled(hang)
    await house.ask("a")
    async with house.runner(mail=handled):
        await eventually(lambda: handled.ran == ["a"])
        (job,) = await house.database.read(jobs.list_)
        now = house.clock.milliseconds() + 3_600_000  # on the clock of a node that is far ahead
        (taken,) = await house.database.write(lambda tx: jobs.lease(tx, [job.id], "other", now=now, until=now + 1))
        async with asyncio.timeout(10):
            await ended.wait()
    assert await house.found("a") == taken


async def test_many_runners_run_each_of_many_jobs_once(house: House) -> None:
    handled = Handled()
    now = house.clock.milliseconds()
    await house.database.write(lambda tx: jobs.add_many(tx, [NewJob("mail", str(n), {}, now) for n in range(120)], now))
    limits = RunnerLimits(poll_seconds=0.02)
    async with (
        house.runner(limits, mail=handled),
        house.runner(limits, mail=handled),
        house.runner(limits, mail=handled),
    ):
        await eventually(lambda: len(handled.ran) >= 120, seconds=30)
        await asyncio.sleep(0.1)
    assert sorted(handled.ran, key=int) == [str(n) for n in range(120)]
    assert await house.database.read(jobs.list_) == []
