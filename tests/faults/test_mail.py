"""Whatever is killed, and whenever: each acknowledged invitation is mailed, and none as two different mails."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

import httpx
import pytest

from folkmoot.database import Database
from folkmoot.store.outbox import State
from tests.support.folkmoot import ANNA, Folkmoot, running
from tests.support.meetings import meeting
from tests.support.smtp import DROP, MailServer, mail_server

pytestmark = pytest.mark.live

CONNECTIONS = 6
ROUNDS = 2
INVITATIONS_MAX = 1000
DELIVERY_SECONDS = 60
SETTINGS = """
    SOGoAppointmentSendEMailNotifications = YES;
    SOGoMailingMechanism = smtp;
    SOGoSMTPServer = "{}";
"""


@contextmanager
def _sink() -> Iterator[MailServer]:
    """Run a mail server in a thread, beside the test."""
    ready, done = Event(), Event()
    servers: list[MailServer] = []

    async def run() -> None:
        async with mail_server() as server:
            servers.append(server)
            ready.set()
            await asyncio.to_thread(done.wait)

    thread = Thread(target=asyncio.run, args=(run(),))
    thread.start()
    assert ready.wait(10)
    try:
        yield servers[0]
    finally:
        done.set()
        thread.join()


async def _invite(folkmoot: Folkmoot, name: str, told: set[str]) -> None:
    """Invite somebody new again and again, until the server dies; note whose invitations were acknowledged."""
    async with folkmoot.async_client(ANNA) as client:
        with suppress(httpx.TransportError):
            for number in range(INVITATIONS_MAX):
                uid = f"{name}-{number}"
                guest = f"{uid}@example.net"
                body = meeting(uid, guest, start="20990302T090000Z", end="20990302T100000Z")
                answer = await client.put(f"{ANNA.calendar}{uid}.ics", content=body)
                assert answer.status_code in {201, 503}, answer.text
                if answer.status_code == 201:
                    told.add(guest)


async def _load_and_kill(folkmoot: Folkmoot, round_: int) -> set[str]:
    told: set[str] = set()
    clients = [asyncio.create_task(_invite(folkmoot, f"r{round_}-c{n}", told)) for n in range(CONNECTIONS)]
    deadline = time.monotonic() + DELIVERY_SECONDS
    while len(told) < 5 * CONNECTIONS and time.monotonic() < deadline:  # noqa: ASYNC110  # clients only note it
        await asyncio.sleep(0.05)
    folkmoot.kill()
    await asyncio.gather(*clients)
    return told


async def _let_leases_run_out(url: str) -> None:
    """Do what a quarter of an hour does."""
    async with await Database.open(url, pool_size=1) as database:
        await database.exclusively(lambda session: session.run("UPDATE job SET leased_until = 0, due_at = 0"))
        await database.exclusively(lambda session: session.run("UPDATE outbox SET modified_at = 0"))


async def _unsent(url: str) -> int:
    async with await Database.open(url, pool_size=1) as database:
        rows = await database.exclusively(
            lambda session: session.fetch(f"SELECT count(*) FROM outbox WHERE state <> '{State.SENT}'")  # noqa: S608
        )
        return int(rows[0][0])


def test_killed_servers_lose_no_mail_and_double_none(tmp_path: Path) -> None:
    told: set[str] = set()
    with _sink() as sink, running(tmp_path, workers=2, settings=SETTINGS.format(sink.url)) as folkmoot:
        for round_ in range(ROUNDS):
            sink.fail("DATA", "451 later", "taken, then drop", DROP)
            told |= asyncio.run(_load_and_kill(folkmoot, round_))
            asyncio.run(_let_leases_run_out(folkmoot.database))
            folkmoot.start()
        deadline = time.monotonic() + DELIVERY_SECONDS
        while asyncio.run(_unsent(folkmoot.database)):
            assert time.monotonic() < deadline, folkmoot.log[-4000:]
            asyncio.run(_let_leases_run_out(folkmoot.database))
            time.sleep(2)
        assert len(told) >= 5 * CONNECTIONS * ROUNDS, folkmoot.log[-6000:]
        arrived: dict[str, set[str]] = {}
        for one in sink.received:
            arrived.setdefault(one.recipients[0], set()).add(str(one.message["Message-ID"]))
        assert told <= arrived.keys()
        assert {guest for guest, identifiers in arrived.items() if len(identifiers) > 1} == set()
