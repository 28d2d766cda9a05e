"""Has devices told of changes: what this worker has committed concerns some subscriptions, and each gets a job.

Other workers do so for theirs.  A worker that dies within the second loses the wake, not the change: the next one
finds how far the device was told.
"""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, Self

import structlog

from folkmoot.core.clock import Clock
from folkmoot.core.errors import FolkmootError
from folkmoot.core.ids import CollectionId
from folkmoot.database import Database, Transaction
from folkmoot.store import jobs, push_subscriptions
from folkmoot.store.jobs import NewJob
from folkmoot.store.push_subscriptions import JOB

GATHER_SECONDS: Final = 1.0  # a device that is away loses nothing by it
ANY_SECONDS: Final = 30.0  # until it is looked again whether anybody has a subscription
PORTION: Final = 1_000  # collections of one question
GATHERED_MAX: Final = 20_000  # collections whose changes wait for the database; then the rest are forgotten
OUTAGE_SECONDS: Final = 5.0

log: Final = structlog.get_logger()


class Wakes:
    """The changes of one worker."""

    def __init__(self, database: Database, clock: Clock, nudge: Callable[[], None] = lambda: None) -> None:
        self._database = database
        self._clock = clock
        self._nudge = nudge
        self._gathered: set[CollectionId] = set()
        self._something = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._anybody = False
        self._looked_at = float("-inf")

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._work(), name="push: wakes")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def note(self, raised: Mapping[int, int]) -> None:
        """Take in what one unit of work has committed; for ``Database.follow``."""
        if len(self._gathered) < GATHERED_MAX:
            self._gathered.update(map(CollectionId, raised))
            self._something.set()

    async def flush(self) -> None:
        """Ask for the jobs of what is gathered.

        Raises:
            Unavailable: the database does not answer; what is left waits.
        """
        loop = asyncio.get_running_loop()
        if not self._anybody and loop.time() < self._looked_at + ANY_SECONDS:
            self._gathered.clear()
            return
        self._anybody = await self._database.read(push_subscriptions.any_)
        self._looked_at = loop.time()
        while self._gathered and self._anybody:
            portion = frozenset(list(self._gathered)[:PORTION])
            if await self._database.write(partial(_ask, portion=portion, now=self._clock.milliseconds())):
                self._nudge()
            self._gathered -= portion
        self._gathered.clear()

    async def _work(self) -> None:
        while True:
            await self._something.wait()
            await asyncio.sleep(GATHER_SECONDS)
            self._something.clear()
            try:
                await self.flush()
            except FolkmootError as error:
                log.warning("devices are told later", reason=str(error))
                self._something.set()
                await asyncio.sleep(OUTAGE_SECONDS)


async def _ask(tx: Transaction, *, portion: frozenset[CollectionId], now: int) -> bool:
    numbers = await push_subscriptions.concerned(tx, sorted(portion))
    await jobs.add_many(tx, [NewJob(JOB, str(number), {}, now) for number in numbers], now)
    return bool(numbers)
