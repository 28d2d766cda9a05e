"""Recurrence: the cases worked out by hand."""

import json
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from folkmoot.ical.component import parse
from folkmoot.ical.recurrence import occurrences

CASES = json.loads((Path(__file__).parents[1] / "fixtures/ical/recurrence_cases.json").read_text())


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%d%H%M").replace(tzinfo=UTC)


@pytest.mark.parametrize("name", CASES["cases"])
def test_a_case_worked_out_by_hand(name: str) -> None:
    case = CASES["cases"][name]
    found = occurrences(parse(case["text"]), moment(case["from"]), moment(case["to"]), default_zone=UTC)
    starts = [
        occurrence.local_start.isoformat()
        if isinstance(occurrence.local_start, date) and occurrence.all_day
        else f"{occurrence.start:%Y-%m-%dT%H:%M}"
        for occurrence in found
    ]
    if case["starts"] is None:  # the standard leaves it open
        assert len(starts) in (1, 3)
    else:
        assert starts == case["starts"]


@pytest.mark.parametrize("name", CASES["abusive"])
def test_an_abusive_case_ends_quickly(name: str) -> None:
    text = CASES["abusive"][name]
    begun = time.process_time()
    calendar = parse(text)
    found = occurrences(calendar, moment("202601010000"), moment("202701010000"), default_zone=UTC)
    assert len(found) <= 10_000
    found = occurrences(calendar, default_zone=UTC)
    assert len(found) <= 10_000
    assert time.process_time() - begun < 2
