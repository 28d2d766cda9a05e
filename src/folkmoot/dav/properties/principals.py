"""Principals and groups as properties (RFC 3744 sections 4 and 5.8, Apple's calendar-proxy)."""

from collections.abc import Iterable, Mapping
from typing import Final

from folkmoot.collections.content import Place
from folkmoot.core.caller import Caller
from folkmoot.core.errors import NotFound
from folkmoot.core.ids import PrincipalId
from folkmoot.dav.properties.live import Live, Registry, Render, Row
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.resolve import PROXY_READ, PROXY_WRITE
from folkmoot.dav.resource import CollectionResource, PrincipalResource, ProxyGroup, Resource
from folkmoot.dav.wire.names import CALENDARSERVER, clark
from folkmoot.sharing.presets import writes
from folkmoot.sharing.rights import ANONYMOUS, EVERYBODY, rights_of_roles
from folkmoot.store.records import Kind

_PERSONAL: Final = "personal"


def _hrefs(lookups: Lookups, principals: Iterable[str]) -> str:
    return "".join(f"<D:href>{lookups.principal_href(PrincipalId(principal))}</D:href>" for principal in principals)


async def _collection_set(lookups: Lookups, _: Resource) -> str:
    return f"<D:href>{lookups.href()}</D:href>"


async def _objects_collection_set(lookups: Lookups, _: CollectionResource) -> Row:
    text = f"<D:href>{lookups.href()}</D:href>"
    return lambda _: text


async def _members(lookups: Lookups, resource: Resource) -> str | None:
    if isinstance(resource, PrincipalResource):
        members = await lookups.services.people.members(lookups.caller, resource.principal)
        return _hrefs(lookups, (member.id for member in members))
    if not isinstance(resource, ProxyGroup):
        return None
    granted = await personal_grants(lookups, resource)
    return _hrefs(lookups, (s.removeprefix("@") for s in proxies(granted, write=resource.write)))


async def personal_grants(lookups: Lookups, group: ProxyGroup) -> Mapping[str, frozenset[str]]:
    """Return what is granted on the calendar that a proxy group is about; nothing where the caller may not know."""
    owner = group.principal.id
    if not (lookups.caller.superuser or lookups.caller.principal == owner):
        return {}
    try:
        _, granted = await lookups.services.grants.of(lookups.caller, Place(owner, Kind.CALENDAR, _PERSONAL))
    except NotFound:
        return {}
    return granted


def proxies(granted: Mapping[str, frozenset[str]], *, write: bool) -> list[str]:
    """Return who may write, or only read, a calendar; everybody as a whole is no proxy."""
    rights = {
        subject: rights_of_roles(roles)
        for subject, roles in sorted(granted.items())
        if subject not in {EVERYBODY, ANONYMOUS}
    }
    return [subject for subject, given in rights.items() if given.any and writes(given) == write]


async def _membership(lookups: Lookups, resource: Resource) -> str | None:
    if not isinstance(resource, PrincipalResource):
        return "" if isinstance(resource, ProxyGroup) else None
    groups = [
        f"<D:href>{lookups.href(owner, PROXY_WRITE if write else PROXY_READ, slash=True)}</D:href>"
        for write in (False, True)
        for owner in await _owners(lookups, resource, write=write)
    ]
    in_directory = await lookups.services.people.groups_of(lookups.caller, resource.principal)
    return "".join(groups) + _hrefs(lookups, in_directory)


async def _owners(lookups: Lookups, member: PrincipalResource, *, write: bool) -> list[PrincipalId]:
    """Return whose calendars somebody has subscribed to and may write, or only read."""
    caller, principal = lookups.caller, member.principal.id
    if not (caller.superuser or caller.principal == principal):
        return []
    # What a superuser may do is not what the member may do.
    as_member = Caller(principal, tuple(await lookups.services.people.groups_of(caller, member.principal)))
    found = await lookups.services.subscriptions.home(as_member, principal, Kind.CALENDAR)
    writing = {one.mount.place.owner for one in found if writes(one.seen.rights)}
    owners = dict.fromkeys(one.mount.place.owner for one in found)
    return [owner for owner in owners if (owner in writing) == write]


def _proxied(*, write: bool) -> Render:
    async def render(lookups: Lookups, resource: Resource) -> str | None:
        if not isinstance(resource, PrincipalResource):
            return None
        return _hrefs(lookups, await _owners(lookups, resource, write=write))

    return render


LIVE: Final[Registry] = {
    "{DAV:}principal-collection-set": Live(_collection_set, _objects_collection_set),
    "{DAV:}group-member-set": Live(_members),
    "{DAV:}group-membership": Live(_membership),
    clark(CALENDARSERVER, "calendar-proxy-read-for"): Live(_proxied(write=False)),
    clark(CALENDARSERVER, "calendar-proxy-write-for"): Live(_proxied(write=True)),
}
