"""Messages moved and copied, within an account and between two, and moved back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.errors import Conflict, TooLarge
from folkmoot.mail.imap.connection import Connection
from folkmoot.mail.imap.values import Appended, Copied, Fetched
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.chosen import Chosen, uids_of
from folkmoot.mailboxes.keywords import kept_of

BETWEEN_MAX: Final = 1_000  # messages from one account to another in one call: each travels through us
MESSAGE_MAX: Final = 128 * 1024 * 1024  # octets of one that does


@dataclass(frozen=True, slots=True)
class Moved:
    """Where messages went; enough to move them back."""

    source: Chosen  # the messages as they were; ``uids`` are filled in
    account: str  # in which they are now
    mailbox: str
    uid_validity: int | None = None  # None: the server does not tell, and nothing can be undone
    uids: Sequence[int] = ()  # in the new mailbox, in the order of the source's

    @property
    def new(self) -> Chosen | None:
        """The messages in their new mailbox; None where the server did not tell their numbers."""
        if self.uid_validity is None:
            return None
        return Chosen(self.mailbox, self.uids, self.uid_validity)


class Moving:
    """Moves and copies messages."""

    def __init__(self, access: MailAccess) -> None:
        self._access = access

    async def move(
        self, caller: Caller, account: str, chosen: Chosen, target: str, *, target_account: str | None = None
    ) -> Moved:
        """Move messages into another mailbox, perhaps of another account.

        Raises:
            NotFound: no such mailbox.
            Conflict: they are there already, or the mailbox was made anew.
            OverQuota: the target is full.
            TooLarge: too many or too large messages for a way between two accounts.
        """
        other = target_account or account
        if other != account:
            return await self._between(caller, account, chosen, other, target, remove=True)
        if target == chosen.mailbox:
            raise Conflict("the messages are in that mailbox already")
        async with self._access.selected(caller, account, chosen.mailbox, write=True) as connection:
            uids = await uids_of(connection, chosen)
            copied = await connection.move(uids, target) if uids else Copied()
            return _moved(connection, chosen, uids, account, target, copied)

    async def copy(
        self, caller: Caller, account: str, chosen: Chosen, target: str, *, target_account: str | None = None
    ) -> Moved:
        """Copy messages; raises as ``move`` does. What is told is where the copies are."""
        other = target_account or account
        if other != account:
            return await self._between(caller, account, chosen, other, target, remove=False)
        async with self._access.selected(caller, account, chosen.mailbox) as connection:
            uids = await uids_of(connection, chosen)
            copied = await connection.copy(uids, target) if uids else Copied()
            return _moved(connection, chosen, uids, account, target, copied)

    async def undo(self, caller: Caller, account: str, moved: Moved) -> Moved:
        """Move messages back that ``move`` moved from this account.

        Raises:
            Conflict: the mail server did not tell where the messages went.
        """
        new = moved.new
        if new is None:
            raise Conflict("the mail server did not tell where the messages went")
        return await self.move(caller, moved.account, new, moved.source.mailbox, target_account=account)

    async def _between(
        self, caller: Caller, account: str, chosen: Chosen, other: str, target: str, *, remove: bool
    ) -> Moved:
        async with (
            self._access.selected(caller, account, chosen.mailbox, write=remove) as source,
            self._access.selected(caller, other, target, write=True) as sink,
        ):
            uids = await uids_of(source, chosen)
            if len(uids) > BETWEEN_MAX:
                raise TooLarge(f"at most {BETWEEN_MAX} messages go from one account to another at once")
            found = {one.uid: one for one in await source.fetch(uids, ("FLAGS", "INTERNALDATE"))} if uids else {}
            new: dict[int, Appended] = {}
            try:
                for uid in sorted(found):
                    new[uid] = await _carry(source, sink, found[uid], target)
            finally:
                if remove and new and source.usable:  # also those that went before one failed
                    await source.store(new, add=["\\Deleted"])
                    await source.expunge(new)
            selected = source.mailbox
        told = [(uid, one.uid) for uid, one in new.items() if one.uid is not None]
        validity = next((one.uid_validity for one in new.values()), None) if len(told) == len(new) else None
        before = Chosen(chosen.mailbox, tuple(new), selected.uid_validity if selected else None)
        return Moved(before, other, target, validity, tuple(uid for _, uid in told) if validity else ())


async def _carry(source: Connection, sink: Connection, message: Fetched, target: str) -> Appended:
    octets = await source.fetch_part(message.uid, "", limit=MESSAGE_MAX)
    flags = [flag for flag in sorted(message.flags or ()) if flag.lower() != "\\recent"]
    return await sink.append(target, octets, flags=kept_of(sink.mailbox, flags), received=message.received)


def _moved(
    connection: Connection, chosen: Chosen, uids: Sequence[int], account: str, target: str, copied: Copied
) -> Moved:
    selected = connection.mailbox
    validity = selected.uid_validity if selected else None
    sources = tuple(copied.sources) or tuple(uids)
    before = Chosen(chosen.mailbox, sources, validity)
    return Moved(before, account, target, copied.uid_validity, tuple(copied.targets))
