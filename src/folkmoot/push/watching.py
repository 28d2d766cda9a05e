"""What somebody who waits is told of: which collections those are, how far each has come, and the wait itself."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final, Protocol

from folkmoot.collections.access import Access
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Forbidden
from folkmoot.core.ids import CollectionId, PrincipalId, Revision
from folkmoot.database.statement import Transaction
from folkmoot.store import collections, new_mail, person
from folkmoot.store.records import Collection, Kind

SHARED: Final = (Kind.CALENDAR, Kind.ADDRESSBOOK)  # what of others may concern somebody
# What concerns nobody but the owner.
BOXES: Final = (Kind.INBOX, Kind.NOTIFICATIONS, Kind.SHARES, Kind.EVENT_NOTICES, Kind.PERSON)
COLLECTIONS_MAX: Final = 5_000  # watched for one person; whoever sees more is not told of the rest


@dataclass(frozen=True, slots=True)
class Watched:
    """One collection that somebody is told of."""

    owner: PrincipalId
    kind: Kind
    revision: Revision
    delivered: str = ""  # of mailboxes: changes whenever a message is delivered, and with nothing else


class Watch(Protocol):
    """A wait for changes."""

    async def wait(self, seconds: float) -> frozenset[CollectionId]:
        """Return what changed since the wait began or was last asked; empty after ``seconds`` without change."""


class Feed(Protocol):
    """What knows of changes, in whichever worker they were made."""

    def watch(self, collection_ids: Iterable[CollectionId]) -> AbstractAsyncContextManager[Watch]:
        """Watch collections; ask for their revisions after this begins, so that no change falls between."""


class Watching:
    """Finds what a caller is told of."""

    def __init__(self, access: Access) -> None:
        self._access = access

    async def begin(self, caller: Caller) -> None:
        """See to it that there is something to watch of what belongs to a person alone.

        Raises:
            Forbidden: the caller is nobody.
            Unavailable: the database does not answer.
        """
        if caller.anonymous:
            raise Forbidden("only who signs in is told of changes")
        principal = caller.principal
        if await self._access.database.read(lambda tx: person.find(tx, principal)) is None:
            now = self._access.clock.milliseconds()
            await self._access.database.write(lambda tx: person.get_or_make(tx, principal, now))

    async def collections(self, caller: Caller, owners: Sequence[PrincipalId]) -> Mapping[CollectionId, Watched]:
        """Return what the caller is told of: all of the own home but files, and what of others the caller may see.

        Of others also the row that is raised where they make or remove a collection; what it counts is told to nobody.

        Raises:
            Unavailable: the database or the directory does not answer.
        """
        access = self._access
        others = [owner for owner in owners if owner != caller.principal]

        async def work(tx: Transaction) -> dict[CollectionId, Watched]:
            found = await collections.list_homes(tx, [caller.principal], [*SHARED, *BOXES, Kind.MAIL])
            theirs = await collections.list_homes(tx, others, [*SHARED, Kind.MAIL, Kind.PERSON]) if others else []
            seen = await access.all_with_rights(tx, caller, [one for one in theirs if one.kind in SHARED])
            found += [one for one in theirs if one.kind not in SHARED]
            found += [one.collection for one in seen]
            return {one.id: _watched(one) for one in found[:COLLECTIONS_MAX]}

        return await access.look(work)


def _watched(found: Collection) -> Watched:
    if found.kind is not Kind.MAIL:
        return Watched(found.owner, found.kind, found.revision)
    positions = new_mail.positions_of(found.properties)
    told = sorted((name, one.uid_validity, one.told) for name, one in positions.items())
    return Watched(found.owner, found.kind, found.revision, blake2b(repr(told).encode(), digest_size=12).hexdigest())
