"""An organizer changes a meeting while many guests answer at the same time, on two nodes, and answers get lost."""

import asyncio
import random
import re
import time
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest

from folkmoot.database import Database
from folkmoot.ical import format as text_of
from folkmoot.ical import parse
from folkmoot.scheduling.values import Address
from tests.support.folkmoot import ANNA, Folkmoot, Person, running
from tests.support.meeting_edits import place, say, series, shown
from tests.support.meetings import meeting
from tests.support.smtp import MailServer, mail_server_beside

pytestmark = [pytest.mark.live, pytest.mark.anyio]

DATABASES = ("sqlite", "mariadb", "postgresql")
GUESTS = tuple(Person(f"guest{number}", "secret") for number in range(20))
ELSEWHERE = "eva@example.net"
SETTINGS = """
    SOGoAppointmentSendEMailNotifications = YES;
    SOGoMailingMechanism = smtp;
    SOGoSMTPServer = "{}";
    SOGoMailDomain = "example.org";
"""
ANSWERS = 4  # of each guest
CHANGES = 8  # of the organizer
ATTEMPTS_MAX = 400  # against other writers
MAIL_SECONDS = 60
ICS = {"Content-Type": "text/calendar; charset=utf-8"}


@pytest.fixture(scope="module")
def mails() -> Iterator[MailServer]:
    with mail_server_beside() as server:
        yield server


@pytest.fixture(scope="module", params=DATABASES)
def nodes(
    request: pytest.FixtureRequest, mails: MailServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Folkmoot, Folkmoot]]:
    """Two servers of two workers on one database; on SQLite, which is of one machine, the second is the first."""
    kind = request.param
    server = None if kind == "sqlite" else request.getfixturevalue(f"{kind}_server")
    settings = SETTINGS.format(mails.url)
    with running(tmp_path_factory.mktemp("one"), server, settings=settings, people=(ANNA, *GUESTS)) as one:
        if server is None:
            yield one, one
            return
        other = one.beside(tmp_path_factory.mktemp("two"))
        other.start()
        try:
            yield one, other
        finally:
            other.stop()
        assert other.bugs() == []


