"""The way to mailboxes, opened from the settings; connections are made when they are needed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from folkmoot.auth.mail_tokens import MailTokens, open_mail_tokens
from folkmoot.config.settings import Settings
from folkmoot.core.clock import Clock
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.directory.directory import Directory
from folkmoot.mail.imap.pool import Pool
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.guard import HostGuard
from folkmoot.mailboxes.signing_in import Mint

PURPOSE: Final = "mailboxes"


@asynccontextmanager
async def open_mail(
    settings: Settings, directory: Directory, database: Database, clock: Clock
) -> AsyncIterator[MailAccess]:
    """Open the way to mailboxes; at the end its connections are closed.

    Raises:
        ConfigurationError: SOGoSecretValue is no key.
    """
    pool = Pool.of_settings(
        settings.imap,
        transcript=settings.logging.imap,
        allow=HostGuard(settings.security.allowed_private_networks),
    )
    try:
        yield MailAccess(
            lambda domain: settings.for_domain(domain or ""), directory, database, pool, clock, _mint(database, clock)
        )
    finally:
        await pool.close()


def _mint(database: Database, clock: Clock) -> Mint:
    kept: list[MailTokens] = []

    async def mint(principal: PrincipalId) -> str:
        if not kept:
            kept.append(await open_mail_tokens(database))
        return kept[0].mint(principal, PURPOSE, clock.milliseconds())

    return mint
