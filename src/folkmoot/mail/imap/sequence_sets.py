"""Sets of UIDs as IMAP writes them (``2,4:7,9:*``): compact to write, bounded to expand."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from folkmoot.core.errors import MalformedInput

NUMBER_MAX: Final = 2**32 - 1
EXPANDED_MAX: Final = 2_000_000  # numbers; no mailbox holds more
SET_OCTETS_MAX: Final = 7_000  # of one set in a command, whose line may be 8192 octets long (RFC 7162 section 4)
_SET: Final = re.compile(r"(?:[0-9]{1,10}|\*)(?::(?:[0-9]{1,10}|\*))?(?:,(?:[0-9]{1,10}|\*)(?::(?:[0-9]{1,10}|\*))?)*+")

Span = tuple[int, int]


def spans_of(numbers: Iterable[int]) -> list[Span]:
    """Return ascending spans, both ends included, that hold exactly these numbers.

    Raises:
        MalformedInput: a number that is none of a message.
    """
    spans: list[Span] = []
    first = last = 0
    for number in sorted(set(numbers)):
        if not 0 < number <= NUMBER_MAX:
            raise MalformedInput(f"not a message's number: {number}")
        if number == last + 1 and first:
            last = number
            continue
        if first:
            spans.append((first, last))
        first = last = number
    if first:
        spans.append((first, last))
    return spans


def write_sets(numbers: Iterable[int]) -> Iterator[str]:
    """Yield sets that together hold these numbers, each short enough for one command.

    Raises:
        MalformedInput: a number that is none of a message.
    """
    written: list[str] = []
    octets = 0
    for first, last in spans_of(numbers):
        text = str(first) if first == last else f"{first}:{last}"
        if written and octets + len(text) > SET_OCTETS_MAX:
            yield ",".join(written)
            written, octets = [], 0
        written.append(text)
        octets += len(text) + 1
    if written:
        yield ",".join(written)


def read_spans(text: str) -> list[Span]:
    """Return the spans of a set as it is written, the smaller end first; ``*`` is the largest number there is.

    Raises:
        MalformedInput: not a set.
    """
    if not _SET.fullmatch(text):
        raise MalformedInput(f"not a set of messages: {text[:80]!r}")
    spans = []
    for piece in text.split(","):
        first, _, last = piece.partition(":")
        low, high = _number(first), _number(last or first)
        spans.append((min(low, high), max(low, high)))
    return spans


def expand(text: str) -> list[int]:
    """Return the numbers of a set that a server told, in its order.

    Raises:
        MalformedInput: not a set, or one of more than two million numbers.
    """
    numbers: list[int] = []
    if not _SET.fullmatch(text):
        raise MalformedInput(f"not a set of messages: {text[:80]!r}")
    for piece in text.split(","):
        start, colon, end = piece.partition(":")
        low = _number(start)
        if not colon:
            numbers.append(low)
            continue
        high = _number(end)
        if low > high:
            low, high = high, low
        if len(numbers) + high - low >= EXPANDED_MAX:
            raise MalformedInput(f"a set of more than {EXPANDED_MAX} messages")
        numbers.extend(range(low, high + 1))
    if len(numbers) > EXPANDED_MAX:
        raise MalformedInput(f"a set of more than {EXPANDED_MAX} messages")
    return numbers


class Membership:
    """Whether a number is in a set."""

    __slots__ = ("_numbers", "_spans")

    def __init__(self, what: str | Iterable[int]) -> None:
        self._numbers = None if isinstance(what, str) else frozenset(what)
        self._spans = read_spans(what) if isinstance(what, str) else []

    def __contains__(self, number: int) -> bool:
        if self._numbers is not None:
            return number in self._numbers
        # "*" alone is the last message, whichever that is.
        return any(low <= number <= high or low == NUMBER_MAX for low, high in self._spans)


def _number(text: str) -> int:
    return NUMBER_MAX if text == "*" else min(int(text), NUMBER_MAX)
