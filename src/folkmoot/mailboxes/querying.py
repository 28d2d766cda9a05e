"""Orders of messages over one mailbox or many, collapsed by conversation if wanted.

Within one mailbox any order is possible that a list can have.  Many mailboxes are put together by the moment of
receipt, from what a worker remembers of each; any other order over many is sorted here, of few messages only.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.errors import Conflict, Forbidden, NotFound, Unsupported
from folkmoot.mail.imap.connection import Connection
from folkmoot.mail.imap.criteria import Criterion, flag, not_
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.conditions import DELETED
from folkmoot.mailboxes.contents import LARGE, Collapse, Contents
from folkmoot.mailboxes.question import (
    ALWAYS,
    All,
    Any,
    InThreads,
    Meets,
    No,
    Quantity,
    Question,
    Received,
    Within,
    of_mailbox,
    threads_asked,
)
from folkmoot.mailboxes.question import mailboxes_asked as mailboxes_of
from folkmoot.mailboxes.remembered import Remembered
from folkmoot.mailboxes.sorting import Level, SortBy, plan_of
from folkmoot.mailboxes.states import MailboxState
from folkmoot.mailboxes.summaries import ITEMS, MessageSummary, summary_of
from folkmoot.mailboxes.threads import Threads
from folkmoot.mailboxes.vectors import Vector, kept, parted, vector

SORTED_MAX: Final = 2_000  # messages of many mailboxes that are sorted by what has to be fetched for it
_GONE: Final = (NotFound, Forbidden, Conflict)
_MARKS: Final = frozenset({SortBy.UNREAD, SortBy.FLAGGED, SortBy.ANSWERED, SortBy.FORWARDED, SortBy.KEYWORD})

Entry = tuple[str, int]
"""A message: its mailbox and UID."""


@dataclass(frozen=True, slots=True)
class InThread:
    """A level of an order: by whether all or some messages of the conversation bear a flag."""

    asked: InThreads
    ascending: bool = True  # those of which it does not hold come first


@dataclass(frozen=True, slots=True)
class Order:
    """What list is asked for."""

    question: Question
    sort: tuple[Level | InThread, ...] = (Level(),)
    collapsed: bool = False  # of each conversation the first message only


class Querying:
    """Finds messages."""

    def __init__(self, access: MailAccess, remembered: Remembered, threads: Threads) -> None:
        self._access = access
        self._remembered = remembered
        self._threads = threads

    async def run(
        self, caller: Caller, account: str, mailboxes: Mapping[str, MailboxState], order: Order
    ) -> list[tuple[str, Vector]]:
        """Return the messages that meet a question, from top to bottom, as runs of UIDs of one mailbox each.

        ``mailboxes`` are those of the account, with the state that the server has just told of each.

        Raises:
            Unsupported: an order that cannot be made, or not of so many messages.
            MalformedInput: more conditions than servers take.
            Unavailable: the mail server does not answer.
        """
        marks = {one: await self._roots(caller, account, mailboxes, one) for one in _asked_of_threads(order)}
        places = [path for path in mailboxes_of(order.question, mailboxes) if mailboxes[path].messages]
        if not places:
            return []
        if len(places) == 1:
            path = places[0]
            return [(path, await self._of_one(caller, account, path, order, marks))]
        found = {path: await self._members(caller, account, path, order.question, marks) for path in places}
        if len([members for members in found.values() if members]) == 1 and not _is_by_moment(order):
            path = next(path for path, members in found.items() if members)
            return [(path, await self._of_one(caller, account, path, order, marks))]
        if _is_by_moment(order):
            entries = await self._by_moment(caller, account, mailboxes, found, order)
        else:
            entries = await self._sorted(caller, account, found, order, marks)
        if order.collapsed:
            entries = await self._collapsed(caller, account, mailboxes, entries)
        return _runs(entries)

    async def _of_one(
        self, caller: Caller, account: str, path: str, order: Order, marks: Mapping[InThreads, frozenset[int]]
    ) -> Vector:
        levels = [one for one in order.sort if isinstance(one, Level)]
        plain = len(levels) == len(order.sort)
        contents = self._remembered.of(caller.principal, account, path)
        async with contents.lock, self._access.selected(caller, account, path) as connection:
            try:
                await contents.catch_up(connection)
                question = await _of_visible(connection, contents, order.question, path)
                if plain and isinstance(question, Meets):
                    collapse = Collapse.ROOTS if order.collapsed else Collapse.NO
                    return await contents.order(connection, plan_of(levels), question.criterion, collapse=collapse)
                base = plan_of([one for one in levels if one.by not in _MARKS])
                found = await contents.order(connection, base, ALWAYS, collapse=Collapse.NO)
                if question != Meets(ALWAYS):
                    found = await _aside(kept, found, await _selected(connection, contents, question, marks))
                for level in reversed(order.sort):
                    first = await _first_of(connection, contents, level, marks)
                    if first is not None:
                        found = await _aside(parted, found, first)
                if order.collapsed:
                    found = await _aside((await contents.index(connection)).firsts, found)
                return found
            finally:
                self._remembered.weigh(caller.principal, account, path)

    async def _members(
        self, caller: Caller, account: str, path: str, question: Question, marks: Mapping[InThreads, frozenset[int]]
    ) -> frozenset[int] | None:
        """Return the UIDs of one mailbox that meet a question; None is all that are not marked as deleted."""
        within = of_mailbox(question, path)
        if within == Meets(ALWAYS):
            return None
        contents = self._remembered.of(caller.principal, account, path)
        try:
            async with contents.lock, self._access.selected(caller, account, path) as connection:
                try:
                    await contents.catch_up(connection)
                    visible = await _of_visible(connection, contents, question, path)
                    return await _selected(connection, contents, visible, marks)
                finally:
                    self._remembered.weigh(caller.principal, account, path)
        except _GONE:
            return frozenset()

    async def _roots(
        self, caller: Caller, account: str, mailboxes: Mapping[str, MailboxState], asked: InThreads
    ) -> frozenset[int]:
        """Return the conversations of the whole account for which a condition on them holds."""
        bearing, lacking = set[int](), set[int]()
        for path, state in mailboxes.items():
            if not state.messages:
                continue
            index = await self._threads.index(caller, account, path, state)
            if index is None:
                continue
            with_it = await self._members(caller, account, path, Meets(flag(asked.flag)), {}) or frozenset()
            others = with_it.union(self._threads.hidden(caller, account, path))
            bearing |= await asyncio.to_thread(index.roots_of, with_it)
            lacking |= await asyncio.to_thread(index.roots_beside, others)
        match asked.quantity:
            case Quantity.SOME:
                return frozenset(bearing)
            case Quantity.ALL:
                return frozenset(bearing - lacking)
            case _:
                return frozenset(lacking - bearing)

    async def _by_moment(
        self,
        caller: Caller,
        account: str,
        mailboxes: Mapping[str, MailboxState],
        found: Mapping[str, frozenset[int] | None],
        order: Order,
    ) -> list[Entry]:
        moments: list[tuple[int, str, int]] = []
        for path, members in found.items():
            if members is not None and not members:
                continue
            index = await self._threads.index(caller, account, path, mailboxes[path])
            if index is not None:
                pairs = await asyncio.to_thread(index.moments, members)
                hidden = self._threads.hidden(caller, account, path) if members is None else ()
                moments.extend((moment, path, uid) for moment, uid in pairs if uid not in hidden)
        level = order.sort[0] if order.sort else Level()
        newest_first = isinstance(level, Level) and not level.ascending
        ordered = await asyncio.to_thread(sorted, moments, reverse=newest_first)
        return [(path, uid) for _, path, uid in ordered]

    async def _sorted(
        self,
        caller: Caller,
        account: str,
        found: Mapping[str, frozenset[int] | None],
        order: Order,
        marks: Mapping[InThreads, frozenset[int]],
    ) -> list[Entry]:
        if any(isinstance(level, InThread) for level in order.sort):
            raise Unsupported("over many mailboxes nothing is sorted by conversations")
        rows: list[MessageSummary] = []
        for path, members in found.items():
            if members is None or len(rows) + len(members) > SORTED_MAX:
                raise Unsupported(f"over many mailboxes at most {SORTED_MAX} messages are sorted that way")
            if members:
                async with self._access.selected(caller, account, path) as connection:
                    validity = connection.mailbox.uid_validity if connection.mailbox else 0
                    fetched = await connection.fetch(sorted(members), ITEMS)
                rows.extend(summary_of(one, path, validity) for one in fetched)
        for level in reversed(order.sort):
            if isinstance(level, Level):
                rows.sort(key=_key(level), reverse=not level.ascending)
        return [(row.ref.mailbox, row.ref.uid) for row in rows]

    async def _collapsed(
        self, caller: Caller, account: str, mailboxes: Mapping[str, MailboxState], entries: Sequence[Entry]
    ) -> list[Entry]:
        indexes = {
            path: await self._threads.index(caller, account, path, mailboxes[path])
            for path in dict.fromkeys(path for path, _ in entries)
        }

        def firsts() -> list[Entry]:
            seen: set[int] = set()
            kept_of: list[Entry] = []
            for path, uid in entries:
                index = indexes[path]
                root = None if index is None else index.root(uid)
                if root is None or root not in seen:
                    kept_of.append((path, uid))
                if root is not None:
                    seen.add(root)
            return kept_of

        return await asyncio.to_thread(firsts)


async def _of_visible(connection: Connection, contents: Contents, question: Question, mailbox: str) -> Question:
    """Return a question as it stands within one mailbox, without what is marked as deleted there."""
    if not await contents.selection(connection, DELETED):  # nearly always
        return of_mailbox(question, mailbox)
    return of_mailbox(All((question, Meets(not_(DELETED)))), mailbox)


async def _selected(
    connection: Connection, contents: Contents, question: Question, marks: Mapping[InThreads, frozenset[int]]
) -> frozenset[int]:
    """Return the UIDs of the selected mailbox that meet a question of it."""
    match question:
        case Meets(criterion):
            return frozenset(await contents.selection(connection, criterion))
        case Received(since, before):
            index = await contents.index(connection)
            low, high = since or 0, 2**63 if before is None else before
            return await asyncio.to_thread(index.received_within, low, high)
        case InThreads():
            index = await contents.index(connection)
            return await asyncio.to_thread(index.belonging, marks[question])
        case All(parts):
            met = [await _selected(connection, contents, part, marks) for part in parts]
            return frozenset.intersection(*met)
        case Any(parts):
            return frozenset().union(*[await _selected(connection, contents, part, marks) for part in parts])
        case No(part):
            there = frozenset(await contents.selection(connection, ALWAYS))
            return there - await _selected(connection, contents, part, marks)
        case Within():
            raise AssertionError("stands in no question of one mailbox")


async def _first_of(
    connection: Connection,
    contents: Contents,
    level: Level | InThread,
    marks: Mapping[InThreads, frozenset[int]],
) -> frozenset[int] | None:
    """Return the messages that a mark puts first, None for other levels."""
    if isinstance(level, InThread):
        members = await _selected(connection, contents, level.asked, marks)
        if not level.ascending:
            return members
        return frozenset(await contents.selection(connection, ALWAYS)) - members
    criterion = _MARK_FLAGS.get(level.by) or (flag(level.keyword) if level.by is SortBy.KEYWORD else None)
    if criterion is None:
        return None
    return frozenset(await contents.selection(connection, not_(criterion) if level.ascending else criterion))


_MARK_FLAGS: Final[Mapping[SortBy, Criterion]] = {
    SortBy.UNREAD: not_(flag("\\Seen")),
    SortBy.FLAGGED: flag("\\Flagged"),
    SortBy.ANSWERED: flag("\\Answered"),
    SortBy.FORWARDED: flag("$Forwarded"),
}


def _asked_of_threads(order: Order) -> frozenset[InThreads]:
    return threads_asked(order.question) | {one.asked for one in order.sort if isinstance(one, InThread)}


def _is_by_moment(order: Order) -> bool:
    first = order.sort[0] if order.sort else Level()
    return isinstance(first, Level) and first.by is SortBy.RECEIVED


def _key(level: Level) -> Callable[[MessageSummary], int | str]:
    match level.by:
        case SortBy.SIZE:
            return lambda row: row.size
        case SortBy.DATE:
            return lambda row: row.sent or row.received or 0
        case SortBy.RECEIVED:
            return lambda row: row.received or 0
        case SortBy.SENDER:
            return lambda row: _first_address(row.from_)
        case SortBy.RECIPIENT:
            return lambda row: _first_address(row.to)
        case SortBy.SUBJECT:
            return lambda row: row.subject.casefold()
        case SortBy.KEYWORD:
            return lambda row: level.keyword.lower() in {one.lower() for one in row.flags}
        case _:
            raise Unsupported(f"over many mailboxes nothing is sorted by {level.by}")


def _first_address(addresses: Sequence[object]) -> str:
    return str(getattr(addresses[0], "address", "")).casefold() if addresses else ""


def _runs(entries: Sequence[Entry]) -> list[tuple[str, Vector]]:
    runs: list[tuple[str, Vector]] = []
    for path, uid in entries:
        if not runs or runs[-1][0] != path:
            runs.append((path, vector()))
        runs[-1][1].append(uid)
    return runs


async def _aside(work: Callable[..., Vector], order: Vector, *more: object) -> Vector:
    return work(order, *more) if len(order) < LARGE else await asyncio.to_thread(work, order, *more)
