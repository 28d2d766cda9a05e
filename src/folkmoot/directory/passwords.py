"""Stored passwords: every scheme that SOGo and Dovecot write, verified and made.

A stored value may begin with ``{scheme}``; without it the user source's ``userPasswordAlgorithm`` is assumed.  A
suffix ``.hex``, ``.b64`` or ``.base64`` on the scheme overrides its natural encoding.  Scheme names compare
without case.  Anything not understood does not verify: there is no fallback from a scheme to plain text.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as BinasciiError
from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest
from typing import Final

from folkmoot.core.errors import ConfigurationError, TooLarge, Unsupported
from folkmoot.directory import crypt3, digests, sealed, stretched

PASSWORD_MAX: Final = 1024  # octets; long passwords are no stronger and sha-crypt's cost grows with their square
STORED_MAX: Final = 8192  # characters of a stored value, far above any scheme's
NEW_PASSWORD_SCHEME: Final = "argon2id"  # noqa: S105  a scheme, not a secret

_PREFIX: Final = re.compile(r"\{([A-Za-z0-9._-]{1,40})\}(.*)\Z", re.DOTALL)
_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{2})+\Z")
_SUFFIXES: Final = {".hex": "hex", ".b64": "base64", ".base64": "base64"}


@dataclass(frozen=True, slots=True)
class _Scheme:
    encoding: str  # "text", "hex" or "base64": how the stored octets are written
    verify: Callable[[bytes, bytes, bytes], bool]  # stored, password, key
    make: Callable[[bytes, bytes], bytes]  # password, key
    size: int | None = None  # octets of an unsalted digest, by which either encoding is recognised


def verify(stored: str, password: str, *, default_scheme: str = "none", key: bytes | None = None) -> bool:
    """Return whether the stored value stands for the password; takes up to some seconds, so call it in a thread.

    ``key`` is the content of the source's ``keyPath``.  Empty passwords and empty stored values never verify.
    """
    if not stored or not password or len(stored) > STORED_MAX:
        return False
    offered = password.encode("utf-8", "surrogatepass")
    if len(offered) > PASSWORD_MAX:
        return False
    name, value = split_scheme(stored, default_scheme)
    scheme, encoding = _find(name)
    if scheme is None:
        return False
    octets = _decode(value, encoding, scheme)
    if not octets:
        return False
    if name in _MD5_NAMES and octets.startswith(b"$1$"):
        return crypt3.verify_crypt(octets, offered)
    return scheme.verify(octets, offered, key or b"")


def hash_password(
    password: str, scheme: str = NEW_PASSWORD_SCHEME, *, key: bytes | None = None, prefix: bool = True
) -> str:
    """Return a new stored value; ``prefix`` puts ``{scheme}`` before it.

    Raises:
        Unsupported: the scheme is not known.
        TooLarge: the password is longer than ``PASSWORD_MAX`` octets.
        ConfigurationError: the scheme needs a key and there is none of sufficient length.
    """
    known, encoding = _find(scheme.lower())
    if known is None:
        raise Unsupported(f"password scheme {scheme!r} is not known")
    offered = password.encode("utf-8", "surrogatepass")
    if len(offered) > PASSWORD_MAX:
        raise TooLarge(f"a password has at most {PASSWORD_MAX} octets")
    if not offered or b"\0" in offered:
        raise Unsupported("a password is not empty and holds no NUL")
    if known is _SCHEMES["sym-aes-128-cbc"] and len(key or b"") < sealed.KEY_SIZE:
        raise ConfigurationError("keyPath: the key has fewer than 16 octets")
    value = _encode(known.make(offered, key or b""), encoding or known.encoding)
    return f"{{{scheme.upper()}}}{value}" if prefix else value


def split_scheme(stored: str, default_scheme: str) -> tuple[str, str]:
    """Return the scheme's name in lower case, and the value without it."""
    match = _PREFIX.match(stored)
    if match is not None:
        return match[1].lower(), match[2]
    return default_scheme.lower(), stored


def is_known(scheme: str) -> bool:
    """Return whether a scheme of that name can be verified."""
    return _find(scheme.lower())[0] is not None


def is_outdated(stored: str) -> bool:
    """Return whether a stored value is not in the form that ``hash_password`` gives by default."""
    scheme, value = split_scheme(stored, "none")
    return scheme != NEW_PASSWORD_SCHEME or stretched.is_outdated(value)


