"""Sends the mails of the outbox: each once, again where that may help, and never lost without a word.

A mail is claimed, written, given to the SMTP server, and marked as sent.  Whoever dies in between leaves a claim that
runs out; the mail then goes again, with the same Message-ID, by which the receiver can tell that it is the same.
"""

import time
from collections.abc import Sequence
from typing import Final, Protocol

import structlog

from folkmoot.calendars.meetings.undelivered import NO_SUCH_USER, NOT_DELIVERED
from folkmoot.config.settings import Settings
from folkmoot.core.clock import Clock
from folkmoot.core.errors import ConfigurationError, FolkmootError, Unavailable
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.jobs.letters import Letters, Posted
from folkmoot.mail import Deferred, Refused, Smtp, header_text
from folkmoot.store import outbox
from folkmoot.store.jobs import Job
from folkmoot.store.outbox import Mail, State

MINUTE_MS: Final = 60_000
LEASE_MS: Final = 15 * MINUTE_MS  # three times what a message may take
# How long to wait after each attempt that failed: three days in all, as mail servers do.
PAUSES_MS: Final[Sequence[int]] = tuple(minutes * MINUTE_MS for minutes in (1, 5, 15, 60, *(240,) * 18))

log: Final = structlog.get_logger("folkmoot.outbox")


class Undelivered(Protocol):
    """Tells a sender that somebody could not be reached."""

    async def note(self, owner: PrincipalId, uid: str, address: str, status: str) -> None:
        """Give an attendee or organizer of a meeting a SCHEDULE-STATUS, in the owner's copies."""


class Outbox:
    """The handler of mail jobs; their key is that of the mail."""

    def __init__(
        self,
        database: Database,
        letters: Letters,
        settings: Settings,
        clock: Clock,
        undelivered: Undelivered,
        *,
        local_hostname: str | None = None,
    ) -> None:
        self._database = database
        self._letters = letters
        self._settings = settings
        self._clock = clock
        self._undelivered = undelivered
        self._local_hostname = local_hostname
        self._servers: dict[str, Smtp] = {}

    async def run(self, job: Job) -> int | None:
        """Send one mail; return when to try again, ``None`` if there is nothing left to do.

        Raises:
            Unavailable: the database does not answer.
        """
        now = self._clock.milliseconds()
        mail = await self._database.write(lambda tx: outbox.claim(tx, job.key, now=now, lease_ms=LEASE_MS))
        if mail is None:
            return await self._when_free(job.key)
        if mail.attempts > len(PAUSES_MS) + 1:  # it took its workers down with it, again and again
            await self._bury(mail, Refused(mail.fault or "failed too often"))
            return None
        began = time.monotonic()
        try:
            answer = await self._send(mail)
        except (Deferred, Unavailable, ConfigurationError) as error:
            return await self._defer(mail, error)
        except FolkmootError as error:
            await self._bury(mail, error)
            return None
        await self._settle(mail, State.SENT, answer)
        log.info(
            "mail sent",
            id=mail.id,
            kind=mail.kind,
            recipient=mail.recipient,
            attempt=mail.attempts,
            seconds=time.monotonic() - began,
        )
        return None

    async def _send(self, mail: Mail) -> str:
        posted = await self._letters.write(mail)
        if posted is None:
            return "not sent: nobody wants it, or the recipient has no address"
        return await self._server(posted).send(posted.message, sender=posted.sender, recipient=posted.recipient)

    def _server(self, posted: Posted) -> Smtp:
        settings = self._settings.for_domain(posted.domain)
        if posted.domain not in self._servers:
            self._servers[posted.domain] = Smtp(
                settings.smtp, transcript=self._settings.logging.smtp, local_hostname=self._local_hostname
            )
        return self._servers[posted.domain]

    async def _when_free(self, key: str) -> int | None:
        mail = await self._database.read(lambda tx: outbox.find(tx, key))
        if mail is None or mail.state is not State.SENDING:
            return None
        return mail.modified_at + LEASE_MS

    async def _defer(self, mail: Mail, error: FolkmootError) -> int | None:
        if mail.attempts > len(PAUSES_MS):
            await self._bury(mail, error)
            return None
        told = log.warning if mail.attempts == 1 else log.info  # one line for the administrator, however long it takes
        told("mail waits", id=mail.id, recipient=mail.recipient, attempt=mail.attempts, fault=_one_line(error))
        if not await self._settle(mail, State.WAITING, str(error)):
            return None  # the other worker's now
        return self._clock.milliseconds() + PAUSES_MS[mail.attempts - 1]

    async def _bury(self, mail: Mail, error: FolkmootError) -> None:
        if not await self._settle(mail, State.DEAD, str(error)):
            return
        log.error(
            "mail cannot be delivered",
            id=mail.id,
            kind=mail.kind,
            recipient=mail.recipient,
            attempt=mail.attempts,
            fault=_one_line(error),
        )
        uid = mail.payload.get("uid")
        if mail.kind != "itip" or not isinstance(uid, str):
            return
        status = NO_SUCH_USER if isinstance(error, Refused) and error.no_such_recipient else NOT_DELIVERED
        try:
            await self._undelivered.note(mail.sender, uid, mail.recipient, status)
        except FolkmootError as failure:
            log.warning("sender was not told in the calendar", id=mail.id, fault=_one_line(failure))

    async def _settle(self, mail: Mail, state: State, fault: str) -> bool:
        now = self._clock.milliseconds()
        return await self._database.write(lambda tx: outbox.settle(tx, mail, state, fault=fault, now=now))


def _one_line(error: FolkmootError) -> str:
    return header_text(str(error))
