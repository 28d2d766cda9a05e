"""Messages received, in files: who has what, what comes, what follows.

A case is a text: a remark, then parts that begin with a line of ``===``.  ``=== somebody has`` gives a person an
object, ``=== somebody receives`` (with ``from`` the sender, when the mail tells) is a message.  ``=== receipt`` says
what came of it, with the object as it is then.  With FOLKMOOT_ACCEPT_GOLDEN=1 the receipts are written anew, for a
human to read the difference.
"""

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from folkmoot.core.errors import FolkmootError
from folkmoot.ical import Component, check_calendar_object, format, parse  # noqa: A004
from folkmoot.scheduling.itip import parse_message
from folkmoot.scheduling.receive import receive
from folkmoot.scheduling.values import Actor, Address, Effect, Method, Receipt

CASES = Path(__file__).parent / "golden" / "receive"
ACCEPT = os.environ.get("FOLKMOOT_ACCEPT_GOLDEN") == "1"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
HAS = re.compile(r"(?P<who>\S+) has")
RECEIVES = re.compile(r"(?P<who>\S+) receives(?: from (?P<sender>\S+))?")
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize("case", sorted(CASES.glob("*.txt")), ids=lambda case: str(case.stem))
def test_a_message_makes_of_a_copy_what_is_written_down(case: Path) -> None:
    remark, *parts = re.split(r"^=== ", case.read_text(), flags=re.MULTILINE)
    assert remark.strip()
    copies: dict[str, Component | None] = {}
    told = [remark]
    for part in parts:
        head, _, text = part.partition("\n")
        if has := HAS.fullmatch(head):
            copies[has["who"]] = parse(text)
            told.append(f"=== {part}")
        elif receives := RECEIVES.fullmatch(head):
            told.append(f"=== {part.rstrip()}\n")
            told.append(f"=== receipt\n{_received(copies, receives['who'], receives['sender'], text)}")
        else:
            assert head == "receipt", head
    outcome = "".join(told)
    if ACCEPT:
        case.write_text(outcome)
    assert outcome == case.read_text()


def _received(copies: dict[str, Component | None], who: str, sender: str | None, text: str) -> str:
    """Receive a message, twice, and return the receipt as text."""
    try:
        method, message = parse_message(text.encode())
        receipt = _receive(copies.get(who), message, method, who, sender)
    except FolkmootError as error:
        return f"refused: {error}\n"
    copy = copies.get(who)
    if receipt.effect is Effect.APPLIED:
        assert receipt.calendar is not None
        check_calendar_object(receipt.calendar)
        copies[who] = receipt.calendar
        again = _receive(receipt.calendar, message, method, who, sender)
        assert again.effect in (Effect.UNCHANGED, Effect.STALE, Effect.UNKNOWN), "twice is no more than once"
    elif receipt.effect is Effect.REMOVED:
        copies[who] = None
        assert _receive(None, message, method, who, sender).effect is Effect.UNKNOWN
    else:
        assert receipt.calendar is None or receipt.calendar is copy
    return _told(receipt)


def _receive(copy: Component | None, message: Component, method: Method, who: str, sender: str | None) -> Receipt:
    given = [None if one is None else one.copy() for one in (copy, message)]
    receipt = receive(
        copy,
        message,
        method,
        Actor(frozenset({Address(who)}), Address(who)),
        now=NOW,
        default_zone=BERLIN,
        sender=None if sender is None else Address(sender),
    )
    assert [copy, message] == given
    return receipt


def _told(receipt: Receipt) -> str:
    words = [receipt.effect.value]
    if receipt.significant:
        words.append("significant")
    if receipt.request_status != "2.0;Success":
        words.append(receipt.request_status)
    words += [f"answered: {who}" for who in receipt.replied]
    text = "" if receipt.calendar is None else format(receipt.calendar).replace("\r\n", "\n")
    return f"{', '.join(words)}\n{text}\n"
