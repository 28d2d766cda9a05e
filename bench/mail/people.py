"""The services on the benchmark's mail server, with one person, opened as a worker opens them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from bench.mariadb import PASSWORD
from folkmoot.config.load import load
from folkmoot.config.settings import Settings
from folkmoot.core.caller import Caller
from folkmoot.core.ids import PrincipalId
from folkmoot.database import migrate
from folkmoot.directory.local import NewUser
from folkmoot.jmap.services import JmapServices
from folkmoot.mailboxes.access import MailAccess
from folkmoot.server.database_place import open_own_database
from folkmoot.server.jmap_rooms import jmap_services
from folkmoot.server.rooms import Rooms, open_rooms
from folkmoot.server.sign_in import sign_in_of

USER: Final = "load001"  # one of those whom SOGo knows too
CALLER: Final = Caller(PrincipalId(USER), password=PASSWORD)
_CONF: Final = """\
{{
  FolkmootStateDirectory = "{directory}";
  SOGoIMAPServer = "imap://127.0.0.1:{port}";
}}
"""


@asynccontextmanager
async def opened(directory: Path, port: int) -> AsyncIterator[MailAccess]:
    """Open the services of mail with a database of their own."""
    async with _rooms(directory, port) as (_, rooms):
        yield rooms.mail


@asynccontextmanager
async def rooms_opened(directory: Path, port: int) -> AsyncIterator[JmapServices]:
    """Open all that JMAP calls, likewise."""
    async with _rooms(directory, port) as (settings, rooms):
        people = rooms.people_directory
        sign_in = sign_in_of(settings, rooms.database, people.directory, people.verifier, rooms.clock)
        yield jmap_services(settings, rooms, sign_in)


@asynccontextmanager
async def _rooms(directory: Path, port: int) -> AsyncIterator[tuple[Settings, Rooms]]:
    conf = directory / "bench.conf"
    conf.write_text(_CONF.format(directory=directory / "state", port=port))
    settings = load([], {}, [conf])
    async with await open_own_database(settings) as database:
        await migrate(database)
    async with open_rooms(settings) as rooms:
        local = rooms.people_directory.local
        if local is None:
            raise SystemExit("the built-in user source is not in use")
        await local.add(NewUser(USER, "Eva", f"{USER}@example.com"), PASSWORD)
        yield settings, rooms
