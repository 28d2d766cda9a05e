"""Cards of people whom one writes with: made from an address, and given the certificates of signers."""

from typing import Final

from folkmoot.contentline import Line, Parameter, escape_text
from folkmoot.core.errors import MalformedInput
from folkmoot.mail.smime import Certificate, read_certificates
from folkmoot.vcard import Card, binary_value, format, text_value  # noqa: A004  # the house's verb

KEYS_MAX: Final = 20  # of one card that are looked at; people have a few over the years
_NEW: Final = "4.0"


def new_card(uid: str, address: str, name: str) -> Card:
    """Return a vCard 3.0 of somebody of whom an address is known, and perhaps a name (RFC 2426)."""
    shown = name or address
    if "," in name:
        family, _, given = (part.strip() for part in name.partition(","))
    else:
        given, _, family = name.rpartition(" ")
    lines = [
        Line("VERSION", "3.0"),
        Line("UID", escape_text(uid)),
        Line("FN", escape_text(shown)),
        Line("N", ";".join(map(escape_text, (family, given, "", "", "")))),
        Line("EMAIL", escape_text(address), [Parameter("TYPE", ("INTERNET",))]),
    ]
    return Card("VCARD", lines)


def certificates_of(card: Card) -> list[Certificate]:
    """Return the certificates among the KEY properties of a card, whichever version wrote them; PGP keys are none."""
    found: dict[str, Certificate] = {}
    for line in card.all("KEY")[:KEYS_MAX]:
        binary = binary_value(line)
        octets = binary.content if binary is not None else text_value(line).encode("utf-8", "replace")
        try:
            found |= {one.fingerprint: one for one in read_certificates(octets)}
        except MalformedInput:
            continue
    return list(found.values())


def with_certificates(card: Card, certificates: list[Certificate]) -> Card | None:
    """Return a card that has these certificates, too; None if it has them."""
    known = {one.fingerprint for one in certificates_of(card)}
    new = [one for one in certificates if one.fingerprint not in known]
    if not new:
        return None
    return Card(card.component, [*card.properties, *(_key(one, card.version) for one in new)], card.begin, card.end)


def card_text(card: Card) -> bytes:
    """Return the octets of a card."""
    return format(card).encode()


def _key(certificate: Certificate, version: str) -> Line:
    encoded = "".join(certificate.pem.strip().splitlines()[1:-1])
    if version == _NEW:  # RFC 6350 section 6.8.1
        return Line("KEY", f"data:application/pkix-cert;base64,{encoded}")
    return Line("KEY", encoded, [Parameter("ENCODING", ("b",)), Parameter("TYPE", ("X509",))])
