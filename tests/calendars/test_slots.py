"""Finding a common slot."""

from datetime import UTC, datetime, timedelta

import pytest

from folkmoot.calendars.busy.slots import SLOTS_MAX, common_slots
from folkmoot.core.errors import MalformedInput
from folkmoot.ical import BusyPeriod

HOUR = timedelta(hours=1)


def at(hour: float, day: int = 1) -> datetime:
    return datetime(2026, 6, day, tzinfo=UTC) + timedelta(hours=hour)


def busy(start: float, end: float, kind: str = "BUSY") -> BusyPeriod:
    return BusyPeriod(at(start), at(end), kind)


def test_a_slot_is_where_all_required_people_are_free() -> None:
    people = {"anna": [busy(8, 10), busy(11, 12)], "ben": [busy(9, 10.5), busy(13, 17, "BUSY-UNAVAILABLE")]}
    found = common_slots(people, HOUR, at(8), at(17))
    assert [(slot.start, slot.end) for slot in found] == [(at(12), at(13))]
    assert [slot.start for slot in common_slots(people, HOUR / 2, at(8), at(17))] == [at(10.5), at(12), at(12.5)]


def test_slots_stay_within_the_hours_given_and_the_window() -> None:
    hours = [(at(9), at(11)), (at(9, 2), at(11, 2))]
    found = common_slots({"anna": []}, HOUR, at(10.25), at(24 * 3), hours=hours, step=timedelta(minutes=30))
    assert [slot.start for slot in found] == [at(9, 2), at(10, 2)]
    assert common_slots({"anna": []}, 3 * HOUR, at(0), at(72), hours=hours) == []


def test_an_optional_person_may_be_missing_but_a_slot_with_everybody_comes_first() -> None:
    people = {"anna": [busy(10, 12)], "ben": [busy(8, 10)]}
    found = common_slots(people, HOUR, at(8), at(13), optional=["ben"])
    assert [(slot.start, tuple(slot.busy)) for slot in found] == [(at(12), ()), (at(8), ("ben",)), (at(9), ("ben",))]


def test_a_tentative_appointment_makes_a_slot_worse_but_not_impossible() -> None:
    people = {"anna": [busy(8, 9, "BUSY-TENTATIVE")]}
    found = common_slots(people, HOUR, at(8), at(10))
    assert [(slot.start, tuple(slot.tentative)) for slot in found] == [(at(9), ()), (at(8), ("anna",))]


def test_the_number_of_slots_is_limited() -> None:
    assert len(common_slots({"anna": []}, HOUR, at(0), at(24 * 30), limit=1000)) == SLOTS_MAX


@pytest.mark.parametrize(
    ("duration", "end", "step"),
    [(timedelta(), at(9), HOUR), (HOUR, at(8), HOUR), (HOUR, at(9), timedelta(seconds=1))],
)
def test_what_makes_no_sense_is_refused(duration: timedelta, end: datetime, step: timedelta) -> None:
    with pytest.raises(MalformedInput):
        common_slots({"anna": []}, duration, at(8), end, step=step)
