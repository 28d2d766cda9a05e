"""Messages put into a mailbox from elsewhere: imported, or copied by a program."""

import re
from collections.abc import Sequence
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.errors import Conflict, MalformedInput, TooLarge
from folkmoot.mail.imap.criteria import header
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.values import MessageRef
from folkmoot.mime.headers import message_ids, parse_headers

OCTETS_MAX: Final = 128 * 1024 * 1024  # of one message; as large as what travels between accounts
_LONE: Final = re.compile(rb"\r(?!\n)|(?<!\r)\n")


class Adding:
    """Puts messages into mailboxes."""

    def __init__(self, access: MailAccess) -> None:
        self._access = access

    async def add_and_find(
        self,
        caller: Caller,
        account_id: str,
        mailbox: str,
        octets: bytes,
        *,
        flags: Sequence[str] = (),
        received: int | None = None,
    ) -> MessageRef:
        """Store a message as ``add`` does, and look where it is if the server does not tell.

        Raises, beside what ``add`` raises:
            Conflict: it was stored, and cannot be found, as it has no Message-ID.
        """
        ref = await self.add(caller, account_id, mailbox, octets, flags=flags, received=received)
        if ref is not None:
            return ref
        identity = next(iter(message_ids(parse_headers(octets).get("message-id") or b"")), "")
        async with self._access.selected(caller, account_id, mailbox) as connection:
            found = await connection.search(header("Message-ID", identity)) if identity else ()
            if not found or connection.mailbox is None:
                raise Conflict("the message was stored, and the mail server does not tell where")
            return MessageRef(mailbox, connection.mailbox.uid_validity, max(found))

    async def add(
        self,
        caller: Caller,
        account_id: str,
        mailbox: str,
        octets: bytes,
        *,
        flags: Sequence[str] = (),
        received: int | None = None,
    ) -> MessageRef | None:
        """Store a message and return where it is; None where the server does not tell.

        Line ends become CRLF, as IMAP wants them.

        Raises:
            MalformedInput: no message: it has no header field, or NUL.
            TooLarge: more than ``OCTETS_MAX`` octets; OverQuota: the mailbox is full.
            NotFound: no such mailbox.
        """
        if len(octets) > OCTETS_MAX:
            raise TooLarge(f"a message has at most {OCTETS_MAX} octets")
        if b"\0" in octets or not parse_headers(octets).fields:
            raise MalformedInput("not a message")
        message = _LONE.sub(b"\r\n", octets)
        async with self._access.connection(caller, account_id) as connection:
            appended = await connection.append(mailbox, message, flags=flags, received=received)
        if appended.uid is None or appended.uid_validity is None:
            return None
        return MessageRef(mailbox, appended.uid_validity, appended.uid)
