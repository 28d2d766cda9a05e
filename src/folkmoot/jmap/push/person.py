"""One person who waits with some programs: the wait on the change feed, and what a change means."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final, Protocol

import structlog

from folkmoot.core.caller import Caller
from folkmoot.core.errors import FolkmootError
from folkmoot.core.ids import CollectionId, PrincipalId
from folkmoot.jmap.accounts import Account, account_id
from folkmoot.jmap.protocol.describing import Feed
from folkmoot.jmap.push.listener import Changed, Listener
from folkmoot.jmap.push.position import digests, moved, write_position
from folkmoot.jmap.push.pushed_types import EMAIL_DELIVERY, Asked, Marks, States, feed_of
from folkmoot.push.watching import Feed as Feeding
from folkmoot.push.watching import Watching

GATHER_SECONDS: Final = 0.1  # changes of this time are told together
PAUSE_SECONDS: Final = 0.15  # at least between two tellings
RELIST_SECONDS: Final = 600.0  # until what somebody may see is looked up again, whatever is told of changes
OUTAGE_SECONDS: Final = 5.0  # until who did not answer is asked again

_BEGUN: Final = 1  # the revision of what has never changed

log: Final = structlog.get_logger()


class WatchedMail(Protocol):
    """Watches mailboxes while somebody waits, where the mail server does not tell by itself."""

    def waiting(self, caller: Caller) -> AbstractAsyncContextManager[CollectionId]:
        """Watch the caller's mailboxes meanwhile."""


