"""The rows of messages on their way: made within the limits, taken on step by step."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.errors import Conflict
from folkmoot.database import Database, Transaction
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.submission_limits import limits_of, require_room
from folkmoot.store import jobs, person, profiles, submissions
from folkmoot.store.submissions import NewSubmission, State, StoredSubmission

LEASE_MS: Final = 15 * 60_000  # three times what a message may take
SEALED: Final = "sealed"  # in a payload: the sender's password, encrypted


class SubmissionRows:
    """Makes and changes rows."""

    def __init__(self, access: MailAccess, database: Database, clock: Clock) -> None:
        self._access = access
        self._database = database
        self._clock = clock

    async def keep(self, caller: Caller, new: NewSubmission) -> tuple[StoredSubmission, bool]:
        """Return the row of a message, and whether it is new; one whose time has come is the caller's to send.

        Raises:
            SendingBlocked: the caller has sent too much.
        """
        now = self._clock.milliseconds()
        limits = limits_of(self._access.settings_of(await self._access.person(caller.principal)).security)
        at_once = new.send_at <= now
        if at_once:
            new = replace(new, payload={**new.payload, "until": now + LEASE_MS, "date": now})

        async def work(tx: Transaction) -> tuple[StoredSubmission, bool]:
            present = await submissions.find(tx, new.owner, new.message_id)
            if present is not None and present.state not in submissions.AGAIN:
                return present, False
            if limits.any:
                await profiles.hold(tx, new.owner)  # two at once are counted one after the other
                sent = await submissions.counted(tx, new.owner, now - limits.window_ms)
                require_room(sent, limits, recipients=new.recipients, now=now)
            state = State.SENDING if at_once else State.WAITING
            due_at = now + LEASE_MS if at_once else new.send_at
            added = await submissions.add(tx, new, state=state, due_at=due_at, now=now)
            if added is not None:
                await _tell(tx, added, now)
                return added, True
            present = await submissions.find(tx, new.owner, new.message_id)
            if present is None:
                raise Conflict("the message is being sent by somebody else")
            return present, False

        return await self._database.write(work)

    async def get(self, submission_id: int) -> StoredSubmission | None:
        """Return a row by its number."""
        return await self._database.read(lambda tx: submissions.get(tx, submission_id))

    async def step(
        self,
        row: StoredSubmission,
        state: State,
        *,
        fault: str = "",
        payload: Mapping[str, object] | None = None,
        again: int | None = None,
    ) -> StoredSubmission | None:
        """Take a row on, and ask for a job at ``again``; None if somebody else has been there since."""
        now = self._clock.milliseconds()

        async def work(tx: Transaction) -> StoredSubmission | None:
            taken = await submissions.step(tx, row, state, now=now, fault=fault, payload=payload)
            if taken is not None and again is not None:
                await jobs.add(tx, submissions.JOB, str(row.id), {}, again, now, replace=True)
            if taken is not None and (row.state is State.WAITING or state is State.WAITING):
                await _tell(tx, taken, now)
            return taken

        return await self._database.write(work)

    async def end(
        self, row: StoredSubmission, state: State, fault: str = "", payload: Mapping[str, object] | None = None
    ) -> StoredSubmission | None:
        """Bring a row to its end: no password and no job stay; None if somebody else has been there since."""
        now = self._clock.milliseconds()
        kept = unsealed(row.payload if payload is None else payload)

        async def work(tx: Transaction) -> StoredSubmission | None:
            ended = await submissions.step(tx, row, state, now=now, fault=fault, payload=kept)
            if ended is not None:
                await jobs.remove(tx, submissions.JOB, str(row.id))
                await _tell(tx, ended, now)
            return ended

        return await self._database.write(work)


async def _tell(tx: Transaction, row: StoredSubmission, now: int) -> None:
    """Let the sender's programs know; last in a unit of work.  What lies between waiting and the end is over soon."""
    if row.payload.get("direct") is not True:  # which is in no list
        await person.raise_(tx, row.owner, now)


def unsealed(payload: Mapping[str, object]) -> dict[str, object]:
    """Return a payload without the password."""
    return {key: value for key, value in payload.items() if key != SEALED}
