"""The change feed: wakes whoever waits for a collection to change, in every worker.

A wait costs a future and no polling.  A worker's own writes are announced and wake its waiters at once.  Other
workers' writes arrive by PostgreSQL's NOTIFY, sent after the commit and for many writes together (a NOTIFY inside the
writing transactions would make them commit one after the other), and by one indexed poll, whatever the number of
waiters: twice a second without NOTIFY, seldom beside it, for what a worker that died had no time to announce.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final, Self

import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.core.clock import Clock
from folkmoot.core.errors import Unavailable
from folkmoot.core.ids import CollectionId, Revision
from folkmoot.core.waking import Waking
from folkmoot.database import Channel, Database, Row, Statement, Transaction
from folkmoot.database.schema import collection

POLL_SECONDS: Final = 0.5
POLL_BESIDE_NOTIFY_SECONDS: Final = 10.0
OVERLAP_MS: Final = 10_000  # how late a commit may follow its time stamp, and how far nodes' clocks may differ
GATHER_SECONDS: Final = 0.02  # announcements of this time share one NOTIFY
PAYLOAD_MAX: Final = 7000  # octets; PostgreSQL takes 8000
CHANNEL: Final = "folkmoot_change"

_RECENT: Final = Statement(
    sa.select(collection.c.id, collection.c.revision).where(collection.c.modified_at >= bindparam("since"))
)
_log = logging.getLogger(__name__)


class Watch:
    """One waiter's interest in some collections."""

    __slots__ = ("_changed", "_event", "collections")

    def __init__(self, collections: frozenset[CollectionId]) -> None:
        self.collections = collections
        self._changed: set[CollectionId] = set()
        self._event = Waking()

    def wake(self, collection_id: CollectionId) -> None:
        """Note a change."""
        self._changed.add(collection_id)
        self._event.set()

    async def wait(self, seconds: float) -> frozenset[CollectionId]:
        """Return what changed since the watch began or was last asked; empty after ``seconds`` without change.

        May wake for a change that was committed shortly before the watch began.
        """
        if not self._changed:
            await self._event.wait(seconds)
        changed = frozenset(self._changed)
        self._changed.clear()
        self._event.clear()
        return changed


class ChangeFeed:
    """One worker's view of all collections' changes."""

    def __init__(self, database: Database, clock: Clock, *, poll_seconds: float = POLL_SECONDS) -> None:
        self._database = database
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._watches: dict[CollectionId, set[Watch]] = {}
        self._seen: dict[CollectionId, Revision] = {}
        self._outgoing: dict[CollectionId, Revision] = {}
        self._channel: Channel | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._wanted = asyncio.Event()  # somebody watches
        self._announced = asyncio.Event()

    async def start(self) -> None:
        """Begin to follow; without it only this worker's own announcements arrive."""
        self._channel = await self._database.open_channel(CHANNEL, self._receive)
        self._tasks.append(asyncio.create_task(self._poll(), name="change feed: poll"))
        if self._channel is not None:
            self._tasks.append(asyncio.create_task(self._send(), name="change feed: notify"))

    async def stop(self) -> None:
        """Stop following; watches stay silent from now on."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._channel is not None:
            await self._channel.close()
            self._channel = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @contextlib.asynccontextmanager
    async def watch(self, collection_ids: Iterable[CollectionId]) -> AsyncIterator[Watch]:
        """Watch collections; read their state after this begins, so that no change falls between."""
        watch = Watch(frozenset(collection_ids))
        for collection_id in watch.collections:
            self._watches.setdefault(collection_id, set()).add(watch)
        if self._watches:
            self._wanted.set()
        try:
            yield watch
        finally:
            for collection_id in watch.collections:
                others = self._watches[collection_id]
                others.discard(watch)
                if not others:
                    del self._watches[collection_id]
            if not self._watches:
                self._wanted.clear()

    def announce(self, collection_id: CollectionId, revision: Revision) -> None:
        """Tell of a committed write of this worker; also of a deletion, with any revision above the last."""
        self._seen_at(collection_id, revision)
        if self._channel is not None:
            self._outgoing[collection_id] = revision
            self._announced.set()

    def announce_all(self, revisions: Mapping[int, int]) -> None:
        """Tell of what one unit of work has committed; for ``Database.follow``."""
        for collection_id, revision in revisions.items():
            self.announce(CollectionId(collection_id), Revision(revision))

    def _seen_at(self, collection_id: CollectionId, revision: Revision) -> None:
        if self._seen.get(collection_id, 0) >= revision:
            return
        watches = self._watches.get(collection_id)
        if not watches:
            return
        self._seen[collection_id] = revision
        for watch in watches:
            watch.wake(collection_id)

    def _receive(self, payload: str) -> None:
        for pair in payload.split(","):
            collection_id, _, revision = pair.partition(":")
            if collection_id.isdecimal() and revision.isdecimal():
                self._seen_at(CollectionId(int(collection_id)), Revision(int(revision)))

    async def _poll(self) -> None:
        while True:
            await self._wanted.wait()
            try:
                recent = await self._database.read(partial(_recent, since=self._clock.milliseconds() - OVERLAP_MS))
            except Unavailable as error:
                _log.warning("change feed: the database does not answer: %s", error)
            else:
                self._take(recent)
            beside = self._channel is not None and self._channel.alive
            await asyncio.sleep(POLL_BESIDE_NOTIFY_SECONDS if beside else self._poll_seconds)

    def _take(self, recent: Iterable[Row]) -> None:
        present = {CollectionId(row[0]): Revision(row[1]) for row in recent}
        for collection_id, revision in present.items():
            self._seen_at(collection_id, revision)
        # What is recent would wake a later watch again; what is neither recent nor watched may be forgotten.
        watched = {key: value for key, value in self._seen.items() if key in self._watches}
        self._seen = present | {key: max(value, present.get(key, value)) for key, value in watched.items()}

    async def _send(self) -> None:
        while True:
            await self._announced.wait()
            await asyncio.sleep(GATHER_SECONDS)
            self._announced.clear()
            outgoing, self._outgoing = self._outgoing, {}
            channel = self._channel
            if channel is None:
                continue
            try:
                for payload in _payloads(outgoing):
                    await channel.send(payload)
            except Unavailable as error:
                # Other workers' polls will find these changes.
                _log.warning("change feed: could not notify: %s", error)


async def _recent(tx: Transaction, *, since: int) -> Sequence[Row]:
    return await tx.fetch_all(_RECENT, since=since)


def _payloads(revisions: dict[CollectionId, Revision]) -> Iterator[str]:
    text = ""
    for collection_id, revision in revisions.items():
        pair = f"{collection_id}:{revision}"
        if text and len(text) + 1 + len(pair) > PAYLOAD_MAX:
            yield text
            text = ""
        text = f"{text},{pair}" if text else pair
    if text:
        yield text
