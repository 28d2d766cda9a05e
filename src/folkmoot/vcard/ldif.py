"""LDIF text to records and back (RFC 2849)."""

import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from folkmoot.core.errors import TooLarge
from folkmoot.vcard.card import Rejected

LDIF_OCTETS_MAX: Final = 128 * 1024 * 1024  # an address book of 100,000 people, some with photos
RECORD_ATTRIBUTES_MAX: Final = 50_000  # a group of that many members
_FOLD_CHARS: Final = 76
_ATTRIBUTE: Final = re.compile(rb"([A-Za-z0-9][A-Za-z0-9._-]*)((?:;[A-Za-z0-9_-]+)*)(::|:<|:)[ ]*(.*)", re.DOTALL)
# SAFE-STRING: what may stand without base64.
_SAFE: Final = re.compile(r"(?![ :<])[\x01-\x09\x0b\x0c\x0e-\x7f]*(?<! )")


@dataclass(frozen=True, slots=True)
class Record:
    """One entry: its first line, from 1, its distinguished name, its attributes in order, names in lower case."""

    line: int
    dn: str
    attributes: tuple[tuple[str, bytes], ...]

    def first(self, name: str) -> str:
        """Return the text of the first attribute of that name; empty if there is none."""
        for attribute, value in self.attributes:
            if attribute == name:
                return decode_text(value)
        return ""

    def all(self, name: str) -> list[str]:
        """Return the texts of all attributes of that name."""
        return [decode_text(value) for attribute, value in self.attributes if attribute == name]


def parse_ldif(octets: bytes) -> Iterator[Record | Rejected]:
    """Yield the records of a file in order; what cannot be read is yielded as Rejected and hides nothing else.

    Values by URL (``attribute:< file:...``) are refused: reading them would read our own files.

    Raises:
        TooLarge: more than ``LDIF_OCTETS_MAX`` octets.
    """
    if len(octets) > LDIF_OCTETS_MAX:
        raise TooLarge(f"LDIF: more than {LDIF_OCTETS_MAX} octets")
    if octets.startswith((b"\xff\xfe", b"\xfe\xff")):
        octets = octets.decode("utf-16", "replace").encode("utf-8")
    lines: list[bytes] = []
    first = number = 0
    for number, line in enumerate(_physical_lines(octets), start=1):
        if line.strip():
            if not lines:
                first = number
            lines.append(line)
        elif lines:
            yield from _parse_record(lines, first)
            lines = []
    if lines:
        yield from _parse_record(lines, first)


def format_ldif(records: Iterable[tuple[str, Iterable[tuple[str, str | bytes]]]]) -> str:
    """Return the text of records, each a distinguished name and its attributes."""
    written = ["version: 1\n"]
    for dn, attributes in records:
        written.append("\n")
        written.append(_format_attribute("dn", dn))
        written += [_format_attribute(name, value) for name, value in attributes]
    return "".join(written)


def decode_text(value: bytes) -> str:
    """Return an attribute's text; old exports are in the Windows code page of western Europe."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("windows-1252", "replace")


def _physical_lines(octets: bytes) -> list[bytes]:
    return octets.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")


def _parse_record(lines: list[bytes], first: int) -> Iterator[Record | Rejected]:
    attributes: list[tuple[str, bytes]] = []
    for line in _unfold(lines):
        if line.startswith(b"#"):
            continue
        found = _ATTRIBUTE.fullmatch(line)
        if found is None:
            yield Rejected(first, "LDIF: a line without attribute and colon")
            return
        if found[3] == b":<":
            yield Rejected(first, "LDIF: a value by URL is not read")
            return
        value = found[4]
        if found[3] == b"::":
            try:
                value = binascii.a2b_base64(value.strip())
            except binascii.Error:
                yield Rejected(first, "LDIF: damaged base64")
                return
        attributes.append((found[1].decode("ascii").lower(), value))
        if len(attributes) > RECORD_ATTRIBUTES_MAX:
            yield Rejected(first, f"LDIF: more than {RECORD_ATTRIBUTES_MAX} attributes")
            return
    if attributes and attributes[0][0] == "version":
        attributes = attributes[1:]
    if not attributes:
        return
    if attributes[0][0] != "dn":
        yield Rejected(first, "LDIF: a record without dn")
        return
    record = Record(first, decode_text(attributes[0][1]), tuple(attributes[1:]))
    change = record.first("changetype").strip().lower()
    if change not in {"", "add"}:
        yield Rejected(first, "LDIF: a change, not an entry")
        return
    yield record


def _unfold(lines: list[bytes]) -> list[bytes]:
    unfolded: list[list[bytes]] = []
    for line in lines:
        if line.startswith(b" ") and unfolded:
            unfolded[-1].append(line[1:])
        else:
            unfolded.append([line])
    return [b"".join(pieces) for pieces in unfolded]


def _format_attribute(name: str, value: str | bytes) -> str:
    if isinstance(value, str) and _SAFE.fullmatch(value):
        text = f"{name}: {value}"
    else:
        octets = value.encode("utf-8", "replace") if isinstance(value, str) else value
        text = f"{name}:: {binascii.b2a_base64(octets, newline=False).decode('ascii')}"
    pieces = [text[:_FOLD_CHARS]]
    pieces += [text[start : start + _FOLD_CHARS - 1] for start in range(_FOLD_CHARS, len(text), _FOLD_CHARS - 1)]
    return "\n ".join(pieces) + "\n"
