"""Long lists of UIDs, four octets each: the orders and selections of which message lists are made."""

from array import array
from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import compress
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    Vector: TypeAlias = array[int]
else:
    Vector = array  # takes no parameter at run time before Python 3.12


def vector(uids: Iterable[int] = ()) -> Vector:
    """Return a vector of UIDs in the order given."""
    return array("I", uids)


def octets(of: Vector) -> int:
    """Return how much memory a vector takes."""
    return len(of) * of.itemsize


def contains(ascending: Vector, uid: int) -> bool:
    """Return whether an ascending vector holds a UID."""
    at = bisect_left(ascending, uid)
    return at < len(ascending) and ascending[at] == uid


def kept(of: Vector, members: Container[int]) -> Vector:
    """Return those that are members, in their order."""
    return array("I", compress(of, map(members.__contains__, of)))


def without(of: Vector, gone: Container[int]) -> Vector:
    """Return those that are not gone, in their order."""
    return array("I", (uid for uid in of if uid not in gone))


def merged(ascending: Vector, added: Iterable[int]) -> Vector:
    """Return an ascending vector with more UIDs in it, each once."""
    more = sorted(added)
    if not more:
        return ascending
    if not ascending or ascending[-1] < more[0]:
        return ascending + array("I", dict.fromkeys(more))
    return array("I", sorted({*ascending, *more}))


def inserted(of: Vector, places: Sequence[tuple[int, int]]) -> Vector:
    """Return a vector with UIDs put in; ``places`` are (index in front of which, UID), by index."""
    result = array("I")
    start = 0
    for index, uid in places:
        result.extend(of[start:index])
        result.append(uid)
        start = index
    result.extend(of[start:])
    return result


def parted(of: Vector, members: Container[int]) -> Vector:
    """Return members first, then the others, both in their order."""
    return kept(of, members) + without(of, members)


def ranges(ascending: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield runs of numbers that follow each other: first and last of each."""
    first = last = None
    for uid in ascending:
        if first is None or last is None:
            first = last = uid
        elif uid == last + 1:
            last = uid
        else:
            yield first, last
            first = last = uid
    if first is not None and last is not None:
        yield first, last
