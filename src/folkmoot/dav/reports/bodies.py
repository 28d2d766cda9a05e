"""Printers of calendar-data and address-data: an object's stored text, or as much and in such form as was asked for."""

import re
from collections.abc import Mapping
from datetime import tzinfo
from typing import Final, Literal

from folkmoot.core.errors import FolkmootError
from folkmoot.dav.properties.live import BodyText
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.wire.calendar_data import CALENDAR_DATA, parse_calendar_data
from folkmoot.dav.wire.names import element
from folkmoot.dav.wire.rfc6352 import ADDRESS_DATA, WRONG_ADDRESS_DATA, AddressDataRequest, parse_address_data
from folkmoot.dav.wire.xml import Element, escape
from folkmoot.ical import parse as parse_calendar
from folkmoot.ical.restrict import CalendarDataRequest, shape
from folkmoot.store.records import Collection, StoredObject
from folkmoot.vcard import format as format_card
from folkmoot.vcard import parse as parse_card
from folkmoot.vcard import restrict, to_version

_CONTROLS: Final = bytes(set(range(0x20)) - {0x09, 0x0A, 0x0D})
_VERSION: Final = re.compile(rb"^VERSION:\s*([0-9.]{1,8})", re.IGNORECASE | re.MULTILINE)


def escape_body(body: bytes) -> str:
    """Return a stored body as XML text that parses back to the same characters, line ends included."""
    text = body.decode("utf-8", "replace")
    if len(body.translate(None, _CONTROLS)) != len(body) or "\ufffe" in text or "\uffff" in text:
        return escape(text)
    if "&" in text:
        text = text.replace("&", "&amp;")
    return text.replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def calendar_text(asked: CalendarDataRequest, zone: tzinfo) -> BodyText:
    """Return the printer for a calendar-data element; ``zone`` is that of floating times.

    An object that cannot be shaped is given as it is stored: other clients must not suffer for one's mistake.
    """

    def whole(stored: StoredObject) -> str:
        return f"<C:calendar-data>{escape_body(stored.body)}</C:calendar-data>"

    def shaped(stored: StoredObject) -> str:
        try:
            text = shape(parse_calendar(stored.body), asked, default_zone=zone)
        except FolkmootError:
            return whole(stored)
        return f"<C:calendar-data>{escape(text)}</C:calendar-data>"

    return whole if asked.whole else shaped


def address_text(asked: AddressDataRequest) -> BodyText:
    """Return the printer for an address-data element; a card that cannot be shaped is given as it is stored."""
    version: Literal["3.0", "4.0"] = "4.0" if asked.version == "4.0" else "3.0"
    empty = element(asked.name, "\0")
    opening, _, closing = empty.partition("\0")

    def text(stored: StoredObject) -> str:
        shaped = None if _fits(stored.body, asked) else _shaped_card(stored.body, asked, version)
        return f"{opening}{escape_body(stored.body) if shaped is None else escape(shaped)}{closing}"

    return text


def _fits(body: bytes, asked: AddressDataRequest) -> bool:
    if asked.properties is not None:
        return False
    found = _VERSION.search(body)
    # A client that names no version gets 3.0 for 4.0 (RFC 6352 section 10.4), and 2.1 as it was stored.
    return found is None or (found[1] != b"4.0" if asked.version is None else found[1] == asked.version.encode())


def _shaped_card(body: bytes, asked: AddressDataRequest, version: Literal["3.0", "4.0"]) -> str | None:
    try:
        card = to_version(parse_card(body), version)
    except FolkmootError:
        return None
    return format_card(card if asked.properties is None else restrict(card, asked.properties))


def bodies_of(lookups: Lookups, prop: Element, collection: Collection) -> Mapping[str, BodyText]:
    """Return the printers for the calendar-data and address-data elements of a DAV:prop.

    Raises:
        ConditionFailed: a media type or version that is not served, or a range outside of the dates served.
        MalformedInput: an element that breaks its grammar.
    """
    found: dict[str, BodyText] = {}
    for child in prop:
        if child.tag in {ADDRESS_DATA, WRONG_ADDRESS_DATA}:
            found[str(child.tag)] = address_text(parse_address_data(child))
        elif child.tag == CALENDAR_DATA:
            calendars = lookups.services.calendars
            found[CALENDAR_DATA] = calendar_text(
                parse_calendar_data(child, calendars.limits), calendars.zone(collection)
            )
    return found
