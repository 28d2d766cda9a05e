"""What the value of a property means: character sets, transfer encodings, escapes, types, binary content.

vCard 2.1 writes quoted-printable in a named character set, 3.0 base64 with ``ENCODING=b``, 4.0 a ``data:`` URI
(vCard 2.1 section 2.1.5, RFC 2426 section 5.8.4, RFC 6350 section 4.2); all of them occur under any VERSION.
"""

import binascii
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote_from_bytes, unquote_to_bytes

from folkmoot.contentline import Line, decode, split_values, unescape_text

_BASE64: Final = frozenset({"B", "BASE64"})
_NOT_BASE64: Final = re.compile(r"[^A-Za-z0-9+/=]")
_DATA_URI: Final = re.compile(r"data:(?P<type>[^,;\\]*)(?P<attributes>(?:\\?;[^,;\\]*)*)\\?,", re.IGNORECASE)
_DATA_URI_HEAD_MAX: Final = 1_000  # characters before the content: a media type and its attributes
# Bare words of vCard 2.1 that say how a value is written; all other bare words are types.
_ENCODING_WORDS: Final = frozenset({"QUOTED-PRINTABLE", "BASE64", "B", "8BIT", "7BIT"})
_VALUE_WORDS: Final = frozenset({"URL", "INLINE", "CONTENT-ID", "CID"})


@dataclass(frozen=True, slots=True)
class Binary:
    """A photo, logo, sound or key that stands in the card itself; the media type is empty if nothing names it."""

    content: bytes
    media_type: str

    def data_uri(self) -> str:
        """Return the content as a ``data:`` URI (RFC 2397)."""
        encoded = binascii.b2a_base64(self.content, newline=False).decode("ascii")
        return f"data:{self.media_type or 'application/octet-stream'};base64,{encoded}"

    def base64(self) -> str:
        """Return the content as 3.0 writes it after ``ENCODING=b``."""
        return binascii.b2a_base64(self.content, newline=False).decode("ascii")


def encoding(line: Line) -> str:
    """Return the transfer encoding in upper case, ``QUOTED-PRINTABLE`` or ``B``; empty if there is none."""
    if not line.has_params:
        return ""
    for parameter in line.params:
        name = parameter.value.upper() if parameter.name == "ENCODING" else parameter.name
        if parameter.name == "ENCODING" or (not parameter.values and name in _ENCODING_WORDS):
            if name in _BASE64:
                return "B"
            return name if name == "QUOTED-PRINTABLE" else ""
    return ""


def types(line: Line) -> tuple[str, ...]:
    """Return the TYPE values and the bare words of vCard 2.1, in lower case and in order."""
    if not line.has_params:
        return ()
    found: list[str] = []
    for parameter in line.params:
        if parameter.name == "TYPE":
            # A quoted list, TYPE="work,voice", is one value with a comma in it (RFC 6350 section 5.6).
            for value in parameter.values:
                found += [word.strip().lower() for word in value.split(",")]
        elif not parameter.values and parameter.name not in _ENCODING_WORDS and parameter.name not in _VALUE_WORDS:
            found.append(parameter.name.lower())
    return tuple(word for word in found if word)


def written_value(line: Line) -> str:
    """Return the value without transfer encoding, its backslash escapes still there."""
    if not line.has_params or encoding(line) != "QUOTED-PRINTABLE":
        return line.value
    octets = binascii.a2b_qp(line.value.encode("utf-8", "replace"))
    return decode(octets, line.param("CHARSET") or "utf-8", "utf-8")


def text_value(line: Line) -> str:
    """Return the value as plain text; the separators of a structured value stay in it."""
    return unescape_text(written_value(line))


def structured_value(line: Line) -> list[str]:
    """Return the plain text of the parts between semicolons, as in N, ADR and ORG."""
    return [unescape_text(part).strip() for part in split_values(written_value(line), ";")]


def listed_value(line: Line) -> list[str]:
    """Return the plain text of the values between commas, as in NICKNAME and CATEGORIES; empty ones are left out."""
    values = [unescape_text(part).strip() for part in split_values(written_value(line), ",")]
    return [value for value in values if value]


def binary_value(line: Line) -> Binary | None:
    """Return the content that stands in the value, or None if the value is a link or is damaged."""
    if encoding(line) == "B":
        content = _decode_base64(line.value)
        return None if content is None else Binary(content, _media_type(line))
    found = _DATA_URI.match(line.value, 0, _DATA_URI_HEAD_MAX)
    if found is None:
        return None
    written = line.value[found.end() :]
    base64 = found["attributes"].lower().endswith(";base64")
    content = _decode_base64(written) if base64 else unquote_to_bytes(written)
    return None if content is None else Binary(content, found["type"].lower())


def quote_uri(text: str) -> str:
    """Return text as part of a URI."""
    return quote_from_bytes(text.encode("utf-8", "replace"), safe="@+.-_~")


def unquote_uri(text: str) -> str:
    """Return the text of a part of a URI."""
    return unquote_to_bytes(text).decode("utf-8", "replace")


def _media_type(line: Line) -> str:
    named = line.param("MEDIATYPE")
    if named:
        return named.lower()
    kind = next((word for word in types(line) if word not in {"pref", "home", "work"}), "")
    if not kind or "/" in kind:
        return kind
    if line.name == "KEY":
        return {"x509": "application/pkix-cert", "pgp": "application/pgp-keys"}.get(kind, f"application/{kind}")
    return f"audio/{kind}" if line.name == "SOUND" else f"image/{kind}"


def _decode_base64(value: str) -> bytes | None:
    packed = _NOT_BASE64.sub("", value).rstrip("=")
    if not packed:
        return None
    try:
        return binascii.a2b_base64(packed + "=" * (-len(packed) % 4))
    except binascii.Error:
        return None
