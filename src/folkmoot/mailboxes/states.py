"""The state of a mailbox: what changes when anything in it does."""

import re
from dataclasses import dataclass
from typing import Final

from folkmoot.core.errors import MalformedInput
from folkmoot.mail.imap.values import Status

ITEMS: Final = ("MESSAGES", "UNSEEN", "UIDNEXT", "UIDVALIDITY")
ITEMS_WITH_MODSEQ: Final = (*ITEMS, "HIGHESTMODSEQ")
_TEXT: Final = re.compile(r"([0-9]{1,10})-([0-9]{1,10})-([0-9]{1,10})-([0-9]{1,10})-([0-9]{1,20})", re.ASCII)


@dataclass(frozen=True, slots=True)
class MailboxState:
    """Counters of a mailbox; two that are equal mean the same contents, as far as the server keeps MODSEQ.

    ``modseq`` is 0 where the server keeps none (RFC 7162): then changed flags go unnoticed unless they change
    ``unseen``.
    """

    uid_validity: int
    uid_next: int
    messages: int
    unseen: int
    modseq: int = 0

    def __str__(self) -> str:
        return f"{self.uid_validity}-{self.uid_next}-{self.messages}-{self.unseen}-{self.modseq}"


def state_of(status: Status) -> MailboxState:
    """Return the state that a server told; what it left out is 0."""
    return MailboxState(
        status.uid_validity or 0,
        status.uid_next or 0,
        status.messages or 0,
        status.unseen or 0,
        status.modseq or 0,
    )


def parse_state(text: str) -> MailboxState:
    """Parse what ``str`` of a state gave.

    Raises:
        MalformedInput: it did not.
    """
    match = _TEXT.fullmatch(text)
    if match is None:
        raise MalformedInput("not the state of a mailbox")
    return MailboxState(*map(int, match.groups()))
