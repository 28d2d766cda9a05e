"""What may be stored as a calendar object."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from folkmoot.core.errors import MalformedInput
from folkmoot.ical import InvalidCalendarObject, OutsideDateRange, TooManyInstances, check_calendar_object, parse

CLIENTS = sorted((Path(__file__).parents[1] / "fixtures/ical/clients").glob("*.ics"))
EVENT = "BEGIN:VEVENT\nUID:u\nDTSTART:20260601T100000Z\nEND:VEVENT\n"
OVERRIDE = "BEGIN:VEVENT\nUID:u\nRECURRENCE-ID:20260601T100000Z\nDTSTART:20260601T110000Z\nEND:VEVENT\n"


def check(inside: str, **limits: object) -> None:
    check_calendar_object(parse(f"BEGIN:VCALENDAR\n{inside}END:VCALENDAR\n"), **limits)  # type: ignore[arg-type]


@pytest.mark.parametrize("path", CLIENTS, ids=lambda path: path.stem)
def test_what_clients_send_is_taken(path: Path) -> None:
    calendar = parse(path.read_bytes())
    calendar.remove("METHOD")  # the invitation of Exchange, once it is filed
    check_calendar_object(calendar)


@pytest.mark.parametrize(
    "inside",
    [
        EVENT,
        EVENT + OVERRIDE,
        OVERRIDE + OVERRIDE.replace("01T10", "02T10"),
        "BEGIN:VTODO\nUID:u\nEND:VTODO\n",
        "BEGIN:VJOURNAL\nUID:u\nEND:VJOURNAL\n",
        "VERSION:1.0\n" + EVENT,
        "BEGIN:VTIMEZONE\nTZID:broken\nEND:VTIMEZONE\n" + EVENT,
    ],
)
def test_sloppy_but_plain_objects_are_taken(inside: str) -> None:
    check(inside)


@pytest.mark.parametrize(
    "inside",
    [
        "",
        "BEGIN:VTIMEZONE\nTZID:x\nEND:VTIMEZONE\n",
        "METHOD:REQUEST\n" + EVENT,
        EVENT + "BEGIN:VTODO\nUID:u\nEND:VTODO\n",
        EVENT + OVERRIDE.replace("UID:u", "UID:v"),
        EVENT + EVENT,
        EVENT.replace("UID:u\n", ""),
        EVENT.replace("UID:u", "UID: "),
        EVENT.replace("DTSTART:20260601T100000Z\n", ""),
    ],
)
def test_what_is_no_calendar_object_is_refused(inside: str) -> None:
    with pytest.raises(InvalidCalendarObject):
        check(inside)


@pytest.mark.parametrize(
    "line",
    [
        "RRULE:FREQ=NEVER",
        "DTEND:later",
        "DURATION:long",
        "EXDATE:20269999",
        "RDATE;VALUE=PERIOD:x/y",
        "RECURRENCE-ID:x",
    ],
)
def test_values_that_cannot_be_read_are_refused(line: str) -> None:
    rule = "" if line.startswith("RRULE") else "RRULE:FREQ=DAILY\n"
    with pytest.raises(MalformedInput):
        check(EVENT.replace("END:VEVENT", f"{rule}{line}\nEND:VEVENT"))


def test_occurrences_of_ending_series_are_counted() -> None:
    check(EVENT.replace("END:VEVENT", "RRULE:FREQ=DAILY;COUNT=10\nEND:VEVENT"), max_instances=10)
    check(EVENT.replace("END:VEVENT", "RRULE:FREQ=DAILY\nEND:VEVENT"), max_instances=10)
    with pytest.raises(TooManyInstances):
        check(EVENT.replace("END:VEVENT", "RRULE:FREQ=DAILY;COUNT=11\nEND:VEVENT"), max_instances=10)


def test_dates_outside_the_given_range_are_refused() -> None:
    limits = {
        "min_date_time": datetime(2026, 1, 1, tzinfo=UTC),
        "max_date_time": datetime(2026, 12, 31, tzinfo=UTC),
    }
    check(EVENT, **limits)
    for year in ("2025", "2027"):
        with pytest.raises(OutsideDateRange):
            check(EVENT.replace("20260601", f"{year}0601"), **limits)
