r"""What SEARCH looks for (RFC 9051 section 6.4.4), as a small algebra.

``seen = flag("\Seen"); recent = and_(not_(seen), since(day))``.  Texts may hold anything but NUL: they are written
as strings or literals, never as commands.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from folkmoot.core.errors import MalformedInput
from folkmoot.mail.imap.commands import Piece, astring, flag_list, string
from folkmoot.mail.imap.sequence_sets import NUMBER_MAX, read_spans, spans_of

TERMS_MAX: Final = 500  # in one search; servers bound them too
DEPTH_MAX: Final = 50  # criteria in criteria; nobody types more
SET_MAX: Final = 1_000_000  # octets of one set of UIDs
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SYSTEM: Final = {"\\seen": "SEEN", "\\answered": "ANSWERED", "\\flagged": "FLAGGED", "\\deleted": "DELETED"} | {
    "\\draft": "DRAFT",
    "\\recent": "RECENT",
}
_FIELD: Final = re.compile(r"[!-9;-~]{1,200}")


@dataclass(frozen=True, slots=True)
class Criterion:
    """A condition that messages fulfil or not."""

    pieces: tuple[Piece, ...]
    wide: bool = False  # holds text beyond ASCII: CHARSET must be said
    terms: int = 1
    depth: int = 1


def all_() -> Criterion:
    """Every message."""
    return Criterion((b"ALL",))


def and_(*criteria: Criterion) -> Criterion:
    """All of them; none at all is every message.

    Raises:
        MalformedInput: more than servers take.
    """
    if not criteria:
        return all_()
    if len(criteria) == 1:
        return criteria[0]
    pieces: list[Piece] = [b"("]
    for index, criterion in enumerate(criteria):
        if index:
            pieces.append(b" ")
        pieces.extend(criterion.pieces)
    pieces.append(b")")
    return _joined(pieces, criteria)


def or_(*criteria: Criterion) -> Criterion:
    """One of them at least; none at all is no message.

    Raises:
        MalformedInput: more than servers take.
    """
    if not criteria:
        return not_(all_())
    level = list(criteria)
    while len(level) > 1:  # as a balanced tree: OR takes two
        paired = [_either(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            paired.append(level[-1])
        level = paired
    return level[0]


def not_(criterion: Criterion) -> Criterion:
    """Those that do not fulfil it."""
    return _joined([b"NOT ", *criterion.pieces], [criterion])


def flag(name: str) -> Criterion:
    r"""Messages with a flag (``\Seen``) or keyword.

    Raises:
        MalformedInput: not a flag.
    """
    system = _SYSTEM.get(name.lower())
    if system is not None:
        return Criterion((system.encode("ascii"),))
    if name.startswith("\\"):
        raise MalformedInput(f"not a flag that can be searched for: {name[:80]!r}")
    return Criterion((b"KEYWORD " + flag_list([name])[1:-1],))


def header(name: str, text: str = "") -> Criterion:
    """Messages with a header field that holds a text, in any case; an empty text: that have the field.

    Raises:
        MalformedInput: not the name of a field.
    """
    if not _FIELD.fullmatch(name):
        raise MalformedInput(f"not the name of a header field: {name[:80]!r}")
    short = name.upper()
    if text and short in {"FROM", "TO", "CC", "BCC", "SUBJECT"}:
        return _text(short.encode("ascii"), text)
    field = astring(name.encode("ascii"))
    return _text([b"HEADER ", field], text)


def text(words: str) -> Criterion:
    """Messages that hold a text in header or body."""
    return _text(b"TEXT", words)


def body(words: str) -> Criterion:
    """Messages that hold a text in the body."""
    return _text(b"BODY", words)


def since(day: date) -> Criterion:
    """Messages received that day or later, on the server's clock."""
    return Criterion((b"SINCE " + _day(day),))


def before(day: date) -> Criterion:
    """Messages received before that day, on the server's clock."""
    return Criterion((b"BEFORE " + _day(day),))


def sent_since(day: date) -> Criterion:
    """Messages whose Date is that day or later."""
    return Criterion((b"SENTSINCE " + _day(day),))


def sent_before(day: date) -> Criterion:
    """Messages whose Date is before that day."""
    return Criterion((b"SENTBEFORE " + _day(day),))


def larger(octets: int) -> Criterion:
    """Messages of more octets than that."""
    return Criterion((b"LARGER %d" % _number(octets),))


def smaller(octets: int) -> Criterion:
    """Messages of fewer octets than that."""
    return Criterion((b"SMALLER %d" % _number(octets),))


def uids(which: Iterable[int] | str) -> Criterion:
    """Messages of these UIDs, or of a set as IMAP writes it (``7:*``).

    Raises:
        MalformedInput: not UIDs, or too many pieces of them.
    """
    if isinstance(which, str):
        read_spans(which)
        written = which
    else:
        written = ",".join(str(low) if low == high else f"{low}:{high}" for low, high in spans_of(which))
        if not written:
            return not_(all_())
    if len(written) > SET_MAX:
        raise MalformedInput("a search of too many messages")
    return Criterion((b"UID " + written.encode("ascii"),))


def modseq(least: int) -> Criterion:
    """Messages changed at this modseq or later; the server must keep these (RFC 7162 section 3.1.5)."""
    return Criterion((b"MODSEQ %d" % max(0, min(least, 2**63 - 1)),))


def younger(seconds: int) -> Criterion:
    """Messages received within this time; the server must know WITHIN (RFC 5032)."""
    return Criterion((b"YOUNGER %d" % max(1, _number(seconds)),))


def _either(one: Criterion, other: Criterion) -> Criterion:
    return _joined([b"OR ", *one.pieces, b" ", *other.pieces], [one, other])


def _joined(pieces: list[Piece], criteria: Iterable[Criterion]) -> Criterion:
    parts = list(criteria)
    terms = sum(part.terms for part in parts)
    depth = 1 + max(part.depth for part in parts)
    if terms > TERMS_MAX or depth > DEPTH_MAX:
        raise MalformedInput("a search of too many conditions")
    return Criterion(tuple(pieces), wide=any(part.wide for part in parts), terms=terms, depth=depth)


def _text(key: bytes | list[Piece], words: str) -> Criterion:
    octets = words.encode("utf-8", "replace")
    head: list[Piece] = [key] if isinstance(key, bytes) else key
    return Criterion((*head, b" ", string(octets)), wide=not words.isascii())


def _day(day: date) -> bytes:
    return f"{day.day}-{_MONTHS[day.month - 1]}-{day.year:04}".encode("ascii")


def _number(number: int) -> int:
    return max(0, min(number, NUMBER_MAX))
