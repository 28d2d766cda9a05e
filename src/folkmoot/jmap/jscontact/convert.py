"""A vCard as a JSContact Card (RFC 9553, RFC 9555 section 2)."""

from collections.abc import Callable, Collection
from typing import Any, Final

from folkmoot.jmap.jscontact.extras import steps_of, with_extras
from folkmoot.jmap.jscontact.reading import GENDER, PRONOUNS, Reading, fallback_uid, read
from folkmoot.jmap.jscontact.resources import Photo
from folkmoot.jmap.jscontact.vlist import read_list
from folkmoot.vcard import Card

VERSION: Final = "1.0"
_SINGLE: Final = frozenset({"name", "language", "created", "updated", "prodId", "uid", "kind"})


def to_jscontact(
    card: Card,
    *,
    photo: Photo | None = None,
    properties: Collection[str] | None = None,
    member: Callable[[str], str] | None = None,
) -> dict[str, Any]:
    """Return a card, or a list of SOGo, as a JSContact Card; only these properties and ``@type``, if given.

    ``photo`` says what stands for the content of a picture in the card, instead of a ``data:`` URI.  ``member`` makes
    a uid of what a list or group calls its members.
    """
    reading = read_list(card) if card.component == "VLIST" else read(card, properties, photo=photo)
    value = assembled(reading)
    if reading.extras:
        value = with_extras(value, reading.extras)
    if member is not None and "members" in value:
        value["members"] = {member(one): True for one in value["members"]}
    if "uid" not in value and (properties is None or "uid" in properties):
        value["uid"] = fallback_uid(card)
    if properties is not None:
        value = {name: one for name, one in value.items() if name in properties}
        if "version" not in properties:
            return {"@type": "Card", **value}
    return {"@type": "Card", "version": VERSION, **value}


def assembled(reading: Reading) -> dict[str, Any]:
    """Return what the lines of a card say, JSPROP excepted."""
    value: dict[str, Any] = {}
    for entry in reading.entries:
        if entry.property in _SINGLE:
            if entry.value:
                value[entry.property] = entry.value
        elif entry.property == GENDER:
            value.setdefault("speakToAs", {})["grammaticalGender"] = entry.value
        elif entry.property == PRONOUNS:
            value.setdefault("speakToAs", {}).setdefault("pronouns", {})[entry.id] = entry.value
        elif entry.property == "localizations":
            tongue, pointer = steps_of(entry.id)
            value.setdefault("localizations", {}).setdefault(tongue, {})[pointer] = entry.value
        else:
            value.setdefault(entry.property, {})[entry.id] = entry.value
    return value
