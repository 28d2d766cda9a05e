"""Messages deleted: into the trash, or for good where they are in there already."""

from dataclasses import dataclass

from folkmoot.core.caller import Caller
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.chosen import Chosen, uids_of
from folkmoot.mailboxes.moving import Moved, Moving
from folkmoot.mailboxes.special import Use
from folkmoot.mailboxes.values import Special


@dataclass(frozen=True, slots=True)
class Deleted:
    """What became of the messages."""

    count: int
    moved: Moved | None = None  # into the trash; None: they are gone for good


class Deleting:
    """Deletes messages."""

    def __init__(self, access: MailAccess, moving: Moving) -> None:
        self._access = access
        self._moving = moving

    async def delete(self, caller: Caller, account: str, chosen: Chosen, *, for_good: bool = False) -> Deleted:
        """Move messages into the trash; those in the trash, or below it, are removed, as are all with ``for_good``.

        Raises:
            OverQuota: the trash takes no more; whoever deletes may want to delete for good.
            Forbidden: the caller may not.
            Conflict: the mailbox was made anew.
        """
        if not for_good:
            special = await self._access.special(caller, account, make=(Use.TRASH,))
            if not _in_trash(chosen.mailbox, special):
                moved = await self._moving.move(caller, account, chosen, special.trash)
                return Deleted(len(moved.source.uids), moved)
        async with self._access.selected(caller, account, chosen.mailbox, write=True) as connection:
            uids = await uids_of(connection, chosen)
            if uids:
                await connection.store(uids, add=["\\Deleted"])
                await connection.expunge(uids)
        return Deleted(len(uids))


def _in_trash(mailbox: str, special: Special) -> bool:
    below = f"{special.trash}{special.separator}"
    return mailbox == special.trash or (bool(special.separator) and mailbox.startswith(below))
