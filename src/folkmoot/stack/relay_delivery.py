"""One message's way through the relay: recipients as they are named, then the message to all of them."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import structlog

from folkmoot.config.servers_section import SmtpSettings
from folkmoot.core.errors import FolkmootError, Unavailable
from folkmoot.core.ids import PrincipalId
from folkmoot.directory.directory import Directory
from folkmoot.mail.credentials import Credentials, Password
from folkmoot.mail.errors import Deferred
from folkmoot.mail.lmtp import Answer, Lmtp, lmtp_connection
from folkmoot.mail.smtp import Smtp
from folkmoot.mail.submission import Envelope
from folkmoot.stack.bounce import Failure, bounce
from folkmoot.stack.routing import may_send_as, route_of

OK: Final = "250 2.1.5 goes on"
NO_WAY_OUT: Final = "550 5.7.1 mail cannot leave this machine; SOGoSMTPServer would name a server that takes it"
TRACE: Final = "Received: by localhost (Folkmoot)\r\n"

_log: Final = structlog.get_logger("folkmoot.mail")


class RelayDelivery:
    """Where messages go: the socket of LMTP, and the server for mail that leaves."""

    def __init__(self, directory: Directory, lmtp: Path, outer: SmtpSettings | None) -> None:
        self.directory = directory
        self.lmtp = lmtp
        self.outer = Smtp(outer) if outer is not None else None
        self.account: Credentials | None = None
        if outer is not None and outer.authentication and outer.master_user:
            self.account = Password(outer.master_user_name, outer.master_user_password)

    def begin(self, sender: str) -> "Delivery":
        """Begin a message, which must be closed."""
        return Delivery(self, sender)

    async def may_send_as(self, principal: PrincipalId, address: str) -> bool:
        """Return whether an envelope's address is a person's own."""
        return await may_send_as(self.directory, principal, address)


class Delivery:
    """One message."""

    def __init__(self, ways: RelayDelivery, sender: str) -> None:
        self._ways = ways
        self._sender = sender
        self._stack = AsyncExitStack()
        self._lmtp: Lmtp | None = None
        self._local: list[str] = []
        self._outside: list[str] = []

    async def close(self) -> None:
        """Let go of what the message holds."""
        self._lmtp = None
        await self._stack.aclose()

    @property
    def recipients(self) -> int:
        """How many will get it."""
        return len(self._local) + len(self._outside)

    async def recipient(self, address: str) -> str:
        """Take a recipient, or say why not.

        Raises:
            Unavailable: who it is, or whether there is room, cannot be told now.
        """
        route = await route_of(self._ways.directory, address)
        if route.refusal:
            return route.refusal
        if not route.local:
            if self._ways.outer is None:
                return NO_WAY_OUT
            self._outside.append(address)
            return OK
        answers = [await self._taken(one) for one in route.local if one not in self._local]
        refused = [answer for answer in answers if not answer.good]
        return str(refused[0]) if refused and len(refused) == len(answers) else OK

    async def _taken(self, address: str) -> Answer:
        if self._lmtp is None:
            self._lmtp = await self._stack.enter_async_context(lmtp_connection(self._ways.lmtp))
            begun = await self._lmtp.begin(self._sender if self._sender.isascii() else "")
            if not begun.good:
                await self.close()
                raise Unavailable(f"the mail store does not want it: {begun}")
        answer = await self._lmtp.recipient(address)
        if answer.good:
            self._local.append(address)
        return answer

    async def send(self, octets: bytes) -> str:
        """Pass the message on; return the answer.  The sender is told by mail who does not get it while others do."""
        failures: list[Failure] = []
        answers: list[Answer] = []
        message = TRACE.encode() + octets
        if self._lmtp is not None and self._local:
            answers += await self._lmtp.deliver(message)
            failures += [Failure(who, str(one)) for who, one in zip(self._local, answers, strict=False) if not one.good]
        if self._outside:
            answer, refused = await self._send_out(message)
            answers.append(answer)
            failures += refused
        if not any(answer.good for answer in answers):
            return str(answers[0])
        if failures:
            await self._tell(failures, octets)
        _log.info("mail relayed", sender=self._sender, recipients=self.recipients, failed=len(failures))
        return "250 2.0.0 delivered"

    async def _send_out(self, octets: bytes) -> tuple[Answer, list[Failure]]:
        outer = self._ways.outer
        if outer is None:
            return Answer(550, NO_WAY_OUT), []
        envelope = Envelope(self._sender, tuple(self._outside))
        try:
            done = await outer.submit(octets, envelope, credentials=self._ways.account, partial=True)
        except Deferred as error:
            answer = Answer(451, f"4.4.0 {error}")
        except FolkmootError as error:
            answer = Answer(550, f"5.0.0 {error}")
        else:
            return Answer(250, done.answer), [Failure(who, one.answer) for who, one in done.refusals.items()]
        return answer, [Failure(who, str(answer)) for who in self._outside]

    async def _tell(self, failures: list[Failure], octets: bytes) -> None:
        if not self._sender:
            return
        try:
            async with lmtp_connection(self._ways.lmtp) as lmtp:
                if (await lmtp.begin("")).good and (await lmtp.recipient(self._sender)).good:
                    await lmtp.deliver(bounce(self._sender, failures, octets))
        except Unavailable as error:
            _log.warning("a sender could not be told of a failure", sender=self._sender, reason=str(error))
