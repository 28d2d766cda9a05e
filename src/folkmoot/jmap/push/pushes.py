"""Who waits in one worker, and what each is told.

However many programs of one person wait, the change feed is waited on once, and states are asked for once: only on a
wake, and only of types that somebody listens to.  A wait costs a task and some collections' revisions.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, Self

from folkmoot.core.caller import Caller
from folkmoot.core.errors import TooLarge, Unavailable
from folkmoot.jmap.protocol.describing import Feed
from folkmoot.jmap.push.listener import Listener
from folkmoot.jmap.push.person import Person, WatchedMail
from folkmoot.jmap.push.pushed_types import EMAIL_DELIVERY, States
from folkmoot.push.watching import Feed as Feeding
from folkmoot.push.watching import Watching

LISTENERS_MAX: Final = 10_000  # of one worker
LISTENERS_OF_ONE_MAX: Final = 100  # tabs, programs and forgotten connections of one person
BEGINNINGS_AT_ONCE: Final = 16  # after a restart all come back within seconds


class Pushes:
    """All who wait in this worker."""

    def __init__(
        self,
        states: States,
        watching: Watching,
        feed: Feeding,
        mail: WatchedMail | None = None,
        stopping: asyncio.Event | None = None,
    ) -> None:
        """``stopping`` ends all waits, before the server shuts down; ``mail`` is None where there is none."""
        self._states = states
        self._watching = watching
        self._feed = feed
        self._mail = mail
        self._stopping = stopping
        self._people: dict[Caller, Person] = {}
        self._feeds: dict[frozenset[Feed], frozenset[Feed]] = {}
        self._listeners = 0
        self._beginnings = asyncio.Semaphore(BEGINNINGS_AT_ONCE)
        self._leaving: asyncio.Task[None] | None = None
        self.over = asyncio.Event()  # set when all waits end

    @property
    def listeners(self) -> int:
        """How many wait."""
        return self._listeners

    @property
    def people(self) -> int:
        """How many people they are."""
        return len(self._people)

    async def __aenter__(self) -> Self:
        if self._stopping is not None:
            self._leaving = asyncio.create_task(self._leave(self._stopping), name="push: leave")
        return self

    async def __aexit__(self, *_: object) -> None:
        self.end()
        tasks = [one for one in (self._leaving, *(person.task for person in self._people.values())) if one is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def end(self) -> None:
        """End all waits, and begin none."""
        self.over.set()
        for person in self._people.values():
            for listener in person.listeners:
                listener.end()

    def _end_late(self, listener: Listener) -> None:
        """End who began to wait while all were ended."""
        if self.over.is_set():
            listener.end()

    async def _leave(self, stopping: asyncio.Event) -> None:
        await stopping.wait()
        self.end()

    def feeds(self, types: frozenset[str] | None) -> frozenset[Feed]:
        """Return what types hang on; of None what all do."""
        known = self._states.types.values()
        found = {one.feed for one in known if types is None or one.name in types}
        if types is None or EMAIL_DELIVERY in types:
            found.add(Feed.MAIL)
        feeds = frozenset(found)
        return self._feeds.setdefault(feeds, feeds)  # there are few, and thousands of streams

    @asynccontextmanager
    async def listen(self, caller: Caller, types: frozenset[str] | None, since: str = "") -> AsyncIterator[Listener]:
        """Wait for changes of types, None for all; ``since`` is the position of an earlier wait.

        What changed since then is told at once.

        Raises:
            Forbidden: the caller is nobody.
            TooLarge: too many of this person wait.
            Unavailable: too many wait in this worker, it is leaving, or the database does not answer.
        """
        if self.over.is_set() or self._listeners >= LISTENERS_MAX:
            raise Unavailable("no more can wait here just now")
        person = self._people.get(caller)
        if person is None:
            person = self._people[caller] = Person(caller, self._states, self._watching, self._feed, self._mail)
        if len(person.listeners) >= LISTENERS_OF_ONE_MAX:
            raise TooLarge(f"at most {LISTENERS_OF_ONE_MAX} programs of one person wait at once")
        listener = Listener(types, self.feeds(types))
        self._listeners += 1
        person.listeners.add(listener)
        try:
            async with self._beginnings:
                await person.begin(listener, caller, since)
            self._end_late(listener)
            yield listener
        finally:
            self._listeners -= 1
            person.listeners.discard(listener)
            if not person.listeners and self._people.get(caller) is person:
                del self._people[caller]
                await person.end()
