"""Invitations through a real Postfix: taken, refused, put off, and unharmed on the other side."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from folkmoot import ical
from folkmoot.calendars.meetings.undelivered import Undelivered
from folkmoot.config.servers_section import SmtpSettings
from folkmoot.config.settings import Settings
from folkmoot.database import Database, migrate
from folkmoot.directory.directory import Directory
from folkmoot.jobs.letters import Letters
from folkmoot.jobs.outbox import Outbox
from folkmoot.jobs.runner import Runner
from folkmoot.store import outbox
from folkmoot.store.outbox import NewMail, State, key_of
from tests.support.clock import SetClock
from tests.support.memory_source import Memory
from tests.support.postfix import running_postfix
from tests.support.smtp import MailServer, mail_server
from tests.support.store import ANNA

pytestmark = [pytest.mark.anyio, pytest.mark.live]

ITIP = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//EN
METHOD:REQUEST
BEGIN:VEVENT
UID:meeting
DTSTAMP:20260601T080000Z
DTSTART:20260608T080000Z
DTEND:20260608T090000Z
SUMMARY:Überblick
DESCRIPTION:.\\n.dots\\nFrom here
ORGANIZER;CN=Anna:mailto:anna@example.org
ATTENDEE;RSVP=TRUE:mailto:ida@example.net
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


@pytest.fixture
async def sink() -> AsyncIterator[MailServer]:
    async with mail_server() as server:
        yield server


@pytest.fixture
def postfix(sink: MailServer) -> Iterator[int]:
    with running_postfix(sink.port) as port:
        yield port


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """One is enough: the databases do not differ in what is asked here."""
    async with await Database.open(f"sqlite:///{tmp_path}/x.db") as opened:
        await migrate(opened)
        yield opened


async def test_postfix_takes_refuses_and_puts_off(database: Database, postfix: int, sink: MailServer) -> None:
    settings = Settings(smtp=SmtpSettings(mechanism="smtp", server=f"127.0.0.1:{postfix}"))
    clock = SetClock(ical.parse_when("20260601T080000Z"))  # type: ignore[arg-type]  # a time in UTC
    letters = Letters(database, Directory([Memory({"anna": ""})]), settings, clock)
    handler = Outbox(database, letters, settings, clock, Undelivered(database, clock))
    mails = [
        NewMail(
            key_of(name),
            "itip",
            ANNA,
            f"{name}@example.net",
            {
                "method": "REQUEST",
                "reason": "invitation",
                "itip": ITIP,
                "uid": "meeting",
                "sender_address": "anna@example.org",
            },
        )
        for name in ("ida", "nobody", "busy")
    ]
    await database.write(lambda tx: outbox.add(tx, mails, clock.milliseconds()))
    await Runner(database, clock, {outbox.JOB: handler}).run_due()
    found = await database.read(lambda tx: outbox.list_(tx, list(State)))
    assert {mail.recipient.partition("@")[0]: mail.state for mail in found} == {
        "ida": State.SENT,
        "nobody": State.DEAD,
        "busy": State.WAITING,
    }
    faults = {mail.recipient.partition("@")[0]: mail.fault for mail in found}
    assert faults["ida"].startswith("250 2.0.0 Ok: queued as")
    assert "nobody here" in faults["nobody"]
    assert "come again" in faults["busy"]
    async with asyncio.timeout(20):
        await sink.arrived.wait()
    (received,) = sink.received
    assert received.sender == "anna@example.org"
    (part,) = [part for part in received.message.walk() if part.get_content_type() == "text/calendar"]
    body = part.get_payload(decode=True)
    assert isinstance(body, bytes)
    assert ical.parse(body) == ical.parse(ITIP)
