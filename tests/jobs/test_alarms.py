"""E-mail alarms from the write to the outbox."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from folkmoot.calendars.content import CalendarContent
from folkmoot.calendars.limits import CalendarLimits
from folkmoot.calendars.meetings.inbox import INBOX_CONTENT
from folkmoot.calendars.meetings.rules import MeetingRules
from folkmoot.calendars.meetings.service import Meetings
from folkmoot.calendars.reminders.alarms import JOB, AlarmPlan
from folkmoot.calendars.zones import CalendarZones
from folkmoot.collections.access import Access
from folkmoot.collections.content import Content, Place
from folkmoot.collections.objects import Objects
from folkmoot.collections.transfer import Transfer, Transfers
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Unavailable
from folkmoot.core.ids import PrincipalId, ResourceName
from folkmoot.database import Database
from folkmoot.directory.principal import Principal, PrincipalKind
from folkmoot.jobs.alarms import Alarms
from folkmoot.jobs.runner import Runner
from folkmoot.sharing.policy import SharingPolicy
from folkmoot.store import collections, jobs, objects, outbox
from folkmoot.store.jobs import Job
from folkmoot.store.outbox import Mail, State
from folkmoot.store.records import IndexRow, Kind
from tests.support.clock import SetClock

pytestmark = pytest.mark.anyio
ANNA = Caller(PrincipalId("anna"))
WORK = Place(ANNA.principal, Kind.CALENDAR, "personal")
BERLIN = ZoneInfo("Europe/Berlin")
EMAIL = "BEGIN:VALARM\nACTION:EMAIL\nTRIGGER:-PT15M\nDESCRIPTION:Bring cake\nEND:VALARM"


@dataclass
class People:
    """A directory in which everybody has an address, unless it is down."""

    down: bool = False

    async def find(self, principal: PrincipalId) -> Principal | None:
        if self.down:
            raise Unavailable("the directory does not answer")
        address = f"{principal}@example.org"
        return Principal(principal, principal, principal, (address,), PrincipalKind.INDIVIDUAL, "test")

    async def find_many(self, principals: Sequence[PrincipalId]) -> Mapping[PrincipalId, Principal]:
        found = {name: await self.find(name) for name in principals}
        return {name: principal for name, principal in found.items() if principal is not None}

    async def find_by_mail(self, address: str) -> Principal | None:
        return await self.find(PrincipalId(address.partition("@")[0]))

    def addresses(self, principal: Principal) -> tuple[str, ...]:
        return principal.mails

    async def members(self, group: Principal) -> Sequence[str]:
        return ()


@dataclass
class House:
    """Calendars whose alarms are mailed."""

    database: Database
    clock: SetClock = field(default_factory=lambda: SetClock(datetime(2026, 6, 10, 9, 0, tzinfo=UTC)))
    people: People = field(default_factory=People)

    def __post_init__(self) -> None:
        zones = CalendarZones(BERLIN)
        plan = AlarmPlan(self.clock, zones)
        meetings = Meetings(self.database, MeetingRules(self.people, self.clock, zones, alarms=plan))
        contents: list[Content] = [CalendarContent(CalendarLimits(), zones, meetings, alarms=plan), INBOX_CONTENT]
        self.access = Access(self.database, contents, SharingPolicy(), self.clock)
        self.objects = Objects(self.access)
        self.runner = Runner(self.database, self.clock, {JOB: Alarms(self.database, self.clock, zones, self.people)})

    async def put(
        self,
        *lines: str,
        name: str = "a.ics",
        starts: str = "DTSTART:20260610T100000Z",
        caller: Caller = ANNA,
    ) -> None:
        inner = "\n".join(["BEGIN:VEVENT", "UID:u", "DTSTAMP:20260101T000000Z", starts, "SUMMARY:Tea", *lines])
        text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{inner}\nEND:VEVENT\nEND:VCALENDAR\n"
        place = Place(caller.principal, Kind.CALENDAR, "personal")
        await self.objects.put(caller, place, ResourceName(name), text.replace("\n", "\r\n").encode(), "")

    async def run_at(self, hour: int, minute: int, day: int = 10) -> list[Mail]:
        """Let it become that late, run what is due, return what waits to be sent."""
        self.clock.present = datetime(2026, 6, day, hour, minute, tzinfo=UTC)
        await self.runner.run_due()
        return list(reversed(await self.database.read(lambda tx: outbox.list_(tx, [State.WAITING], 100))))

    async def planned(self) -> list[Job]:
        return await self.database.read(lambda tx: jobs.list_(tx, kind=JOB))


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


async def test_the_owner_gets_one_mail_when_it_is_time(house: House) -> None:
    await house.put(EMAIL, "LOCATION:Kitchen", "DTEND:20260610T110000Z")
    assert await house.run_at(9, 44) == []
    (mail,) = await house.run_at(9, 45)
    assert (mail.kind, mail.sender, mail.recipient) == ("alarm", "anna", "anna@example.org")
    expected: Mapping[str, object] = {
        "uid": "u",
        "component": "VEVENT",
        "summary": "Tea",
        "location": "Kitchen",
        "description": "",
        "note": "Bring cake",
        "url": "",
        "start": "2026-06-10T10:00:00+00:00",
        "end": "2026-06-10T11:00:00+00:00",
        "all_day": False,
        "zone": "Europe/Berlin",
        "when": "2026-06-10T09:45:00+00:00",
        "calendar": "Personal Calendar",
    }
    assert mail.payload == expected
    assert len(await house.run_at(9, 50)) == 1
    assert await house.planned() == []


async def test_attendees_of_the_alarm_get_it_instead(house: House) -> None:
    named = "BEGIN:VALARM\nACTION:EMAIL\nTRIGGER:-PT15M\nATTENDEE:mailto:bert@example.org\nATTENDEE:Carl@example.org\n"
    await house.put(named + "ATTENDEE:mailto:evil@example.org%0D%0ABcc:x@y\nATTENDEE:urn:x\nEND:VALARM")
    assert {mail.recipient for mail in await house.run_at(9, 45)} >= {"bert@example.org", "Carl@example.org"}
    assert all("\r" not in mail.recipient for mail in await house.run_at(9, 45))


async def test_a_client_that_rewrites_the_event_sends_nothing_twice(house: House) -> None:
    await house.put(EMAIL)
    assert len(await house.run_at(9, 45)) == 1
    await house.put("X-ODD:1", "BEGIN:VALARM\nUID:new\nACTION:DISPLAY\nTRIGGER:PT0S\nEND:VALARM", EMAIL)
    assert len(await house.run_at(9, 46)) == 1
    house.clock.present = datetime(2026, 6, 10, 9, 40, tzinfo=UTC)  # another node's clock is behind
    await house.put(EMAIL)
    assert len(await house.run_at(9, 47)) == 1


async def test_every_occurrence_has_its_mail(house: House) -> None:
    await house.put(EMAIL, "RRULE:FREQ=DAILY;COUNT=3")
    for day, count in ((10, 1), (11, 2), (12, 3), (13, 3)):
        assert len(await house.run_at(9, 45, day)) == count
    assert await house.planned() == []


async def test_what_an_outage_held_up_is_sent_within_a_day(house: House) -> None:
    await house.put(EMAIL, "RRULE:FREQ=DAILY;COUNT=3")
    mails = await house.run_at(12, 0, day=12)  # two days down: the first is too old
    assert [mail.payload["when"] for mail in mails] == ["2026-06-12T09:45:00+00:00"]


async def test_what_was_held_up_is_sent_even_if_a_client_writes_first(house: House) -> None:
    await house.put(EMAIL)
    house.clock.present = datetime(2026, 6, 10, 9, 55, tzinfo=UTC)
    await house.put(EMAIL, "LOCATION:Garden")
    assert len(await house.run_at(9, 55)) == 1


async def test_an_event_that_is_made_after_its_alarm_is_not_mailed(house: House) -> None:
    await house.put(EMAIL, starts="DTSTART:20260610T080000Z")
    assert await house.planned() == []
    assert await house.run_at(9, 1) == []


async def test_a_moved_event_rings_at_its_new_time(house: House) -> None:
    await house.put(EMAIL)
    await house.put(EMAIL, starts="DTSTART:20260610T120000Z")
    assert await house.run_at(9, 45) == []
    assert len(await house.run_at(11, 45)) == 1


async def test_deleted_events_and_removed_alarms_are_silent(house: House) -> None:
    await house.put(EMAIL)
    await house.objects.delete(ANNA, WORK, ResourceName("a.ics"))
    assert await house.run_at(9, 45) == []
    assert await house.planned() == []
    house.clock.present = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)
    await house.put(EMAIL)
    await house.put()
    assert await house.run_at(9, 45) == []


async def test_a_deleted_calendar_is_silent(house: House) -> None:
    await house.put(EMAIL)
    found = await house.database.read(lambda tx: collections.find(tx, ANNA.principal, Kind.CALENDAR, "personal"))
    assert found is not None
    await house.database.write(lambda tx: collections.delete(tx, found.id))
    assert await house.run_at(9, 45) == []


async def test_a_renamed_object_is_mailed_once(house: House) -> None:
    await house.put(EMAIL)
    order = Transfer(WORK, WORK, move=True, overwrite=False)
    await Transfers(house.access).transfer_object(ANNA, order, ResourceName("a.ics"), ResourceName("b.ics"))
    assert len(await house.run_at(9, 45)) == 1


async def test_what_the_owner_has_declined_is_silent(house: House) -> None:
    await house.put(EMAIL)
    seen, stored = await house.objects.read(ANNA, WORK, ResourceName("a.ics"))
    await house.database.write(
        lambda tx: objects.put(
            tx,
            seen.collection.id,
            stored.meta.name,
            body=stored.body,
            etag=stored.meta.etag,
            content_type=stored.meta.content_type,
            index=IndexRow(uid="u", component="VEVENT", participation="DECLINED"),
            now=0,
            if_match=None,
            must_be_new=False,
        )
    )
    assert await house.run_at(9, 45) == []


async def test_an_attendees_own_alarm_moves_with_the_meeting(house: House) -> None:
    bert = Caller(PrincipalId("bert"))
    invited = ["ORGANIZER:mailto:anna@example.org", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bert@example.org"]
    await house.put(*invited, starts="DTSTART:20260610T140000Z")
    await house.put(*invited, EMAIL, starts="DTSTART:20260610T140000Z", caller=bert)
    await house.put(*invited, "SEQUENCE:1", starts="DTSTART:20260610T120000Z")
    assert await house.run_at(11, 44) == []
    (mail,) = await house.run_at(11, 45)
    assert (mail.recipient, mail.payload["start"]) == ("bert@example.org", "2026-06-10T12:00:00+00:00")


async def test_a_directory_that_is_down_delays_the_mail(house: House) -> None:
    await house.put(EMAIL)
    house.people.down = True
    assert await house.run_at(9, 45) == []
    (job,) = await house.planned()
    assert job.fault == "the directory does not answer"
    house.people.down = False
    (mail,) = await house.run_at(9, 47)
    assert mail.payload["when"] == "2026-06-10T09:45:00+00:00"


async def test_events_without_such_alarms_ask_for_nothing(house: House) -> None:
    await house.put("BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT15M\nEND:VALARM", "ATTENDEE;EMAIL=x@y:mailto:x@y")
    assert await house.planned() == []


async def test_a_rule_by_the_second_is_no_flood(house: House) -> None:
    await house.put(EMAIL, "RRULE:FREQ=SECONDLY", starts="DTSTART:20260610T091600Z")
    mails = await house.run_at(9, 2)
    assert 0 < len(mails) <= 20
    (job,) = await house.planned()
    assert job.due_at >= house.clock.milliseconds() + 60_000
