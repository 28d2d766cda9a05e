"""What a worker remembers of mailboxes, within a bound of memory; the mailbox used longest ago is forgotten first."""

from collections import OrderedDict
from typing import Final

from folkmoot.core.ids import PrincipalId
from folkmoot.mailboxes.contents import Contents

OCTETS_MAX: Final = 32 * 1024 * 1024  # of a worker: some twenty mailboxes of 100,000 messages, thousands of usual ones
MAILBOXES_MAX: Final = 5_000  # small ones weigh more than their UIDs

Key = tuple[PrincipalId, str, str]
"""Caller, account, mailbox: what one person sees is never shown to another."""


class Remembered:
    """The contents of mailboxes, by who looks at them."""

    def __init__(self, octets_max: int = OCTETS_MAX, mailboxes_max: int = MAILBOXES_MAX) -> None:
        self._octets_max = octets_max
        self._mailboxes_max = mailboxes_max
        self._held: OrderedDict[Key, Contents] = OrderedDict()
        self._sizes: dict[Key, int] = {}
        self._octets = 0

    @property
    def octets(self) -> int:
        """How much memory all of it takes, as far as ``weigh`` was told."""
        return self._octets

    def of(self, caller: PrincipalId, account: str, mailbox: str) -> Contents:
        """Return what is remembered of a mailbox; a fresh value if that is nothing."""
        key = (caller, account, mailbox)
        found = self._held.get(key)
        if found is None:
            found = self._held[key] = Contents(mailbox)
            self._sizes[key] = 0
        self._held.move_to_end(key)
        return found

    def weigh(self, caller: PrincipalId, account: str, mailbox: str) -> None:
        """Take note of a mailbox's size after it was used, and forget others if all are too large together."""
        key = (caller, account, mailbox)
        held = self._held.get(key)
        if held is None:  # forgotten meanwhile
            return
        size = held.octets
        self._octets += size - self._sizes[key]
        self._sizes[key] = size
        while len(self._held) > 1 and (self._octets > self._octets_max or len(self._held) > self._mailboxes_max):
            oldest, _ = self._held.popitem(last=False)
            self._octets -= self._sizes.pop(oldest)
