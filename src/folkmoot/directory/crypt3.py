"""Hashes in the form of crypt(3): ``$id$...``, the old DES forms, and Apache's ``$apr1$``.

The C library's own crypt is used where it is found: it knows yescrypt, is fast, and lets other threads run
meanwhile.  Elsewhere libpass computes the common ones.  A stored value names its own cost, so each form has a
ceiling: whoever can write to a user table must not be able to stop the server.
"""

import ctypes
import re
import secrets
from collections.abc import Callable
from ctypes.util import find_library
from functools import cache
from hmac import compare_digest
from typing import Final

import bcrypt
from passlib.hash import (
    apr_md5_crypt,
    des_crypt,
    md5_crypt,
    sha256_crypt,
    sha512_crypt,
)

BCRYPT_COST: Final = 12  # about a quarter of a second
BCRYPT_COST_MAX: Final = 16  # about four seconds
BCRYPT_PASSWORD_MAX: Final = 72  # octets that bcrypt looks at
SHA_ROUNDS: Final = 100_000  # about 50 ms in C
SHA_ROUNDS_MAX: Final = 5_000_000  # about three seconds in C
OTHER_ROUNDS_MAX: Final = 1_000_000  # sha1crypt and SunMD5, about as long
SCRYPT_LOG_N_MAX: Final = 17  # 512 MiB with the largest block size below
YESCRYPT_LOG_N_MAX: Final = 17  # the same

_SALT_LETTERS: Final = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_DATA_SIZE: Final = 32768  # sizeof(struct crypt_data) of libxcrypt
_SHA: Final = re.compile(rb"\$[56]\$(?:rounds=(\d{1,9})\$)?[^$:\n]{0,16}\$[./0-9A-Za-z]{43,86}\Z")
_BCRYPT: Final = re.compile(rb"\$2[abxy]\$(\d\d)\$[./0-9A-Za-z]{53}\Z")
_SHA1: Final = re.compile(rb"\$sha1\$(\d{1,9})\$[./0-9A-Za-z]{1,64}\$[./0-9A-Za-z]{28}\Z")
_SUN_MD5: Final = re.compile(rb"\$md5(?:,rounds=(\d{1,9}))?\$[./0-9A-Za-z]{1,16}\$?\$[./0-9A-Za-z]{22}\Z")
_SCRYPT: Final = re.compile(rb"\$7\$([./0-9A-Za-z])[./0-9A-U]\.{4}[./]\.{4}[./0-9A-Za-z]{0,86}\$[./0-9A-Za-z]{43}\Z")
_YESCRYPT: Final = re.compile(rb"\$g?y\$j([./0-9A-Za-z])[./0-9A-T]\$[./0-9A-Za-z]{0,86}\$[./0-9A-Za-z]{43}\Z")
_CHEAP: Final = (
    re.compile(rb"\$1\$[^$:\n]{0,8}\$[./0-9A-Za-z]{22}\Z"),
    re.compile(rb"\$3\$\$[0-9a-f]{32}\Z"),  # NT hash
    re.compile(rb"[./0-9A-Za-z]{13}\Z"),  # DES
    re.compile(rb"_[./0-9A-Za-z]{2}[.-5]\.[./0-9A-Za-z]{15}\Z"),  # BSDi DES, below 2**15 rounds
)


def verify_crypt(stored: bytes, password: bytes) -> bool:
    """Return whether ``stored`` is the crypt(3) hash of the password; a form not known, or too costly, is not."""
    if b"\0" in password:  # C would see only what stands before it
        return False
    if stored.startswith(b"$apr1$"):
        return _verify_libpass(apr_md5_crypt, stored, password)
    if _BCRYPT.match(stored) and not stored.startswith(b"$2x$"):
        return verify_bcrypt(stored, password)
    if not affordable(stored):
        return False
    crypt = _system_crypt()
    if crypt is not None:
        made = crypt(password, stored)
        return made is not None and compare_digest(made, stored)
    for prefix, scheme in ((b"$1$", md5_crypt), (b"$5$", sha256_crypt), (b"$6$", sha512_crypt)):
        if stored.startswith(prefix):
            return _verify_libpass(scheme, stored, password)
    return len(stored) == 13 and _verify_libpass(des_crypt, stored, password)  # noqa: PLR2004  DES has no prefix


