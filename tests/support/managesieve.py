"""A ManageSieve server on loopback that keeps scripts in memory, and is as strange as a test wants it."""

import asyncio
import base64
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from folkmoot.mail.server import MailServer, TlsMode, VerifyMode

EXTENSIONS = "fileinto reject vacation imap4flags regex body variables enotify relational date copy envelope"
_LITERAL = re.compile(rb"\{(\d+)\+\}\r\n\Z")


@dataclass
class SieveServer:
    """What it keeps, what it says, and what was said to it."""

    port: int = 0
    scripts: dict[str, bytes] = field(default_factory=dict)
    active: str = ""
    extensions: str = EXTENSIONS
    greeting: bytes = b""  # instead of the usual one
    sasl: str = "PLAIN LOGIN XOAUTH2 OAUTHBEARER"
    old: bool = False  # before RFC 5804: no CHECKSCRIPT
    answers: dict[str, list[bytes]] = field(default_factory=dict)  # by verb, each used once; empty hangs up
    said: list[bytes] = field(default_factory=list)  # all commands
    signed_in: list[bytes] = field(default_factory=list)  # what was given to AUTHENTICATE, decoded
    tls: ssl.SSLContext | None = None
    injected: bytes = b""  # sent in one breath with the agreement to TLS
    quiet_after_tls: bool = False

    @property
    def address(self) -> MailServer:
        """Where it is."""
        tls = TlsMode.NONE if self.tls is None else TlsMode.START
        return MailServer("localhost", self.port, tls, VerifyMode.NONE)

    def capabilities(self) -> bytes:
        lines = [f'"IMPLEMENTATION" "Test"\r\n"SIEVE" "{self.extensions}"\r\n"SASL" "{self.sasl}"\r\n']
        lines += [] if self.old else ['"VERSION" "1.0"\r\n"UNAUTHENTICATE"\r\n']
        lines += [] if self.tls is None else ['"STARTTLS"\r\n']
        return "".join(lines).encode() + b'OK "ready"\r\n'

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk to one client."""
        with suppress(ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            writer.write(self.greeting or self.capabilities())
            while command := await _command(reader):
                self.said.append(command)
                verb, _, rest = command.partition(b" ")
                name = verb.strip().decode().upper()
                if self.answers.get(name):
                    answer = self.answers[name].pop(0)
                    if not answer:
                        break
                    writer.write(answer)
                elif name == "STARTTLS" and self.tls is not None:
                    writer.write(b'OK "go"\r\n' + self.injected)
                    if self.injected:  # the client must leave by now
                        continue
                    await writer.start_tls(self.tls)
                    if not self.quiet_after_tls:
                        writer.write(self.capabilities())
                elif name == "AUTHENTICATE":
                    await self._authenticate(rest, reader, writer)
                else:
                    writer.write(self._answer(name, rest))
                if name == "LOGOUT":
                    break
        writer.close()

    async def _authenticate(self, rest: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        words = _strings(rest)
        if words[0] == b"LOGIN":
            for challenge in (b"Username:", b"Password:"):
                writer.write(b'"%s"\r\n' % base64.b64encode(challenge))
                self.signed_in.append(base64.b64decode(_strings(await _command(reader))[0]))
        else:
            self.signed_in.append(base64.b64decode(words[1]))
        wrong = any(b"wrong" in said for said in self.signed_in)
        writer.write(b'NO "Authentication failed."\r\n' if wrong else b'OK "Logged in."\r\n')

    def _answer(self, verb: str, rest: bytes) -> bytes:
        words = _strings(rest)
        name = words[0].decode() if words else ""
        match verb:
            case "CAPABILITY":
                return self.capabilities()
            case "LISTSCRIPTS":
                lines = [
                    b'"%s"%s\r\n' % (one.encode(), b" ACTIVE" if one == self.active else b"") for one in self.scripts
                ]
                return b"".join(lines) + b"OK\r\n"
            case "GETSCRIPT" if name in self.scripts:
                return b"{%d}\r\n%s\r\nOK\r\n" % (len(self.scripts[name]), self.scripts[name])
            case "PUTSCRIPT":
                self.scripts[name] = words[1]
                return b"OK\r\n"
            case "SETACTIVE" if name in self.scripts or not name:
                self.active = name
                return b"OK\r\n"
            case "DELETESCRIPT" if name == self.active:
                return b'NO (ACTIVE) "it is active"\r\n'
            case "DELETESCRIPT" if name in self.scripts:
                del self.scripts[name]
                return b"OK\r\n"
            case "GETSCRIPT" | "SETACTIVE" | "DELETESCRIPT":
                return b'NO (NONEXISTENT) "no such script"\r\n'
            case "CHECKSCRIPT" if self.old:
                return b'NO "unknown command"\r\n'
        return b"OK\r\n"


@asynccontextmanager
async def sieve_server(**changes: object) -> AsyncIterator[SieveServer]:
    """Run a server in the test's own event loop."""
    server = SieveServer(**changes)  # type: ignore[arg-type]  # its own fields
    talks: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks[task] = writer
        await server.serve(reader, writer)

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for writer in talks.values():
            writer.transport.abort()
        await asyncio.gather(*talks, return_exceptions=True)
        await asyncio.sleep(0)  # transports say goodbye in the next turn


async def _command(reader: asyncio.StreamReader) -> bytes:
    command = b""
    while line := await reader.readline():
        command += line
        literal = _LITERAL.search(line)
        if literal is None:
            break
        command += await reader.readexactly(int(literal[1]))
    return command.removesuffix(b"\r\n")


def _strings(rest: bytes) -> list[bytes]:
    found = []
    while rest := rest.lstrip(b" \r\n"):
        literal = re.match(rb"\{(\d+)\+\}\r\n", rest)
        if literal is not None:
            end = literal.end() + int(literal[1])
            found.append(rest[literal.end() : end])
            rest = rest[end:]
        elif quoted := re.match(rb'"((?:[^"\\]|\\.)*)"', rest, re.DOTALL):
            found.append(re.sub(rb"\\(.)", rb"\1", quoted[1]))
            rest = rest[quoted.end() :]
        else:
            break
    return found
