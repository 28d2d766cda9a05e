"""Delivering a message into mailboxes by LMTP (RFC 2033), through each recipient's Sieve script."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from folkmoot.core.errors import Unavailable
from folkmoot.mail.addresses import TEXT_MAX, header_text

ANSWER_SECONDS: Final = 60.0
DELIVERY_SECONDS: Final = 300.0  # for the answers after the message: scripts of all recipients run before them
LINE_MAX: Final = 2_000  # octets of a line of an answer; RFC 5321 has 512
LINES_MAX: Final = 100  # of one answer
_ANSWER: Final = re.compile(rb"([2-5][0-9][0-9])([ -]|$)(.*)", re.DOTALL)
_AWAY: Final = "the mail store does not answer"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server says: a code of RFC 5321 and the text after it."""

    code: int
    text: str

    @property
    def good(self) -> bool:
        """Whether it was done."""
        return 200 <= self.code < 300  # noqa: PLR2004 - RFC 5321 section 4.2.1

    @property
    def permanent(self) -> bool:
        """Whether another attempt is of no use."""
        return self.code >= 500  # noqa: PLR2004 - the same

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


class Lmtp:
    """A conversation about one message; a line that breaks is ``Unavailable``."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._taken = 0

    async def begin(self, sender: str) -> Answer:
        """Greet the server and name the sender, "" for nobody."""
        greeting = await self._answer()
        if not greeting.good:
            return greeting
        hello = await self._ask("LHLO localhost")
        return await self._ask(f"MAIL FROM:<{sender}>") if hello.good else hello

    async def recipient(self, address: str) -> Answer:
        """Name a recipient."""
        answer = await self._ask(f"RCPT TO:<{address}>")
        self._taken += answer.good
        return answer

    async def deliver(self, octets: bytes) -> list[Answer]:
        """Give the message, its lines ended by CRLF; return an answer for each recipient that was taken, in order."""
        ready = await self._ask("DATA")
        if ready.code != 354:  # noqa: PLR2004 - go on
            return [ready] * self._taken
        stuffed = re.sub(rb"(?m)^\.", b"..", octets)
        self._writer.write(stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n")
        self._writer.write(b".\r\n")
        async with asyncio.timeout(DELIVERY_SECONDS):
            await self._drain()
            return [await self._answer(DELIVERY_SECONDS) for _ in range(self._taken)]

    async def _ask(self, command: str) -> Answer:
        if any(ord(letter) < 32 or ord(letter) == 127 for letter in command):  # noqa: PLR2004 - controls
            return Answer(501, "5.5.4 not an address")
        self._writer.write(command.encode() + b"\r\n")
        await self._drain()
        return await self._answer()

    async def _drain(self) -> None:
        try:
            await self._writer.drain()
        except OSError as error:
            raise Unavailable(_AWAY) from error

    async def _answer(self, seconds: float = ANSWER_SECONDS) -> Answer:
        texts = []
        try:
            async with asyncio.timeout(seconds):
                for _ in range(LINES_MAX):
                    line = (await self._reader.readuntil(b"\n")).rstrip(b"\r\n")
                    match = _ANSWER.fullmatch(line)
                    if match is None:
                        raise Unavailable("the mail store says what is no answer")
                    texts.append(match[3].decode("utf-8", "replace"))
                    if match[2] != b"-":
                        return Answer(int(match[1]), header_text(" ".join(texts))[:TEXT_MAX])
        except (OSError, EOFError, asyncio.LimitOverrunError, TimeoutError) as error:
            raise Unavailable(_AWAY) from error
        raise Unavailable("the mail store does not stop answering")


@asynccontextmanager
async def lmtp_connection(path: Path) -> AsyncIterator[Lmtp]:
    """Connect to the unix socket of an LMTP server.

    Raises:
        Unavailable: nobody answers there.
    """
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            reader, writer = await asyncio.open_unix_connection(path, limit=LINE_MAX)
    except (OSError, TimeoutError) as error:
        raise Unavailable(_AWAY) from error
    try:
        yield Lmtp(reader, writer)
    finally:
        writer.write(b"QUIT\r\n")
        writer.close()
