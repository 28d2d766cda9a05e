"""Occurrences: what clients write that the standard does not foresee, and the corners of what it does."""

from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from folkmoot.ical import Component, Floating, Occurrence, occurrences, parse

CLIENTS = Path(__file__).parents[1] / "fixtures/ical/clients"
BERLIN = ZoneInfo("Europe/Berlin")
YEAR = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))


def calendar(*components: str, kind: str = "VEVENT") -> Component:
    body = "\n".join(f"BEGIN:{kind}\nUID:u\n{component}\nEND:{kind}" for component in components)
    return parse(f"BEGIN:VCALENDAR\n{body}\nEND:VCALENDAR\n")


def found(*components: str, kind: str = "VEVENT", limit: int = 10_000) -> list[Occurrence]:
    return occurrences(calendar(*components, kind=kind), *YEAR, default_zone=BERLIN, limit=limit)


def starts(*components: str, kind: str = "VEVENT") -> list[str]:
    return [f"{one.start:%m-%dT%H:%M}" for one in found(*components, kind=kind)]


@pytest.mark.parametrize(
    ("name", "count", "first"),
    [
        ("apple-ios", 21, "03-05T16:00"),
        ("outlook-exchange", 10, "01-13T09:00"),
        ("outlook-com", 1, "07-14T14:30"),
        ("google", 1, "07-03T22:00"),
        ("thunderbird", 20, "04-01T07:00"),
        ("evolution", 10, "02-16T08:30"),
        ("davx5-android", 4, "06-08T14:00"),
        ("journal-jtx", 1, "05-31T22:00"),
    ],
)
def test_what_clients_send_happens_when_they_mean(name: str, count: int, first: str) -> None:
    got = occurrences(parse((CLIENTS / f"{name}.ics").read_bytes()), *YEAR, default_zone=BERLIN)
    assert len(got) == count
    assert f"{got[0].start:%m-%dT%H:%M}" == first
    assert all(one.start <= other.start for one, other in pairwise(got))


def test_an_occurrence_knows_what_it_comes_from() -> None:
    master, override = (
        "DTSTART;TZID=Europe/Berlin:20260601T100000\nDTEND;TZID=Europe/Berlin:20260601T110000\nRRULE:FREQ=DAILY;COUNT=2",
        "RECURRENCE-ID:20260602T080000Z\nDTSTART:20260602T120000\nSUMMARY:moved",
    )
    plain, moved = found(master, override)
    assert plain.recurrence_id == plain.local_start == datetime(2026, 6, 1, 10, tzinfo=BERLIN)
    assert plain.local_end == plain.end == datetime(2026, 6, 1, 9, tzinfo=UTC)
    assert (plain.all_day, plain.floating, moved.floating) == (False, False, True)
    assert moved.component.text("SUMMARY") == "moved"
    assert moved.recurrence_id == datetime(2026, 6, 2, 8, tzinfo=UTC)
    assert moved.local_start == Floating(datetime(2026, 6, 2, 12))  # noqa: DTZ001
    [single] = found("DTSTART;VALUE=DATE:20260601")
    assert (single.recurrence_id, single.all_day, single.local_end) == (None, True, date(2026, 6, 2))


def test_the_length_is_exact_where_the_end_is_given() -> None:
    night = found(
        "DTSTART;TZID=Europe/Berlin:20260327T220000\nDTEND;TZID=Europe/Berlin:20260328T060000\nRRULE:FREQ=DAILY;COUNT=2"
    )
    assert [one.end - one.start for one in night] == [night[0].end - night[0].start] * 2


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("DTSTART:20260601T080000Z\nRRULE:FREQ=DAILY;UNTIL=20260501T080000Z", ["06-01T08:00"]),
        ("DTSTART:20250601T080000Z\nRRULE:FREQ=DAILY;UNTIL=20250501T080000Z", []),
        ("DTSTART:20270601T080000Z\nRRULE:FREQ=DAILY;UNTIL=20250501T080000Z", []),
        ("DTSTART;VALUE=DATE:20260601\nRRULE:FREQ=DAILY;UNTIL=20260602T100000Z", ["05-31T22:00", "06-01T22:00"]),
        ("DTSTART:20260601T080000\nRRULE:FREQ=DAILY;UNTIL=20260602T060000Z", ["06-01T06:00", "06-02T06:00"]),
        ("DTSTART:20260601T080000Z\nRDATE;VALUE=DATE:20260603", ["06-01T08:00", "06-03T08:00"]),
        ("DTSTART;VALUE=DATE:20260601\nRDATE:20260603T100000Z", ["05-31T22:00", "06-02T22:00"]),
        ("DTSTART:20260601T080000Z\nRDATE:20270101T080000Z,20251231T080000Z,,", ["06-01T08:00"]),
        ("DTSTART:20260601T080000Z\nEXDATE:20260601T080000Z", []),
        ("DTSTART:20260601T080000Z\nEXDATE;VALUE=DATE:20260601", []),
        ("DTSTART:20260601T080000Z\nEXDATE;VALUE=DATE:20260602", ["06-01T08:00"]),
        (
            "DTSTART:20260601T080000Z\nRRULE:FREQ=DAILY;COUNT=4\nEXRULE:FREQ=DAILY;INTERVAL=2",
            ["06-02T08:00", "06-04T08:00"],
        ),
        ("DTSTART;VALUE=DATE:20260601\nRRULE:FREQ=DAILY;COUNT=2\nEXDATE:20260601T000000", ["06-01T22:00"]),
        ("DTSTART:20260601T080000Z\nRRULE:RSCALE=CHINESE;FREQ=YEARLY", ["06-01T08:00"]),
        ("SUMMARY:no start", []),
        ("DTSTART;TZID=Nowhere/Land:20260601T100000", ["06-01T08:00"]),
        ("DTSTART;TZID=:20260601T100000", ["06-01T08:00"]),
        ("DTSTART:20260601T100000Z\nDURATION:-PT1H", ["06-01T10:00"]),
        ("DTSTART;VALUE=DATE:20260601\nDTEND:20260602T100000Z", ["05-31T22:00"]),
        ("DTSTART:20260601T100000Z\nDTEND;VALUE=DATE:20260602", ["06-01T10:00"]),
        ("DTSTART:20260601T100000\nDTEND:20260601T110000", ["06-01T08:00"]),
    ],
)
def test_odd_properties_have_a_meaning(lines: str, expected: list[str]) -> None:
    assert starts(lines) == expected


