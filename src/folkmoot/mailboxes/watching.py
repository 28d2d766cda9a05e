"""Watching mailboxes for people who wait, where the mail server does not tell us of changes by itself.

Who waits is watched by one connection, whatever the number of programs: by NOTIFY, else by IDLE in INBOX, else by
asking STATUS now and then.  What is seen goes the way of what servers tell: to ``Arrivals`` and the feed.
There are never more connections than ``WATCHED_MAX``; where more people wait, they take turns, first come first served.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog

from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.errors import Conflict, FolkmootError, Unavailable
from folkmoot.core.ids import CollectionId, PrincipalId
from folkmoot.database import Database
from folkmoot.mail.imap.connection import Connection
from folkmoot.mail.imap.values import Event, Status
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.arrivals import ATTEMPTS_MAX, Arrival, Arrivals
from folkmoot.mailboxes.values import MAIN
from folkmoot.store import new_mail

WATCHED_MAX: Final = 100  # people watched at once by one worker; a quarter of its connections
TURN_SECONDS: Final = 60.0  # after which another's turn may come
ASK_SECONDS: Final = 60.0  # between two questions, of servers that tell nothing
FAILED_SECONDS: Final = 30.0  # until a server that failed is tried again
PUSHED_MS: Final = 60 * 60 * 1000  # who was told of so lately is told of without us
INBOX: Final = "INBOX"
_STATUS: Final = ("UIDNEXT", "UIDVALIDITY", "MESSAGES", "UNSEEN")

_log: Final = structlog.get_logger("folkmoot.mail")


@dataclass(slots=True)
class _Watched:
    caller: Caller
    waiters: int = 0
    task: asyncio.Task[None] | None = None
    seen: Status | None = None  # of INBOX, when it was last asked for


class Watching:
    """The watched people of one worker."""

    def __init__(
        self,
        access: MailAccess,
        arrivals: Arrivals,
        database: Database,
        clock: Clock,
        *,
        pushed: bool = False,
        watched_max: int = WATCHED_MAX,
        turn_seconds: float = TURN_SECONDS,
    ) -> None:
        """``pushed``: the mail server is our own, which tells of every change."""
        self._access = access
        self._arrivals = arrivals
        self._database = database
        self._clock = clock
        self._pushed = pushed
        self._turns = asyncio.Semaphore(watched_max)  # serves those who wait in their order
        self._turn_seconds = turn_seconds
        self._watched: dict[PrincipalId, _Watched] = {}

    @property
    def people(self) -> int:
        """How many people are watched, or wait for their turn."""
        return len(self._watched)

    @asynccontextmanager
    async def waiting(self, caller: Caller) -> AsyncIterator[CollectionId]:
        """Watch the caller's mailboxes meanwhile; yields the collection to watch in the change feed.

        The caller's credentials are held as long, and no longer.

        Raises:
            Forbidden: mail is closed to the caller.
            Unavailable: the database does not answer.
        """
        self._access.check(caller)
        collection = await self._collection(caller.principal)
        watched = self._watched.setdefault(caller.principal, _Watched(caller))
        watched.caller = caller  # the newest password
        watched.waiters += 1
        if watched.task is None and not self._pushed:
            watched.task = asyncio.create_task(self._follow(watched), name="mail: watch")
        try:
            yield collection
        finally:
            watched.waiters -= 1
            if not watched.waiters:
                self._watched.pop(caller.principal, None)
                if watched.task is not None:
                    watched.task.cancel()
                    await asyncio.gather(watched.task, return_exceptions=True)

    async def _collection(self, owner: PrincipalId) -> CollectionId:
        for _ in range(ATTEMPTS_MAX):
            make = partial(new_mail.get_or_make, owner=owner, now=self._clock.milliseconds())
            try:
                return (await self._database.write(make)).id
            except Conflict:  # another worker makes it at this moment
                continue
        raise Unavailable("others make the same collection all the time")

    async def _follow(self, watched: _Watched) -> None:
        while True:
            try:
                if await self._is_pushed(watched.caller.principal):
                    await asyncio.sleep(self._turn_seconds)
                    continue
                async with self._turns:
                    pause = await self._turn(watched)
            except FolkmootError as error:
                _log.info("mail cannot be watched", user=watched.caller.principal, reason=str(error))
                pause = FAILED_SECONDS
            await asyncio.sleep(pause)

    async def _is_pushed(self, owner: PrincipalId) -> bool:
        at = await self._database.read(lambda tx: new_mail.pushed_at(tx, owner))
        return at > self._clock.milliseconds() - PUSHED_MS

    async def _turn(self, watched: _Watched) -> float:
        """Listen for a while; return how long to pause then, without a connection."""
        caller = watched.caller
        async with self._access.connection(caller, MAIN) as connection:
            await self._compare(watched, await connection.status(INBOX, _STATUS))
            if "NOTIFY" in connection.capabilities:
                async for event in connection.notify(self._turn_seconds):
                    await self._heard(watched, event)
                return 0.0
            idles = bool({"IDLE", "IMAP4REV2"} & connection.capabilities)
        if not idles:
            return ASK_SECONDS
        async with self._access.selected(caller, MAIN, INBOX) as connection:
            await self._listen(watched, connection)
        return 0.0

    async def _listen(self, watched: _Watched, connection: Connection) -> None:
        # What came between STATUS and SELECT, SELECT has told: the next turn compares it.
        async for event in connection.idle(self._turn_seconds):
            await self._heard(watched, event)

    async def _heard(self, watched: _Watched, event: Event) -> None:
        if event.status is not None and event.mailbox.upper() == INBOX and event.status.uid_next is not None:
            await self._compare(watched, event.status, changed=True)
        else:
            await self._arrivals.delivered(Arrival(watched.caller.principal, event.mailbox))

    async def _compare(self, watched: _Watched, status: Status, *, changed: bool = False) -> None:
        """Tell of what is new in INBOX since it was last asked for."""
        had, watched.seen = watched.seen, status
        owner = watched.caller.principal
        if had is None or had.uid_next is None or status.uid_next is None:
            return
        validity = status.uid_validity or had.uid_validity or 0
        if had.uid_validity == validity and status.uid_next > had.uid_next:
            for uid in (had.uid_next, status.uid_next - 1):
                await self._arrivals.delivered(Arrival(owner, INBOX, validity, uid))
        elif changed or status != had:
            await self._arrivals.delivered(Arrival(owner, INBOX))
