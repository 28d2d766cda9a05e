"""Short questions to the servers that ours needs, for the administrator who wants to know how they are."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from functools import partial

from folkmoot.administration.work import Check
from folkmoot.config.settings import Settings
from folkmoot.core.errors import Unavailable
from folkmoot.core.ids import PrincipalId
from folkmoot.mail.server import IMAP, SIEVE, SMTP, MailServer, TlsMode, parse_server
from folkmoot.server.rooms import Rooms
from folkmoot.store import collections
from folkmoot.store.records import Kind

NOBODY = PrincipalId("")


def checks_of(settings: Settings, rooms: Rooms) -> Mapping[str, Check]:
    """Return what asks the database, the user sources and the mail servers of the system."""

    async def database() -> None:
        await rooms.database.read(lambda tx: collections.list_home(tx, NOBODY, Kind.CALENDAR))

    async def people() -> None:
        await rooms.people_directory.directory.find(PrincipalId("nobody-of-this-name"))

    found: dict[str, Check] = {"database": database, "people": people}
    texts = (
        ("imap", settings.imap.server, IMAP),
        ("smtp", settings.smtp.server, SMTP),
        ("sieve", settings.sieve.server, SIEVE),
    )
    for name, text, schemes in texts:
        if text:
            found[name] = partial(_greeted, parse_server(text, schemes))
    return found


async def _greeted(server: MailServer) -> None:
    """Connect, and wait for the first line where the server speaks first in the clear."""
    try:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        try:
            if server.tls is not TlsMode.IMPLICIT and not await reader.readline():
                raise Unavailable("it closes the connection")
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
    except OSError as error:
        raise Unavailable(f"{server.host}:{server.port}: {error.strerror or error}") from error
