"""Commands and their answers over one channel: tags, literals, waits.  What commands mean is ``connection``'s."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

import structlog

from folkmoot.core.errors import FolkmootError, MalformedInput, Unavailable
from folkmoot.mail.addresses import header_text
from folkmoot.mail.channel import Channel
from folkmoot.mail.imap.commands import Literals, Piece, encode
from folkmoot.mail.imap.refusals import refusal_of
from folkmoot.mail.imap.wire import LITERAL_MAX, Condition, Continuation, Response, Told, Wire, response_of

SILENCE_SECONDS: Final = 60.0  # Dovecot speaks every ten seconds while it searches
COMMAND_SECONDS: Final = 600.0  # one command, however much the server tells
RESPONSES_MAX: Final = 3_000_000  # to one command: no mailbox holds more messages
TURN: Final = 100  # responses read at a time, some 5 ms; then others may run
LONG_LINE: Final = 32 * 1024  # octets; longer ones (SORT, THREAD of a large mailbox) are read beside the loop
PIPELINE_OCTETS: Final = 32 * 1024  # sent without reading: less than either side's buffers hold
LINE_SHOWN: Final = 500  # characters of one logged line
SECRET_VERBS: Final = frozenset({"LOGIN", "AUTHENTICATE"})

Take = Callable[[Told], None]
Note = Callable[[Condition], None]
Skim = Callable[[Wire], int]
"""Takes responses of a form it knows off the wire, some at a time; returns how many it took."""

_log: Final = structlog.get_logger("folkmoot.mail")


class Dialogue:
    """One connection's commands, one after the other or in a row; used by one task at a time."""

    def __init__(self, channel: Channel, *, transcript: bool = False, literal_max: int = LITERAL_MAX) -> None:
        self.channel = channel
        self.literals = Literals.SYNCHRONIZING
        self.broken = False  # what was said and what was heard no longer fit together
        self._transcript = transcript
        self._literal_max = literal_max
        self._wire = Wire(literal_max=literal_max)
        self._count = 0
        self._heard = 0
        self._bye: Condition | None = None
        self._retired = False

    async def run(self, verb: str, *pieces: Piece, take: Take | None = None, note: Note | None = None) -> Condition:
        """Carry out a command and return how it ended.

        Args:
            verb: the command, as errors name it (of ``UID FETCH`` it is ``FETCH``).
            pieces: the whole command, its verb included.
            take: is given each untagged response that tells something.
            note: is given each untagged OK, NO or BAD.

        Raises:
            Unavailable: the server has gone.
            FolkmootError: the server says no; by meaning.
        """
        (ended,) = await self.run_all(verb, [pieces], take=take, note=note)
        return check(verb, ended)

    async def run_all(
        self,
        verb: str,
        commands: Sequence[Sequence[Piece]],
        *,
        take: Take | None = None,
        note: Note | None = None,
        skim: Skim | None = None,
    ) -> list[Condition]:
        """Carry out commands, in a row where their literals allow it; return how each ended, NO and BAD among it."""
        self.broken = True  # until all is well: cancellation leaves here, too
        self._heard = 0
        ended: dict[str, Condition] = {}
        tags: list[str] = []
        async with _patience():
            unread = 0
            for pieces in commands:
                tag = self._tag()
                tags.append(tag)
                chunks = encode(tag, pieces, self.literals)
                unread += sum(map(len, chunks))
                if unread > PIPELINE_OCTETS:
                    await self._read_until(tags[:-1], ended, take, note, skim)
                    unread = 0
                await self._send(verb, tag, chunks, ended, take, note)
            await self._read_until(tags, ended, take, note, skim)
        self.broken = False
        return [ended[tag] for tag in tags]

    async def _send(
        self,
        verb: str,
        tag: str,
        chunks: list[bytes],
        ended: dict[str, Condition],
        take: Take | None,
        note: Note | None,
    ) -> None:
        for index, chunk in enumerate(chunks):
            if index and not await self._continued(tag, ended, take, note):
                return
            self._show("imap command", f"{tag} {verb} ***" if verb in SECRET_VERBS else chunk)
            self.channel.write(chunk)
            await self.channel.drain(SILENCE_SECONDS)

    async def _continued(self, tag: str, ended: dict[str, Condition], take: Take | None, note: Note | None) -> bool:
        """Whether the server wants the literal; if not, the command has ended."""
        while tag not in ended:
            response = await self.next(SILENCE_SECONDS)
            if isinstance(response, Continuation):
                return True
            self._sort_out(response, ended, take, note)
        return False

    async def _read_until(
        self,
        tags: Sequence[str],
        ended: dict[str, Condition],
        take: Take | None,
        note: Note | None,
        skim: Skim | None,
    ) -> None:
        for tag in tags:
            while tag not in ended:
                while skim is not None and (taken := skim(self._wire)):
                    self._hear(taken)
                    await asyncio.sleep(0)
                self._sort_out(await self.next(SILENCE_SECONDS), ended, take, note)

    def _sort_out(self, response: Response, ended: dict[str, Condition], take: Take | None, note: Note | None) -> None:
        if isinstance(response, Told):
            if take is not None:
                take(response)
        elif isinstance(response, Condition):
            if response.tag != "*":
                ended[response.tag] = response
            elif note is not None:
                note(response)

    async def converse(
        self, verb: str, first: bytes, answers: Sequence[bytes], *, take: Take | None = None
    ) -> Condition:
        """Carry out a command in which the server asks and we answer, each line in turn; ``*`` when we have no more.

        Raises:
            Unavailable: the server has gone.
            FolkmootError: the server says no.
        """
        self.broken = True
        tag = self._tag()
        self._show("imap command", f"{tag} {verb} ***")
        async with _patience():
            self.channel.write(tag.encode("ascii") + b" " + first + b"\r\n")
            pending = list(answers)
            cancelled = False
            while True:
                response = await self.next(SILENCE_SECONDS)
                if isinstance(response, Continuation):
                    if cancelled:
                        raise Unavailable("the mail server goes on asking while signing in")
                    cancelled = not pending
                    self.channel.write((pending.pop(0) if pending else b"*") + b"\r\n")
                elif isinstance(response, Told):
                    if take is not None:
                        take(response)
                elif response.tag == tag:
                    break
        self.broken = False
        return check(verb, response)

    async def next(self, seconds: float) -> Response:
        """Return the next response of any kind.

        Raises:
            Unavailable: the server has gone, says goodbye, or does not speak IMAP.
        """
        try:
            response: Response | None = None
            while response is None:
                segments = self._wire.frame()
                if segments is None:
                    self._wire.feed(await self.channel.read(seconds))
                elif len(segments[0]) > LONG_LINE:
                    response = await asyncio.to_thread(response_of, segments)
                else:
                    response = response_of(segments)
        except MalformedInput as error:
            self.broken = True
            raise Unavailable(f"the mail server cannot be understood: {error}") from error
        except Unavailable as error:
            self.broken = True
            if self._bye is not None:
                raise _goodbye(self._bye) from error
            raise
        self._hear(1)
        if self._heard % TURN == 0:
            await asyncio.sleep(0)
        if isinstance(response, Condition):
            code = f" [{response.code.name}]" if response.code else ""
            self._show("imap answer", f"{response.tag} {response.status}{code} {response.text}")
            if response.status == "BYE":
                self._bye = response  # what is tagged may still come: to LOGOUT, or to a LOGIN that is refused
        return response

    def _hear(self, responses: int) -> None:
        self._heard += responses
        if self._heard > RESPONSES_MAX:
            self.broken = True
            raise Unavailable("the mail server does not stop answering")

    def begin(self, line: bytes) -> str:
        """Send a command whose answers the caller reads with ``next``; return its tag."""
        self.broken = True
        self._heard = 0
        tag = self._tag()
        self.channel.write(tag.encode("ascii") + b" " + line + b"\r\n")
        return tag

    def say(self, line: bytes) -> None:
        """Send a line within a command."""
        self.channel.write(line + b"\r\n")

    def forget(self) -> None:
        """Begin to read anew: nothing that came before TLS counts after it.

        Raises:
            Unavailable: something did come after the server's agreement.
        """
        if self._wire.pending:
            self.close()
            raise Unavailable("the mail server said something between its agreement to TLS and TLS")
        self._wire = Wire(literal_max=self._literal_max)

    def retire(self) -> None:
        """Let no further task have the connection."""
        self._retired = True

    @property
    def usable(self) -> bool:
        """Whether another command may be sent."""
        return not (self.broken or self._retired or self.channel.ended or self._bye is not None)

    def close(self) -> None:
        """Hang up at once."""
        self.broken = True
        self.channel.close()

    def _tag(self) -> str:
        self._count += 1
        return f"f{self._count}"

    def _show(self, event: str, line: bytes | str) -> None:
        if self._transcript:
            text = line if isinstance(line, str) else line.partition(b"\r\n")[0].decode("utf-8", "replace")
            _log.info(event, line=text[:LINE_SHOWN].strip())


def check(verb: str, ended: Condition) -> Condition:
    """Return how a command ended, if well.

    Raises:
        FolkmootError: the server says no; by meaning.
    """
    if ended.status != "OK":
        raise refusal_of(verb, ended)
    return ended


def _goodbye(bye: Condition) -> FolkmootError:
    refusal = refusal_of("BYE", bye)
    return refusal if isinstance(refusal, Unavailable) else Unavailable(header_text(bye.text))


@asynccontextmanager
async def _patience() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(COMMAND_SECONDS):
            yield
    except TimeoutError as error:
        raise Unavailable("the mail server does not come to an end") from error
