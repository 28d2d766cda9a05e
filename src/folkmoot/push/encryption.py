"""What is sent to a push service: octets that only the browser can read (RFC 8291, by aes128gcm of RFC 8188)."""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from folkmoot.core.errors import MalformedInput, TooLarge

PLAIN_MAX: Final = 3993  # octets that fit into the 4,096 that every push service takes (RFC 8291 section 4)
ENCODING: Final = "aes128gcm"
_SALT_OCTETS: Final = 16
_AUTH_OCTETS: Final = 16
_POINT_OCTETS: Final = 65  # uncompressed
_RECORD_OCTETS: Final = 4096
_LAST_RECORD: Final = b"\x02"
_BASE64_MAX: Final = 200  # characters of a key


@dataclass(frozen=True, slots=True)
class Recipient:
    """A browser's keys."""

    point: bytes  # P-256, uncompressed
    auth: bytes = field(repr=False)


def parse_recipient(p256dh: str, auth: str) -> Recipient:
    """Read the keys that a browser gives, in base64url.

    Raises:
        MalformedInput: they are none.
    """
    point, secret = _octets(p256dh), _octets(auth)
    if len(point) != _POINT_OCTETS or len(secret) != _AUTH_OCTETS:
        raise MalformedInput("p256dh is a point of P-256, uncompressed, and auth has 16 octets, both in base64url")
    _point(point)
    return Recipient(point, secret)


def encrypt(plain: bytes, recipient: Recipient) -> bytes:
    """Return the body of a request to a push service.

    Raises:
        TooLarge: more than ``PLAIN_MAX`` octets.
    """
    return encrypt_with(plain, recipient, ec.generate_private_key(ec.SECP256R1()), os.urandom(_SALT_OCTETS))


def encrypt_with(plain: bytes, recipient: Recipient, private: ec.EllipticCurvePrivateKey, salt: bytes) -> bytes:
    """Encrypt with a key and a salt that are used once."""
    if len(plain) > PLAIN_MAX:
        raise TooLarge(f"a push has at most {PLAIN_MAX} octets")
    own = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = private.exchange(ec.ECDH(), _point(recipient.point))
    info = b"WebPush: info\0" + recipient.point + own
    key_material = HKDF(SHA256(), 32, recipient.auth, info).derive(shared)
    key = HKDF(SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(key_material)
    nonce = HKDF(SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(key_material)
    head = salt + _RECORD_OCTETS.to_bytes(4, "big") + bytes([len(own)]) + own
    return head + AESGCM(key).encrypt(nonce, plain + _LAST_RECORD, None)


def to_base64url(octets: bytes) -> str:
    """Return base64url without padding."""
    return urlsafe_b64encode(octets).decode("ascii").rstrip("=")


def _octets(text: str) -> bytes:
    bare = text.rstrip("=").replace("+", "-").replace("/", "_")
    if len(bare) > _BASE64_MAX or not bare.isascii():
        return b""
    try:
        return urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
    except ValueError:
        return b""


def _point(octets: bytes) -> ec.EllipticCurvePublicKey:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), octets)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise MalformedInput("this is no point of P-256") from error
