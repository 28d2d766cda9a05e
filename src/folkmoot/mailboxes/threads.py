"""Conversations over all mailboxes of an account, by the messages' own headers; warm, the mail server is not asked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from folkmoot.core.caller import Caller
from folkmoot.core.errors import Conflict, Forbidden, NotFound
from folkmoot.mailboxes import conditions
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.remembered import Remembered
from folkmoot.mailboxes.states import MailboxState
from folkmoot.mailboxes.thread_index import ThreadIndex
from folkmoot.mailboxes.vectors import vector

_NONE = vector()
_GONE = (NotFound, Forbidden, Conflict)  # a mailbox that went away, or may be seen and not read


@dataclass(frozen=True, slots=True, order=True)
class Member:
    """A message of a conversation; the order is that of time."""

    received: int  # seconds since 1970
    mailbox: str
    uid: int


@dataclass(frozen=True, slots=True)
class ThreadCounts:
    """Conversations of one mailbox."""

    threads: int
    unread: int  # of which a message in this mailbox is unseen


@dataclass(frozen=True, slots=True)
class HiddenCounts:
    """Messages of one mailbox that are marked as deleted."""

    messages: int
    unseen: int


class Threads:
    """Tells which messages belong together, in all mailboxes of an account."""

    def __init__(self, access: MailAccess, remembered: Remembered) -> None:
        self._access = access
        self._remembered = remembered

    async def members(
        self, caller: Caller, account: str, mailboxes: Mapping[str, MailboxState], roots: Collection[int]
    ) -> dict[int, list[Member]]:
        """Return the messages of some conversations, oldest first, by ``thread_index.root_of``.

        ``mailboxes`` are those to look into, with the state that the server has just told of each: those in which
        nothing has happened since they were last seen are not asked.  What is marked as deleted is left out.

        Raises: what ``MailAccess.selected`` raises.
        """
        found: dict[int, list[Member]] = {root: [] for root in roots}
        for path, state in mailboxes.items():
            if not state.messages:
                continue
            index = await self.index(caller, account, path, state)
            if index is None:
                continue
            hidden = self.hidden(caller, account, path)
            for root, members in found.items():
                members.extend(Member(moment, path, uid) for moment, uid in index.messages(root) if uid not in hidden)
        return {root: sorted(members) for root, members in found.items() if members}

    async def roots(
        self, caller: Caller, account: str, mailbox: str, state: MailboxState, uids: Sequence[int]
    ) -> dict[int, int]:
        """Return the conversations of messages of one mailbox, by UID; those that are gone are left out."""
        index = await self.index(caller, account, mailbox, state)
        if index is None:
            return {}
        return {uid: root for uid in uids if (root := index.root(uid)) is not None}

    async def index(self, caller: Caller, account: str, mailbox: str, state: MailboxState) -> ThreadIndex | None:
        """Return what is known of a mailbox, None if it has gone; ``state`` as for ``members``."""
        contents = self._remembered.of(caller.principal, account, mailbox)
        known = contents.known_index(state)
        if known is not None and contents.known_selection(conditions.DELETED) is not None:
            return known
        try:
            async with contents.lock, self._access.selected(caller, account, mailbox) as connection:
                try:
                    await contents.catch_up(connection)
                    index = await contents.index(connection)
                    await contents.selection(connection, conditions.UNSEEN)  # for ``counts``
                    await contents.selection(connection, conditions.DELETED)  # for ``hidden``
                    return index
                finally:
                    self._remembered.weigh(caller.principal, account, mailbox)
        except _GONE:
            return None

    def remembered_root(self, caller: Caller, account: str, mailbox: str, uid_validity: int, uid: int) -> int | None:
        """Return the conversation of a message that may be gone, None if nobody remembers it."""
        return self._remembered.of(caller.principal, account, mailbox).remembered_root(uid_validity, uid)

    def known(self, caller: Caller, account: str, mailbox: str, state: MailboxState) -> bool:
        """Whether all of a mailbox's conversations are known without asking."""
        contents = self._remembered.of(caller.principal, account, mailbox)
        return contents.known_index(state) is not None and contents.known_selection(conditions.DELETED) is not None

    def hidden(self, caller: Caller, account: str, mailbox: str) -> Collection[int]:
        """Return the messages that are marked as deleted, as of the last look; meant for right after ``index``."""
        contents = self._remembered.of(caller.principal, account, mailbox)
        return frozenset(contents.known_selection(conditions.DELETED) or ())

    def hidden_counts(self, caller: Caller, account: str, mailbox: str, state: MailboxState) -> HiddenCounts | None:
        """Return how many messages are marked as deleted, None if that is not known without asking, or none are."""
        contents = self._remembered.of(caller.principal, account, mailbox)
        unseen = contents.known_selection(conditions.UNSEEN)
        deleted = contents.known_selection(conditions.DELETED)
        if contents.known_index(state) is None or unseen is None or not deleted:
            return None
        return HiddenCounts(len(deleted), len(frozenset(deleted).intersection(unseen)))

    def counts(self, caller: Caller, account: str, mailbox: str, state: MailboxState) -> ThreadCounts | None:
        """Return how many conversations a mailbox has, None if that is not known without asking."""
        contents = self._remembered.of(caller.principal, account, mailbox)
        index = contents.known_index(state)
        unseen = contents.known_selection(conditions.UNSEEN)
        if index is None or unseen is None:
            return None
        return ThreadCounts(*index.counts(unseen, contents.known_selection(conditions.DELETED) or _NONE))
