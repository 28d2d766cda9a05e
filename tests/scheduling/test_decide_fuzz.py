"""Whatever a client writes over whatever is stored: there is a decision, or an error that says why not."""

import os
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from folkmoot.core.errors import FolkmootError
from folkmoot.ical import Component, check_calendar_object, parse
from folkmoot.ical import format as text_of
from folkmoot.scheduling.decide import decide
from folkmoot.scheduling.values import Actor, Address, Wishes
from tests.support.calendar_inputs import mutated
from tests.support.fuzz import fuzz_inputs

CASES = Path(__file__).parent / "golden" / "decide"
ORIGINALS = [path.read_bytes().replace(b"\n", b"\r\n") for path in sorted(CASES.glob("*/action.ics"))]
PEOPLE = [
    Actor(frozenset({Address(address)}), Address(address))
    for address in ("anna@example.org", "ben@example.org", "cleo@example.com")
]
SECONDS_MAX = 3.0  # for one decision on one hostile object


def test_damaged_objects_are_decided_on_or_refused() -> None:
    survive(300, seed=6)


@pytest.mark.nightly
def test_a_great_many_damaged_objects_are_decided_on_or_refused() -> None:
    survive(fuzz_inputs(50_000), seed=int(os.environ.get("FOLKMOOT_FUZZ_SEED", "1")))


def survive(count: int, *, seed: int) -> None:
    wishes = Wishes(datetime(2026, 5, 1, tzinfo=UTC), ZoneInfo("Europe/Berlin"))
    stored: list[Component] = [parse(body) for body in ORIGINALS]
    decided = 0
    for number, body in enumerate(mutated(ORIGINALS, count, seed=seed)):
        before = stored[number % len(stored)]
        with suppress(FolkmootError):
            after = parse(body)
            check_calendar_object(after, max_instances=2_000)
            for actor in PEOPLE:
                started = time.perf_counter()
                for was, is_ in ((None, after), (before, after), (after, None), (after, before)):
                    decision = decide(was, is_, actor, wishes)
                    for message in decision.messages:
                        text_of(message.calendar)
                    decided += 1
                assert time.perf_counter() - started < SECONDS_MAX, body
    assert decided > count // 2
