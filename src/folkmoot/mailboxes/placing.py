"""Puts new messages where they belong in an order that a server made, by asking it to sort few messages at a time.

Only the server knows how it compares subjects and names.  Each round sorts the new messages together with some old
ones, spread over where a new one may still belong; three rounds place a message among 100,000.
"""

from collections.abc import Awaitable, Callable, Sequence
from itertools import pairwise
from operator import itemgetter
from typing import Final

from folkmoot.mailboxes.vectors import Vector, inserted

SPREAD: Final = 64  # old messages that one round looks at for each gap
PROBES_MAX: Final = 1_000  # in one round, all gaps together: the command stays short
ROUNDS_MAX: Final = 12  # two for each that 100,000 messages take, and some more; then the order is made anew

Sort = Callable[[Sequence[int]], Awaitable[Sequence[int]]]
"""Sorts messages by UID; leaves out those that are gone."""


async def place(sort: Sort, order: Vector, new: Sequence[int]) -> Vector | None:
    """Return an order with new messages in it; None if the server contradicts the order that was.

    ``new`` holds none of ``order``.  New messages that are gone by now are left out.
    """
    low = dict.fromkeys(new, 0)
    high = dict.fromkeys(new, len(order))
    sequence: Sequence[int] = new
    for _ in range(ROUNDS_MAX):
        gaps = sorted({(low[uid], high[uid]) for uid in low if low[uid] < high[uid]})
        if not gaps and sequence is not new:
            break
        probes = _probes(gaps)
        sequence = await sort([*low, *(order[index] for index in probes)])
        if not _narrow(sequence, {order[index]: index for index in probes}, low, high):
            return None
    else:
        return None
    return inserted(order, sorted(((low[uid], uid) for uid in sequence if uid in low), key=itemgetter(0)))


def _probes(gaps: Sequence[tuple[int, int]]) -> list[int]:
    each = max(min(SPREAD, PROBES_MAX // max(len(gaps), 1)), 1)
    found: set[int] = set()
    for start, end in gaps:
        width = end - start
        count = min(each, width)
        found.update(start + (number * width + width // 2) // count for number in range(count))
        found.add(end - 1)  # what comes after all: new messages mostly do
    return sorted(found)


def _narrow(sequence: Sequence[int], probes: dict[int, int], low: dict[int, int], high: dict[int, int]) -> bool:
    """Narrow the gaps by what the server answered; False if it does not fit."""
    seen = [probes[uid] for uid in sequence if uid in probes]
    if any(first >= second for first, second in pairwise(seen)):
        return False
    there = set(sequence)
    for uid in [uid for uid in low if uid not in there]:
        del low[uid], high[uid]
    before = -1
    for uid in sequence:
        if uid in probes:
            before = probes[uid]
        elif uid in low:
            low[uid] = max(low[uid], before + 1)
    after: int | None = None
    for uid in reversed(sequence):
        if uid in probes:
            after = probes[uid]
        elif uid in high and after is not None:
            high[uid] = min(high[uid], after)
    return all(low[uid] <= high[uid] for uid in low)
