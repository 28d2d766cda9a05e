"""Decisions in files: what was stored, what was sent, what follows.

A case is a directory: ``before.ics`` (absent: nothing was there), ``action.ics`` (absent: a deletion), ``case.json``
(who writes, and with which wishes), and the outcome in ``after.ics`` (absent: nothing is left) and ``messages.txt``.
With FOLKMOOT_ACCEPT_GOLDEN=1 the outcomes are written anew, for a human to read the difference.
"""

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from folkmoot.ical import Component, format, parse  # noqa: A004
from folkmoot.scheduling.decide import decide
from folkmoot.scheduling.values import Actor, Address, Decision, Message, Wishes

CASES = Path(__file__).parent / "golden" / "decide"
ACCEPT = os.environ.get("FOLKMOOT_ACCEPT_GOLDEN") == "1"


@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda case: str(case.name))
def test_the_decision_is_the_one_written_down(case: Path) -> None:
    before, action = _read(case / "before.ics"), _read(case / "action.ics")
    actor, wishes = _circumstances(json.loads((case / "case.json").read_text()))
    untouched = [None if one is None else one.copy() for one in (before, action)]
    decision = decide(before, action, actor, wishes)
    assert [before, action] == untouched
    stored, told = _text(decision.calendar), _told(decision)
    if ACCEPT:
        _write(case / "after.ics", stored)
        _write(case / "messages.txt", told)
    assert stored == ((case / "after.ics").read_text() if (case / "after.ics").exists() else "")
    assert told == (case / "messages.txt").read_text()


@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda case: str(case.name))
def test_the_same_write_again_tells_nobody_anything(case: Path) -> None:
    action = _read(case / "action.ics")
    if action is None:
        return
    actor, wishes = _circumstances(json.loads((case / "case.json").read_text()))
    stored = decide(_read(case / "before.ics"), action, actor, wishes).calendar
    assert stored is not None
    again = decide(stored, stored, actor, wishes)
    assert not again.messages
    assert again.calendar is stored
    assert again.keeps_tag or not again.scheduling


def _circumstances(case: dict[str, Any]) -> tuple[Actor, Wishes]:
    addresses = [Address(address) for address in case["addresses"]]
    acting = case.get("acting")
    actor = Actor(
        frozenset(addresses),
        addresses[0],
        case.get("name", ""),
        None if acting is None else Address(acting),
        case.get("acting_name", ""),
    )
    moment = datetime.strptime(case.get("now", "20260501T120000Z"), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return actor, Wishes(moment, ZoneInfo("Europe/Berlin"), **case.get("wishes", {}))


def _told(decision: Decision) -> str:
    """Return the messages as text; those of the same content together."""
    tag = "kept" if decision.keeps_tag else "new"
    pieces = [f"scheduling: {'yes' if decision.scheduling else 'no'}; tag: {tag}; messages: {len(decision.messages)}\n"]
    left: list[Message] = list(decision.messages)
    while left:
        same = [one for one in left if one.calendar == left[0].calendar]
        pieces.append("\n" + "".join(map(_head, same)) + _text(same[0].calendar, zones=False))
        left = [one for one in left if one not in same]
    return "".join(pieces)


def _head(message: Message) -> str:
    words: Sequence[str] = [
        f"{message.sender} -> {message.recipient}: {message.method} ({message.reason}), SEQUENCE {message.sequence}",
        f"instances {' '.join(message.recurrence_ids)}" if message.recurrence_ids else "",
        "" if message.significant else "quiet",
        "forced" if message.force else "",
    ]
    return "# " + ", ".join(word for word in words if word) + "\n"


def _read(path: Path) -> Component | None:
    return parse(path.read_text()) if path.exists() else None


def _text(calendar: Component | None, *, zones: bool = True) -> str:
    if calendar is None:
        return ""
    if not zones:
        shown = [one for one in calendar.components if one.name != "VTIMEZONE"]
        calendar = Component(calendar.name, calendar.properties, shown)
    return format(calendar).replace("\r\n", "\n")


def _write(path: Path, text: str) -> None:
    if text:
        path.write_text(text)
    else:
        path.unlink(missing_ok=True)