def _find(name: str) -> tuple[_Scheme | None, str | None]:
    for suffix, encoding in _SUFFIXES.items():
        if name.endswith(suffix):
            return _SCHEMES.get(name.removesuffix(suffix)), encoding
    return _SCHEMES.get(name), None


def _decode(value: str, encoding: str | None, scheme: _Scheme) -> bytes:
    if encoding is None and scheme.size is not None and not value.startswith("$"):
        encoding = "hex" if len(value) == 2 * scheme.size and _HEX.match(value) else "base64"
    elif encoding is None and scheme.size is not None:
        encoding = "text"
    match encoding or scheme.encoding:
        case "hex":
            return bytes.fromhex(value) if _HEX.match(value) else b""
        case "base64":
            try:
                return b64decode(value.encode("ascii", "replace"), validate=True)
            except (BinasciiError, ValueError):
                return b""
        case _:
            return value.encode("utf-8", "surrogatepass")


def _encode(octets: bytes, encoding: str) -> str:
    match encoding:
        case "hex":
            return octets.hex()
        case "base64":
            return b64encode(octets).decode()
        case _:
            return octets.decode("utf-8", "surrogatepass")


def _unkeyed(
    encoding: str,
    verify_: Callable[[bytes, bytes], bool],
    make: Callable[[bytes], bytes],
    size: int | None = None,
) -> _Scheme:
    return _Scheme(
        encoding,
        lambda stored, password, _key: verify_(stored, password),
        lambda password, _key: make(password),
        size,
    )


def _plain_digest(encoding: str, make: Callable[[bytes], bytes]) -> _Scheme:
    return _unkeyed(encoding, digests.verify_digest(make), make, size=len(make(b"")))


def _salted(algorithm: str) -> _Scheme:
    return _unkeyed("base64", digests.verify_salted(algorithm), digests.make_salted(algorithm))


_CLEAR: Final = _unkeyed("text", compare_digest, lambda password: password)
_ARGON2ID: Final = _unkeyed("text", stretched.verify_argon2, stretched.make_argon2id)
_ARGON2I: Final = _unkeyed("text", stretched.verify_argon2, stretched.make_argon2i)
_SHA512_CRYPT: Final = _unkeyed("text", crypt3.verify_crypt, crypt3.make_sha512_crypt)
_MD5: Final = digests.digest("md5")
_MD5_NAMES: Final = frozenset({"md5"})  # Dovecot's {MD5} is md5-crypt, SOGo's is the digest: the value tells

_SCHEMES: Final = {
    "none": _CLEAR,
    "plain": _CLEAR,
    "cleartext": _CLEAR,
    "clear": _CLEAR,  # Dovecot's
    "crypt": _SHA512_CRYPT,  # new values in the best form that any C library verifies
    "md5-crypt": _unkeyed("text", crypt3.verify_crypt, crypt3.make_md5_crypt),
    "sha256-crypt": _unkeyed("text", crypt3.verify_crypt, crypt3.make_sha256_crypt),
    "sha512-crypt": _SHA512_CRYPT,
    "des-crypt": _SHA512_CRYPT,  # Dovecot's
    "blf-crypt": _unkeyed("text", crypt3.verify_bcrypt, crypt3.make_bcrypt),
    "pbkdf2": _unkeyed("text", stretched.verify_pbkdf2, stretched.make_pbkdf2),
    "argon2": _ARGON2I,
    "argon2i": _ARGON2I,
    "argon2id": _ARGON2ID,
    "md4": _plain_digest("hex", digests.md4),
    "plain-md4": _plain_digest("hex", digests.md4),  # Dovecot's
    "md5": _plain_digest("hex", _MD5),
    "plain-md5": _plain_digest("hex", _MD5),
    "ldap-md5": _plain_digest("base64", _MD5),
    "sha": _plain_digest("hex", digests.digest("sha1")),
    "sha1": _plain_digest("hex", digests.digest("sha1")),  # Dovecot's
    "sha256": _plain_digest("base64", digests.digest("sha256")),
    "sha512": _plain_digest("base64", digests.digest("sha512")),
    "cram-md5": _plain_digest("hex", digests.cram_md5),
    "hmac-md5": _plain_digest("hex", digests.cram_md5),  # Dovecot's older name
    "smd5": _salted("md5"),
    "ssha": _salted("sha1"),
    "ssha256": _salted("sha256"),
    "ssha512": _salted("sha512"),
    "sym-aes-128-cbc": _Scheme("text", sealed.verify_sealed, sealed.make_sealed),
}
