"""Telling what recurs several times a day without parsing it."""

import pytest

from folkmoot.ical.density import SIZE_MAX, is_dense

EVENT = b"BEGIN:VEVENT\r\nUID:x\r\nDTSTART:20260101T000000Z\r\n%s\r\nEND:VEVENT\r\n"


@pytest.mark.parametrize(
    "rule",
    [
        b"RRULE:FREQ=SECONDLY",
        b"RRULE:INTERVAL=2;FREQ=MINUTELY",
        b"rrule:freq=hourly",
        b"RRULE:FREQ=SECO\r\n NDLY",
        b"R\r\n RULE:FREQ=MINU\n\tTELY",
        b"RRULE:FREQ=HOU\r\r\n RLY",
        b"RRULE:FREQ=HOU\r RLY",
        b"RRULE:FREQ=DAILY;BYHOUR=0,1,2,3",
        b"RRULE:FREQ=DAILY;BYSEC\r\n OND=0,1",
    ],
)
def test_rules_of_many_occurrences_a_day_are_dense_however_they_are_folded(rule: bytes) -> None:
    assert is_dense(EVENT % rule)


@pytest.mark.parametrize(
    "rule", [b"SUMMARY:FREQ", b"RRULE:FREQ=DAILY", b"RRULE:FREQ=WEEKLY;BYHOUR=9", b"RDATE:20260102"]
)
def test_what_people_write_is_not(rule: bytes) -> None:
    assert not is_dense(EVENT % rule)


def test_what_is_very_long_is_dense() -> None:
    assert is_dense(EVENT % (b"DESCRIPTION:" + b"x" * SIZE_MAX))
