"""Components of names and addresses: where each stands in N and ADR, and in which order (RFC 9554 section 2)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from folkmoot.contentline import Line, escape_text, split_values, unescape_text

NAME_PLACES: Final = {
    "surname": 0,
    "given": 1,
    "given2": 2,
    "title": 3,
    "credential": 4,
    "surname2": 5,
    "generation": 6,
}
# As a name is spoken; components that say nothing about their order are told so.
NAME_RANK: Final = ("title", "given", "given2", "surname", "surname2", "generation", "credential")
_NAME_OLD: Final = 5  # parts before RFC 9554

ADDRESS_PLACES: Final = {
    "postOfficeBox": 0,
    "apartment": 1,
    "name": 2,
    "locality": 3,
    "region": 4,
    "postcode": 5,
    "country": 6,
}
ADDRESS_PLACES_NEW: Final = {
    "postOfficeBox": 0,
    "locality": 3,
    "region": 4,
    "postcode": 5,
    "country": 6,
    "room": 7,
    "apartment": 8,
    "floor": 9,
    "number": 10,
    "name": 11,
    "building": 12,
    "block": 13,
    "subdistrict": 14,
    "district": 15,
    "landmark": 16,
    "direction": 17,
}
ADDRESS_RANK: Final = (
    *("postOfficeBox", "room", "apartment", "floor", "building", "number", "name", "direction", "block"),
    *("landmark", "subdistrict", "district", "locality", "region", "postcode", "country"),
)
_ADDRESS_OLD: Final = 7  # parts before RFC 9554
_EXTENDED, _STREET = 1, 2
_INDOORS: Final = frozenset({"room", "apartment", "floor", "building"})
_OUTDOORS: Final = frozenset({"number", "name", "direction", "block", "landmark", "subdistrict", "district"})
_JSCOMPS_MAX: Final = 1_000  # entries; a name has ten components

_NAME_KINDS: Final = {place: kind for kind, place in NAME_PLACES.items()}
_ADDRESS_KINDS: Final = {place: kind for kind, place in ADDRESS_PLACES.items()}
_ADDRESS_KINDS_NEW: Final = {place: kind for kind, place in ADDRESS_PLACES_NEW.items()}

Component: TypeAlias = dict[str, Any]
Order: TypeAlias = list[tuple[int, int] | str]
"""Place and number in the place of each component; a text is a separator."""


def read_name(parts: list[list[str]], line: Line) -> dict[str, Any]:
    """Return components, and their order if the line tells it, of the parts of an N."""
    if len(parts) > _NAME_OLD:
        # Older readers find these in the older places too (RFC 9554 section 2.2).
        _without_doubles(parts, 0, 5)
        _without_doubles(parts, 4, 6)
    return _read(parts, _NAME_KINDS, NAME_RANK, line)


def read_address(parts: list[list[str]], line: Line) -> dict[str, Any]:
    """Return components, and their order if the line tells it, of the parts of an ADR."""
    if any(parts[_ADDRESS_OLD:]):
        for place in (_EXTENDED, _STREET):
            parts[place] = []
        return _read(parts, _ADDRESS_KINDS_NEW, ADDRESS_RANK, line)
    return _read(parts, _ADDRESS_KINDS, ADDRESS_RANK, line)


def name_parts(value: Mapping[str, Any]) -> tuple[list[list[str]], str | None]:
    """Return the parts of an N and its JSCOMPS, if the order counts."""
    parts: list[list[str]] = [[] for _ in range(_NAME_OLD + 2)]
    order = _place(value, NAME_PLACES, parts)
    if not any(parts[_NAME_OLD:]):
        del parts[_NAME_OLD:]
    else:
        parts[0] = [*parts[0], *parts[5]]
        parts[4] = [*parts[6], *parts[4]]
        order = _shifted(order, 4, len(parts[6]))
    return parts, _jscomps(value, order)


def address_parts(value: Mapping[str, Any]) -> tuple[list[list[str]], str | None]:
    """Return the parts of an ADR and its JSCOMPS, if the order counts."""
    components = [one for one in value.get("components") or () if one["kind"] != "separator"]
    places = ADDRESS_PLACES
    if any(one["kind"] not in ADDRESS_PLACES for one in components):
        places = ADDRESS_PLACES_NEW
    parts: list[list[str]] = [[] for _ in range(_ADDRESS_OLD + 11)]
    order = _place(value, places, parts)
    if places is ADDRESS_PLACES:
        del parts[_ADDRESS_OLD:]
    else:
        for place, kinds in ((_EXTENDED, _INDOORS), (_STREET, _OUTDOORS)):
            words = [one["value"] for one in components if one["kind"] in kinds]
            parts[place] = [" ".join(words)] if words else []
    return parts, _jscomps(value, order)


def _place(value: Mapping[str, Any], places: Mapping[str, int], parts: list[list[str]]) -> Order:
    order: Order = []
    for component in value.get("components") or ():
        place = places.get(component["kind"])
        if place is not None:
            order.append((place, len(parts[place])))
            parts[place].append(component["value"])
        elif component["kind"] == "separator":
            order.append(component["value"])
    return order


def _shifted(order: Order, place: int, by: int) -> Order:
    return [(one[0], one[1] + by) if isinstance(one, tuple) and one[0] == place else one for one in order]


def _jscomps(value: Mapping[str, Any], order: Order) -> str | None:
    if not order or not value.get("isOrdered"):
        return None
    separator = value.get("defaultSeparator")
    written = ["" if separator is None else f"s,{escape_text(separator)}"]
    for one in order:
        if isinstance(one, str):
            written.append(f"s,{escape_text(one)}")
        else:
            written.append(f"{one[0]},{one[1]}" if one[1] else str(one[0]))
    return ";".join(written)


def _without_doubles(parts: list[list[str]], old: int, new: int) -> None:
    if len(parts) > new:
        # Their places stay, as JSCOMPS counts them.
        parts[old] = ["" if text in parts[new] else text for text in parts[old]]


def _read(parts: list[list[str]], kinds: Mapping[int, str], rank: Sequence[str], line: Line) -> dict[str, Any]:
    jscomps = line.param("JSCOMPS") if line.has_params else None
    if jscomps is not None:
        ordered = _ordered(jscomps, parts, kinds)
        if ordered is not None:
            return ordered
    components: list[Component] = []
    for place, texts in enumerate(parts):
        kind = kinds.get(place)
        if texts and kind is not None:
            components += [{"kind": kind, "value": text} for text in texts if text]
    components.sort(key=lambda one: rank.index(one["kind"]))
    return {"components": components} if components else {}


def _ordered(jscomps: str, parts: list[list[str]], kinds: Mapping[int, str]) -> dict[str, Any] | None:
    """Return components in the order of JSCOMPS; None if it does not name just those there are."""
    entries = split_values(jscomps, ";")
    if len(entries) > _JSCOMPS_MAX:
        return None
    value: dict[str, Any] = {"components": [], "isOrdered": True}
    named: set[tuple[int, int]] = set()
    for position, entry in enumerate(entries):
        pieces = split_values(entry, ",")
        if pieces[0] == "s" and len(pieces) > 1:
            text = unescape_text(entry[2:])
            if position == 0:
                value["defaultSeparator"] = text
            else:
                value["components"].append({"kind": "separator", "value": text})
            continue
        if position == 0 and not entry:
            continue
        if not all(piece.isascii() and piece.isdigit() and len(piece) <= 4 for piece in pieces):  # noqa: PLR2004
            return None
        place, number = int(pieces[0]), int(pieces[1]) if len(pieces) > 1 else 0
        if place not in kinds or place >= len(parts) or number >= len(parts[place]):
            return None
        if not parts[place][number] or (place, number) in named:
            return None
        named.add((place, number))
        value["components"].append({"kind": kinds[place], "value": parts[place][number]})
    there = sum(1 for place, texts in enumerate(parts) if place in kinds for text in texts if text)
    return value if len(named) == there and named else None
