"""Marks on messages: read, flagged, answered, labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from folkmoot.core.caller import Caller
from folkmoot.core.errors import MalformedInput
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.chosen import Chosen, uids_of
from folkmoot.mailboxes.keywords import check_flags, require_kept


@dataclass(frozen=True, slots=True)
class Marked:
    """What became of it."""

    uids: Sequence[int]  # of the messages that have the marks now
    refused: Sequence[int] = ()  # somebody else changed these in the meantime
    flags: Mapping[int, frozenset[str]] = field(default_factory=dict)  # all flags of those whose flags changed


class Flags:
    """Marks messages."""

    def __init__(self, access: MailAccess) -> None:
        self._access = access

    async def change(
        self,
        caller: Caller,
        account: str,
        chosen: Chosen,
        *,
        add: Sequence[str] = (),
        remove: Sequence[str] = (),
        unchanged_since: int | None = None,
    ) -> Marked:
        """Add and remove flags and keywords, with one command for all messages.

        ``unchanged_since`` is a modseq: messages that somebody changed after it are left alone (RFC 7162).

        Raises:
            MalformedInput: not flags, or one that is to be added and removed.
            Unsupported: the server does not keep one of these, or no modseq.
            Forbidden: the caller may not.
            Conflict: the mailbox was made anew.
        """
        added, removed = check_flags(add), check_flags(remove)
        if {flag.lower() for flag in added} & {flag.lower() for flag in removed}:
            raise MalformedInput("a flag cannot be added and removed")
        async with self._access.selected(caller, account, chosen.mailbox, write=True) as connection:
            require_kept(connection.mailbox, added)
            uids = await uids_of(connection, chosen)
            if not uids or not (added or removed):
                return Marked(uids)
            stored = await connection.store(uids, add=added, remove=removed, unchanged_since=unchanged_since)
        refused = frozenset(stored.refused)
        return Marked(
            [uid for uid in uids if uid not in refused],
            sorted(refused),
            {one.uid: one.flags for one in stored.changed if one.flags is not None},
        )
