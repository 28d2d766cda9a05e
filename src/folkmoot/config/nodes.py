"""The values of a property list, each with the place in the text where it stands."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

Scalar = str | bytes | bool | int | float | datetime
Plain = Scalar | list["Plain"] | dict[str, "Plain"]
"""A property list without places, as code that does not report faults wants it."""


@dataclass(frozen=True, slots=True)
class Node:
    """One value; line and column count from 1, 0 means that it did not come from a text."""

    value: "Scalar | tuple[Node, ...] | Dictionary"
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a dictionary with its value; line and column are those of the key."""

    key: str
    node: Node
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Dictionary:
    """The entries in the order of the text; of a repeated key the last one counts, as in GNUstep."""

    entries: tuple[Entry, ...] = ()
    _last: dict[str, Entry] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_last", {entry.key: entry for entry in self.entries})

    def find(self, key: str) -> Entry | None:
        return self._last.get(key)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._last.values())

    def __len__(self) -> int:
        return len(self._last)

    def repeated(self) -> list[Entry]:
        """List the entries that a later one with the same key hides."""
        return [entry for entry in self.entries if self._last[entry.key] is not entry]


def plain(node: Node) -> Plain:
    """Return the value without the places; arrays become lists, dictionaries ``dict``."""
    match node.value:
        case Dictionary():
            return {entry.key: plain(entry.node) for entry in node.value}
        case tuple():
            return [plain(item) for item in node.value]
        case scalar:
            return scalar


def node_of(value: Plain) -> Node:
    """Return the node of a plain value, with no place."""
    match value:
        case dict():
            return Node(Dictionary(tuple(Entry(key, node_of(item)) for key, item in value.items())))
        case list():
            return Node(tuple(node_of(item) for item in value))
        case _:
            return Node(value)
