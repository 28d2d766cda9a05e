"""A contact as flat fields, the way LDIF and CSV know it, and the card those fields make.

A slot is a place for one text in a card: a property, its types, and the part of a structured value.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from folkmoot.contentline import Line, Parameter, escape_text
from folkmoot.core.errors import MalformedInput
from folkmoot.vcard.birthday import date_of
from folkmoot.vcard.card import Card
from folkmoot.vcard.dates import PartialDate
from folkmoot.vcard.names import display_name, spoken_name
from folkmoot.vcard.values import listed_value, structured_value, text_value, types

NAME_PARTS: Final = 5  # family, given, additional, prefix, suffix (RFC 6350 section 6.2.2)
ADDRESS_PARTS: Final = 7  # box, extended, street, locality, region, code, country (section 6.3.1)
_ORGANIZATION_PARTS: Final = 2
_STRUCTURED: Final = {"N": NAME_PARTS, "ADR": ADDRESS_PARTS, "ORG": _ORGANIZATION_PARTS}
_ORDER: Final = ("N", "FN", "NICKNAME", "ORG", "TITLE", "ROLE", "EMAIL", "TEL", "ADR", "URL", "BDAY")
_SINGLE: Final = frozenset({"FN", "UID", "BDAY", "TITLE", "ROLE", "REV"})
_VERBATIM: Final = frozenset({"BDAY", "URL", "X-ANNIVERSARY", "FBURL", "CALURI", "REV"})  # URIs and dates: no escapes
# What says nothing about which number or address it is.
_NEUTRAL_TYPES: Final = frozenset({"pref", "voice", "internet", "msg", "text"})


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a text stands: property name, types in lower case, part of a structured value, and which of several."""

    name: str
    types: tuple[str, ...] = ()
    part: int = 0
    place: int = 0


def card_from(entries: Iterable[tuple[Slot, str]], *, extra: Iterable[Line] = ()) -> Card:
    """Return a vCard 3.0 made of texts in their slots; empty texts leave no trace, of a single property the first wins.

    Raises:
        MalformedInput: nothing that could name the contact, and no address or number either.
    """
    structured: dict[tuple[str, tuple[str, ...], int], list[list[str]]] = {}
    lines: list[Line] = []
    present: set[str] = set()
    for slot, text in entries:
        text = text.strip()
        if not text:
            continue
        size = _STRUCTURED.get(slot.name)
        if size is not None:
            parts = structured.setdefault((slot.name, slot.types, slot.place), [[] for _ in range(size)])
            parts[slot.part].append(text)
        elif slot.name not in _SINGLE or slot.name not in present:
            present.add(slot.name)
            lines.append(_line(slot, text))
    for (name, words, _), parts in structured.items():
        lines.append(Line(name, ";".join(escape_text("\n".join(part)) for part in parts), _type_params(words)))
    lines.sort(key=lambda line: _ORDER.index(line.name) if line.name in _ORDER else len(_ORDER))
    lines += extra
    name = _name_of(Card("VCARD", lines))
    if not name:
        raise MalformedInput("no name, address or number")
    if not any(line.name == "FN" for line in lines):
        lines.insert(0, Line("FN", escape_text(name)))
    if not any(line.name == "N" for line in lines):
        lines.insert(0, Line("N", f"{escape_text(name)};;;;"))
    return Card("VCARD", [Line("VERSION", "3.0"), *lines])


def texts_of(card: Card) -> Iterator[tuple[Slot, str]]:
    """Yield the texts of a card with their slots, in order; binary properties and links to other cards are left out."""
    for line in card.properties:
        words = tuple(sorted(set(types(line)) - _NEUTRAL_TYPES)) if line.name in {"EMAIL", "TEL", "ADR", "URL"} else ()
        if line.name in _STRUCTURED:
            for part, text in enumerate(structured_value(line)[: _STRUCTURED[line.name]]):
                if text:
                    yield Slot(line.name, words, part), text
        elif line.name == "CATEGORIES":
            yield Slot("CATEGORIES"), ",".join(listed_value(line))
        elif line.name == "BDAY":
            date = date_of(line)
            if date is not None:
                yield Slot("BDAY"), written_date(date)
        else:
            text = text_value(line).strip()
            if text:
                yield Slot(line.name, words), text.removeprefix("tel:") if line.name == "TEL" else text


def written_date(date: PartialDate) -> str:
    """Return a date as ``1985-04-12`` or ``--04-12``, what is less precise as vCard 4.0 writes it."""
    match date:
        case PartialDate(int(year), int(month), int(day)):
            return f"{year:04}-{month:02}-{day:02}"
        case PartialDate(None, int(month), int(day)):
            return f"--{month:02}-{day:02}"
    return date.format_basic()


def _line(slot: Slot, text: str) -> Line:
    if slot.name == "CATEGORIES":
        return Line("CATEGORIES", ",".join(escape_text(word.strip()) for word in text.split(",") if word.strip()))
    value = " ".join(text.split()) if slot.name in _VERBATIM else escape_text(text)
    return Line(slot.name, value, _type_params(slot.types))


def _type_params(words: tuple[str, ...]) -> list[Parameter]:
    return [Parameter("TYPE", (word,)) for word in words]


def _name_of(card: Card) -> str:
    name = card.get("N")
    if name is not None and card.get("FN") is None:
        spoken = spoken_name(structured_value(name))
        if spoken:
            return spoken
    return display_name(card)
