"""One connection to an SMTP server: TLS, signing in, and the transfer of one message."""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import aiosmtplib
import structlog

from folkmoot.core.errors import Unsupported
from folkmoot.mail.addresses import TEXT_MAX
from folkmoot.mail.channel import ADDRESSES_MAX, Allow
from folkmoot.mail.credentials import Credentials
from folkmoot.mail.errors import Deferred, RecipientsRefused, Refusal, Refused, SignInRefused, Uncertain
from folkmoot.mail.sasl import choose, to_base64
from folkmoot.mail.server import MailServer, TlsMode
from folkmoot.mail.submission import Envelope, Submitted, mail_options, recipient_options
from folkmoot.mail.tls import tls_context
from folkmoot.mail.transcript import TranscribedClient

CONNECT_SECONDS: Final = 10.0  # to one address of a server that a user has chosen
_PERMANENT: Final = 500
_GO_ON: Final = 334  # RFC 4954 section 4
_SIGNED_IN: Final = 235
_WAITS: Final = 354  # RFC 5321 section 4.1.1.4
_DONE: Final = 250
# It is we who are not let in; that the administrator can mend (RFC 4954 section 6).
_NOT_LET_IN: Final = frozenset({502, 503, 504, 530, 534, 535, 538, 421})
_UNKNOWN_RECIPIENT: Final = frozenset({550, 551, 553})  # RFC 5321 section 4.2.3
_LOOSE_BREAK: Final = re.compile(rb"\r\n|\r|\n")
_LEADING_DOT: Final = re.compile(rb"^\.", re.MULTILINE)

_log: Final = structlog.get_logger("folkmoot.mail")


