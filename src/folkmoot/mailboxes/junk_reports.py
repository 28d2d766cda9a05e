"""Reports of junk: a message to the address that the filter learns from, with what was judged attached."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.errors import Forbidden
from folkmoot.mail.addresses import mailbox, message_id
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.direct import DirectSending, envelope_of
from folkmoot.mime.address_lists import MailAddress
from folkmoot.mime.composing import Attachment, NewMessage, compose

SUBJECT: Final = "Report of judged messages"  # programs read it


class JunkReports:
    """Sends reports of junk."""

    def __init__(
        self, access: MailAccess, direct: DirectSending, clock: Clock, *, random_key: Callable[[], str]
    ) -> None:
        self._access = access
        self._direct = direct
        self._clock = clock
        self._random_key = random_key

    async def send(self, caller: Caller, account_id: str, address: str, messages: Sequence[bytes]) -> None:
        """Send messages as attachments to an address that the administrator has set.

        Raises:
            Forbidden: the account has no address to write from.
            FolkmootError: the mail server does not take it.
        """
        account = await self._access.account(caller, account_id)
        identity = next((one for one in account.identities if one.default), None)
        if identity is None:
            raise Forbidden("the account has no address to report from")
        sender = mailbox(identity.address)
        key = message_id(f"{self._random_key()}.report", sender)
        report = NewMessage(
            sender=MailAddress(identity.name, sender),
            message_id=key,
            date=self._clock.now(),
            to=(MailAddress("", address),),
            subject=SUBJECT,
            attachments=tuple(
                Attachment(f"{number}.eml", octets, "message/rfc822") for number, octets in enumerate(messages, 1)
            ),
        )
        octets = await asyncio.to_thread(compose, report)
        await self._direct.send(caller, account_id, octets, envelope_of(sender, [mailbox(address)]), key=key)