class Writer:
    """Somebody whose client writes through either node, and tries again where the answer was lost."""

    def __init__(self, nodes: tuple[Folkmoot, Folkmoot], person: Person, seed: int) -> None:
        self.person = person
        self.chance = random.Random(seed)
        self.clients = [node.async_client(person) for node in nodes]
        self.nodes = nodes
        self.refused = 0

    async def close(self) -> None:
        for client in self.clients:
            await client.aclose()

    async def get(self, path: str) -> httpx.Response:
        response = await self.chance.choice(self.clients).get(path)
        assert response.status_code == 200, response.text
        return response

    async def put(self, path: str, text: str, etag: str) -> int | None:
        """PUT; ``None`` where the connection was dropped before the answer came."""
        headers = ICS | {"If-Match": etag}
        if self.chance.random() < 0.2:
            await self._put_and_leave(path, text, etag)
            return None
        response = await self.chance.choice(self.clients).put(path, content=text.encode(), headers=headers)
        assert response.status_code in {204, 412}, (response.status_code, response.text)
        self.refused += response.status_code == 412
        return response.status_code

    async def _put_and_leave(self, path: str, text: str, etag: str) -> None:
        body = text.encode()
        head = (
            f"PUT {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {self.person.authorization}\r\n"
            f"Content-Type: text/calendar\r\nIf-Match: {etag}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        _, writer = await asyncio.open_connection("127.0.0.1", self.chance.choice(self.nodes).port)
        writer.write(head.encode() + body)
        await writer.drain()
        await asyncio.sleep(self.chance.random() * 0.02)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    async def answer(self, uid: str, word: str) -> None:
        """Answer until the own copy says so."""
        path, own = f"{self.person.calendar}{uid}.ics", Address(self.person.mail)
        for _ in range(ATTEMPTS_MAX):
            found = await self.get(path)
            calendar = parse(found.content)
            if {one[3] for one in shown(calendar, own).values()} == {word}:
                return
            for one in calendar.children("VEVENT"):
                say(one, own, word)
            await self.put(path, text_of(calendar), found.headers["ETag"])
        raise AssertionError("always somebody else")

    async def change(self, uid: str, number: int, *, moving: bool) -> None:
        """Change the meeting as its organizer, until it is changed."""
        path, wanted = f"{self.person.calendar}{uid}.ics", f"DESCRIPTION:change {number}\r\n"
        for _ in range(ATTEMPTS_MAX):
            found = await self.get(path)
            if wanted in found.text:
                return
            calendar = parse(re.sub("DESCRIPTION:.*\r\n", "", found.text).replace("SUMMARY:", wanted + "SUMMARY:", 1))
            if moving:
                place(series(calendar), 0, 8 + number)
            await self.put(path, text_of(calendar), found.headers["ETag"])
        raise AssertionError("always somebody else")


@pytest.mark.parametrize("moving", [False, True], ids=["described", "moved"])
async def test_no_answer_is_lost(nodes: tuple[Folkmoot, Folkmoot], mails: MailServer, moving: bool) -> None:
    uid = f"race-{'moved' if moving else 'described'}"
    mails.received.clear()  # another database numbers its mails alike
    anna = Writer(nodes, ANNA, 0)
    guests = [Writer(nodes, person, seed) for seed, person in enumerate(GUESTS, 1)]
    invitation = meeting(
        uid, ELSEWHERE, *(one.mail for one in GUESTS), start="20990302T090000Z", end="20990302T100000Z"
    )
    created = await anna.clients[0].put(f"{ANNA.calendar}{uid}.ics", content=invitation, headers=ICS)
    assert created.status_code == 201, created.text

    async def organize() -> None:
        for number in range(CHANGES):
            await anna.change(uid, number, moving=moving)
            await asyncio.sleep(0.1)

    async def attend(guest: Writer) -> str:
        word = ""
        for _ in range(ANSWERS):
            word = guest.chance.choice([one for one in ("ACCEPTED", "TENTATIVE", "DECLINED") if one != word])
            await guest.answer(uid, word)
        return word

    try:
        last, *_ = await asyncio.gather(asyncio.gather(*map(attend, guests)), organize())
        organized = parse((await anna.get(f"{ANNA.calendar}{uid}.ics")).content)
        for guest, word in zip(guests, last, strict=True):
            own = Address(guest.person.mail)
            ours = shown(organized, own)
            copy = parse((await guest.get(f"{guest.person.calendar}{uid}.ics")).content)
            assert shown(copy, own) == ours
            if not moving:
                assert {one[3] for one in ours.values()} == {word}
            for other in GUESTS:
                assert shown(copy, Address(other.mail)) == shown(organized, Address(other.mail))
        assert sum(one.refused for one in (anna, *guests)) > 0, "nobody met anybody"
    finally:
        for one in (anna, *guests):
            await one.close()
    await _check_mails(nodes[0], mails, uid)


async def _check_mails(node: Folkmoot, mails: MailServer, uid: str) -> None:
    """See that each mail was sent once, and that nobody read the same twice."""
    until = time.monotonic() + MAIL_SECONDS
    while await _unsent(node.database):
        assert time.monotonic() < until, node.log[-4000:]
        await asyncio.sleep(0.5)
    told: dict[str, list[str]] = {}
    for received in list(mails.received):
        part = next(one for one in received.message.walk() if one.get_content_type() == "text/calendar")
        text = part.get_content()
        if f"UID:{uid}" in text.splitlines():
            for recipient in received.recipients:
                told.setdefault(recipient, []).append(re.sub(r"DTSTAMP:\w+", "", text))
    arrived = [(received.message["Message-ID"], received.recipients) for received in list(mails.received)]
    doubled = [one for place, one in enumerate(arrived) if one in arrived[:place]]
    assert doubled == []
    assert told
    changes = told[ELSEWHERE]
    assert len(changes) == len(set(changes)) <= CHANGES + 1


async def _unsent(url: str) -> int:
    async with await Database.open(url, pool_size=1) as database:
        rows = await database.exclusively(
            lambda session: session.fetch("SELECT count(*) FROM outbox WHERE state <> 'sent'")
        )
        return int(rows[0][0])
