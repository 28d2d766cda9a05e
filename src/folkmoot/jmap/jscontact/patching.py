"""Patches of cards: only the lines that say what a patch touches change (RFC 8620 section 5.3, RFC 9555 section 3)."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from folkmoot.contentline import Line, escape_text
from folkmoot.jmap.jscontact import channels, extras, places, resources
from folkmoot.jmap.jscontact.checks import anything, is_vendor
from folkmoot.jmap.jscontact.convert import VERSION, assembled
from folkmoot.jmap.jscontact.editing import Editing
from folkmoot.jmap.jscontact.errors import JsError
from folkmoot.jmap.jscontact.extras import Steps, unsaid
from folkmoot.jmap.jscontact.maps import Write, change_map
from folkmoot.jmap.jscontact.merging import rewritten_entry
from folkmoot.jmap.jscontact.names import write_name
from folkmoot.jmap.jscontact.normal import MAPS, normal
from folkmoot.jmap.jscontact.pointers import parse_patch, patch_value
from folkmoot.jmap.jscontact.reading import GENDER, PRONOUNS, Reading, read
from folkmoot.jmap.jscontact.resources import Photo
from folkmoot.jmap.jscontact.scalars import change_keywords, change_kind, change_members, change_scalar
from folkmoot.jmap.jscontact.schema import SCHEMA
from folkmoot.jmap.jscontact.vlist import LIST_PROPERTIES, patched_list, read_list
from folkmoot.jmap.jscontact.written import Dialect, Written
from folkmoot.vcard import Binary, Card, display_name
from folkmoot.vcard.moments import basic_stamp

_FIXED: Final = frozenset({"@type", "version", "uid"})
_NEW_VERSION: Final = "3.0"  # what the CardDAV clients of all makes read as it is stored
_NAMELESS: Final = "?"
# What stands for content, and what follows from it, is not compared with what was asked for.
_CONTENT: Final = frozenset({"blobId", "uri", "mediaType"})


def _entry(write: Callable[[Mapping[str, Any], Dialect], Written]) -> Write:
    return lambda _, value, dialect: write(value, dialect)


_WRITERS: Final[dict[str, Write]] = {
    "emails": _entry(channels.write_email),
    "phones": _entry(channels.write_phone),
    "nicknames": _entry(channels.write_nickname),
    "organizations": _entry(channels.write_organization),
    "titles": _entry(channels.write_title),
    PRONOUNS: _entry(channels.write_pronouns),
    "preferredLanguages": _entry(channels.write_language),
    "onlineServices": _entry(channels.write_service),
    "notes": _entry(channels.write_note),
    "personalInfo": _entry(channels.write_personal),
    "relatedTo": channels.write_relation,
    "schedulingAddresses": _entry(resources.write_scheduling),
    "addresses": _entry(places.write_address),
    "anniversaries": _entry(places.write_day),
    **{name: _entry(resources.writer(name)) for name in ("calendars", "cryptoKeys", "directories", "links", "media")},
}


def new_card(
    value: Mapping[str, Any], *, now: datetime, prodid: str, blobs: Mapping[str, Binary] | None = None
) -> Card:
    """Return a vCard 3.0 that says what a JSContact Card says; ``blobs`` are the contents of the blob ids in it.

    Raises:
        JsError: it is no Card, has no uid, or names a blob that is not among ``blobs``.
    """
    SCHEMA["uid"](value.get("uid"), "uid")
    lines = [Line("VERSION", _NEW_VERSION), Line("PRODID", escape_text(prodid))]
    lines += [Line("UID", escape_text(value["uid"].strip())), Line("REV", _stamp(now, new=False))]
    wanted = {name: one for name, one in value.items() if name != "uid" and one is not None}
    return patched(Card("VCARD", lines), wanted, now=now, blobs=blobs, fresh=True)


def patched(
    card: Card,
    patch: Mapping[str, Any],
    *,
    now: datetime,
    photo: Photo | None = None,
    blobs: Mapping[str, Binary] | None = None,
    references: Mapping[str, Line] | None = None,
    fresh: bool = False,
) -> Card:
    """Return the card as a PatchObject makes it; lines of what the patch does not touch keep their octets.

    Keys are properties, or pointers into them; None sets the default.  ``photo`` as in ``to_jscontact``, so that the
    ids of contents that stay are known.  ``references`` are the lines of new members of a list.  REV, where there is
    one, tells ``now``.

    Raises:
        JsError: with the pointers that are unknown, lead into nothing, or set what cannot be.
    """
    changes = parse_patch(patch)
    touched = dict.fromkeys(steps[0] for steps in changes)
    unknown = [name for name in touched if name not in SCHEMA and not is_vendor(name)]
    if unknown:
        raise JsError(f"a Card has no {unknown[0][:60]!r}", *unknown)
    is_list = card.component == "VLIST"
    reading = read_list(card) if is_list else read(card, _read_for(touched), photo=photo)
    said = assembled(reading)
    present = extras.with_extras(dict(said), reading.extras)
    # A map that is not there is empty: its first entry can be set like any other.
    empty: dict[str, Any] = {steps[0]: {} for steps in changes if len(steps) == 2 and steps[0] in MAPS}  # noqa: PLR2004  # map and key
    wanted = patch_value(empty | present | {"@type": "Card", "version": VERSION}, changes)
    _check_fixed(card, touched, wanted)
    dialect = Dialect(new=card.version == "4.0")
    for name in touched:
        _check(name, present.get(name), wanted, dialect)
    different = [name for name in touched if name not in _FIXED and present.get(name) != wanted.get(name)]
    if is_list:
        if not LIST_PROPERTIES.issuperset(different):
            raise JsError("a list of SOGo has only a name, a note and members", *different)
        return patched_list(card, reading, present, wanted, references or {})
    editing = Editing(card)
    for name in different:
        _change(name, editing, reading, present, wanted, dialect, blobs or {})
    if "name" in different or fresh:
        _change_name(editing, reading, wanted, dialect)
    _change_extras(editing, reading, different, wanted, photo)
    if editing.changed and "updated" not in different:
        rev = next((line for line in editing.lines if line.name == "REV"), None)
        if rev is not None:
            editing.replace(rev, rev.replace(value=_stamp(now, new=dialect.new)))
    return editing.card()


def _read_for(touched: Mapping[str, Any]) -> set[str]:
    return {"localizations"} if "localizations" in touched else set(touched)


def _check_fixed(card: Card, touched: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    if "@type" in touched and wanted.get("@type") != "Card":
        raise JsError("@type: not Card", "@type")
    if "version" in touched:
        SCHEMA["version"](wanted.get("version"), "version")
    if "uid" in touched and wanted.get("uid") != (card.text("UID") or "").strip():
        raise JsError("uid: cannot change", "uid")


def _check(name: str, present: Any, wanted: dict[str, Any], dialect: Dialect) -> None:
    """Check what a patch makes of a property, and give it its normal form; entries that stay are not judged."""
    value = wanted.get(name)
    if value is None or value == present or name in _FIXED:
        return
    if name not in SCHEMA:
        anything(value, name)
        return
    kept: dict[str, Any] = {}
    if isinstance(value, Mapping) and isinstance(present, Mapping) and name in _WRITERS:
        kept = {key: one for key, one in value.items() if key in present and present[key] == one}
        SCHEMA[name]({key: one for key, one in value.items() if key not in kept}, name)
    else:
        SCHEMA[name](value, name)
    if name == "media":
        _check_media({key: one for key, one in value.items() if key not in kept})
    if kept:
        made = normal(name, {key: one for key, one in value.items() if key not in kept}, new=dialect.new)
        value = {key: kept.get(key, made.get(key)) for key in value}
    elif name == "speakToAs":
        value = normal(name, value, new=dialect.new)
    else:
        value = normal(name, value, new=dialect.new)
    if value in ({}, ""):
        wanted.pop(name)
    else:
        wanted[name] = value


def _check_media(entries: Mapping[str, Any]) -> None:
    for key, one in entries.items():
        if ("uri" in one) == ("blobId" in one):
            raise JsError(f"media/{key}: either uri or blobId", f"media/{key}")


def _change(
    name: str,
    editing: Editing,
    reading: Reading,
    present: Mapping[str, Any],
    wanted: Mapping[str, Any],
    dialect: Dialect,
    blobs: Mapping[str, Binary],
) -> None:
    match name:
        case "name":
            pass  # last, as a card without one is called by what else it says
        case "kind":
            change_kind(editing, wanted.get("kind"), dialect)
        case "keywords":
            change_keywords(editing, reading, wanted.get("keywords") or {})
        case "members":
            change_members(editing, reading, wanted.get("members") or {}, dialect)
        case "language" | "created" | "updated" | "prodId":
            change_scalar(editing, reading, name, wanted.get(name), dialect)
        case "speakToAs":
            old, new = present.get(name) or {}, wanted.get(name) or {}
            if old.get("grammaticalGender") != new.get("grammaticalGender"):
                change_scalar(editing, reading, GENDER, new.get("grammaticalGender"), dialect)
            pronouns = old.get("pronouns") or {}, new.get("pronouns") or {}
            change_map(editing, reading, PRONOUNS, *pronouns, _WRITERS[PRONOUNS], dialect)
        case "localizations":
            _change_translations(editing, reading, wanted.get(name) or {})
        case _ if name in _WRITERS:
            entries = dict(wanted.get(name) or {})
            old = present.get(name) or {}
            if name == "media":
                entries = {key: _with_content(key, one, old.get(key), blobs) for key, one in entries.items()}
            change_map(editing, reading, name, old, entries, _WRITERS[name], dialect)


def _with_content(key: str, value: Any, present: Any, blobs: Mapping[str, Binary]) -> Any:
    """Return a media entry with its content as URI, if it is content that the card does not have yet."""
    blob = value.get("blobId")
    if blob is None or (present is not None and present.get("blobId") == blob):
        return value
    content = blobs.get(blob)
    if content is None:
        raise JsError(f"media/{key}/blobId: no such blob", f"media/{key}/blobId")
    return {name: one for name, one in value.items() if name not in _CONTENT} | {"uri": content.data_uri()}


def _change_name(editing: Editing, reading: Reading, wanted: Mapping[str, Any], dialect: Dialect) -> None:
    entry = next(iter(reading.of("name")), None)
    others = [line for line in editing.lines if line.name not in {"FN", "N"}]
    fallback = display_name(Card("VCARD", others)) or _NAMELESS
    was = write_name(entry.value if entry is not None else {}, dialect, fallback)
    becomes = write_name(wanted.get("name") or {}, dialect, fallback)
    if entry is None or not entry.lines:
        for line in becomes.lines:
            editing.add(line)
        return
    changes, added = rewritten_entry(entry.lines, was.lines, becomes.lines)
    for place, changed in changes.items():
        if changed is None:
            editing.remove([entry.lines[place]])
        elif changed is not entry.lines[place]:
            editing.replace(entry.lines[place], changed)
    for line in added:
        editing.add(line)


def _change_translations(editing: Editing, reading: Reading, wanted: Mapping[str, Any]) -> None:
    """Drop the lines of translations that are wanted otherwise; JSPROP says those that are."""
    for entry in reading.of("localizations"):
        tongue, pointer = extras.steps_of(entry.id)
        if wanted.get(tongue, {}).get(pointer) != entry.value:
            editing.remove(entry.lines)


def _change_extras(
    editing: Editing, reading: Reading, different: list[str], wanted: Mapping[str, Any], photo: Photo | None
) -> None:
    """Keep as JSPROP what the lines of the changed properties do not say."""
    if not different:
        return
    now_said = assembled(read(editing.card(), _read_for(dict.fromkeys(different)), photo=photo))
    needed: dict[Steps, Any] = {}
    for name in different:
        if name in {"members", "updated", "created"}:
            continue
        if name not in SCHEMA:
            if name in wanted:
                needed[(name,)] = wanted[name]
            continue
        needed |= {
            steps: value
            for steps, value in unsaid(now_said.get(name) or {}, wanted.get(name) or {}, (name,))
            if len(steps) > 1 and not (name == "media" and steps[2:3] and steps[2] in _CONTENT)
        }
    for line in reading.extras:
        found = extras.read_extra(line)
        if found is None or found[0][0] not in different:
            continue
        if needed.get(found[0], _NAMELESS) == found[1] and found[0] in needed:
            del needed[found[0]]
        else:
            editing.remove([line])
    kept = sum(line.name == "JSPROP" for line in editing.lines)
    if needed and kept + len(needed) > extras.EXTRAS_MAX:
        raise JsError(f"more than {extras.EXTRAS_MAX} values that no vCard has a property for", *different)
    for steps, value in needed.items():
        editing.add(extras.extra_line(steps, value))


def _stamp(now: datetime, *, new: bool) -> str:
    text = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return (basic_stamp(text) or text) if new else text
