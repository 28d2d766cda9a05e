"""Commands of ManageSieve, one after the other (RFC 5804 section 2)."""

import asyncio
import re
from typing import Final

from folkmoot.core.errors import FolkmootError, MalformedInput, TooLarge, Unavailable, Unsupported
from folkmoot.mail.channel import Channel
from folkmoot.mail.credentials import Credentials
from folkmoot.mail.errors import Declined, SignInRefused
from folkmoot.mail.managesieve.answers import (
    Capabilities,
    Outcome,
    ScriptName,
    capabilities_of,
    failure_of,
    outcome_of,
    script_of,
    shown,
)
from folkmoot.mail.managesieve.wire import Line, Wire, string
from folkmoot.mail.sasl import choose, from_base64, to_base64
from folkmoot.mail.server import MailServer

COMMAND_SECONDS: Final = 30.0  # for a whole answer; compiling a large script takes one
AGAIN_SECONDS: Final = 3.0  # for capabilities after TLS, which old servers do not send unasked
LINES_MAX: Final = 10_000  # of one answer; people keep a dozen scripts
TURNS_MAX: Final = 8  # challenges of one sign-in
NAME_OCTETS_MAX: Final = 512  # RFC 5804 section 1.6: at least 128 characters
SCRIPT_MAX: Final = 1024 * 1024  # octets of a script
_UNNAMEABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class Session:
    """One connection; used by one task at a time."""

    def __init__(self, channel: Channel, server: MailServer) -> None:
        self._channel = channel
        self._server = server
        self._wire = Wire()
        self._lines: list[Line] = []
        self.capabilities = Capabilities()

    async def greet(self) -> None:
        """Hear what the server can.

        Raises:
            Unavailable: it does not want us, or is no ManageSieve server.
        """
        lines, outcome = await self._answer()
        if outcome.name != "OK":
            raise Unavailable(f"the mail server ends the conversation: {shown(outcome.text)}")
        self.capabilities = capabilities_of(lines)

    async def start_tls(self) -> None:
        """Go on in TLS, and forget what was said before it (section 2.2).

        Raises:
            Unavailable: the server offers none, or it fails.
        """
        if not self.capabilities.starttls:
            raise Unavailable("the mail server offers no TLS for Sieve, which its settings ask for")
        await self._run(b"STARTTLS")
        if self._lines or not self._wire.idle:
            raise Unavailable("the mail server said something between its agreement to TLS and TLS")
        await self._channel.start_tls(self._server)
        try:
            lines, _ = await self._answer(AGAIN_SECONDS)
        except TimeoutError:
            lines = await self._run(b"CAPABILITY")
        self.capabilities = capabilities_of(lines)

    async def sign_in(self, credentials: Credentials, *, preferred: str = "") -> None:
        """Sign in by the best mechanism that the server offers (section 2.1).

        Raises:
            SignInRefused: not with these credentials.
            Unsupported: the server offers nothing that fits.
        """
        exchange = choose(
            credentials, self.capabilities.sasl, preferred=preferred, host=self._server.host, port=self._server.port
        )
        command = b"AUTHENTICATE " + string(exchange.mechanism.encode())
        turn = 0
        if exchange.client_first:
            command += b" " + string(to_base64(exchange.answer(0) or b""))
            turn = 1
        self._send(command)
        async with _patience():
            for _ in range(TURNS_MAX):
                line = await self._line()
                outcome = outcome_of(line)
                if outcome is not None:
                    break
                challenge = line[0] if line and isinstance(line[0], bytes) else b""
                from_base64(challenge)  # only its turn matters
                answer = exchange.answer(turn)
                turn += 1
                self._send(b'"*"' if answer is None else string(to_base64(answer)))
            else:
                raise SignInRefused("the mail server asks without end")
        if outcome.name != "OK":
            error = failure_of(outcome)
            raise SignInRefused(str(error)) if isinstance(error, Declined) else error
        if not self.capabilities.sieve:
            self.capabilities = capabilities_of(await self._run(b"CAPABILITY"))

    async def list_scripts(self) -> list[ScriptName]:
        """Return the names of all scripts, and which one is active."""
        lines = await self._run(b"LISTSCRIPTS")
        return [found for line in lines if (found := script_of(line)) is not None]

    async def get_script(self, name: str) -> str:
        """Return a script's text.

        Raises:
            NotFound: there is none of this name.
        """
        lines = await self._run(b"GETSCRIPT " + _named(name))
        for line in lines:
            if line and isinstance(line[0], bytes):
                return line[0].decode("utf-8", "replace")
        return ""

    async def put_script(self, name: str, text: str) -> str:
        """Store a script under a name, over what is there; return the server's warnings.

        Raises:
            ScriptRefused: the server finds fault with it.
            OverQuota: too large, or too many.
        """
        return await self._bring(b"PUTSCRIPT " + _named(name), text)

    async def check_script(self, text: str) -> str:
        """Let the server judge a script without storing it; return its warnings.

        Raises:
            ScriptRefused: the server finds fault with it.
            Unsupported: the server is older than RFC 5804.
        """
        if not self.capabilities.version:
            raise Unsupported("the mail server does not check scripts")
        return await self._bring(b"CHECKSCRIPT", text)

    async def set_active(self, name: str) -> None:
        """Let this script act on arriving mail, and no other; an empty name: none.

        Raises:
            NotFound: there is none of this name.
        """
        await self._run(b"SETACTIVE " + (_named(name) if name else b'""'))

    async def delete_script(self, name: str) -> None:
        """Delete a script.

        Raises:
            NotFound: there is none of this name.
            Conflict: it is active.
        """
        await self._run(b"DELETESCRIPT " + _named(name))

    async def have_space(self, name: str, octets: int) -> None:
        """Ask whether a script of this size would be taken.

        Raises:
            OverQuota: it would not.
        """
        await self._run(b"HAVESPACE %s %d" % (_named(name), octets))

    async def noop(self) -> None:
        """See whether the server is there; old ones are asked for their capabilities."""
        await self._run(b"NOOP" if self.capabilities.version else b"CAPABILITY")

    async def unauthenticate(self) -> None:
        """Become nobody again, so that another may sign in (section 2.14).

        Raises:
            Unsupported: the server cannot.
        """
        if not self.capabilities.unauthenticate:
            raise Unsupported("the mail server does not let one user follow another on a connection")
        await self._run(b"UNAUTHENTICATE")

    def leave(self) -> None:
        """Say goodbye and hang up; nothing depends on the server's answer."""
        self._send(b"LOGOUT")

    async def _bring(self, command: bytes, text: str) -> str:
        octets = text.encode("utf-8", "replace")
        if len(octets) > SCRIPT_MAX:
            raise TooLarge(f"a script has at most {SCRIPT_MAX} octets")
        self._send(command + b" " + string(octets))
        _, outcome = await self._patient_answer()
        if outcome.name != "OK":
            raise failure_of(outcome, script=True)
        return shown(outcome.text) if outcome.code == "WARNINGS" else ""

    async def _run(self, command: bytes) -> list[Line]:
        self._send(command)
        lines, outcome = await self._patient_answer()
        if outcome.name != "OK":
            raise failure_of(outcome)
        return lines

    async def _patient_answer(self) -> tuple[list[Line], Outcome]:
        try:
            return await self._answer()
        except TimeoutError as error:
            raise Unavailable("the mail server does not answer in time") from error

    async def _answer(self, seconds: float = COMMAND_SECONDS) -> tuple[list[Line], Outcome]:
        """Return the lines up to the one that ends a command, and that."""
        lines: list[Line] = []
        async with asyncio.timeout(seconds):
            while True:
                line = await self._line()
                outcome = outcome_of(line)
                if outcome is not None:
                    return lines, outcome
                lines.append(line)
                if len(lines) > LINES_MAX:
                    raise Unavailable("the mail server's answer has too many lines")

    async def _line(self) -> Line:
        while not self._lines:
            octets = await self._channel.read(COMMAND_SECONDS)
            try:
                self._lines = self._wire.feed(octets)
            except FolkmootError as error:
                self._channel.close()
                raise Unavailable(f"the mail server does not speak ManageSieve: {error}") from error
        return self._lines.pop(0)

    def _send(self, command: bytes) -> None:
        self._channel.write(command + b"\r\n")


def _patience() -> asyncio.Timeout:
    return asyncio.timeout(COMMAND_SECONDS)


def _named(name: str) -> bytes:
    octets = name.encode("utf-8", "replace")
    if not name or len(octets) > NAME_OCTETS_MAX or _UNNAMEABLE.search(name):
        raise MalformedInput("a script has a name of 1 to 512 octets without control characters")
    return string(octets)
