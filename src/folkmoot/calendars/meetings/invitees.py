"""Who the addresses of a meeting are: looked up outside of the transaction, remembered for one request."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from folkmoot.collections.content import Unresolved
from folkmoot.core.errors import TooLarge
from folkmoot.core.ids import PrincipalId
from folkmoot.directory.principal import Principal, PrincipalKind
from folkmoot.ical import calendar_address
from folkmoot.scheduling.values import Actor, Address

ADDRESSES_MAX: Final = 5_000  # of one meeting: five times what one instance may hold, as instances differ
AT_ONCE: Final = 16  # questions to the directory under way for one request


class PeopleDirectory(Protocol):
    """What meetings need of the directory."""

    async def find_many(self, principals: Sequence[PrincipalId]) -> Mapping[PrincipalId, Principal]:
        """Return those of the principals that exist."""

    async def find_by_mail(self, address: str) -> Principal | None:
        """Return the principal that has this address."""

    def addresses(self, principal: Principal) -> tuple[str, ...]:
        """Return a principal's mail addresses, the main one first."""

    async def members(self, group: Principal) -> Sequence[str]:
        """Return the mail addresses of a group's members."""


@dataclass(frozen=True, slots=True)
class Person:
    """A principal of this server as a calendar user."""

    principal: Principal
    addresses: frozenset[Address]
    main: Address
    members: tuple[Address, ...] = ()  # of a group

    @property
    def id(self) -> PrincipalId:
        return self.principal.id

    @property
    def books_itself(self) -> bool:
        """Whether it answers by itself: rooms and things, and groups of them that have a limit of bookings."""
        principal = self.principal
        return principal.kind in {PrincipalKind.LOCATION, PrincipalKind.THING} or (
            principal.kind is PrincipalKind.GROUP and principal.multiple_bookings is not None
        )

    @property
    def keeps_calendars(self) -> bool:
        """Whether messages are delivered into its own calendars; what is sent to other groups goes by mail."""
        return self.principal.kind is not PrincipalKind.GROUP or self.books_itself

    def actor(self, acting: "Person | None" = None) -> Actor:
        """Return this person as the owner of a calendar that it or ``acting`` writes to."""
        name = self.principal.display_name
        if acting is None or acting.id == self.id:
            return Actor(self.addresses, self.main, name)
        return Actor(self.addresses, self.main, name, acting.main, acting.principal.display_name)


class Invitees:
    """What one request has found out about people."""

    def __init__(self, directory: PeopleDirectory, *, expand_groups: bool = True) -> None:
        self._directory = directory
        self._expand_groups = expand_groups
        self._by_id: dict[PrincipalId, Person | None] = {}
        self._by_address: dict[Address, Person | None] = {}
        self._missing: set[PrincipalId] = set()

    def require(self, addresses: Iterable[Address] = (), principals: Iterable[PrincipalId] = ()) -> None:
        """See to it that these are known.

        Raises:
            Unresolved: they must be looked up first.
            TooLarge: more people than a meeting may have.
        """
        self._missing = {principal for principal in principals if principal not in self._by_id}
        unknown = frozenset(address for address in addresses if address not in self._by_address)
        if max(len(unknown) + len(self._by_address), len(self._missing) + len(self._by_id)) > ADDRESSES_MAX:
            raise TooLarge(f"a meeting has at most {ADDRESSES_MAX} participants")
        if unknown or self._missing:
            raise Unresolved(frozenset(map(str, unknown)))

    async def look_up(self, addresses: frozenset[str]) -> None:
        """Ask the directory, outside of the transaction.

        Raises:
            Unavailable: it does not answer.
        """
        if self._missing:
            found = await self._directory.find_many(sorted(self._missing))
            for principal in self._missing:
                one = found.get(principal)
                self._by_id[principal] = None if one is None else await self._person(one)
        await self._ask(addresses)
        members = {
            member
            for address in addresses
            if (person := self._by_address.get(Address(address))) is not None
            for member in person.members
        }
        await self._ask(frozenset(member for member in members if member not in self._by_address))

    async def _ask(self, addresses: frozenset[str]) -> None:
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(address: str) -> None:
            async with gate:
                principal = await self._directory.find_by_mail(address) if "@" in address else None
                self._by_address[Address(address)] = None if principal is None else await self._person(principal)

        await asyncio.gather(*map(one, sorted(addresses)))

    async def _person(self, principal: Principal) -> Person:
        addresses = tuple(Address(calendar_address(mail)) for mail in self._directory.addresses(principal))
        members: tuple[Address, ...] = ()
        if principal.kind is PrincipalKind.GROUP and principal.multiple_bookings is None and self._expand_groups:
            found = await self._directory.members(principal)
            members = tuple(dict.fromkeys(Address(calendar_address(member)) for member in found))
        return Person(principal, frozenset(addresses), addresses[0] if addresses else Address(principal.id), members)

    def principal(self, principal: PrincipalId) -> Person | None:
        """Return a principal that was required; None if there is no such principal."""
        return self._by_id.get(principal)

    def at(self, address: Address) -> Person | None:
        """Return whose address this is; None if nobody's here."""
        return self._by_address.get(address)
