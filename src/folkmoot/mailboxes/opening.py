"""Messages without what is around them: S/MIME layers and winmail.dat.

The whole message is fetched, as a signature covers all of it, and what comes out is read and shown like any other
message (``mime.rendering``).  It is kept nowhere.
"""

import asyncio
from dataclasses import replace
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.errors import MalformedInput, NotFound
from folkmoot.mail.smime import Key, Opened, Smime
from folkmoot.mail.smime.smime import MESSAGE_MAX
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.certificates import Certificates
from folkmoot.mailboxes.collecting import chosen_book
from folkmoot.mailboxes.values import MessageRef
from folkmoot.mime.headers import parse_headers
from folkmoot.mime.part import Part
from folkmoot.mime.reading import read_message
from folkmoot.mime.tnef import expand, holds_tnef

_WRAPPED: Final = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_SIGNATURES: Final = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature"})

_NOT_ONE: Final = "not one sender"  # in no certificate: with several in From, readers might look at another one


def needs_opening(part: Part) -> bool:
    """Return whether a message has something around it that only ``Opening`` takes off."""
    signed = part.content_type == "multipart/signed" and any(one.content_type in _SIGNATURES for one in part.children)
    return signed or part.content_type in _WRAPPED or holds_tnef(part)


class Opening:
    """Opens messages of mailboxes."""

    def __init__(self, access: MailAccess, certificates: Certificates, smime: Smime) -> None:
        self._access = access
        self._certificates = certificates
        self._smime = smime

    async def open(self, caller: Caller, account_id: str, ref: MessageRef, *, path: str = "") -> Opened:
        """Return a message, or the part of it that ``path`` names, without its layers.

        Raises, beside what ``MailAccess.selected`` raises:
            NotFound: the message or the part is not there (any more).
            TooLarge: it has more than ``MESSAGE_MAX`` octets.
            Unavailable: openssl does not run, or takes too long.
        """
        async with self._access.selected(caller, account_id, ref.mailbox) as connection:
            if connection.mailbox is None or connection.mailbox.uid_validity != ref.uid_validity:
                raise NotFound("the mailbox was made anew; this message is not there any more")
            octets = await connection.fetch_part(ref.uid, "", limit=MESSAGE_MAX)
        return await self.open_octets(caller, octets, path=path)

    async def open_octets(self, caller: Caller, octets: bytes, *, path: str = "") -> Opened:
        """Return a message that is at hand without its layers; raises as ``open`` does."""
        return await opened(self._smime, octets, await self._certificates.keys(caller), path=path)

    async def keep_signer(self, caller: Caller, account_id: str, ref: MessageRef) -> None:
        """Keep the certificates of the sender of a signed message, so that one can encrypt the answer.

        Raises: what ``open`` and ``Certificates.keep_signer`` raise.
        """
        found = await self.open(caller, account_id, ref)
        senders = parse_headers(found.message).addresses("from")
        if len(senders) != 1:
            raise MalformedInput("the message is not from one sender")
        book = await chosen_book(self._access, caller)
        await self._certificates.keep_signer(caller, senders[0], found.signatures, book=book)


async def opened(smime: Smime, octets: bytes, keys: list[Key], *, path: str = "") -> Opened:
    """Take off S/MIME layers, then winmail.dat."""
    headers = (await asyncio.to_thread(read_message, octets)).headers()
    senders = {one.address.lower() for one in headers.addresses("from")}
    sender = next(iter(senders)) if len(senders) == 1 else _NOT_ONE
    done = await smime.open(octets, keys, sender=sender, path=path)
    expanded = await asyncio.to_thread(expand, done.message)
    return done if expanded is None else replace(done, message=expanded)
