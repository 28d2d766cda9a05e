"""An SMTP server on loopback that fails on command, in the test's own event loop or beside it."""

import asyncio
import base64
import datetime as dt
import ssl
import threading
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, Literal

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DROP = "drop"  # the connection is closed instead of an answer
HANG = "hang"  # no answer, ever

Stage = Literal["CONNECT", "EHLO", "AUTH", "MAIL", "RCPT", "DATA"]


@dataclass
class Received:
    """A message that the server has taken."""

    sender: str
    recipients: list[str]
    octets: bytes
    options: list[str]
    login: str = ""

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.octets, policy=default)


@dataclass
class MailServer:
    """What the server did, and what it is to do."""

    port: int = 0
    faults: dict[Stage, list[str]] = field(default_factory=dict)  # answers, each used once
    by_recipient: dict[str, str] = field(default_factory=dict)  # answers to RCPT, used always
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    password: str = ""
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    open_: set[asyncio.WriteTransport] = field(default_factory=set)

    def fail(self, stage: Stage, *answers: str) -> None:
        """Answer so the next times, instead of doing what is asked."""
        self.faults.setdefault(stage, []).extend(answers)

    def fault(self, stage: Stage) -> str | None:
        waiting = self.faults.get(stage)
        return waiting.pop(0) if waiting else None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"


class _Handler:
    def __init__(self, server: MailServer) -> None:
        self.server = server

    async def auth_XOAUTH2(self, server: SMTP, arguments: list[str]) -> AuthResult:  # noqa: N802
        wanted = f"user=sogo\1auth=Bearer {self.server.password}\1\1"
        right = base64.b64decode(arguments[1]).decode() == wanted
        return AuthResult(success=right, handled=False, auth_data=b"sogo")

    async def handle_EHLO(  # noqa: N802  # names that aiosmtpd looks for
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        answer = await self._answer(server, "EHLO")
        return responses if answer is None else [answer]

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = await self._answer(server, "MAIL")
        if answer is None:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return answer or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.server.by_recipient.get(address) or await self._answer(server, "RCPT")
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = await self._answer(server, "DATA")
        if answer is None or answer.startswith("taken"):
            assert isinstance(envelope.content, bytes)
            assert envelope.mail_from is not None
            login = getattr(session, "auth_data", None) or b""
            self.server.received.append(
                Received(
                    envelope.mail_from, list(envelope.rcpt_tos), envelope.content, envelope.mail_options, login.decode()
                )
            )
            self.server.arrived.set()
        if answer == "taken, then drop":
            _abort(server)
        return answer if answer and not answer.startswith("taken") else "250 queued"

    async def _answer(self, server: SMTP, stage: Stage) -> str | None:
        answer = self.server.fault(stage)
        if answer == DROP:
            _abort(server)
        if answer == HANG:
            await asyncio.sleep(3600)
        return answer


def _abort(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.WriteTransport)
    server.transport.abort()


class _Connection(SMTP):
    def __init__(self, mail_server: MailServer, **options: Any) -> None:
        super().__init__(_Handler(mail_server), hostname="mx.test", enable_SMTPUTF8=True, **options)
        self._mail_server = mail_server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._mail_server.connections += 1
        answer = self._mail_server.fault("CONNECT")
        assert isinstance(transport, asyncio.WriteTransport)
        self._mail_server.open_.add(transport)
        if answer is None:
            super().connection_made(transport)
            return
        if answer != DROP:
            transport.write(answer.encode() + b"\r\n")
        transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if getattr(self, "session", None) is not None:  # it was let in
            super().connection_lost(error)


@asynccontextmanager
async def mail_server(
    *, tls: ssl.SSLContext | None = None, implicit: bool = False, password: str = "", octets_max: int = 1_000_000
) -> AsyncIterator[MailServer]:
    """Run a server; with ``password`` nobody sends without it (user ``sogo``)."""
    mails = MailServer(password=password)
    loop = asyncio.get_running_loop()

    def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: object) -> AuthResult:
        fault = mails.fault("AUTH")
        if fault:
            return AuthResult(success=False, handled=False, message=fault)
        assert isinstance(given, LoginPassword)
        right = (given.login, given.password) == (b"sogo", password.encode())
        return AuthResult(success=right, handled=False, auth_data=given.login)

    def connection() -> _Connection:
        with warnings.catch_warnings(action="ignore"):  # passwords without TLS, which is what is tested
            return _Connection(
                mails,
                loop=loop,
                tls_context=None if implicit else tls,
                require_starttls=tls is not None and not implicit,
                authenticator=authenticate if password else None,
                auth_required=bool(password),
                auth_require_tls=False,
                data_size_limit=octets_max,
            )

    server = await loop.create_server(connection, "127.0.0.1", 0, ssl=tls if implicit else None)
    mails.port = server.sockets[0].getsockname()[1]
    try:
        yield mails
    finally:
        server.close()
        for _ in range(3):  # connections that were being accepted, too, learn of it, and cancel what they do
            for transport in mails.open_:
                transport.abort()
            await asyncio.sleep(0.01)


@contextmanager
def mail_server_beside() -> Iterator[MailServer]:
    """Run a server in a thread of its own, for tests that are not asynchronous themselves."""
    loop = asyncio.new_event_loop()
    ready: asyncio.Queue[MailServer] = asyncio.Queue()
    leave = asyncio.Event()

    async def serve() -> None:
        async with mail_server() as mails:
            ready.put_nowait(mails)
            await leave.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        yield asyncio.run_coroutine_threadsafe(ready.get(), loop).result(10)
    finally:
        loop.call_soon_threadsafe(leave.set)
        thread.join(10)
        loop.close()


def self_signed(directory: Path, name: str = "localhost") -> tuple[ssl.SSLContext, Path]:
    """Return a server's context with a new certificate for ``name``, and the certificate's file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = directory / "certificate.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context, path
