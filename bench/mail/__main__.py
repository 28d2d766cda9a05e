"""Measures the services of mail on a large mailbox: ``python -m bench.mail [--sogo] [--messages N]``."""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from bench.mail.beside import Beside
from bench.mail.dovecot import FORMATS, Dovecot, running
from bench.mail.filling import fill
from bench.mail.people import CALLER, USER, opened
from bench.mail.sogo import Sogo, sogo_running
from folkmoot.mail.imap import criteria
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.chosen import Chosen
from folkmoot.mailboxes.flags import Flags
from folkmoot.mailboxes.listing import Listing, ListQuery
from folkmoot.mailboxes.remembered import Remembered
from folkmoot.mailboxes.searching import Searching, SearchPlace
from folkmoot.mailboxes.sorting import Level, SortBy
from folkmoot.mailboxes.values import MAIN

Work = Callable[[], Awaitable[object]]


async def timed(name: str, bar_ms: float, times: int, work: Work) -> None:
    """Print the median and the worst of some runs, and whether the worst keeps the bar."""
    took = []
    for _ in range(times):
        start = time.perf_counter()
        await work()
        took.append((time.perf_counter() - start) * 1000)
    worst = max(took)
    mark = "" if worst <= bar_ms else "  above the bar"
    print(f"{name:58} {statistics.median(took):8.1f} {worst:8.1f} {bar_ms:8.0f}{mark}", flush=True)


async def measure(access: MailAccess, messages: int) -> None:
    """Print a line for each thing that people do."""
    chance = random.Random(7)
    remembered = Remembered()
    listing, flags = Listing(access, remembered), Flags(access)
    by_subject = (Level(SortBy.SUBJECT, ascending=True),)

    def window(query: ListQuery, service: Listing | None = None) -> Work:
        return lambda: (service or listing).window(CALLER, MAIN, "INBOX", query)

    def anywhere(**query: object) -> Work:
        return lambda: listing.window(
            CALLER,
            MAIN,
            "INBOX",
            ListQuery(position=chance.randrange(messages - 100), **query),  # type: ignore[arg-type]
        )

    async def afresh() -> None:
        await window(ListQuery(), Listing(access))()

    async def flag() -> None:
        uid = chance.randrange(1, messages)
        await flags.change(CALLER, MAIN, Chosen("INBOX", (uid,)), add=("\\Flagged",))

    await flags.change(CALLER, MAIN, Chosen("INBOX", criterion=criteria.all_()), add=("\\Seen",), remove=("\\Flagged",))
    await flags.change(CALLER, MAIN, Chosen("INBOX", tuple(range(1, messages, 14))), remove=("\\Seen",))
    print(f"process at first: {_resident():.0f} MB")
    print(f"{'milliseconds':58} {'median':>8} {'worst':>8} {'bar':>8}")
    await timed("first window ever, by date received", 5000, 1, window(ListQuery()))
    await timed("first window in a worker that knows nothing", 300, 5, afresh)
    await timed("first window", 300, 20, window(ListQuery()))
    await timed("scroll anywhere", 150, 50, anywhere())
    await timed("sorted by subject, first time", 1500, 1, window(ListQuery(sort=by_subject)))
    await timed("sorted by subject, scroll anywhere", 150, 50, anywhere(sort=by_subject))
    await timed("conversations, first time", 2500, 1, window(ListQuery(threaded=True)))
    await timed("conversations, scroll", 150, 20, window(ListQuery(threaded=True, position=5000)))
    unread_first = (Level(SortBy.UNREAD), Level(SortBy.RECEIVED))
    await timed("unread first, first time", 600, 1, window(ListQuery(sort=unread_first)))
    await timed("unread first, scroll anywhere", 150, 20, anywhere(sort=unread_first))
    unread = ListQuery(filter=criteria.not_(criteria.flag("\\Seen")))
    await timed("only unread, first time", 300, 1, window(unread))
    await timed("only unread, again", 150, 20, window(unread))
    await timed("flag a message", 50, 30, flag)

    async def flag_and_list() -> None:
        await flag()
        await window(ListQuery())()

    await timed("flag a message and list again", 200, 20, flag_and_list)
    await measure_searches(access)
    await timed("mark all as read", 5000, 1, lambda: _all(flags))
    for _ in range(20):  # what is remembered stays as large as it is
        await flag_and_list()
        await anywhere(sort=by_subject)()
    print(f"vectors remembered: {remembered.octets / 1e6:.1f} MB; process: {_resident():.0f} MB")


async def measure_searches(access: MailAccess) -> None:
    """Print a line for each search."""
    searching = Searching(access)

    async def search(criterion: criteria.Criterion) -> None:
        async for _ in searching.run(CALLER, [SearchPlace(MAIN, ("INBOX",))], criterion):
            pass

    async def first(criterion: criteria.Criterion) -> None:
        found = searching.run(CALLER, [SearchPlace(MAIN, ("INBOX",))], criterion)
        async for one in found:
            if one.uids:
                break
        await found.aclose()

    await timed("search the subject", 1000, 3, lambda: search(criteria.header("Subject", "invoice")))
    await timed("search the sender", 1000, 3, lambda: search(criteria.header("From", "bernd")))
    await timed("search bodies, first results", 1000, 3, lambda: first(criteria.body("invoice")))
    await timed("search bodies, all results", 1000, 3, lambda: search(criteria.body("invoice")))
    await timed("search bodies for what is nowhere", 1000, 3, lambda: search(criteria.body("zzyzx")))


async def _all(flags: Flags) -> None:
    await flags.change(CALLER, MAIN, Chosen("INBOX", criterion=criteria.all_()), add=("\\Seen",))


def _resident() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1000
    return 0.0


async def _measured(dovecot: Dovecot, messages: int, sogo: Sogo | None = None, *, conversations: bool = False) -> None:
    with tempfile.TemporaryDirectory() as directory:
        async with opened(Path(directory), dovecot.port) as access:
            if sogo is None:
                await measure(access, messages)
            else:
                await Beside(access, sogo, messages).measure(dovecot.port, conversations=conversations)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m bench.mail")
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--storage", choices=sorted(FORMATS), default="mdbox")
    parser.add_argument("--directory", type=Path, default=Path(".cache/bench-mail"), help="kept for the next run")
    parser.add_argument("--sogo", action="store_true", help="the same views from SOGo and from us instead")
    parser.add_argument("--conversations", action="store_true", help="with --sogo: also these, which take it minutes")
    arguments = parser.parse_args()
    directory = (arguments.directory / arguments.storage).resolve()
    with running(directory, arguments.storage) as dovecot:
        start = time.perf_counter()
        fill(dovecot.port, USER, "INBOX", arguments.messages)
        print(f"filled in {time.perf_counter() - start:.0f} s; {arguments.storage}, {arguments.messages:,} messages")
        if not arguments.sogo:
            asyncio.run(_measured(dovecot, arguments.messages))
            return
        with sogo_running((arguments.directory / "sogo").resolve(), dovecot.port) as sogo:
            asyncio.run(_measured(dovecot, arguments.messages, sogo, conversations=arguments.conversations))


if __name__ == "__main__":
    main()
