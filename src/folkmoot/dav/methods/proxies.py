"""Who may act for a principal, as Apple's clients set it: members of the two proxy groups.

A member is given roles on the personal calendar and is subscribed to it; who is taken out loses both.
"""

from collections.abc import Mapping
from typing import Final

from folkmoot.collections.content import JSON, Place
from folkmoot.core.errors import Forbidden
from folkmoot.core.ids import PrincipalId
from folkmoot.dav.hrefs import locate, path_of_href
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.properties.principals import proxies
from folkmoot.dav.resolve import PERSONAL
from folkmoot.dav.resource import ProxyGroup
from folkmoot.directory.principal import Principal, PrincipalKind
from folkmoot.sharing.presets import DELEGATE_READER, WRITER
from folkmoot.store.records import Kind

MEMBERS_MAX: Final = 200  # of one group; people have a handful of delegates
_NOBODY: Final[frozenset[str]] = frozenset()


async def set_members(lookups: Lookups, group: ProxyGroup, values: Mapping[str, JSON]) -> None:
    """Make just these principals the members of a proxy group.

    Raises:
        Forbidden: not the owner's group, an unknown principal, or too many.
    """
    members = values.get("members")
    if not isinstance(members, list):
        raise Forbidden("only the members of this group can be set")
    owner = group.principal.id
    if not (lookups.caller.superuser or lookups.caller.principal == owner):
        raise Forbidden("only the owner names delegates")
    wanted = await _members(lookups, owner, [str(href) for href in members])
    services, place = lookups.services, Place(owner, Kind.CALENDAR, PERSONAL)
    await services.collections.ensure_defaults(owner, Kind.CALENDAR)
    _, granted = await services.grants.of(lookups.caller, place)
    present = set(proxies(granted, write=group.write))
    gone = present - wanted.keys()
    roles = WRITER if group.write else DELEGATE_READER
    rows = {**dict.fromkeys(gone, _NOBODY), **dict.fromkeys(wanted.keys() - present, roles)}
    if rows:
        await services.grants.change(lookups.caller, place, rows)
    people = [person.id for subject, person in wanted.items() if subject not in present and _subscribes(person)]
    if people:
        await services.subscriptions.subscribe(lookups.caller, place, people)
    left = [PrincipalId(subject) for subject in sorted(gone) if not subject.startswith("@")]
    if left:
        await services.subscriptions.unsubscribe(lookups.caller, place, left)


def _subscribes(person: Principal) -> bool:
    return person.kind is not PrincipalKind.GROUP


async def _members(lookups: Lookups, owner: PrincipalId, hrefs: list[str]) -> dict[str, Principal]:
    """Return the principals that hrefs name, by the subject of their row of rights."""
    if len(hrefs) > MEMBERS_MAX:
        raise Forbidden(f"at most {MEMBERS_MAX} delegates")
    found: dict[str, Principal] = {}
    for href in hrefs:
        path = path_of_href(lookups.request, href)
        location = None if path is None else locate(path)
        if location is None or location.owner is None or location.home is not None or location.names:
            raise Forbidden("a member is named by the href of its principal")
        person = await lookups.principal(location.owner)
        if person is None:
            raise Forbidden("no such principal")
        if person.id != owner:
            found[f"@{person.id}" if person.kind is PrincipalKind.GROUP else str(person.id)] = person
    return found
