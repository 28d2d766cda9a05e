"""Which messages of a mailbox belong to which conversation, and when they came: 28 octets a message.

A conversation is the first half of ``summaries.thread_id_of`` as a number: made of a message's own header, it is the
same in all mailboxes and never changes.
"""

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import compress, islice
from operator import lt, ne, not_
from typing import TYPE_CHECKING, Final, TypeAlias

from folkmoot.mailboxes.summaries import THREAD_OCTETS, thread_id_of
from folkmoot.mailboxes.values import MessageRef
from folkmoot.mailboxes.vectors import Vector, vector
from folkmoot.mime.headers import message_ids, parse_headers

if TYPE_CHECKING:
    Roots: TypeAlias = array[int]
else:
    Roots = array

FIELDS: Final = "HEADER.FIELDS (REFERENCES IN-REPLY-TO MESSAGE-ID)"
_NAMES: Final = ("references", "in-reply-to", "message-id")
FEW: Final = 200  # new messages that are put in their places, each with a copy of some hundred kilobytes
MANY_PART: Final = 16  # of how many parts of all messages one is better looked for in all
_ROOT_OCTETS: Final = 8
_ROOT_DIGITS: Final = 2 * _ROOT_OCTETS
_LATEST: Final = 2**32 - 1  # seconds since 1970 that are kept
# What nearly all messages are like: ids in angle brackets, nothing but blanks before the first.
_FIRST_REFERENCE: Final = re.compile(rb"(?:\A|\n)references[ \t]*:[\s]*<([^<>\s]{1,998})>", re.IGNORECASE)
_ONLY_ID: Final = re.compile(rb"\s*message-id[ \t]*:\s*<([^<>\s]{1,998})>\s*\Z", re.IGNORECASE)


class Placed:
    """A message as the index takes it."""

    __slots__ = ("received", "root", "uid")

    def __init__(self, uid: int, root: int, received: int) -> None:
        self.uid = uid
        self.root = root
        self.received = received  # seconds since 1970


class Placing:
    """Takes messages of one mailbox as they are told, in any order, and more than once."""

    __slots__ = ("_mailbox", "_received", "_roots", "_uid_validity", "_uids")

    def __init__(self, mailbox: str, uid_validity: int) -> None:
        self._mailbox = mailbox
        self._uid_validity = uid_validity
        self._uids = vector()
        self._roots: Roots = array("Q")
        self._received = vector()

    def take(self, uid: int, received: int | None, octets: bytes) -> None:
        """Take a message: when it came, and its header fields ``FIELDS``."""
        root = _simple_root(octets)
        if root is None:
            root = root_of(octets, MessageRef(self._mailbox, self._uid_validity, uid))
        self._uids.append(uid)
        self._roots.append(root)
        self._received.append(min(max(received or 0, 0), _LATEST))

    def messages(self) -> list[Placed]:
        """Return what was taken, ascending by UID, each message once."""
        by_uid = dict(zip(self._uids, map(Placed, self._uids, self._roots, self._received), strict=True))
        return [by_uid[uid] for uid in sorted(by_uid)]

    def index(self) -> "ThreadIndex":
        """Return the index of what was taken."""
        uids = self._uids
        if all(map(lt, uids, islice(uids, 1, None))):  # as servers tell them
            return ThreadIndex(uids, self._roots, self._received)
        return ThreadIndex.of(self.messages())


def root_of(octets: bytes, ref: MessageRef) -> int:
    """Return the number of a message's conversation, by its header fields ``FIELDS``."""
    simple = _simple_root(octets)
    if simple is not None:
        return simple
    headers = parse_headers(octets)
    references, in_reply_to, own = (message_ids(headers.get(name) or b"") for name in _NAMES)
    return root_of_digest(thread_id_of(references, in_reply_to, own, ref))


def _simple_root(octets: bytes) -> int | None:
    found = _ONLY_ID.match(octets) or _FIRST_REFERENCE.search(octets)
    if found is None or not found[1].isascii():
        return None
    digest = blake2b(b"<%b>" % found[1], digest_size=THREAD_OCTETS).digest()
    return int.from_bytes(digest[:_ROOT_OCTETS], "big")


def root_of_digest(digest: str) -> int:
    """Return the number of a conversation by what summaries call it."""
    return int(digest[:_ROOT_DIGITS], 16)


