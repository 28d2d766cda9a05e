"""People who write mail as JMAP clients, on the run's Dovecot and an SMTP server that keeps what it gets."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from folkmoot.config.servers_section import SieveSettings, SmtpSettings
from folkmoot.database import Database
from tests.support.dovecot import dovecot, somebody
from tests.support.jmap import Client, World, world
from tests.support.mailboxes import mail_settings

PLAIN = b"From: Ida <ida@example.net>\r\nTo: anna@example.com\r\nSubject: Hello\r\nMessage-ID: <%s@example.net>\r\n"


@asynccontextmanager
async def post_world(database: Database, smtp_url: str, **mail: Any) -> AsyncIterator[World]:
    """Open all rooms, with mail, filters and a way out."""
    server = dovecot()
    settings = replace(
        mail_settings(f"imap://127.0.0.1:{server.imap}", **mail),
        smtp=SmtpSettings(mechanism="smtp", server=smtp_url),
        sieve=SieveSettings(
            server=f"sieve://127.0.0.1:{server.sieve}",
            scripts=True,
            vacation=True,
            forward=True,
            notification=True,
            folder_encoding="UTF-8",
        ),
    )
    async with world(database, settings) as opened:
        yield opened


async def writer(opened: World, name: str = "") -> Client:
    """Add somebody new with a mailbox."""
    return await opened.person(name or somebody())


async def mailboxes(client: Client) -> Mapping[str, str]:
    """Return ids of mailboxes by role, and by name for those without one."""
    told = await client.call("Mailbox/get", ids=None)
    return {one["role"] or one["name"]: one["id"] for one in told["list"]}


async def special(client: Client) -> Mapping[str, str]:
    """Return the mailboxes, after those with a use were made."""
    mail = client.services.mail
    draft = await mail.answers.new(client.caller, "0")
    stored = await mail.drafts.save(client.caller, "0", draft)
    await mail.drafts.delete(client.caller, "0", stored.ref)
    return await mailboxes(client)


def text(value: str = "How are you?\n", **more: Any) -> dict[str, Any]:
    """Return the properties of an email with one text."""
    return {"bodyValues": {"1": {"value": value}}, "textBody": [{"partId": "1", "type": "text/plain"}], **more}
