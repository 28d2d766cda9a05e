"""Free-busy of people: what counts, what an answer changes, who may ask, and how many statements it takes."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from folkmoot.calendars.busy import free_busy
from folkmoot.calendars.busy.free_busy import PEOPLE_MAX, FreeBusy
from folkmoot.collections.content import Place
from folkmoot.core.caller import ANONYMOUS, Caller
from folkmoot.core.errors import NotFound, TooLarge
from folkmoot.core.ids import CollectionId, PrincipalId
from folkmoot.database import Statement, Transaction
from folkmoot.database.dialect import DialectName
from folkmoot.database.schema import object_, subscription
from folkmoot.ical import BusyPeriod
from folkmoot.store import collections as stored
from folkmoot.store import profiles
from folkmoot.store.columns import json_of
from folkmoot.store.records import Kind
from tests.calendars.conftest import ANNA, BERT, House, event, neighbour

pytestmark = pytest.mark.anyio

START, END = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
BERTS = Place(BERT.principal, Kind.CALENDAR, "personal")
ROOM = PrincipalId("room")
AT_TEN = "DTSTART:20260610T100000Z"
MEETING = ("DURATION:PT1H", "ORGANIZER:mailto:bert@example.org")
_SUBSCRIBE = Statement(sa.insert(subscription))
_UNSUBSCRIBE = Statement(sa.delete(subscription).where(subscription.c.principal == sa.bindparam("principal")))
_ANSWER = Statement(
    sa.update(object_)
    .where(object_.c.collection_id == sa.bindparam("id"))
    .values(participation=sa.bindparam("participation"))
)


def shown(periods: list[BusyPeriod]) -> list[str]:
    return [f"{p.start:%d %H:%M}-{p.end:%H:%M} {p.type.removeprefix('BUSY') or 'BUSY'}" for p in periods]


async def choose(house: House, who: Caller, **kept: object) -> None:
    async def work(tx: Transaction) -> None:
        await profiles.set_(tx, who.principal, properties=kept, dead_properties={}, now=1)

    await house.access.database.write(work)


async def subscribe(house: House, who: Caller, calendar: CollectionId, **own: object) -> None:
    """Write a subscription and what its subscriber set."""

    async def work(tx: Transaction) -> None:
        await tx.execute(_UNSUBSCRIBE, principal=who.principal)
        await tx.execute(
            _SUBSCRIBE, principal=who.principal, collection_id=calendar, properties=json_of(own), created_at=1
        )

    await house.access.database.write(work)


async def index(house: House, participation: str) -> None:
    """Write the owner's answer into the index as scheduling does; the calendar's revision counts up."""

    async def work(tx: Transaction) -> None:
        calendar = await stored.find(tx, ANNA.principal, Kind.CALENDAR, "personal")
        assert calendar is not None
        await stored.set_properties(tx, calendar.id, properties=calendar.properties, dead_properties={}, now=1)
        await tx.execute(_ANSWER, id=calendar.id, participation=participation)

    await house.access.database.write(work)


async def of_anna(house: House, asking: Caller = BERT, start: datetime = START, end: datetime = END) -> list[str]:
    return shown(await house.free_busy.of_one(asking, ANNA.principal, start, end))


@pytest.mark.parametrize(
    ("partstat", "expected"),
    [
        ("ACCEPTED", ["10 10:00-11:00 BUSY"]),
        ("NEEDS-ACTION", ["10 10:00-11:00 -TENTATIVE"]),
        ("TENTATIVE", ["10 10:00-11:00 -TENTATIVE"]),
        ("DECLINED", []),
        ("DELEGATED", []),
        ("X-MAYBE", ["10 10:00-11:00 BUSY"]),
    ],
)
async def test_an_answer_decides_whether_an_invited_person_is_busy(
    house: House, partstat: str, expected: list[str]
) -> None:
    line = f"ATTENDEE;PARTSTAT={partstat}:mailto:anna.second@example.org"
    await house.put("a.ics", event("a", AT_TEN, *MEETING, line, "RRULE:FREQ=YEARLY"))
    assert await of_anna(house) == expected


async def test_the_answer_in_the_index_counts_for_what_happens_once(house: House) -> None:
    await house.put("a.ics", event("a", AT_TEN, "DURATION:PT1H"))
    for participation, expected in {
        "ORGANIZER": ["10 10:00-11:00 BUSY"],
        "": ["10 10:00-11:00 BUSY"],
        "NEEDS-ACTION": ["10 10:00-11:00 -TENTATIVE"],
        "DECLINED": [],
    }.items():
        await index(house, participation=participation)
        assert await of_anna(house) == expected


async def test_answers_to_single_occurrences_count_for_these(house: House) -> None:
    series = event(
        "a", AT_TEN, *MEETING, "RRULE:FREQ=DAILY;COUNT=2", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ANNA@example.org"
    )
    override = event(
        "a",
        "DTSTART:20260611T100000Z",
        *MEETING,
        "RECURRENCE-ID:20260611T100000Z",
        "ATTENDEE;PARTSTAT=DECLINED:mailto:anna@example.org",
    )
    both = series.replace("END:VCALENDAR\n", "") + override[override.index("BEGIN:VEVENT") :]
    await house.put("a.ics", both)
    await index(house, participation="VARIES")
    assert await of_anna(house) == ["10 10:00-11:00 BUSY"]


async def test_the_organizer_comes_whatever_the_line_says(house: House) -> None:
    lines = (
        "ORGANIZER:mailto:anna@example.org",
        "ATTENDEE;PARTSTAT=DECLINED:mailto:anna@example.org",
        "RRULE:FREQ=YEARLY",
    )
    await house.put("a.ics", event("a", AT_TEN, "DURATION:PT1H", *lines))
    assert await of_anna(house) == ["10 10:00-11:00 BUSY"]


async def test_many_people_are_looked_at_in_few_statements(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [PrincipalId(f"p{number}") for number in range(20)]
    for person in people:
        house.people.people[person] = house.people.people[ANNA.principal]
        place = Place(person, Kind.CALENDAR, "personal")
        daily = event("a", AT_TEN, "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=2")
        await house.put("a.ics", daily, place=place, caller=Caller(person))
        await house.put(
            "b.ics", event("b", "DTSTART:20260620T100000Z", "DURATION:PT1H"), place=place, caller=Caller(person)
        )
    statements: list[Statement] = []
    bind = Statement.bind

    def counted(self: Statement, dialect: DialectName, params: Mapping[str, object]) -> tuple[str, tuple[object, ...]]:
        statements.append(self)
        return bind(self, dialect, params)

    monkeypatch.setattr(Statement, "bind", counted)
    found = await house.free_busy.of(BERT, [*people, people[0], PrincipalId("nobody")], START, END)
    assert list(found) == people
    assert {tuple(shown(periods)) for periods in found.values()} == {
        ("10 10:00-11:00 BUSY", "11 10:00-11:00 BUSY", "20 10:00-11:00 BUSY")
    }
    assert len(statements) <= 4
    with pytest.raises(TooLarge):
        await house.free_busy.of(BERT, [PrincipalId(str(n)) for n in range(PEOPLE_MAX + 1)], START, END)


async def test_an_excluded_calendar_does_not_count_and_comes_back(house: House) -> None:
    await house.put("a.ics", event("a", AT_TEN, "DURATION:PT1H"))
    await choose(house, ANNA, settings={"Calendar": {"FreeBusyExclusions": {"anna:Calendar/personal": 1}}})
    assert await of_anna(house) == []
    await choose(house, ANNA, settings={"Calendar": {"FreeBusyExclusions": {"anna:Calendar/personal": 0}}})
    assert await of_anna(house) == ["10 10:00-11:00 BUSY"]


async def test_a_calendar_of_somebody_else_counts_once_subscribed_chosen_and_allowed(house: House) -> None:
    await house.put("a.ics", event("a", AT_TEN, "DURATION:PT1H"), place=BERTS, caller=BERT)
    private = event("b", "DTSTART:20260611T100000Z", "DURATION:PT1H", "CLASS:PRIVATE")
    await house.put("b.ics", private, place=BERTS, caller=BERT)
    collection = (await house.collections.seen(BERT, BERTS)).collection
    await subscribe(house, ANNA, collection.id)
    assert await of_anna(house) == []
    await subscribe(house, ANNA, collection.id, in_free_busy=True)
    assert await of_anna(house) == []
    await house.grants.set_(BERT, BERTS, "anna", frozenset(["PublicDAndTViewer"]))
    assert await of_anna(house) == ["10 10:00-11:00 BUSY"]
    assert len(await house.free_busy.of_one(ANNA, BERT.principal, START, END)) == 2
    await subscribe(house, ANNA, collection.id)
    assert await of_anna(house) == []
    await choose(house, ANNA, settings={"Calendar": {"FreeBusyExclusions": {"bert:Calendar/personal": 0}}})
    assert await of_anna(house) == ["10 10:00-11:00 BUSY"]


async def test_a_resource_is_busy_like_a_person(house: House) -> None:
    place = Place(ROOM, Kind.CALENDAR, "personal")
    await house.put("a.ics", event("a", AT_TEN, "DURATION:PT1H"), place=place, caller=Caller(ROOM))
    assert shown(await house.free_busy.of_one(ANNA, ROOM, START, END)) == ["10 10:00-11:00 BUSY"]


async def test_only_who_is_seen_from_the_caller_s_domain_is_told_of(house: House) -> None:
    far = Caller(PrincipalId("far"))
    assert list(await house.free_busy.of(far, [ANNA.principal, far.principal], START, END)) == ["anna", "far"]
    assert await house.free_busy.of_one(BERT, far.principal, START, END) == []
    house.people.people[PrincipalId("near")] = neighbour("near", domain="near.example.org")
    with pytest.raises(NotFound):
        await house.free_busy.of_one(far, PrincipalId("near"), START, END)
    root = Caller(far.principal, superuser=True)
    assert await house.free_busy.of_one(root, PrincipalId("near"), START, END) == []


async def test_nobody_asks_anonymously_unless_there_is_public_access(house: House) -> None:
    with pytest.raises(NotFound):
        await of_anna(house, ANONYMOUS)
    await house.put("a.ics", event("a", AT_TEN, "DURATION:PT1H"))
    public = FreeBusy(house.access, house.zones, house.people, public=True)
    assert len(await public.of_one(ANONYMOUS, ANNA.principal, START, END)) == 1


async def test_time_outside_working_hours_is_shown_where_a_person_wants_it(house: House) -> None:
    hours = {"SOGoBusyOffHours": 1, "SOGoDayStartTime": "09:00", "SOGoDayEndTime": "17:00"}
    await choose(house, ANNA, defaults={**hours, "SOGoTimeZone": "Europe/Lisbon", "SOGoCalendarWeekdays": ["MO", "TU"]})
    tuesday, thursday = datetime(2026, 6, 9, tzinfo=UTC), datetime(2026, 6, 11, tzinfo=UTC)
    assert await of_anna(house, start=tuesday, end=thursday) == [
        "09 00:00-08:00 -UNAVAILABLE",
        "09 16:00-00:00 -UNAVAILABLE",
    ]
    await house.put("a.ics", event("a", AT_TEN, "DURATION:PT1H"))
    assert "10 10:00-11:00 BUSY" in await of_anna(house, start=tuesday, end=thursday)


async def test_what_a_person_states_wins_over_working_hours(house: House) -> None:
    text = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VAVAILABILITY\r\nUID:a\r\n"
        "DTSTAMP:20260101T000000Z\r\nBEGIN:AVAILABLE\r\nUID:b\r\nDTSTART;TZID=Europe/Berlin:20260101T100000\r\n"
        "DURATION:PT2H\r\nRRULE:FREQ=DAILY\r\nEND:AVAILABLE\r\nEND:VAVAILABILITY\r\nEND:VCALENDAR\r\n"
    )
    await choose(house, ANNA, defaults={"SOGoBusyOffHours": 1}, availability=text)
    day = datetime(2026, 6, 9, tzinfo=UTC)
    assert await of_anna(house, start=day, end=day.replace(day=10)) == [
        "09 00:00-08:00 -UNAVAILABLE",
        "09 10:00-00:00 -UNAVAILABLE",
    ]
    await choose(house, ANNA, availability="BEGIN:NONSENSE")
    assert await of_anna(house, start=day, end=day.replace(day=10)) == []


async def test_paging_through_a_series_gives_each_week_its_own_occurrences(house: House) -> None:
    await house.put("a.ics", event("a", "DTSTART:20260101T100000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY"))
    for day in range(1, 29, 7):
        week = await of_anna(house, start=START.replace(day=day), end=START.replace(day=day + 7))
        assert week == [f"{d:02d} 10:00-11:00 BUSY" for d in range(day, day + 7)]
    half = START.replace(day=10, hour=10, minute=30)
    assert await of_anna(house, start=half, end=half.replace(hour=12)) == ["10 10:30-11:00 BUSY"]


async def test_an_hourly_series_is_complete_far_from_its_start(house: House) -> None:
    await house.put("a.ics", event("a", "DTSTART:20200101T000000Z", "DURATION:PT30M", "RRULE:FREQ=HOURLY"))
    day = datetime(2026, 6, 9, tzinfo=UTC)
    assert len(await of_anna(house, start=day, end=day.replace(day=10))) == 24


async def test_hundreds_of_events_by_the_minute_neither_cost_hours_nor_hide_the_others(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(free_busy, "DENSE_MAX", 1)
    for hour in (1, 2):
        lines = (f"DTSTART:20260610T0{hour}0000Z", "DURATION:PT1M", "RRULE:FREQ=MINU\n TELY;COUNT=2")
        await house.put(f"{hour}.ics", event(str(hour), *lines))
    await house.put("z.ics", event("z", AT_TEN, "DURATION:PT1H"))
    found = await house.free_busy.of_one(BERT, ANNA.principal, START, END)
    assert shown(found) == ["10 01:00-01:02 BUSY", "10 10:00-11:00 BUSY"]
