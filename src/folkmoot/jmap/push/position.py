"""Where a listener is: a digest of the revisions of all that it is told of, for each feed.

The client gives it back (``Last-Event-ID``, ``pushState``); what differs by then has changed meanwhile.  It is made of
revisions, which one statement reads, and not of states, for which mail servers would have to be asked.
"""

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Final

from folkmoot.core.ids import PrincipalId
from folkmoot.jmap.protocol.describing import Feed
from folkmoot.jmap.push.pushed_types import Marks, feed_of

POSITION_MAX: Final = 200  # characters
_DIGEST_OCTETS: Final = 8


def digests(marks: Marks, principal: PrincipalId) -> Mapping[Feed, str]:
    """Return a digest for each feed; a feed without collections has none."""
    rows: dict[Feed, list[tuple[int, int]]] = {}
    for number, watched in marks.items():
        feed = feed_of(watched, principal)
        if feed is not None:
            rows.setdefault(feed, []).append((number, watched.revision))
    return {
        feed: blake2b(repr(sorted(some)).encode(), digest_size=_DIGEST_OCTETS).hexdigest()
        for feed, some in rows.items()
    }


def write_position(present: Mapping[Feed, str], feeds: Iterable[Feed]) -> str:
    """Return a position as text without spaces."""
    return ".".join(f"{feed.value}-{present.get(feed, '0')}" for feed in sorted(feeds, key=lambda feed: feed.value))


def moved(position: str, present: Mapping[Feed, str], feeds: Iterable[Feed]) -> frozenset[Feed]:
    """Return the feeds in which something changed since a position; all where it is none of ours."""
    known: dict[str, str] = {}
    if len(position) <= POSITION_MAX:
        for part in position.split("."):
            name, _, digest = part.partition("-")
            known[name] = digest
    return frozenset(feed for feed in feeds if known.get(feed.value) != present.get(feed, "0"))
