"""Sending a message by SMTP (RFC 5321), TLS and authentication as SOGo's parameters say.

SMTP is the only way: no program is run, whatever ``SOGoMailingMechanism`` says.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from typing import Final

import aiosmtplib
import structlog

from folkmoot.config.servers_section import SmtpSettings
from folkmoot.core.errors import ConfigurationError, FolkmootError, MalformedInput
from folkmoot.mail.addresses import TEXT_MAX, header_text, mailbox
from folkmoot.mail.channel import Allow
from folkmoot.mail.credentials import Credentials, Password, Token
from folkmoot.mail.errors import Deferred, RecipientsRefused, Refused, SignInRefused
from folkmoot.mail.server import SMTP as SCHEMES
from folkmoot.mail.server import MailServer, parse_server
from folkmoot.mail.smtp_session import Session, one_line
from folkmoot.mail.submission import Envelope, Submitted

COMMAND_SECONDS: Final = 60.0  # for one answer; servers that check for spam take ten
MESSAGE_SECONDS: Final = 300.0  # for a whole message, from connecting to the last answer
GOODBYE_SECONDS: Final = 5.0
LINE_OCTETS_MAX: Final = 998  # RFC 5322 section 2.1.1: relays refuse longer ones
LOCAL_SERVER: Final = "smtp://localhost"
NOT_IN_TIME: Final = "the mail server does not answer in time"

_log: Final = structlog.get_logger("folkmoot.mail")

Committing = Callable[[], Awaitable[None]]
"""Called when the server has all of a message but its last dot: after this it may have taken it."""


class Smtp:
    """An SMTP server: that of the settings, or another one; a connection a message."""

    def __init__(
        self,
        settings: SmtpSettings,
        *,
        server: MailServer | None = None,
        allow: Allow | None = None,
        transcript: bool = False,
        local_hostname: str | None = None,
    ) -> None:
        """Prepare for sending; nothing is connected yet.

        Args:
            settings: of the system or a domain.
            server: another server than that of the settings.
            allow: gives the addresses of a server that a user has chosen; None asks the system's resolver.
            transcript: log the dialogue, without passwords and message texts (SMTPDebugEnabled).
            local_hostname: what EHLO says; None asks the machine.

        Raises:
            ConfigurationError: SOGoSMTPServer names no server.
        """
        try:
            self.server = server or parse_server(settings.server or LOCAL_SERVER, SCHEMES)
        except MalformedInput as error:
            raise ConfigurationError(f"SOGoSMTPServer: {error}") from error
        if settings.mechanism != "smtp" and server is None:
            _log.warning("mail goes by SMTP, no program is run", mechanism=settings.mechanism, server=self.server.host)
        self._settings = settings
        self._allow = allow
        self._transcript = transcript
        self._local_hostname = local_hostname
        self._octets_max = settings.message_max_kilobytes * 1024

    async def send(self, message: EmailMessage, *, sender: str, recipient: str) -> str:
        """Give a mail of the system to the server, for one recipient, with the system's account; return its answer.

        ``sender`` and ``recipient`` are the envelope's, as ``mailbox`` gives them.

        Raises:
            Deferred: it may go another time.
            Refused: it will never go.
        """
        for address in (sender, recipient):
            _check(address)
        envelope = Envelope(sender, (recipient,))
        octets = _octets_of(message, wide=envelope.wide)
        try:
            submitted = await self.submit(octets, envelope, credentials=self._account())
        except RecipientsRefused as error:
            refusal = error.refusals[recipient]
            if not refusal.permanent:
                raise Deferred(refusal.answer) from error
            raise Refused(refusal.answer, no_such_recipient=refusal.unknown) from error
        except (SignInRefused, MalformedInput) as error:  # ours to mend: the mail waits for it
            raise Deferred(str(error)) from error
        return submitted.answer

    async def submit(
        self,
        octets: bytes,
        envelope: Envelope,
        *,
        credentials: Credentials | None,
        partial: bool = False,
        committing: Committing | None = None,
    ) -> Submitted:
        """Give a message to the server, for all recipients in one transaction.

        Args:
            octets: the message, lines ended by CRLF.
            envelope: who sends, and to whom.
            credentials: whom to sign in as; None does not sign in.
            partial: send also if some recipients are refused, as long as one is taken.
            committing: called before the last dot.

        Raises:
            Uncertain: the line broke after the last dot: it may have gone.
            Deferred: it has not gone and may go another time.
            Refused: it will never go.
            RecipientsRefused: recipients are refused, one or more; nobody has got it.
            SignInRefused: the server does not take the credentials.
        """
        if self._octets_max and len(octets) > self._octets_max:
            raise Refused(f"the message is larger than {self._settings.message_max_kilobytes} kB")
        session = Session(
            self.server,
            seconds=COMMAND_SECONDS,
            allow=self._allow,
            transcript=self._transcript,
            local_hostname=self._local_hostname,
        )
        try:
            async with asyncio.timeout(MESSAGE_SECONDS):
                await session.open()
                if credentials is not None:
                    await session.sign_in(credentials, preferred=self._settings.authentication)
                submitted = await session.transfer(octets, envelope, partial=partial, committing=committing)
        except TimeoutError as error:
            raise session.broken(NOT_IN_TIME) from error
        except aiosmtplib.SMTPTimeoutError as error:
            raise session.broken(NOT_IN_TIME) from error
        except FolkmootError:
            raise
        except (aiosmtplib.SMTPException, ssl.SSLError, OSError) as error:
            raise session.broken(f"the mail server cannot be used: {one_line(error)}") from error
        except ValueError as error:  # what the library refuses to put into a command
            raise Refused(f"cannot be sent: {one_line(error)}") from error
        else:
            await session.leave(GOODBYE_SECONDS)
            return submitted
        finally:
            session.close()

    def _account(self) -> Credentials | None:
        settings = self._settings
        if not settings.authentication or not settings.master_user:
            return None
        if settings.authentication == "PLAIN":
            return Password(settings.master_user_name, settings.master_user_password)
        return Token(settings.master_user_name, settings.master_user_password)


def _check(address: str) -> None:
    try:
        bare = mailbox(address)
    except MalformedInput as error:
        raise Refused(str(error)) from error
    if bare != address:
        raise Refused(f"not a bare mail address: {header_text(address)[:80]!r}")


def _octets_of(message: EmailMessage, *, wide: bool) -> bytes:
    try:
        octets = message.as_bytes(policy=SMTPUTF8 if wide else SMTP)
    except (ValueError, LookupError) as error:
        raise Refused(f"the message cannot be written: {str(error)[:TEXT_MAX]}") from error
    if max(map(len, octets.split(b"\r\n"))) > LINE_OCTETS_MAX:
        raise Refused(f"a line of the message is longer than {LINE_OCTETS_MAX} octets")
    return octets
