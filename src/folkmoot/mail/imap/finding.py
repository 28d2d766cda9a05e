"""SEARCH, SORT and THREAD (RFC 9051 section 6.4.4, RFC 5256), and what to do where a server lacks the latter two."""

import asyncio
import re
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from folkmoot.core.errors import MalformedInput, Unavailable
from folkmoot.mail.imap.commands import Piece
from folkmoot.mail.imap.criteria import Criterion
from folkmoot.mail.imap.fetching import fetch
from folkmoot.mail.imap.ordering import ITEMS, ordered
from folkmoot.mail.imap.references import HEADER_ITEM, threads_of
from folkmoot.mail.imap.responses import read_esearch, read_numbers, read_set
from folkmoot.mail.imap.sequence_sets import EXPANDED_MAX
from folkmoot.mail.imap.session import Session
from folkmoot.mail.imap.trees import read_conversations, read_threads, uids_of
from folkmoot.mail.imap.values import Thread, Uids
from folkmoot.mail.imap.wire import Told, Value

T = TypeVar("T")

MANY: Final = 2_000  # numbers; they take some 2 ms
KEYS_MAX: Final = 10  # of one SORT
_KEY: Final = re.compile(r"(?:REVERSE )?(ARRIVAL|CC|DATE|FROM|SIZE|SUBJECT|TO|DISPLAYFROM|DISPLAYTO)", re.IGNORECASE)


async def search(session: Session, criterion: Criterion) -> Uids:
    """Return the UIDs of messages that fulfil a criterion, ascending."""
    answers: list[Told] = []

    def take(told: Told) -> None:
        if told.name in {"SEARCH", "ESEARCH"}:
            answers.append(told)

    head = b"UID SEARCH "
    if session.can("ESEARCH", "IMAP4REV2"):
        head += b"RETURN (ALL) "
    await session.run("SEARCH", head, *_charset(session, criterion), *criterion.pieces, take=take)
    return await _beside(lambda: sorted(_all_found(answers)), _values(answers))


async def sort(session: Session, keys: Sequence[str], criterion: Criterion, *, charset: str = "UTF-8") -> Uids:
    """Return the UIDs of messages that fulfil a criterion, in an order; see ``Connection.sort``."""
    kinds = []
    for key in keys:
        match = _KEY.fullmatch(key)
        if match is None:
            raise MalformedInput(f"not an order of messages: {key[:40]!r}")
        kinds.append(match[1].upper())
    if not kinds or len(kinds) > KEYS_MAX:
        raise MalformedInput(f"an order has 1 to {KEYS_MAX} keys")
    displayed = any(kind.startswith("DISPLAY") for kind in kinds)
    if not session.can("SORT") or (displayed and not session.can("SORT=DISPLAY")):
        uids = await search(session, criterion)
        return await asyncio.to_thread(ordered, keys, await fetch(session, uids, ITEMS) if uids else [])
    answers: list[Told] = []

    def take(told: Told) -> None:
        if told.name == "SORT":
            answers.append(told)

    head = f"UID SORT ({' '.join(keys)}) {_label(session, charset)} ".encode("ascii")
    await session.run("SORT", head, *criterion.pieces, take=take)
    return await _beside(lambda: [number for told in answers for number in read_numbers(told.values)], _values(answers))


async def thread(session: Session, criterion: Criterion) -> list[Thread]:
    """Return conversations; see ``Connection.thread``."""
    algorithm = next((name for name in ("REFERENCES", "REFS") if session.can(f"THREAD={name}")), "")
    if not algorithm:
        return await _threads_from_headers(session, criterion)
    told = await _told(session, algorithm, criterion)
    return await _beside(lambda: [one for values in told for one in read_threads(values)], told)


async def conversations(session: Session, criterion: Criterion) -> list[list[int]]:
    """Return the UIDs of each conversation; see ``Connection.conversations``."""
    algorithm = next((name for name in ("REFS", "REFERENCES") if session.can(f"THREAD={name}")), "")
    if not algorithm:
        return [uids_of(one) for one in await _threads_from_headers(session, criterion)]
    told = await _told(session, algorithm, criterion)
    return await _beside(lambda: [uids for values in told for uids in read_conversations(values)], told)


async def _told(session: Session, algorithm: str, criterion: Criterion) -> list[list[Value]]:
    found: list[list[Value]] = []

    def take(told: Told) -> None:
        if told.name == "THREAD":
            found.append(told.values)

    head = f"UID THREAD {algorithm} {_label(session, 'UTF-8')} ".encode("ascii")
    await session.run("THREAD", head, *criterion.pieces, take=take)
    return found


async def _threads_from_headers(session: Session, criterion: Criterion) -> list[Thread]:
    uids = await search(session, criterion)
    messages = await fetch(session, uids, ["ENVELOPE", "INTERNALDATE", HEADER_ITEM]) if uids else []
    return await asyncio.to_thread(threads_of, messages)


def _values(answers: Sequence[Told]) -> list[list[Value]]:
    return [told.values for told in answers]


def _all_found(answers: Sequence[Told]) -> list[int]:
    numbers: list[int] = []
    for told in answers:
        numbers.extend(_found(told))
        if len(numbers) > EXPANDED_MAX:  # a few octets say millions, and may be said again and again
            raise Unavailable("the mail server finds more messages than a mailbox holds")
    return numbers


def _found(told: Told) -> Uids:
    if told.name == "SEARCH":
        return read_numbers(told.values)
    return read_set(read_esearch(told.values)[1].get("ALL"))


async def _beside(work: Callable[[], list[T]], answers: Sequence[Sequence[Value]]) -> list[T]:
    """Do work on what was answered, beside the loop if it is much."""
    values = [value for many in answers for value in many]
    much = len(values) > MANY or any(isinstance(value, str | bytes) and len(value) > 4 * MANY for value in values)
    return await asyncio.to_thread(work) if much else work()


def _charset(session: Session, criterion: Criterion) -> list[Piece]:
    # RFC 6855 section 3: not to be said where UTF-8 was agreed upon.
    return [b"CHARSET UTF-8 "] if criterion.wide and not session.utf8 else []


def _label(session: Session, charset: str) -> str:
    if session.utf8 or not re.fullmatch(r"[A-Za-z0-9_:.\-]{1,40}", charset):
        return "UTF-8"
    return charset
