"""Conversations made here, for servers without THREAD (RFC 5256 section 3, REFERENCES, without merging by subject)."""

from collections.abc import Sequence
from typing import Final

from folkmoot.mail.imap.ordering import sent_at
from folkmoot.mail.imap.values import Fetched, Thread
from folkmoot.mime.headers import message_ids, parse_headers

HEADER_ITEM: Final = "BODY.PEEK[HEADER.FIELDS (REFERENCES)]"
ANCESTORS_MAX: Final = 1_000  # of one message; a thread is told by its last ones
DEPTH_MAX: Final = 1_000  # answers to answers; deeper ones begin a conversation of their own
_SECTION: Final = "HEADER.FIELDS (REFERENCES)"


class _Place:
    """Where a message is, or would be, in the tree."""

    __slots__ = ("answers", "message", "parent")

    def __init__(self) -> None:
        self.message: Fetched | None = None
        self.parent: _Place | None = None
        self.answers: dict[int, _Place] = {}  # by identity, as one of thousands may move


def threads_of(messages: Sequence[Fetched]) -> list[Thread]:
    """Return the conversations of messages fetched with ENVELOPE, INTERNALDATE and ``HEADER_ITEM``."""
    places: dict[str, _Place] = {}
    for message in messages:
        ids = message_ids(message.envelope.message_id) if message.envelope else ()
        own = ids[0] if ids else f"uid:{message.uid}"
        place = places.setdefault(own, _Place())
        if place.message is not None:  # two of one Message-ID
            place = places.setdefault(f"uid:{message.uid}", _Place())
        place.message = message
        parent: _Place | None = None
        for ancestor in _ancestors(message):
            above = places.setdefault(ancestor, _Place())
            if parent is not None and above.parent is None:
                _join(parent, above)
            parent = above
        if parent is not None:
            _part(place)
            _join(parent, place)
    return _threads([place for place in places.values() if place.parent is None])


def _ancestors(message: Fetched) -> tuple[str, ...]:
    headers = parse_headers(message.sections.get(_SECTION, b""))
    found = message_ids(headers.get("references") or b"")
    if not found and message.envelope is not None:
        found = message_ids(message.envelope.in_reply_to)[:1]
    return found[-ANCESTORS_MAX:]


def _join(parent: _Place, child: _Place) -> None:
    above: _Place | None = parent
    for _ in range(DEPTH_MAX):
        if above is None:
            child.parent = parent
            parent.answers[id(child)] = child
            return
        if above is child:
            return  # it would answer itself
        above = above.parent


def _part(place: _Place) -> None:
    if place.parent is not None:
        del place.parent.answers[id(place)]
        place.parent = None


def _threads(roots: Sequence[_Place]) -> list[Thread]:
    order: list[_Place] = []
    pending = list(roots)
    while pending:
        place = pending.pop()
        order.append(place)
        pending.extend(place.answers.values())
    made: dict[int, list[tuple[int, Thread]]] = {}  # a place without a message hands its answers up
    for place in reversed(order):
        below = sorted(
            (one for answer in place.answers.values() for one in made.pop(id(answer))), key=lambda one: one[0]
        )
        answers = tuple(thread for _, thread in below)
        if place.message is not None:
            made[id(place)] = [(sent_at(place.message), Thread(place.message.uid, answers))]
        elif place.parent is None and len(below) > 1:
            made[id(place)] = [(below[0][0], Thread(None, answers))]
        else:
            made[id(place)] = below
    top = sorted((one for root in roots for one in made[id(root)]), key=lambda one: one[0])
    return [thread for _, thread in top]
