"""Invitations by mail: whoever dies, repeats itself or is refused, each is sent, and none as two."""

import asyncio
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path

import httpx
import pytest

from folkmoot.database import Database
from folkmoot.store import outbox
from folkmoot.store.outbox import Mail, State
from tests.support.folkmoot import ANNA, Folkmoot, running
from tests.support.meetings import meeting
from tests.support.smtp import DROP, HANG, MailServer, Received, Stage, mail_server_beside

pytestmark = pytest.mark.live

DATABASES = ("sqlite", "mariadb", "postgresql")
ARRIVAL_SECONDS = 20.0
MEETINGS = 12
SETTINGS = """
    SOGoAppointmentSendEMailNotifications = YES;
    SOGoMailingMechanism = smtp;
    SOGoSMTPServer = "{}";
    SOGoMailDomain = "example.org";
"""
CONNECTIONS = 6  # of those who invite while the server is killed
ROUNDS = 2
INVITATIONS_MAX = 1000  # of one connection in a round
DELIVERY_SECONDS = 60
_serial = count(1)


@pytest.fixture(scope="module")
def mails() -> Iterator[MailServer]:
    with mail_server_beside() as server:
        yield server


@pytest.fixture(scope="module", params=DATABASES)
def folkmoot(
    request: pytest.FixtureRequest, mails: MailServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Folkmoot]:
    """A server of two workers that mails invitations."""
    server = None if request.param == "sqlite" else request.getfixturevalue(f"{request.param}_server")
    with running(tmp_path_factory.mktemp("mail"), server, settings=SETTINGS.format(mails.url)) as started:
        yield started


@dataclass(frozen=True)
class Guest:
    """Somebody elsewhere, whom only one test invites."""

    number: int

    @property
    def address(self) -> str:
        return f"guest{self.number}@example.net"

    def invite(self, client: httpx.Client) -> None:
        """Write a meeting with this guest, and nobody else."""
        text = meeting(
            f"uid-{self.number}", f":mailto:{self.address}", start="20990302T090000Z", end="20990302T100000Z"
        )
        answer = client.put(
            f"{ANNA.calendar}{self.number}.ics", content=text, headers={"Content-Type": "text/calendar"}
        )
        assert answer.status_code in {201, 204}, answer.text

    def got(self, mails: MailServer) -> list[Received]:
        """Return what arrived."""
        return [received for received in list(mails.received) if received.recipients == [self.address]]

    def mail(self, folkmoot: Folkmoot) -> Mail | None:
        """Return the mail in the outbox, of which there is one at most."""

        async def work() -> list[Mail]:
            async with await Database.open(folkmoot.database, pool_size=2) as database:
                return await database.read(lambda tx: outbox.list_(tx, list(State), 500))

        found = [mail for mail in asyncio.run(work()) if mail.recipient == self.address]
        assert len(found) <= 1, found
        return found[0] if found else None

    def wait(self, folkmoot: Folkmoot, *states: State, attempts: int = 0) -> Mail:
        """Wait until the mail is in one of these states."""
        until = time.monotonic() + ARRIVAL_SECONDS
        while True:
            mail = self.mail(folkmoot)
            if mail is not None and mail.state in states and mail.attempts >= attempts:
                return mail
            assert time.monotonic() < until, mail
            time.sleep(0.1)


@pytest.fixture
def guests() -> Iterator[Guest]:
    """People whom nobody has invited yet."""
    return (Guest(number) for number in _serial)


@pytest.fixture
def guest(guests: Iterator[Guest]) -> Guest:
    return next(guests)


def test_invitations_survive_a_kill_between_the_commit_and_the_mail(
    folkmoot: Folkmoot, mails: MailServer, guests: Iterator[Guest]
) -> None:
    invited = list(islice(guests, MEETINGS))
    with folkmoot.client() as client:
        for guest in invited:
            guest.invite(client)
    folkmoot.kill()
    folkmoot.start()
    for guest in invited:
        # One that was under way when its worker died is claimed for some minutes more: it is there, and not lost.
        mail = guest.wait(folkmoot, State.SENT, State.SENDING, attempts=1)
        assert len(guest.got(mails)) <= 1
        assert guest.got(mails) or mail.state is State.SENDING


