"""Mails of the outbox: sent once, tried again, given up with a word to the sender."""

import email
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.policy import default
from typing import Any

import pytest
import structlog

from folkmoot.calendars.meetings.undelivered import Undelivered
from folkmoot.config.calendar_section import CalendarSettings
from folkmoot.config.servers_section import SmtpSettings
from folkmoot.config.settings import Settings
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database, Transaction
from folkmoot.directory.directory import Directory
from folkmoot.jobs.letters import Letters
from folkmoot.jobs.outbox import LEASE_MS, PAUSES_MS, Outbox
from folkmoot.jobs.runner import Runner, RunnerLimits
from folkmoot.mail import Smtp
from folkmoot.store import jobs, outbox, profiles
from folkmoot.store.outbox import Mail, NewMail, State, key_of
from folkmoot.store.records import IndexRow
from tests.support.clock import SetClock
from tests.support.memory_source import Memory
from tests.support.smtp import DROP, MailServer, mail_server
from tests.support.store import ANNA, make_home

pytestmark = pytest.mark.anyio

KEY = key_of("invitation")
IDA = "ida@example.net"
INVITATION = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//EN
METHOD:REQUEST
BEGIN:VEVENT
UID:meeting
DTSTAMP:20260601T080000Z
DTSTART:20260608T080000Z
DTEND:20260608T090000Z
SUMMARY:Planning
ORGANIZER;CN=Anna:mailto:anna@example.org
ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:ida@example.net
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")
PAYLOAD: Mapping[str, object] = {
    "method": "REQUEST",
    "reason": "invitation",
    "itip": INVITATION,
    "uid": "meeting",
    "sender_address": "anna@example.org",
    "sender_name": "Anna",
}


@dataclass
class House:
    """An outbox whose mails go to a server that fails on command."""

    database: Database
    server: MailServer
    settings: Settings
    clock: SetClock = field(default_factory=lambda: SetClock(datetime(2026, 6, 1, 8, tzinfo=UTC)))
    people: Memory = field(default_factory=lambda: Memory({"anna": "", "bert": ""}))

    def handler(self, **smtp: Any) -> Outbox:
        settings = replace(self.settings, smtp=replace(self.settings.smtp, **smtp)) if smtp else self.settings
        directory = Directory([self.people])
        return Outbox(
            self.database,
            Letters(self.database, directory, settings, self.clock),
            settings,
            self.clock,
            Undelivered(self.database, self.clock),
            local_hostname="localhost",
        )

    async def add(self, *, key: str = KEY, recipient: str = IDA, kind: str = "itip", **changes: object) -> None:
        payload = changes.pop("payload", None) or {**PAYLOAD, **changes}
        assert isinstance(payload, dict)
        mail = NewMail(key, kind, ANNA, recipient, payload)
        now = self.clock.milliseconds()
        await self.database.write(lambda tx: outbox.add(tx, [mail], now))

    async def run(self, key: str = KEY, handler: Outbox | None = None) -> int | None:
        """Run the job of a mail once; return how long until the next time, in milliseconds."""
        job = await self.database.read(lambda tx: jobs.find(tx, outbox.JOB, key))
        assert job is not None
        due = await (handler or self.handler()).run(job)
        return None if due is None else due - self.clock.milliseconds()

    async def mail(self, key: str = KEY) -> Mail:
        found = await self.database.read(lambda tx: outbox.find(tx, key))
        assert found is not None
        return found


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    async with mail_server() as server:
        yield House(database, server, Settings(smtp=SmtpSettings(mechanism="smtp", server=server.url)))


async def test_a_mail_is_sent_and_marked(house: House) -> None:
    await house.add()
    assert await house.run() is None
    mail = await house.mail()
    assert (mail.state, mail.attempts, mail.fault) == (State.SENT, 1, "250 queued")
    (received,) = house.server.received
    assert (received.sender, received.recipients) == ("anna@example.org", [IDA])
    message = received.message
    assert message["Message-ID"] == f"<{KEY}@example.org>"
    assert message["Date"] == "Mon, 01 Jun 2026 08:00:00 +0000"
    assert message["From"] == "Anna <anna@example.org>"
    assert await house.run() is None
    assert len(house.server.received) == 1


