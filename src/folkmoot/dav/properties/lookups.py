"""What the properties of one request need to look up, each thing once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from folkmoot.collections.content import Place
from folkmoot.collections.links import Link
from folkmoot.collections.share_invitations import Sharee
from folkmoot.collections.subscriptions import KINDS, Mount, Mounted
from folkmoot.core.caller import Caller
from folkmoot.core.ids import CollectionId, PrincipalId
from folkmoot.core.memo import Memo
from folkmoot.dav.clients import Client, client_of
from folkmoot.dav.hrefs import HOME_NAMES, Location, encode_segment, href_of, locate
from folkmoot.dav.http import Request, Response
from folkmoot.dav.services import Services
from folkmoot.dav.settings import DavSettings
from folkmoot.directory.principal import Principal
from folkmoot.store.records import Kind, Lock, Profile

LISTINGS_MAX: Final = 32  # kept by one worker, each up to 1 MiB
_DOCUMENTS: Final = frozenset([".ics", ".xml"])  # whole calendars
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
        self._mounts: dict[tuple[PrincipalId, Kind, str], Mount | None] = {}
        self._reached: dict[Place, Mount] = {}
        self._shares: dict[PrincipalId, Mapping[CollectionId, Sequence[Sharee]]] = {}
        self._links: dict[PrincipalId, Mapping[CollectionId, Sequence[Link]]] = {}

    def serves(self, kind: Kind) -> bool:
        """Whether homes of this kind are there for the caller: the administrator may close them, to all or to some."""
        served = {
            Kind.CALENDAR: self.settings.calendar_access,
            Kind.ADDRESSBOOK: self.settings.addressbook_access,
        }
        return served.get(kind, True) and HOME_NAMES[kind] not in self.caller.denied

    async def shares(self, owner: PrincipalId) -> Mapping[CollectionId, Sequence[Sharee]]:
        """Return with whom each of an owner's calendars is shared; nothing for others than the owner."""
        if owner not in self._shares:
            self._shares[owner] = await self.services.share_invitations.of_home(self.caller, owner)
        return self._shares[owner]

    async def links(self, owner: PrincipalId) -> Mapping[CollectionId, Sequence[Link]]:
        """Return the secret links to each of an owner's calendars; nothing for others than the owner."""
        if owner not in self._links:
            self._links[owner] = await self.services.links.of_home(self.caller, owner)
        return self._links[owner]

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
            people = self.services.people
            found = people.public(principal) if self.caller.anonymous else people.find(self.caller, principal)
            self._principals[principal] = await found
        return self._principals[principal]

    async def principals(self, names: Sequence[PrincipalId]) -> None:
        """Look up many principals at once, for ``principal`` to know."""
        wanted = [name for name in dict.fromkeys(names) if name not in self._principals]
        if wanted:
            found = await self.services.people.find_many(self.caller, wanted)
            self._principals.update({name: found.get(name) for name in wanted})

    async def locate(self, path: str) -> Location:
        """Return where a percent-decoded path leads, through a subscription where it goes through one.

        Raises:
            MalformedInput: as for ``hrefs.locate``.
        """
        location = locate(path)
        for key in _mount_keys(location):
            if key not in self._mounts:
                self._mounts[key] = await self.services.subscriptions.find(self.caller, *key)
        return self._through(location)

    def located(self, path: str) -> Location:
        """Return the same without asking: what the request has not yet met is no subscription.

        Raises:
            MalformedInput: as for ``hrefs.locate``.
        """
        return self._through(locate(path))

    async def mounted(self, owner: PrincipalId, kind: Kind) -> Sequence[Mounted]:
        """Return all that is subscribed to in a home; from then on ``located`` knows it."""
        found = await self.services.subscriptions.home(self.caller, owner, kind)
        for one in found:
            self._mounts.setdefault((owner, kind, one.mount.name), one.mount)
            self._reached.setdefault(one.mount.place, one.mount)
        return found

    def _through(self, location: Location) -> Location:
        for key in _mount_keys(location):
            mount = self._mounts.get(key)
            if mount is not None:
                self._reached[mount.place] = mount
                return location.through(mount)
        return location

    def collection_href(self, place: Place) -> str:
        """Return the href of a collection: where the request has met it, else in its owner's home."""
        mount = self._reached.get(place)
        if mount is not None:
            return self.href(mount.subscriber, HOME_NAMES[place.kind], mount.name, slash=True)
        steps = [step for step in place.name.split("/") if step]
        return self.href(place.owner, HOME_NAMES[place.kind], *steps, slash=True)

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


def _mount_keys(location: Location) -> list[tuple[PrincipalId, Kind, str]]:
    """Return under which names a location may be a subscription, its own first and then without ``.ics``."""
    if location.owner is None or location.home not in KINDS or not location.names or "_" not in location.names[0]:
        return []
    name = location.names[0]
    names = [name, name[:-4]] if len(location.names) == 1 and name[-4:] in _DOCUMENTS else [name]
    return [(location.owner, location.home, one) for one in names]
