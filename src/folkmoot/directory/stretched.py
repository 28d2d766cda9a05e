"""Argon2, and PBKDF2 in Dovecot's form; the stored value names its own cost, up to a ceiling."""

import hashlib
import re
import secrets
from hmac import compare_digest
from typing import Final

import argon2
from argon2.low_level import Type, verify_secret

ARGON2_MEMORY_MAX: Final = 1024 * 1024  # KiB: libsodium's dearest preset
ARGON2_WORK_MAX: Final = 4 * ARGON2_MEMORY_MAX  # passes times memory of that same preset
PBKDF2_ROUNDS: Final = 100_000
PBKDF2_ROUNDS_MAX: Final = 5_000_000  # about three seconds

_ARGON2: Final = re.compile(
    rb"\$argon2(id|i|d)\$v=19\$m=(\d{1,8}),t=(\d{1,4}),p=(\d{1,2})\$[A-Za-z0-9+/]{1,128}\$[A-Za-z0-9+/]{1,256}\Z"
)
_PBKDF2: Final = re.compile(rb"\$1\$([^$]{1,64})\$(\d{1,9})\$([0-9A-Fa-f]{40})\Z")
_TYPES: Final = {b"i": Type.I, b"d": Type.D, b"id": Type.ID}

# One lane only: libsodium, and so Dovecot and SOGo, verify no other.
_ARGON2ID: Final = argon2.PasswordHasher(time_cost=3, memory_cost=65536, parallelism=1, type=Type.ID)
_ARGON2I: Final = argon2.PasswordHasher(time_cost=4, memory_cost=32768, parallelism=1, type=Type.I)


def verify_argon2(stored: bytes, password: bytes) -> bool:
    """Return whether ``stored`` is an Argon2 hash (RFC 9106) of the password, of any variant, within the ceiling."""
    match = _ARGON2.match(stored)
    if match is None:
        return False
    memory, passes = int(match[2]), int(match[3])
    if memory > ARGON2_MEMORY_MAX or memory * passes > ARGON2_WORK_MAX:
        return False
    try:
        return verify_secret(stored, password, _TYPES[match[1]])
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


def is_outdated(stored: str) -> bool:
    """Return whether an Argon2 value has other costs than ``make_argon2id`` gives."""
    try:
        return _ARGON2ID.check_needs_rehash(stored)
    except argon2.exceptions.InvalidHashError:
        return True


def make_argon2id(password: bytes) -> bytes:
    """Return a new Argon2id hash."""
    return _ARGON2ID.hash(password).encode()


def make_argon2i(password: bytes) -> bytes:
    """Return a new Argon2i hash, which SOGo writes for ``argon2``."""
    return _ARGON2I.hash(password).encode()


def verify_pbkdf2(stored: bytes, password: bytes) -> bool:
    """Return whether ``stored`` is ``$1$salt$rounds$hex``, PBKDF2 with HMAC-SHA-1 of the password."""
    match = _PBKDF2.match(stored)
    if match is None or not 1 <= int(match[2]) <= PBKDF2_ROUNDS_MAX:
        return False
    made = hashlib.pbkdf2_hmac("sha1", password, match[1], int(match[2]))
    return compare_digest(made, bytes.fromhex(match[3].decode()))


def make_pbkdf2(password: bytes) -> bytes:
    """Return a new PBKDF2 value in Dovecot's form."""
    salt = secrets.token_hex(8)  # 16 characters, the only length that SOGo reads
    made = hashlib.pbkdf2_hmac("sha1", password, salt.encode(), PBKDF2_ROUNDS)
    return f"$1${salt}${PBKDF2_ROUNDS}${made.hex()}".encode()
