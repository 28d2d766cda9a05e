"""Names that people may give to mailboxes: such that every server and client shows the same and none is led astray."""

import re
import unicodedata
from typing import Final

from folkmoot.core.errors import Conflict, MalformedInput
from folkmoot.mail.imap.names import encode_name

LEVEL_OCTETS_MAX: Final = 240  # of one level as servers store it; file systems end at 255
PATH_MAX: Final = 800  # characters of all levels; the IMAP client's bound is higher
LEVELS_MAX: Final = 20  # Dovecot's maildirs end at 16 to 30, by the length of names
# Wildcards of LIST (RFC 9051 section 5.1), line and paragraph ends, and what turns the direction of text around.
_FORBIDDEN: Final = re.compile("[*%\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
_HIDDEN: Final = frozenset({"Cc", "Cs"})


def level_name(text: str, separator: str) -> str:
    """Return one level of a mailbox's name as it is stored, composed (Unicode's NFC).

    Raises:
        MalformedInput: no such name; the message says what is wrong.
    """
    name = unicodedata.normalize("NFC", text)
    if not name or name != name.strip():
        raise MalformedInput("a mailbox's name is not empty, and does not begin or end with a blank")
    if name in {".", ".."}:
        raise MalformedInput("a mailbox is not called . or ..")
    if separator and separator in name:
        raise MalformedInput(f"a mailbox's name has no {separator} on this server: it parts the levels")
    if _FORBIDDEN.search(name) or any(unicodedata.category(character) in _HIDDEN for character in name):
        raise MalformedInput("a mailbox's name has no *, no %, no control characters and no line ends")
    if "/" in name or name.startswith("~"):
        raise MalformedInput("a mailbox's name has no / and does not begin with ~")
    if len(encode_name(name[:PATH_MAX])) > LEVEL_OCTETS_MAX:
        raise MalformedInput("the mailbox's name is too long")
    return name


def path_below(parent: str, name: str, separator: str) -> str:
    """Return the name of a mailbox below another, or at the top where ``parent`` is empty or ends with the separator.

    Raises:
        Conflict: the server has no levels, or these are too many.
        MalformedInput: all in all the name is too long.
    """
    if not parent or (separator and parent.endswith(separator)):
        path = parent + name
    elif not separator:
        raise Conflict("this mail server has no mailboxes within mailboxes")
    else:
        path = f"{parent}{separator}{name}"
    if separator and path.count(separator) >= LEVELS_MAX:
        raise Conflict(f"mailboxes lie at most {LEVELS_MAX} levels deep")
    if len(path) > PATH_MAX:
        raise MalformedInput(f"the name of a mailbox with those above it has at most {PATH_MAX} characters")
    return path


def is_below(path: str, parent: str, separator: str) -> bool:
    """Whether a mailbox lies somewhere within another."""
    return bool(separator) and path.startswith(parent + separator)


def free_name(wanted: str, taken: frozenset[str]) -> str:
    """Return a name that is not taken: the one wanted, or with a number after it."""
    if wanted not in taken:
        return wanted
    number = 2
    while f"{wanted} ({number})" in taken:  # ends, as there is one more number than names
        number += 1
    return f"{wanted} ({number})"
