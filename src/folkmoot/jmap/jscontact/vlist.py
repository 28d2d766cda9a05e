"""SOGo's lists of contacts, VLIST components, as group cards; members are resource names in the same book."""

from collections.abc import Mapping
from typing import Any, Final

from folkmoot.contentline import Line, Parameter, escape_text
from folkmoot.jmap.jscontact.editing import Editing
from folkmoot.jmap.jscontact.errors import JsError
from folkmoot.jmap.jscontact.reading import Entry, Reading
from folkmoot.jmap.jscontact.sight import Sight, identifier, plain
from folkmoot.vcard import Card, display_name

LIST_PROPERTIES: Final = frozenset({"name", "nicknames", "notes", "members"})
"""What of a list can be changed."""


def read_list(card: Card) -> Reading:
    """Return the entries of a list."""
    reading = Reading(Sight(card))
    entries = reading.entries
    entries.append(Entry("kind", "", "group", []))
    seen: set[str] = set()
    for line in card.properties:
        text = plain(line)
        if not text:
            continue
        match line.name:
            case "UID" | "FN" if line.name not in seen:
                entries.append(
                    Entry("uid", "", text, [line]) if line.name == "UID" else Entry("name", "", {"full": text}, [line])
                )
            case "NICKNAME":
                entries.append(Entry("nicknames", identifier(line), {"name": text}, [line]))
            case "DESCRIPTION":
                entries.append(Entry("notes", identifier(line), {"note": text}, [line]))
            case "CARD":
                entries.append(Entry("members", text, True, [line]))
        seen.add(line.name)
    return reading


def list_member(name: str, member: Card) -> Line:
    """Return the line by which a list names a card of its book: by resource name, with an address and a name beside."""
    params = [Parameter("EMAIL", (mail,)) for line in member.all("EMAIL")[:1] if (mail := plain(line))]
    shown = display_name(member)
    if shown:
        params.append(Parameter("FN", (shown,)))
    return Line("CARD", name, params)


def patched_list(
    card: Card,
    reading: Reading,
    present: Mapping[str, Any],
    wanted: Mapping[str, Any],
    references: Mapping[str, Line],
) -> Card:
    """Return a list with another name, nicknames, notes or members; ``references`` are the lines of new members.

    Raises:
        JsError: a new member without a line, or more of a name than a full one.
    """
    editing = Editing(card)
    new = [uid for uid in wanted.get("members") or {} if uid not in (present.get("members") or {})]
    if any(uid not in references for uid in new):
        raise JsError("members: a list of SOGo names cards of its own address book", "members")
    editing.remove(
        [
            line
            for entry in reading.of("members")
            if entry.id not in (wanted.get("members") or {})
            for line in entry.lines
        ]
    )
    for uid in new:
        editing.add(references[uid])
    name = dict(wanted.get("name") or {})
    full = name.pop("full", None)
    if name or not full:
        raise JsError("name: a list of SOGo has a full name only", "name")
    if (present.get("name") or {}).get("full") != full:
        line = next((one for one in editing.lines if one.name == "FN"), None)
        if line is None:
            editing.add(Line("FN", escape_text(full)))
        else:
            editing.replace(line, line.replace(value=escape_text(full)))
    for property_, member, written in (("nicknames", "name", "NICKNAME"), ("notes", "note", "DESCRIPTION")):
        _change_texts(editing, reading, property_, member, written, wanted.get(property_) or {})
    return editing.card()


def _change_texts(
    editing: Editing, reading: Reading, property_: str, member: str, written: str, wanted: Mapping[str, Any]
) -> None:
    known = {entry.id: entry for entry in reading.of(property_)}
    for key, entry in known.items():
        if key not in wanted:
            editing.remove(entry.lines)
        elif wanted[key] != entry.value:
            line = entry.lines[0].replace(value=escape_text(wanted[key][member]))
            editing.replace(entry.lines[0], line.with_param("PROP-ID", key))
    for key, value in wanted.items():
        if key not in known:
            editing.add(Line(written, escape_text(value[member])).with_param("PROP-ID", key))
