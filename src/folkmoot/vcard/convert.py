"""A card in another version, for a client that asks for it (RFC 6352 section 5.1.1).

The stored text never changes.  2.1 and 3.0 become 4.0, 4.0 and 2.1 become 3.0; 2.1 is not written.
"""

from typing import Final, Literal

from folkmoot.contentline import Line, escape_text
from folkmoot.vcard.card import Card
from folkmoot.vcard.downgrade import downgrade
from folkmoot.vcard.modernize import modernize
from folkmoot.vcard.names import display_name
from folkmoot.vcard.parameters import without_impossible
from folkmoot.vcard.upgrade import upgrade

_NAME_OF_THE_NAMELESS: Final = "?"  # FN may not be missing in either version


def to_version(card: Card, version: Literal["3.0", "4.0"]) -> Card:
    """Return the card as that version writes it; the very card if it is of that version, or a list of SOGo.

    There and back loses nothing but spelling: what a version has no property for stays as it stands.
    """
    if card.component != "VCARD" or card.version == version:
        return card
    kept = [line for line in card.properties if line.name not in {"VERSION", "PROFILE"}]
    lines = [modernize(without_impossible(line), version=card.version) for line in kept]
    if version == "4.0":
        lines = upgrade(lines)
    elif card.version == "4.0":
        lines = downgrade(lines)
    return Card(card.component, [Line("VERSION", version), *_missing_names(card, lines, version), *lines])


def _missing_names(card: Card, lines: list[Line], version: str) -> list[Line]:
    """Return FN, which both versions require, and N, which only 3.0 does (RFC 2426 section 3.1.2)."""
    present = {line.name for line in lines}
    name = escape_text(display_name(card) or _NAME_OF_THE_NAMELESS)
    missing: list[Line] = []
    if "N" not in present and version == "3.0":
        missing.append(Line("N", f"{name};;;;"))
    if "FN" not in present:
        missing.append(Line("FN", name))
    return missing
