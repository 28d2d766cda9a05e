"""Maps of entries changed: entries that stay the same keep their lines, new ones get lines (RFC 9555 section 3.3)."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from folkmoot.contentline import Line
from folkmoot.jmap.jscontact.editing import Editing
from folkmoot.jmap.jscontact.merging import rewritten_entry
from folkmoot.jmap.jscontact.reading import Entry, Reading
from folkmoot.jmap.jscontact.sight import identifier
from folkmoot.jmap.jscontact.written import Dialect, Written

Write: TypeAlias = Callable[[str, Mapping[str, Any], Dialect], Written]

_NUMBERED: Final = re.compile(r".*-\d+")
# Lines beside an address that stop saying what a parameter of it now says.
_OVERRULED: Final = {"GEO": "coordinates", "TZ": "timeZone", "LABEL": "full"}


def change_map(
    editing: Editing,
    reading: Reading,
    property_: str,
    present: Mapping[str, Any],
    wanted: Mapping[str, Any],
    write: Write,
    dialect: Dialect,
) -> None:
    """Make the lines of a map say what is wanted; ``present`` is what lines and JSPROP say."""
    entries = {entry.id: entry for entry in reading.of(property_)}
    touched = [entry for key, entry in entries.items() if present.get(key) != wanted.get(key)]
    if not touched and wanted.keys() == entries.keys():
        return
    keyed = property_ == "relatedTo"
    _separate(editing, list(entries.values()), touched)
    if any(_NUMBERED.fullmatch(entry.id) for entry in entries.values()) and not keyed:
        for entry in entries.values():  # which of two that say the same is the second must not change
            entry.lines[0] = _pinned(editing, entry.lines[0], entry.id)
    editing.remove([line for entry in touched if entry.id not in wanted for line in entry.lines])
    for entry in touched:
        if entry.id in wanted:
            _rewrite(editing, entry, wanted[entry.id], write, dialect, keyed=keyed)
    for key, value in wanted.items():
        if key not in entries and present.get(key) != value:
            _add(editing, key, write(key, value, dialect), keyed=keyed)


def _separate(editing: Editing, entries: list[Entry], touched: list[Entry]) -> None:
    """Give each entry of a list that is touched a line of its own."""
    holders = {id(entry.holder): entry.holder for entry in touched if entry.holder is not None}
    for key, holder in holders.items():
        inside = [entry for entry in entries if entry.holder is not None and id(entry.holder) == key]
        for entry, line in zip(inside, editing.replace(holder, *(one.lines[0] for one in inside)), strict=True):
            entry.lines[0] = line
            entry.holder = None


def _rewrite(
    editing: Editing, entry: Entry, value: Mapping[str, Any], write: Write, dialect: Dialect, *, keyed: bool
) -> None:
    was, becomes = write(entry.id, entry.value, dialect), write(entry.id, value, dialect)
    lines = list(entry.lines)
    for line in lines[1:]:
        member = _OVERRULED.get(line.name)
        outdated = member is not None and entry.property == "addresses" and entry.value.get(member) != value.get(member)
        if outdated or line.name == lines[0].name:
            editing.remove([line])
            entry.lines.remove(line)
    if entry.lines[0].name in _OVERRULED and entry.property == "addresses":
        editing.remove(entry.lines)
        _add(editing, entry.id, becomes, keyed=keyed)
        return
    changes, added = rewritten_entry(entry.lines, was.lines, becomes.lines)
    first: Line | None = None
    for place, changed in changes.items():
        actual = entry.lines[place]
        if changed is None:
            editing.remove([actual])
        elif changed is not actual:
            entry.lines[place] = editing.replace(actual, changed)[0]
    left = [line for place, line in enumerate(entry.lines) if changes.get(place, line) is not None]
    for line in added:
        made = editing.add(line)
        if line is becomes.lines[0]:
            first = made
    first = first or left[0]
    if not keyed:
        first = _pinned(editing, first, entry.id)
    if was.label != becomes.label:
        editing.relabel(first, becomes.label)


def _add(editing: Editing, key: str, written: Written, *, keyed: bool) -> None:
    first, *others = written.lines
    if not keyed and identifier(first) != key:
        first = first.with_param("PROP-ID", key)
    line = editing.add(first)
    for other in others:
        editing.add(other)
    if written.label is not None:
        editing.relabel(line, written.label)


def _pinned(editing: Editing, line: Line, key: str) -> Line:
    """Return the line as one that makes an entry of this id."""
    if identifier(line) == key:
        return line
    return editing.replace(line, line.with_param("PROP-ID", key))[0]
