"""Passwords encrypted with AES-128-CBC, as Plesk stores them: ``$AES-128-CBC$iv$data`` in base64."""

import re
import secrets
from base64 import b64decode, b64encode
from hmac import compare_digest
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

KEY_SIZE: Final = 16  # octets; what follows in the key file is not looked at
_BLOCK: Final = 16
_SEALED: Final = re.compile(
    rb"\$AES-128-CBC\$([A-Za-z0-9+/]{22})={0,2}\$([A-Za-z0-9+/]{22,5600})={0,2}\Z", re.IGNORECASE
)


def verify_sealed(stored: bytes, password: bytes, key: bytes) -> bool:
    """Return whether ``stored`` is the password under ``key``; padding is NUL octets.

    SOGo writes and compares the first 16 octets only, so a value of just one full block verifies any password
    that starts with it.
    """
    match = _SEALED.match(stored)
    if match is None or len(key) < KEY_SIZE or b"\0" in password:
        return False
    data = _decode(match[2])
    if len(data) % _BLOCK:
        return False
    opened = _cipher(key, _decode(match[1])).decryptor().update(data)
    plain = opened.rstrip(b"\0")
    if len(plain) == len(data) == _BLOCK:
        password = password[:_BLOCK]
    return bool(plain) and compare_digest(plain, password)


def make_sealed(password: bytes, key: bytes) -> bytes:
    """Return the password under ``key`` with a fresh initialisation vector.

    Raises:
        ValueError: the key is shorter than 16 octets.
    """
    vector = secrets.token_bytes(_BLOCK)
    padded = password.ljust(-(-len(password) // _BLOCK) * _BLOCK, b"\0")
    data = _cipher(key, vector).encryptor().update(padded)
    return b"$AES-128-CBC$" + b64encode(vector) + b"$" + b64encode(data)


def _cipher(key: bytes, vector: bytes) -> Cipher[modes.CBC]:
    return Cipher(algorithms.AES(key[:KEY_SIZE]), modes.CBC(vector))


def _decode(text: bytes) -> bytes:
    return b64decode(text + b"=" * (-len(text) % 4))