async def test_what_fails_for_a_time_is_tried_again_after_longer_and_longer_pauses(house: House) -> None:
    await house.add()
    pauses = []
    with structlog.testing.capture_logs() as lines:
        for attempt in range(5):
            house.server.fail("RCPT", f"451 4.2.0 greylisted {attempt}")
            pause = await house.run()
            assert pause is not None
            pauses.append(pause)
            house.clock.pass_(milliseconds=pause)
            assert (await house.mail()).fault == f"451 4.2.0 greylisted {attempt}"
        assert await house.run() is None
    assert [pause // 60_000 for pause in pauses] == [1, 5, 15, 60, 240]
    assert len(house.server.received) == 1
    assert [line["log_level"] for line in lines] == ["warning", *["info"] * 5]


async def test_after_three_days_a_mail_is_given_up(house: House) -> None:
    await house.add()
    house.server.by_recipient[IDA] = "450 4.2.1 mailbox full"
    runs, passed = 0, 0
    with structlog.testing.capture_logs() as lines:
        while (pause := await house.run()) is not None:
            house.clock.pass_(milliseconds=pause)
            passed += pause
            runs += 1
    assert runs == len(PAUSES_MS)
    assert 3 <= passed / 86_400_000 < 3.2
    mail = await house.mail()
    assert (mail.state, mail.fault) == (State.DEAD, "450 4.2.1 mailbox full")
    assert [line["event"] for line in lines if line["log_level"] == "error"] == ["mail cannot be delivered"]
    assert house.server.received == []


@pytest.mark.parametrize(
    ("answer", "status"), [("550 5.1.1 unknown", "3.7"), ("554 5.7.1 spam", "5.1"), ("552 too large", "5.1")]
)
async def test_a_refused_recipient_shows_in_the_senders_calendar(house: House, answer: str, status: str) -> None:
    home = await make_home(house.database)
    index = IndexRow(uid="meeting", component="VEVENT", schedule_tag="tag", participation="ORGANIZER")
    before = await home.put("a.ics", INVITATION.encode(), uid="meeting", index=index)
    await house.add()
    house.server.by_recipient[IDA] = answer
    assert await house.run() is None
    assert (await house.mail()).state is State.DEAD
    stored = await home.get("a.ics")
    assert stored is not None
    assert f"SCHEDULE-STATUS={status}:mailto:ida@example.net" in stored.body.decode().replace("\r\n ", "")
    assert stored.meta.etag != before.etag
    assert (stored.meta.schedule_tag, stored.meta.participation) == ("tag", "ORGANIZER")


@pytest.mark.parametrize(
    "changes",
    [
        {"recipient": "nobody"},
        {"recipient": "a@b.org\r\nRCPT TO:<c@d.org>"},
        {"sender_address": "x"},
        {"itip": "BEGIN:VCALENDAR"},
        {"itip": "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"},
        {"reason": "whim"},
        {"method": "WHIM"},
        {"recurrence_ids": 5},
        {"kind": "pigeon"},
    ],
)
async def test_what_can_never_be_written_is_dead_at_once(house: House, changes: dict[str, Any]) -> None:
    await house.add(**changes)
    assert await house.run() is None
    assert (await house.mail()).state is State.DEAD
    assert house.server.received == []


async def test_a_mail_whose_worker_was_killed_goes_again_with_the_same_message_id(house: House) -> None:
    await house.add()
    now = house.clock.milliseconds()
    assert await house.database.write(lambda tx: outbox.claim(tx, KEY, now=now, lease_ms=LEASE_MS))
    assert await house.run() == LEASE_MS
    house.clock.pass_(milliseconds=LEASE_MS)
    assert await house.run() is None
    assert [one.message["Message-ID"] for one in house.server.received] == [f"<{KEY}@example.org>"]


async def test_an_answer_that_got_lost_repeats_the_mail_with_the_same_message_id(house: House) -> None:
    await house.add()
    house.server.fail("DATA", "taken, then drop")
    pause = await house.run()
    assert pause is not None
    house.clock.pass_(milliseconds=pause)
    assert await house.run() is None
    assert len({one.message["Message-ID"] for one in house.server.received}) == 1


async def test_a_mail_that_takes_its_workers_down_is_given_up(house: House) -> None:
    await house.add()
    for _ in range(len(PAUSES_MS) + 1):
        now = house.clock.milliseconds()
        assert await house.database.write(lambda tx: outbox.claim(tx, KEY, now=now, lease_ms=LEASE_MS))  # noqa: B023
        house.clock.pass_(milliseconds=LEASE_MS)
    assert await house.run() is None
    assert (await house.mail()).state is State.DEAD
    assert house.server.received == []


async def test_runners_of_many_workers_send_each_mail_once(house: House) -> None:
    keys = [key_of("many", str(number)) for number in range(20)]
    for key in keys:
        await house.add(key=key)
    house.server.fail("MAIL", DROP, "421 busy")
    limits = RunnerLimits(poll_seconds=0.02)
    house.clock.pass_(minutes=0)
    runners = [Runner(house.database, house.clock, {outbox.JOB: house.handler()}, limits) for _ in range(3)]
    for _ in range(4):
        for runner in runners:
            await runner.run_due()
        house.clock.pass_(minutes=2)
    received = [one.message["Message-ID"] for one in house.server.received]
    assert sorted(received) == sorted(f"<{key}@example.org>" for key in keys)
    assert await house.database.read(jobs.list_) == []


async def test_a_directory_that_is_down_delays_mails(house: House) -> None:
    await house.add()
    house.people.down = True
    assert await house.run() == PAUSES_MS[0]
    house.people.down = False
    house.clock.pass_(minutes=1)
    assert await house.run() is None
    assert len(house.server.received) == 1


async def test_a_wrong_parameter_delays_mails_until_it_is_mended(house: House) -> None:
    await house.add()
    assert await house.run(handler=house.handler(server="imap://x")) == PAUSES_MS[0]
    house.clock.pass_(minutes=1)
    assert await house.run() is None
    assert len(house.server.received) == 1


async def test_a_bug_leaves_the_mail_for_another_attempt(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.add()

    async def broken(*_: object, **__: object) -> str:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(Smtp, "send", broken)
        with pytest.raises(ZeroDivisionError):
            await house.run()
    house.clock.pass_(milliseconds=LEASE_MS)
    assert await house.run() is None
    assert len(house.server.received) == 1


async def _choose(house: House, person: str, **chosen: object) -> None:
    async def work(tx: Transaction) -> None:
        await profiles.set_(tx, PrincipalId(person), properties={"defaults": chosen}, dead_properties={}, now=1)

    await house.database.write(work)


async def test_a_person_here_reads_the_own_language_and_zone(house: House) -> None:
    await _choose(house, "anna", SOGoLanguage="French", SOGoTimeZone="Europe/Paris")
    await _choose(house, "bert", SOGoLanguage="German", SOGoTimeZone="America/New_York")
    await house.add(recipient="bert@example.org")
    await house.run()
    await house.add(key=key_of("2"))
    await house.run(key_of("2"))
    bert, ida = house.server.received
    assert bert.message["Subject"] == "Einladung: Planning"
    assert bert.message["To"] == "Bert <bert@example.org>"
    assert "04:00" in _text(bert.octets)
    # Of a stranger nothing is known but who writes.
    assert ida.message["Subject"] == "Invitation : Planning"
    assert "10:00" in _text(ida.octets)


def _text(octets: bytes) -> str:
    message = email.message_from_bytes(octets, policy=default)
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def _notice(event: str, **changes: object) -> dict[str, object]:
    return {"event": event, "folder": "Team", "kind": "calendar", "owner": "anna", "actor": "anna", **changes}


def _wanting(house: House, **calendar: bool) -> Outbox:
    house.settings = replace(house.settings, calendar=CalendarSettings(**calendar))  # type: ignore[arg-type]
    return house.handler()


async def test_a_notice_of_rights_goes_to_the_person_if_the_domain_wants_it(house: House) -> None:
    payload = _notice("rights_given", roles=["PublicViewer", "ConfidentialDAndTViewer", "ObjectCreator"])
    await house.add(recipient="bert", kind="notice", payload=payload)
    await house.run()
    assert house.server.received == []
    assert (await house.mail()).state is State.SENT
    handler = _wanting(house, notify_acl_changes=True)
    key = key_of("wanted")
    await house.add(key=key, recipient="bert", kind="notice", payload=payload)
    await house.run(key, handler)
    (received,) = house.server.received
    assert received.recipients == ["bert@example.org"]
    assert received.message["Subject"] == "Anna shares “Team” with you"
    text = _text(received.octets)
    for words in ("Public entries: see everything", "Confidential entries: see dates and times only", "create entries"):
        assert words in text
    assert "Private" not in text


async def test_somebody_without_an_address_is_not_told(house: House) -> None:
    handler = _wanting(house, notify_acl_changes=True)
    await house.add(recipient="ghost", kind="notice", payload=_notice("rights_taken"))
    assert await house.run(handler=handler) is None
    assert house.server.received == []
    assert (await house.mail()).state is State.SENT


async def test_a_reminder_is_urgent_and_in_the_readers_words(house: House) -> None:
    await _choose(house, "anna", SOGoLanguage="German", SOGoTimeZone="Europe/Berlin")
    payload: dict[str, object] = {
        "uid": "u",
        "component": "VEVENT",
        "summary": "Zahnarzt",
        "location": "Praxis",
        "description": "Karte mitnehmen",
        "note": "Zahnarzt",
        "url": "",
        "start": "2026-06-08T10:00:00+02:00",
        "end": "2026-06-08T10:30:00+02:00",
        "all_day": False,
        "zone": "Europe/Berlin",
        "when": "2026-06-08T09:45:00+02:00",
        "calendar": "Privat",
    }
    await house.add(recipient="anna@example.org", kind="alarm", payload=payload)
    await house.run()
    (received,) = house.server.received
    assert received.message["Subject"] == "Erinnerung: Zahnarzt"
    assert (received.message["X-Priority"], received.message["Importance"]) == ("1", "high")
    text = _text(received.octets)
    assert "Wann: Montag, 8. Juni 2026, 10:00" in text
    assert "Kalender: Privat" in text
    assert "Karte mitnehmen" in text


async def test_a_receipt_shows_what_was_changed(house: House) -> None:
    payload: dict[str, object] = {
        "event": "changed",
        "folder": "Team",
        "owner": "anna",
        "actor": "bert",
        "calendar": INVITATION.replace("T080000Z", "T100000Z").replace("T090000Z", "T110000Z"),
        "previous": INVITATION,
        "to_principal": True,
        "by_default": True,
    }
    await house.add(recipient="anna", kind="receipt", payload=payload)
    await house.run()
    assert house.server.received == []
    handler = _wanting(house, notify_others_changes=True)
    key = key_of("receipt")
    await house.add(key=key, recipient="anna", kind="receipt", payload=payload)
    await house.run(key, handler)
    (received,) = house.server.received
    assert received.message["Subject"] == "Changed in “Team”: Planning"
    assert received.message["From"] == "Bert <bert@example.org>"
    assert "was: Monday, 8 June 2026, 08:00" in _text(received.octets)
