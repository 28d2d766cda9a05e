"""Free and busy time."""

from datetime import UTC, datetime

import pytest

from folkmoot.ical import BusyPeriod, busy_periods, format_freebusy, merge, parse


def hour(value: int, day: int = 1) -> datetime:
    return datetime(2026, 6, day, value, tzinfo=UTC)


def busy(inside: str) -> list[BusyPeriod]:
    return busy_periods(parse(f"BEGIN:VCALENDAR\n{inside}END:VCALENDAR\n"), hour(9), hour(17), default_zone=UTC)


def event(*lines: str) -> str:
    return "\n".join(
        ["BEGIN:VEVENT", "UID:u", "DTSTART:20260601T100000Z", "DTEND:20260601T110000Z", *lines, "END:VEVENT", ""]
    )


@pytest.mark.parametrize(
    ("lines", "kinds"),
    [
        ([], ["BUSY"]),
        (["TRANSP:TRANSPARENT"], []),
        (["STATUS:CANCELLED"], []),
        (["STATUS:TENTATIVE"], ["BUSY-TENTATIVE"]),
        (["STATUS:CONFIRMED", "TRANSP:opaque"], ["BUSY"]),
    ],
)
def test_events_are_busy_by_transparency_and_status(lines: list[str], kinds: list[str]) -> None:
    assert [period.type for period in busy(event(*lines))] == kinds


def test_tasks_and_moments_leave_time_free() -> None:
    assert busy("BEGIN:VTODO\nUID:u\nDTSTART:20260601T100000Z\nDUE:20260601T110000Z\nEND:VTODO\n") == []
    assert busy("BEGIN:VEVENT\nUID:u\nDTSTART:20260601T100000Z\nEND:VEVENT\n") == []


def test_periods_are_clipped_to_the_window() -> None:
    long = "BEGIN:VEVENT\nUID:u\nDTSTART:20260601T080000Z\nDURATION:P1D\nEND:VEVENT\n"
    assert busy(long) == [BusyPeriod(hour(9), hour(17))]


def test_a_cancelled_override_frees_its_time() -> None:
    series = event("RRULE:FREQ=HOURLY;INTERVAL=2;COUNT=3")
    cancelled = event("RECURRENCE-ID:20260601T120000Z", "STATUS:CANCELLED").replace(
        "T100000Z\nDTEND", "T120000Z\nDTEND"
    )
    assert busy(series + cancelled) == [BusyPeriod(hour(10), hour(11)), BusyPeriod(hour(14), hour(15))]


def test_stated_free_busy_counts_by_its_type() -> None:
    stated = (
        "BEGIN:VFREEBUSY\nFREEBUSY;FBTYPE=FREE:20260601T090000Z/PT1H\nFREEBUSY;FBTYPE=busy-unavailable:"
        "20260601T100000Z/PT1H\nFREEBUSY;FBTYPE=X-THING:20260601T120000Z/20260601T130000Z\nEND:VFREEBUSY\n"
    )
    assert busy(stated) == [BusyPeriod(hour(10), hour(11), "BUSY-UNAVAILABLE"), BusyPeriod(hour(12), hour(13))]


def test_merging_joins_periods_of_one_type() -> None:
    periods = [
        BusyPeriod(hour(12), hour(13)),
        BusyPeriod(hour(10), hour(11)),
        BusyPeriod(hour(11), hour(12)),
        BusyPeriod(hour(10), hour(12), "BUSY-TENTATIVE"),
        BusyPeriod(hour(15), hour(16)),
    ]
    assert merge(periods) == [
        BusyPeriod(hour(10), hour(12), "BUSY-TENTATIVE"),
        BusyPeriod(hour(10), hour(13)),
        BusyPeriod(hour(15), hour(16)),
    ]


def test_free_busy_text_is_complete() -> None:
    periods = [BusyPeriod(hour(10), hour(11)), BusyPeriod(hour(12), hour(13), "BUSY-TENTATIVE")]
    text = format_freebusy(
        hour(9),
        hour(17),
        periods,
        stamp=hour(8),
        product="-//x//EN",
        method="REPLY",
        uid="u",
        organizer="mailto:a@example.org",
        attendee="mailto:b@example.org",
    )
    assert text == (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nMETHOD:REPLY\r\nBEGIN:VFREEBUSY\r\nUID:u\r\n"
        "DTSTAMP:20260601T080000Z\r\nDTSTART:20260601T090000Z\r\nDTEND:20260601T170000Z\r\n"
        "ORGANIZER:mailto:a@example.org\r\nATTENDEE:mailto:b@example.org\r\n"
        "FREEBUSY:20260601T100000Z/20260601T110000Z\r\n"
        "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20260601T120000Z/20260601T130000Z\r\n"
        "END:VFREEBUSY\r\nEND:VCALENDAR\r\n"
    )
    assert busy_periods(parse(text), hour(9), hour(17), default_zone=UTC) == periods
    assert "METHOD" not in format_freebusy(hour(9), hour(17), [], stamp=hour(8), product="p")
