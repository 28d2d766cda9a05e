"""The same views from our services and from SOGo's web requests, in turns, on one mailbox of one mail server."""

import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Final, cast

import msgspec

from bench.mail.people import CALLER, opened
from bench.mail.sogo import Sogo
from folkmoot.mail.imap import criteria
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.chosen import Chosen
from folkmoot.mailboxes.flags import Flags
from folkmoot.mailboxes.listing import Listing, ListQuery, Window
from folkmoot.mailboxes.opening import Opening
from folkmoot.mailboxes.reading import Reading
from folkmoot.mailboxes.remembered import Remembered
from folkmoot.mailboxes.searching import Searching, SearchPlace
from folkmoot.mailboxes.sorting import Level, SortBy
from folkmoot.mailboxes.values import MAIN, MessageRef

FIRST_ROWS: Final = 100  # that SOGo's list tells beside all UIDs
SCROLLED_ROWS: Final = 50
UNREAD_EVERY: Final = 14  # messages
SOME: Final = 3  # rounds of what takes long
MANY: Final = 20
_BY_SUBJECT: Final = (Level(SortBy.SUBJECT, ascending=True),)
_UNREAD: Final = criteria.not_(criteria.flag("\\Seen"))

Ours = Callable[[], Awaitable[object]]
Theirs = Callable[[], object]