def test_a_request_that_is_repeated_sends_nothing_again(folkmoot: Folkmoot, mails: MailServer, guest: Guest) -> None:
    with folkmoot.client() as client:
        for _ in range(3):
            guest.invite(client)
        guest.wait(folkmoot, State.SENT)
        guest.invite(client)
    time.sleep(1.5)
    assert len(guest.got(mails)) == 1
    assert guest.mail(folkmoot) is not None


def test_rivals_with_the_same_invitation_send_one_mail(folkmoot: Folkmoot, mails: MailServer, guest: Guest) -> None:
    with folkmoot.client() as client, ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: guest.invite(client), range(16)))
    guest.wait(folkmoot, State.SENT)
    time.sleep(1.5)
    assert len(guest.got(mails)) == 1
    assert guest.mail(folkmoot) is not None


@pytest.mark.parametrize(
    ("stage", "answer"),
    [
        ("CONNECT", DROP),
        ("MAIL", "451 4.3.0 later"),
        ("RCPT", "450 4.2.0 later"),
        ("DATA", DROP),
        ("DATA", "taken, then drop"),
    ],
)
def test_a_mail_that_was_refused_for_now_goes_when_it_is_tried_again(
    folkmoot: Folkmoot, mails: MailServer, guest: Guest, stage: Stage, answer: str
) -> None:
    mails.fail(stage, answer)
    with folkmoot.client() as client:
        guest.invite(client)
    waiting = guest.wait(folkmoot, State.WAITING, attempts=1)
    assert waiting.fault

    async def again() -> None:
        async with await Database.open(folkmoot.database, pool_size=2) as database:
            assert await database.write(lambda tx: outbox.retry(tx, waiting, int(time.time() * 1000)))

    asyncio.run(again())
    guest.wait(folkmoot, State.SENT)
    ids = {received.message["Message-ID"] for received in guest.got(mails)}
    assert len(ids) == 1, "the receiver can tell that it is the same"


def test_a_mail_that_nobody_takes_is_shown_and_noted_on_the_meeting(
    folkmoot: Folkmoot, mails: MailServer, guest: Guest
) -> None:
    mails.by_recipient[guest.address] = "550 5.1.1 no such user"
    with folkmoot.client() as client:
        guest.invite(client)
        dead = guest.wait(folkmoot, State.DEAD)
        assert "no such user" in dead.fault
        until = time.monotonic() + ARRIVAL_SECONDS
        while not (told := re.search(r"SCHEDULE-STATUS=\"?(5\.[123]|3\.7)", _meeting(client, guest))):
            assert time.monotonic() < until, _meeting(client, guest)
            time.sleep(0.1)
    assert told[1] == "3.7"


def _meeting(client: httpx.Client, guest: Guest) -> str:
    return client.get(f"{ANNA.calendar}{guest.number}.ics").text.replace("\r\n ", "")


def test_a_worker_that_dies_while_the_mail_server_thinks_does_not_lose_the_mail(
    folkmoot: Folkmoot, mails: MailServer, guest: Guest
) -> None:
    mails.fail("DATA", HANG)
    with folkmoot.client() as client:
        guest.invite(client)
    guest.wait(folkmoot, State.SENDING)
    folkmoot.kill()
    folkmoot.start()
    assert guest.wait(folkmoot, State.SENDING).attempts == 1, "it is claimed until its lease runs out"


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
            lambda session: session.fetch("SELECT count(*) FROM outbox WHERE state <> 'sent'")
        )
        return int(rows[0][0])


def test_killed_servers_lose_no_mail_and_double_none(tmp_path: Path) -> None:
    told: set[str] = set()
    with mail_server_beside() as sink, running(tmp_path, workers=2, settings=SETTINGS.format(sink.url)) as folkmoot:
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
