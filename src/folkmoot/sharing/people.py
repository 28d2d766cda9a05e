"""What faces may know of people: look-up, search, addresses, and what is kept about a principal itself."""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.errors import Forbidden, TooLarge
from folkmoot.core.ids import PrincipalId
from folkmoot.database.database import Database
from folkmoot.database.statement import Transaction
from folkmoot.directory.principal import Principal, PrincipalKind
from folkmoot.store import profiles
from folkmoot.store.records import Profile

PROFILE_MAX: Final = 1024 * 1024  # characters of all that is kept about one principal
SEARCH_MAX: Final = 200  # people of one answer
_NO_SOURCE: Final = ""  # of principals as the public knows them


class PeopleDirectory(Protocol):
    """What is needed of the directory."""

    async def find(self, principal: PrincipalId) -> Principal | None:
        """Return a principal by its id."""

    async def find_many(self, principals: Sequence[PrincipalId]) -> Mapping[PrincipalId, Principal]:
        """Return those of the principals that exist."""

    async def find_by_mail(self, address: str) -> Principal | None:
        """Return the principal that has this address."""

    async def search(self, text: str, *, asking: Principal, limit: int) -> Sequence[Principal]:
        """Return principals that ``asking`` may find."""

    async def direct_members(self, group: Principal) -> Sequence[Principal]:
        """Return those of a group's own members that are principals."""

    async def groups_of(self, principal: Principal) -> Sequence[PrincipalId]:
        """Return the groups that somebody is in."""

    def addresses(self, principal: Principal) -> tuple[str, ...]:
        """Return a principal's mail addresses, the main one first."""


class People:
    """People, groups and resources, as the caller may see them."""

    def __init__(self, directory: PeopleDirectory, database: Database, clock: Clock) -> None:
        self._directory = directory
        self._database = database
        self._clock = clock

    async def find(self, caller: Caller, principal: PrincipalId) -> Principal | None:
        """Return a principal; anonymous callers see nobody."""
        return None if caller.anonymous else await self._directory.find(principal)

    async def public(self, principal: PrincipalId) -> Principal | None:
        """Return a principal as anonymous callers may know it: that it is there, and nothing of what it is."""
        found = await self._directory.find(principal) if principal else None
        if found is None:
            return None
        name = str(found.id)
        return Principal(found.id, login=name, display_name=name, mails=(), kind=found.kind, source=_NO_SOURCE)

    async def find_many(self, caller: Caller, principals: Sequence[PrincipalId]) -> Mapping[PrincipalId, Principal]:
        """Return those of the principals that exist."""
        return {} if caller.anonymous or not principals else await self._directory.find_many(principals)

    async def find_by_address(self, caller: Caller, address: str) -> Principal | None:
        """Return who has a calendar user address, ``mailto:`` or not."""
        if caller.anonymous:
            return None
        bare = address[7:] if address[:7].lower() == "mailto:" else address
        return await self._directory.find_by_mail(bare)

    async def members(self, caller: Caller, group: Principal) -> Sequence[Principal]:
        """Return those of a group's own members that are principals (RFC 3744 section 4.3)."""
        if caller.anonymous or group.kind is not PrincipalKind.GROUP:
            return ()
        return await self._directory.direct_members(group)

    async def groups_of(self, caller: Caller, principal: Principal) -> Sequence[PrincipalId]:
        """Return the groups that somebody is in, directly or through others (RFC 3744 section 4.4)."""
        return () if caller.anonymous else await self._directory.groups_of(principal)

    async def search(self, caller: Caller, *, text: str, limit: int = SEARCH_MAX) -> Sequence[Principal]:
        """Return principals with ``text`` in a searched field, at most ``limit``."""
        asking = await self.find(caller, caller.principal)
        if asking is None:
            return []
        return await self._directory.search(text, asking=asking, limit=min(limit, SEARCH_MAX))

    def addresses(self, principal: Principal) -> tuple[str, ...]:
        """Return a principal's mail addresses, the main one first; none of whom the public may know only by name."""
        return () if principal.source == _NO_SOURCE else self._directory.addresses(principal)

    async def profile(self, principal: PrincipalId) -> Profile:
        """Return what is kept about a principal; callers decide what of it they show to whom."""
        return await self._database.read(lambda tx: profiles.get(tx, principal))

    async def change_profile(
        self,
        caller: Caller,
        principal: PrincipalId,
        properties: Mapping[str, object],
        dead_properties: Mapping[str, str | None],
    ) -> None:
        """Set what is kept about a principal; None removes.

        Raises:
            Forbidden: somebody else's.
            TooLarge: more than ``PROFILE_MAX`` characters.
        """
        if not (caller.superuser or caller.principal == principal) or caller.anonymous:
            raise Forbidden("only the owner changes this")

        async def work(tx: Transaction) -> None:
            kept = await profiles.hold(tx, principal)
            merged = {**kept.properties, **properties}
            dead = {**kept.dead_properties, **dead_properties}
            if sum(len(str(k)) + len(str(v)) for k, v in [*merged.items(), *dead.items()]) > PROFILE_MAX:
                raise TooLarge(f"at most {PROFILE_MAX} characters are kept about one principal")
            await profiles.set_(
                tx,
                principal,
                properties={k: v for k, v in merged.items() if v is not None},
                dead_properties={k: v for k, v in dead.items() if v is not None},
                now=self._clock.milliseconds(),
            )

        await self._database.write(work)
