"""The summary: extents that hold every occurrence wherever the reader is."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.ical import InvalidCalendarObject, Summary, calendar_address, occurrences, parse, summarize
from folkmoot.ical.values import FIRST

CLIENTS = Path(__file__).parents[1] / "fixtures/ical/clients"
BERLIN = ZoneInfo("Europe/Berlin")
HOUR = 3600


def summary(*lines: str, kind: str = "VEVENT") -> Summary:
    body = "\n".join(lines)
    return summarize(
        parse(f"BEGIN:VCALENDAR\nBEGIN:{kind}\nUID:u\n{body}\nEND:{kind}\nEND:VCALENDAR\n"), default_zone=BERLIN
    )


def epoch(text: str) -> int:
    return int(datetime.strptime(text, "%Y%m%dT%H%M%S").replace(tzinfo=UTC).timestamp())


def test_what_exchange_sends_is_summarised() -> None:
    found = summarize(parse((CLIENTS / "outlook-exchange.ics").read_bytes()), default_zone=UTC)
    assert found.title == "Quartalszahlen; Vorbereitung"
    assert found.organizer == "carla.weber@example.com"
    assert (found.component, found.status, found.sequence) == ("VEVENT", "CONFIRMED", 0)
    assert (found.recurring, found.exact, found.transparent, found.has_alarms) == (True, False, False, True)
    assert found.start == epoch("20260113T090000")
    assert found.end is not None
    assert epoch("20261208T100000") <= found.end <= epoch("20270101T000000")


def test_a_plain_event_has_its_exact_extent() -> None:
    found = summary("DTSTART;TZID=Europe/Berlin:20260601T100000", "DTEND;TZID=Europe/Berlin:20260601T113000")
    assert (found.start, found.end, found.exact) == (epoch("20260601T080000"), epoch("20260601T093000"), True)
    assert not found.recurring
    assert found.organizer is None


def test_a_moment_has_an_extent_that_is_not_empty() -> None:
    found = summary("DTSTART:20260601T100000Z")
    assert (found.start, found.end, found.exact) == (epoch("20260601T100000"), epoch("20260601T100001"), True)


@pytest.mark.parametrize("start", ["DTSTART;VALUE=DATE:20260601", "DTSTART:20260601T000000"])
def test_days_and_floating_times_reach_around_the_world(start: str) -> None:
    found = summary(start, "DURATION:P1D")
    assert found.start is not None
    assert found.end is not None
    assert found.start <= epoch("20260601T000000") - 14 * HOUR
    assert found.end >= epoch("20260602T000000") + 14 * HOUR
    assert not found.exact


@pytest.mark.parametrize(
    ("rule", "latest"),
    [
        ("FREQ=DAILY;COUNT=3", "20260603T110000"),
        ("FREQ=DAILY;UNTIL=20260603T100000Z", "20260603T110000"),
        ("FREQ=MONTHLY;COUNT=3", "20260801T110000"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;COUNT=2", "20280229T110000"),
        ("FREQ=WEEKLY;BYDAY=MO,WE;COUNT=4", "20260610T110000"),
    ],
)
def test_a_rule_that_ends_has_an_end(rule: str, latest: str) -> None:
    found = summary("DTSTART:20260601T100000Z", "DURATION:PT1H", f"RRULE:{rule}")
    assert found.end is not None
    assert epoch(latest) <= found.end <= epoch(latest) + 8 * 86400
    assert found.recurring
    assert not found.exact


@pytest.mark.parametrize("rule", ["FREQ=DAILY", "FREQ=MONTHLY;COUNT=999999", "FREQ=DAILY;COUNT=999999999"])
def test_a_rule_that_never_ends_has_none(rule: str) -> None:
    assert summary("DTSTART:20260601T100000Z", f"RRULE:{rule}").end is None


def test_tasks_are_padded_and_undated_ones_unbounded() -> None:
    due = summary("DUE:20260601T100000Z", kind="VTODO")
    assert (due.start, due.end) == (epoch("20260601T100000") - 1, epoch("20260601T100000") + 1)
    undated = summary(kind="VTODO")
    assert (undated.start, undated.end) == (None, None)
    recurring = summary("RRULE:FREQ=DAILY", kind="VTODO")
    assert (recurring.start, recurring.end) == (None, None)


def test_free_busy_reaches_over_its_periods() -> None:
    found = summary("FREEBUSY:20260601T100000Z/PT1H,20260603T100000Z/PT1H", kind="VFREEBUSY")
    assert found.start is not None
    assert found.end is not None
    assert found.start <= epoch("20260601T100000")
    assert found.end >= epoch("20260603T110000")
    assert summary(kind="VFREEBUSY").end is None


def test_words_are_read_without_case_and_unknown_classes_are_private() -> None:
    found = summary("DTSTART:20260601T100000Z", "CLASS:confidential", "TRANSP:transparent", "STATUS:tentative")
    assert (found.classification, found.transparent, found.status) == (2, True, "TENTATIVE")
    assert summary("DTSTART:20260601T100000Z", "CLASS:X-SECRET").classification == 1
    assert summary("DTSTART:20260601T100000Z", "SEQUENCE:many").sequence == 0
    assert summary("DTSTART:20260601T100000Z", "SEQUENCE:7").sequence == 7


def test_an_override_without_master_is_summarised() -> None:
    found = summary("RECURRENCE-ID:20260601T100000Z", "DTSTART:20260601T120000Z", "SUMMARY:one")
    assert found.title == "one"
    assert found.recurring
    assert (found.start, found.end) == (epoch("20260601T120000"), epoch("20260601T120001"))


def test_an_object_without_components_is_refused() -> None:
    with pytest.raises(InvalidCalendarObject):
        summarize(parse("BEGIN:VCALENDAR\nEND:VCALENDAR\n"), default_zone=UTC)


def test_addresses_are_comparable() -> None:
    assert calendar_address("MAILTO:Anna%20B@Example.org ") == "anna b@example.org"
    assert calendar_address("urn:uuid:1") == "urn:uuid:1"


starts = st.sampled_from(
    [
        "DTSTART:20260601T100000Z",
        "DTSTART;TZID=Europe/Berlin:20260328T023000",
        "DTSTART;VALUE=DATE:20260601",
        "DTSTART:20260601T100000",
    ]
)
rules = st.builds(
    "RRULE:FREQ={};INTERVAL={}{}{}".format,
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY", "HOURLY"]),
    st.integers(1, 5),
    st.sampled_from(["", ";BYDAY=MO,FR", ";BYMONTHDAY=29,31", ";BYMONTH=2,6", ";BYSETPOS=-1;BYDAY=TU,WE"]),
    st.sampled_from([";COUNT=1", ";COUNT=2", ";COUNT=7", ";UNTIL=20270301", ";UNTIL=20260701T080000Z"]),
)
others = st.lists(
    st.sampled_from(
        [
            "RDATE:20200101T000000Z",
            "RDATE;VALUE=PERIOD:20290101T000000Z/P3D",
            "EXDATE:20260601T100000Z",
            "RDATE;VALUE=DATE:20310101",
        ]
    ),
    unique=True,
)
overrides = st.sampled_from(
    [
        "",
        "RECURRENCE-ID:20260608T100000Z\nDTSTART:20220608T100000Z\nDURATION:P1D",
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20260602T100000Z\nDTSTART:20260605T100000Z\nDURATION:P9D",
        "RECURRENCE-ID;RANGE=THISANDFUTURE;VALUE=DATE:20260603\nDTSTART;VALUE=DATE:20260520",
    ]
)


@given(starts, rules, others, overrides, st.sampled_from(["Pacific/Kiritimati", "Etc/GMT+12", "Europe/Berlin"]))
def test_the_extent_holds_all_occurrences(start: str, rule: str, more: list[str], override: str, zone: str) -> None:
    text = "\n".join(["BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:u", start, "DURATION:PT2H", rule, *more, "END:VEVENT"])
    if override:
        text += f"\nBEGIN:VEVENT\nUID:u\n{override}\nEND:VEVENT"
    calendar = parse(text + "\nEND:VCALENDAR\n")
    found = summarize(calendar, default_zone=BERLIN)
    assert found.start is not None
    for occurrence in occurrences(calendar, FIRST, default_zone=ZoneInfo(zone)):
        assert found.start <= occurrence.start.timestamp()
        assert found.end is None or occurrence.end.timestamp() <= found.end
