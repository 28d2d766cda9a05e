"""What happens to somebody's mailboxes, as one collection without objects whose revision rises with it.

Its properties say how far the messages of each mailbox have been looked at for invitations.  No DAV home lists it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from folkmoot.core.ids import CollectionId, PrincipalId
from folkmoot.database import Transaction
from folkmoot.store import collections
from folkmoot.store.records import Collection, Kind

NAME: Final = "0"  # of the collection: the number of everybody's own account
MAILBOXES: Final = "mailboxes"  # among its properties
PUSHED_AT: Final = "pushed_at"  # likewise: when the mail server last told of a change by itself
PUSHED_MS: Final = 10 * 60 * 1000  # how exactly that is kept
BEFORE: Final = 100  # messages before the first that was told: who died may have been told of them an instant ago
MAILBOXES_MAX: Final = 200  # remembered of one person; filters file into a few dozen
_NUMBERS: Final = 4


@dataclass(frozen=True, slots=True)
class Arrived:
    """New messages of one mailbox: the first and last UID that was told."""

    uid_validity: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Position:
    """How far one mailbox has been looked at."""

    uid_validity: int
    next: int  # the first UID that nobody has looked at
    told: int  # the highest UID that was told
    looked_at: int  # milliseconds since 1970: when that was

    @property
    def waiting(self) -> bool:
        """Whether there are messages to look at."""
        return self.told >= self.next


async def find(tx: Transaction, owner: PrincipalId) -> Collection | None:
    """Return the collection of somebody's mailboxes, if there is one yet."""
    return await collections.find(tx, owner, Kind.MAIL, NAME)


async def get_or_make(tx: Transaction, owner: PrincipalId, now: int) -> Collection:
    """Return the collection of somebody's mailboxes.

    Raises:
        Conflict: somebody else makes it at this moment; the unit of work begins anew.
    """
    return await find(tx, owner) or await collections.create(tx, owner, Kind.MAIL, NAME, {}, now=now)


async def pushed_at(tx: Transaction, owner: PrincipalId) -> int:
    """Return when the mail server last told of a change by itself, in milliseconds since 1970; 0: never."""
    found = await find(tx, owner)
    return 0 if found is None else _pushed_at(found.properties)


async def note(
    tx: Transaction, owner: PrincipalId, arrived: Mapping[str, Arrived], now: int, *, pushed: bool = False
) -> bool:
    """Raise the revision, and note new messages by mailbox; return whether any wait to be looked at.

    Of what is in a mailbox when it is first told of only the last few are looked at, as their age allows: new is what
    came since.  ``pushed``: the mail server has told by itself.

    Raises:
        Conflict: as ``get_or_make``.
    """
    found = await get_or_make(tx, owner, now)
    if not arrived and not (pushed and _pushed_at(found.properties) < now - PUSHED_MS):
        await collections.raise_revision(tx, found.id, now=now)
        return False
    properties, known = await _held(tx, found.id, now)
    if pushed:
        properties[PUSHED_AT] = now
    for mailbox, new in arrived.items():
        had = known.pop(mailbox, None)
        if had is None or had.uid_validity != new.uid_validity:
            had = Position(new.uid_validity, max(1, new.first - BEFORE), 0, now)
        known[mailbox] = Position(had.uid_validity, had.next, max(had.told, new.last), had.looked_at)
    await _set(tx, found.id, properties, known, now)
    return any(one.waiting for one in known.values())


async def waiting(tx: Transaction, owner: PrincipalId) -> dict[str, Position]:
    """Return the mailboxes with messages that nobody has looked at."""
    found = await find(tx, owner)
    positions = {} if found is None else positions_of(found.properties)
    return {mailbox: one for mailbox, one in positions.items() if one.waiting}


async def looked(tx: Transaction, owner: PrincipalId, mailbox: str, position: Position, now: int) -> None:
    """Note that a mailbox has been looked at as far as ``position.next``; what was told meanwhile stays."""
    found = await find(tx, owner)
    if found is None:
        return
    properties, known = await _held(tx, found.id, now)
    had = known.get(mailbox)
    if had is not None and had.uid_validity == position.uid_validity:
        known[mailbox] = Position(had.uid_validity, max(had.next, position.next), had.told, now)
        await _set(tx, found.id, properties, known, now)


async def forget(tx: Transaction, owner: PrincipalId, mailbox: str, now: int) -> None:
    """Forget a mailbox that is gone, or was made anew."""
    found = await find(tx, owner)
    if found is not None:
        properties, known = await _held(tx, found.id, now)
        if known.pop(mailbox, None) is not None:
            await _set(tx, found.id, properties, known, now)


def positions_of(properties: Mapping[str, object]) -> dict[str, Position]:
    """Return how far mailboxes have been looked at, the one told of last at the end."""
    kept = properties.get(MAILBOXES)
    found: dict[str, Position] = {}
    for mailbox, numbers in (kept if isinstance(kept, dict) else {}).items():
        if isinstance(numbers, list) and len(numbers) == _NUMBERS and all(isinstance(one, int) for one in numbers):
            found[mailbox] = Position(*numbers)
    return found


def _pushed_at(properties: Mapping[str, object]) -> int:
    kept = properties.get(PUSHED_AT)
    return kept if isinstance(kept, int) else 0


async def _held(
    tx: Transaction, collection_id: CollectionId, now: int
) -> tuple[dict[str, object], dict[str, Position]]:
    await collections.raise_revision(tx, collection_id, now=now)  # takes the lock: what is read now stays as it is
    properties = (await collections.get(tx, collection_id)).properties
    return properties, positions_of(properties)


async def _set(
    tx: Transaction,
    collection_id: CollectionId,
    properties: Mapping[str, object],
    known: Mapping[str, Position],
    now: int,
) -> None:
    kept: Sequence[tuple[str, Position]] = list(known.items())[-MAILBOXES_MAX:]
    numbers = {name: [one.uid_validity, one.next, one.told, one.looked_at] for name, one in kept}
    await collections.set_properties(
        tx, collection_id, properties={**properties, MAILBOXES: numbers}, dead_properties={}, now=now
    )
