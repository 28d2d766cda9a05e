"""People whose mail lies in the run's Dovecot, as JMAP clients."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from folkmoot.database import Database
from folkmoot.mail.imap.connection import Connection
from folkmoot.mailboxes.access import MailAccess
from tests.support.dovecot import dovecot, somebody
from tests.support.jmap import Client, World, world
from tests.support.mailboxes import mail_settings

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@asynccontextmanager
async def mail_world(database: Database, port: int = 0, **mail: Any) -> AsyncIterator[World]:
    """Open all rooms with a mail server, the run's Dovecot unless ``port`` names another."""
    async with world(database, mail_settings(f"imap://127.0.0.1:{port or dovecot().imap}", **mail)) as opened:
        yield opened


async def reader(opened: World) -> Client:
    """Add somebody new."""
    return await opened.person(somebody())


def message(
    number: int,
    subject: str = "",
    *,
    references: Sequence[int] = (),
    body: str = "Hello",
    extra: str = "",
    sender: str = "Bernd Beispiel <bernd@example.net>",
) -> bytes:
    """Return a message whose Message-ID is its number."""
    when = START + timedelta(minutes=number)
    lines = [
        f"From: {sender}",
        "To: eva@example.com",
        f"Subject: {subject or f'Message {number}'}",
        f"Date: {when:%a, %d %b %Y %H:%M:%S} +0000",
        f"Message-ID: <{number}@example.net>",
    ]
    if references:
        lines.append(f"References: {' '.join(f'<{one}@example.net>' for one in references)}")
    return ("\r\n".join([*lines, "MIME-Version: 1.0"]) + f"\r\n{extra}\r\n{body}\r\n").encode()


@asynccontextmanager
async def imap(world_: World, client: Client) -> AsyncIterator[Connection]:
    """Lend a connection of somebody's, as another program of theirs."""
    access: MailAccess = world_.rooms.mail
    async with access.connection(client.caller) as connection:
        yield connection


async def put(
    world_: World, client: Client, *messages: bytes, mailbox: str = "INBOX", flags: Sequence[str] = (), first: int = 0
) -> None:
    """Store messages, each received a minute after the one before; ``first`` is the minute of the first."""
    async with imap(world_, client) as connection:
        for number, one in enumerate(messages, first):
            received = int((START + timedelta(minutes=number)).timestamp())
            await connection.append(mailbox, one, flags=flags, received=received)


async def mailboxes(client: Client) -> Mapping[str, str]:
    """Return ids of mailboxes by role, and by name for those without one."""
    told = await client.call("Mailbox/get", ids=None)
    return {one["role"] or one["name"]: one["id"] for one in told["list"]}


async def ids(client: Client, **query: Any) -> list[str]:
    """Return the ids that a query finds."""
    found = (await client.call("Email/query", **query))["ids"]
    assert isinstance(found, list)
    return found


async def subjects(client: Client, **query: Any) -> list[str]:
    """Return the subjects of what a query finds."""
    found = await ids(client, **query)
    told = await client.call("Email/get", ids=found, properties=["subject"])
    return [one["subject"] for one in told["list"]]
