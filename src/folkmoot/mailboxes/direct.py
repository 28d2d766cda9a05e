"""Sending what is no draft: receipts, redirected messages, reports of junk; each once by its key."""

from collections.abc import Sequence
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.errors import Conflict, FolkmootError
from folkmoot.database import Database
from folkmoot.mail.errors import Uncertain
from folkmoot.mail.submission import Envelope, Submitted
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.submission_rows import SubmissionRows
from folkmoot.mailboxes.transmission import Transmission
from folkmoot.store.submissions import NewSubmission, State

NOWHERE: Final = ""  # there is no draft


class DirectSending:
    """Sends octets as they are; what fails is told to who asked, and not tried again."""

    def __init__(self, access: MailAccess, database: Database, clock: Clock, transmission: Transmission) -> None:
        self._access = access
        self._rows = SubmissionRows(access, database, clock)
        self._clock = clock
        self._transmission = transmission

    async def send(self, caller: Caller, account_id: str, octets: bytes, envelope: Envelope, *, key: str) -> Submitted:
        """Give a message to the account's mail server; the envelope's sender must have been checked.

        Args:
            caller: who sends.
            account_id: from which account.
            octets: the message, lines ended by CRLF.
            envelope: who it is from and to.
            key: what it is about; of one key one message goes.

        Raises:
            Conflict: it was sent already, or is being sent.
            SendingBlocked: the caller has sent too much.
            FolkmootError: what ``Smtp.submit`` raises.
        """
        account = await self._access.account(caller, account_id)
        new = NewSubmission(
            owner=caller.principal,
            account=account_id,
            message_id=key,
            mailbox=NOWHERE,
            uid_validity=0,
            uid=0,
            payload={"id": key, "direct": True},
            recipients=len(envelope.recipients),
            send_at=self._clock.milliseconds(),
        )
        row, fresh = await self._rows.keep(caller, new)
        if not fresh:
            raise Conflict("this was sent already")

        async def committing() -> None:
            nonlocal row
            handing = await self._rows.step(row, State.HANDING)
            if handing is None:
                raise Conflict("another worker has taken over")
            row = handing

        try:
            submitted = await self._transmission.submit(caller, account, octets, envelope, committing=committing)
        except Uncertain as error:
            await self._rows.end(row, State.UNCERTAIN, str(error))
            raise
        except FolkmootError as error:
            await self._rows.end(row, State.FAILED, str(error))
            raise
        await self._rows.end(row, State.SENT)
        return submitted


def envelope_of(sender: str, recipients: Sequence[str]) -> Envelope:
    """Return an envelope for addresses, each once whatever its case.

    Raises:
        MalformedInput: an address that cannot be one.
    """
    return Envelope(sender, tuple({address.lower(): address for address in recipients}.values()))
