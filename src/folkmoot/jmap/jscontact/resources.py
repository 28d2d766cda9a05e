"""What a card links to or carries: pictures, keys, calendars, directories (RFC 9553 sections 2.4 and 2.6)."""

import binascii
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from folkmoot.contentline import Line
from folkmoot.jmap.jscontact.sight import Sight, Value, plain
from folkmoot.jmap.jscontact.written import Dialect, Written
from folkmoot.vcard import Binary, binary_value, types
from folkmoot.vcard.downgrade import downgrade
from folkmoot.vcard.values import encoding, quote_uri

Reader: TypeAlias = Callable[[Line, Sight], Value | None]
Photo: TypeAlias = Callable[[str, Line], Mapping[str, Any] | None]
"""From the id of a media entry and its line to the members that stand for the content, such as ``blobId``."""

_PROPERTY: Final = {
    "calendars": {"calendar": "CALURI", "freeBusy": "FBURL"},
    "directories": {"directory": "ORG-DIRECTORY", "entry": "SOURCE"},
    "links": {"contact": "CONTACT-URI"},
    "media": {"photo": "PHOTO", "logo": "LOGO", "sound": "SOUND"},
}
_DEFAULT: Final = {"calendars": "CALURI", "directories": "SOURCE", "links": "URL", "media": "PHOTO"}
_INLINE: Final = re.compile(r"data:", re.IGNORECASE)
_DATA_TYPE: Final = re.compile(r"data:([^,;\\]{1,200})", re.IGNORECASE)
_DATA: Final = re.compile(r"data:[^,]{0,1000};base64,([A-Za-z0-9+/=\s]*)", re.IGNORECASE)


def is_inline(line: Line) -> bool:
    """Whether the content stands in the card itself."""
    return encoding(line) == "B" or _INLINE.match(line.value) is not None


def media_type(line: Line) -> str:
    """Return the media type that a line names, without looking at the content; empty if it names none."""
    found = _DATA_TYPE.match(line.value)
    if found is not None:
        return found[1].lower()
    if not line.has_params:
        return ""
    named = line.param("MEDIATYPE")
    if named is not None:
        return named
    kinds = [word for word in types(line) if word not in {"pref", "home", "work"}]
    if kinds and line.name == "KEY":
        return {"x509": "application/pkix-cert", "pgp": "application/pgp-keys"}.get(kinds[0], "")
    if not kinds or line.name not in {"PHOTO", "LOGO", "SOUND"}:
        return ""
    return kinds[0] if "/" in kinds[0] else f"{'audio' if line.name == 'SOUND' else 'image'}/{kinds[0]}"


def reader(kind: str | None = None) -> Reader:
    """Return the reader of a resource of this kind."""

    def read(line: Line, sight: Sight) -> Value | None:
        address = _address(line)
        if not address:
            return None
        value: Value = {"uri": address}
        if kind is not None:
            value["kind"] = kind
        named = media_type(line)
        if named:
            value["mediaType"] = named
        if line.has_params:
            place = line.param("INDEX") or ""
            if kind in {"directory", "entry"} and place.isascii() and place.isdigit() and int(place[:9]):
                value["listAs"] = int(place[:9])
        return sight.common(line, value)

    return read


def read_media(line: Line, sight: Sight, identifier: str, photo: Photo | None) -> Value | None:
    """Return a Media; content in the card is told as ``photo`` wants it, or as a ``data:`` URI."""
    value: Value = {"kind": line.name.lower()}
    told = photo(identifier, line) if photo is not None and is_inline(line) else None
    if told is not None:
        value |= told
    else:
        address = _address(line)
        if not address:
            return None
        value["uri"] = address
    named = media_type(line)
    if named:
        value.setdefault("mediaType", named)
    return sight.common(line, value)


def read_scheduling(line: Line, sight: Sight) -> Value | None:
    """Return a SchedulingAddress: CALADRURI."""
    address = plain(line)
    return sight.common(line, {"uri": address}) if address else None


def write_scheduling(value: Mapping[str, Any], dialect: Dialect) -> Written:
    """Return CALADRURI."""
    return Written([dialect.line("CALADRURI", value["uri"], of=value)], value.get("label"))


def writer(property_: str) -> Callable[[Mapping[str, Any], Dialect], Written]:
    """Return the writer of a map of resources."""

    def write(value: Mapping[str, Any], dialect: Dialect) -> Written:
        name = "KEY" if property_ == "cryptoKeys" else _PROPERTY[property_].get(value.get("kind", ""))
        name = name or _DEFAULT[property_]
        address = value.get("uri") or f"blob:{value.get('blobId', '')}"
        inline = _INLINE.match(address) is not None
        place = value.get("listAs")
        params = {
            "MEDIATYPE": None if inline else value.get("mediaType"),
            "INDEX": None if place is None else str(place),
        }
        line = dialect.line(name, address, of=value, params=params)
        if inline and not dialect.new and name in {"PHOTO", "LOGO", "SOUND", "KEY"}:
            line = downgrade([line])[0]
        elif not dialect.new and name in {"PHOTO", "LOGO", "SOUND"}:
            line = line.with_param("VALUE", "uri")
        return Written([line], value.get("label"))

    return write


def data_octets(address: str) -> Binary | None:
    """Return the content of a base64 ``data:`` URI, or None if it is none or damaged."""
    found = _DATA.match(address)
    if found is None or found.end() != len(address):
        return None
    try:
        content = binascii.a2b_base64(found[1], strict_mode=False)
    except binascii.Error:
        return None
    return Binary(content, media_type(Line("PHOTO", address)))


def _address(line: Line) -> str:
    if encoding(line) == "B":
        content = binary_value(line)
        return "" if content is None else content.data_uri()
    text = plain(line)
    if line.name == "KEY" and (line.param("VALUE") or "").lower() == "text" and text:
        return f"data:text/plain,{quote_uri(text)}"
    return text
