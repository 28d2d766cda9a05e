"""Connecting to a ManageSieve server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from folkmoot.core.errors import Unavailable
from folkmoot.mail.channel import Allow, open_channel
from folkmoot.mail.credentials import Credentials
from folkmoot.mail.managesieve.session import Session
from folkmoot.mail.server import MailServer, TlsMode

OPEN_SECONDS: Final = 30.0  # from connecting to being signed in


@asynccontextmanager
async def connect(
    server: MailServer, credentials: Credentials, *, preferred: str = "", allow: Allow | None = None
) -> AsyncIterator[Session]:
    """Lend a connection that is signed in, for as long as the block runs.

    Args:
        server: where it is; TLS is started where its settings say so, and required then.
        credentials: whose scripts.
        preferred: the SASL mechanism that is tried first.
        allow: gives the addresses that may be connected to, where a user has chosen the host.

    Raises:
        SignInRefused: the server does not take the credentials.
        Unavailable: it cannot be reached, or does not answer.
    """
    try:
        async with asyncio.timeout(OPEN_SECONDS):
            channel = await open_channel(server, allow)
            session = Session(channel, server)
            try:
                await session.greet()
                if server.tls is TlsMode.START:
                    await session.start_tls()
                await session.sign_in(credentials, preferred=preferred)
            except BaseException:
                channel.close()
                raise
    except TimeoutError as error:
        raise Unavailable("the mail server does not answer in time") from error
    try:
        yield session
        session.leave()
    finally:
        channel.close()
