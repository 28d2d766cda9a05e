"""Ids of principals: ``p`` and what the directory calls them, in base64url."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BinasciiError
from typing import Final

from folkmoot.core.ids import PrincipalId

_PREFIX: Final = "p"


def principal_id(principal: PrincipalId) -> str:
    """Return the id of a principal."""
    return _PREFIX + urlsafe_b64encode(principal.encode()).decode().rstrip("=")


def principal_of(text: str) -> PrincipalId | None:
    """Return which principal an id names, if it can be one."""
    if not text.startswith(_PREFIX):
        return None
    try:
        name = urlsafe_b64decode(text[1:] + "=" * (-len(text[1:]) % 4)).decode()
    except (ValueError, BinasciiError):
        return None
    principal = PrincipalId(name)
    return principal if name and principal_id(principal) == text else None
