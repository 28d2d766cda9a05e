"""Delivers the demo's mails into mailboxes of the running server, as a mail server would."""

import asyncio
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from folkmoot.auth.mail_tokens import MailTokens, open_mail_tokens
from folkmoot.config.settings import Settings
from folkmoot.core.clock import SystemClock
from folkmoot.core.errors import ConfigurationError, Unavailable
from folkmoot.core.ids import PrincipalId
from folkmoot.mail.credentials import Token
from folkmoot.mail.imap.pool import Pool
from folkmoot.mail.lmtp import lmtp_connection
from folkmoot.mail.server import MailServer
from folkmoot.server.database_place import open_own_database
from folkmoot.stack.place import LOOPBACK, Place, known_place
from folkmoot.stack.running import find_dovecot
from folkmoot.tool.demo.mailing import Mail, mails

DONE_FILE: Final = "demo-mail"  # in the directory of embedded mail
WAIT_SECONDS: Final = 120.0  # for a server that is being started
LOOK_SECONDS: Final = 0.5


async def post(settings: Settings) -> int:
    """Wait until the server's mail runs, and deliver the demo's mails; return how many, 0 if that was done before.

    Raises:
        ConfigurationError: there is no embedded mail, or Dovecot is missing.
        Unavailable: it does not run.
    """
    if not settings.server.embedded_mail:
        raise ConfigurationError("the demo's mails go to embedded mail, which is off")
    find_dovecot()
    place = await _running(settings)
    done = place.directory / DONE_FILE
    if done.exists():
        return 0
    async with await open_own_database(settings) as database:
        tokens = await open_mail_tokens(database)
    all_of_them = mails(datetime.now(UTC).date())
    pool = Pool()
    try:
        for mail in all_of_them:
            await _deliver(mail, place.lmtp)
            if mail.sender:
                await _keep(mail, place, pool, tokens)
    finally:
        await pool.close()
    done.touch()
    return len(all_of_them)


async def _running(settings: Settings) -> Place:
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        place = known_place(settings.server.state_directory)
        if place is not None:
            with suppress(Unavailable):
                async with lmtp_connection(place.lmtp) as lmtp:
                    if (await lmtp.begin("")).good:
                        return place
        await asyncio.sleep(LOOK_SECONDS)
    raise Unavailable("the server's mail does not run")


async def _deliver(mail: Mail, socket: Path) -> None:
    if not mail.recipients:
        return
    async with lmtp_connection(socket) as lmtp:
        answers = [await lmtp.begin(mail.envelope_sender)]
        answers += [await lmtp.recipient(address) for address in mail.recipients]
        answers += await lmtp.deliver(mail.octets)
    refused = [answer for answer in answers if not answer.good]
    if refused:
        raise Unavailable(f"a mail of the demo was not taken: {refused[0]}")


async def _keep(mail: Mail, place: Place, pool: Pool, tokens: MailTokens) -> None:
    """Put a mail where its sender's program would have put it."""
    token = tokens.mint(PrincipalId(mail.sender), "demo", SystemClock().milliseconds())
    server = MailServer(LOOPBACK, place.ports.imap)
    async with pool.connection(server, Token(mail.sender, token)) as connection:
        await connection.append("Sent", mail.octets, flags=("\\Seen",), received=int(mail.sent.timestamp()))
