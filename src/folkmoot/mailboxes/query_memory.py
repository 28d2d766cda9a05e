"""Lists that a worker has told, for as long as there is room: so it can tell later what has changed in them."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from folkmoot.core.ids import PrincipalId
from folkmoot.mailboxes.vectors import Vector

OCTETS_MAX: Final = 16 * 1024 * 1024  # of a worker
LISTS_MAX: Final = 2_000
_ENTRY_OCTETS: Final = 200  # of a list, beside its UIDs; of a run of them likewise

Runs = Sequence[tuple[str, Vector]]
Key = tuple[PrincipalId, str, str, str]
"""Caller, account, question and order, state: nobody is told of what somebody else has seen."""


class QueryMemory:
    """What was told, the list used longest ago first."""

    def __init__(self, octets_max: int = OCTETS_MAX) -> None:
        self._octets_max = octets_max
        self._held: OrderedDict[Key, Runs] = OrderedDict()
        self._octets = 0

    def remember(self, key: Key, runs: Runs) -> None:
        """Keep a list."""
        before = self._held.pop(key, None)
        if before is not None:
            self._octets -= _octets(before)
        self._held[key] = runs
        self._octets += _octets(runs)
        while self._held and (self._octets > self._octets_max or len(self._held) > LISTS_MAX):
            _, gone = self._held.popitem(last=False)
            self._octets -= _octets(gone)

    def recall(self, key: Key) -> Runs | None:
        """Return a list that was told, None if it is forgotten."""
        found = self._held.get(key)
        if found is not None:
            self._held.move_to_end(key)
        return found


def _octets(runs: Runs) -> int:
    return _ENTRY_OCTETS + sum(_ENTRY_OCTETS + len(uids) * uids.itemsize for _, uids in runs)
