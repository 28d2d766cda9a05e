"""Cards in the version that a GET accepts (RFC 6352 section 5.1.1)."""

import re
from typing import Final, Literal

from folkmoot.core.errors import FolkmootError
from folkmoot.store.records import StoredObject
from folkmoot.vcard import format as format_card
from folkmoot.vcard import parse, to_version

ITEMS_MAX: Final = 50  # media ranges of one Accept header that are looked at; browsers send ten
_VERSION: Final = re.compile(rb"^VERSION:\s*([0-9.]{1,8})", re.IGNORECASE | re.MULTILINE)
_ASKED: Final = re.compile(r"text/(?:x-)?vcard\s*;.*?version\s*=\s*\"?([0-9.]+)", re.IGNORECASE)
_ANY: Final = re.compile(r"\s*(?:\*/\*|text/\*|text/(?:x-)?vcard|text/directory)\s*(?:;\s*q\s*=.*)?\Z", re.IGNORECASE)


def accepted_card(stored: StoredObject, accept: str) -> tuple[bytes, str] | None:
    """Return the card in a version that ``accept`` names, and its media type; None if it can go as it is stored.

    A card that cannot be converted goes as it is stored, too.
    """
    items = accept.split(",")[:ITEMS_MAX]
    versions = [found[1] for item in items if (found := _ASKED.search(item))]
    present = _VERSION.search(stored.body)
    if present is None or not versions or present[1].decode() in versions or any(map(_ANY.match, items)):
        return None
    wanted: Literal["3.0", "4.0"] | None = "4.0" if "4.0" in versions else "3.0" if "3.0" in versions else None
    if wanted is None:
        return None
    try:
        text = format_card(to_version(parse(stored.body), wanted))
    except FolkmootError:
        return None
    return text.encode(), f"text/vcard; charset=utf-8; version={wanted}"
