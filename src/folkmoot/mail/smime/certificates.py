"""Certificates as values (RFC 5280, RFC 8550)."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from folkmoot.core.errors import MalformedInput

CERTIFICATES_MAX: Final = 50  # that come along with a signature or a key
OCTETS_MAX: Final = 200_000  # of one in PEM
ADDRESSES_MAX: Final = 100
_PEM: Final = re.compile(
    rb"-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----.{1,200000}?-----END (?:X509 |TRUSTED )?CERTIFICATE-----",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Certificate:
    """Who somebody is, says an authority; times in UTC."""

    pem: str
    subject: str  # RFC 4514
    issuer: str
    name: str  # of the person
    addresses: tuple[str, ...]  # lower case
    serial: str  # hexadecimal
    fingerprint: str  # SHA-256, hexadecimal
    not_before: datetime
    not_after: datetime
    for_signing: bool = True
    for_encryption: bool = True

    def covers(self, address: str) -> bool:
        """Return whether this is a certificate of that address; case does not matter, as no server lets it."""
        return address.strip().lower() in self.addresses

    def valid_at(self, moment: datetime) -> bool:
        """Return whether the times allow its use."""
        return self.not_before <= moment <= self.not_after


def read_certificates(octets: bytes) -> tuple[Certificate, ...]:
    """Return the certificates of PEM text, or the one that the octets are (DER); those that are damaged are left out.

    Raises:
        MalformedInput: there is none.
    """
    pieces = [match[0] for match in _PEM.finditer(octets)][:CERTIFICATES_MAX] or [octets[:OCTETS_MAX]]
    found = []
    for piece in pieces:
        with suppress(ValueError, TypeError, x509.UnsupportedGeneralNameType):
            loaded = (
                x509.load_pem_x509_certificate(piece)
                if b"-----BEGIN" in piece
                else x509.load_der_x509_certificate(piece)
            )
            found.append(certificate_of(loaded))
    if not found:
        raise MalformedInput("not a certificate")
    return tuple(found)


def certificate_of(loaded: x509.Certificate) -> Certificate:
    """Return a certificate as a value.

    Raises:
        ValueError: it breaks the rules of its format.
    """
    common = loaded.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    signing, encryption = _uses(loaded)
    return Certificate(
        pem=loaded.public_bytes(Encoding.PEM).decode("ascii"),
        subject=loaded.subject.rfc4514_string(),
        issuer=loaded.issuer.rfc4514_string(),
        name=str(common[0].value) if common else "",
        addresses=_addresses(loaded),
        serial=f"{loaded.serial_number:X}",
        fingerprint=loaded.fingerprint(SHA256()).hex(),
        not_before=loaded.not_valid_before_utc,
        not_after=loaded.not_valid_after_utc,
        for_signing=signing,
        for_encryption=encryption,
    )


def _addresses(loaded: x509.Certificate) -> tuple[str, ...]:
    found: list[str] = []
    with suppress(x509.ExtensionNotFound):
        names = loaded.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        found += names.get_values_for_type(x509.RFC822Name)
    found += [str(one.value) for one in loaded.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)]
    return tuple(dict.fromkeys(one.lower() for one in found if "\0" not in one))[:ADDRESSES_MAX]


def _uses(loaded: x509.Certificate) -> tuple[bool, bool]:
    """Return whether it may sign mail and whether one may encrypt for it (RFC 8550 sections 4.4.2 and 4.4.4)."""
    signing = encryption = True
    with suppress(x509.ExtensionNotFound):
        usage = loaded.extensions.get_extension_for_class(x509.KeyUsage).value
        signing = usage.digital_signature or usage.content_commitment
        encryption = usage.key_encipherment or usage.key_agreement
    with suppress(x509.ExtensionNotFound):
        purposes = set(loaded.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
        if not purposes & {ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}:
            signing = encryption = False
    return signing, encryption
