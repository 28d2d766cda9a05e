"""What a collection asks of an address object resource (RFC 6352 sections 5.1 and 6.3.2.1)."""

from typing import Final

from folkmoot.contentline import Line, escape_text
from folkmoot.core.errors import MalformedInput
from folkmoot.vcard.card import Card
from folkmoot.vcard.values import text_value

VERSIONS: Final = frozenset({"2.1", "3.0", "4.0"})
UID_CHARS_MAX: Final = 255  # width of the index column; clients write 36 to 80


class InvalidAddressObject(MalformedInput):
    """A readable vCard that cannot be an address object: CARDDAV:valid-address-data."""


def check_address_object(card: Card) -> None:
    """Accept what real clients send; a missing VERSION, FN or N is no reason to lose a contact.

    Raises:
        InvalidAddressObject: no UID, two different ones, one too long, or a VERSION nobody published.
    """
    if card.component == "VCARD" and card.version not in VERSIONS and card.version:
        raise InvalidAddressObject(f"vCard: VERSION {card.version[:16]!r} is not 2.1, 3.0 or 4.0")
    uids = {text_value(line).strip() for line in card.all("UID")} - {""}
    if not uids:
        raise InvalidAddressObject("vCard: no UID")
    if len(uids) > 1:
        raise InvalidAddressObject("vCard: two different UIDs")
    if len(uids.pop()) > UID_CHARS_MAX:
        raise InvalidAddressObject(f"vCard: UID longer than {UID_CHARS_MAX} characters")


def ensure_uid(card: Card, uid: str) -> Card:
    """Return a card that has a UID: the card itself, or one with the given UID where it has none or an empty one."""
    if any(text_value(line).strip() for line in card.all("UID")):
        return card
    properties = [line for line in card.properties if line.name != "UID"]
    position = 1 if properties and properties[0].name == "VERSION" else 0
    properties.insert(position, Line("UID", escape_text(uid)))
    return Card(card.component, properties, card.begin, card.end)