def test_an_override_may_name_its_day_only() -> None:
    master = "DTSTART:20260601T080000Z\nRRULE:FREQ=DAILY;COUNT=3"
    assert starts(master, "RECURRENCE-ID;VALUE=DATE:20260602\nDTSTART:20260602T120000Z") == [
        "06-01T08:00",
        "06-02T12:00",
        "06-03T08:00",
    ]


def test_an_override_may_replace_the_only_occurrence() -> None:
    assert starts("DTSTART:20260601T080000Z", "RECURRENCE-ID:20260601T080000Z\nDTSTART:20260601T090000Z") == [
        "06-01T09:00"
    ]
    assert starts("DTSTART:20260601T080000Z", "RECURRENCE-ID:20260601T080000Z\nSUMMARY:no start") == []


def test_two_masters_of_one_uid_are_two_events() -> None:
    assert starts("DTSTART:20260601T080000Z", "DTSTART:20260701T080000Z") == ["06-01T08:00", "07-01T08:00"]


@pytest.mark.parametrize(
    ("master", "override", "expected"),
    [
        (
            "DTSTART;VALUE=DATE:20260601\nRRULE:FREQ=DAILY;COUNT=3",
            "RECURRENCE-ID;RANGE=THISANDFUTURE;VALUE=DATE:20260602\nDTSTART;VALUE=DATE:20260604",
            ["2026-06-01", "2026-06-04", "2026-06-05"],
        ),
        (
            "DTSTART:20260601T080000\nRRULE:FREQ=DAILY;COUNT=3",
            "RECURRENCE-ID;RANGE=THISANDFUTURE:20260602T080000\nDTSTART:20260602T090000",
            ["2026-06-01 08:00:00", "2026-06-02 09:00:00", "2026-06-03 09:00:00"],
        ),
        (
            "DTSTART;TZID=Europe/Berlin:20260327T100000\nRRULE:FREQ=DAILY;COUNT=4",
            "RECURRENCE-ID;RANGE=THISANDFUTURE:20260328T090000Z\nDTSTART;TZID=America/New_York:20260328T060000",
            [
                "2026-03-27 10:00:00+01:00",
                "2026-03-28 06:00:00-04:00",
                "2026-03-29 05:00:00-04:00",  # Berlin changed its clocks, New York did not
                "2026-03-30 05:00:00-04:00",
            ],
        ),
    ],
)
def test_this_and_future_moves_by_the_clock(master: str, override: str, expected: list[str]) -> None:
    got = [one.local_start for one in found(master, override)]
    assert [str(when.wall if isinstance(when, Floating) else when) for when in got] == expected


def test_only_so_many_candidates_are_looked_at() -> None:
    assert len(found("DTSTART:20250101T080000Z\nRRULE:FREQ=HOURLY", limit=10)) <= 10
    dates = ",".join(f"202602{day:02d}T080000Z" for day in range(1, 20))
    assert len(found(f"DTSTART:20260101T080000Z\nRDATE:{dates}", limit=10)) == 10


def test_tasks_recur_by_their_due_date_and_keep_their_length() -> None:
    assert starts("DUE:20260601T080000Z\nRRULE:FREQ=MONTHLY;COUNT=2", kind="VTODO") == ["06-01T08:00", "07-01T08:00"]
    task = found("DTSTART:20260601T080000Z\nDUE:20260601T090000Z\nRRULE:FREQ=MONTHLY;COUNT=2", kind="VTODO")
    assert [(one.end - one.start).total_seconds() for one in task] == [3600, 3600]


def test_a_window_without_sides_is_all_time() -> None:
    endless = calendar("DTSTART:16010101T000000Z\nRRULE:FREQ=YEARLY")
    assert len(occurrences(endless, default_zone=UTC)) == 2000
    assert occurrences(endless, YEAR[0], default_zone=UTC)[0].start == YEAR[0]
    assert occurrences(endless, end=YEAR[1], default_zone=UTC)[-1].start == YEAR[0]
    edge = calendar("DTSTART;TZID=America/New_York:99991231T235959\nRRULE:FREQ=DAILY")
    assert len(occurrences(edge, default_zone=UTC)) <= 1
