"""Message lists: a window of a mailbox in some order, of which only the rows in sight are fetched."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from folkmoot.core.caller import Caller
from folkmoot.core.errors import MalformedInput, NotFound
from folkmoot.mail.imap.connection import Connection
from folkmoot.mail.imap.criteria import Criterion, and_, uids
from folkmoot.mail.imap.values import Fetched
from folkmoot.mailboxes import conditions
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.chosen import require_same
from folkmoot.mailboxes.contents import Collapse, Contents
from folkmoot.mailboxes.remembered import Remembered
from folkmoot.mailboxes.sorting import NEWEST_FIRST, Level, plan_of
from folkmoot.mailboxes.states import MailboxState
from folkmoot.mailboxes.summaries import ITEMS, MessageSummary, summary_of
from folkmoot.mailboxes.vectors import Vector

LIMIT_MAX: Final = 500  # rows of one window; faces ask again for more
THREAD_MAX: Final = 1_000  # UIDs told of one conversation
THREADED_MAX: Final = 5_000  # messages of all conversations in sight, asked which of them are unseen


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What list is asked for, and which part of it.

    ``position`` counts from 0; a negative one from the end.  An ``anchor`` is a UID: then the window begins
    ``anchor_offset`` rows below it (RFC 8620 section 5.5).
    """

    sort: tuple[Level, ...] = NEWEST_FIRST
    filter: Criterion = conditions.ALL
    threaded: bool = False  # of each conversation the first message only
    collapse: Collapse = Collapse.NO  # likewise, without telling of each conversation what else is in it
    position: int = 0
    anchor: int | None = None
    anchor_offset: int = 0
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Window:
    """Some rows of a list, and what the mailbox was like at that moment."""

    total: int  # rows of the whole list
    position: int  # of the first row that is told
    uids: Sequence[int]  # of the rows; one that vanished in this moment has no row
    rows: Sequence[MessageSummary]
    state: MailboxState

    @property
    def unseen(self) -> int:
        """Unseen messages of the mailbox."""
        return self.state.unseen

    @property
    def messages(self) -> int:
        """Messages of the mailbox."""
        return self.state.messages


class Listing:
    """Lists of messages."""

    def __init__(self, access: MailAccess, remembered: Remembered | None = None) -> None:
        self._access = access
        self._remembered = remembered or Remembered()

    async def window(self, caller: Caller, account: str, mailbox: str, query: ListQuery) -> Window:
        """Return a window of a list.

        Raises:
            MalformedInput: no such window can be.
            Unsupported: no server can sort that way.
            NotFound: no such mailbox, or the anchor is not in the list.
            Unavailable: the mail server does not answer.
        """
        if not 0 <= query.limit <= LIMIT_MAX:
            raise MalformedInput(f"a window has {LIMIT_MAX} rows at most")
        async with self._contents(caller, account, mailbox) as (connection, contents, state):
            order = await _order(connection, contents, query)
            start = _start(order, query)
            wanted = order[start : start + query.limit]
            threads = await _threads(connection, contents, wanted) if query.threaded else {}
            unseen = await _unseen(connection, threads) if query.threaded else frozenset()
            found = await _fetch(connection, wanted)
        rows = []
        for uid in wanted:
            fetched = found.get(uid)
            if fetched is None:
                continue
            row = summary_of(fetched, mailbox, state.uid_validity)
            if query.threaded:
                thread = threads.get(uid, (uid,))
                row = replace(row, thread=tuple(thread[:THREAD_MAX]), thread_unseen=len(unseen.intersection(thread)))
            rows.append(row)
        return Window(len(order), start, tuple(wanted), rows, state)

    async def uids(self, caller: Caller, account: str, mailbox: str, query: ListQuery) -> tuple[Vector, MailboxState]:
        """Return the UIDs of a whole list, from top to bottom, whatever window the query names.

        Raises: as ``window``.
        """
        async with self._contents(caller, account, mailbox) as (connection, contents, state):
            return await _order(connection, contents, query), state

    async def rows(
        self, caller: Caller, account: str, mailbox: str, wanted: Sequence[int], *, uid_validity: int | None = None
    ) -> list[MessageSummary]:
        """Return messages by UID, in the order asked for; those that are gone are left out.

        Raises:
            Conflict: the mailbox was made anew since it had this UIDVALIDITY.
            MalformedInput: too many at once.
        """
        if len(wanted) > LIMIT_MAX:
            raise MalformedInput(f"at most {LIMIT_MAX} messages at once")
        async with self._access.selected(caller, account, mailbox) as connection:
            now = require_same(connection, uid_validity)
            found = await _fetch(connection, wanted)
        return [summary_of(found[uid], mailbox, now) for uid in wanted if uid in found]

    async def count(
        self, caller: Caller, account: str, mailbox: str, wanted: Sequence[Criterion]
    ) -> tuple[MailboxState, dict[Criterion, int]]:
        """Return how many messages meet each of some criteria.

        Raises:
            NotFound: no such mailbox.
        """
        async with self._contents(caller, account, mailbox) as (connection, contents, state):
            return state, {one: len(await contents.selection(connection, one)) for one in wanted}

    async def thread(self, caller: Caller, account: str, mailbox: str, uid: int) -> Sequence[int]:
        """Return the UIDs of the conversation that a message is in, within its mailbox, ascending."""
        async with self._contents(caller, account, mailbox) as (connection, contents, _):
            return (await contents.threading(connection)).with_(uid)

    @asynccontextmanager
    async def _contents(
        self, caller: Caller, account: str, mailbox: str
    ) -> AsyncIterator[tuple[Connection, Contents, MailboxState]]:
        contents = self._remembered.of(caller.principal, account, mailbox)
        # Who waits for the other to finish its sorting has no connection meanwhile.
        async with contents.lock, self._access.selected(caller, account, mailbox) as connection:
            try:
                yield connection, contents, await contents.catch_up(connection)
            finally:
                self._remembered.weigh(caller.principal, account, mailbox)


async def _order(connection: Connection, contents: Contents, query: ListQuery) -> Vector:
    collapse = query.collapse if not query.threaded else Collapse.THREADS
    return await contents.order(connection, plan_of(query.sort), query.filter, collapse=collapse)


def _start(order: Vector, query: ListQuery) -> int:
    if query.anchor is None:
        start = query.position if query.position >= 0 else len(order) + query.position
    else:
        try:
            start = order.index(query.anchor) + query.anchor_offset
        except ValueError as error:
            raise NotFound("the anchor is not in the list") from error
    return min(max(start, 0), len(order))


async def _threads(connection: Connection, contents: Contents, wanted: Sequence[int]) -> dict[int, Vector]:
    threading = await contents.threading(connection)
    return {uid: threading.with_(uid) for uid in wanted}


async def _unseen(connection: Connection, threads: dict[int, Vector]) -> frozenset[int]:
    together = [uid for thread in threads.values() for uid in thread][:THREADED_MAX]
    if not together:
        return frozenset()
    return frozenset(await connection.search(and_(uids(together), conditions.UNSEEN)))


async def _fetch(connection: Connection, wanted: Sequence[int]) -> dict[int, Fetched]:
    if not wanted:
        return {}
    return {fetched.uid: fetched for fetched in await connection.fetch(wanted, ITEMS)}
