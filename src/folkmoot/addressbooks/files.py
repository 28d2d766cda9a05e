"""Contacts in files of other programs: vCard, LDIF and CSV, to the items of an import and back."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final
from uuid import NAMESPACE_OID, uuid5

from folkmoot.collections.importing import Item
from folkmoot.vcard import Card, Rejected, ensure_uid, format, parse, parse_stream  # noqa: A004  # the house's verb
from folkmoot.vcard.csv_contacts import cards_from_csv, csv_from_cards
from folkmoot.vcard.ldif_contacts import cards_from_ldif, ldif_from_cards

_READERS: Final[dict[str, Callable[[bytes], Iterator[Card | Rejected]]]] = {
    "vcf": parse_stream,
    "ldif": cards_from_ldif,
    "csv": cards_from_csv,
}
FORMATS: Final = tuple(_READERS)


def items(octets: bytes, form: str) -> Iterator[Item]:
    """Yield the contacts of a file of one of ``FORMATS``; a card without UID gets one.

    Raises:
        TooLarge: more than such a file may hold.
        MalformedInput: nothing of the file can be read.
    """
    for number, found in enumerate(_READERS[form](octets), 1):
        if isinstance(found, Rejected):
            yield Item(f"line {found.line}", fault=found.reason)
        else:
            text = format(found)
            # The UID follows from the text, so that importing a file twice makes nothing double.
            uid = f"urn:uuid:{uuid5(NAMESPACE_OID, text)}"
            yield Item(f"contact {number}", format(ensure_uid(found, uid)).encode())


def written(bodies: Sequence[bytes], form: str) -> bytes:
    """Return cards as a file of one of ``FORMATS``."""
    if form == "vcf":
        return b"".join(body if body.endswith(b"\n") else body + b"\r\n" for body in bodies)
    cards = [parse(body) for body in bodies]
    return (ldif_from_cards(cards) if form == "ldif" else csv_from_cards(cards)).encode()
