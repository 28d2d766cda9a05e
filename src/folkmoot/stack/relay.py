"""A small SMTP server on loopback that takes mail for people here, and stands for Postfix where there is none.

Dovecot's submission service and Folkmoot give it mail for somebody who has signed in; Dovecot's Sieve gives it
answers and forwards, known by the user that its program runs as.  Mail for people here goes on by LMTP while the sender
waits, so that nothing is queued and a failure is told at once; mail for others goes to the configured server, or is
refused.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

import structlog

from folkmoot.auth.errors import NotAuthenticated, TooManyFailures
from folkmoot.core.errors import MalformedInput, TooLarge, Unavailable
from folkmoot.core.ids import PrincipalId
from folkmoot.stack.peers import peer_uid
from folkmoot.stack.relay_auth import MECHANISMS, RelayAuth, Sender, decoded
from folkmoot.stack.relay_delivery import Delivery, RelayDelivery
from folkmoot.stack.smtp_commands import CONTROLS, Bare, Overfull, Room, SmtpReader, address_of, from_xtext

RECIPIENTS_MAX: Final = 1_000  # of one message
COMMANDS_MAX: Final = 10_000  # of one connection
FAULTS_MAX: Final = 20  # bad commands and refused sign-ins of one connection
CONNECTIONS_MAX: Final = 200  # of one worker at once
COMMAND_SECONDS: Final = 300.0  # RFC 5321 section 4.5.3.2.7
MESSAGE_SECONDS: Final = 600.0  # in which a whole message must come
HELD_MAX: Final = 256 * 1024 * 1024  # octets of messages that one worker holds at the same time
SIZE_MAX: Final = 100 * 1024 * 1024  # octets of a message where SOGoMaximumMessageSizeLimit sets no limit

_log: Final = structlog.get_logger("folkmoot.mail")


class Relay:
    """What all connections of a worker share."""

    def __init__(
        self, auth: RelayAuth, delivery: RelayDelivery, *, octets_max: int = 0, owner: int | None = None
    ) -> None:
        """Prepare.

        Args:
            auth: verifies sign-ins.
            delivery: passes messages on.
            octets_max: of a message; 0: ``SIZE_MAX``.
            owner: the user id of Dovecot's processes, whose mail needs no sign-in; None: ours.
        """
        self.auth = auth
        self.delivery = delivery
        self.octets_max = octets_max or SIZE_MAX
        self.room = Room(HELD_MAX)
        self.owner = os.geteuid() if owner is None else owner
        self._open: set[asyncio.Task[None]] = set()

    def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Begin a conversation."""
        if len(self._open) >= CONNECTIONS_MAX:
            writer.write(b"421 4.3.2 too many connections\r\n")
            writer.close()
            return
        task = asyncio.create_task(_Conversation(self, reader, writer).run(), name="mail: relay")
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def close(self) -> None:
        """End all conversations."""
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)


