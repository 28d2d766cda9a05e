"""Which of some messages are there, with which flags and dates: one question for all of them.

What is marked as deleted is not there, as nobody is shown it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.mail.imap.values import Fetched
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.chosen import Chosen, uids_of

_DELETED: Final = "\\Deleted"


@dataclass(frozen=True, slots=True)
class Dated:
    """A message that is there."""

    flags: frozenset[str]
    received: int | None  # seconds since 1970 UTC


class Present:
    """Looks whether messages are there."""

    def __init__(self, access: MailAccess) -> None:
        self._access = access

    async def flags(self, caller: Caller, account: str, chosen: Chosen) -> Mapping[int, frozenset[str]]:
        """Return the flags of those messages that are there, by UID.

        Raises:
            NotFound: no such mailbox.
            Conflict: it was made anew.
        """
        return {one.uid: one.flags or frozenset() for one in await self._fetch(caller, account, chosen, ("FLAGS",))}

    async def dated(self, caller: Caller, account: str, chosen: Chosen) -> Mapping[int, Dated]:
        """Return flags and dates of those messages that are there, by UID; raises as ``flags``."""
        found = await self._fetch(caller, account, chosen, ("FLAGS", "INTERNALDATE"))
        return {one.uid: Dated(one.flags or frozenset(), one.received) for one in found}

    async def _fetch(self, caller: Caller, account: str, chosen: Chosen, items: Sequence[str]) -> Sequence[Fetched]:
        async with self._access.selected(caller, account, chosen.mailbox) as connection:
            uids = await uids_of(connection, chosen)
            found = await connection.fetch(uids, items) if uids else []
        return [one for one in found if _DELETED not in (one.flags or ())]
