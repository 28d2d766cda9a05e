"""The default roles of an owner's domain, joined with the rows of one collection."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from folkmoot.core.caller import Caller
from folkmoot.core.errors import FolkmootError
from folkmoot.core.ids import PrincipalId
from folkmoot.core.memo import Memo
from folkmoot.directory.principal import Principal
from folkmoot.sharing.rights import NOBODY, OWNER, Rights, rights_of

OWNERS_KEPT: Final = 50_000  # whose domain one worker remembers


@dataclass(frozen=True, slots=True)
class SharingPolicy:
    """What the settings say about sharing: for the whole server, or for one domain."""

    calendar_roles: Sequence[str] = ()  # SOGoCalendarDefaultRoles
    contacts_roles: Sequence[str] = ()  # SOGoContactsDefaultRoles

    def rights(self, caller: Caller, owner: PrincipalId, kind: str, grants: Mapping[str, frozenset[str]]) -> Rights:
        """Return what ``caller`` may do with a collection of ``kind`` that belongs to ``owner``."""
        if kind in {"calendar", "addressbook"}:
            return rights_of(caller, owner, grants, self.default_roles(kind))
        return OWNER if caller.superuser or (caller.principal == owner and not caller.anonymous) else NOBODY

    def default_roles(self, kind: str) -> Sequence[str]:
        """Return what everybody may do where no row of rights says otherwise."""
        return {"calendar": self.calendar_roles, "addressbook": self.contacts_roles}.get(kind, ())

    def of(self, owner: PrincipalId) -> "SharingPolicy":  # one for everybody
        """Return this policy, as it holds for everybody."""
        return self

    async def learn(self, owners: Collection[PrincipalId]) -> None:
        """Nobody needs to be looked up."""


class Policies(Protocol):
    """The policy of each owner."""

    def of(self, owner: PrincipalId) -> SharingPolicy:
        """Return the policy that holds for an owner's collections.

        Raises:
            OwnerUnknown: ``learn`` must be awaited first, outside of the unit of work.
        """

    async def learn(self, owners: Collection[PrincipalId]) -> None:
        """Look up which domain owners belong to.

        Raises:
            Unavailable: whoever knows them does not answer.
        """


class OwnerUnknown(FolkmootError):
    """A unit of work needs to know the domains of these owners; it is run again when they are known."""

    def __init__(self, owners: Collection[PrincipalId]) -> None:
        super().__init__("owners are not looked up yet")
        self.owners = tuple(owners)


class DomainPolicies:
    """Policies of a server whose domains have default roles of their own."""

    def __init__(
        self,
        system: SharingPolicy,
        domains: Mapping[str, SharingPolicy],
        find: Callable[[PrincipalId], Awaitable[Principal | None]],
    ) -> None:
        """``domains`` are named in lower case; ``find`` is the directory's."""
        self._system = system
        self._domains = domains
        self._find = find
        self._known: Memo[SharingPolicy] = Memo(OWNERS_KEPT)

    def of(self, owner: PrincipalId) -> SharingPolicy:
        """Return the policy of an owner's domain; the system's for owners of no configured domain.

        Raises:
            OwnerUnknown: ``learn`` must be awaited first.
        """
        known = self._known.get(owner)
        if known is None:
            raise OwnerUnknown([owner])
        return known

    async def learn(self, owners: Collection[PrincipalId]) -> None:
        """Look up which domain owners belong to.

        Raises:
            Unavailable: whoever knows them does not answer.
        """
        for owner in owners:
            principal = await self._find(owner)
            domain = "" if principal is None else principal.domain or ""
            self._known.put(owner, self._domains.get(domain.casefold(), self._system))


def policies_of(
    system: SharingPolicy,
    domains: Mapping[str, SharingPolicy],
    find: Callable[[PrincipalId], Awaitable[Principal | None]],
) -> Policies:
    """Return the policies of a server; where all domains agree, nobody is ever looked up."""
    own = {name.casefold(): policy for name, policy in domains.items()}
    return DomainPolicies(system, own, find) if any(policy != system for policy in own.values()) else system
