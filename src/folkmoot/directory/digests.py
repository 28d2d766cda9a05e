"""Plain and salted digests of passwords, and the CRAM-MD5 context that Dovecot stores."""

import hashlib
import secrets
import struct
from collections.abc import Callable
from hmac import compare_digest
from math import floor, sin
from typing import Final

from passlib.crypto.digest import lookup_hash

SALT_SIZE: Final = 16  # octets in new salted digests; any length verifies
_BLOCK: Final = 64  # octets that MD5 takes at a time (RFC 1321 section 3.4)
_WORD: Final = 0xFFFFFFFF


def md4(password: bytes) -> bytes:
    """Return the MD4 digest, which OpenSSL 3 no longer offers."""
    return bytes(lookup_hash("md4").const(password).digest())


def digest(algorithm: str) -> Callable[[bytes], bytes]:
    """Return the function that digests with a hashlib algorithm."""

    def make(password: bytes) -> bytes:
        return hashlib.new(algorithm, password, usedforsecurity=False).digest()

    return make


def verify_digest(make: Callable[[bytes], bytes]) -> Callable[[bytes, bytes], bool]:
    """Return the check for an unsalted digest."""

    def verify(stored: bytes, password: bytes) -> bool:
        return compare_digest(stored, make(password))

    return verify


def verify_salted(algorithm: str) -> Callable[[bytes, bytes], bool]:
    """Return the check for a digest of password and salt with the salt after it (RFC 2307's {SSHA} and its kin)."""
    size = hashlib.new(algorithm, usedforsecurity=False).digest_size
    make = digest(algorithm)

    def verify(stored: bytes, password: bytes) -> bool:
        return compare_digest(stored[:size], make(password + stored[size:]))

    return verify


def make_salted(algorithm: str) -> Callable[[bytes], bytes]:
    """Return the function that makes a salted digest with a fresh salt."""
    make = digest(algorithm)

    def salted(password: bytes) -> bytes:
        salt = secrets.token_bytes(SALT_SIZE)
        return make(password + salt) + salt

    return salted


def cram_md5(password: bytes) -> bytes:
    """Return the two MD5 states of HMAC's outer and inner pads (RFC 2104), from which any challenge is answered."""
    key = hashlib.md5(password, usedforsecurity=False).digest() if len(password) > _BLOCK else password
    key = key.ljust(_BLOCK, b"\0")
    return _md5_state(bytes(b ^ 0x5C for b in key)) + _md5_state(bytes(b ^ 0x36 for b in key))


# hashlib hides the state between blocks, so the compression of one block stands here (RFC 1321 section 3.4).
_SHIFTS: Final = ((7, 12, 17, 22), (5, 9, 14, 20), (4, 11, 16, 23), (6, 10, 15, 21))
_SINES: Final = tuple(floor(abs(sin(i + 1)) * 2**32) for i in range(64))
_START: Final = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476)


def _md5_state(block: bytes) -> bytes:
    words = struct.unpack("<16I", block)
    a, b, c, d = _START
    for step in range(64):
        match step // 16:
            case 0:
                mixed, word = (b & c) | (~b & d), step
            case 1:
                mixed, word = (d & b) | (~d & c), (5 * step + 1) % 16
            case 2:
                mixed, word = b ^ c ^ d, (3 * step + 5) % 16
            case _:
                mixed, word = c ^ (b | ~d & _WORD), 7 * step % 16
        total = (a + mixed + words[word] + _SINES[step]) & _WORD
        shift = _SHIFTS[step // 16][step % 4]
        a, d, c, b = d, c, b, (b + (total << shift | total >> (32 - shift))) & _WORD
    state = ((old + new) & _WORD for old, new in zip(_START, (a, b, c, d), strict=True))
    return struct.pack("<4I", *state)
