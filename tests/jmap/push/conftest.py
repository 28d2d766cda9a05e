"""Somebody with calendars, and what tells of changes in two workers on the same database."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import pytest

from folkmoot.core.clock import SystemClock
from folkmoot.core.errors import Unavailable
from folkmoot.core.ids import CollectionId
from folkmoot.database import Database
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.protocol.calling import Context
from folkmoot.jmap.protocol.describing import Feed
from folkmoot.jmap.push.pushed_types import PushedType, States
from folkmoot.jmap.push.pushes import Pushes
from folkmoot.push.watching import Watching
from folkmoot.store import new_mail
from folkmoot.store.feed import ChangeFeed
from folkmoot.store.new_mail import Arrived
from folkmoot.store.records import Kind
from tests.support.jmap import Client, World, world
from tests.support.servers import empty_url

NEVER_SLOW = 0.05  # seconds between two polls


@dataclass
class Mail:
    """Stands for a mail server: how far its state is, and whether it answers."""

    state: int = 1
    away: bool = False
    asked: int = 0

    async def tell(self, _context: Context, _account: Account) -> str:
        self.asked += 1
        if self.away:
            raise Unavailable("the mail server does not answer")
        return f"m{self.state}"


@dataclass
class Waiting:
    """A worker in which people wait."""

    there: World
    pushes: Pushes
    feed: ChangeFeed
    database: Database
    mail: Mail = field(default_factory=Mail)

    async def deliver(self, client: Client, *, new: bool = True) -> None:
        """Have something happen in somebody's INBOX."""
        self.mail.state += 1
        arrived = {"INBOX": Arrived(1, self.mail.state, self.mail.state)} if new else {}
        now = SystemClock().milliseconds()
        await self.database.write(lambda tx: new_mail.note(tx, client.caller.principal, arrived, now))


@dataclass
class Watched:
    """A mail server that tells by itself."""

    database: Database

    @asynccontextmanager
    async def waiting(self, caller: object) -> AsyncIterator[CollectionId]:
        principal = caller.principal  # type: ignore[attr-defined]
        yield (await self.database.write(lambda tx: new_mail.get_or_make(tx, principal, 1))).id


async def _home(context: Context, account: Account, kind: Kind) -> str:
    return await context.services.home_objects.state(context.caller, account.owner, kind)


def pushed(mail: Mail) -> Mapping[str, PushedType]:
    """Return types that hang on each feed."""

    async def calendars(context: Context, account: Account) -> str:
        return await _home(context, account, Kind.CALENDAR)

    async def books(context: Context, account: Account) -> str:
        return await _home(context, account, Kind.ADDRESSBOOK)

    async def person(context: Context, account: Account) -> str:
        defaults, _ = await context.services.choices.get(context.caller, account.owner)
        return str(len(defaults))

    def everywhere(_context: Context, _account: Account) -> Mapping[str, object]:
        return {}

    def own(_context: Context, account: Account) -> Mapping[str, object] | None:
        return {} if account.personal else None

    found = [
        PushedType("CalendarEvent", Feed.CALENDARS, calendars, everywhere),
        PushedType("ContactCard", Feed.ADDRESSBOOKS, books, everywhere),
        PushedType("Email", Feed.MAIL, mail.tell, own),
        PushedType("Preferences", Feed.PERSON, person, own),
    ]
    return {one.name: one for one in found}


@asynccontextmanager
async def worker(database: Database) -> AsyncIterator[Waiting]:
    """Open a worker on a database."""
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        there = await stack.enter_async_context(world(database))
        feed = await stack.enter_async_context(ChangeFeed(database, clock, poll_seconds=NEVER_SLOW))
        database.follow(feed.announce_all)
        mail = Mail()
        states = States(pushed(mail), there.services)
        watching = Watching(there.rooms.access)
        pushes = await stack.enter_async_context(Pushes(states, watching, feed, Watched(database)))
        yield Waiting(there, pushes, feed, database, mail)


@pytest.fixture
async def waiting(embedded: Database) -> AsyncIterator[Waiting]:
    """One worker on SQLite."""
    async with worker(embedded) as opened:
        yield opened


@pytest.fixture
async def two(database: Database, empty_url: str) -> AsyncIterator[tuple[Waiting, Waiting]]:
    """Two workers on each database."""
    async with await Database.open(empty_url) as second, worker(database) as first, worker(second) as other:
        yield first, other


__all__ = ["empty_url"]
