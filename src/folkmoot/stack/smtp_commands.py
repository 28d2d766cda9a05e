"""What an SMTP client sends: envelope commands and messages (RFC 5321 section 4.1)."""

import asyncio
import re
from typing import Final

from folkmoot.core.errors import FolkmootError, MalformedInput, TooLarge
from folkmoot.mail.addresses import mailbox

OPTIONS_MAX: Final = 10
LINE_MAX: Final = 12_288  # octets of a command: AUTH may have this many (RFC 4954 section 4)
PIECE: Final = 64 * 1024  # octets read at once
CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f]")  # in no command (RFC 5321 section 4.1.2)
_PATH: Final = re.compile(r"(?P<verb>FROM|TO):\s*<(?P<path>[^<>]*)>(?P<options>(?:\s+\S+)*)", re.IGNORECASE)
_HEXADECIMAL: Final = re.compile(rb"\+([0-9A-F]{2})")
_END: Final = b"\r\n.\r\n"


class Bare(FolkmootError):
    """A line of the message ends otherwise than by CRLF: two servers could disagree about where the message ends."""


def address_of(text: str, verb: str) -> tuple[str, dict[str, str]]:
    """Parse what follows MAIL or RCPT: the address, "" for nobody, and the options, their names in upper case.

    Raises:
        MalformedInput: it is not that.
    """
    match = _PATH.fullmatch(text)
    if match is None or match["verb"].upper() != verb:
        raise MalformedInput(f"expected {verb}:<address>")
    words = match["options"].split()
    if len(words) > OPTIONS_MAX:
        raise MalformedInput("too many options")
    options = {name.upper(): value for name, _, value in (word.partition("=") for word in words)}
    path = match["path"]
    if not path and verb == "FROM":
        return "", options
    return mailbox(path), options


def from_xtext(text: str) -> str:
    """Return what a parameter's value stands for (RFC 3461 section 4).

    Raises:
        MalformedInput: it stands for nothing.
    """
    octets = _HEXADECIMAL.sub(lambda found: bytes([int(found[1], 16)]), text.encode())
    try:
        return octets.decode()
    except UnicodeDecodeError as error:
        raise MalformedInput("a parameter that is not UTF-8") from error


class Overfull(FolkmootError):
    """Too many large messages come in at the same time."""


class Room:
    """How many octets of messages that come in are held at once, by all connections together."""

    def __init__(self, octets_max: int) -> None:
        self._left = octets_max

    def take(self, octets: int) -> bool:
        """Take some, if there are as many left."""
        if octets > self._left:
            return False
        self._left -= octets
        return True

    def give_back(self, octets: int) -> None:
        """Give back what was taken."""
        self._left += octets


class SmtpReader:
    """Reads commands and messages from a client that may send them in pieces of any size."""

    def __init__(self, reader: asyncio.StreamReader, room: Room) -> None:
        self._reader = reader
        self._room = room
        self._buffer = b""
        self._taken = 0

    async def line(self) -> str:
        """Return a command without its end.

        Raises:
            EOFError: the client left.
            TooLarge: it is longer than ``LINE_MAX``.
        """
        while b"\n" not in self._buffer:
            if len(self._buffer) > LINE_MAX:
                raise TooLarge("a line that is too long")
            self._buffer += await self._piece()
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.decode("utf-8", "replace").rstrip("\r")

    async def message(self, octets_max: int) -> bytes:
        """Return a message up to its final dot; what is refused is read to its end all the same.

        Its room stays taken until ``forget``.

        Raises:
            TooLarge: it is longer than ``octets_max``.
            Overfull: there is no room for it now.
            Bare: a CR or LF stands alone in it.
            EOFError: the client left.
        """
        read = bytearray(b"\r\n")  # the end of the line before, so that a dot at once is found as any other
        piece, self._buffer = self._buffer, b""
        refusal: FolkmootError | None = None
        while True:
            searched = max(0, len(read) - len(_END) + 1)
            read += piece
            end = read.find(_END, searched)
            if end >= 0:
                break
            if refusal is None:
                refusal = self._refusal(len(read), octets_max, len(piece))
            if refusal is not None:
                self.forget()
                del read[: -len(_END)]
            piece = await self._piece()
        self._buffer = bytes(read[end + len(_END) :])
        refusal = refusal or self._refusal(end, octets_max, len(piece))
        if refusal is not None:
            raise refusal
        message = bytes(read[: end + 2])
        if not message.count(b"\r\n") == message.count(b"\n") == message.count(b"\r"):
            raise Bare("a line does not end with CR and LF")
        return message.replace(b"\r\n.", b"\r\n")[2:]  # RFC 5321 section 4.5.2

    def forget(self) -> None:
        """Give back the room of what was read."""
        self._room.give_back(self._taken)
        self._taken = 0

    def _refusal(self, octets: int, octets_max: int, more: int) -> FolkmootError | None:
        if octets > octets_max + len(_END):
            return TooLarge(f"a message has at most {octets_max} octets")
        if not self._room.take(more):
            return Overfull("too many large messages at once")
        self._taken += more
        return None

    async def _piece(self) -> bytes:
        piece = await self._reader.read(PIECE)
        if not piece:
            raise EOFError
        return piece