def verify_bcrypt(stored: bytes, password: bytes) -> bool:
    """Return whether ``stored`` is a bcrypt hash of the password, within the cost that we accept."""
    match = _BCRYPT.match(stored)
    if match is None or not 4 <= int(match[1]) <= BCRYPT_COST_MAX or b"\0" in password:  # noqa: PLR2004  bcrypt's least
        return False
    if stored.startswith(b"$2x$"):  # the form with sign extension bug, which only the C library keeps
        crypt = _system_crypt()
        made = crypt(password, stored) if crypt else None
        return made is not None and compare_digest(made, stored)
    try:
        return bcrypt.checkpw(password[:BCRYPT_PASSWORD_MAX], stored)
    except ValueError:  # salt bits that no encoder writes
        return False


def affordable(stored: bytes) -> bool:
    """Return whether this is a crypt(3) form that we know, at a cost that we accept."""
    if match := _SHA.match(stored):
        return int(match[1] or 5000) <= SHA_ROUNDS_MAX
    if match := _BCRYPT.match(stored):
        return int(match[1]) <= BCRYPT_COST_MAX
    if match := _SHA1.match(stored) or _SUN_MD5.match(stored):
        return int(match[1] or 0) <= OTHER_ROUNDS_MAX
    if match := _SCRYPT.match(stored):
        return _SALT_LETTERS.index(match[1].decode()) <= SCRYPT_LOG_N_MAX
    if match := _YESCRYPT.match(stored):
        return _SALT_LETTERS.index(match[1].decode()) + 1 <= YESCRYPT_LOG_N_MAX
    return any(form.match(stored) for form in _CHEAP)


def make_bcrypt(password: bytes) -> bytes:
    """Return a new bcrypt hash in PHP's and Dovecot's ``$2y$`` form."""
    made = bcrypt.hashpw(password[:BCRYPT_PASSWORD_MAX], bcrypt.gensalt(BCRYPT_COST))
    return b"$2y$" + made[4:]


def make_md5_crypt(password: bytes) -> bytes:
    """Return a new ``$1$`` hash."""
    return _make(md5_crypt, f"$1${_salt(8)}$", password)


def make_sha256_crypt(password: bytes) -> bytes:
    """Return a new ``$5$`` hash."""
    return _make(sha256_crypt.using(rounds=SHA_ROUNDS), f"$5$rounds={SHA_ROUNDS}${_salt(16)}$", password)


def make_sha512_crypt(password: bytes) -> bytes:
    """Return a new ``$6$`` hash."""
    return _make(sha512_crypt.using(rounds=SHA_ROUNDS), f"$6$rounds={SHA_ROUNDS}${_salt(16)}$", password)


def _make(scheme: object, setting: str, password: bytes) -> bytes:
    crypt = _system_crypt()
    made = crypt(password, setting.encode()) if crypt else None
    if made is not None:
        return made
    return str(scheme.hash(password)).encode()  # type: ignore[attr-defined]  # libpass ships no types


def _verify_libpass(scheme: object, stored: bytes, password: bytes) -> bool:
    try:
        return bool(scheme.verify(password, stored))  # type: ignore[attr-defined]  # libpass ships no types
    except (ValueError, TypeError):  # not of this form after all
        return False


def _salt(length: int) -> str:
    return "".join(secrets.choice(_SALT_LETTERS) for _ in range(length))


@cache
def _system_crypt() -> Callable[[bytes, bytes], bytes | None] | None:
    name = find_library("crypt")
    if name is None:
        return None
    try:
        crypt_rn = ctypes.CDLL(name).crypt_rn
    except (OSError, AttributeError):  # not libxcrypt
        return None
    crypt_rn.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int)
    crypt_rn.restype = ctypes.c_char_p

    def crypt(password: bytes, setting: bytes) -> bytes | None:
        made = crypt_rn(password, setting, ctypes.create_string_buffer(_DATA_SIZE), _DATA_SIZE)
        return made if isinstance(made, bytes) else None

    return crypt
