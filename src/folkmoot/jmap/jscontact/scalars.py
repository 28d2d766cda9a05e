"""Properties of one value, and sets: language, kind, keywords, members."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from folkmoot.contentline import Line, escape_text
from folkmoot.jmap.jscontact.editing import Editing
from folkmoot.jmap.jscontact.reading import GENDER, KINDS, SCALARS, Reading, has_bare_uid
from folkmoot.jmap.jscontact.written import Dialect
from folkmoot.vcard.moments import basic_stamp

_NAMES: Final = {property_: name for name, property_ in SCALARS.items()}
_URN: Final = "urn:uuid:"


def change_scalar(editing: Editing, reading: Reading, property_: str, wanted: str | None, dialect: Dialect) -> None:
    """Make the line of a property of one value say this, or nothing."""
    lines = [line for entry in reading.of(property_) for line in entry.lines]
    name = _NAMES[property_]
    if wanted is None:
        editing.remove(line for line in editing.lines if line.name == name)
        return
    value = wanted.upper() if property_ == GENDER and dialect.new else wanted
    if property_ in {"created", "updated"} and dialect.new:
        value = basic_stamp(value) or value
    value = value if property_ in {"created", "updated"} else escape_text(value)
    if lines:
        editing.replace(lines[0], lines[0].replace(value=value))
    else:
        editing.remove([line for line in editing.lines if line.name == name])  # one that says nothing readable
        editing.add(Line(name, value))


def change_kind(editing: Editing, wanted: str | None, dialect: Dialect) -> None:
    """Make a card of another kind; 3.0 has Apple's words for it."""
    editing.remove([line for line in editing.lines if line.name in KINDS])
    if wanted is None:
        return
    if wanted == "org" and not dialect.new:
        editing.add(Line("X-ABShowAs", "COMPANY"))
    else:
        editing.add(Line("KIND" if dialect.new else "X-ADDRESSBOOKSERVER-KIND", wanted))


def change_keywords(editing: Editing, reading: Reading, wanted: Collection[str]) -> None:
    """Add and drop words of CATEGORIES; all other words keep their spelling."""
    entries = reading.of("keywords")
    present = {entry.id for entry in entries}
    gone = present - set(wanted)
    holders = {id(entry.holder): entry.holder for entry in entries if entry.id in gone and entry.holder is not None}
    for key, holder in holders.items():
        left = [entry for entry in entries if id(entry.holder) == key and entry.id not in gone]
        if not left:
            editing.remove([holder])
        elif holder.has_params:
            form = {"ENCODING", "CHARSET", "QUOTED-PRINTABLE"}
            kept = [one for one in holder.params if one.name not in form]
            words = ",".join(escape_text(entry.id) for entry in left)
            editing.replace(holder, holder.replace(value=words, params=kept))
        else:
            editing.replace(holder, holder.replace(value=",".join(entry.lines[0].value for entry in left)))
    new = [word for word in wanted if word not in present]
    if not new:
        return
    words = ",".join(map(escape_text, new))
    home = next((line for line in editing.lines if line.name == "CATEGORIES" and not line.has_params), None)
    if home is not None and home.value:
        editing.replace(home, home.replace(value=f"{home.value},{words}"))
    elif home is not None:
        editing.replace(home, home.replace(value=words))
    else:
        editing.add(Line("CATEGORIES", words))


def change_members(editing: Editing, reading: Reading, wanted: Mapping[str, Any], dialect: Dialect) -> None:
    """Add and drop members of a group."""
    entries = reading.of("members")
    editing.remove([line for entry in entries if entry.id not in wanted for line in entry.lines])
    present = {entry.id for entry in entries}
    bare = has_bare_uid(reading.sight.card)
    name = "MEMBER" if dialect.new else "X-ADDRESSBOOKSERVER-MEMBER"
    for uid in wanted:
        if uid not in present:
            value = f"{_URN}{uid}" if bare and ":" not in uid else uid
            editing.add(Line(name, value))
