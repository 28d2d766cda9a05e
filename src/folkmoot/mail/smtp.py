"""Sending a message by SMTP (RFC 5321), TLS and authentication as SOGo's parameters say.

SMTP is the only way: no program is run, whatever ``SOGoMailingMechanism`` says.
"""

import asyncio
import ssl
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from typing import Final

import aiosmtplib
import structlog

from folkmoot.config.servers_section import SmtpSettings
from folkmoot.core.errors import ConfigurationError, MalformedInput
from folkmoot.mail.addresses import TEXT_MAX, header_text, mailbox
from folkmoot.mail.errors import Deferred, Refused
from folkmoot.mail.server import SMTP as SCHEMES
from folkmoot.mail.server import MailServer, TlsMode, parse_server
from folkmoot.mail.transcript import TranscribedClient

COMMAND_SECONDS: Final = 60.0  # for one answer; servers that check for spam take ten
MESSAGE_SECONDS: Final = 300.0  # for a whole message, from connecting to the last answer
LINE_OCTETS_MAX: Final = 998  # RFC 5322 section 2.1.1: relays refuse longer ones
LOCAL_SERVER: Final = "smtp://localhost"
_PERMANENT: Final = 500
# It is we who are not let in; that the administrator can mend (RFC 4954 section 6).
_NOT_LET_IN: Final = frozenset({502, 503, 504, 530, 534, 535, 538, 421})
_UNKNOWN_RECIPIENT: Final = frozenset({550, 551, 553})  # RFC 5321 section 4.2.3
_NOT_UTF8: Final = "the mail server takes no addresses beyond ASCII"

_log: Final = structlog.get_logger("folkmoot.mail")


class Smtp:
    """The SMTP server of the settings; a connection a message."""

    def __init__(self, settings: SmtpSettings, *, transcript: bool = False, local_hostname: str | None = None) -> None:
        """Prepare for sending; nothing is connected yet.

        Args:
            settings: of the system or a domain.
            transcript: log the dialogue, without passwords and message texts (SMTPDebugEnabled).
            local_hostname: what EHLO says; None asks the machine.

        Raises:
            ConfigurationError: SOGoSMTPServer names no server.
        """
        try:
            self.server = parse_server(settings.server or LOCAL_SERVER, SCHEMES)
        except MalformedInput as error:
            raise ConfigurationError(f"SOGoSMTPServer: {error}") from error
        if settings.mechanism != "smtp":
            _log.warning("mail goes by SMTP, no program is run", mechanism=settings.mechanism, server=self.server.host)
        self._settings = settings
        self._transcript = transcript
        self._local_hostname = local_hostname
        self._octets_max = settings.message_max_kilobytes * 1024

    async def send(self, message: EmailMessage, *, sender: str, recipient: str) -> str:
        """Give a message to the server, for one recipient; return its answer.

        ``sender`` and ``recipient`` are the envelope's, as ``mailbox`` gives them.

        Raises:
            Deferred: it may go another time.
            Refused: it will never go.
        """
        for address in (sender, recipient):
            _check(address)
        wide = not (sender.isascii() and recipient.isascii())
        octets = _octets_of(message, wide=wide)
        if self._octets_max and len(octets) > self._octets_max:
            raise Refused(f"the message is larger than {self._settings.message_max_kilobytes} kB")
        try:
            async with asyncio.timeout(MESSAGE_SECONDS):
                return await self._converse(octets, sender, recipient, wide=wide)
        except TimeoutError as error:
            raise Deferred("the mail server does not answer in time") from error

    async def _converse(self, octets: bytes, sender: str, recipient: str, *, wide: bool) -> str:
        client = self._client()
        try:
            await self._connect(client)
            options = self._options(client, octets, wide=wide)
            encoding = "utf-8" if wide else "ascii"
            try:
                await client.mail(sender, options=options, encoding=encoding)
                await client.rcpt(recipient, encoding=encoding)
                answer = await client.data(octets)
            except aiosmtplib.SMTPResponseException as error:
                raise _refusal(error) from error
            await _leave(client)
        except aiosmtplib.SMTPTimeoutError as error:
            raise Deferred("the mail server does not answer in time") from error
        except (aiosmtplib.SMTPException, ssl.SSLError, OSError) as error:
            raise Deferred(f"the mail server cannot be used: {_text(error)}") from error
        except ValueError as error:  # what the library refuses to put into a command
            raise Refused(f"cannot be sent: {_text(error)}") from error
        else:
            return f"{answer.code} {answer.message}"
        finally:
            client.close()

    def _client(self) -> aiosmtplib.SMTP:
        kind = TranscribedClient if self._transcript else aiosmtplib.SMTP
        tls = self.server.tls
        return kind(
            hostname=self.server.host,
            port=self.server.port,
            local_hostname=self._local_hostname,
            timeout=COMMAND_SECONDS,
            use_tls=tls is TlsMode.IMPLICIT,
            start_tls=False,  # done by ourselves, so that its refusal is told from others
            tls_context=None if tls is TlsMode.NONE else _tls_context(self.server),
        )

    async def _connect(self, client: aiosmtplib.SMTP) -> None:
        await client.connect()
        await client.ehlo()
        if self.server.tls is TlsMode.START:
            await client.starttls()
            await client.ehlo()
        settings = self._settings
        if not settings.authentication or not settings.master_user:
            return
        name, password = settings.master_user_name, settings.master_user_password
        if settings.authentication == "PLAIN":
            await client.auth_plain(name, password)
        else:
            await client.auth_xoauth2(name, password)

    def _options(self, client: aiosmtplib.SMTP, octets: bytes, *, wide: bool) -> list[str]:
        options = []
        if client.supports_extension("size"):
            announced = client.esmtp_extensions.get("size", "").strip()
            if announced.isdigit() and 0 < int(announced[:12]) < len(octets):
                raise Refused(f"the message is larger than the mail server takes, {announced} octets")
            options.append(f"SIZE={len(octets)}")
        if wide:
            if not client.supports_extension("smtputf8"):
                raise Refused(_NOT_UTF8)
            options += ["BODY=8BITMIME", "SMTPUTF8"]  # RFC 6531 section 3.4
        return options


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
        raise Refused(f"the message cannot be written: {_text(error)}") from error
    if max(map(len, octets.split(b"\r\n"))) > LINE_OCTETS_MAX:
        raise Refused(f"a line of the message is longer than {LINE_OCTETS_MAX} octets")
    return octets


def _tls_context(server: MailServer) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not server.verified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


async def _leave(client: aiosmtplib.SMTP) -> None:
    """Say goodbye; the message is the server's already, whatever it answers."""
    try:
        async with asyncio.timeout(COMMAND_SECONDS / 12):
            await client.quit()
    except (aiosmtplib.SMTPException, OSError, TimeoutError):
        _log.debug("the mail server left without a goodbye")


def _refusal(error: aiosmtplib.SMTPResponseException) -> Deferred | Refused:
    text = _text(error)
    if error.code < _PERMANENT or error.code in _NOT_LET_IN:
        return Deferred(text)
    unknown = isinstance(error, aiosmtplib.SMTPRecipientRefused) and error.code in _UNKNOWN_RECIPIENT
    return Refused(text, no_such_recipient=unknown)


def _text(error: Exception) -> str:
    text = error.message if isinstance(error, aiosmtplib.SMTPException) else str(error)
    if isinstance(error, aiosmtplib.SMTPResponseException):
        text = f"{error.code} {text}"
    return " ".join(text.encode(errors="replace").decode().split())[:TEXT_MAX] or type(error).__name__
