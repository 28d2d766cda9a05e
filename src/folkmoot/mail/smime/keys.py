"""A person's key with its certificate, and how it comes in: PKCS#12 (RFC 7292) or PEM."""

import re
from dataclasses import dataclass, field
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from folkmoot.core.errors import Forbidden, MalformedInput, TooLarge, Unsupported
from folkmoot.mail.smime.certificates import CERTIFICATES_MAX, Certificate, read_certificates
from folkmoot.mail.smime.openssl import Openssl

PKCS12_MAX: Final = 1_000_000  # octets; with a long chain it has 20,000
PASSWORD_MAX: Final = 1024  # characters
RSA_BITS_MAX: Final = 16_384  # OpenSSL's own limit; larger ones take seconds a signature
RSA_BITS_MIN: Final = 1024  # RFC 8551 section 4.3 warns of these, and refuses smaller ones
_KEY: Final = re.compile(rb"-----BEGIN ((?:RSA |EC )?PRIVATE KEY)-----.{1,100000}?-----END \1-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Key:
    """A private key, PEM (PKCS #8), its certificate, and those above it."""

    private: bytes = field(repr=False)
    certificate: Certificate
    chain: tuple[Certificate, ...] = ()

    @property
    def certificates_pem(self) -> str:
        """All certificates, the own one first."""
        return "".join(one.pem for one in (self.certificate, *self.chain))


def key_of_pem(octets: bytes) -> Key:
    """Return the key of PEM text that holds one that is not encrypted, and certificates in any order.

    Raises:
        MalformedInput: no key, no certificate of it, or a damaged one.
        Unsupported: neither RSA nor an elliptic curve, or a size that nobody should use.
    """
    found = _KEY.search(octets)
    if found is None:
        raise MalformedInput("there is no private key")
    try:
        private = load_pem_private_key(found[0], None)
    except (ValueError, TypeError) as damaged:
        raise MalformedInput("the private key is damaged or encrypted") from damaged
    except UnsupportedAlgorithm as unknown:
        raise Unsupported("a private key of an algorithm that mail does not use") from unknown
    if isinstance(private, RSAPrivateKey):
        if not RSA_BITS_MIN <= private.key_size <= RSA_BITS_MAX:
            raise Unsupported(f"an RSA key has {RSA_BITS_MIN} to {RSA_BITS_MAX} bits, this one {private.key_size}")
    elif not isinstance(private, EllipticCurvePrivateKey):
        raise Unsupported("a private key of an algorithm that mail does not use")
    certificates = read_certificates(octets)
    public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    own = next((one for one in certificates if _public(one) == public), None)
    if own is None:
        raise MalformedInput("there is no certificate of this private key")
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Key(pem, own, tuple(one for one in certificates if one is not own)[:CERTIFICATES_MAX])


async def key_of_pkcs12(openssl: Openssl, octets: bytes, password: str) -> Key:
    """Open a PKCS#12 file, also one with the old algorithms.

    Raises:
        TooLarge: the file has more than ``PKCS12_MAX`` octets.
        Forbidden: the password is wrong.
        MalformedInput: no PKCS#12, or no key with its certificate in it.
        Unsupported: what ``key_of_pem`` does not take.
        Unavailable: opening it takes too long, as somebody meant it to.
    """
    if len(octets) > PKCS12_MAX:
        raise TooLarge(f"a PKCS#12 file has at most {PKCS12_MAX} octets")
    if len(password) > PASSWORD_MAX or not (password.isprintable() or not password):
        raise MalformedInput("a password has no control characters")
    inputs = {"file": octets, "password": password.encode("utf-8", "replace") + b"\n"}
    command = ["pkcs12", "-in", "{file}", "-nodes", "-passin", "file:{password}"]
    errors = ""
    for more in ((), ("-legacy",)):
        finished = await openssl.run([*command, *more], inputs=inputs)
        if finished.succeeded:
            return key_of_pem(finished.output)
        errors = finished.errors
        if "invalid password" in errors or "mac verify" in errors.lower():
            raise Forbidden("the password does not open this file")
    if "unsupported" in errors.lower():
        raise Unsupported("the file is encrypted with an algorithm that this server does not have")
    raise MalformedInput("not a PKCS#12 file with a key and its certificate")


def _public(certificate: Certificate) -> bytes:
    try:
        loaded = x509.load_pem_x509_certificate(certificate.pem.encode("ascii"))
        return loaded.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, UnsupportedAlgorithm):
        return b""