class Beside:
    """Prints a line for each view."""

    def __init__(self, access: MailAccess, sogo: Sogo, messages: int) -> None:
        self._access, self._sogo, self._messages = access, sogo, messages
        self._listing, self._flags = Listing(access, Remembered()), Flags(access)
        self._searching = Searching(access)
        self._chance = random.Random(7)

    async def measure(self, imap_port: int, *, conversations: bool) -> None:
        """Measure everything; SOGo needs minutes for conversations."""
        self._sogo.as_conversations(False)  # an earlier run may have been cut short
        await self._equal_start()
        print(f"{'milliseconds':44} {'Folkmoot':>9} {'worst':>8} {'SOGo':>9} {'worst':>8} {'ratio':>7}")
        _print("a request that opens no mail", [], [_timed(self._sogo.date) for _ in range(MANY)])
        await self._cold(imap_port)
        await self._lists()
        await self._messages_opened()
        await self._changes()
        await self._searches()
        if conversations:
            await self._conversations()
        print(f"memory of SOGo's processes: {self._sogo.memory():.0f} MiB")

    async def _lists(self) -> None:
        sogo = self._sogo
        first = ListQuery(limit=FIRST_ROWS)
        by_subject = ListQuery(sort=_BY_SUBJECT, limit=FIRST_ROWS)
        unread = ListQuery(filter=_UNREAD, limit=FIRST_ROWS)
        await self._row("inbox, newest first", MANY, lambda: self._window(first), sogo.view)
        await self._row("scroll anywhere", MANY, self._scroll, self._scroll_theirs)
        await self._row("by subject, first time", SOME, lambda: self._afresh(by_subject), self._by_subject)
        await self._window(by_subject)
        await self._row("by subject, again", SOME, lambda: self._window(by_subject), self._by_subject)
        await self._window(unread)
        await self._row("only unread", MANY, lambda: self._window(unread), lambda: sogo.view(unread=True))

    async def _messages_opened(self) -> None:
        reading = Reading(self._access, cast("Opening", None))  # nothing here is signed or encrypted
        (first,) = (await self._listing.window(CALLER, MAIN, "INBOX", ListQuery(limit=1))).rows

        async def ours() -> None:
            await reading.view(CALLER, MAIN, MessageRef("INBOX", first.ref.uid_validity, self._any_uid()))

        await self._row("open a message", MANY, ours, lambda: self._sogo.message(self._any_uid()))

    async def _conversations(self) -> None:
        conversations = ListQuery(threaded=True, limit=FIRST_ROWS)
        self._sogo.as_conversations(True)
        await self._row("conversations, first time", 1, lambda: self._afresh(conversations), self._sogo.view)
        self._sogo.as_conversations(False)

    async def _changes(self) -> None:
        await self._row("flag a message", MANY, self._flag, lambda: self._sogo.flag(self._any_uid()))

        async def ours() -> None:
            await self._flag()
            await self._window(ListQuery(limit=FIRST_ROWS))

        def theirs() -> None:
            self._sogo.flag(self._any_uid())
            self._sogo.view()

        await self._row("flag a message and list again", MANY, ours, theirs)

    async def _searches(self) -> None:
        await self._listed_search("subject", "Subject", ("invoice", "kitchen", "parcel"))
        await self._listed_search("from", "From", ("bernd", "hanna", "olga"))
        await self._text_search("search in texts, first results", "invoice", only_first=True)
        await self._text_search("search in texts, all", "invoice")
        await self._text_search("search in texts for what is nowhere", "zzyzx")

    async def _listed_search(self, field: str, name: str, texts: Sequence[str]) -> None:
        """Look for each text once, for we remember what was found."""
        ours, theirs = iter(texts), iter(texts)

        async def listed() -> None:
            await self._window(ListQuery(filter=criteria.header(name, next(ours)), limit=FIRST_ROWS))

        what = f"search in {name}, listed"
        await self._row(what, len(texts), listed, lambda: self._sogo.view(search=(field, next(theirs))))

    async def _text_search(self, name: str, text: str, *, only_first: bool = False) -> None:
        places, criterion = [SearchPlace(MAIN, ("INBOX",))], criteria.body(text)

        async def ours() -> None:
            async with aclosing(self._searching.run(CALLER, places, criterion)) as found:
                async for one in found:
                    if only_first and one.uids:
                        return

        await self._row(name, SOME, ours, lambda: self._sogo.view(search=("body", text)))

    async def _cold(self, imap_port: int) -> None:
        took, their = [], []
        for _ in range(SOME):
            took.append(await list_from_nothing(imap_port))
            self._sogo.restart()
            their.append(_timed(self._sogo.view))
        _print("inbox, server just started", took, their)

    async def _row(self, name: str, times: int, ours: Ours, theirs: Theirs) -> None:
        """Run both in turns, so that what others do on the machine meets both."""
        took, their = [], []
        for _ in range(times):
            start = time.perf_counter()
            await ours()
            took.append((time.perf_counter() - start) * 1000)
            their.append(_timed(theirs))
        _print(name, took, their)

    async def _equal_start(self) -> None:
        everything = Chosen("INBOX", criterion=criteria.all_())
        await self._flags.change(CALLER, MAIN, everything, add=("\\Seen",), remove=("\\Flagged",))
        unread = tuple(range(1, self._messages, UNREAD_EVERY))
        await self._flags.change(CALLER, MAIN, Chosen("INBOX", unread), remove=("\\Seen",))
        await self._window(ListQuery())

    async def _window(self, query: ListQuery) -> None:
        written(await self._listing.window(CALLER, MAIN, "INBOX", query))

    async def _afresh(self, query: ListQuery) -> None:
        written(await Listing(self._access).window(CALLER, MAIN, "INBOX", query))

    async def _scroll(self) -> None:
        position = self._chance.randrange(self._messages - SCROLLED_ROWS)
        await self._window(ListQuery(position=position, limit=SCROLLED_ROWS))

    def _scroll_theirs(self) -> None:
        first = self._chance.randrange(1, self._messages - SCROLLED_ROWS)
        self._sogo.rows(range(first, first + SCROLLED_ROWS))

    def _by_subject(self) -> None:
        self._sogo.view("subject", ascending=True)

    def _any_uid(self) -> int:
        return self._chance.randrange(1, self._messages)

    async def _flag(self) -> None:
        await self._flags.change(CALLER, MAIN, Chosen("INBOX", (self._any_uid(),)), add=("\\Flagged",))


def written(window: Window) -> bytes:
    """Return the rows as JSON, for SOGo's answers are JSON too."""
    return msgspec.json.encode(window.rows)


async def list_from_nothing(imap_port: int) -> float:
    """Open everything anew, list the inbox, and return how many milliseconds that list took."""
    with tempfile.TemporaryDirectory() as directory:
        async with opened(Path(directory), imap_port) as access:
            start = time.perf_counter()
            written(await Listing(access).window(CALLER, MAIN, "INBOX", ListQuery(limit=FIRST_ROWS)))
            return (time.perf_counter() - start) * 1000


def _timed(theirs: Theirs) -> float:
    start = time.perf_counter()
    theirs()
    return (time.perf_counter() - start) * 1000


def _print(name: str, took: Sequence[float], their: Sequence[float]) -> None:
    mine, ratio = f"{'':9} {'':8}", ""
    other = statistics.median(their)
    if took:
        mine = f"{statistics.median(took):9.1f} {max(took):8.1f}"
        ratio = f"{other / statistics.median(took):.1f}"
    print(f"{name:44} {mine} {other:9.1f} {max(their):8.1f} {ratio:>7}", flush=True)
