"""CALDAV:filter: the tables of RFC 4791 section 9.9, and properties, parameters, texts."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from folkmoot.core.errors import Unsupported
from folkmoot.ical import (
    CompFilter,
    Component,
    ParamFilter,
    PropFilter,
    TextMatch,
    TimeRange,
    match,
    parse,
)


def calendar(*lines: str, kind: str = "VEVENT") -> Component:
    body = "\r\n".join(lines)
    return parse(
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:{kind}\r\nUID:u\r\n{body}\r\nEND:{kind}\r\nEND:VCALENDAR\r\n"
    )


def at(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)


def window(start: str | None, end: str | None) -> TimeRange:
    return TimeRange(None if start is None else at(start), None if end is None else at(end))


def meets(component: Component, kind: str, start: str | None, end: str | None) -> bool:
    inner = CompFilter(kind, time_range=window(start, end))
    return match(component, CompFilter("VCALENDAR", comps=[inner]), default_zone=UTC)


NOON, ONE, TWO = "20260601T120000", "20260601T130000", "20260601T140000"


@pytest.mark.parametrize(
    ("lines", "start", "end", "expected"),
    [
        # DTSTART and DTEND: start < DTEND and end > DTSTART
        (["DTSTART:20260601T120000Z", "DTEND:20260601T130000Z"], ONE, TWO, False),
        (["DTSTART:20260601T120000Z", "DTEND:20260601T130000Z"], NOON, ONE, True),
        (["DTSTART:20260601T130000Z", "DTEND:20260601T140000Z"], NOON, ONE, False),
        (["DTSTART:20260601T120000Z", "DTEND:20260601T130000Z"], "20260601T125959", None, True),
        (["DTSTART:20260601T120000Z", "DTEND:20260601T130000Z"], None, NOON, False),
        # DURATION
        (["DTSTART:20260601T120000Z", "DURATION:PT1H"], ONE, TWO, False),
        (["DTSTART:20260601T120000Z", "DURATION:PT1H1S"], ONE, TWO, True),
        # no length: start <= DTSTART and end > DTSTART
        (["DTSTART:20260601T120000Z", "DURATION:PT0S"], NOON, ONE, True),
        (["DTSTART:20260601T120000Z"], NOON, ONE, True),
        (["DTSTART:20260601T130000Z"], NOON, ONE, False),
        # a date lasts a day
        (["DTSTART;VALUE=DATE:20260601"], NOON, ONE, True),
        (["DTSTART;VALUE=DATE:20260601"], "20260602T000000", None, False),
        (["DTSTART;VALUE=DATE:20260601", "DTEND;VALUE=DATE:20260601"], NOON, ONE, True),
    ],
)
def test_events_meet_a_window(lines: list[str], start: str | None, end: str | None, *, expected: bool) -> None:
    assert meets(calendar(*lines), "VEVENT", start, end) is expected


@pytest.mark.parametrize(
    ("lines", "start", "end", "expected"),
    [
        (["DTSTART:20260601T120000Z", "DURATION:PT1H"], ONE, TWO, True),  # start <= DTSTART+DURATION
        (["DTSTART:20260601T130000Z", "DURATION:PT0S"], NOON, ONE, True),  # end >= DTSTART+DURATION
        (["DTSTART:20260601T120000Z", "DURATION:PT1H"], "20260601T130001", TWO, False),
        (["DTSTART:20260601T120000Z", "DUE:20260601T130000Z"], ONE, TWO, False),
        (["DTSTART:20260601T120000Z", "DUE:20260601T130000Z"], NOON, ONE, True),
        (["DTSTART:20260601T130000Z", "DUE:20260601T130000Z"], NOON, ONE, True),  # end >= DUE
        (["DTSTART:20260601T120000Z"], NOON, ONE, True),
        (["DTSTART:20260601T130000Z"], NOON, ONE, False),
        (["DUE:20260601T130000Z"], NOON, ONE, True),  # end >= DUE
        (["DUE:20260601T120000Z"], NOON, ONE, False),  # start < DUE
        (["COMPLETED:20260601T120000Z", "CREATED:20260501T120000Z"], NOON, ONE, True),
        (["COMPLETED:20260601T120000Z", "CREATED:20260501T120000Z"], ONE, TWO, False),
        (["COMPLETED:20260601T120000Z"], NOON, ONE, True),
        (["COMPLETED:20260601T130000Z"], NOON, ONE, True),
        (["COMPLETED:20260601T140000Z"], NOON, ONE, False),
        (["CREATED:20260601T120000Z"], NOON, ONE, True),
        (["CREATED:20260601T130000Z"], NOON, ONE, False),
        ([], NOON, ONE, True),
        (["DUE:20260501T123000Z", "RRULE:FREQ=MONTHLY"], NOON, ONE, True),
    ],
)
def test_tasks_meet_a_window(lines: list[str], start: str, end: str, *, expected: bool) -> None:
    assert meets(calendar(*lines, kind="VTODO"), "VTODO", start, end) is expected


@pytest.mark.parametrize(
    ("lines", "start", "end", "expected"),
    [
        (["DTSTART:20260601T120000Z"], NOON, ONE, True),
        (["DTSTART:20260601T130000Z"], NOON, ONE, False),
        (["DTSTART;VALUE=DATE:20260601"], NOON, ONE, True),
        (["DTSTART;VALUE=DATE:20260531"], NOON, ONE, False),
        ([], NOON, ONE, False),
    ],
)
def test_journals_meet_a_window(lines: list[str], start: str, end: str, *, expected: bool) -> None:
    assert meets(calendar(*lines, kind="VJOURNAL"), "VJOURNAL", start, end) is expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["DTSTART:20260601T100000Z", "DTEND:20260601T120000Z"], True),
        (["DTSTART:20260601T100000Z", "DTEND:20260601T110000Z"], False),
        (["FREEBUSY:20260601T100000Z/PT1H,20260601T123000Z/PT1H"], True),
        (["FREEBUSY:20260601T100000Z/20260601T120000Z"], False),
        ([], False),
    ],
)
def test_free_busy_components_meet_a_window(lines: list[str], *, expected: bool) -> None:
    assert meets(calendar(*lines, kind="VFREEBUSY"), "VFREEBUSY", NOON, ONE) is expected


ALARMED = ["DTSTART:20260601T120000Z", "DTEND:20260601T130000Z", "RRULE:FREQ=DAILY;COUNT=3"]


def alarm(*lines: str) -> Component:
    return calendar(*ALARMED, "BEGIN:VALARM", "ACTION:DISPLAY", *lines, "END:VALARM")


def rings(component: Component, start: str, end: str) -> bool:
    inner = CompFilter("VALARM", time_range=window(start, end))
    event = CompFilter("VEVENT", comps=[inner])
    return match(component, CompFilter("VCALENDAR", comps=[event]), default_zone=UTC)


@pytest.mark.parametrize(
    ("lines", "start", "end", "expected"),
    [
        (["TRIGGER:-PT15M"], "20260602T114500", "20260602T114501", True),
        (["TRIGGER:-PT15M"], "20260602T114501", "20260603T114500", False),
        (["TRIGGER:-PT15M"], "20260604T000000", "20260701T000000", False),
        (["TRIGGER;RELATED=END:PT15M"], "20260603T131500", "20260603T131600", True),
        (["TRIGGER;VALUE=DATE-TIME:20260701T000000Z"], "20260701T000000", "20260702T000000", True),
        (["TRIGGER;VALUE=DATE-TIME:20260701T000000Z"], "20260702T000000", "20260703T000000", False),
        (["TRIGGER:-PT15M", "REPEAT:4", "DURATION:PT5M"], "20260603T120400", "20260603T120600", True),
        (["TRIGGER:-PT15M", "REPEAT:3", "DURATION:PT5M"], "20260603T120400", "20260603T120600", False),
        (["TRIGGER:-PT15M", "REPEAT:4", "DURATION:PT5M"], "20260603T120100", "20260603T120400", False),
        (["TRIGGER:-PT15M", "REPEAT:many", "DURATION:PT5M"], "20260603T120400", "20260603T120600", False),
        (["TRIGGER:-PT15M", "REPEAT:4", "DURATION:x"], "20260603T120400", "20260603T120600", False),
        (["TRIGGER:-PT15M", "REPEAT:4", "DURATION:PT0S"], "20260603T120400", "20260603T120600", False),
        (["TRIGGER:soon"], "20260101T000000", "20270101T000000", False),
        ([], "20260101T000000", "20270101T000000", False),
    ],
)
def test_alarms_ring_in_a_window(lines: list[str], start: str, end: str, *, expected: bool) -> None:
    assert rings(alarm(*lines), start, end) is expected


def test_only_a_bounded_number_of_alarm_windows_is_expanded() -> None:
    many = [line for minutes in range(100) for line in ("BEGIN:VALARM", f"TRIGGER:-PT{minutes}M", "END:VALARM")]
    assert not rings(calendar(*ALARMED, *many), "20260701T000000", "20260702T000000")


EVENT = calendar(
    "DTSTART;TZID=Europe/Berlin:20260601T120000",
    "SUMMARY:Über\\, alle Berge",
    "CATEGORIES:Work,Travel",
    "ATTENDEE;PARTSTAT=ACCEPTED;CN=Anna:mailto:anna@example.org",
    "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ben@example.org",
    "LAST-MODIFIED:20260501T100000Z",
    "RDATE;VALUE=PERIOD:20260610T100000Z/PT1H",
)


def has(prop: PropFilter) -> bool:
    event = CompFilter("VEVENT", props=[prop])
    return match(EVENT, CompFilter("VCALENDAR", comps=[event]), default_zone=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    ("prop", "expected"),
    [
        (PropFilter("SUMMARY"), True),
        (PropFilter("LOCATION"), False),
        (PropFilter("LOCATION", is_not_defined=True), True),
        (PropFilter("SUMMARY", is_not_defined=True), False),
        (PropFilter("SUMMARY", text_match=TextMatch(", ALLE")), True),
        (PropFilter("SUMMARY", text_match=TextMatch("über")), False),  # ASCII case only
        (PropFilter("SUMMARY", text_match=TextMatch("über", "i;unicode-casemap")), True),
        (PropFilter("SUMMARY", text_match=TextMatch("ALLE", "i;octet")), False),
        (PropFilter("SUMMARY", text_match=TextMatch("berge", match_type="ends-with")), True),
        (PropFilter("SUMMARY", text_match=TextMatch("berge", match_type="starts-with")), False),
        (PropFilter("CATEGORIES", text_match=TextMatch("work,travel", match_type="equals")), True),
        (PropFilter("SUMMARY", text_match=TextMatch("alle", negate=True)), False),
        (PropFilter("LOCATION", text_match=TextMatch("x", negate=True)), False),
        (PropFilter("LAST-MODIFIED", time_range=window("20260501T100000", "20260501T110000")), True),
        (PropFilter("LAST-MODIFIED", time_range=window("20260501T090000", "20260501T100000")), False),
        (PropFilter("DTSTART", time_range=window("20260601T100000", "20260601T100001")), True),
        (PropFilter("RDATE", time_range=window("20260610T103000", "20260610T103001")), True),
        (PropFilter("RDATE", time_range=window("20260610T113000", "20260610T113001")), False),
        (PropFilter("ATTENDEE", params=[ParamFilter("PARTSTAT", text_match=TextMatch("needs-action"))]), True),
        (PropFilter("ATTENDEE", params=[ParamFilter("PARTSTAT", text_match=TextMatch("declined"))]), False),
        (PropFilter("ATTENDEE", params=[ParamFilter("CN", is_not_defined=True)]), True),
        (PropFilter("ATTENDEE", params=[ParamFilter("CN")]), True),
        (PropFilter("ATTENDEE", params=[ParamFilter("ROLE")]), False),
        (
            PropFilter(
                "ATTENDEE",
                text_match=TextMatch("ben"),
                params=[ParamFilter("PARTSTAT", text_match=TextMatch("accepted"))],
            ),
            False,  # both must hold for one attendee
        ),
    ],
)
def test_properties_are_matched(prop: PropFilter, *, expected: bool) -> None:
    assert has(prop) is expected


def test_unknown_collations_and_match_types_are_refused() -> None:
    with pytest.raises(Unsupported):
        has(PropFilter("SUMMARY", text_match=TextMatch("a", "i;klingon")))
    with pytest.raises(Unsupported):
        has(PropFilter("SUMMARY", text_match=TextMatch("a", match_type="sounds-like")))


def test_components_are_matched_by_existence() -> None:
    def root(*comps: CompFilter, **rest: bool) -> CompFilter:
        return CompFilter("VCALENDAR", comps=comps, **rest)  # type: ignore[arg-type]  # only is_not_defined

    assert match(EVENT, root(), default_zone=UTC)
    assert match(EVENT, root(CompFilter("VTODO", is_not_defined=True)), default_zone=UTC)
    assert not match(EVENT, root(CompFilter("VEVENT", is_not_defined=True)), default_zone=UTC)
    assert not match(EVENT, root(CompFilter("VTODO")), default_zone=UTC)
    assert not match(EVENT, root(is_not_defined=True), default_zone=UTC)
    assert not match(EVENT, CompFilter("VEVENT"), default_zone=UTC)
    assert match(EVENT, CompFilter("VEVENT", is_not_defined=True), default_zone=UTC)
    alarmless = CompFilter("VEVENT", comps=[CompFilter("VALARM", is_not_defined=True)])
    assert match(EVENT, root(alarmless), default_zone=UTC)
    assert not match(EVENT, root(CompFilter("VALARM", time_range=TimeRange())), default_zone=UTC)
    assert not match(calendar(kind="X-THING"), root(CompFilter("X-THING", time_range=TimeRange())), default_zone=UTC)


def test_time_range_and_property_must_hold_for_the_same_override() -> None:
    series = parse(
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:u\r\nDTSTART:20260601T100000Z\r\nDURATION:PT1H\r\n"
        "RRULE:FREQ=DAILY\r\nSUMMARY:plain\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:u\r\n"
        "RECURRENCE-ID:20260610T100000Z\r\nDTSTART:20260610T150000Z\r\nDURATION:PT1H\r\nSUMMARY:special\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )

    def special(day: str) -> bool:
        event = CompFilter(
            "VEVENT",
            time_range=TimeRange(at(day), at(day) + timedelta(days=1)),
            props=[PropFilter("SUMMARY", text_match=TextMatch("special"))],
        )
        return match(series, CompFilter("VCALENDAR", comps=[event]), default_zone=UTC)

    assert special("20260610T000000")
    assert not special("20260611T000000")


def test_floating_times_are_read_in_the_zone_of_the_query() -> None:
    floating = calendar("DTSTART:20260601T120000", "DURATION:PT1H")
    inner = CompFilter("VEVENT", time_range=window("20260601T100000", "20260601T110000"))
    root = CompFilter("VCALENDAR", comps=[inner])
    assert match(floating, root, default_zone=ZoneInfo("Europe/Berlin"))
    assert not match(floating, root, default_zone=UTC)
