"""CALDAV:calendar-data: parts, expansion and limits (RFC 4791 section 9.6)."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from folkmoot.core.errors import TooLarge
from folkmoot.ical import CalendarDataRequest, CompRequest, PropRequest, TimeRange, parse, shape, vtimezone
from folkmoot.ical import format as format_component

EASTERN = format_component(vtimezone("America/New_York", 2000))
SERIES = parse(
    f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:p\r\n{EASTERN}"
    "BEGIN:VEVENT\r\nUID:u\r\nDTSTAMP:20060206T001121Z\r\n"
    "DTSTART;TZID=America/New_York:20060102T120000\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;COUNT=5\r\n"
    "SUMMARY:Event #2\r\nX-UNTIL;TZID=America/New_York:20060110T000000\r\nX-ODD;TZID=America/New_York:never\r\n"
    "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\nEND:VEVENT\r\n"
    "BEGIN:VEVENT\r\nUID:u\r\nDTSTAMP:20060206T001121Z\r\n"
    "RECURRENCE-ID;TZID=America/New_York:20060104T120000\r\n"
    "DTSTART;TZID=America/New_York:20060104T140000\r\nDURATION:PT1H\r\nSUMMARY:Event #2 bis\r\nEND:VEVENT\r\n"
    "BEGIN:VEVENT\r\nUID:u\r\nDTSTAMP:20060206T001121Z\r\n"
    "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=America/New_York:20060106T120000\r\n"
    "DTSTART;TZID=America/New_York:20060106T140000\r\nDURATION:PT1H\r\nSUMMARY:Event #2 bis bis\r\nEND:VEVENT\r\n"
    "END:VCALENDAR\r\n"
)


def days(first: int, last: int) -> TimeRange:
    return TimeRange(datetime(2006, 1, first, tzinfo=UTC), datetime(2006, 1, last, tzinfo=UTC))


def shaped(**parts: object) -> str:
    return shape(SERIES, CalendarDataRequest(**parts), default_zone=UTC)  # type: ignore[arg-type]


def test_nothing_asked_for_is_everything() -> None:
    assert CalendarDataRequest().whole
    assert shaped() == format_component(SERIES)
    assert CompRequest("VCALENDAR").whole
    assert shaped(comp=CompRequest("VCALENDAR", allprop=True, allcomp=True)) == format_component(SERIES)
    assert not CalendarDataRequest(expand=TimeRange()).whole


def test_parts_are_picked_by_name() -> None:
    event = CompRequest("VEVENT", props=[PropRequest("UID"), PropRequest("SUMMARY", novalue=True)])
    text = shaped(comp=CompRequest("VCALENDAR", props=[PropRequest("VERSION")], comps=[event]))
    assert text.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:u\r\nSUMMARY:\r\nEND:VEVENT\r\n")
    assert "VTIMEZONE" not in text
    assert "VALARM" not in text


def test_all_properties_and_all_components_can_be_asked_for() -> None:
    text = shaped(comp=CompRequest("VCALENDAR", allprop=True, comps=[CompRequest("VEVENT", allcomp=True)]))
    assert "PRODID:p" in text
    assert "UID" not in text.partition("BEGIN:VALARM")[0]
    assert "TRIGGER:-PT5M" in text
    assert "TZID" not in text


def test_expansion_gives_occurrences_in_utc() -> None:
    text = shaped(expand=days(3, 5))
    assert "VTIMEZONE" not in text
    assert "RRULE" not in text
    assert "TZID" not in text.replace("X-ODD;TZID", "")
    events = parse(text).children("VEVENT")
    lines = [
        (event.get("DTSTART"), event.get("RECURRENCE-ID"), event.text("SUMMARY"), len(event.components))
        for event in events
    ]
    assert [
        (start and start.value, origin and origin.value, title, alarms) for start, origin, title, alarms in lines
    ] == [
        ("20060103T170000Z", "20060103T170000Z", "Event #2", 1),
        ("20060104T190000Z", "20060104T170000Z", "Event #2 bis", 0),
    ]
    assert "X-UNTIL:20060110T050000Z" in text


def test_expansion_follows_this_and_future() -> None:
    events = parse(shaped(expand=days(6, 8))).children("VEVENT")
    assert [event.text("SUMMARY") for event in events] == ["Event #2 bis bis"]
    assert "RANGE" not in shaped(expand=days(6, 8))


def test_expansion_keeps_days_and_single_events_as_they_are() -> None:
    day = parse(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:u\nDTSTART;VALUE=DATE:20060102\nDTEND;VALUE=DATE:20060104\n"
        "RRULE:FREQ=WEEKLY\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    text = shape(day, CalendarDataRequest(expand=days(9, 10)), default_zone=ZoneInfo("Asia/Tokyo"))
    assert "DTSTART;VALUE=DATE:20060109\r\nRECURRENCE-ID;VALUE=DATE:20060109\r\nDTEND;VALUE=DATE:20060111" in text
    single = parse("BEGIN:VCALENDAR\nBEGIN:VTODO\nUID:u\nDUE:20060109T100000\nEND:VTODO\nEND:VCALENDAR\n")
    text = shape(single, CalendarDataRequest(expand=days(9, 10)), default_zone=UTC)
    assert "DUE:20060109T100000\r\n" in text
    assert "RECURRENCE-ID" not in text


def test_limited_recurrence_sets_lose_overrides_that_do_not_matter() -> None:
    def titles(first: int, last: int) -> list[str | None]:
        text = shaped(limit_recurrence_set=days(first, last))
        assert "VTIMEZONE" in text
        return [event.text("SUMMARY") for event in parse(text).children("VEVENT")]

    assert titles(2, 3) == ["Event #2"]
    assert titles(4, 5) == ["Event #2", "Event #2 bis"]
    assert titles(8, 9) == ["Event #2", "Event #2 bis bis"]


def test_limited_free_busy_sets_lose_periods_outside() -> None:
    calendar = parse(
        "BEGIN:VCALENDAR\nBEGIN:VFREEBUSY\nUID:u\nFREEBUSY:20060101T100000Z/PT1H,20060103T100000Z/PT1H\n"
        "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20060103T120000Z/PT1H\nFREEBUSY:20060110T100000Z/PT1H\n"
        "END:VFREEBUSY\nEND:VCALENDAR\n"
    )
    text = shape(calendar, CalendarDataRequest(limit_freebusy_set=days(3, 4)), default_zone=UTC)
    kept = [line.value for line in parse(text).components[0].all("FREEBUSY")]
    assert kept == ["20060103T100000Z/PT1H", "20060103T120000Z/PT1H"]


def test_an_expansion_without_bounds_is_refused() -> None:
    long = parse(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:u\nDTSTART:20060102T100000Z\nRRULE:FREQ=DAILY\n"
        f"DESCRIPTION:{'x' * 10_000}\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    with pytest.raises(TooLarge):
        shape(long, CalendarDataRequest(expand=TimeRange()), default_zone=UTC)
    assert len(shape(long, CalendarDataRequest(expand=days(9, 12)), default_zone=UTC)) < 40_000


def test_an_override_at_the_end_of_the_calendar_is_limited_too() -> None:
    last = parse(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:u\nRECURRENCE-ID:99991231T235959Z\nDTSTART:99991231T235959Z\n"
        "DURATION:P1D\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    assert "VEVENT" not in shape(last, CalendarDataRequest(limit_recurrence_set=days(3, 4)), default_zone=UTC)


def test_other_components_pass_a_free_busy_limit() -> None:
    request = CalendarDataRequest(limit_freebusy_set=days(3, 4))
    assert shape(SERIES, request, default_zone=UTC) == format_component(SERIES)
    nested = CompRequest("VCALENDAR", comps=[CompRequest("VEVENT", props=[PropRequest("UID")], allcomp=True)])
    assert "TRIGGER:-PT5M" in shaped(comp=nested)
