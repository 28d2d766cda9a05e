"""HTTP Basic credentials (RFC 7617)."""

import re
from base64 import b64decode
from binascii import Error as BinasciiError
from dataclasses import dataclass, field
from typing import Final

HEADER_MAX: Final = 4096  # characters; a login of 255 and a password of 1,024 octets in base64 are half of it
_BASIC: Final = re.compile(r"basic +([A-Za-z0-9+/]+={0,2})\Z", re.IGNORECASE)
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f]")  # not allowed (RFC 7617 section 2)


@dataclass(frozen=True, slots=True)
class Credentials:
    """A login and a password, as a client sent them."""

    login: str
    password: str = field(repr=False)


def parse_basic(authorization: str) -> Credentials | None:
    """Return the credentials of an ``Authorization`` header; ``None`` for another scheme or anything ill-formed.

    They are read as UTF-8, else as ISO 8859-1, which older clients send.  ``%40`` in the login stands for ``@``, as
    some phones write addresses.
    """
    if len(authorization) > HEADER_MAX:
        return None
    match = _BASIC.match(authorization.strip())
    if match is None:
        return None
    try:
        octets = b64decode(match[1] + "=" * (-len(match[1]) % 4), validate=True)
    except (BinasciiError, ValueError):
        return None
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        text = octets.decode("iso-8859-1")
    login, colon, password = text.partition(":")
    login = login.replace("%40", "@").strip()
    if not colon or not login or not password or _CONTROLS.search(text):
        return None
    return Credentials(login, password)
