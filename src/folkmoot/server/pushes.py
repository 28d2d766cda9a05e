"""What tells clients of changes, put together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from folkmoot.jmap.capabilities import REGISTRY
from folkmoot.jmap.push.pushed_types import States, pushed_types
from folkmoot.jmap.push.pushes import Pushes
from folkmoot.jmap.push.serving import Serving
from folkmoot.jmap.services import JmapServices
from folkmoot.mailboxes.arrivals import Arrivals
from folkmoot.mailboxes.watching import Watching as MailWatching
from folkmoot.push.watching import Watching
from folkmoot.server.rooms import Rooms
from folkmoot.store.feed import ChangeFeed


def states_of(services: JmapServices) -> States:
    """Return what asks for the states of all types."""
    return States(pushed_types(REGISTRY.capabilities), services, REGISTRY.blobs)


@asynccontextmanager
async def open_pushes(
    rooms: Rooms,
    services: JmapServices,
    feed: ChangeFeed,
    arrivals: Arrivals,
    stopping: asyncio.Event | None,
    *,
    own_mail: bool,
) -> AsyncIterator[Serving]:
    """Let people wait until the end, or until ``stopping`` is set; ``own_mail``: the mail server tells of changes."""
    mail = MailWatching(rooms.mail, arrivals, rooms.database, rooms.clock, pushed=own_mail)
    async with Pushes(states_of(services), Watching(rooms.access, feed), mail, stopping) as pushes:
        yield Serving(pushes)
