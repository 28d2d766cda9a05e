"""Which of some messages are there, and with which flags: one question for all of them."""

from collections.abc import Mapping

from folkmoot.core.caller import Caller
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.chosen import Chosen, uids_of


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
        async with self._access.selected(caller, account, chosen.mailbox) as connection:
            uids = await uids_of(connection, chosen)
            found = await connection.fetch(uids, ("FLAGS",)) if uids else []
        return {one.uid: one.flags or frozenset() for one in found}
