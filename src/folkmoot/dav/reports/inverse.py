"""Inverse's reports on users and on other people's collections, in the very form SOGo gives them."""

from typing import Final

from folkmoot.core.errors import MalformedInput
from folkmoot.dav.errors import ConditionFailed
from folkmoot.dav.hrefs import HOME_NAMES, locate, path_of_href
from folkmoot.dav.http import Response
from folkmoot.dav.properties.dav import display_name
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.resource import PrincipalResource, Resource
from folkmoot.dav.wire.inverse import parse_collection_query, parse_user_query
from folkmoot.dav.wire.names import DAV, INVERSE
from folkmoot.dav.wire.xml import Element, escape
from folkmoot.directory.principal import Principal
from folkmoot.store.records import Kind

OWNERS_MAX: Final = 50  # people whose collections one answer shows
USERS_MAX: Final = 200  # people of one answer
_PROLOGUE: Final = '<?xml version="1.0" encoding="utf-8"?>\n'
_HEADERS: Final = (("Content-Type", 'text/xml; charset="utf-8"'), ("Cache-Control", "no-cache"))


async def collection_query(lookups: Lookups, resource: Resource, report: Element) -> Response:
    """Answer with the collections of others that the caller may see.

    The elements outside of DAV:propstat are what old releases of the connector read.

    Raises:
        ConditionFailed: DAV:supported-report, elsewhere than at a principal.
        MalformedInput: an unknown kind of collection.
    """
    if not isinstance(resource, PrincipalResource):
        raise ConditionFailed("{DAV:}supported-report", message="no such report here")
    asked = parse_collection_query(report)
    owners = [resource.principal] if asked.owner is None else await _owners(lookups, asked.owner)
    parts = [await _collections(lookups, owner, kind) for owner in owners[:OWNERS_MAX] for kind in asked.kinds]
    text = f'{_PROLOGUE}<D:multistatus xmlns:D="{DAV}" xmlns="{INVERSE}">{"".join(parts)}</D:multistatus>'
    return Response(207, list(_HEADERS), text.encode())


async def _owners(lookups: Lookups, text: str) -> list[Principal]:
    """Return the people an owner condition names; its path may hold only the beginning of a name."""
    try:
        path = path_of_href(lookups.request, text)
        owner = None if path is None else locate(path).owner
    except MalformedInput:
        owner = None
    name = text if owner is None else str(owner)
    people = list(await lookups.services.people.search(lookups.caller, text=name, limit=OWNERS_MAX))
    exact = None if owner is None else await lookups.principal(owner)
    if exact is not None and exact.id not in {principal.id for principal in people}:
        people.append(exact)
    return sorted(people, key=lambda principal: principal.display_name.casefold())


async def _collections(lookups: Lookups, owner: Principal, kind: Kind) -> str:
    if not lookups.serves(kind):
        return ""
    parts = []
    for seen in await lookups.services.collections.home(lookups.caller, owner.id, kind):
        name = escape(display_name(seen.collection))
        href = lookups.href(owner.id, HOME_NAMES[kind], seen.collection.name, slash=True)
        parts.append(
            f"<D:response><D:href>{href}</D:href><D:propstat><D:status>HTTP/1.1 200 OK</D:status>"
            f"<D:prop><D:displayname>{name}</D:displayname></D:prop></D:propstat>"
            f"<D:owner>{lookups.href(owner.id)}</D:owner>"
            f"<ownerdisplayname>{escape(owner.display_name)}</ownerdisplayname>"
            f"<D:displayname>{name}</D:displayname></D:response>"
        )
    return "".join(parts)


async def user_query(lookups: Lookups, resource: Resource, report: Element) -> Response:
    """Answer with the people whose names or addresses hold a text, without the caller.

    Raises:
        ConditionFailed: DAV:supported-report, elsewhere than at a principal.
        MalformedInput: no text.
    """
    if not isinstance(resource, PrincipalResource):
        raise ConditionFailed("{DAV:}supported-report", message="no such report here")
    text = parse_user_query(report)
    people = await lookups.services.people.search(lookups.caller, text=text, limit=USERS_MAX)
    shown = sorted(
        (p for p in people if p.id != lookups.caller.principal), key=lambda principal: principal.display_name.casefold()
    )
    users = "".join(_user(lookups, principal) for principal in shown)
    return Response(207, list(_HEADERS), f"{_PROLOGUE}<users>{users}</users>".encode())


def _user(lookups: Lookups, principal: Principal) -> str:
    addresses = lookups.services.people.addresses(principal)
    email = escape(addresses[0]) if addresses else ""
    return (
        f"<user><id>{escape(principal.id)}</id><displayName>{escape(principal.display_name)}</displayName>"
        f"<email>{email}</email></user>"
    )
