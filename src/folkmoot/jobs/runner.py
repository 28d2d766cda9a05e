"""One runner a worker: takes due jobs, runs their handlers, gives them back.

It looks for due jobs about once a second, with one indexed query, and at once when nudged.  However many runners
there are, on however many nodes, each job is held by one of them; a job whose runner died is taken over when its
lease has run out.  A handler may therefore run again for what it did already: its effect must be that of one run.
"""

import asyncio
import contextlib
import itertools
import os
import random
import secrets
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Protocol, Self

import structlog

from folkmoot.core.clock import Clock
from folkmoot.core.errors import FolkmootError, Unavailable
from folkmoot.database import Database, Transaction
from folkmoot.store import jobs
from folkmoot.store.jobs import Job

log = structlog.get_logger()

PAUSE_MS: Final = 1000  # between two runs of one job, whatever its handler asks for
BACKOFF_MS: Final = 30_000  # after the first failure; doubles with each
BACKOFF_MAX_MS: Final = 60 * 60_000
CANDIDATES_MAX: Final = 50  # due jobs looked at together; runners choose among them at random
STOP_SECONDS: Final = 3.0  # for jobs under way when the worker leaves
OUTAGE_SECONDS: Final = 5.0  # until a database that does not answer is asked again


class Handler(Protocol):
    """What is done for one kind of job."""

    async def run(self, job: Job) -> int | None:
        """Do it; return when to do it again, in milliseconds since 1970, or None if it is done for good.

        Raises:
            FolkmootError: it did not work; it is tried again later.
        """


@dataclass(frozen=True, slots=True)
class RunnerLimits:
    """How much a runner does at once, and how often it looks."""

    at_once: int = 8
    of_kind: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    poll_seconds: float = 1.0
    lease_seconds: float = 60.0  # renewed at every quarter: clocks of nodes may differ by half of it
    job_seconds: float = 600.0  # after which a run counts as failed