class _Conversation:
    """One connection."""

    def __init__(self, relay: Relay, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._relay = relay
        self._reader = SmtpReader(reader, relay.room)
        self._writer = writer
        self._sender: Sender | None = None
        self._delivery: Delivery | None = None
        self._faults = 0
        self._commands: dict[str, Callable[[str], Awaitable[None]]] = {
            "EHLO": self._ehlo,
            "HELO": self._helo,
            "AUTH": self._auth,
            "MAIL": self._mail,
            "RCPT": self._rcpt,
            "DATA": self._data,
            "RSET": self._rset,
            "NOOP": self._noop,
            "VRFY": self._vrfy,
        }

    async def run(self) -> None:
        """Talk until the peer leaves."""
        try:
            await self._say("220 localhost Folkmoot")
            for _ in range(COMMANDS_MAX):
                line = await self._line()
                verb, _, rest = line.partition(" ")
                if verb.upper() == "QUIT":
                    await self._say("221 2.0.0 goodbye")
                    return
                command = self._commands.get(verb.upper())
                if command is None or CONTROLS.search(line):
                    await self._fault("500 5.5.1 no such command")
                else:
                    await self._obey(command, rest.strip())
                if self._faults > FAULTS_MAX:
                    break
            await self._say("421 4.7.0 too much")
        except (OSError, EOFError, TimeoutError, TooLarge):
            return  # gone, or speaking another language
        except Exception as error:  # noqa: BLE001 - nobody else learns of it
            _log.error("bug", exc_info=error)
            with suppress(OSError, TimeoutError):
                await self._say("421 4.3.0 a fault of ours, come again")
        finally:
            self._reader.forget()
            await self._reset()
            self._writer.close()

    async def _obey(self, command: Callable[[str], Awaitable[None]], rest: str) -> None:
        try:
            await command(rest)
        except Unavailable as error:
            await self._say(f"451 4.4.0 {error}")
        except MalformedInput as error:
            await self._fault(f"501 5.5.4 {error}")

    async def _ehlo(self, _rest: str) -> None:
        await self._reset()
        said = (
            "localhost",
            "8BITMIME",
            "SMTPUTF8",
            "PIPELINING",
            "ENHANCEDSTATUSCODES",
            f"SIZE {self._relay.octets_max}",
        )
        for line in said:
            self._writer.write(f"250-{line}\r\n".encode())
        await self._say(f"250 AUTH {' '.join(MECHANISMS)}")

    async def _helo(self, _rest: str) -> None:
        await self._reset()
        await self._say("250 localhost")

    async def _noop(self, _rest: str) -> None:
        await self._say("250 2.0.0 here")

    async def _vrfy(self, _rest: str) -> None:
        await self._say("252 2.1.5 send, and see")

    async def _rset(self, _rest: str) -> None:
        await self._reset()
        await self._say("250 2.0.0 forgotten")

    async def _auth(self, rest: str) -> None:
        mechanism, _, response = rest.partition(" ")
        if self._sender is not None or self._delivery is not None:
            await self._fault("503 5.5.1 not now")
            return
        try:
            self._sender = await self._signed_in(mechanism.upper(), response.strip())
        except (NotAuthenticated, TooManyFailures) as error:
            await self._fault(f"535 5.7.8 {error}")
        else:
            await (self._fault("504 5.5.4 no such way") if self._sender is None else self._say("235 2.7.0 welcome"))

    async def _signed_in(self, mechanism: str, response: str) -> Sender | None:
        match mechanism:
            case "PLAIN":
                return await self._relay.auth.plain(response or await self._asked(""))
            case "LOGIN":
                name = decoded(response or await self._asked("VXNlcm5hbWU6"))
                return await self._relay.auth.password(name, decoded(await self._asked("UGFzc3dvcmQ6")))
            case "XOAUTH2" | "OAUTHBEARER":
                return await self._relay.auth.bearer(response or await self._asked(""))
            case _:
                return None

    async def _asked(self, challenge: str) -> str:
        await self._say(f"334 {challenge}")
        answer = await self._line()
        if answer == "*":
            raise NotAuthenticated("given up")
        return answer

    async def _mail(self, rest: str) -> None:
        if self._delivery is not None:
            await self._fault("503 5.5.1 one message after the other")
            return
        sender, options = address_of(rest, "FROM")
        if self._sender is None and not await self._from_dovecot():
            await self._fault("530 5.7.0 sign in first")
            return
        size = options.get("SIZE", "0")
        if not (size.isascii() and size.isdigit()) or int(size[:18]) > self._relay.octets_max:
            await self._say(f"552 5.3.4 a message has at most {self._relay.octets_max} octets")
            return
        principal = self._sender.principal if self._sender else None
        if self._sender is not None and self._sender.for_others:
            principal = PrincipalId(from_xtext(options.get("AUTH", "")))
        if principal is not None and not await self._relay.delivery.may_send_as(principal, sender):
            await self._say("553 5.7.1 this is not your address")
            return
        self._delivery = self._relay.delivery.begin(sender)
        await self._say("250 2.1.0 go on")

    async def _from_dovecot(self) -> bool:
        ours, theirs = self._writer.get_extra_info("sockname"), self._writer.get_extra_info("peername")
        uid = await asyncio.to_thread(peer_uid, ours[:2], theirs[:2])
        if uid != self._relay.owner:
            return False
        self._sender = Sender()
        return True

    async def _rcpt(self, rest: str) -> None:
        if self._delivery is None:
            await self._fault("503 5.5.1 MAIL comes first")
            return
        if self._delivery.recipients >= RECIPIENTS_MAX:
            await self._say("452 4.5.3 too many recipients")
            return
        address, _ = address_of(rest, "TO")
        await self._say(await self._delivery.recipient(address))

    async def _data(self, _rest: str) -> None:
        if self._delivery is None or not self._delivery.recipients:
            await self._fault("503 5.5.1 nobody is to get it")
            return
        await self._say("354 end with a dot")
        try:
            await self._say(await self._passed_on())
        except TooLarge as error:
            await self._say(f"552 5.3.4 {error}")
        except Overfull as error:
            await self._say(f"452 4.3.1 {error}")
        except Bare as error:
            await self._fault(f"550 5.6.0 {error}")
        finally:
            self._reader.forget()
            await self._reset()

    async def _passed_on(self) -> str:
        async with asyncio.timeout(MESSAGE_SECONDS):
            octets = await self._reader.message(self._relay.octets_max)
        return await self._delivery.send(octets) if self._delivery is not None else "503 5.5.1 MAIL comes first"

    async def _line(self) -> str:
        async with asyncio.timeout(COMMAND_SECONDS):
            return await self._reader.line()

    async def _say(self, line: str) -> None:
        self._writer.write(" ".join(line.split()).encode() + b"\r\n")
        await self._writer.drain()

    async def _fault(self, line: str) -> None:
        self._faults += 1
        await self._say(line)

    async def _reset(self) -> None:
        delivery, self._delivery = self._delivery, None
        if delivery is not None:
            await delivery.close()


@asynccontextmanager
async def serve_relay(listener: socket.socket, relay: Relay) -> AsyncIterator[None]:
    """Answer on a socket that all workers share."""
    server = await asyncio.start_server(relay.connected, sock=listener.dup())
    try:
        yield
    finally:
        server.close()
        await relay.close()