class Person:
    """Somebody's programs, all signed in with the same rights."""

    __slots__ = (
        "_accounts",
        "_beginning",
        "_caller",
        "_feed",
        "_mail",
        "_marks",
        "_states",
        "_told",
        "_unknown",
        "_watching",
        "listeners",
        "task",
    )

    def __init__(
        self, caller: Caller, states: States, watching: Watching, feed: Feeding, mail: WatchedMail | None
    ) -> None:
        self.listeners: set[Listener] = set()
        self.task: asyncio.Task[None] | None = None
        self._caller = caller
        self._states = states
        self._watching = watching
        self._feed = feed
        self._mail = mail
        self._marks: Marks | None = None  # what was told of; None: nothing yet
        self._accounts: dict[PrincipalId, Account] = {}
        self._told: Changed = {}  # the states that were told last
        self._unknown: dict[str, set[str]] = {}  # account: types whose states are to be asked for again
        self._beginning = asyncio.Lock()

    async def begin(self, listener: Listener, caller: Caller, since: str) -> None:
        """Take in a listener; where something has changed ``since``, it is told at once.

        Raises:
            FolkmootError: what there is to watch cannot be found.
        """
        async with self._beginning:
            self._caller = caller  # the newest password
            if self._marks is None:
                await self._watching.begin(caller)
                self._marks = await self._look()
            if self.task is None:
                self.task = asyncio.create_task(self._follow(), name="push: person")
        present = digests(self._marks, caller.principal)
        listener.position = write_position(present, listener.feeds)
        if since:
            feeds = moved(since, present, listener.feeds)
            if feeds:
                listener.tell(await self._all_states(listener, feeds), listener.position)

    async def end(self) -> None:
        """Stop waiting."""
        task, self.task = self.task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _follow(self) -> None:
        while True:
            try:
                async with self._mailboxes():
                    await self._wait()
            except FolkmootError as error:
                log.info("changes cannot be followed", user=self._caller.principal, reason=str(error))
                await asyncio.sleep(OUTAGE_SECONDS)
            except Exception as error:  # a bug must not end what others wait for in silence
                log.error("bug", user=self._caller.principal, exc_info=error)
                await asyncio.sleep(OUTAGE_SECONDS)

    @asynccontextmanager
    async def _mailboxes(self) -> AsyncIterator[None]:
        """Have the person's mailboxes watched meanwhile."""
        if self._mail is None or "Mail" in self._caller.denied:
            yield
            return
        async with self._mail.waiting(self._caller):
            yield

    async def _wait(self) -> None:
        """Wait for changes and tell them, until the collections to watch are others."""
        marks = await self._look()
        async with self._feed.watch(marks) as watch:
            present = await self._look()
            while True:
                changed = await self._tell(present)
                if changed is None or present.keys() != marks.keys():
                    await asyncio.sleep(PAUSE_SECONDS)
                    return
                await asyncio.sleep(PAUSE_SECONDS)
                if not await watch.wait(OUTAGE_SECONDS if self._unknown else RELIST_SECONDS):
                    return
                await asyncio.sleep(GATHER_SECONDS)
                await watch.wait(0)
                present = await self._watching.collections(self._caller, list(self._accounts))

    async def _look(self) -> Marks:
        """Return what there is to watch, who shares what looked up anew."""
        accounts = await self._states.accounts(self._caller).all()
        self._accounts = {one.owner: one for one in accounts if not one.elsewhere}
        return await self._watching.collections(self._caller, list(self._accounts))

    async def _tell(self, present: Marks) -> bool | None:
        """Tell what has changed since the last time; return whether anything had, None where the person had."""
        principal = self._caller.principal
        before, self._marks = self._marks or {}, present
        touched: dict[PrincipalId, set[Feed]] = {}
        delivered: set[PrincipalId] = set()
        person = False
        for number in before.keys() | present.keys():
            old, new = before.get(number), present.get(number)
            one = new or old
            if one is None or (old is not None and new is not None and old.revision == new.revision):
                continue
            feed = feed_of(one, principal)
            if feed is Feed.MAIL and old is None and one.revision == _BEGUN:
                continue  # the row was made for this wait
            person = person or feed in {None, Feed.PERSON}
            if feed is not None:
                touched.setdefault(one.owner, set()).add(feed)
            if feed is Feed.MAIL and old is not None and new is not None and old.delivered != new.delivered:
                delivered.add(one.owner)
        wanted = {owner: self._types(frozenset(feeds)) for owner, feeds in touched.items()}
        for account, unknown in self._unknown.items():
            owner = next((owner for owner, one in self._accounts.items() if one.id == account), None)
            if owner is not None:
                wanted[owner] = wanted.get(owner, frozenset()) | unknown
        self._unknown = {}
        changed: Changed = {}
        for owner, types in wanted.items():
            if types and owner in self._accounts:
                states = await self._ask(self._accounts[owner], types)
                known = self._told.setdefault(account_id(owner), {})
                changed[account_id(owner)] = {name: one for name, one in states.items() if known.get(name) != one}
                known.update(states)
        for owner in delivered:
            changed.setdefault(account_id(owner), {})[EMAIL_DELIVERY] = self._delivery(present, owner)
        self._distribute(changed, digests(present, principal), person=person)
        return None if person else bool(touched)

    def _distribute(self, changed: Changed, present: Mapping[Feed, str], *, person: bool) -> None:
        for listener in self.listeners:
            listener.tell(changed, write_position(present, listener.feeds))
            if person:
                listener.touch()

    async def _ask(self, account: Account, types: frozenset[str]) -> dict[str, str]:
        states, failed = await self._states.ask(self._caller, Asked(account, types))
        if failed:
            self._unknown.setdefault(account.id, set()).update(failed)
        return states

    async def _all_states(self, listener: Listener, feeds: frozenset[Feed]) -> Changed:
        """Return the present states of what a listener wants to know, for who was away."""
        types = frozenset(name for name in self._types(feeds) if listener.wants(name))
        changed: Changed = {}
        for owner, account in list(self._accounts.items()):
            states = await self._ask(account, types) if types else {}
            if Feed.MAIL in feeds and account.mail is not None and listener.wants(EMAIL_DELIVERY):
                states[EMAIL_DELIVERY] = self._delivery(self._marks or {}, owner)
            if states:
                changed[account.id] = states
        return changed

    def _types(self, feeds: frozenset[Feed]) -> frozenset[str]:
        """Return the types that hang on feeds and that somebody listens to."""
        known = (one for one in self._states.types.values() if one.feed in feeds)
        return frozenset(one.name for one in known if any(listener.wants(one.name) for listener in self.listeners))

    @staticmethod
    def _delivery(marks: Marks, owner: PrincipalId) -> str:
        return next((one.delivered for one in marks.values() if one.owner == owner and one.delivered), "0")
