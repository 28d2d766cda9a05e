"""The state of all collections of one kind in a home, as opaque text for clients.

``{collection}-{revision}`` of each collection in base 36, in order, with a dot between; for who does not see
everything in it ``-{shown}`` follows, as in sync tokens.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from folkmoot.collections.access import Seen
from folkmoot.core.ids import CollectionId, Revision

EMPTY: Final = "0"  # the state of a home without collections
STATE_MAX: Final = 300_000  # characters: a home of 10,000 collections, with room
_PART: Final = re.compile(r"([0-9a-z]{1,12})-([0-9a-z]{1,12})(?:-([012]{3}))?\Z")
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Mark:
    """How much of one collection a client knows."""

    revision: Revision
    shown: str = ""


@dataclass(frozen=True, slots=True)
class HomeState:
    """How much of each collection a client knows."""

    marks: Mapping[CollectionId, Mark]

    def __str__(self) -> str:
        return ".".join(self._texts()) or EMPTY

    def _texts(self) -> Iterable[str]:
        for one in sorted(self.marks):
            mark = self.marks[one]
            text = f"{_base36(one)}-{_base36(mark.revision)}"
            yield f"{text}-{mark.shown}" if mark.shown else text


def state_of(collections: Iterable[Seen]) -> HomeState:
    """Return the present state of collections as they were found."""
    return HomeState({seen.collection.id: Mark(seen.collection.revision, seen.rights.shown) for seen in collections})


def parse_state(text: str) -> HomeState | None:
    """Return the state that a client gives back, None if it is none."""
    if len(text) > STATE_MAX:
        return None
    if text == EMPTY:
        return HomeState({})
    marks: dict[CollectionId, Mark] = {}
    for part in text.split("."):
        found = _PART.match(part)
        if found is None:
            return None
        marks[CollectionId(int(found[1], 36))] = Mark(Revision(int(found[2], 36)), found[3] or "")
    return HomeState(marks)


def _base36(number: int) -> str:
    digits = ""
    while True:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
        if not number:
            return digits