class Runner:
    """Runs the jobs of the kinds it has handlers for; leaves others alone."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        handlers: Mapping[str, Handler],
        limits: RunnerLimits | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._handlers = handlers
        self._limits = limits or RunnerLimits()
        self._name = f"{socket.gethostname()[:24]}-{os.getpid()}-{secrets.token_hex(4)}"
        self._turns = itertools.count(1)
        self._random = random.Random()  # noqa: S311  # jitter only
        self._running: dict[asyncio.Task[None], Job] = {}
        self._wake = asyncio.Event()
        self._leaving = False
        self._loop: asyncio.Task[None] | None = None

    def nudge(self) -> None:
        """Look for due jobs now, as after a commit that asked for one."""
        self._wake.set()

    def leave(self) -> None:
        """Take no more jobs."""
        self._leaving = True
        self._wake.set()

    async def start(self) -> None:
        """Begin to run jobs in the background."""
        self._loop = asyncio.create_task(self._work(), name="jobs")

    async def stop(self) -> None:
        """Take no more jobs, wait a little for those under way, give back the rest."""
        self.leave()
        looking = [] if self._loop is None else [self._loop]
        self._loop = None
        for _ in range(2):  # first as they like, then told to end: giving a job back takes the database a moment
            left = {task for task in (*looking, *self._running) if not task.done()}
            if left:
                _, left = await asyncio.wait(left, timeout=STOP_SECONDS)
            for task in left:
                task.cancel()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def run_due(self) -> int:
        """Run all jobs that are due at this moment, in this call; return how many were run."""
        now = self._clock.milliseconds()
        count = 0
        while taken := await self._take(now):
            count += taken
            await asyncio.wait(self._running)
        return count

    async def _work(self) -> None:
        reachable = True
        while not self._leaving:
            self._wake.clear()
            pause = self._limits.poll_seconds * self._random.uniform(0.75, 1.25)
            try:
                if await self._take(self._clock.milliseconds()):
                    continue
                reachable = True
            except Unavailable as error:
                if reachable:
                    log.warning("jobs: the database does not answer", reason=str(error))
                reachable, pause = False, OUTAGE_SECONDS
            except Exception as error:  # a bug must not end all jobs of this worker
                log.error("bug", where="jobs", exc_info=error)
                pause = OUTAGE_SECONDS
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()

    async def _take(self, now: int) -> int:
        """Lease what is due as far as there is room, and begin to run it; return how many."""
        room = self._limits.at_once - len(self._running)
        busy = Counter(job.kind for job in self._running.values())
        free = {kind: self._limits.of_kind.get(kind, self._limits.at_once) - busy[kind] for kind in self._handlers}
        kinds = [kind for kind, count in free.items() if count > 0]
        if room <= 0 or not kinds:
            return 0
        due = await self._database.read(lambda tx: jobs.due(tx, kinds, now=now, limit=CANDIDATES_MAX))
        if len(due) > room:
            self._random.shuffle(due)  # runners that look at the same time should not want the same
        chosen: list[int] = []
        for one in due:
            if free[one.kind] > 0 and len(chosen) < room:
                free[one.kind] -= 1
                chosen.append(one.id)
        if not chosen:
            return 0
        lease = f"{self._name}-{next(self._turns)}"
        until = self._clock.milliseconds() + int(self._limits.lease_seconds * 1000)
        taken = await self._database.write(lambda tx: jobs.lease(tx, chosen, lease, now=now, until=until))
        for job in taken:
            task = asyncio.create_task(self._run(job), name=f"job {job.kind} {job.key}")
            self._running[task] = job
            task.add_done_callback(self._ran)
        return len(taken)

    def _ran(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task, None)
        self._wake.set()  # there is room again

    async def _run(self, job: Job) -> None:
        began = time.perf_counter()
        told = log.bind(kind=job.kind, key=job.key, attempt=job.attempts)
        try:
            async with self._held(job), asyncio.timeout(self._limits.job_seconds):
                next_due_at = await self._handlers[job.kind].run(job)
        except asyncio.CancelledError:
            await self._settle(lambda tx: jobs.give_back(tx, job), job)
            raise
        except _LeaseLost:
            told.warning("job: the lease was lost, another runner has it")
        except (FolkmootError, TimeoutError) as error:
            reason = str(error) or f"took longer than {self._limits.job_seconds:g} s"
            told.warning("job failed", reason=reason, seconds=round(time.perf_counter() - began, 3))
            await self._fail(job, reason)
        except Exception as error:
            log.error("bug", kind=job.kind, key=job.key, exc_info=error)
            await self._fail(job, f"bug: {type(error).__name__}: {error}")
        else:
            if next_due_at is not None:
                next_due_at = max(next_due_at, self._clock.milliseconds() + PAUSE_MS)
            await self._settle(lambda tx: jobs.finish(tx, job, next_due_at=next_due_at), job)
            told.debug("job done", seconds=round(time.perf_counter() - began, 3), next_due_at=next_due_at)

    async def _fail(self, job: Job, fault: str) -> None:
        pause = backoff_ms(job.attempts) * self._random.uniform(0.8, 1.2)
        retry_at = self._clock.milliseconds() + int(pause)
        await self._settle(lambda tx: jobs.fail(tx, job, fault=fault, retry_at=retry_at), job)

    async def _settle(self, work: Callable[[Transaction], Awaitable[None]], job: Job) -> None:
        try:
            await self._database.write(work)
        except FolkmootError as error:  # the lease runs out, and the job runs again
            log.warning("job: could not be given back", kind=job.kind, key=job.key, reason=str(error))

    @contextlib.asynccontextmanager
    async def _held(self, job: Job) -> AsyncIterator[None]:
        """Renew a lease as long as its handler runs; end the handler when somebody else has the job.

        Raises:
            _LeaseLost: so it came.
        """
        lost = False
        running = asyncio.current_task()

        async def renew() -> None:
            nonlocal lost
            while True:
                await asyncio.sleep(self._limits.lease_seconds / 4)
                with contextlib.suppress(Unavailable):
                    if await self._renew(job):
                        continue
                    lost = True
                    if running is not None:
                        running.cancel()
                    return

        renewal = asyncio.create_task(renew(), name=f"lease {job.kind} {job.key}")
        try:
            yield
        except asyncio.CancelledError:
            if not lost:
                raise
            if running is not None:
                running.uncancel()
            raise _LeaseLost from None
        finally:
            renewal.cancel()
            await asyncio.gather(renewal, return_exceptions=True)

    async def _renew(self, job: Job) -> bool:
        """Prolong a lease; also true where nobody wants the job any more, as its handler may have said so."""
        until = self._clock.milliseconds() + int(self._limits.lease_seconds * 1000)

        async def work(tx: Transaction) -> bool:
            return await jobs.renew(tx, job, until=until) or await jobs.find(tx, job.kind, job.key) is None

        return await self._database.write(work)


class _LeaseLost(Exception):
    """Another runner has the job."""


def backoff_ms(attempts: int) -> int:
    """Return how long to wait after so many attempts that failed."""
    doublings = min(max(attempts - 1, 0), 16)  # further ones are over the maximum in any case
    return min(BACKOFF_MS << doublings, BACKOFF_MAX_MS)