class Session:
    """A connection for one message."""

    def __init__(
        self,
        server: MailServer,
        *,
        seconds: float,
        allow: Allow | None = None,
        transcript: bool = False,
        local_hostname: str | None = None,
    ) -> None:
        self._server = server
        self._allow = allow
        self._handed_over = False
        kind = TranscribedClient if transcript else aiosmtplib.SMTP
        self._client = kind(
            hostname=server.host,
            port=server.port,
            local_hostname=local_hostname,
            timeout=seconds,
            use_tls=server.tls is TlsMode.IMPLICIT,
            start_tls=False,  # done by ourselves, so that its refusal is told from others
            tls_context=None if server.tls is TlsMode.NONE else tls_context(server),
        )

    async def open(self) -> None:
        """Connect, say who we are, and go on in TLS where that is asked for."""
        if self._allow is None:
            await self._client.connect()
        else:
            # Nothing resolves the name again, so a server of names gains nothing by another answer.
            connection = await self._connected(self._allow)
            await self._client.connect(sock=connection, hostname=self._server.host, port=None)
        await self._client.ehlo()
        if self._server.tls is TlsMode.START:
            await self._client.starttls()
            await self._client.ehlo()

    async def _connected(self, allow: Allow) -> socket.socket:
        loop = asyncio.get_running_loop()
        failure: OSError | None = None
        for address in list(await allow(self._server.host, self._server.port))[:ADDRESSES_MAX]:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            connection = socket.socket(family, socket.SOCK_STREAM)
            connection.setblocking(False)  # its signature
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    await loop.sock_connect(connection, (address, self._server.port))
            except OSError as error:  # TimeoutError among them
                connection.close()
                failure = error
            else:
                return connection
        raise Deferred("the mail server cannot be reached") from failure

    async def sign_in(self, credentials: Credentials, *, preferred: str = "") -> None:
        """Sign in by the best mechanism that the server offers (RFC 4954).

        Raises:
            SignInRefused: not with these credentials.
            Deferred: the server offers nothing that fits, or cannot say at present.
        """
        try:
            exchange = choose(
                credentials,
                self._client.server_auth_methods,
                preferred=preferred,
                host=self._server.host,
                port=self._server.port,
            )
        except Unsupported as error:
            raise Deferred(str(error)) from error
        command = [b"AUTH", exchange.mechanism.encode()]
        turn = 0
        if exchange.client_first:
            command.append(to_base64(exchange.answer(0) or b""))
            turn = 1
        response = await self._client.execute_command(*command)
        while response.code == _GO_ON:  # ends: ``answer`` has none left after the last turn
            answer = exchange.answer(turn)
            turn += 1
            if answer is None:
                response = await self._client.execute_command(b"*")
                break
            response = await self._client.execute_command(to_base64(answer))
        if response.code == _SIGNED_IN:
            return
        text = one_line(aiosmtplib.SMTPResponseException(response.code, response.message))
        if _GO_ON < response.code < _PERMANENT:
            raise Deferred(text)
        raise SignInRefused(text)

    async def transfer(
        self,
        octets: bytes,
        envelope: Envelope,
        *,
        partial: bool,
        committing: Callable[[], Awaitable[None]] | None,
    ) -> Submitted:
        """Hand over one message.

        Raises:
            Deferred: the server is busy.
            Refused: it does not want the message, or the sender.
            RecipientsRefused: it does not want recipients: one of them, or with ``partial`` all.
        """
        encoding = "utf-8" if envelope.wide else "ascii"
        notice = envelope.notice if self._client.supports_extension("dsn") else None
        options = self._options(octets, envelope) + ([] if notice is None else mail_options(notice))
        try:
            if envelope.sender:
                await self._client.mail(envelope.sender, options=options, encoding=encoding)
            else:
                await self._mail_from_nobody(options)
        except aiosmtplib.SMTPResponseException as error:
            raise _refusal(error) from error
        refusals: dict[str, Refusal] = {}
        for address in envelope.recipients:
            wanted = [] if notice is None else recipient_options(notice, address)
            try:
                await self._client.rcpt(address, options=wanted, encoding=encoding)
            except aiosmtplib.SMTPRecipientRefused as error:
                refusals[address] = _recipient_refusal(error)
        if refusals and (not partial or len(refusals) == len(envelope.recipients)):
            raise RecipientsRefused(refusals)
        try:
            answer = await self._hand_over(octets, committing)
        except aiosmtplib.SMTPResponseException as error:
            raise _refusal(error) from error
        return Submitted(f"{answer.code} {answer.message}", refusals, notices=notice is not None)

    async def _hand_over(
        self, octets: bytes, committing: Callable[[], Awaitable[None]] | None
    ) -> aiosmtplib.SMTPResponse:
        # In three steps, not the library's one: until the last dot is sent, the server cannot have taken the message.
        lines = _LEADING_DOT.sub(b"..", _LOOSE_BREAK.sub(b"\r\n", octets))
        if not lines.endswith(b"\r\n"):
            lines += b"\r\n"
        ready = await self._client.execute_command(b"DATA")
        if ready.code != _WAITS:
            raise aiosmtplib.SMTPDataError(ready.code, ready.message)
        if self._client.protocol is None:
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        self._client.protocol.write(lines)
        if committing is not None:
            await committing()
        self._handed_over = True
        answer = await self._client.execute_command(b".")
        self._handed_over = False
        if answer.code != _DONE:
            raise aiosmtplib.SMTPDataError(answer.code, answer.message)
        return answer

    async def _mail_from_nobody(self, options: list[str]) -> None:
        # The library's ``mail`` knows no empty path.
        words = [b"MAIL", b"FROM:<>", *(option.encode("ascii") for option in options)]
        response = await self._client.execute_command(*words)
        if response.code != _DONE:
            raise aiosmtplib.SMTPSenderRefused(response.code, response.message, "")

    def _options(self, octets: bytes, envelope: Envelope) -> list[str]:
        client, options = self._client, []
        if client.supports_extension("size"):
            announced = client.esmtp_extensions.get("size", "").strip()
            if announced.isdigit() and 0 < int(announced[:12]) < len(octets):
                raise Refused(f"the message is larger than the mail server takes, {announced} octets")
            options.append(f"SIZE={len(octets)}")
        if envelope.wide and not client.supports_extension("smtputf8"):
            raise Refused("the mail server takes no addresses beyond ASCII")
        if envelope.wide or not octets.isascii():
            if not client.supports_extension("8bitmime"):
                raise Refused("the mail server takes no text beyond ASCII")
            options.append("BODY=8BITMIME")
        if envelope.wide:
            options.append("SMTPUTF8")  # RFC 6531 section 3.4
        return options

    def broken(self, reason: str) -> Deferred:
        """Return what a line that broke just now means."""
        if self._handed_over:
            return Uncertain(f"it is not known whether the message has gone: {reason}")
        return Deferred(reason)

    async def leave(self, seconds: float) -> None:
        """Say goodbye; the message is the server's already, whatever it answers."""
        try:
            async with asyncio.timeout(seconds):
                await self._client.quit()
        except (aiosmtplib.SMTPException, OSError, TimeoutError):
            _log.debug("the mail server left without a goodbye")

    def close(self) -> None:
        """Hang up."""
        with suppress(OSError):
            self._client.close()


def one_line(error: Exception) -> str:
    """Return what a failure says, in one line that may be shown."""
    text = error.message if isinstance(error, aiosmtplib.SMTPException) else str(error)
    if isinstance(error, aiosmtplib.SMTPResponseException):
        text = f"{error.code} {text}"
    return " ".join(text.encode(errors="replace").decode().split())[:TEXT_MAX] or type(error).__name__


def _refusal(error: aiosmtplib.SMTPResponseException) -> Deferred | Refused:
    text = one_line(error)
    if error.code < _PERMANENT or error.code in _NOT_LET_IN:
        return Deferred(text)
    return Refused(text)


def _recipient_refusal(error: aiosmtplib.SMTPRecipientRefused) -> Refusal:
    permanent = error.code >= _PERMANENT and error.code not in _NOT_LET_IN
    return Refusal(one_line(error), permanent, unknown=error.code in _UNKNOWN_RECIPIENT)
