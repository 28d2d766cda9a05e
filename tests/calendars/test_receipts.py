"""Mails to a calendar's owner about what was changed in it."""

from dataclasses import replace

import pytest

from folkmoot.calendars.content import CalendarContent
from folkmoot.calendars.limits import CalendarLimits
from folkmoot.calendars.meetings.receipts import ReceiptPolicy, Receipts, receipt_letter, receipt_of, receipt_policy
from folkmoot.calendars.zones import CalendarZones
from folkmoot.collections.access import Access
from folkmoot.collections.collections import Collections
from folkmoot.collections.grants import Grants
from folkmoot.collections.objects import Objects
from folkmoot.config.calendar_section import CalendarSettings
from folkmoot.config.settings import Settings
from folkmoot.core.caller import Caller
from folkmoot.core.clock import SystemClock
from folkmoot.core.errors import Forbidden
from folkmoot.core.ids import ResourceName
from folkmoot.database import Database
from folkmoot.mail.words import Reader, words_for
from folkmoot.sharing.policy import SharingPolicy
from folkmoot.store import outbox
from folkmoot.store.outbox import Mail, State
from folkmoot.store.records import Kind
from tests.calendars.conftest import ANNA, BERLIN, BERT, WORK
from tests.support.everybody import Everybody

pytestmark = pytest.mark.anyio

NAME = ResourceName("a.ics")
EVENT = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//EN
BEGIN:VEVENT
UID:a
DTSTAMP:20260601T080000Z
DTSTART:20260608T080000Z
DTEND:20260608T090000Z
SUMMARY:{}
END:VEVENT
END:VCALENDAR
"""


class Desk:
    """A calendar whose changes are told as the policy says."""

    def __init__(self, database: Database, policy: ReceiptPolicy) -> None:
        clock = SystemClock()
        content = CalendarContent(CalendarLimits(), CalendarZones(BERLIN), receipts=Receipts(policy, clock))
        access = Access(database, (content,), SharingPolicy((), ()), clock)
        self.database = database
        self.collections = Collections(access)
        self.objects = Objects(access)
        self.grants = Grants(access, Everybody())

    async def put(self, title: str, caller: Caller = ANNA) -> None:
        await self.objects.put(caller, WORK, NAME, EVENT.format(title).encode(), "text/calendar")

    async def set_(self, **properties: bool | str) -> None:
        named = {f"inverse:{name}": value for name, value in properties.items()}
        await self.collections.change_properties(ANNA, WORK, named, {})

    async def told(self) -> list[Mail]:
        mails = await self.database.read(lambda tx: outbox.list_(tx, list(State)))
        return mails[::-1]


async def _desk(database: Database, *, own: bool = False, others: bool = False) -> Desk:
    desk = Desk(database, ReceiptPolicy(own=own, others=others))
    await desk.collections.home(ANNA, ANNA.principal, Kind.CALENDAR)
    roles = frozenset({"PublicModifier", "ObjectCreator", "ObjectEraser"})
    await desk.grants.set_(ANNA, WORK, "bert", roles)
    return desk


async def test_the_owner_is_told_of_what_was_made_changed_and_deleted(database: Database) -> None:
    desk = await _desk(database, own=True)
    await desk.put("Lunch")
    await desk.put("Lunch")
    await desk.put("Dinner")
    await desk.objects.delete(ANNA, WORK, NAME)
    told = await desk.told()
    assert [(mail.recipient, mail.payload["event"]) for mail in told] == [
        ("anna", "created"),
        ("anna", "changed"),
        ("anna", "deleted"),
    ]
    assert [mail.payload["by_default"] for mail in told] == [True] * 3
    assert "Dinner" in str(told[2].payload["calendar"])
    assert "Lunch" in str(told[1].payload["previous"])


async def test_changes_by_others_are_told_apart_from_ones_own(database: Database) -> None:
    desk = await _desk(database, others=True)
    await desk.put("Lunch")
    assert await desk.told() == []
    await desk.put("Dinner", BERT)
    (mail,) = await desk.told()
    assert (mail.sender, mail.recipient, mail.payload["actor"]) == ("bert", "anna", "bert")


async def test_what_the_calendar_says_wins_over_the_configuration(database: Database) -> None:
    desk = await _desk(database, own=True)
    await desk.set_(notify_personal=False, notify_external=True)
    await desk.put("Lunch")
    assert await desk.told() == []
    await desk.put("Dinner", BERT)
    (mail,) = await desk.told()
    assert mail.payload["by_default"] is False


async def test_another_address_is_told_of_the_owners_changes(database: Database) -> None:
    desk = await _desk(database)
    await desk.set_(notify_user=True, notified_user="desk@example.net")
    await desk.put("Lunch")
    await desk.put("Dinner", BERT)
    (mail,) = await desk.told()
    assert (mail.recipient, mail.payload["to_principal"]) == ("desk@example.net", False)


async def test_nobody_is_told_of_what_was_refused_or_where_nobody_wants_it(database: Database) -> None:
    desk = await _desk(database)
    await desk.put("Lunch")
    assert await desk.told() == []
    desk = Desk(database, ReceiptPolicy(own=True, others=True))
    stranger = replace(BERT, principal=type(BERT.principal)("carl"))
    await desk.grants.set_(ANNA, WORK, "carl", frozenset({"PublicViewer"}))
    with pytest.raises(Forbidden):
        await desk.put("Dinner", stranger)
    assert await desk.told() == []


def test_one_domain_that_wants_receipts_is_enough_to_queue_them() -> None:
    wanting = Settings(calendar=CalendarSettings(notify_own_changes=True))
    assert receipt_policy(Settings()) == ReceiptPolicy()
    assert receipt_policy(Settings(domains={"a": wanting})) == ReceiptPolicy(own=True)


@pytest.mark.parametrize("language", ["English", "German", "French", "SpanishSpain"])
@pytest.mark.parametrize("event", ["created", "changed", "deleted"])
def test_every_receipt_has_words(event: str, language: str) -> None:
    receipt = receipt_of(
        {
            "event": event,
            "folder": "Team",
            "owner": "anna",
            "actor": "bert",
            "calendar": EVENT.format("Lunch"),
            "previous": EVENT.format("Dinner") if event == "changed" else "",
        }
    )
    letter = receipt_letter(receipt, "Bert", Reader(words_for(language), BERLIN), BERLIN)
    assert "Lunch" in letter.subject
    assert "Bert" in letter.heading
    assert letter.rows[-1].text == "Team"
