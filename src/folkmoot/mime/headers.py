"""Header fields of a message or of a part, as written; and texts and addresses out of them (RFC 5322, RFC 2047).

Reading never fails.  What is beyond the bounds is left out: no mail that people write comes near them.
"""

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from folkmoot.mime.address_lists import MailAddress, addresses
from folkmoot.mime.encoded_words import decode

__all__ = ["Headers", "MailAddress", "addresses", "decode", "message_ids", "parse_headers"]

HEADER_OCTETS_MAX: Final = 1024 * 1024  # of all fields; Postfix stops at 100 kB by default, others at 1 MB
FIELDS_MAX: Final = 2000  # a long way through relays and filters leaves some hundreds
FIELD_OCTETS_MAX: Final = 256 * 1024  # unfolded: some ten thousand recipients
IDS_MAX: Final = 1000  # of References; longer threads are still joined by the last ones
_ID: Final = re.compile(rb"<([^<>]{1,998})>")
_ID_SEPARATORS: Final = re.compile(rb"[\s<>,;\"]+")
_WHITE: Final = re.compile(rb"\s+")
_NAME: Final = re.compile(rb"[\x21-\x39\x3b-\x7e]+")


class Headers(Struct, frozen=True):
    """Fields in their order: names in lower case, values unfolded octets without the blanks around them."""

    fields: tuple[tuple[str, bytes], ...] = ()

    def get(self, name: str) -> bytes | None:
        """Return the value of the first field of this name (lower case); None if there is none."""
        return next((value for key, value in self.fields if key == name), None)

    def all(self, name: str) -> tuple[bytes, ...]:
        """Return the values of all fields of this name (lower case)."""
        return tuple(value for key, value in self.fields if key == name)

    def text(self, name: str) -> str:
        """Return the first field of this name as text, its encoded words decoded; empty if there is none."""
        value = self.get(name)
        return decode(value) if value else ""

    def addresses(self, name: str) -> tuple[MailAddress, ...]:
        """Return the addresses in all fields of this name; broken mail repeats To and Cc."""
        return tuple(address for value in self.all(name) for address in addresses(value))


def parse_headers(octets: bytes) -> Headers:
    """Read the fields up to the first empty line; lines end with CRLF, LF or a mixture.

    A line that is no field is skipped: an mbox "From ", remarks of filters, the rest of a line that was cut.
    """
    fields: list[tuple[str, bytes]] = []
    for line in _unfolded(octets[:HEADER_OCTETS_MAX]):
        name, colon, value = line.partition(b":")
        name = name.rstrip(b" \t")
        if colon and _NAME.fullmatch(name):
            fields.append((name.decode("ascii").lower(), value.strip()[:FIELD_OCTETS_MAX]))
            if len(fields) == FIELDS_MAX:
                break
    return Headers(tuple(fields))


def message_ids(octets: bytes) -> tuple[str, ...]:
    """Return the message ids of Message-ID, In-Reply-To or References, each once, with their angle brackets.

    Blanks that folding left within an id are taken out.  Of more than ``IDS_MAX`` the first and the last ones are kept.
    """
    found = [_WHITE.sub(b"", match[1]) for match in _ID.finditer(octets[:FIELD_OCTETS_MAX])]
    if not found:
        found = [word for word in _ID_SEPARATORS.split(octets[:FIELD_OCTETS_MAX]) if b"@" in word]
    ids = list(dict.fromkeys(f"<{one.decode('utf-8', 'replace')}>" for one in found if one))
    if len(ids) > IDS_MAX:
        ids = [ids[0], *ids[1 - IDS_MAX :]]
    return tuple(ids)


def _unfolded(octets: bytes) -> Iterator[bytes]:
    line: list[bytes] = []
    size = 0
    for raw in octets.replace(b"\r\n", b"\n").split(b"\n"):
        if not raw:
            if line:
                break
            continue  # empty lines before the first field
        if raw[0] in b" \t" and line:
            size += len(raw)
            if size <= FIELD_OCTETS_MAX:
                line.append(raw)
            continue
        if line:
            yield b"".join(line)
        line, size = [raw], len(raw)
    if line:
        yield b"".join(line)
