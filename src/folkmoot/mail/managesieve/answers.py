"""What lines of a ManageSieve server mean (RFC 5804 sections 1.3, 1.7)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from folkmoot.core.errors import Conflict, FolkmootError, Forbidden, MalformedInput, NotFound, Unavailable
from folkmoot.mail.addresses import TEXT_MAX, header_text
from folkmoot.mail.errors import Declined, OverQuota, SignInRefused
from folkmoot.mail.managesieve.wire import Atom, Line

_OUTCOMES: Final = frozenset({"OK", "NO", "BYE"})


class ScriptRefused(MalformedInput):
    """The server does not take a script; the message is the server's."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended."""

    name: str  # OK, NO, BYE
    code: str = ""  # such as QUOTA/MAXSIZE, in upper case
    text: str = ""
    argument: str = ""  # of the code, if it is a string


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a server says of itself (section 1.7)."""

    sieve: frozenset[str] = frozenset()  # extensions, in lower case
    sasl: tuple[str, ...] = ()
    notify: frozenset[str] = frozenset()  # schemes of enotify
    starttls: bool = False
    unauthenticate: bool = False
    version: str = ""  # empty: before RFC 5804, without NOOP, CHECKSCRIPT and RENAMESCRIPT
    implementation: str = ""


@dataclass(frozen=True, slots=True)
class ScriptName:
    """A script that the server keeps."""

    name: str
    active: bool = False


def outcome_of(line: Line) -> Outcome | None:
    """Return how a command ended, if this line says so."""
    if not line or not isinstance(line[0], Atom) or line[0].name not in _OUTCOMES:
        return None
    code = argument = text = ""
    for word in line[1:]:
        if isinstance(word, tuple):
            code = word[0].name if word and isinstance(word[0], Atom) else ""
            argument = _text(word[1]) if len(word) > 1 and isinstance(word[1], bytes) else ""
        else:
            text = _text(word) if isinstance(word, bytes) else f"{text} {word.name}".strip()
    return Outcome(line[0].name, code, text, argument)


def capabilities_of(lines: Iterable[Line]) -> Capabilities:
    """Return what the lines before an OK say the server can; what is not known is passed over."""
    found: dict[str, str] = {}
    for line in lines:
        words = [_text(word) if isinstance(word, bytes) else word.name for word in line if not isinstance(word, tuple)]
        if words:
            found[words[0].upper()] = " ".join(words[1:])
    return Capabilities(
        sieve=frozenset(found.get("SIEVE", "").lower().split()),
        sasl=tuple(found.get("SASL", "").upper().split()),
        notify=frozenset(found.get("NOTIFY", "").lower().split()),
        starttls="STARTTLS" in found,
        unauthenticate="UNAUTHENTICATE" in found,
        version=found.get("VERSION", ""),
        implementation=found.get("IMPLEMENTATION", ""),
    )


def script_of(line: Line) -> ScriptName | None:
    """Return the script that a line of LISTSCRIPTS names (section 2.7)."""
    if not line or not isinstance(line[0], bytes):
        return None
    return ScriptName(_text(line[0]), any(isinstance(word, Atom) and word.name == "ACTIVE" for word in line[1:]))


def failure_of(outcome: Outcome, *, script: bool = False) -> FolkmootError:
    """Return the error that a NO or BYE means.

    Args:
        outcome: what the server said.
        script: the command brought a script, so that a NO without a code is about it.
    """
    text = header_text(outcome.text) or "the mail server gives no reason"
    family = outcome.code.partition("/")[0]
    if outcome.name == "BYE":
        return Unavailable(f"the mail server ends the conversation: {text}")
    match family:
        case "NONEXISTENT":
            return NotFound(text)
        case "ALREADYEXISTS" | "ACTIVE":
            return Conflict(text)
        case "QUOTA":
            return OverQuota(text)
        case "TRYLATER" | "REFERRAL":
            return Unavailable(text)
        case "AUTH-TOO-WEAK" | "ENCRYPT-NEEDED" | "TRANSITION-NEEDED" | "SASL":
            return SignInRefused(text)
        case "NOPERM":
            return Forbidden(text)
    return ScriptRefused(shown(outcome.text)) if script else Declined(text)


def shown(text: str) -> str:
    """Return what the server says of a script, a line after the other, for people."""
    lines = [header_text(line) for line in text.splitlines()]
    return "\n".join(line for line in lines if line)[:TEXT_MAX] or "the mail server gives no reason"


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "replace")
