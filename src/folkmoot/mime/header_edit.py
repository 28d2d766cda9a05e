"""Changing the header of a message that exists, without touching its body."""

import re
from collections.abc import Callable, Iterable
from typing import Final

from folkmoot.core.errors import MalformedInput
from folkmoot.mime import writing
from folkmoot.mime.headers import HEADER_OCTETS_MAX, addresses, decode, message_ids

ADDRESSES: Final = frozenset(
    {"from", "sender", "reply-to", "to", "cc", "bcc", "disposition-notification-to"}
    | {"resent-from", "resent-sender", "resent-to", "resent-cc", "resent-bcc"}
)
IDS: Final = frozenset({"message-id", "in-reply-to", "references", "resent-message-id", "content-id"})
_BREAK: Final = re.compile(rb"\r\n|\n|\r")
_NAME: Final = re.compile(rb"[!-9;-~]{1,200}")

Field = tuple[str, bytes]
"""A name in lower case, and the field with its name and its line break, as written."""


def network_breaks(octets: bytes) -> bytes:
    """Return a message whose lines end with CRLF, whatever they ended with."""
    if b"\n" not in octets.replace(b"\r\n", b"") and b"\r" not in octets.replace(b"\r\n", b""):
        return octets
    return _BREAK.sub(b"\r\n", octets)


def split_header(octets: bytes) -> tuple[list[Field], bytes]:
    """Return the fields of a message with CRLF, and all that follows the empty line; what is no field is left out."""
    end = octets.find(b"\r\n\r\n") if not octets.startswith(b"\r\n") else -2
    header, body = (octets, b"") if end == -1 else (octets[: max(end + 2, 0)], octets[max(end + 4, 2) :])
    fields: list[Field] = []
    for line in header[:HEADER_OCTETS_MAX].split(b"\r\n"):
        if line[:1] in {b" ", b"\t"} and fields:
            name, before = fields[-1]
            fields[-1] = (name, before + line + b"\r\n")
            continue
        name_octets, colon, _ = line.partition(b":")
        name_octets = name_octets.rstrip(b" \t")
        if colon and _NAME.fullmatch(name_octets):
            fields.append((name_octets.decode("ascii").lower(), line + b"\r\n"))
    return fields, body


def edit_header(octets: bytes, *, drop: Callable[[str], bool], put: Iterable[bytes] = ()) -> bytes:
    """Return a message without fields of some names, and with further ones in front; all fields become ASCII.

    Raises:
        MalformedInput: a field that no header may hold and that cannot be written anew.
    """
    fields, body = split_header(network_breaks(octets))
    kept = [ascii_field(name, field) for name, field in fields if not drop(name)]
    return b"".join([*put, *kept, b"\r\n", body])


def ascii_field(name: str, field: bytes) -> bytes:
    """Return a field as it is, or written anew where it has octets beyond ASCII or lines too long to be sent.

    Raises:
        MalformedInput: it cannot be written.
    """
    lines = field.split(b"\r\n")
    if field.isascii() and b"\0" not in field and max(map(len, lines)) <= writing.HARD_LINE_MAX:
        return field
    written_name, _, value = field.partition(b":")
    value = b" ".join(line.strip() for line in value.split(b"\r\n")).strip()
    shown = written_name.decode("ascii").strip()
    if name in ADDRESSES:
        return writing.address_field(shown, addresses(value))
    if name in IDS:
        return writing.ids_field(shown, [one for one in message_ids(value) if one.isascii()])
    if name.startswith("content-"):
        raise MalformedInput(f"the field {shown[:80]} has characters beyond ASCII")
    return writing.field(shown, decode(value))
