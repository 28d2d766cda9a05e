"""Property groups, with which Apple ties a label to a property: ``item1.TEL`` and ``item1.X-ABLabel``."""

from collections.abc import Iterable

from folkmoot.contentline import Line, escape_text
from folkmoot.vcard.values import text_value


class Labels:
    """The labels of a card's groups; new groups can be opened beside those in use."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._labels: dict[str, str] = {}
        self._groups: set[str] = set()
        self._next = 1
        for line in lines:
            if line.group is not None:
                self._groups.add(line.group.lower())
                if line.name == "X-ABLABEL":
                    self._labels.setdefault(line.group.lower(), text_value(line).strip())

    def of(self, line: Line) -> str | None:
        """Return the label of a property's group, or None."""
        return None if line.group is None else self._labels.get(line.group.lower())

    def open(self, label: str) -> tuple[str, Line]:
        """Return a new group and the line that labels it."""
        while f"item{self._next}" in self._groups:
            self._next += 1
        group = f"item{self._next}"
        self._groups.add(group)
        return group, Line("X-ABLabel", escape_text(label), (), group)


def regroup(line: Line, *, name: str, group: str | None) -> Line:
    """Return the line under another name and in another group."""
    return Line(name, line.value, line.params, group)
