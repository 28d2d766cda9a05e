"""Calendars through the service: what they take, queries that agree with and without the index, free-busy."""

from datetime import UTC, datetime

import pytest

from folkmoot.calendars.service import index_query
from folkmoot.collections.content import LimitExceeded, Place, UnsupportedComponent, UnsupportedMediaType
from folkmoot.collections.objects import Hidden
from folkmoot.core.caller import ANONYMOUS
from folkmoot.core.errors import Forbidden, MalformedInput, NotFound, TooLarge
from folkmoot.core.ids import ResourceName
from folkmoot.ical import CompFilter, TimeRange, match, parse
from folkmoot.store.records import Kind
from tests.calendars.conftest import ANNA, BERLIN, BERT, WORK, House, event

pytestmark = pytest.mark.anyio

JUNE = TimeRange(datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC))
IN_JUNE = CompFilter("VCALENDAR", comps=(CompFilter("VEVENT", time_range=JUNE),))
START, END = JUNE.window
EVENTS = {
    "in": event("in", "DTSTART:20260610T100000Z", "DTEND:20260610T110000Z"),
    "before": event("before", "DTSTART:20260510T100000Z", "DTEND:20260510T110000Z"),
    "ends at the start": event("ends", "DTSTART:20260531T230000Z", "DTEND:20260601T000000Z"),
    "starts at the end": event("starts", "DTSTART:20260701T000000Z", "DTEND:20260701T010000Z"),
    "an instant at the start": event("instant", "DTSTART:20260601T000000Z"),
    "over it all": event("long", "DTSTART:20260101T000000Z", "DTEND:20261231T000000Z"),
    "weekly for ever": event("weekly", "DTSTART:20200101T100000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY"),
    "weekly until May": event(
        "ended", "DTSTART:20200101T100000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;UNTIL=20260501T000000Z"
    ),
    "yearly in March": event("yearly", "DTSTART:20200301T100000Z", "RRULE:FREQ=YEARLY"),
    "all day": event("day", "DTSTART;VALUE=DATE:20260630"),
    "all day after": event("after", "DTSTART;VALUE=DATE:20260702"),
    "floating": event("floating", "DTSTART:20260701T010000", "DURATION:PT30M"),
}


async def test_a_query_finds_what_matching_each_body_finds(house: House) -> None:
    for number, text in enumerate(EVENTS.values()):
        await house.put(f"{number}.ics", text)
    for zone in (None, UTC):
        _, found = await house.calendars.query(ANNA, WORK, IN_JUNE, zone=zone)
        expected = {
            f"{n}.ics"
            for n, text in enumerate(EVENTS.values())
            if match(parse(text), IN_JUNE, default_zone=zone or BERLIN)
        }
        assert {row.meta.name for row in found} == expected
        assert len(expected) == (6 if zone is None else 5)


async def test_a_changed_event_is_found_at_its_new_place(house: House) -> None:
    await house.put("a.ics", event("a", "DTSTART:20260610T100000Z", "RRULE:FREQ=DAILY;COUNT=2"))
    assert len((await house.calendars.query(ANNA, WORK, IN_JUNE))[1]) == 1
    await house.put("a.ics", event("a", "DTSTART:20260810T100000Z", "RRULE:FREQ=DAILY;COUNT=2"))
    assert (await house.calendars.query(ANNA, WORK, IN_JUNE))[1] == []


