"""Addresses and days: what several lines say together (RFC 9553 sections 2.5.1 and 2.8.1)."""

import re
from collections.abc import Mapping
from typing import Any, Final

from folkmoot.contentline import Line, Parameter, escape_text
from folkmoot.jmap.jscontact.components import ADDRESS_RANK, address_parts, read_address
from folkmoot.jmap.jscontact.errors import JsError
from folkmoot.jmap.jscontact.sight import ADDRESS_CONTEXTS, Sight, Value, parts, plain
from folkmoot.jmap.jscontact.written import Dialect, Written, structured
from folkmoot.vcard import PartialDate, parse_date
from folkmoot.vcard.birthday import date_of
from folkmoot.vcard.moments import basic_offset, basic_stamp, date_to_3, extended_stamp

_ANNIVERSARY_NAMES: Final = frozenset(
    {"ANNIVERSARY", "X-ANNIVERSARY", "X-EVOLUTION-ANNIVERSARY", "X-KADDRESSBOOK-X-ANNIVERSARY", "X-MS-ANNIVERSARY"}
)
DAYS: Final = frozenset({"BDAY", "DEATHDATE", "X-ABDATE", *_ANNIVERSARY_NAMES})
APPLE_DATE: Final = "apple.com:date"
"""The kind of a day that only Apple's X-ABDATE has a property for; its label says what it is."""
_WEDDING_LABEL: Final = "_$!<anniversary>!$_"
_PLACE_OF: Final = {"birth": "BIRTHPLACE", "death": "DEATHPLACE"}
_GEO: Final = re.compile(r"-?\d{1,3}(?:\.\d{1,20})?")
_COORDINATES: Final = 2
_OFFSET_MAX: Final = 12  # hours for which there are zones on both sides


def read_address_line(line: Line, sight: Sight) -> Value | None:
    """Return an Address: ADR with its parameters."""
    value = read_address(parts(line), line)
    if line.has_params:
        for name, member in (("LABEL", "full"), ("CC", "countryCode"), ("GEO", "coordinates"), ("TZ", "timeZone")):
            said = line.param(name)
            if said and said.strip():
                value[member] = said.strip()
    value = sight.common(line, value, ADDRESS_CONTEXTS)
    return value or None


def write_address(value: Mapping[str, Any], dialect: Dialect) -> Written:
    """Return ADR; the whole text stands in a parameter in 3.0 too, as a LABEL may be that of another address."""
    placed, jscomps = address_parts(value)
    params: dict[str, str | None] = {
        "JSCOMPS": jscomps,
        "CC": value.get("countryCode"),
        "GEO": value.get("coordinates"),
        "TZ": value.get("timeZone"),
        "LABEL": value.get("full"),
    }
    return Written([dialect.line("ADR", structured(placed), of=value, params=params)], value.get("label"))


def coordinates(line: Line) -> str | None:
    """Return a GEO property as a ``geo:`` URI; 3.0 writes two numbers (RFC 2426 section 3.4.2)."""
    text = plain(line)
    if text[:4].lower() == "geo:":
        return text
    numbers = text.replace("\\", "").split(";")
    if len(numbers) != _COORDINATES or not all(_GEO.fullmatch(one.strip()) for one in numbers):
        return None
    return f"geo:{numbers[0].strip()},{numbers[1].strip()}"


def time_zone(line: Line) -> str:
    """Return a TZ property as the name of a zone; whole hours have one, other offsets stay as they are."""
    text = plain(line)
    offset = basic_offset(text)
    if offset is None or not offset.endswith("00") or int(offset[1:3]) > _OFFSET_MAX:
        return text
    hours = int(offset[1:3])
    # These zones count from the other side: Etc/GMT-1 is an hour ahead of UTC.
    return f"Etc/GMT{'-' if offset[0] == '+' else '+'}{hours}" if hours else "Etc/UTC"


def rank(component: Mapping[str, Any]) -> int:
    """Return where a component stands whose order does not count."""
    kind = component["kind"]
    return ADDRESS_RANK.index(kind) if kind in ADDRESS_RANK else len(ADDRESS_RANK)


def read_day(line: Line, sight: Sight) -> Value | None:
    """Return an Anniversary; a text that names no day makes none."""
    value: Value
    if line.name == "BDAY":
        value = {"kind": "birth"}
    elif line.name == "DEATHDATE":
        value = {"kind": "death"}
    elif line.name == "X-ABDATE" and sight.raw_label(line) != _WEDDING_LABEL:
        value = {"kind": APPLE_DATE}
        label = sight.label(line)
        if label:
            value["label"] = label
    else:
        value = {"kind": "wedding"}
    date = _moment(line, sight) or _partial(line)
    if date is None:
        return None
    value["date"] = date
    return value


def write_day(value: Mapping[str, Any], dialect: Dialect) -> Written:
    """Return BDAY, DEATHDATE or ANNIVERSARY, and the place of it."""
    kind, date = value["kind"], value["date"]
    label = None
    if kind == "birth":
        name = "BDAY"
    elif kind == "death":
        name = "DEATHDATE"
    elif kind == "wedding":
        name = "ANNIVERSARY" if dialect.new else "X-ANNIVERSARY"
    else:
        name, label = "X-ABDATE", value.get("label")
    if "utc" in date:
        stamp = basic_stamp(date["utc"]) or ""
        line = Line(name, stamp if dialect.new else extended_stamp(stamp) or stamp)
    else:
        line = Line(name, partial_date(date).format_basic())
        if date.get("calendarScale"):
            line = line.with_param("CALSCALE", date["calendarScale"])
        line = line if dialect.new else date_to_3(line)
    lines = [line]
    place = value.get("place") or {}
    if kind in _PLACE_OF and place.get("full"):
        lines.append(Line(_PLACE_OF[kind], escape_text(place["full"])))
    elif kind in _PLACE_OF and place.get("coordinates"):
        lines.append(Line(_PLACE_OF[kind], place["coordinates"], [Parameter("VALUE", ("uri",))]))
    return Written(lines, label)


def read_place(line: Line) -> Value | None:
    """Return the Address that BIRTHPLACE or DEATHPLACE names."""
    text = plain(line)
    if not text:
        return None
    return {"coordinates": text} if text[:4].lower() == "geo:" else {"full": text}


def partial_date(date: Mapping[str, Any], at: str = "date") -> PartialDate:
    """Return a PartialDate of JSContact.

    Raises:
        JsError: its parts are not possible together, or make no date that a card can state.
    """
    found = PartialDate(date.get("year"), date.get("month"), date.get("day"))
    if parse_date(found.format_basic()) != found:
        raise JsError(f"{at}: no such day", at)
    return found


def _moment(line: Line, sight: Sight) -> Value | None:
    if "T" not in line.value.upper():
        return None
    stamp = extended_stamp(plain(line))
    if stamp is None or not stamp.endswith("Z") or (not sight.new and stamp.endswith("T00:00:00Z")):
        return None  # before 4.0, midnight means the day
    return {"@type": "Timestamp", "utc": stamp}


def _partial(line: Line) -> Value | None:
    date = date_of(line)
    if date is None:
        return None
    value: Value = {"@type": "PartialDate"}
    for member, part in (("year", date.year), ("month", date.month), ("day", date.day)):
        if part is not None:
            value[member] = part
    scale = line.param("CALSCALE")
    if scale:
        value["calendarScale"] = scale
    return value
