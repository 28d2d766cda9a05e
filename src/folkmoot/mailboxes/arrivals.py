"""What mail servers tell of mailboxes: followers of the change feed wake, and invitations are asked to be looked at.

Telling takes no time: what came is gathered and written a moment later, for many people in one transaction.  What a
worker that is killed had gathered is lost as a wake; its messages are looked at with the next ones.
"""

import asyncio
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial
from typing import Final, Self

import structlog

from folkmoot.core.clock import Clock
from folkmoot.core.errors import Conflict, FolkmootError, Unavailable
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database, Transaction
from folkmoot.store import jobs, new_mail
from folkmoot.store.new_mail import Arrived

JOB: Final = "intake"  # looking at new messages for invitations; the key is whose they are
GATHER_SECONDS: Final = 0.02  # what is told within this time is written together
PAUSE_SECONDS: Final = 0.25  # between two writes: thousands of messages may be marked one by one
PEOPLE_MAX: Final = 50  # in one transaction
GATHERED_MAX: Final = 20_000  # people whose changes wait for the database; then the oldest are forgotten
ATTEMPTS_MAX: Final = 5  # against others who make the same collections
OUTAGE_SECONDS: Final = 5.0  # until a database that does not answer is asked again

_log: Final = structlog.get_logger("folkmoot.mail")


@dataclass(frozen=True, slots=True)
class Arrival:
    """Something happened to a mailbox; ``uid`` above 0: a message was delivered into it."""

    owner: PrincipalId
    mailbox: str
    uid_validity: int = 0
    uid: int = 0
    pushed: bool = False  # the mail server has told of it by itself


def _do_nothing() -> None:
    return


class Arrivals:
    """Takes in what one worker is told."""

    def __init__(self, database: Database, clock: Clock, nudge: Callable[[], None] = _do_nothing) -> None:
        """``nudge`` has the jobs that were asked for looked at."""
        self._database = database
        self._clock = clock
        self._nudge = nudge
        self._gathered: dict[PrincipalId, dict[str, Arrived]] = {}
        self._pushed: set[PrincipalId] = set()
        self._something = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._write_all(), name="arrivals")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        try:
            await self.flush()
        except FolkmootError as error:
            _log.warning("what was told of mailboxes last is lost", reason=str(error))

    async def delivered(self, arrival: Arrival) -> None:
        """Take in one event, and answer at once."""
        mailboxes = self._gathered.setdefault(arrival.owner, {})
        if arrival.pushed:
            self._pushed.add(arrival.owner)
        if arrival.uid:
            had = mailboxes.get(arrival.mailbox)
            if had is None or had.uid_validity != arrival.uid_validity:
                had = Arrived(arrival.uid_validity, arrival.uid, arrival.uid)
            mailboxes[arrival.mailbox] = Arrived(
                arrival.uid_validity, min(had.first, arrival.uid), max(had.last, arrival.uid)
            )
        while len(self._gathered) > GATHERED_MAX:
            del self._gathered[next(iter(self._gathered))]
        self._something.set()

    async def flush(self) -> None:
        """Write what is gathered.

        Raises:
            Unavailable: the database does not answer; what is left waits.
        """
        while self._gathered:
            chosen = {owner: self._gathered.pop(owner) for owner in list(self._gathered)[:PEOPLE_MAX]}
            pushed = self._pushed & chosen.keys()
            self._pushed -= pushed
            try:
                waits = await self._note(chosen, pushed)
            except FolkmootError:
                for owner, mailboxes in chosen.items():
                    self._gathered[owner] = _together(mailboxes, self._gathered.get(owner, {}))
                self._pushed |= pushed
                raise
            if waits:
                self._nudge()

    async def _write_all(self) -> None:
        while True:
            await self._something.wait()
            await asyncio.sleep(GATHER_SECONDS)
            self._something.clear()
            try:
                await self.flush()
            except FolkmootError as error:
                _log.warning("what happened to mailboxes cannot be written", reason=str(error))
                self._something.set()
                await asyncio.sleep(OUTAGE_SECONDS)
            await asyncio.sleep(PAUSE_SECONDS - GATHER_SECONDS)

    async def _note(
        self, chosen: Mapping[PrincipalId, Mapping[str, Arrived]], pushed: AbstractSet[PrincipalId]
    ) -> bool:
        for _ in range(ATTEMPTS_MAX):
            try:
                now = self._clock.milliseconds()
                return await self._database.write(partial(_note, chosen=chosen, pushed=pushed, now=now))
            except Conflict:
                continue
        raise Unavailable("others make the same collections all the time")


async def _note(
    tx: Transaction, *, chosen: Mapping[PrincipalId, Mapping[str, Arrived]], pushed: AbstractSet[PrincipalId], now: int
) -> bool:
    asked = [
        jobs.NewJob(JOB, owner, {}, now)
        for owner, mailboxes in sorted(chosen.items())  # in one order, so that no two writers wait for each other
        if await new_mail.note(tx, owner, mailboxes, now, pushed=owner in pushed) and mailboxes
    ]
    await jobs.add_many(tx, asked, now)
    return bool(asked)


def _together(earlier: Mapping[str, Arrived], later: Mapping[str, Arrived]) -> dict[str, Arrived]:
    both = dict(earlier)
    for mailbox, new in later.items():
        had = both.get(mailbox)
        if had is not None and had.uid_validity == new.uid_validity:
            new = Arrived(new.uid_validity, min(had.first, new.first), max(had.last, new.last))
        both[mailbox] = new
    return both
