"""A line to a mail server: octets both ways, plain or in TLS, every wait bounded.

IMAP and ManageSieve speak through it.  Asyncio's own streams keep what came before TLS and hand it out after; here
such octets end the connection, as somebody on the way may have put them there.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from folkmoot.core.errors import Unavailable
from folkmoot.mail.server import MailServer, TlsMode
from folkmoot.mail.tls import tls_context

CONNECT_SECONDS: Final = 10.0  # to one address; people wait for it
TLS_SECONDS: Final = 10.0
ADDRESSES_MAX: Final = 4  # tried of one name
UNREAD_MAX: Final = 1024 * 1024  # octets kept for who is slow; then the server waits

Allow = Callable[[str, int], Awaitable[Sequence[str]]]
"""Gives the addresses of a host that may be connected to; none: it may not be."""


class Channel(asyncio.Protocol):
    """One connection; made by ``open_channel``."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._pieces: list[bytes] = []
        self._unread = 0
        self._arrived = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._ended = False
        self._fault: Exception | None = None
        self.encrypted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # uvloop's transports are no subclasses

    def data_received(self, data: bytes) -> None:
        self._pieces.append(data)
        self._unread += len(data)
        if self._unread > UNREAD_MAX and self._transport is not None:
            self._transport.pause_reading()
        self._arrived.set()

    def eof_received(self) -> bool:
        self._ended = True
        self._arrived.set()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended = True
        self._fault = exc
        self._arrived.set()
        self._writable.set()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    @property
    def ended(self) -> bool:
        """Whether the server has hung up; what it said before may still be read."""
        return self._ended

    async def read(self, seconds: float) -> bytes:
        """Return what has arrived, waiting for some.

        Raises:
            Unavailable: the server has hung up, or nothing comes in time.
        """
        if not self._pieces and not self._ended:
            self._arrived.clear()
            try:
                async with asyncio.timeout(seconds):
                    await self._arrived.wait()
            except TimeoutError as error:
                raise Unavailable("the mail server does not answer in time") from error
        if not self._pieces:
            raise Unavailable("the mail server has hung up") from self._fault
        octets = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces.clear()
        if self._unread > UNREAD_MAX and self._transport is not None and not self._ended:
            self._transport.resume_reading()
        self._unread = 0
        return octets

    def write(self, octets: bytes) -> None:
        """Send octets when the line takes them."""
        if self._transport is not None and not self._ended:
            self._transport.write(octets)

    async def drain(self, seconds: float) -> None:
        """Wait until the line takes more.

        Raises:
            Unavailable: the server does not read, or has hung up.
        """
        if not self._writable.is_set():
            try:
                async with asyncio.timeout(seconds):
                    await self._writable.wait()
            except TimeoutError as error:
                raise Unavailable("the mail server does not read in time") from error
        if self._ended and not self._pieces:
            raise Unavailable("the mail server has hung up") from self._fault

    async def start_tls(self, server: MailServer) -> None:
        """Go on in TLS; to be called when the server has agreed and nothing more is to be read.

        Raises:
            Unavailable: TLS fails, or something stood behind the agreement that did not come through TLS.
        """
        transport = self._transport
        if transport is None or self._ended:
            raise Unavailable("the mail server has hung up")
        transport.pause_reading()
        if self._pieces:
            self.close()
            raise Unavailable("the mail server said something between its agreement to TLS and TLS")
        loop = asyncio.get_running_loop()
        try:
            encrypted = await loop.start_tls(
                transport,
                self,
                tls_context(server),
                server_hostname=server.host,
                ssl_handshake_timeout=TLS_SECONDS,
            )
        except (OSError, ssl.SSLError, ssl.CertificateError, ValueError) as error:
            self.close()
            raise Unavailable(f"no TLS with the mail server: {_told(error)}") from error
        if encrypted is None:
            raise Unavailable("the mail server has hung up")
        self._transport = encrypted
        self.encrypted = True

    def close(self) -> None:
        """Hang up; what is not yet sent is lost."""
        self._ended = True
        if self._transport is not None:
            self._transport.abort()


async def open_channel(server: MailServer, allow: Allow | None = None) -> Channel:
    """Connect to a mail server, in TLS if it is implicit.

    Args:
        server: where it is.
        allow: gives the addresses that may be connected to; None leaves it to the system's resolver.

    Raises:
        Unavailable: it cannot be reached, or its certificate is not valid.
    """
    addresses: Sequence[str] = [server.host]
    if allow is not None:
        try:
            addresses = await allow(server.host, server.port)
        except (OSError, UnicodeError) as error:
            raise Unavailable("the mail server cannot be reached") from error
    failure: Exception | None = None
    for address in addresses[:ADDRESSES_MAX]:
        try:
            return await _connect(server, address)
        except (OSError, TimeoutError, UnicodeError, ValueError) as error:
            failure = error
    raise Unavailable(f"the mail server cannot be reached: {_told(failure)}") from failure


async def _connect(server: MailServer, address: str) -> Channel:
    loop = asyncio.get_running_loop()
    implicit = server.tls is TlsMode.IMPLICIT
    async with asyncio.timeout(CONNECT_SECONDS):
        transport, channel = await loop.create_connection(
            Channel,
            address,
            server.port,
            ssl=tls_context(server) if implicit else None,
            server_hostname=server.host if implicit else None,
        )
    channel.encrypted = implicit
    connection: socket.socket | None = transport.get_extra_info("socket")
    if connection is not None and connection.family in {socket.AF_INET, socket.AF_INET6}:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return channel


def _told(error: Exception | None) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate: {error.verify_message}"
    return type(error).__name__ if error is not None else "no address"
