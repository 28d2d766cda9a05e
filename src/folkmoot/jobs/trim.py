"""Forgets what has had its time: tombstones, sent mails, sessions, locks, counts of failed log-ins, old messages.

Each task is one job that asks for itself again.  A run stops after a while and goes on a little later, so that no run
is long; a portion is one transaction, so that nobody waits for it.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Final

import structlog

from folkmoot.core.clock import Clock
from folkmoot.core.errors import NotFound
from folkmoot.database import Database, Transaction
from folkmoot.store import failures, jobs, locks, objects, outbox, submissions, trimming
from folkmoot.store.jobs import Job

log = structlog.get_logger()

KIND: Final = "trim"
RUN_SECONDS: Final = 120.0  # of one run; the rest is done by the next
PAUSE_MS: Final = 30_000  # until a run that was cut short goes on
HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
SENT_DAYS: Final = 30  # how long a sent mail is remembered, so that it is not sent again
PORTIONS_MAX: Final = 100_000  # of one run, should time stand still


@dataclass(frozen=True, slots=True)
class TrimPolicy:
    """How long things are kept."""

    history_days: int = 90
    inbox_days: int = 30
    failures_ms: int = DAY_MS  # the time in which failed log-ins are counted together


@dataclass(frozen=True, slots=True)
class _Portion:
    """What one transaction forgot, and where the next goes on; None: there is nothing more."""

    count: int
    after: int | None


Task = Callable[[int], Awaitable[_Portion]]


class Trim:
    """The handler of trim jobs, whose key names the task."""

    def __init__(self, database: Database, clock: Clock, policy: TrimPolicy) -> None:
        self._database = database
        self._clock = clock
        self._policy = policy
        self._tasks: Mapping[str, tuple[Task, int]] = {
            "history": (self._history, DAY_MS),
            "outbox": (self._outbox, DAY_MS),
            "submissions": (self._submissions, DAY_MS),
            "inbox": (self._inbox, DAY_MS),
            "sessions": (self._sessions, HOUR_MS),
            "locks": (self._locks, HOUR_MS),
            "log-ins": (self._failures, HOUR_MS),
        }

    async def seed(self) -> None:
        """Ask for the tasks that nobody has asked for yet."""
        now = self._clock.milliseconds()

        async def work(tx: Transaction) -> None:
            present = {job.key for job in await jobs.list_(tx, kind=KIND)}
            missing = [key for key in self._tasks if key not in present]
            await jobs.add_many(tx, [jobs.NewJob(KIND, key, {}, now + PAUSE_MS) for key in missing], now)

        await self._database.write(work)

    async def run(self, job: Job) -> int | None:
        """Do one task; a task that this version does not know is not asked for again."""
        found = self._tasks.get(job.key)
        if found is None:
            return None
        task, period_ms = found
        resumed = job.payload.get("after")
        position: int | None = resumed if isinstance(resumed, int) else 0
        began = time.monotonic()
        count = 0
        for _ in range(PORTIONS_MAX):
            if position is None or time.monotonic() - began > RUN_SECONDS:
                break
            portion = await task(position)
            count += portion.count
            position = portion.after
        if count:
            log.info("trimmed", task=job.key, count=count, seconds=round(time.monotonic() - began, 3))
        now = self._clock.milliseconds()
        if position is not None:
            await self._ask_again(job, {"after": position}, now + PAUSE_MS)
        elif resumed is not None:
            await self._ask_again(job, {}, now + period_ms)
        return now + period_ms

    async def _ask_again(self, job: Job, payload: Mapping[str, object], due_at: int) -> None:
        now = self._clock.milliseconds()
        await self._database.write(lambda tx: jobs.add(tx, KIND, job.key, payload, due_at, now, replace=True))

    async def _history(self, after: int) -> _Portion:
        before = self._clock.milliseconds() - self._policy.history_days * DAY_MS
        found = await self._database.read(lambda tx: trimming.with_tombstones(tx, after=after))
        count = 0
        for collection_id in found:
            count += await self._database.write(
                partial(objects.trim_history, collection_id=collection_id, before_ms=before)
            )
        return _Portion(count, found[-1] if found else None)

    async def _outbox(self, after: int) -> _Portion:
        before = self._clock.milliseconds() - SENT_DAYS * DAY_MS
        count = await self._database.write(lambda tx: outbox.trim(tx, before=before))
        return _Portion(count, after if count else None)

    async def _submissions(self, after: int) -> _Portion:
        before = self._clock.milliseconds() - SENT_DAYS * DAY_MS
        count = await self._database.write(lambda tx: submissions.trim(tx, before=before))
        return _Portion(count, after if count else None)

    async def _inbox(self, after: int) -> _Portion:
        now = self._clock.milliseconds()
        before = now - self._policy.inbox_days * DAY_MS
        found = await self._database.read(lambda tx: trimming.old_messages(tx, before=before))
        count = 0
        for collection_id, rows in groupby(found, key=itemgetter(0)):
            names = [name for _, name in rows]
            with suppress(NotFound):  # it is gone meanwhile, and all in it
                count += await self._database.write(
                    partial(trimming.delete_messages, collection_id=collection_id, names=names, now=now)
                )
        return _Portion(count, after if count else None)

    async def _sessions(self, after: int) -> _Portion:
        now = self._clock.milliseconds()
        count = await self._database.write(lambda tx: trimming.end_expired_sessions(tx, now=now))
        return _Portion(count, after if count else None)

    async def _locks(self, _after: int) -> _Portion:
        now = self._clock.milliseconds()
        return _Portion(await self._database.write(lambda tx: locks.delete_expired(tx, now)), None)

    async def _failures(self, _after: int) -> _Portion:
        now = self._clock.milliseconds()
        before = now - self._policy.failures_ms
        count = await self._database.write(lambda tx: failures.delete_expired(tx, now=now, before=before))
        return _Portion(count, None)
