"""Jobs while their runners are killed: each is done, none by two at once."""

import asyncio
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from folkmoot.core.clock import SystemClock
from folkmoot.database import Database
from folkmoot.jobs.runner import Runner, RunnerLimits
from folkmoot.store import jobs
from folkmoot.store.jobs import Job, NewJob

pytestmark = [pytest.mark.anyio, pytest.mark.live]
JOBS = 150
RUNNERS = 3
LEASE_SECONDS = 2.0


class Appending:
    """A handler that leaves a line when it begins and one when it ends, in a file that processes share."""

    def __init__(self, file: Path) -> None:
        self._file = file

    async def run(self, job: Job) -> int | None:
        self._say(f"begin {job.key} {os.getpid()}")
        await asyncio.sleep(0.2)
        self._say(f"end {job.key} {os.getpid()}")
        return None

    def _say(self, line: str) -> None:
        with self._file.open("ab", buffering=0) as file:
            file.write(f"{time.monotonic_ns()} {line}\n".encode())


def run_until_killed(url: str, file: Path, ready: Connection) -> None:
    """Be one runner."""

    async def work() -> None:
        limits = RunnerLimits(poll_seconds=0.1, lease_seconds=LEASE_SECONDS)
        async with (
            await Database.open(url) as database,
            Runner(database, SystemClock(), {"x": Appending(file)}, limits),
        ):
            ready.send(True)
            await asyncio.sleep(600)

    asyncio.run(work())


class Processes:
    """Runners in processes of their own."""

    def __init__(self, url: str, file: Path) -> None:
        self._context = multiprocessing.get_context("spawn")
        self._arguments = (url, file)
        self.running = [self.start() for _ in range(RUNNERS)]

    def start(self) -> multiprocessing.process.BaseProcess:
        here, there = self._context.Pipe()
        process = self._context.Process(target=run_until_killed, args=(*self._arguments, there), daemon=True)
        process.start()
        assert here.poll(60)
        return process

    def kill(self, number: int) -> None:
        """Kill one as a crash does."""
        process = self.running[number]
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()

    def end(self) -> None:
        for process in self.running:
            process.kill()
            process.join()


def said_by(file: Path, pid: int | None) -> bool:
    return f"{pid}\n" in file.read_text()


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110  # another process writes
            await asyncio.sleep(0.02)


async def test_killed_runners_leave_no_job_undone_and_none_done_by_two_at_once(
    database: Database, empty_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "said"
    file.touch()
    processes = await asyncio.to_thread(Processes, empty_url, file)
    now = SystemClock().milliseconds()
    new = [NewJob("x", str(number), {}, now) for number in range(JOBS)]
    await database.write(lambda tx: jobs.add_many(tx, new, now))
    try:
        for number in (0, 1):
            await eventually(partial(said_by, file, processes.running[number].pid))
            await asyncio.to_thread(processes.kill, number)
        assert await database.read(jobs.list_)
        async with asyncio.timeout(60):
            while await database.read(jobs.list_):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
    finally:
        await asyncio.to_thread(processes.end)
    lines = [line.split() for line in file.read_text().splitlines()]
    ended = [key for _, what, key, _ in lines if what == "end"]
    begun = [key for _, what, key, _ in lines if what == "begin"]
    assert set(ended) == {job.key for job in new}
    # Only what a killed runner had in hand was begun again.
    assert JOBS < len(begun) <= JOBS + 2 * RunnerLimits().at_once
    began: dict[str, int] = {}
    for at, what, key, _ in lines:
        if what == "begin":
            if key in began:  # taken over, once the lease had run out
                assert int(at) - began[key] >= (LEASE_SECONDS - 1) * 1e9
            began[key] = int(at)
