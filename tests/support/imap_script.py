r"""An IMAP server on loopback that plays a transcript, so that a test reads like a session.

``S: `` lines are sent, ``C: `` lines are expected; ``$`` stands for the present command's tag.  ``S- `` lines end
without CRLF, ``C*`` takes any line, ``\r\n`` within a line is a line's end.  ``drop`` hangs up, ``hang`` says nothing
more, ``tls`` begins TLS.  What does not fit is told on leaving.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from folkmoot.mail.server import MailServer, TlsMode, VerifyMode

WAIT_SECONDS = 5.0


class _Player:
    def __init__(self, lines: list[str], tls: ssl.SSLContext | None) -> None:
        self.lines = lines
        self.tls = tls
        self.faults: list[str] = []
        self.played = 0
        self._tag = ""

    async def play(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while self.played < len(self.lines):
                line = self.lines[self.played]
                self.played += 1
                if not await self._step(line, reader, writer):
                    break
            if not self.faults:
                await asyncio.wait_for(reader.read(), WAIT_SECONDS)
        except (TimeoutError, ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.close()

    async def _step(self, line: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        kind, _, text = line.partition(" ")
        if kind in {"S:", "S-"}:
            ending = "\r\n" if kind == "S:" else ""
            said = f"{self._tag}{text[1:]}" if text.startswith("$") else text
            writer.write((said.replace("\\r\\n", "\r\n") + ending).encode("utf-8", "surrogateescape"))
            await writer.drain()
        elif kind == "C:":
            heard = (await asyncio.wait_for(reader.readline(), WAIT_SECONDS)).decode("utf-8", "replace").rstrip("\r\n")
            if text.startswith("$ "):
                self._tag, _, rest = heard.partition(" ")
                heard = f"$ {rest}"
            if heard != text:
                self.faults.append(f"expected {text!r}, heard {heard!r}")
                return False
        elif kind == "C*":
            await asyncio.wait_for(reader.readline(), WAIT_SECONDS)
        elif kind == "tls":
            assert self.tls is not None
            await writer.start_tls(self.tls)
        elif kind == "drop":
            writer.transport.abort()
            return False
        elif kind == "hang":
            return False
        return True


@asynccontextmanager
async def playing(
    *transcripts: str, tls: ssl.SSLContext | None = None, mode: TlsMode = TlsMode.NONE
) -> AsyncIterator[MailServer]:
    """Play a transcript to each connection in turn; give where the server is."""
    players = [_Player([line for line in text.strip("\n").split("\n") if line], tls) for text in transcripts]
    waiting = list(players)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if waiting:
            await waiting.pop(0).play(reader, writer)
        else:
            writer.close()

    implicit = tls if mode is TlsMode.IMPLICIT else None
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=implicit)
    async with server:
        port = server.sockets[0].getsockname()[1]
        try:
            yield MailServer("127.0.0.1", port, mode, VerifyMode.ALLOW_INSECURE_LOCALHOST)
        finally:
            assert not any(player.faults for player in players), [player.faults for player in players]
    for player in players:
        assert player.played == len(player.lines), f"never played: {player.lines[player.played :]}"