class ThreadIndex:
    """The conversations of a mailbox; values, of which corrected ones are made."""

    __slots__ = ("_by_root", "_counted", "_received", "_roots", "_sorted_roots", "_uids", "threads")

    def __init__(
        self, uids: Vector, roots: Roots, received: Vector, *, by_root: tuple[Vector, Roots] | None = None
    ) -> None:
        """Take three vectors of the same messages, ascending by UID.

        Args:
            uids: of the messages.
            roots: their conversations.
            received: when they came.
            by_root: places in these vectors, ascending by conversation, and the conversations there, if known.
        """
        self._uids = uids
        self._roots = roots
        self._received = received
        if by_root is None:
            places = array("I", sorted(range(len(roots)), key=roots.__getitem__))
            by_root = places, array("Q", map(roots.__getitem__, places))
        self._by_root, self._sorted_roots = by_root
        self._counted: tuple[Vector, Vector, tuple[int, int]] | None = None
        self.threads = _runs(self._sorted_roots)

    @classmethod
    def of(cls, messages: Iterable[Placed]) -> "ThreadIndex":
        """Make the index of some messages."""
        return cls(*_vectors(sorted(messages, key=lambda one: one.uid)))

    def __len__(self) -> int:
        return len(self._uids)

    @property
    def octets(self) -> int:
        """How much memory this takes."""
        held = (self._uids, self._roots, self._received, self._by_root, self._sorted_roots)
        return sum(len(one) * one.itemsize for one in held)

    def root(self, uid: int) -> int | None:
        """Return the conversation of a message, None if it is not known."""
        at = self._at(uid)
        return None if at is None else self._roots[at]

    def received(self, uid: int) -> int:
        """Return when a message came, in seconds since 1970; 0 if it is not known."""
        at = self._at(uid)
        return 0 if at is None else self._received[at]

    def messages(self, root: int) -> Iterator[tuple[int, int]]:
        """Yield moment and UID of each message of a conversation."""
        at = bisect_left(self._sorted_roots, root)
        while at < len(self._sorted_roots) and self._sorted_roots[at] == root:
            place = self._by_root[at]
            yield self._received[place], self._uids[place]
            at += 1

    def moments(self, members: Container[int] | None = None) -> list[tuple[int, int]]:
        """Return moment and UID of all messages, or of some."""
        pairs = zip(self._received, self._uids, strict=True)
        return list(pairs) if members is None else [pair for pair in pairs if pair[1] in members]

    def received_within(self, low: int, high: int) -> frozenset[int]:
        """Return the messages that came at a moment or later, and before another."""
        return frozenset(uid for moment, uid in zip(self._received, self._uids, strict=True) if low <= moment < high)

    def firsts(self, order: Iterable[int]) -> Vector:
        """Return of each conversation the message that comes first in an order (RFC 8621 section 4.4.3)."""
        roots = dict(zip(self._uids, self._roots, strict=True))
        seen: set[int] = set()
        found = vector()
        for uid in order:
            root = roots.get(uid)
            if root is None:
                found.append(uid)
            elif root not in seen:
                seen.add(root)
                found.append(uid)
        return found

    def roots_of(self, uids: Collection[int]) -> frozenset[int]:
        """Return the conversations of some messages."""
        if len(uids) > len(self) // MANY_PART:
            return frozenset(compress(self._roots, map(frozenset(uids).__contains__, self._uids)))
        return frozenset(root for root in map(self.root, uids) if root is not None)

    def roots_beside(self, uids: Container[int]) -> frozenset[int]:
        """Return the conversations of all messages but some."""
        return frozenset(compress(self._roots, map(not_, map(uids.__contains__, self._uids))))

    def belonging(self, roots: Container[int]) -> frozenset[int]:
        """Return the messages of some conversations."""
        return frozenset(compress(self._uids, map(roots.__contains__, self._roots)))

    def counts(self, unseen: Vector, deleted: Vector) -> tuple[int, int]:
        """Return how many conversations there are, and how many of them have unseen messages.

        What is marked as deleted is left out.  The same vectors again cost nothing.
        """
        known = self._counted
        if known is not None and known[0] is unseen and known[1] is deleted:
            return known[2]
        gone = frozenset(deleted)
        shown = len(self.roots_beside(gone)) if gone else self.threads
        told = shown, len(self.roots_of(frozenset(unseen) - gone))
        self._counted = unseen, deleted, told
        return told

    def with_(self, more: Sequence[Placed]) -> "ThreadIndex":
        """Return the index with more messages in it, each once."""
        new = [one for one in sorted(more, key=lambda one: one.uid) if self._at(one.uid) is None]
        if not new:
            return self
        if self._uids and new[0].uid < self._uids[-1]:
            return ThreadIndex.of([*self._all(), *new])
        uids, roots, received = _vectors(new)
        if len(new) > FEW:
            return ThreadIndex(self._uids + uids, self._roots + roots, self._received + received)
        return self._appended(uids, roots, received)

    def _appended(self, uids: Vector, roots: Roots, received: Vector) -> "ThreadIndex":
        by_root, sorted_roots = self._by_root[:], self._sorted_roots[:]
        for place, root in enumerate(roots, len(self._uids)):
            at = bisect_right(sorted_roots, root)
            sorted_roots.insert(at, root)
            by_root.insert(at, place)
        known = by_root, sorted_roots
        return ThreadIndex(self._uids + uids, self._roots + roots, self._received + received, by_root=known)

    def without(self, other: "ThreadIndex") -> list[int]:
        """Return the UIDs that another index lacks."""
        return [uid for uid in self._uids if other.root(uid) is None]

    def only(self, present: Container[int]) -> "ThreadIndex":
        """Return the index of those messages that are still there."""
        return ThreadIndex.of(one for one in self._all() if one.uid in present)

    def _all(self) -> Iterator[Placed]:
        return map(Placed, self._uids, self._roots, self._received)

    def _at(self, uid: int) -> int | None:
        at = bisect_left(self._uids, uid)
        return at if at < len(self._uids) and self._uids[at] == uid else None


def _runs(ascending: Roots) -> int:
    changes: Iterator[bool] = map(ne, ascending, islice(ascending, 1, None))
    return sum(changes) + bool(ascending)


def _vectors(ordered: Sequence[Placed]) -> tuple[Vector, Roots, Vector]:
    roots: Roots = array("Q", (one.root for one in ordered))
    return vector(one.uid for one in ordered), roots, vector(one.received for one in ordered)
