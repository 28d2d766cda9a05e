"""Brings messages back that somebody has put off, when their time has come."""

from dataclasses import dataclass
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.errors import NotFound
from folkmoot.core.ids import PrincipalId
from folkmoot.mailboxes.errors import NoCredentials
from folkmoot.mailboxes.snoozing import Snoozing
from folkmoot.store.jobs import Job

CLOSED_MS: Final = 60 * 60_000  # until a mailbox that opens with its owner's password only is tried again


@dataclass(frozen=True, slots=True)
class Snooze:
    """The handler of snooze jobs: one for each account in which messages wait."""

    snoozing: Snoozing
    clock: Clock

    async def run(self, job: Job) -> int | None:
        """Bring back what is due; return when the next message is.

        Raises:
            FolkmootError: it did not work; it is tried again later.
        """
        owner, account = job.payload.get("owner"), job.payload.get("account")
        if not isinstance(owner, str) or not isinstance(account, str):
            return None
        try:
            return await self.snoozing.wake(Caller(PrincipalId(owner)), account)
        except NoCredentials:  # whoever signs in next finds them back
            return self.clock.milliseconds() + CLOSED_MS
        except NotFound:  # the person or the account is gone
            return None
