"""What the properties of one request need to look up, each thing once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.ids import PrincipalId
from folkmoot.core.memo import Memo
from folkmoot.dav.clients import Client, client_of
from folkmoot.dav.hrefs import HOME_NAMES, encode_segment, href_of
from folkmoot.dav.http import Request, Response
from folkmoot.dav.services import Services
from folkmoot.dav.settings import DavSettings
from folkmoot.directory.principal import Principal
from folkmoot.store.records import Kind, Lock, Profile

LISTINGS_MAX: Final = 32  # kept by one worker, each up to 1 MiB
ANSWERS_MAX: Final = 64  # kept by one worker, each up to 256 KiB


@dataclass(frozen=True, slots=True)
class Kept:
    """What one worker has printed lately, by the state of the collection that it was printed from."""

    listings: Memo[str] = field(default_factory=lambda: Memo(LISTINGS_MAX))
    answers: Memo[Response] = field(default_factory=lambda: Memo(ANSWERS_MAX))


class Lookups:
    """One request with the services, and what they have already said."""

    def __init__(self, services: Services, settings: DavSettings, request: Request, kept: Kept | None = None) -> None:
        self.services = services
        self.settings = settings
        self.request = request
        self.kept = kept or Kept()
        self.caller: Caller = request.caller
        self.client: Client = client_of(request.header("user-agent"))
        self._locks: dict[PrincipalId, Sequence[Lock]] = {}
        self._profiles: dict[PrincipalId, Profile] = {}
        self._principals: dict[PrincipalId, Principal | None] = {}

    def serves(self, kind: Kind) -> bool:
        """Whether homes of this kind are there for the caller: the administrator may close them, to all or to some."""
        served = {
            Kind.CALENDAR: self.settings.calendar_access,
            Kind.ADDRESSBOOK: self.settings.addressbook_access,
        }
        return served.get(kind, True) and HOME_NAMES[kind] not in self.caller.denied

    async def locks(self, owner: PrincipalId) -> Sequence[Lock]:
        """Return the live locks in a home."""
        if owner not in self._locks:
            self._locks[owner] = await self.services.locks.of(owner)
        return self._locks[owner]

    async def profile(self, owner: PrincipalId) -> Profile:
        """Return what is kept about a principal."""
        if owner not in self._profiles:
            self._profiles[owner] = await self.services.people.profile(owner)
        return self._profiles[owner]

    async def principal(self, principal: PrincipalId) -> Principal | None:
        """Return a principal that the caller may know of."""
        if principal not in self._principals:
            self._principals[principal] = await self.services.people.find(self.caller, principal)
        return self._principals[principal]

    def href(self, *segments: str, slash: bool = False) -> str:
        """Return the href of what ``segments`` name below the DAV root."""
        return href_of(self.request, segments, slash=slash)

    def segment(self, name: str) -> str:
        """Return one path segment percent-encoded."""
        return encode_segment(name)

    def principal_href(self, principal: PrincipalId) -> str:
        """Return the one form in which owners and principals are named: with a final slash."""
        return self.href(principal, slash=True)

    def home_href(self, owner: PrincipalId, kind: Kind) -> str:
        """Return the href of a home set."""
        return self.href(owner, HOME_NAMES[kind], slash=True)
