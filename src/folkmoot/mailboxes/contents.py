"""What a worker remembers of one mailbox: orders and selections as vectors of UIDs, kept in step with the server.

Nothing of a message is in here but its UID, and all of it can be made again.  When the mailbox has changed, the server
is asked what changed since (RFC 7162), and the vectors are corrected: what vanished is taken out, what is new is put in
its place, what has other flags joins or leaves selections.  Only where that costs more than it saves, or a server
keeps no MODSEQ, a vector is made anew.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Final, Protocol, TypeVar

from folkmoot.mail.imap.criteria import Criterion, and_, modseq, uids
from folkmoot.mail.imap.values import Status
from folkmoot.mailboxes import conditions, thread_index
from folkmoot.mailboxes.placing import place
from folkmoot.mailboxes.sorting import Plan
from folkmoot.mailboxes.states import ITEMS, ITEMS_WITH_MODSEQ, MailboxState, state_of
from folkmoot.mailboxes.thread_index import Placing, ThreadIndex
from folkmoot.mailboxes.threading import Threading
from folkmoot.mailboxes.vectors import Vector, kept, merged, octets, parted, vector, without

RANKINGS_MAX: Final = 3  # orders of one mailbox: as received, by subject, by size ...
SELECTIONS_MAX: Final = 8  # filters of one mailbox; what is unseen and what is marked as deleted among them
VIEWS_MAX: Final = 4  # lists as shown: an order, a filter, with conversations or not
TOUCHED_MAX: Final = 2_000  # changed messages; with more of them making vectors anew is cheaper
LARGE: Final = 20_000  # UIDs; above that, work on vectors takes milliseconds and goes into a thread
GONE_MAX: Final = 5_000  # messages that vanished, whose conversations are still known
FEW: Final = 1_000  # messages of a selection that are sorted alone rather than with the whole mailbox

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
View = tuple[Plan, Criterion, "Collapse"]


class Collapse(Enum):
    """Whether a list shows of each conversation its first message only."""

    NO = "no"
    THREADS = "threads"  # conversations as the server joins them
    ROOTS = "roots"  # as ``thread_index`` knows them, the same in all mailboxes


class SelectedMailbox(Protocol):
    """A connection with the mailbox selected, as far as lists need one."""

    @property
    def capabilities(self) -> frozenset[str]:
        """What the server can do."""

    async def noop(self) -> None:
        """Let the server tell what is new."""

    async def status(self, name: str, items: Sequence[str]) -> Status:
        """Return counters of a mailbox."""

    async def search(self, criterion: Criterion) -> Sequence[int]:
        """Return UIDs, ascending."""

    async def sort(self, keys: Sequence[str], criterion: Criterion) -> Sequence[int]:
        """Return UIDs in an order."""

    async def conversations(self, criterion: Criterion) -> list[list[int]]:
        """Return the UIDs of each conversation."""

    async def survey(self, uids: Sequence[int], section: str, take: Callable[[int, int | None, bytes], None]) -> None:
        """Give UID, moment of receipt and a section of messages."""


class Contents:
    """The vectors of one mailbox; one task at a time may use it (``lock``)."""

    def __init__(self, mailbox: str) -> None:
        self.mailbox = mailbox
        self.lock = asyncio.Lock()
        self.state = MailboxState(0, 0, 0, 0)
        self._rankings: OrderedDict[tuple[str, ...], Vector] = OrderedDict()  # all messages; () is by UID
        self._selections: OrderedDict[Criterion, Vector] = OrderedDict()  # ascending
        self._views: OrderedDict[View, Vector] = OrderedDict()
        self._threading: Threading | None = None
        self._index: ThreadIndex | None = None
        self._gone: OrderedDict[int, int] = OrderedDict()  # conversations of messages that vanished, by UID

    @property
    def octets(self) -> int:
        """How much memory this takes."""
        held = (self._rankings, self._selections, self._views)
        vectors = sum(octets(one) for vectors in held for one in vectors.values())
        kept_of = (self._threading, self._index)
        return vectors + sum(one.octets for one in kept_of if one is not None)

    def known_index(self, state: MailboxState) -> ThreadIndex | None:
        """Return the index without asking the server, if the mailbox is in the state in which it was last seen."""
        return self._index if state == self.state and state.modseq else None

    def remembered_root(self, uid_validity: int, uid: int) -> int | None:
        """Return the conversation of a message as of the last look, also of one that vanished lately."""
        if uid_validity != self.state.uid_validity:
            return None
        found = None if self._index is None else self._index.root(uid)
        return self._gone.get(uid) if found is None else found

    def known_selection(self, criterion: Criterion) -> Vector | None:
        """Return a selection as of the last look at the mailbox, if it is remembered."""
        return self._selections.get(criterion)

    async def catch_up(self, connection: SelectedMailbox) -> MailboxState:
        """Bring what is remembered to the mailbox's present state, and return that.

        When this fails half way, the next one begins where this one did: each correction may be done twice.
        """
        items = ITEMS_WITH_MODSEQ if "CONDSTORE" in connection.capabilities else ITEMS
        await connection.noop()  # some servers tell STATUS of a selected mailbox as they last reported it
        now = state_of(await connection.status(self.mailbox, items))
        if now != self.state or not now.modseq:
            self._views.clear()
            if not await self._follow(connection, now):
                self.forget()
                if now.uid_validity != self.state.uid_validity:
                    self._gone.clear()
            self.state = now
        return now

    def forget(self) -> None:
        """Remember nothing."""
        self._rankings.clear()
        self._selections.clear()
        self._views.clear()
        self._threading = None
        self._index = None

    async def order(
        self, connection: SelectedMailbox, plan: Plan, criterion: Criterion, *, collapse: Collapse
    ) -> Vector:
        """Return the UIDs of a list from top to bottom."""
        view = (plan, criterion, collapse)
        found = self._views.get(view)
        if found is None:
            found = await self._make(connection, plan, criterion)
            if collapse is Collapse.THREADS:
                threads = await self.threading(connection)
                found = await _aside(len(found), threads.firsts, found)
            elif collapse is Collapse.ROOTS:
                index = await self.index(connection)
                found = await _aside(len(found), index.firsts, found)
            _remember(self._views, view, found, VIEWS_MAX)
        self._views.move_to_end(view)
        return found

    async def selection(self, connection: SelectedMailbox, criterion: Criterion) -> Vector:
        """Return the UIDs that meet a criterion, ascending."""
        if criterion == conditions.ALL:
            return await self._ranking(connection, ())
        found = self._selections.get(criterion)
        if found is None:
            found = vector(sorted(await connection.search(criterion)))
            _remember(self._selections, criterion, found, SELECTIONS_MAX)
        self._selections.move_to_end(criterion)
        return found

    async def threading(self, connection: SelectedMailbox) -> Threading:
        """Return which messages belong together."""
        if self._threading is None:
            conversations = await connection.conversations(conditions.ALL)
            self._threading = await asyncio.to_thread(Threading, conversations)
        return self._threading

    async def index(self, connection: SelectedMailbox) -> ThreadIndex:
        """Return to which conversations messages belong, by their own headers."""
        if self._index is None:
            everything = await self._ranking(connection, ())
            self._index = await asyncio.to_thread((await self._placed(connection, everything)).index)
        return self._index

    async def _placed(self, connection: SelectedMailbox, wanted: Sequence[int]) -> Placing:
        placing = Placing(self.mailbox, self.state.uid_validity)
        if wanted:
            await connection.survey(wanted, thread_index.FIELDS, placing.take)
        return placing

    async def _make(self, connection: SelectedMailbox, plan: Plan, criterion: Criterion) -> Vector:
        chosen = None if criterion == conditions.ALL else await self.selection(connection, criterion)
        if plan.keys and plan.keys not in self._rankings and chosen is not None and len(chosen) <= FEW:
            found = vector(await connection.sort(plan.keys, uids(chosen)) if chosen else ())
        elif plan.keys or chosen is None:
            found = await self._ranking(connection, plan.keys)
            if chosen is not None:
                found = await _aside(len(found), _members_of, found, chosen)
        else:
            found = chosen
        if plan.turned:
            found = found[::-1]
        for part in reversed(plan.parts):
            for members in reversed(part):
                first = await self.selection(connection, members)
                found = await _aside(len(found), _parted_by, found, first)
        return found

    async def _ranking(self, connection: SelectedMailbox, keys: tuple[str, ...]) -> Vector:
        found = self._rankings.get(keys)
        if found is None:
            if keys:
                found = vector(await connection.sort(keys, conditions.ALL))
            else:
                found = vector(sorted(await connection.search(conditions.ALL)))
            _remember(self._rankings, keys, found, RANKINGS_MAX)
        self._rankings.move_to_end(keys)
        return found

    async def _follow(self, connection: SelectedMailbox, now: MailboxState) -> bool:
        """Correct all vectors; False if they are better made anew."""
        was = self.state
        if was.uid_validity != now.uid_validity or now.uid_next < was.uid_next:
            return False
        if not (self._rankings or self._selections or self._threading or self._index):
            return False
        touched: Sequence[int] = ()
        if not now.modseq or not was.modseq:
            self._selections.clear()
            if now.uid_next > was.uid_next:
                touched = [uid for uid in await connection.search(uids(f"{was.uid_next}:*")) if uid >= was.uid_next]
        elif now.modseq != was.modseq:
            touched = await connection.search(modseq(was.modseq + 1))
        new = [uid for uid in touched if uid >= was.uid_next]
        if len(touched) > TOUCHED_MAX:
            index = self._index
            self.forget()
            self._index = index  # has nothing to do with flags
        if was.messages + len(new) != now.messages:
            await self._take_out_vanished(connection)
        if new:
            self._threading = None  # one message can join two conversations into one
            await self._put_in(connection, new)
        if touched:
            await self._select_again(connection, touched)
        return True

    async def _take_out_vanished(self, connection: SelectedMailbox) -> None:
        present = frozenset(await connection.search(conditions.ALL))
        for keys, ranking in self._rankings.items():
            self._rankings[keys] = kept(ranking, present)
        for criterion, selection in self._selections.items():
            self._selections[criterion] = kept(selection, present)
        if self._threading is not None:
            self._threading = await asyncio.to_thread(self._threading.only, present)
        if self._index is not None:
            left = await asyncio.to_thread(self._index.only, present)
            for uid in self._index.without(left):
                _remember(self._gone, uid, self._index.root(uid) or 0, GONE_MAX)
            self._index = left

    async def _put_in(self, connection: SelectedMailbox, new: Sequence[int]) -> None:
        unknown = frozenset(new)
        if self._index is not None:
            more = (await self._placed(connection, new)).messages()
            self._index = await asyncio.to_thread(self._index.with_, more)
        for keys, ranking in list(self._rankings.items()):
            if not keys:
                self._rankings[keys] = merged(ranking, new)
                continue

            async def sort(some: Sequence[int], keys: tuple[str, ...] = keys) -> Sequence[int]:
                return await connection.sort(keys, uids(some))

            placed = await place(sort, without(ranking, unknown), new)
            if placed is None:
                del self._rankings[keys]
            else:
                self._rankings[keys] = placed

    async def _select_again(self, connection: SelectedMailbox, touched: Sequence[int]) -> None:
        changed = frozenset(touched)
        for criterion, selection in list(self._selections.items()):
            members = await connection.search(and_(uids(touched), criterion))
            self._selections[criterion] = merged(without(selection, changed), members)


def _members_of(order: Vector, members: Vector) -> Vector:
    return kept(order, frozenset(members))


def _parted_by(order: Vector, members: Vector) -> Vector:
    return parted(order, frozenset(members))


async def _aside(size: int, work: Callable[..., Vector], *args: object) -> Vector:
    """Do work on a vector of some size, in a thread if that takes long."""
    return work(*args) if size < LARGE else await asyncio.to_thread(work, *args)


def _remember(held: OrderedDict[_Key, _Value], key: _Key, value: _Value, most: int) -> None:
    held[key] = value
    while len(held) > most:
        held.popitem(last=False)
