"""Which messages of one mailbox belong together, in vectors: by UID, and by conversation."""

from array import array
from bisect import bisect_left
from collections.abc import Container, Iterable, Sequence
from itertools import chain

from folkmoot.mailboxes.vectors import Vector, octets, vector


class Threading:
    """The conversations of a mailbox: each message belongs to one, numbered from 0 as the server told them."""

    __slots__ = ("_grouped", "_number", "_starts", "_uids")

    def __init__(self, conversations: Iterable[Sequence[int]]) -> None:
        self._grouped = vector()  # UIDs, conversation after conversation
        self._starts = vector()  # where each begins in there
        for uids in conversations:
            self._starts.append(len(self._grouped))
            self._grouped.extend(sorted(uids))
        self._starts.append(len(self._grouped))
        counts = (end - start for start, end in zip(self._starts, self._starts[1:], strict=False))
        numbers = chain.from_iterable([number] * count for number, count in enumerate(counts))
        pairs = sorted(zip(self._grouped, numbers, strict=True))
        self._uids = array("I", (uid for uid, _ in pairs))
        self._number = array("I", (number for _, number in pairs))

    @property
    def octets(self) -> int:
        return sum(map(octets, (self._grouped, self._starts, self._uids, self._number)))

    def with_(self, uid: int) -> Vector:
        """Return the UIDs of the conversation a message is in, ascending; the message alone if it is not known."""
        at = bisect_left(self._uids, uid)
        if at == len(self._uids) or self._uids[at] != uid:
            return vector([uid])
        number = self._number[at]
        return self._grouped[self._starts[number] : self._starts[number + 1]]

    def firsts(self, order: Iterable[int]) -> Vector:
        """Return of each conversation the message that comes first in an order (RFC 8621 section 4.4.3)."""
        numbers = dict(zip(self._uids, self._number, strict=True))
        seen = bytearray(len(self._starts))
        found = vector()
        for uid in order:
            number = numbers.get(uid)
            if number is None:
                found.append(uid)
            elif not seen[number]:
                seen[number] = 1
                found.append(uid)
        return found

    def only(self, present: Container[int]) -> "Threading":
        """Return the conversations of the messages that are still there."""
        groups = (self._grouped[a:b] for a, b in zip(self._starts, self._starts[1:], strict=False))
        left = ([uid for uid in group if uid in present] for group in groups)
        return Threading(group for group in left if group)
