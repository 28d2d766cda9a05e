"""DAV:principal-match and DAV:acl-principal-prop-set: the principals that a resource is about (RFC 3744 section 9)."""

import re
from html import unescape
from typing import Final

from folkmoot.core.ids import PrincipalId
from folkmoot.dav.errors import ConditionFailed
from folkmoot.dav.http import Response
from folkmoot.dav.privileges import READ_ACL
from folkmoot.dav.properties.acl import caller_privileges
from folkmoot.dav.properties.answers import answers, object_answers
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.properties.registry import LIVE
from folkmoot.dav.reports.wanted import answer, wanted_of
from folkmoot.dav.resolve import members
from folkmoot.dav.resource import CollectionResource, PrincipalResource, Resource, Root, owner_of
from folkmoot.dav.wire.rfc3744 import parse_principal_match
from folkmoot.dav.wire.xml import Element
from folkmoot.sharing.rights import ANONYMOUS, EVERYBODY
from folkmoot.store.records import Kind

_HREF: Final = re.compile(r"<D:href>([^<]*)</D:href>")
_OWNER: Final = "{DAV:}owner"


def hrefs_in(content: str) -> list[str]:
    """Return the hrefs in a property's content as we print it."""
    return [unescape(href) for href in _HREF.findall(content)]


async def principal_match(lookups: Lookups, resource: Resource, report: Element) -> Response:
    """Answer with what below the target stands for the caller: principals, or members whose property names it.

    Raises:
        MalformedInput: the report breaks its grammar.
    """
    name = parse_principal_match(report)
    wanted = wanted_of(lookups, report, None)
    if name is None:
        return answer(lookups, await answers(lookups, await _own_principals(lookups, resource), wanted))
    resources, metas = await members(lookups, resource)
    matching = [member for member in resources if await _names_caller(lookups, member, name)]
    responses = await answers(lookups, matching, wanted)
    if metas and name == _OWNER and isinstance(resource, CollectionResource):
        owned = resource.place.owner == lookups.caller.principal
        responses += await object_answers(lookups, resource, metas if owned else [], wanted)
    return answer(lookups, responses)


async def _own_principals(lookups: Lookups, resource: Resource) -> list[Resource]:
    if not isinstance(resource, Root | PrincipalResource):
        return []
    names: list[PrincipalId] = [lookups.caller.principal, *lookups.caller.groups]
    people = await lookups.services.people.find_many(lookups.caller, names)
    found = [PrincipalResource(lookups.principal_href(p.id), p) for name in names if (p := people.get(name))]
    if isinstance(resource, PrincipalResource):
        return [own for own in found if own.principal.id == resource.principal.id]
    return list(found)


async def _names_caller(lookups: Lookups, resource: Resource, name: str) -> bool:
    live = LIVE.get(name)
    content = None if live is None or live.render is None else await live.render(lookups, resource)
    own = lookups.principal_href(lookups.caller.principal).rstrip("/")
    return content is not None and any(href.rstrip("/") == own for href in hrefs_in(content))


async def acl_principal_prop_set(lookups: Lookups, resource: Resource, report: Element) -> Response:
    """Answer with properties of all principals that the target's ACL names, the owner first.

    Raises:
        ConditionFailed: DAV:need-privileges, without the right to read the ACL.
    """
    if READ_ACL not in caller_privileges(lookups.caller, resource):
        need = "<D:privilege><D:read-acl/></D:privilege>"
        inner = f"<D:resource><D:href>{resource.href}</D:href>{need}</D:resource>"
        raise ConditionFailed("{DAV:}need-privileges", inner=inner)
    owner = owner_of(resource)
    names = [] if owner is None else [owner.id]
    if isinstance(resource, CollectionResource) and resource.place.kind is not Kind.FILES:
        _, granted = await lookups.services.grants.of(lookups.caller, resource.place)
        named = sorted(granted.keys() - {EVERYBODY, ANONYMOUS})
        names += [PrincipalId(subject.removeprefix("@")) for subject in named]
    names = list(dict.fromkeys(names))
    people = await lookups.services.people.find_many(lookups.caller, names)
    found: list[Resource] = [
        PrincipalResource(lookups.principal_href(p.id), p) for name in names if (p := people.get(name))
    ]
    return answer(lookups, await answers(lookups, found, wanted_of(lookups, report, None)))
