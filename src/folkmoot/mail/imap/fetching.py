"""FETCH, and parts of messages in pieces (RFC 9051 section 6.4.5): only what leaves no trace."""

import re
from collections.abc import AsyncIterator, Sequence
from typing import Final

from folkmoot.core.errors import MalformedInput, NotFound, TooLarge, Unsupported
from folkmoot.mail.imap.commands import Piece
from folkmoot.mail.imap.responses import merge, read_fetch, read_set, section_of
from folkmoot.mail.imap.sequence_sets import Membership, read_spans, write_sets
from folkmoot.mail.imap.session import Session
from folkmoot.mail.imap.values import Changes, Fetched, Uids
from folkmoot.mail.imap.wire import Told

PIECE_OCTETS: Final = 512 * 1024  # asked for at a time: most parts come at once, no huge one fills the memory
ITEMS_MAX: Final = 100  # in one FETCH
_PLAIN: Final = re.compile(
    r"UID|FLAGS|ENVELOPE|BODYSTRUCTURE|RFC822\.SIZE|INTERNALDATE|MODSEQ|EMAILID|THREADID|SAVEDATE|PREVIEW|X-GM-[A-Z]+",
    re.IGNORECASE,
)
_FIELDS: Final = r"[!#$&'*+,./0-9:;<=>?@A-Z^_`a-z|~\-]{1,200}"
_SECTION: Final = re.compile(
    rf"(?:[1-9][0-9]{{0,8}}(?:\.[1-9][0-9]{{0,8}}){{0,150}}(?:\.(?:MIME|HEADER|TEXT|HEADER\.FIELDS(?:\.NOT)?"
    rf" \({_FIELDS}(?: {_FIELDS}){{0,100}}\)))?|HEADER|TEXT|HEADER\.FIELDS(?:\.NOT)?"
    rf" \({_FIELDS}(?: {_FIELDS}){{0,100}}\))?",
    re.IGNORECASE,
)
_PEEKING: Final = re.compile(
    r"(BODY\.PEEK|BINARY\.PEEK|BINARY\.SIZE)\[(.*)\](?:<[0-9]{1,10}\.[0-9]{1,10}>)?", re.IGNORECASE
)


def check_section(section: str) -> str:
    """Return a section, if it is one: ``1.2``, ``HEADER``, ``2.MIME``, "" for the whole message.

    Raises:
        MalformedInput: it is not.
    """
    if not _SECTION.fullmatch(section):
        raise MalformedInput(f"not a section of a message: {section[:80]!r}")
    return section


def _check_item(item: str) -> bytes:
    peeking = _PEEKING.fullmatch(item)
    if peeking is not None:
        check_section(peeking[2])
    elif not _PLAIN.fullmatch(item):
        raise MalformedInput(f"not a peeking item of FETCH: {item[:80]!r}")
    return item.encode("ascii")


async def fetch(
    session: Session, uids: Uids | str, items: Sequence[str], *, changed_since: int | None = None
) -> list[Fetched]:
    """Fetch items of messages; see ``Connection.fetch``."""
    return await _fetch(session, uids, items, changed_since, None)


async def changes(session: Session, modseq: int, uids: str) -> Changes:
    """Return which flags have changed and which messages vanished; see ``Connection.changes``."""
    if "QRESYNC" not in session.enabled:
        raise Unsupported("the mail server lacks QRESYNC")
    vanished: list[int] = []
    changed = await _fetch(session, uids, ["FLAGS"], modseq, vanished)
    return Changes(changed, tuple(vanished))


async def _fetch(
    session: Session, uids: Uids | str, items: Sequence[str], changed_since: int | None, vanished: list[int] | None
) -> list[Fetched]:
    if not items or len(items) > ITEMS_MAX:
        raise MalformedInput(f"FETCH takes 1 to {ITEMS_MAX} items")
    asked = b" ".join(map(_check_item, items))
    if isinstance(uids, str):
        read_spans(uids)
        sets = [uids]
    else:
        sets = list(write_sets(uids))
    tail = b""
    if changed_since is not None:
        session.need("CONDSTORE", "QRESYNC")
        earlier = b"" if vanished is None else b" VANISHED"
        tail = b" (CHANGEDSINCE %d%s)" % (max(0, changed_since), earlier)
    wanted = Membership(uids)
    found: dict[int, Fetched] = {}

    def take(told: Told) -> None:
        if told.name == "FETCH":
            one = read_fetch(told.values)
            if not one.uid or one.uid not in wanted:
                session.stale = True
                return
            before = found.get(one.uid)
            found[one.uid] = one if before is None else merge(before, one)
        elif told.name == "VANISHED" and told.values and vanished is not None:
            vanished.extend(read_set(told.values[-1]))

    commands: list[list[Piece]] = [[b"UID FETCH %s (%s)%s" % (one.encode("ascii"), asked, tail)] for one in sets]
    if len(commands) == 1:
        await session.run("FETCH", *commands[0], take=take)
    else:
        await session.run_each("FETCH", commands, take=take)
    return list(found.values())


async def fetch_part(session: Session, uid: int, section: str, *, limit: int) -> bytes:
    """Return a section's octets, encoded as they are; see ``Connection.fetch_part``."""
    pieces: list[bytes] = []
    size = 0
    async for piece in stream(session, uid, section):
        size += len(piece)
        if size > limit:
            raise TooLarge(f"the part is larger than {limit} octets")
        pieces.append(piece)
    return b"".join(pieces)


async def stream(session: Session, uid: int, section: str) -> AsyncIterator[bytes]:
    """Yield a section's octets in pieces; see ``Connection.stream``."""
    check_section(section)
    offset = 0
    while True:
        item = f"BODY.PEEK[{section}]<{offset}.{PIECE_OCTETS}>"
        found = await fetch(session, [uid], [item])
        piece = found[0].sections.get(section_of(item)) if found else None
        if piece is None:
            raise NotFound("the message is gone" if not found else "the message has no such part")
        if piece:
            yield piece
        if len(piece) != PIECE_OCTETS:  # fewer: the end; more: a server that knows no pieces
            return
        offset += len(piece)
