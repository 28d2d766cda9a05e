"""Availability: the examples of RFC 7953, its rules of priority, and what is refused."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.ical import BusyPeriod, parse
from folkmoot.ical.availability import AVAILABLE_MAX, check_availability, subtract, unavailable_periods

MONTREAL = ZoneInfo("America/Montreal")
DENVER = ZoneInfo("America/Denver")


def available(start: str, end: str, *lines: str, uid: str = "hours", zone: str = "America/Montreal") -> str:
    extra = "".join(f"{line}\n" for line in lines)
    return (
        f"BEGIN:AVAILABLE\nUID:{uid}\nDTSTAMP:20111005T133225Z\nDTSTART;TZID={zone}:{start}\nDTEND;TZID={zone}:{end}\n"
        f"{extra}END:AVAILABLE\n"
    )


def rule(*parts: str, lines: str = "") -> str:
    return f"BEGIN:VAVAILABILITY\nUID:rule\nDTSTAMP:20111005T133225Z\n{lines}{''.join(parts)}END:VAVAILABILITY\n"


def calendar(*rules: str) -> str:
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//EN\n{''.join(rules)}END:VCALENDAR\n".replace("\n", "\r\n")


OFFICE = available("20111002T090000", "20111002T170000", "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR")


def day(number: int, hour: int = 0, minute: int = 0, zone: ZoneInfo = MONTREAL, month: int = 10) -> datetime:
    return datetime(2011, month, number, hour, minute, tzinfo=zone).astimezone(UTC)


def unavailable(text: str, start: datetime, end: datetime) -> list[tuple[datetime, datetime, str]]:
    periods = unavailable_periods(parse(text), start, end, default_zone=MONTREAL)
    return [(period.start, period.end, period.type) for period in periods]


def test_weekdays_from_nine_to_five_without_an_end() -> None:
    """The first example of the RFC: taken is all but the office hours, on the weekend the whole day."""
    assert unavailable(calendar(rule(OFFICE)), day(7), day(11)) == [
        (day(7), day(7, 9), "BUSY-UNAVAILABLE"),
        (day(7, 17), day(10, 9), "BUSY-UNAVAILABLE"),
        (day(10, 17), day(11), "BUSY-UNAVAILABLE"),
    ]


def test_hours_that_differ_by_day_hold_between_two_dates_only() -> None:
    """The second example: Monday to Thursday, Friday mornings, for two months."""
    text = calendar(
        rule(
            available("20111002T090000", "20111002T170000", "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH", uid="main"),
            available("20111007T090000", "20111007T120000", "RRULE:FREQ=WEEKLY", uid="branch"),
            lines="DTSTART;TZID=America/Montreal:20111002T000000\nDTEND;TZID=America/Montreal:20111202T000000\n",
        )
    )
    assert unavailable(text, day(6), day(8)) == [
        (day(6), day(6, 9), "BUSY-UNAVAILABLE"),
        (day(6, 17), day(7, 9), "BUSY-UNAVAILABLE"),
        (day(7, 12), day(8), "BUSY-UNAVAILABLE"),
    ]
    assert unavailable(text, day(1, month=12), day(4, month=12))[-1][1] == day(2, month=12)


def test_a_week_elsewhere_stands_between_two_at_home() -> None:
    """The third example: Montreal, a week in Denver, Montreal again, one after the other."""
    hours = ("RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",)
    zone = "America/Denver"
    text = calendar(
        rule(
            OFFICE,
            lines="DTSTART;TZID=America/Montreal:20111002T000000\nDTEND;TZID=America/Montreal:20111023T030000\n",
        ),
        rule(
            available("20111023T090000", "20111023T170000", *hours, zone=zone),
            lines=f"DTSTART;TZID={zone}:20111023T000000\nDTEND;TZID={zone}:20111030T000000\n",
        ),
        rule(
            available("20111030T090000", "20111030T170000", *hours),
            lines="DTSTART;TZID=America/Montreal:20111030T030000\n",
        ),
    )
    free_in_denver = (day(24, 9, zone=DENVER), day(24, 17, zone=DENVER))
    found = unavailable(text, day(24), day(25))
    assert [start for start, _, _ in found] == [day(24), free_in_denver[1]]
    assert found[0][1] == free_in_denver[0]
    assert unavailable(text, day(31), day(31, 12)) == [(day(31), day(31, 9), "BUSY-UNAVAILABLE")]


def test_a_higher_priority_replaces_a_lower_one_for_all_of_its_time() -> None:
    away = rule(
        available("20111010T130000", "20111010T150000"),
        lines=(
            "PRIORITY:1\nBUSYTYPE:BUSY\nDTSTART;TZID=America/Montreal:20111010T000000\n"
            "DTEND;TZID=America/Montreal:20111011T000000\n"
        ),
    )
    low = rule(OFFICE, lines="PRIORITY:9\n")
    undefined = rule(OFFICE)
    for base in (low, undefined):
        for text in (calendar(away, base), calendar(base, away)):
            assert unavailable(text, day(10), day(11, 10)) == [
                (day(10), day(10, 13), "BUSY"),
                (day(10, 15), day(11), "BUSY"),
                (day(11), day(11, 9), "BUSY-UNAVAILABLE"),
            ]


def test_an_instance_may_be_moved_or_left_out() -> None:
    moved = available("20111011T120000", "20111011T130000", "RECURRENCE-ID;TZID=America/Montreal:20111011T090000")
    text = calendar(
        rule(OFFICE.replace("END:AVAILABLE", "EXDATE;TZID=America/Montreal:20111010T090000\nEND:AVAILABLE"), moved)
    )
    assert unavailable(text, day(10), day(12)) == [
        (day(10), day(11, 12), "BUSY-UNAVAILABLE"),
        (day(11, 13), day(12), "BUSY-UNAVAILABLE"),
    ]


def test_an_instance_is_cut_to_the_time_of_its_rule() -> None:
    text = calendar(rule(OFFICE, lines="DTSTART;TZID=America/Montreal:20111010T100000\nDURATION:PT2H\n"))
    assert unavailable(text, day(10), day(11)) == []
    text = calendar(rule(OFFICE, lines="DTSTART;TZID=America/Montreal:20111010T080000\nDURATION:PT2H\n"))
    assert unavailable(text, day(10), day(11)) == [(day(10, 8), day(10, 9), "BUSY-UNAVAILABLE")]


def test_an_unknown_busy_type_is_unavailable() -> None:
    assert unavailable(calendar(rule(lines="BUSYTYPE:X-ODD\n")), day(10), day(11)) == [
        (day(10), day(11), "BUSY-UNAVAILABLE")
    ]


@pytest.mark.parametrize(
    "text",
    [
        calendar(),
        calendar("BEGIN:VEVENT\nUID:a\nDTSTART:20111010T090000Z\nEND:VEVENT\n"),
        calendar(rule("BEGIN:VEVENT\nUID:a\nDTSTART:20111010T090000Z\nEND:VEVENT\n")),
        calendar(rule("BEGIN:AVAILABLE\nUID:a\nEND:AVAILABLE\n")),
        calendar(rule(OFFICE.replace("FREQ=WEEKLY", "FREQ=NEVER"))),
        calendar(rule(OFFICE, lines="PRIORITY:ten\n")),
        calendar(rule(OFFICE, lines="DTSTART:20111010T090000Z\nDTEND:20111009T090000Z\n")),
        calendar(rule(OFFICE, lines="DTSTART:today\n")),
    ],
)
def test_what_is_no_availability_is_refused(text: str) -> None:
    with pytest.raises(MalformedInput):
        check_availability(parse(text))


def test_an_availability_has_a_limited_number_of_parts() -> None:
    check_availability(parse(calendar(rule(OFFICE))))
    with pytest.raises(TooLarge):
        check_availability(parse(calendar(rule(*[OFFICE] * (AVAILABLE_MAX + 1)))))


def test_rules_by_the_second_end_at_the_limit() -> None:
    text = calendar(rule(available("20111002T090000", "20111002T090001", "RRULE:FREQ=SECONDLY;INTERVAL=2")))
    assert len(unavailable(text, day(10), day(10) + timedelta(days=30))) <= 10_001


def test_subtracting_leaves_what_is_outside_of_all_holes() -> None:
    hour = [datetime(2026, 1, 1, number, tzinfo=UTC) for number in range(24)]
    periods = [BusyPeriod(hour[0], hour[4]), BusyPeriod(hour[6], hour[10], "BUSY-TENTATIVE")]
    holes = [(hour[8], hour[9]), (hour[1], hour[2]), (hour[1], hour[7]), (hour[20], hour[21])]
    assert subtract(periods, holes) == [
        BusyPeriod(hour[0], hour[1]),
        BusyPeriod(hour[7], hour[8], "BUSY-TENTATIVE"),
        BusyPeriod(hour[9], hour[10], "BUSY-TENTATIVE"),
    ]
    assert subtract(periods, []) == periods
