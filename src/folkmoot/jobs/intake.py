"""Takes in invitations and answers that have come by mail, whoever is signed in (RFC 6047).

Each message is looked at once; if a worker dies over it, another looks again, and finds done what was done.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Final

import structlog

from folkmoot.calendars.meetings.service import Meetings
from folkmoot.config.settings import Settings
from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.errors import FolkmootError, Forbidden, NotFound, Unavailable
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.directory.directory import Directory
from folkmoot.directory.principal import Principal
from folkmoot.ical import calendar_address
from folkmoot.mailboxes.access import MailAccess, dictionary
from folkmoot.mailboxes.errors import NoCredentials
from folkmoot.mailboxes.invitations import Found, invitations, is_forged, senders
from folkmoot.mailboxes.new_messages import PORTION, NewMessage, NewMessages, Remade
from folkmoot.scheduling.receiving.unattended import Doubt, doubt
from folkmoot.scheduling.values import Address, Effect, Method, Prevented
from folkmoot.sharing.preferences import DEFAULTS
from folkmoot.store import meetings as stored_meetings
from folkmoot.store import new_mail
from folkmoot.store.jobs import Job
from folkmoot.store.new_mail import Position

PARAMETER: Final = "FolkmootInvitationIntake"
PORTIONS_MAX: Final = 20  # of one run; then others have their turn
CAREFUL_ATTEMPTS: Final = 3  # from which on messages are taken one by one
SKIPPING_ATTEMPTS: Final = 6  # from which on the first message, which nobody gets past, is left to its reader
CALENDAR: Final = "Calendar"  # the part that ModulesConstraints may close

_log: Final = structlog.get_logger("folkmoot.mail")


class Outcome(StrEnum):
    """What became of a message about a meeting."""

    TAKEN_IN = "taken in"
    KNOWN = "known already"
    LEFT = "left to the reader"


_OUTCOMES: Final = {
    Effect.APPLIED: Outcome.TAKEN_IN,
    Effect.REMOVED: Outcome.TAKEN_IN,
    Effect.NOTED: Outcome.TAKEN_IN,
    Effect.UNCHANGED: Outcome.KNOWN,
    Effect.STALE: Outcome.KNOWN,
    Effect.UNKNOWN: Outcome.LEFT,
}


@dataclass(frozen=True, slots=True)
class _Reader:
    """Whose mailbox it is."""

    principal: Principal
    addresses: frozenset[Address]
    files: bool  # invitations go into the calendar
    trusted: Sequence[str]  # mail servers whose Authentication-Results are believed


@dataclass(frozen=True, slots=True)
class Intake:
    """The handler of intake jobs: one for each person to whom mail has come."""

    access: MailAccess
    messages: NewMessages
    meetings: Meetings
    database: Database
    directory: Directory
    clock: Clock
    warned: list[str] = field(default_factory=list)  # domains whose mailboxes do not open in the background

    async def run(self, job: Job) -> int | None:
        """Look at what has come; return at once for more of it.

        Raises:
            FolkmootError: it did not work; it is tried again later.
        """
        owner = PrincipalId(job.key)
        principal = await self.directory.find(owner)
        if principal is None or CALENDAR in principal.modules_denied:
            return None
        if not self.access.reaches_others(principal):
            self._warn(principal.domain or "")
            return None
        reader = await self._reader(principal)
        for mailbox, position in (await self.database.read(partial(new_mail.waiting, owner=owner))).items():
            try:
                done = await self._look(job, reader, mailbox, position)
            except (Remade, NotFound):
                await self._write(partial(new_mail.forget, owner=owner, mailbox=mailbox))
            except (NoCredentials, Forbidden) as error:
                _log.warning("invitations by mail: a mailbox is closed", user=owner, reason=str(error))
                return None
            else:
                if not done:
                    return self.clock.milliseconds()
        return None

    async def _look(self, job: Job, reader: _Reader, mailbox: str, position: Position) -> bool:
        """Look at the new messages of a mailbox; return whether there are no more."""
        owner = reader.principal.id
        caller = Caller(owner)
        size = PORTION if job.attempts < CAREFUL_ATTEMPTS else 1
        if job.attempts >= SKIPPING_ATTEMPTS:
            _log.error("invitations by mail: a message is passed over", user=owner, mailbox=mailbox, uid=position.next)
            position = await self._looked(owner, mailbox, position, position.next + 1)
        for _ in range(PORTIONS_MAX):
            if not position.waiting:
                return True
            portion = await self.messages.portion(caller, mailbox, position, size)
            taken = [one.uid for one in portion.messages if await self._take_in(reader, one)]
            await self.messages.mark(caller, mailbox, taken)
            position = await self._looked(owner, mailbox, position, portion.next)
        return not position.waiting

    async def _looked(self, owner: PrincipalId, mailbox: str, position: Position, next_: int) -> Position:
        reached = Position(position.uid_validity, next_, position.told, position.looked_at)
        await self._write(partial(new_mail.looked, owner=owner, mailbox=mailbox, position=reached))
        return reached

    async def _write(self, work: Callable[..., Awaitable[None]]) -> None:
        now = self.clock.milliseconds()
        await self.database.write(lambda tx: work(tx, now=now))

    async def _take_in(self, reader: _Reader, message: NewMessage) -> bool:
        """Act on what a message says; return whether it needs no more looking at."""
        found = await asyncio.to_thread(invitations, message.parts, message.contents)
        outcomes: list[Outcome] = []
        for one in found:
            outcome, why = await self._receive(reader, message, one)
            outcomes.append(outcome)
            _log.info(
                "invitation by mail",
                user=reader.principal.id,
                method=one.method.value,
                uid=one.uid[:200],
                outcome=outcome.value,
                why=why,
            )
        return bool(outcomes) and Outcome.LEFT not in outcomes

    async def _receive(self, reader: _Reader, message: NewMessage, found: Found) -> tuple[Outcome, str]:
        who = senders(message.headers)
        why = doubt(found.method, found.calendar, reader.addresses, who)
        if why is None and is_forged(message.headers, reader.trusted):
            why = Doubt.FORGED
        if why is not None:
            return Outcome.LEFT, why.value
        knows, has = await self._copies(reader, who[0], found.uid)
        if knows:
            return Outcome.KNOWN, "the sender's calendar is here"
        if found.method is Method.REQUEST and not has and not reader.files:
            return Outcome.LEFT, Doubt.NOT_WANTED.value
        try:
            receipt = await self.meetings.receive(reader.principal.id, found.body, who[0])
        except Unavailable:
            raise
        except Prevented:
            return Outcome.LEFT, Doubt.NOT_WANTED.value
        except FolkmootError as error:
            return Outcome.LEFT, str(error)[:200]
        return _OUTCOMES[receipt.effect], receipt.request_status if receipt.effect is Effect.UNKNOWN else ""

    async def _copies(self, reader: _Reader, sender: Address, uid: str) -> tuple[bool, bool]:
        """Return whether the sender keeps this meeting in a calendar here, and whether the reader does.

        What people here do to their meetings reaches the others at once; a mail that says something else is forged.
        """
        person = await self.directory.find_by_mail(sender)
        owner = reader.principal.id
        owners = [owner] if person is None else [owner, person.id]
        copies = await self.database.read(partial(stored_meetings.copies, owners=owners, uid=uid))
        holders = {copy.collection.owner for copy in copies}
        return person is not None and person.id != owner and person.id in holders, owner in holders

    async def _reader(self, principal: Principal) -> _Reader:
        settings: Settings = self.access.settings_of(principal)
        chosen = dictionary(await self.access.profile(principal.id), DEFAULTS).get(PARAMETER)
        intake = chosen if isinstance(chosen, str) else settings.calendar.invitation_intake
        return _Reader(
            principal,
            frozenset(Address(calendar_address(one)) for one in self.directory.addresses(principal)),
            files=intake != "none",
            trusted=settings.mail.authentication_servers,
        )

    def _warn(self, domain: str) -> None:
        if domain not in self.warned:
            self.warned.append(domain)
            _log.warning(
                "invitations by mail are left in the mailboxes: these open with people's own passwords only; "
                "FolkmootMailCredentials master or token would open them",
                domain=domain,
            )
