"""What NO, BAD and BYE mean, as the house's errors; the server's words are kept, made fit to show."""

from typing import Final

from folkmoot.core.errors import (
    Conflict,
    FolkmootError,
    Forbidden,
    MalformedInput,
    NotFound,
    PreconditionFailed,
    TooLarge,
    Unavailable,
    Unsupported,
)
from folkmoot.mail.addresses import header_text
from folkmoot.mail.errors import Declined, OverQuota, SignInRefused
from folkmoot.mail.imap.wire import Condition

# RFC 5530 section 3, RFC 9051 section 7.1
_BY_CODE: Final[dict[str, type[FolkmootError]]] = {
    "NONEXISTENT": NotFound,
    "TRYCREATE": NotFound,
    "NOPERM": Forbidden,
    "CANNOT": Forbidden,
    "ALREADYEXISTS": Conflict,
    "HASCHILDREN": Conflict,
    "OVERQUOTA": OverQuota,
    "TOOBIG": TooLarge,
    "LIMIT": TooLarge,
    "AUTHENTICATIONFAILED": SignInRefused,
    "AUTHORIZATIONFAILED": SignInRefused,
    "EXPIRED": SignInRefused,
    "PRIVACYREQUIRED": Unavailable,
    "CONTACTADMIN": Unavailable,
    "UNAVAILABLE": Unavailable,
    "INUSE": Unavailable,
    "SERVERBUG": Unavailable,
    "CORRUPTION": Unavailable,
    "BADCHARSET": Unsupported,
    "UNKNOWN-CTE": Unsupported,
    "MODIFIED": PreconditionFailed,
    "BADEVENT": Unsupported,
    "BADURL": MalformedInput,
    "METADATA": TooLarge,
}
# What a refusal without a code means, by what was asked.
_BY_VERB: Final[dict[str, type[FolkmootError]]] = {
    "LOGIN": SignInRefused,
    "AUTHENTICATE": SignInRefused,
    "SELECT": NotFound,
    "EXAMINE": NotFound,
    "STATUS": NotFound,
    "DELETE": NotFound,
    "GETACL": NotFound,
    "MYRIGHTS": NotFound,
    "GETQUOTAROOT": NotFound,
    "CREATE": Conflict,
    "RENAME": Conflict,
}


def refusal_of(verb: str, condition: Condition) -> FolkmootError:
    """Return the error for a command that was not carried out."""
    text = header_text(condition.text) or "no reason given"
    kind: type[FolkmootError] | None = None
    if condition.code is not None:
        kind = _BY_CODE.get(condition.code.name)
    if kind is not None:
        return kind(text)
    if condition.status == "BYE":
        return Unavailable(f"the mail server has hung up: {text}")
    if condition.status == "BAD":
        return Unsupported(f"the mail server does not understand {verb}: {text}")
    return _BY_VERB.get(verb, Declined)(text)
