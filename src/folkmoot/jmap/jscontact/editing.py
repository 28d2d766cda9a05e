"""The lines of a card while they are changed; what is not touched stays the very line."""

from collections.abc import Iterable, Sequence
from typing import Final

from folkmoot.contentline import Line, escape_text
from folkmoot.jmap.jscontact.merging import old_fashioned
from folkmoot.vcard import Card
from folkmoot.vcard.groups import Labels, regroup
from folkmoot.vcard.parameters import without_impossible

_LABELS: Final = frozenset({"X-ABLABEL", "X-ABADR"})  # say nothing without the property of their group


class Editing:
    """A card's lines by identity, in order."""

    def __init__(self, card: Card) -> None:
        self._card = card
        self._lines: list[Line] = list(card.properties)
        self.changed = False

    @property
    def lines(self) -> Sequence[Line]:
        """The present lines."""
        return self._lines

    def card(self) -> Card:
        """Return the card as it is now."""
        return Card(self._card.component, list(self._lines), self._card.begin, self._card.end)

    def replace(self, line: Line, *others: Line) -> list[Line]:
        """Put lines in the place of one; return them as they stand in the card now."""
        made = [one if one is line else self._made(one) for one in others]
        place = self._place(line)
        self._lines[place : place + 1] = made
        self.changed = True
        return made

    def remove(self, lines: Iterable[Line]) -> None:
        """Drop lines, and the labels of groups that nothing is left of."""
        gone = {id(line) for line in lines}
        groups = {line.group.lower() for line in self._lines if id(line) in gone and line.group is not None}
        self._lines = [line for line in self._lines if id(line) not in gone]
        self.changed = self.changed or bool(gone)
        for group in groups:
            left = [line for line in self._lines if line.group is not None and line.group.lower() == group]
            if all(line.name in _LABELS for line in left):
                alone = {id(line) for line in left}
                self._lines = [line for line in self._lines if id(line) not in alone]

    def add(self, line: Line, *, after: Line | None = None) -> Line:
        """Add a line behind another one, or behind the last of its name; return it as it stands in the card."""
        made = self._made(line)
        place = len(self._lines)
        if after is not None:
            place = self._place(after) + 1
        else:
            same = [number for number, one in enumerate(self._lines) if one.name == line.name]
            if same:
                place = same[-1] + 1
                while place < len(self._lines) and self._is_label_of(self._lines[place - 1], self._lines[place]):
                    place += 1
        self._lines.insert(place, made)
        self.changed = True
        return made

    def relabel(self, line: Line, label: str | None) -> Line:
        """Give the group of a line another label, or none; return the line as it stands in the card."""
        present = [one for one in self._lines if one.name == "X-ABLABEL" and _same_group(one, line)]
        if label is None:
            gone = {id(one) for one in present}
            self._lines = [one for one in self._lines if id(one) not in gone]
            self.changed = True
            return line
        if present:
            self.replace(present[0], present[0].replace(value=escape_text(label), params=()))
            return line
        if line.group is not None:
            self.add(Line("X-ABLabel", escape_text(label), (), line.group), after=line)
            return line
        group, labelled = Labels(self._lines).open(label)
        grouped = self.replace(line, regroup(line, name=line.name, group=group))[0]
        self.add(labelled, after=grouped)
        return grouped

    def _made(self, line: Line) -> Line:
        line = without_impossible(line)
        return old_fashioned(line) if self._card.version == "2.1" else line

    def _place(self, line: Line) -> int:
        return next(number for number, one in enumerate(self._lines) if one is line)

    def _is_label_of(self, line: Line, following: Line) -> bool:
        return following.name in _LABELS and _same_group(line, following)


def _same_group(one: Line, other: Line) -> bool:
    return one.group is not None and other.group is not None and one.group.lower() == other.group.lower()
