"""Measures the first screen of the mail application in one request: ``python -m bench.jmap [--messages N]``.

The method calls are run as the face runs them, JSON in and JSON out, without HTTP: parsing a request and writing its
answer is in the figures, a socket is not.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec

from bench.mail.dovecot import FORMATS, running
from bench.mail.filling import fill
from bench.mail.people import CALLER, USER, rooms_opened
from folkmoot.jmap.accounts import Accounts, account_id
from folkmoot.jmap.capabilities import REGISTRY
from folkmoot.jmap.protocol.calling import Context
from folkmoot.jmap.protocol.dispatch import run
from folkmoot.jmap.protocol.request import parse_request
from folkmoot.jmap.services import JmapServices
from folkmoot.mailboxes.chosen import Chosen

ROW: Final = ("threadId", "mailboxIds", "keywords", "hasAttachment", "from", "to", "subject", "receivedAt", "size")
ACCOUNT: Final = account_id(CALLER.principal)


def reference(call: str, name: str, path: str) -> dict[str, str]:
    """Return a result reference."""
    return {"resultOf": call, "name": name, "path": path}


def first_screen(inbox: str, *, preview: bool = True) -> list[Any]:
    """Return the calls of the first screen."""
    row = [*ROW, "preview"] if preview else list(ROW)
    mine = {"accountId": ACCOUNT}
    newest = [{"property": "receivedAt", "isAscending": False}]
    return [
        ["Mailbox/get", {**mine, "ids": None}, "m"],
        [
            "Email/query",
            {
                **mine,
                "filter": {"inMailbox": inbox},
                "sort": newest,
                "collapseThreads": True,
                "limit": 50,
                "calculateTotal": True,
            },
            "q",
        ],
        ["Email/get", {**mine, "#ids": reference("q", "Email/query", "/ids"), "properties": ["threadId"]}, "e"],
        ["Thread/get", {**mine, "#ids": reference("e", "Email/get", "/list/*/threadId")}, "t"],
        ["Email/get", {**mine, "#ids": reference("t", "Thread/get", "/list/*/emailIds"), "properties": row}, "r"],
        ["Identity/get", {**mine, "ids": None}, "i"],
        ["Preferences/get", {**mine, "ids": None}, "p"],
    ]


class Caller:
    """Sends requests."""

    def __init__(self, services: JmapServices) -> None:
        self._services = services

    async def send(self, calls: list[Any]) -> list[Any]:
        """Send calls in one request, and return the answers."""
        body = msgspec.json.encode({"using": sorted(REGISTRY.urns), "methodCalls": calls})
        context = Context(self._services, CALLER, Accounts(self._services, CALLER), blobs=REGISTRY.blobs)
        answers = [one.told() for one in await run(REGISTRY, context, parse_request(body))]
        octets = msgspec.json.encode({"methodResponses": answers, "sessionState": "0"})
        for name, told, id_ in answers:
            if name == "error":
                raise SystemExit(f"{id_}: {told}")
        self.octets = len(octets)
        return answers


async def timed(name: str, times: int, work: Callable[[], Awaitable[object]]) -> None:
    """Print the median and the worst of some runs."""
    took = []
    for _ in range(times):
        start = time.perf_counter()
        await work()
        took.append((time.perf_counter() - start) * 1000)
    print(f"{name:66} {statistics.median(took):8.1f} {max(took):8.1f}", flush=True)


async def measure(port: int, messages: int) -> None:
    """Print a line for each situation."""
    with tempfile.TemporaryDirectory() as directory:
        async with rooms_opened(Path(directory), port) as services:
            caller = Caller(services)
            told = await caller.send([["Mailbox/get", {"accountId": ACCOUNT, "properties": ["role"]}, "m"]])
            inbox = next(one["id"] for one in told[0][1]["list"] if one["role"] == "inbox")
            screen = first_screen(inbox)
            print(f"{'milliseconds':66} {'median':>8} {'worst':>8}")
            await timed("first screen in a worker that knows nothing", 1, lambda: caller.send(screen))
            await timed("first screen", 30, lambda: caller.send(screen))
            print(f"{caller.octets / 1000:.0f} kB of JSON")
            for call in screen:
                if not any(name.startswith("#") for name in call[1]):
                    await timed(f"  of it, alone: {call[0]}", 10, partial(caller.send, [call]))

            async def after_a_flag() -> None:
                uid = messages - 7
                chosen = Chosen("INBOX", (uid,))
                await services.mail.flags.change(CALLER, "0", chosen, add=("\\Flagged",))
                await services.mail.flags.change(CALLER, "0", chosen, remove=("\\Flagged",))
                start = time.perf_counter()
                await caller.send(screen)
                took.append((time.perf_counter() - start) * 1000)

            took: list[float] = []
            for _ in range(10):
                await after_a_flag()
            print(
                f"{'first screen after somebody flagged a message':66} {statistics.median(took):8.1f} {max(took):8.1f}"
            )
            newest = [{"property": "receivedAt", "isAscending": False}]
            everywhere = [
                "Email/query",
                {"accountId": ACCOUNT, "sort": newest, "collapseThreads": True, "limit": 50},
                "q",
            ]
            await timed("newest of all mailboxes together", 10, lambda: caller.send([everywhere]))
            state = (await caller.send([["Email/get", {"accountId": ACCOUNT, "ids": []}, "e"]]))[0][1]["state"]
            changes = ["Email/changes", {"accountId": ACCOUNT, "sinceState": state}, "c"]
            await timed("Email/changes when nothing has changed", 20, lambda: caller.send([changes]))


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m bench.jmap")
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--storage", choices=sorted(FORMATS), default="mdbox")
    parser.add_argument("--directory", type=Path, default=Path(".cache/bench-mail"), help="kept for the next run")
    arguments = parser.parse_args()
    with running((arguments.directory / arguments.storage).resolve(), arguments.storage) as dovecot:
        fill(dovecot.port, USER, "INBOX", arguments.messages)
        asyncio.run(measure(dovecot.port, arguments.messages))


if __name__ == "__main__":
    main()
