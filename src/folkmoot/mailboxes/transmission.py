"""Handing a person's message to a mail server: which one, signed in as whom, signed and encrypted or not."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final, Protocol

from folkmoot.config.settings import Settings
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Forbidden, Unsupported
from folkmoot.directory.principal import Principal
from folkmoot.mail.addresses import mailbox
from folkmoot.mail.channel import Allow
from folkmoot.mail.credentials import Credentials
from folkmoot.mail.smtp import Smtp
from folkmoot.mail.submission import DeliveryNotice, Envelope, Notify, Submitted
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.identities import Identities, NotYourAddress, Writer
from folkmoot.mailboxes.outgoing import Outgoing
from folkmoot.mailboxes.values import MAIN, Account
from folkmoot.mime import writing
from folkmoot.mime.headers import MailAddress
from folkmoot.sharing.preferences import DEFAULTS

UNDO_MAX: Final = 60  # seconds
UNDO_KEY: Final = "FolkmootUndoSendSeconds"


class NotYourEnvelope(NotYourAddress):
    """The envelope names a sender as whom the caller may not write."""


class Protection(Protocol):
    """Signs and encrypts messages (S/MIME)."""

    async def protect(
        self,
        caller: Caller,
        account: Account,
        message: bytes,
        recipients: tuple[str, ...],
        *,
        sign: bool,
        encrypt: bool,
    ) -> bytes:
        """Return the message signed, encrypted or both; its fields stay.

        Raises:
            FolkmootError: there is no key of the sender, or no certificate of a recipient.
        """


class Transmission:
    """Knows the way out for each account."""

    def __init__(
        self,
        access: MailAccess,
        identities: Identities,
        *,
        allow: Allow | None = None,
        protection: Protection | None = None,
        transcript: bool = False,
        local_hostname: str | None = None,
    ) -> None:
        """Take services; ``allow`` gives the addresses of servers that people chose themselves."""
        self._access = access
        self._identities = identities
        self._allow = allow
        self._protection = protection
        self._transcript = transcript
        self._local_hostname = local_hostname

    async def check(self, caller: Caller, account: Account, outgoing: Outgoing) -> Writer:
        """Check that a message may go, and return who it is from.

        Raises:
            Forbidden: the caller may not write as its sender; ``NotYourEnvelope``: as that of the envelope.
            MalformedInput: the sender is no address.
            Unsupported: it is to be signed or encrypted, and nothing here does that.
        """
        writer = await self._identities.writer(caller, account, outgoing.sender)
        if outgoing.mail_from:
            try:
                await self._identities.writer(caller, account, MailAddress("", outgoing.mail_from))
            except Forbidden as error:
                raise NotYourEnvelope(str(error)) from error
        if (outgoing.sign or outgoing.encrypt) and self._protection is None:
            raise Unsupported("messages cannot be signed or encrypted here")
        return writer

    async def completed(self, caller: Caller, account_id: str, outgoing: Outgoing) -> Outgoing:
        """Return a message that names who sends it for somebody else, signed and encrypted as wanted.

        Raises: what ``check`` raises, and what protecting it does.
        """
        account = await self._access.account(caller, account_id)
        writer = await self.check(caller, account, outgoing)
        if writer.acting is not None:
            outgoing = replace(outgoing, octets=writing.address_field("Sender", [writer.acting]) + outgoing.octets)
        if not (outgoing.sign or outgoing.encrypt):
            return outgoing
        if self._protection is None:
            raise Unsupported("messages cannot be signed or encrypted here")
        octets = await self._protection.protect(
            caller, account, outgoing.octets, outgoing.recipients, sign=outgoing.sign, encrypt=outgoing.encrypt
        )
        return replace(outgoing, octets=octets)

    async def transmit(
        self,
        caller: Caller,
        account_id: str,
        outgoing: Outgoing,
        *,
        partial: bool = False,
        committing: Callable[[], Awaitable[None]] | None = None,
    ) -> Submitted:
        """Give a message to the account's mail server, for all its recipients.

        Raises: what ``Smtp.submit`` raises, and Forbidden if the caller may not write as its sender.
        """
        account = await self._access.account(caller, account_id)
        writer = await self.check(caller, account, outgoing)
        notice = DeliveryNotice(frozenset({Notify.SUCCESS, Notify.FAILURE, Notify.DELAY})) if outgoing.notice else None
        # Mail servers let people send with their own addresses; who acts for somebody else hears of failures, too.
        acting = writer.acting.address if writer.acting is not None else outgoing.mail_from
        sender = mailbox(acting or outgoing.sender.address)
        envelope = Envelope(sender, outgoing.recipients, outgoing.envelope_notice or notice)
        return await self.submit(caller, account, outgoing.octets, envelope, partial=partial, committing=committing)

    async def submit(
        self,
        caller: Caller,
        account: Account,
        octets: bytes,
        envelope: Envelope,
        *,
        partial: bool = False,
        committing: Callable[[], Awaitable[None]] | None = None,
    ) -> Submitted:
        """Give octets to the account's mail server, as ``transmit`` does; nothing is checked or filed."""
        person = await self._access.person(caller.principal)
        settings = self._access.settings_of(person)
        smtp = await asyncio.to_thread(self._server, settings, account)
        return await smtp.submit(
            octets,
            envelope,
            credentials=await self._credentials(caller, account, settings),
            partial=partial,
            committing=committing,
        )

    async def undo_seconds(self, caller: Caller) -> int:
        """Return for how long somebody wants to be able to take messages back."""
        person = await self._access.person(caller.principal)
        chosen = (await self._access.profile(caller.principal)).properties.get(DEFAULTS)
        value = chosen.get(UNDO_KEY) if isinstance(chosen, dict) else None
        seconds = value if isinstance(value, int) else self._access.settings_of(person).mail.undo_send_seconds
        return min(max(seconds, 0), UNDO_MAX)

    def tells_client(self, person: Principal) -> bool:
        """Whether messages say where their sender sits (SOGoMailDisableXForward)."""
        return not self._access.settings_of(person).smtp.no_client_address

    def _server(self, settings: Settings, account: Account) -> Smtp:
        chosen = account.smtp if account.external else None
        return Smtp(
            settings.smtp,
            server=chosen,
            allow=self._allow if chosen is not None else None,
            transcript=self._transcript,
            local_hostname=self._local_hostname,
        )

    async def _credentials(self, caller: Caller, account: Account, settings: Settings) -> Credentials | None:
        if account.external and account.smtp is not None:
            return (await self._access.login(caller, account)).credentials
        if account.external and not settings.mail.auxiliary_accounts:
            raise Forbidden("mail accounts elsewhere are closed")
        if not settings.smtp.authentication:
            return None
        # Whoever writes for somebody else signs in as oneself; the server decides what that allows.
        mine = await self._access.account(caller, MAIN)
        return (await self._access.login(caller, mine)).credentials
