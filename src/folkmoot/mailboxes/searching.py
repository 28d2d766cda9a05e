"""Search in many mailboxes at once: results come as they are found, and whoever goes away stops it.

Few connections search at a time.  Where a search must open messages, a large mailbox is taken in pieces, the newest
messages first: so first results come soon, several connections share the work, and little is done in vain when nobody
waits for the rest.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.errors import FolkmootError, TooLarge, Unavailable
from folkmoot.mail.imap.connection import Connection
from folkmoot.mail.imap.criteria import Criterion, all_, and_, uids
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.special import NOSELECT

AT_ONCE: Final = 3  # connections of one search; the pool gives a person four
PIECE: Final = 5_000  # messages whose bodies one command looks into: a tenth of a second
PLACES_MAX: Final = 20  # accounts of one search
MAILBOXES_MAX: Final = 5_000  # of one search; people have some hundred
WAITING_MAX: Final = 20  # results that nobody has taken yet; then the search waits
_OPENS: Final = (b"BODY", b"TEXT")  # searches that read more than servers keep in their caches


@dataclass(frozen=True, slots=True)
class SearchPlace:
    """Where to search: some mailboxes of an account, or all of them."""

    account: str
    mailboxes: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a search has found, and how far it is."""

    account: str
    mailbox: str  # "": nothing of this account could be searched
    uid_validity: int = 0
    uids: Sequence[int] = ()  # newest first
    done: int = 0  # pieces
    of: int = 0  # pieces known so far; a large mailbox becomes several
    fault: str = ""  # why this mailbox could not be searched


@dataclass(frozen=True, slots=True)
class _Piece:
    account: str
    mailbox: str
    within: tuple[int, int] | None = None  # UIDs, both included


class Searching:
    """Searches mailboxes."""

    def __init__(self, access: MailAccess) -> None:
        self._access = access

    async def run(
        self, caller: Caller, places: Sequence[SearchPlace], criterion: Criterion
    ) -> AsyncGenerator[Found, None]:
        """Yield what is found, mailbox by mailbox; close the generator to stop.

        A mailbox that cannot be searched, or a server that cannot search for this, is told and passed over.

        Raises:
            Forbidden: mail is closed to the caller.
            TooLarge: more places than anybody has.
        """
        if len(places) > PLACES_MAX:
            raise TooLarge(f"at most {PLACES_MAX} accounts in one search")
        self._access.check(caller)
        search = _Search(self._access, caller, criterion)
        try:
            await search.start(places)
            async for found in search.results():
                yield found
        finally:
            await search.stop()


class _Search:
    """One search under way."""

    def __init__(self, access: MailAccess, caller: Caller, criterion: Criterion) -> None:
        self._access = access
        self._caller = caller
        self._criterion = criterion
        self._opens = any(piece in _OPENS for piece in criterion.pieces)
        self._pieces: deque[_Piece] = deque()
        self._faults: list[Found] = []
        self._found: asyncio.Queue[Found | None] = asyncio.Queue(WAITING_MAX)
        self._task: asyncio.Task[None] | None = None
        self._busy = 0
        self._more = asyncio.Event()  # pieces were added, or the last one was done
        self._done = 0
        self._of = 0

    async def start(self, places: Sequence[SearchPlace]) -> None:
        for place in places:
            try:
                names = await self._names(place)
            except Unavailable as error:
                self._faults.append(Found(place.account, "", fault=str(error)))
                continue
            self._pieces.extend(_Piece(place.account, name) for name in names)
        if len(self._pieces) > MAILBOXES_MAX:
            raise TooLarge(f"at most {MAILBOXES_MAX} mailboxes in one search")
        self._of = len(self._pieces)
        self._task = asyncio.create_task(self._work_together(), name="search")

    async def results(self) -> AsyncGenerator[Found, None]:
        for fault in self._faults:
            yield fault
        while (found := await self._found.get()) is not None:
            yield found
        if self._task is not None:
            await self._task  # what nobody expected is raised here

    async def stop(self) -> None:
        """Stop; the connections that search are closed, as no command can be taken back."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _work_together(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(AT_ONCE):
                    group.create_task(self._work())
        except BaseExceptionGroup:
            await self._found.put(None)
            raise
        await self._found.put(None)  # not when cancelled: nobody takes anything any more

    async def _work(self) -> None:
        while (piece := await self._next()) is not None:
            try:
                found = await self._search(piece)
            except FolkmootError as error:
                found = Found(piece.account, piece.mailbox, fault=str(error))
            finally:
                self._busy -= 1
                self._more.set()
            self._done += 1
            await self._found.put(replace(found, done=self._done, of=self._of))

    async def _next(self) -> _Piece | None:
        while not self._pieces:
            if not self._busy:
                return None
            self._more.clear()
            await self._more.wait()
        self._busy += 1
        return self._pieces.popleft()

    async def _search(self, piece: _Piece) -> Found:
        async with self._access.selected(self._caller, piece.account, piece.mailbox) as connection:
            selected = connection.mailbox
            validity = selected.uid_validity if selected else 0
            within = piece.within
            if within is None and self._opens and selected is not None and selected.messages > PIECE:
                within = await self._divide(connection, piece)
            criterion = self._criterion
            if within is not None:
                criterion = and_(uids(f"{within[0]}:{within[1]}"), criterion)
            found = await connection.search(criterion)
        return Found(piece.account, piece.mailbox, validity, found[::-1])

    async def _divide(self, connection: Connection, piece: _Piece) -> tuple[int, int]:
        """Return the newest part of a mailbox, and queue the others to be searched next."""
        there = await connection.search(all_())
        spans = [(there[max(end - PIECE, 0)], there[end - 1]) for end in range(len(there), 0, -PIECE)] or [(1, 1)]
        self._pieces.extendleft(_Piece(piece.account, piece.mailbox, span) for span in reversed(spans[1:]))
        self._of += len(spans) - 1
        self._more.set()
        return spans[0]

    async def _names(self, place: SearchPlace) -> Sequence[str]:
        if place.mailboxes is not None:
            return list(dict.fromkeys(place.mailboxes))
        async with self._access.connection(self._caller, place.account) as connection:
            listed = await connection.list("*")
        names = [one.name for one in listed if not one.attributes & (NOSELECT | {"\\all", "\\flagged"})]
        return sorted(names, key=lambda name: (name.upper() != "INBOX", name))
