"""JMAP without sockets: all rooms on a test's database, people of the built-in source, and what they call."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from tempfile import TemporaryDirectory
from typing import Any

from folkmoot.config.settings import Settings
from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.directory.local import NewUser
from folkmoot.directory.principal import PrincipalKind
from folkmoot.jmap.accounts import Accounts, account_id
from folkmoot.jmap.capabilities import REGISTRY
from folkmoot.jmap.protocol.calling import Context
from folkmoot.jmap.protocol.dispatch import run
from folkmoot.jmap.protocol.request import Invocation, Request
from folkmoot.jmap.services import JmapServices
from folkmoot.server.jmap_rooms import jmap_services
from folkmoot.server.rooms import Rooms, rooms_on
from folkmoot.server.sign_in import sign_in_of

PASSWORD = "secret"  # what the tests' Dovecot takes of everybody

Call = tuple[str, Mapping[str, Any]]


class Refused(AssertionError):
    """A method failed; ``error`` holds the arguments of its answer."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__(f"{error.get('type')}: {error.get('description')}")
        self.error = error
        self.type = error["type"]


@dataclass
class Client:
    """Somebody signed in, as a JMAP client."""

    services: JmapServices
    caller: Caller
    using: frozenset[str] = field(default_factory=lambda: REGISTRY.urns)

    @property
    def account(self) -> str:
        """The id of the own account."""
        return account_id(self.caller.principal)

    def context(self) -> Context:
        return Context(
            self.services,
            self.caller,
            Accounts(self.services, self.caller),
            client="192.0.2.7",
            origin="https://h.test",
            blobs=REGISTRY.blobs,
            holders=REGISTRY.holders,
        )

    async def request(self, *calls: Call, created: Mapping[str, str] | None = None) -> Sequence[Invocation]:
        """Send calls in one request, named ``c0``, ``c1`` …, and return all answers."""
        invocations = [Invocation(name, dict(arguments), f"c{i}") for i, (name, arguments) in enumerate(calls)]
        return await run(REGISTRY, self.context(), Request(self.using, invocations, created))

    async def call(self, name: str, /, **arguments: Any) -> dict[str, Any]:
        """Return the answer of one call, in the own account unless ``accountId`` names another; raise if it failed.

        Arguments are named as on the wire; ``filter_`` stands for ``filter``.
        """
        given = {key.rstrip("_"): value for key, value in arguments.items()}
        answers = await self.request((name, {"accountId": self.account, **given}))
        if answers[0].name == "error":
            raise Refused(answers[0].arguments)
        return answers[0].arguments


@dataclass
class World:
    """Everything, and the people in it."""

    rooms: Rooms
    services: JmapServices
    settings: Settings

    async def person(self, login: str, *, kind: PrincipalKind = PrincipalKind.INDIVIDUAL, **caller: Any) -> Client:
        """Add somebody to the built-in source, and return a client of theirs."""
        local = self.rooms.people_directory.local
        assert local is not None
        name = login.partition("@")[0].title()
        mail = login if "@" in login else f"{login}@example.com"
        await local.add(NewUser(login, name, mail, kind=kind), None)
        return self.client(login, **caller)

    def client(self, login: str, **caller: Any) -> Client:
        """Return a client of somebody who is there."""
        return Client(self.services, replace(Caller(PrincipalId(login), password=PASSWORD), **caller))


@asynccontextmanager
async def world(
    database: Database, settings: Settings | None = None, clock: Clock | None = None
) -> AsyncIterator[World]:
    """Open all rooms on a database; ``tests.support.mailboxes.mail_settings`` makes settings with a mail server."""
    settings = settings or Settings()
    with TemporaryDirectory() as spool:  # for uploads, which people of other runs have no share in
        settings = replace(settings, mail=replace(settings.mail, spool_path=spool))
        async with rooms_on(database, settings, clock) as rooms:
            directory = rooms.people_directory
            sign_in = sign_in_of(settings, database, directory.directory, directory.verifier, rooms.clock)
            yield World(rooms, jmap_services(settings, rooms, sign_in), settings)
