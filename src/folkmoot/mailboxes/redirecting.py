"""Sending a message on as it is, in its sender's name, with a note of who did so (RFC 5322 section 3.6.6)."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.errors import TooLarge
from folkmoot.mail.addresses import mailbox, message_id
from folkmoot.mail.submission import Submitted
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.direct import DirectSending, envelope_of
from folkmoot.mailboxes.drafts import MESSAGE_MAX, require_same, zone_of
from folkmoot.mailboxes.identities import Identities
from folkmoot.mailboxes.values import MessageRef
from folkmoot.mime import writing
from folkmoot.mime.header_edit import edit_header
from folkmoot.mime.headers import MailAddress, parse_headers

RESENT_MAX: Final = 20  # times that one message may go round
_DROPPED: Final = frozenset({"return-path", "delivered-to", "x-original-to", "envelope-to", "bcc"})


class Redirecting:
    """Sends messages on."""

    def __init__(
        self,
        access: MailAccess,
        identities: Identities,
        direct: DirectSending,
        clock: Clock,
        *,
        random_key: Callable[[], str],
    ) -> None:
        self._access = access
        self._identities = identities
        self._direct = direct
        self._clock = clock
        self._random_key = random_key

    async def redirect(
        self, caller: Caller, account_id: str, ref: MessageRef, sender: MailAddress, to: Sequence[MailAddress]
    ) -> Submitted:
        """Send a message on to others.

        Raises:
            Forbidden: the caller may not write as ``sender``.
            MalformedInput: no recipients, or something that is no address.
            NotFound: there is no such message.
            TooLarge: it went round too often already.
            FolkmootError: what the mail server says.
        """
        account = await self._access.account(caller, account_id)
        writer = await self._identities.writer(caller, account, sender)
        address = mailbox(writer.identity.address)
        acting = mailbox(writer.acting.address) if writer.acting is not None else address
        envelope = envelope_of(acting, [mailbox(one.address) for one in to])
        async with self._access.selected(caller, account_id, ref.mailbox) as connection:
            require_same(connection, ref)
            octets = await connection.fetch_part(ref.uid, "", limit=MESSAGE_MAX)
        if len(parse_headers(octets).all("resent-date")) >= RESENT_MAX:
            raise TooLarge("the message went round too often")
        identity = message_id(f"{self._random_key()}.resent", address)
        now = datetime.fromtimestamp(self._clock.milliseconds() / 1000, UTC)
        fields = [
            writing.field("Resent-Date", format_datetime(now.astimezone(await zone_of(self._access, caller)))),
            writing.address_field("Resent-From", [MailAddress(writer.identity.name, address)]),
            *([writing.address_field("Resent-Sender", [writer.acting])] if writer.acting is not None else []),
            writing.address_field("Resent-To", list(to)),
            writing.ids_field("Resent-Message-ID", [identity]),
        ]
        resent = await asyncio.to_thread(edit_header, octets, drop=lambda name: name in _DROPPED, put=fields)
        submitted = await self._direct.send(caller, account_id, resent, envelope, key=identity)
        async with self._access.selected(caller, account_id, ref.mailbox, write=True) as connection:
            require_same(connection, ref)
            await connection.store([ref.uid], add=["$Forwarded"])
        return submitted
