"""What tells clients of changes, put together."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from folkmoot.auth.errors import NotAuthenticated
from folkmoot.config.settings import Settings
from folkmoot.core.errors import NotFound
from folkmoot.core.ids import PrincipalId
from folkmoot.fetch.poster import Poster
from folkmoot.jmap.capabilities import REGISTRY
from folkmoot.jmap.push.away import Away, messages
from folkmoot.jmap.push.pushed_types import States, pushed_types
from folkmoot.jmap.push.pushes import Pushes
from folkmoot.jmap.push.serving import Serving
from folkmoot.jmap.services import JmapServices
from folkmoot.jobs.web_push import Telling, WebPushes
from folkmoot.mailboxes.arrivals import Arrivals
from folkmoot.mailboxes.watching import Watching as MailWatching
from folkmoot.push.encryption import PLAIN_MAX
from folkmoot.push.watching import Watching
from folkmoot.server.jmap_rooms import jmap_services
from folkmoot.server.rooms import Rooms
from folkmoot.server.sign_in import sign_in_of
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
    await services.push_subscriptions.open()
    async with Pushes(states_of(services), Watching(rooms.access), feed, mail, stopping) as pushes:
        yield Serving(pushes)


def web_pushes(settings: Settings, rooms: Rooms) -> WebPushes:
    """Return what sends devices what they are told while they are away."""
    directory = rooms.people_directory
    sign_in = sign_in_of(settings, rooms.database, directory.directory, directory.verifier, rooms.clock)
    services = jmap_services(settings, rooms, sign_in)
    away = Away(states_of(services), Watching(rooms.access))

    async def since(
        principal: PrincipalId, types: frozenset[str] | None, positions: Mapping[str, object]
    ) -> tuple[Telling, Sequence[bytes]]:
        try:
            caller = await sign_in.authenticator.known(principal)
        except NotAuthenticated as error:
            raise NotFound(str(error)) from error
        telling = await away.since(caller, types, positions)
        return telling, messages(telling.changed, PLAIN_MAX)

    return WebPushes(
        services.push_subscriptions,
        Poster(settings.security.allowed_private_networks),
        since,
        settings.server.public_url or f"mailto:postmaster@{socket.getfqdn()}",
        rooms.clock,
    )