def test_only_what_the_index_knows_is_asked_of_it() -> None:
    assert index_query(CompFilter("VCALENDAR")).component is None
    assert index_query(CompFilter("VCALENDAR", comps=(CompFilter("VTODO", is_not_defined=True),))).component is None
    assert index_query(IN_JUNE).decided
    todo = index_query(CompFilter("VCALENDAR", comps=(CompFilter("VTODO", time_range=JUNE),)))
    assert (todo.component, todo.decided) == ("VTODO", False)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", MalformedInput),
        ("BEGIN:VCALENDAR\nEND:VCALENDAR\n", MalformedInput),
        (event("a", "X-NO:start"), MalformedInput),
        (event("a", "DTSTART:20260610T100000Z").replace("UID:a\n", ""), MalformedInput),
        (event("a", "DTSTART:tomorrow"), MalformedInput),
        (event("a", "DTSTART:20260610T100000Z", "RRULE:FREQ=SOMETIMES"), MalformedInput),
        (event("a", "DTSTART:20260610T100000Z").replace("VEVENT", "VJOURNAL"), UnsupportedComponent),
        (event("a", "DTSTART:20260610T100000Z", "DESCRIPTION:" + "x" * 100_000), LimitExceeded),
        (event("a", "DTSTART:20260610T100000Z", *["ATTENDEE:mailto:a@x.org"] * 6), LimitExceeded),
        (event("a", "DTSTART:18500610T100000Z", "DTEND:18500610T110000Z"), LimitExceeded),
        (event("a", "DTSTART:29500610T100000Z"), LimitExceeded),
    ],
)
async def test_what_a_calendar_does_not_take_is_refused_and_leaves_it_untouched(
    house: House, text: str, wrong: type[Exception]
) -> None:
    with pytest.raises(wrong):
        await house.put("a.ics", text)
    assert await house.names() == set()


async def test_a_calendar_takes_text_calendar_only(house: House) -> None:
    with pytest.raises(UnsupportedMediaType):
        await house.objects.put(ANNA, WORK, ResourceName("a.ics"), EVENTS["in"].encode(), "text/html; charset=utf-8")


async def test_floating_times_follow_the_calendars_own_zone(house: House) -> None:
    await house.put("a.ics", event("a", "DTSTART:20260701T040000", "DTEND:20260701T050000"))
    assert (await house.calendars.query(ANNA, WORK, IN_JUNE))[1] == []
    tokyo = "BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:Asia/Tokyo\r\nEND:VTIMEZONE\r\nEND:VCALENDAR\r\n"
    await house.collections.change_properties(ANNA, WORK, {"timezone": tokyo}, {})
    assert len((await house.calendars.query(ANNA, WORK, IN_JUNE))[1]) == 1


async def test_free_busy_joins_all_calendars_that_count(house: House) -> None:
    other = Place(ANNA.principal, Kind.CALENDAR, "other")
    hidden = Place(ANNA.principal, Kind.CALENDAR, "hidden")
    await house.collections.seen(ANNA, WORK)
    await house.collections.create(ANNA, other, {})
    await house.collections.create(ANNA, hidden, {"transparent": True})
    await house.put("a.ics", event("a", "DTSTART:20260610T100000Z", "DTEND:20260610T110000Z"))
    await house.put("b.ics", event("b", "DTSTART:20260610T103000Z", "DTEND:20260610T120000Z"), place=other)
    await house.put("c.ics", event("c", "DTSTART:20260611T103000Z", "DTEND:20260611T120000Z"), place=hidden)
    await house.put("d.ics", event("d", "DTSTART:20260612T100000Z", "DURATION:PT1H", "TRANSP:TRANSPARENT"))
    await house.put("e.ics", event("e", "DTSTART:20260613T100000Z", "DURATION:PT1H", "STATUS:TENTATIVE"))
    await house.put("f.ics", event("f", "DTSTART:20260614T100000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=2"))
    await house.put("g.ics", event("g", "DTSTART:20260617T100000Z", "DURATION:PT1H", "STATUS:CANCELLED"))
    busy = await house.free_busy.of_one(BERT, ANNA.principal, START, END)
    assert [(f"{p.start:%d %H:%M}", f"{p.end:%d %H:%M}", p.type) for p in busy] == [
        ("10 10:00", "10 12:00", "BUSY"),
        ("13 10:00", "13 11:00", "BUSY-TENTATIVE"),
        ("14 10:00", "14 11:00", "BUSY"),
        ("15 10:00", "15 11:00", "BUSY"),
    ]
    again = await house.free_busy.of_one(BERT, ANNA.principal, START, END)
    assert again == busy
    with pytest.raises(NotFound):
        await house.free_busy.of_one(ANONYMOUS, ANNA.principal, START, END)
    with pytest.raises(MalformedInput):
        await house.free_busy.of_one(ANNA, ANNA.principal, END, START)
    with pytest.raises(TooLarge):
        await house.free_busy.of_one(ANNA, ANNA.principal, START, END.replace(year=2036))


