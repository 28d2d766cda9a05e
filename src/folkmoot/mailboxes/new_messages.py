"""New messages of one mailbox, a portion at a time, with those parts that may hold invitations; only peeking.

A portion takes one FETCH for what the messages are made of, and one more for all messages whose parts stand in the
same places.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.errors import FolkmootError
from folkmoot.mail.imap import criteria
from folkmoot.mail.imap.connection import Connection
from folkmoot.mail.imap.values import Fetched
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.invitations import FIELDS, candidates
from folkmoot.mailboxes.values import MAIN
from folkmoot.mime.headers import Headers, parse_headers
from folkmoot.mime.part import Part
from folkmoot.store.new_mail import Position

PORTION: Final = 100  # messages looked at together
TOGETHER_MAX: Final = 8 * 1024 * 1024  # octets of parts fetched together
PROCESSED: Final = "$CalendarProcessed"  # keyword of a message that was taken in
_EARLIER_MS: Final = 60 * 60 * 1000  # so long before the last look a message cannot have come that is new now
_HEADER: Final = f"HEADER.FIELDS ({' '.join(FIELDS)})"


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message that may hold an invitation."""

    uid: int
    headers: Headers  # those of ``FIELDS``
    parts: Sequence[Part]
    contents: Mapping[str, bytes]  # by path, encoded


@dataclass(frozen=True, slots=True)
class Portion:
    """What some messages hold; ``next`` is the first UID after them."""

    messages: Sequence[NewMessage]
    next: int


class Remade(FolkmootError):
    """The mailbox has another UIDVALIDITY: it was made anew."""


class NewMessages:
    """Reads what has come into mailboxes."""

    def __init__(self, access: MailAccess) -> None:
        self._access = access

    async def portion(self, caller: Caller, mailbox: str, position: Position, size: int = PORTION) -> Portion:
        """Return the first messages from ``position.next`` to ``position.told``, as far as they may hold invitations.

        Messages that were received long before the last look, or were taken in already, came from other mailboxes.

        Raises:
            Remade: the position means nothing any more.
            NotFound: no such mailbox.
            NoCredentials: it opens with its owner's password only.
        """
        async with self._access.selected(caller, MAIN, mailbox) as connection:
            if connection.mailbox is None or connection.mailbox.uid_validity != position.uid_validity:
                raise Remade("the mailbox was made anew")
            present = await connection.search(criteria.uids(f"{position.next}:{position.told}"))
            if not present:
                return Portion((), position.told + 1)
            chosen = present[:size]
            items = ["FLAGS", "INTERNALDATE", "BODYSTRUCTURE"]
            earliest = (position.looked_at - _EARLIER_MS) / 1000
            wanted = {
                one.uid: parts
                for one in await connection.fetch(chosen, items)
                if (one.received is None or one.received >= earliest)
                and (PROCESSED.lower() not in {flag.lower() for flag in one.flags or ()})
                and (parts := () if one.structure is None else candidates(one.structure))
            }
            messages = [message for group in _groups(wanted) for message in await _read(connection, group, wanted)]
        last = len(chosen) == len(present)
        return Portion(sorted(messages, key=_uid), max(position.told, chosen[-1]) + 1 if last else chosen[-1] + 1)

    async def mark(self, caller: Caller, mailbox: str, uids: Sequence[int]) -> None:
        """Give messages the keyword, where the mailbox takes keywords; nothing else of them changes."""
        if not uids:
            return
        with suppress(FolkmootError):  # it only spares looking at a message again that is moved back here
            async with self._access.selected(caller, MAIN, mailbox, write=True) as connection:
                await connection.store(uids, add=[PROCESSED])


async def _read(
    connection: Connection, uids: Sequence[int], wanted: Mapping[int, Sequence[Part]]
) -> Sequence[NewMessage]:
    parts = wanted[uids[0]]
    items = [f"BODY.PEEK[{_HEADER}]", *(f"BODY.PEEK[{part.path}]" for part in parts)]
    return [_message(one, wanted[one.uid]) for one in await connection.fetch(uids, items)]


def _message(fetched: Fetched, parts: Sequence[Part]) -> NewMessage:
    contents = {part.path: fetched.sections.get(part.path, b"") for part in parts}
    header = next((text for name, text in fetched.sections.items() if name.startswith("HEADER")), b"")
    return NewMessage(fetched.uid, parse_headers(header), parts, contents)


def _groups(wanted: Mapping[int, Sequence[Part]]) -> Iterator[Sequence[int]]:
    """Yield messages whose parts stand in the same places, no more of them than fit into the memory."""
    alike: dict[tuple[str, ...], list[int]] = {}
    for uid, parts in wanted.items():
        alike.setdefault(tuple(part.path for part in parts), []).append(uid)
    for uids in alike.values():
        group: list[int] = []
        octets = 0
        for uid in uids:
            size = sum(part.size for part in wanted[uid])
            if group and octets + size > TOGETHER_MAX:
                yield group
                group, octets = [], 0
            group.append(uid)
            octets += size
        yield group


def _uid(message: NewMessage) -> int:
    return message.uid
