"""What a card is called, and what kind of thing it describes."""

from typing import Final

from folkmoot.vcard.card import Card
from folkmoot.vcard.values import structured_value, text_value

# In the order of a name as it is spoken: prefix, given, additional, family, suffix (RFC 6350 section 6.2.2).
_SPOKEN: Final = (3, 1, 2, 0, 4)
_KINDS: Final = frozenset({"individual", "group", "org", "location", "device", "application"})


def display_name(card: Card) -> str:
    """Return FN, or the best name the card has instead; empty if it has none at all.

    Phones leave FN empty for companies and for bare numbers.
    """
    for line in card.properties:
        if line.name == "FN":
            name = text_value(line).strip()
            if name:
                return name
    structured = card.get("N")
    if structured is not None:
        name = spoken_name(structured_value(structured))
        if name:
            return name
    organization = card.get("ORG")
    if organization is not None:
        name = ", ".join(part for part in structured_value(organization) if part)
        if name:
            return name
    for other in ("NICKNAME", "EMAIL", "TEL", "IMPP"):
        name = (card.text(other) or "").strip()
        if name:
            return name
    return ""


def spoken_name(parts: list[str]) -> str:
    """Return the parts of an N value, family name first, as one text in the order of speech."""
    return " ".join(parts[index] for index in _SPOKEN if index < len(parts) and parts[index])


def kind(card: Card) -> str:
    """Return KIND in lower case: ``individual``, ``group``, ``org`` and so on; ``individual`` if nothing says more."""
    if card.component == "VLIST":
        return "group"
    for line in card.properties:
        if line.name in {"KIND", "X-ADDRESSBOOKSERVER-KIND"}:
            value = line.value.strip().lower()
            return value if value in _KINDS or value.startswith("x-") else "individual"
        if line.name == "X-ABSHOWAS" and line.value.strip().upper() == "COMPANY":
            return "org"
    return "individual"