async def test_one_calendars_free_busy_needs_a_right_on_it(house: House) -> None:
    await house.put("a.ics", event("a", "DTSTART:20260610T100000Z", "DTEND:20260610T110000Z"))
    await house.put("b.ics", event("b", "DTSTART:20260611T100000Z", "DTEND:20260611T110000Z", "CLASS:PRIVATE"))
    with pytest.raises(NotFound):
        await house.free_busy.of_calendar(BERT, WORK, START, END)
    await house.grants.set_(ANNA, WORK, "bert", frozenset(["PublicDAndTViewer"]))
    assert [p.start.day for p in await house.free_busy.of_calendar(BERT, WORK, START, END)] == [10]
    assert await house.names(caller=BERT) == {"a.ics"}
    await house.grants.set_(ANNA, WORK, "bert", frozenset(["ObjectCreator"]))
    with pytest.raises(Forbidden):
        await house.free_busy.of_calendar(BERT, WORK, START, END)


async def test_a_private_event_is_seen_only_by_those_who_may_see_its_class(house: House) -> None:
    await house.put("a.ics", event("a", "DTSTART:20260610T100000Z"))
    await house.put("b.ics", event("b", "DTSTART:20260611T100000Z", "CLASS:PRIVATE"))
    await house.put("c.ics", event("c", "DTSTART:20260612T100000Z", "CLASS:CONFIDENTIAL"))
    await house.grants.set_(ANNA, WORK, "bert", frozenset(["PublicModifier", "ConfidentialViewer"]))
    assert await house.names(caller=BERT) == {"a.ics", "c.ics"}
    assert len((await house.calendars.query(BERT, WORK, IN_JUNE))[1]) == 2
    with pytest.raises(Forbidden):
        await house.put("a.ics", event("a", "DTSTART:20260610T100000Z", "CLASS:PRIVATE"), caller=BERT)
    with pytest.raises(Forbidden):
        await house.put("b.ics", event("b", "DTSTART:20260611T100000Z"), caller=BERT)


async def test_an_export_holds_every_event_and_each_zone_once(house: House) -> None:
    zone = (
        "BEGIN:VTIMEZONE\nTZID:Europe/Berlin\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0100\n"
        "TZOFFSETTO:+0100\nEND:STANDARD\nEND:VTIMEZONE\n"
    )
    for uid in "ab":
        text = event(uid, "DTSTART;TZID=Europe/Berlin:20260610T100000").replace("BEGIN:VEVENT", zone + "BEGIN:VEVENT")
        await house.put(f"{uid}.ics", text)
    calendar = parse(await house.calendars.export(ANNA, WORK))
    assert calendar.text("METHOD") == "PUBLISH"
    assert [c.name for c in calendar.components].count("VTIMEZONE") == 1
    assert {c.text("UID") for c in calendar.components if c.name == "VEVENT"} == {"a", "b"}


async def test_what_one_has_no_right_on_is_not_told_from_what_is_not_there(house: House) -> None:
    await house.put("a.ics", event("a", "DTSTART:20260610T100000Z"))
    await house.put("b.ics", event("b", "DTSTART:20260611T100000Z", "CLASS:PRIVATE"))
    await house.grants.set_(ANNA, WORK, "bert", frozenset(["PublicDAndTViewer"]))
    for name in ("b.ics", "none.ics"):
        with pytest.raises(Hidden):
            await house.objects.read(BERT, WORK, ResourceName(name))
    everything = frozenset(f"{name}DAndTViewer" for name in ("Public", "Private", "Confidential"))
    await house.grants.set_(ANNA, WORK, "bert", everything)
    with pytest.raises(NotFound):
        await house.objects.read(BERT, WORK, ResourceName("none.ics"))
