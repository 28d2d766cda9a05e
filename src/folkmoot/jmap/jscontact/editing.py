"""The lines of a card while they are changed; what is not touched stays the very line."""

from collections.abc import Iterable
from typing import Final

from folkmoot.contentline import Line, escape_text
from folkmoot.jmap.jscontact.merging import old_fashioned
from folkmoot.vcard import Card
from folkmoot.vcard.groups import Labels, regroup
from folkmoot.vcard.parameters import without_impossible

_LABELS: Final = frozenset({"X-ABLABEL", "X-ABADR"})  # say nothing without the property of their group


class Editing:
    """A card's lines by identity, in order: each stands in a slot, with what was put in its place or behind it.

    So that a change costs the same however many lines a hostile card has.
    """

    def __init__(self, card: Card) -> None:
        self._card = card
        self._slots: list[list[Line]] = [[line] for line in card.properties]
        self._slot_of = {id(line): number for number, (line,) in enumerate(self._slots)}
        self._last_of = {line.name: number for number, (line,) in enumerate(self._slots)}
        self._known: list[Line] = []  # keeps what identities stand for
        self._labels: Labels | None = None
        self.changed = False

    @property
    def lines(self) -> list[Line]:
        """The present lines."""
        return [line for slot in self._slots for line in slot]

    def card(self) -> Card:
        """Return the card as it is now."""
        return Card(self._card.component, self.lines, self._card.begin, self._card.end)

    def replace(self, line: Line, *others: Line) -> list[Line]:
        """Put lines in the place of one; return them as they stand in the card now."""
        made = [one if one is line else self._made(one) for one in others]
        number = self._slot_of[id(line)]
        slot = self._slots[number]
        place = next(place for place, one in enumerate(slot) if one is line)
        slot[place : place + 1] = made
        self._enter(number, made)
        return made

    def remove(self, lines: Iterable[Line]) -> None:
        """Drop lines, and the labels of groups that nothing is left of."""
        groups: set[str] = set()
        for line in list(lines):
            slot = self._slots[self._slot_of[id(line)]]
            slot[:] = [one for one in slot if one is not line]
            self.changed = True
            if line.group is not None:
                groups.add(line.group.lower())
        if not groups:
            return
        grouped = [line for line in self.lines if line.group is not None and line.group.lower() in groups]
        used = {line.group.lower() for line in grouped if line.group is not None and line.name not in _LABELS}
        for line in grouped:
            if line.group is not None and line.group.lower() not in used:
                slot = self._slots[self._slot_of[id(line)]]
                slot[:] = [one for one in slot if one is not line]

    def add(self, line: Line, *, after: Line | None = None) -> Line:
        """Add a line behind another one, or behind the last of its name; return it as it stands in the card."""
        made = self._made(line)
        if after is not None:
            number = self._slot_of[id(after)]
            slot = self._slots[number]
            slot.insert(next(place for place, one in enumerate(slot) if one is after) + 1, made)
        else:
            number = self._last_of.get(line.name, len(self._slots) - 1)
            while number + 1 < len(self._slots) and self._labels_last_of(number):
                number += 1
            if line.name not in self._last_of:
                self._slots.append([])
                number = len(self._slots) - 1
            self._slots[number].append(made)
            self._last_of[line.name] = number
        self._enter(number, [made])
        return made

    def _enter(self, number: int, made: list[Line]) -> None:
        for one in made:
            self._slot_of[id(one)] = number
        self._known += made
        self.changed = True

    def _labels_last_of(self, number: int) -> bool:
        """Whether the next slot has the label of this one's last line."""
        here, following = self._slots[number], self._slots[number + 1]
        return bool(here and following) and following[0].name in _LABELS and _same_group(here[-1], following[0])

    def relabel(self, line: Line, label: str | None) -> Line:
        """Give the group of a line another label, or none; return the line as it stands in the card."""
        present = []
        if line.group is not None:
            present = [one for one in self.lines if one.name == "X-ABLABEL" and _same_group(one, line)]
        if label is None:
            self.remove(present)
            return line
        if present:
            self.replace(present[0], present[0].replace(value=escape_text(label), params=()))
            return line
        if line.group is not None:
            self.add(Line("X-ABLabel", escape_text(label), (), line.group), after=line)
            return line
        if self._labels is None:
            self._labels = Labels(self.lines)
        group, labelled = self._labels.open(label)
        grouped = self.replace(line, regroup(line, name=line.name, group=group))[0]
        self.add(labelled, after=grouped)
        return grouped

    def _made(self, line: Line) -> Line:
        line = without_impossible(line)
        return old_fashioned(line) if self._card.version == "2.1" else line


def _same_group(one: Line, other: Line) -> bool:
    return one.group is not None and other.group is not None and one.group.lower() == other.group.lower()
