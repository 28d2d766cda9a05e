"""PROPFIND (RFC 4918 section 9.1)."""

from typing import TYPE_CHECKING

from folkmoot.collections.content import Place
from folkmoot.core.errors import NotFound
from folkmoot.dav.hrefs import Location, locate, own_href
from folkmoot.dav.http import Request, Response
from folkmoot.dav.properties.answers import answers, object_answers
from folkmoot.dav.properties.live import BodyText, Wanted
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.reports.bodies import bodies_of
from folkmoot.dav.resolve import INBOX, check_served, members, resolve
from folkmoot.dav.resource import CollectionResource, ObjectResource, Resource
from folkmoot.dav.window import shown_in_listing
from folkmoot.dav.wire.elements import only_child
from folkmoot.dav.wire.headers import Depth, parse_depth, parse_preferences
from folkmoot.dav.wire.multistatus import XML_TYPE, multistatus
from folkmoot.dav.wire.rfc4918 import PROP, parse_propfind
from folkmoot.dav.wire.xml import Element, parse_body
from folkmoot.store.records import Kind, ObjectMeta

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from folkmoot.dav.face import DavFace


async def propfind(face: "DavFace", request: Request) -> Response:
    """Answer a PROPFIND; Depth: infinity reaches as far as 1, as SOGo's clients are used to."""
    depth = parse_depth(request.headers, Depth.INFINITY)
    preferences = parse_preferences(request.headers)
    root = parse_body(request.body)
    asked = parse_propfind(root)
    lookups = Lookups(face.services, face.settings, request)
    resource, below, metas = await _found(lookups, locate(request.path), deep=depth is not Depth.ZERO)
    wanted = Wanted(
        asked.names,
        asked.everything,
        asked.names_only,
        preferences.minimal,
        None if root is None else _bodies(lookups, root, resource),
    )
    shown = below if preferences.no_root and depth is not Depth.ZERO else [resource, *below]
    responses = await answers(lookups, shown, wanted)
    if isinstance(resource, CollectionResource) and metas:
        shown_metas = list(filter(shown_in_listing(face.settings, face.services.clock), metas))
        responses += await object_answers(lookups, resource, shown_metas, wanted)
    headers = [("Content-Type", XML_TYPE)]
    if preferences.applied:
        headers.append(("Preference-Applied", preferences.applied))
    return Response(207, headers, multistatus(responses))


def _bodies(lookups: Lookups, root: Element, resource: Resource) -> "Mapping[str, BodyText] | None":
    # Old clients of SOGo, and its own tests, ask for the text of an object as for any property.
    prop = only_child(root, PROP)
    match resource:
        case CollectionResource() if prop is not None:
            return bodies_of(lookups, prop, resource.seen.collection) or None
        case ObjectResource() if prop is not None:
            return bodies_of(lookups, prop, resource.parent.seen.collection) or None
        case _:
            return None


async def _found(
    lookups: Lookups, location: Location, *, deep: bool
) -> "tuple[Resource, Sequence[Resource], Sequence[ObjectMeta]]":
    href = own_href(lookups.request)
    place = _listed_place(location) if deep else None
    if place is not None:
        # The listing that every client polls: one look at the database for the collection and its members.
        check_served(lookups, place.kind)
        principal = await lookups.principal(place.owner)
        if principal is None:
            raise NotFound("no such principal")
        try:
            seen, metas = await lookups.services.objects.list_(lookups.caller, place)
        except NotFound:
            pass
        else:
            return CollectionResource(href, principal, place, seen), (), metas
    resource = await resolve(lookups, location, href)
    below, rows = await members(lookups, resource) if deep else ((), ())
    return resource, below, rows


def _listed_place(location: Location) -> Place | None:
    if location.owner is None or location.home in {None, Kind.FILES} or len(location.names) != 1:
        return None
    kind = location.home or Kind.CALENDAR
    if kind is Kind.CALENDAR and (location.names[0] == INBOX or location.names[0].endswith((".ics", ".xml"))):
        return None
    return Place(location.owner, kind, location.names[0])
