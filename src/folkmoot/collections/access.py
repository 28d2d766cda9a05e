"""Finding a collection through the caller's rights: what every service method does first."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeVar

from folkmoot.collections.content import Content, Place, ReadOnly, Settling, Unresolved
from folkmoot.collections.locks import check_writable
from folkmoot.collections.restricting import SECRET, SECRET_OCTETS, Restricting, Restriction, Viewer, viewer_of
from folkmoot.collections.sync_token import SyncToken
from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.errors import Conflict, Forbidden, NotFound, PreconditionFailed, TooLarge
from folkmoot.core.ids import PrincipalId
from folkmoot.database.database import Database
from folkmoot.database.statement import Transaction
from folkmoot.sharing.policy import OwnerUnknown, Policies
from folkmoot.sharing.rights import OWNER, Rights, subjects_of
from folkmoot.store import collections as stored_collections
from folkmoot.store import grants, secrets
from folkmoot.store import locks as stored_locks
from folkmoot.store.records import Collection, Kind

T = TypeVar("T")

_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
NAME_MAX: Final = 255  # characters; the schema's width
DEAD_PROPERTIES_MAX: Final = 256 * 1024  # characters of all dead properties of one resource
RACE_RETRIES: Final = 8  # a write that loses so many races in a row is refused
OWNERS_MAX: Final = 100  # rounds of looking up domains of owners: free-busy of many people asks one by one
LOOK_UPS_MAX: Final = 6  # rounds of looking people up: old attendees, new ones, members of groups


@dataclass(frozen=True, slots=True)
class Seen:
    """A collection together with what the caller may do with it."""

    collection: Collection
    rights: Rights

    @property
    def sync_token(self) -> SyncToken:
        """The token of this state, for this caller."""
        return SyncToken(self.collection.id, self.collection.revision, self.collection.revision, self.rights.shown)


class Access:
    """The database and the rules, as ``Collections``, ``Objects`` and the services of each kind share them."""

    def __init__(self, database: Database, contents: Sequence[Content], policies: Policies, clock: Clock) -> None:
        self.database = database
        self.contents: Mapping[Kind, Content] = {content.kind: content for content in contents}
        self.restriction = Restriction({c.kind: c for c in contents if isinstance(c, Restricting)})
        self.clock = clock
        self._policies = policies
        self._secret: bytes | None = None

    async def find(self, tx: Transaction, caller: Caller, place: Place) -> Seen | None:
        """Return the collection if it exists and the caller may know of it."""
        collection = await stored_collections.find(tx, place.owner, place.kind, place.name)
        return None if collection is None else await self.with_rights(tx, caller, collection)

    async def get(self, tx: Transaction, caller: Caller, place: Place, seen: Seen | None = None) -> Seen:
        """Return the collection; raises NotFound where ``find`` returns None.

        ``seen`` is what the caller's face has just got: it spares the look-up in units that only read, as what
        they read is compared with its revision.
        """
        found = seen or await self.find(tx, caller, place)
        if found is None:
            raise NotFound(f"no such collection: {place.name}")
        return found

    async def with_rights(self, tx: Transaction, caller: Caller, collection: Collection) -> Seen | None:
        """Return the loaded collection with the caller's rights, None if there are none at all."""
        found = await self.all_with_rights(tx, caller, [collection])
        return found[0] if found else None

    async def all_with_rights(self, tx: Transaction, caller: Caller, collections: Sequence[Collection]) -> list[Seen]:
        """Return those of the collections, whoever owns them, that the caller may know of."""
        shared = [one.id for one in collections if not self.owns(caller, one.owner)]
        given = await grants.of(tx, shared, subjects=subjects_of(caller)) if shared else {}
        found: list[Seen] = []
        unknown: list[PrincipalId] = []
        for one in collections:
            try:
                found.append(Seen(one, self._rights(caller, one, given.get(one.id, {}))))
            except OwnerUnknown as error:
                unknown += error.owners
        if unknown:
            raise OwnerUnknown(dict.fromkeys(unknown))
        return [seen for seen in found if seen.rights.any]

    def _rights(self, caller: Caller, collection: Collection, given: Mapping[str, frozenset[str]]) -> Rights:
        if self.owns(caller, collection.owner):
            return OWNER
        rights = self._policies.of(collection.owner).rights(caller, collection.owner, collection.kind, given)
        return rights.reading_only() if collection.properties.get("read_only") else rights

    def default_roles(self, collection: Collection) -> Sequence[str]:
        """Return the roles of those whom no row of a collection is about.

        Raises:
            OwnerUnknown: the owner's domain is looked up first, as ``read`` and ``write`` do.
        """
        return self._policies.of(collection.owner).default_roles(collection.kind)

    async def viewer(self, caller: Caller, owner: PrincipalId) -> Viewer | None:
        """Return whose restricted copies the caller would be shown; None for who sees everything of this owner."""
        if self.owns(caller, owner):
            return None
        if self._secret is None:
            self._secret = await self.database.write(lambda tx: secrets.get_or_make(tx, SECRET, SECRET_OCTETS))
        return viewer_of(self._secret, caller.principal)

    def owns(self, caller: Caller, owner: PrincipalId) -> bool:
        """Whether no row of rights needs to be read."""
        return caller.superuser or (caller.principal == owner and not caller.anonymous)

    async def read(self, caller: Caller, place: Place, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run a reading unit of work; a default collection of the caller is made if it is missing."""
        try:
            return await self.look(work)
        except NotFound:
            if not await self.make_default(caller, place):
                raise
            return await self.look(work)

    async def look(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run a reading unit of work that asks for rights, again when an owner's domain had to be looked up.

        Raises:
            Unavailable: whoever knows the owner does not answer.
        """
        for _ in range(OWNERS_MAX):
            try:
                return await self.database.read(work)
            except OwnerUnknown as unknown:
                await self._policies.learn(unknown.owners)
        return await self.database.read(work)

    async def write(
        self,
        caller: Caller,
        place: Place,
        work: Callable[[Transaction], Awaitable[T]],
        *settlings: Settling,
    ) -> T:
        """Run a writing unit of work, again when another writer came between its look and its write.

        A unit that answers a client's condition checks it on its own look, so that the second run
        raises what the client must be told.  It runs again, too, when ``settlings`` had to look people up.
        """
        look_ups = 0
        for attempt in range(RACE_RETRIES + LOOK_UPS_MAX):
            try:
                return await self.database.write(work)
            except NotFound:
                if attempt or not await self.make_default(caller, place):
                    raise
            except Raced:
                continue
            except OwnerUnknown as unknown:
                await self._policies.learn(unknown.owners)
            except Unresolved as unresolved:
                look_ups += 1
                if look_ups > LOOK_UPS_MAX:
                    raise PreconditionFailed("the people of this meeting keep changing; try again") from unresolved
                for settling in settlings:
                    await settling.look_up(unresolved.addresses)
        raise PreconditionFailed("too many writers at once; try again")

    async def make_default(self, caller: Caller, place: Place) -> bool:
        """Make what is missing of the caller's default collections; say whether ``place`` is one and is there now."""
        content = self.contents[place.kind]
        if caller.principal != place.owner or all(d.name != place.name for d in content.defaults):
            return False
        with suppress(Conflict):  # another request made them meanwhile
            await self.database.write(lambda tx: self.make_defaults(tx, place.owner, content))
        return True

    async def make_defaults(self, tx: Transaction, owner: PrincipalId, content: Content) -> None:
        """Make what is missing of a home's default collections.

        Raises:
            Conflict: another request makes them at this moment.
        """
        present = {c.name for c in await stored_collections.list_home(tx, owner, content.kind)}
        missing = [d for d in content.defaults if d.name not in present]
        for default in missing:
            await stored_collections.create(
                tx,
                owner,
                content.kind,
                default.name,
                dict(default.properties),
                dead_properties={},
                now=self.clock.milliseconds(),
            )

    async def check_locks(
        self,
        tx: Transaction,
        caller: Caller,
        owner: PrincipalId,
        path: str,
        tokens: frozenset[str],
        *,
        membership: bool,
        deep: bool = False,
    ) -> None:
        """Refuse a write that a lock forbids; callers skip this when the look counted no locks.

        Raises:
            Locked: a lock stands in the way and its token was not submitted by its taker.
        """
        held = await stored_locks.list_(tx, owner, self.clock.milliseconds())
        check_writable(held, path, tokens, caller.principal, membership=membership, deep=deep)


class Raced(PreconditionFailed):
    """Another writer came between look and write; ``Access.write`` runs the unit again."""


def check_name(name: str) -> None:
    """Refuse names that no href can carry or no column hold.

    Raises:
        Forbidden: empty, too long, a path step, or with control characters.
    """
    if not name or len(name) > NAME_MAX or name in {".", ".."} or "/" in name:
        raise Forbidden(f"a resource name has 1 to {NAME_MAX} characters, without slash")
    if _CONTROL.search(name):
        raise Forbidden("a resource name has no control characters")


def check_accepts_writes(collection: Collection) -> None:
    """Refuse writes to computed collections.

    Raises:
        ReadOnly: the collection is computed.
    """
    if collection.properties.get("read_only"):
        raise ReadOnly("this collection is computed from others; it cannot be written to")


def patched_dead(present: Mapping[str, str], patch: Mapping[str, str | None]) -> dict[str, str]:
    """Return dead properties with a patch applied; None removes.

    Raises:
        TooLarge: more than a resource may carry.
    """
    result = {**present, **{k: v for k, v in patch.items() if v is not None}}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
    if sum(len(k) + len(v) for k, v in result.items()) > DEAD_PROPERTIES_MAX:
        raise TooLarge(f"the properties of one resource hold at most {DEAD_PROPERTIES_MAX} characters")
    return result
