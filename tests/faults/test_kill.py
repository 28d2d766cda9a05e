"""Whatever is killed in the middle of load, no acknowledged write is lost."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.support.dav import card, event
from tests.support.folkmoot import Folkmoot, Person, running
from tests.support.servers import Server, start_again, start_mariadb, start_postgresql

pytestmark = pytest.mark.live

CONNECTIONS = 16
ROUNDS = 3
LOAD_SECONDS = 1.5  # before the kill
START_SECONDS = 20  # until a busy machine has verified the first passwords
RECOVERY_SECONDS = 30


@dataclass
class Resource:
    """What a client knows of a resource that nobody else writes."""

    path: str
    body: bytes | None = None  # acknowledged; None: not there
    etag: str = ""
    maybe: list[bytes | None] = field(default_factory=list)  # sent, and never answered

    async def edit(self, client: httpx.AsyncClient, chance: random.Random) -> None:
        """Create, replace or delete; a request that gets no answer may or may not have had its effect."""
        delete = self.body is not None and chance.random() < 0.2
        uid = self.path.rsplit("/", 1)[1]
        make = card if self.path.endswith(".vcf") else event
        body = None if delete else make(uid, f"edit {chance.random()}")
        headers = {"If-Match": self.etag} if self.body is not None else {"If-None-Match": "*"}
        self.maybe.append(body)
        answer = await client.request("DELETE" if delete else "PUT", self.path, content=body, headers=headers)
        if answer.status_code in {500, 503}:  # it says itself that it does not know
            raise httpx.ReadError(answer.text)
        assert answer.status_code in {201, 204}, answer.text
        self.maybe.clear()
        self.body, self.etag = body, answer.headers.get("etag", "")

    async def verify(self, client: httpx.AsyncClient) -> None:
        """Check that the server holds what it acknowledged, or what was asked last; go on from there."""
        answer = await client.get(self.path)
        assert answer.status_code in {200, 404}, answer.text
        found = answer.content if answer.status_code == 200 else None
        assert found in [self.body, *self.maybe], f"{self.path}: {found!r}, acknowledged {self.body!r}"
        if found == self.body and found is not None:
            assert answer.headers["etag"] == self.etag
        self.body, self.etag, self.maybe = found, answer.headers.get("etag", ""), []


@dataclass
class Load:
    """Connections that write until something breaks."""

    folkmoot: Folkmoot
    person: Person
    acknowledged: int = 0
    broken: bool = False  # the fault has begun: from here on a request may fail
    over: bool = False

    def __post_init__(self) -> None:
        places = ((self.person.calendar, "ics"), (self.person.address_book, "vcf"))
        self.resources = [
            [Resource(f"{places[by % 2][0]}{by}-{number}.{places[by % 2][1]}") for number in range(5)]
            for by in range(CONNECTIONS)
        ]

    async def run(self, fault: Callable[[], None], *, seconds: float = LOAD_SECONDS) -> None:
        """Write from all connections, cause the fault, and end when every connection has noticed or goes on."""
        self.broken = self.over = False
        written = asyncio.Semaphore(0)
        async with (
            self.folkmoot.async_client(self.person, connections=CONNECTIONS, seconds=20) as client,
            asyncio.TaskGroup() as writers,
        ):
            for by in range(CONNECTIONS):
                writers.create_task(self._write(client, by, written))
            async with asyncio.timeout(START_SECONDS):
                for _ in range(CONNECTIONS + 1):
                    await written.acquire()
            await asyncio.sleep(seconds)
            self.broken = True
            await asyncio.to_thread(fault)
            self.over = True

    async def _write(self, client: httpx.AsyncClient, by: int, written: asyncio.Semaphore) -> None:
        chance = random.Random(f"{by} {self.acknowledged}")
        try:
            while not self.over:
                await chance.choice(self.resources[by]).edit(client, chance)
                self.acknowledged += 1
                written.release()
        except httpx.TransportError:
            if not self.broken:
                raise

    async def verify(self) -> None:
        async with self.folkmoot.async_client(self.person, connections=8) as client:
            for own in self.resources:
                await asyncio.gather(*(one.verify(client) for one in own))


def test_no_acknowledged_write_is_lost_when_the_whole_server_is_killed(folkmoot: Folkmoot, person: Person) -> None:
    load = Load(folkmoot, person)
    for _ in range(ROUNDS):
        asyncio.run(load.run(folkmoot.kill))
        folkmoot.start()
        asyncio.run(load.verify())
    assert folkmoot.store_faults() == []


def test_no_acknowledged_write_is_lost_when_one_worker_is_killed(folkmoot: Folkmoot, person: Person) -> None:
    load = Load(folkmoot, person)
    lines = len(folkmoot.log)

    def kill_workers() -> None:
        for worker in folkmoot.pids[1:]:
            os.kill(worker, signal.SIGKILL)

    asyncio.run(load.run(kill_workers))
    until = time.monotonic() + RECOVERY_SECONDS
    while folkmoot.log[lines:].count("worker ready") < folkmoot.workers:
        assert time.monotonic() < until, folkmoot.log[lines:]
        time.sleep(0.1)
    asyncio.run(load.verify())
    folkmoot.expected.append("worker died")


def test_sigterm_in_the_middle_of_load_answers_what_it_accepted(folkmoot: Folkmoot, person: Person) -> None:
    load = Load(folkmoot, person)
    asyncio.run(load.run(folkmoot.stop))
    folkmoot.start()
    asyncio.run(load.verify())


@pytest.fixture(params=["mariadb", "postgresql"])
def durable(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A database server that waits for the disk, for this test alone."""
    start = {"mariadb": start_mariadb, "postgresql": start_postgresql}[request.param]
    server = start(durable=True)
    yield server
    pid = int((server.directory / "keeper.pid").read_text())
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM if server.kind == "mariadb" else signal.SIGINT)


def test_no_acknowledged_write_is_lost_when_the_database_server_is_killed(durable: Server, tmp_path: Path) -> None:
    person = Person("anna", "secret")
    with running(tmp_path, durable, people=(person,)) as folkmoot:
        folkmoot.expected.append("jobs: the database does not answer")  # if a runner looks while it is down
        load = Load(folkmoot, person)

        def kill_database() -> None:
            os.kill(int((durable.directory / "keeper.pid").read_text()), signal.SIGKILL)

        for _ in range(2):
            asyncio.run(load.run(kill_database))
            assert not folkmoot.healthy()
            start_again(durable)
            until = time.monotonic() + RECOVERY_SECONDS
            while not folkmoot.healthy():
                assert time.monotonic() < until, folkmoot.log[-3000:]
                time.sleep(0.2)
            asyncio.run(load.verify())
