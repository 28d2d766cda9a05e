"""``python -m bench.streams``: streams on loopback against a server with two workers and SQLite."""

import argparse
import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import httpx

from tests.support.folkmoot import Folkmoot, Person, running

TYPES: Final = "CalendarEvent,Calendar,ContactCard,Mailbox,Email,EmailDelivery,Identity"
SIGN_INS: Final = 40
SETTLE_SECONDS: Final = 6.0
_PAGE: Final = 4096


@dataclass
class Stream:
    """One open stream, and when its last event came."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    heard_at: float = 0.0

    async def follow(self) -> None:
        while line := await self.reader.readline():
            if line.startswith(b"event: state"):
                self.heard_at = time.monotonic()


def resident(folkmoot: Folkmoot) -> float:
    """Return the proportional set size of all of the server's processes, in MiB."""
    total = 0
    for pid in folkmoot.pids:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return total / 1024


async def open_stream(folkmoot: Folkmoot, person: Person) -> Stream:
    host, _, port = folkmoot.url.rpartition("/")[2].partition(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=8192)
    path = f"/SOGo/jmap/eventsource/?types={TYPES}&closeafter=no&ping=300"
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {person.authorization}\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 200 " not in head.split(b"\r\n", 1)[0]:
        raise RuntimeError(head.decode())
    return Stream(reader, writer)


async def open_streams(folkmoot: Folkmoot, people: Sequence[Person], number: int) -> list[Stream]:
    turns = asyncio.Semaphore(32)

    async def one(index: int) -> Stream:
        async with turns:
            return await open_stream(folkmoot, people[index % len(people)])

    return list(await asyncio.gather(*(one(index) for index in range(number))))


def event(name: str) -> bytes:
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bench//bench//EN\r\nBEGIN:VEVENT\r\n"
        f"UID:{name}\r\nDTSTAMP:20300101T000000Z\r\nDTSTART:20300101T100000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    ).encode()


async def put(folkmoot: Folkmoot, person: Person, name: str) -> None:
    async with folkmoot.async_client(person) as client:
        headers = {"Content-Type": "text/calendar"}
        answer = await client.put(f"{person.calendar}{name}.ics", content=event(name), headers=headers)
        answer.raise_for_status()


async def sign_ins(folkmoot: Folkmoot, person: Person) -> tuple[float, float]:
    """Return the median and the 95th percentile of signing in, in milliseconds."""
    taken = []
    async with httpx.AsyncClient(base_url=folkmoot.url) as client:
        for _ in range(SIGN_INS):
            began = time.monotonic()
            given = {"userName": person.login, "password": person.password}
            (await client.post("/SOGo/connect", json=given)).raise_for_status()
            taken.append(1000 * (time.monotonic() - began))
    return statistics.median(taken), statistics.quantiles(taken, n=20)[-1]


async def reached(folkmoot: Folkmoot, streams: Sequence[Stream], people: Sequence[Person], name: str) -> list[float]:
    """Change something of each person; return after how many seconds each stream told of it."""
    began = time.monotonic()
    await asyncio.gather(*(put(folkmoot, person, name) for person in people))
    written = time.monotonic()
    async with asyncio.timeout(60):
        while any(one.heard_at < began for one in streams):  # noqa: ASYNC110 - a measurement
            await asyncio.sleep(0.02)
    print(f"  {len(people)} writes took {written - began:.2f} s")
    return sorted(one.heard_at - began for one in streams)


async def measure(folkmoot: Folkmoot, people: Sequence[Person], number: int) -> None:
    print(f"{number} streams of {len(people)} people")
    for start in range(0, len(people), 20):
        await asyncio.gather(*(put(folkmoot, person, "first") for person in people[start : start + 20]))
    await asyncio.sleep(SETTLE_SECONDS)
    before = resident(folkmoot)
    idle = await sign_ins(folkmoot, people[0])
    began = time.monotonic()
    streams = await open_streams(folkmoot, people, number)
    opened = time.monotonic() - began
    tasks = [asyncio.create_task(one.follow()) for one in streams]
    await asyncio.sleep(SETTLE_SECONDS)
    after = resident(folkmoot)
    beside = await sign_ins(folkmoot, people[0])
    print(f"  opened in {opened:.1f} s; {before:.1f} MiB before, {after:.1f} with them: {after - before:.1f} MiB")
    print(f"  signing in, p50 and p95: {idle[0]:.0f} and {idle[1]:.0f} ms before", end=", ")
    print(f"{beside[0]:.0f} and {beside[1]:.0f} ms beside them")
    await asyncio.sleep(2)
    own = [one for index, one in enumerate(streams) if index % len(people) == 0]
    first = await reached(folkmoot, own, people[:1], "one")
    print(f"  one person's change: all {len(own)} streams within {first[-1]:.2f} s")
    await asyncio.sleep(2)
    everybody = await reached(folkmoot, streams, people, "all")
    middle = statistics.median(everybody)
    print(f"  everybody's change at once: half of the streams within {middle:.2f} s, all within {everybody[-1]:.2f} s")
    print(f"  {resident(folkmoot):.1f} MiB then")
    for task, stream in zip(tasks, streams, strict=True):
        task.cancel()
        stream.writer.close()
    await asyncio.sleep(SETTLE_SECONDS)
    print(f"  {resident(folkmoot):.1f} MiB after they have gone")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=2000)
    parser.add_argument("--people", type=int, default=100)
    asked = parser.parse_args()
    people = tuple(Person(f"p{index}@example.org") for index in range(asked.people))
    settings = "SOGoMaximumRequestCount = 0;"
    with TemporaryDirectory() as directory, running(Path(directory), workers=2, people=people, settings=settings) as it:
        asyncio.run(measure(it, people, asked.streams))


if __name__ == "__main__":
    main()
