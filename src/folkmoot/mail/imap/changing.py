"""STORE, COPY, MOVE, APPEND and EXPUNGE (RFC 9051 sections 6.3.12, 6.4), and what to do where a server lacks some."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from folkmoot.core.errors import MalformedInput, TooLarge, Unsupported
from folkmoot.mail.imap.commands import Literal, Piece, flag_list
from folkmoot.mail.imap.criteria import Criterion, and_, flag, not_, uids
from folkmoot.mail.imap.dialogue import Note
from folkmoot.mail.imap.finding import search
from folkmoot.mail.imap.responses import merge, read_copied, read_fetch, read_set
from folkmoot.mail.imap.sequence_sets import write_sets
from folkmoot.mail.imap.session import Session
from folkmoot.mail.imap.structures import number_of
from folkmoot.mail.imap.values import Appended, Copied, Fetched, Stored
from folkmoot.mail.imap.wire import Condition, Told

FLAGS_MAX: Final = 100  # in one STORE or APPEND
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DELETED: Final = "\\Deleted"


async def store(
    session: Session, which: Iterable[int], flags: Sequence[str], how: bytes, *, unchanged_since: int | None = None
) -> Stored:
    """Change flags; ``how`` is ``+``, ``-`` or empty.  See ``Connection.store``."""
    if len(flags) > FLAGS_MAX:
        raise MalformedInput(f"more than {FLAGS_MAX} flags")
    condition = b""
    if unchanged_since is not None:
        session.need("CONDSTORE", "QRESYNC")
        condition = b" (UNCHANGEDSINCE %d)" % max(0, unchanged_since)
    written = flag_list(flags)
    commands: list[list[Piece]] = [
        [b"UID STORE %s%s %sFLAGS %s" % (one.encode("ascii"), condition, how, written)] for one in write_sets(which)
    ]
    changed: dict[int, Fetched] = {}
    refused: list[int] = []

    def take(told: Told) -> None:
        if told.name == "FETCH":
            one = read_fetch(told.values)
            if one.uid:
                changed[one.uid] = merge(changed[one.uid], one) if one.uid in changed else one

    session.stale = True  # its modseq grows
    for ended in await session.run_each("STORE", commands, take=take) if commands else ():
        code = ended.code
        if code is not None and code.name == "MODIFIED" and code.values:
            refused.extend(read_set(code.values[0]))
    for uid in refused:  # what a server told of those is what they are, not what was stored
        changed.pop(uid, None)
    return Stored(tuple(changed.values()), tuple(refused))


async def copy(session: Session, which: Iterable[int], target: str) -> Copied:
    """Copy messages; see ``Connection.copy``."""
    return await _transfer(session, "COPY", which, target)


async def move(session: Session, which: Iterable[int], target: str) -> Copied:
    """Move messages; see ``Connection.move``."""
    session.stale = True
    numbers = list(which)
    if session.can("MOVE", "IMAP4REV2"):
        return await _transfer(session, "MOVE", numbers, target)
    copied = await _transfer(session, "COPY", numbers, target)
    await store(session, numbers, [_DELETED], b"+")
    await expunge(session, numbers)
    return copied


async def _transfer(session: Session, verb: str, which: Iterable[int], target: str) -> Copied:
    name = session.spell(target)
    commands: list[list[Piece]] = [
        [b"UID %s %s " % (verb.encode("ascii"), one.encode("ascii")), name] for one in write_sets(which)
    ]
    told: list[Copied] = []
    if not commands:
        return Copied()
    if session.mailbox is not None and target == session.mailbox.name:
        session.stale = True
    for ended in await session.run_each(verb, commands, note=_copies(told)):
        _copies(told)(ended)
    return _together(told)


def _copies(told: list[Copied]) -> Note:
    def note(condition: Condition) -> None:
        copied = read_copied(condition.code)
        if copied.targets:
            told.append(copied)

    return note


def _together(told: Sequence[Copied]) -> Copied:
    if not told:
        return Copied()
    pairs = {s: t for one in told for s, t in zip(one.sources, one.targets, strict=True)}
    return Copied(told[-1].uid_validity, tuple(pairs), tuple(pairs.values()))


async def expunge(session: Session, which: Iterable[int]) -> None:
    r"""Remove those of these messages that are ``\Deleted``, and no others."""
    numbers = list(which)
    if not numbers:
        return
    session.stale = True
    if session.can("UIDPLUS", "IMAP4REV2"):
        await session.run_each("EXPUNGE", [[b"UID EXPUNGE " + one.encode("ascii")] for one in write_sets(numbers)])
        return
    others = await search(session, and_(flag(_DELETED), not_(_among(numbers))))
    if others:  # EXPUNGE takes all: the others are kept from it for a moment
        await store(session, others, [_DELETED], b"-")
    try:
        await session.run("EXPUNGE", b"EXPUNGE")
    finally:
        if others and session.dialogue.usable:
            await store(session, others, [_DELETED], b"+")


def _among(numbers: Iterable[int]) -> Criterion:
    return uids(numbers)


async def append(
    session: Session, name: str, message: bytes, *, flags: Sequence[str] = (), received: int | None = None
) -> Appended:
    """Store a message; see ``Connection.append``."""
    if len(flags) > FLAGS_MAX:
        raise MalformedInput(f"more than {FLAGS_MAX} flags")
    limit = _append_limit(session)
    if limit is not None and len(message) > limit:
        raise TooLarge(f"the mail server takes messages of up to {limit} octets")
    binary = b"\0" in message
    if binary and not session.can("BINARY", "IMAP4REV2"):
        raise Unsupported("the mail server takes no messages that hold NUL")
    pieces: list[Piece] = [b"APPEND ", session.spell(name), b" "]
    if flags:
        pieces.append(flag_list(flags) + b" ")
    if received is not None:
        pieces.append(b'"' + _date(received) + b'" ')
    if session.utf8:
        pieces += [b"UTF8 (", Literal(message, binary=True), b")"]
    else:
        pieces.append(Literal(message, binary=binary))
    if session.mailbox is not None and session.mailbox.name == name:
        session.stale = True
    ended = await session.run("APPEND", *pieces)
    code = ended.code
    if code is None or code.name != "APPENDUID" or len(code.values) < 2:  # noqa: PLR2004
        return Appended()
    return Appended(number_of(code.values[0]), number_of(code.values[1]) or None)


def _append_limit(session: Session) -> int | None:
    for word in session.capabilities:  # RFC 7889
        value = word.removeprefix("APPENDLIMIT=")
        if value != word and value.isascii() and value.isdigit():
            return int(value[:18])
    return None


def _date(seconds: int) -> bytes:
    try:
        when = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise MalformedInput(f"not a time: {seconds}") from error
    month = _MONTHS[when.month - 1]
    return f"{when.day:2}-{month}-{when.year:04} {when:%H:%M:%S} +0000".encode("ascii")
