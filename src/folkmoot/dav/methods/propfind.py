"""PROPFIND (RFC 4918 section 9.1)."""

from collections.abc import Mapping

from folkmoot.dav.http import Response
from folkmoot.dav.properties.answers import answers, object_answers
from folkmoot.dav.properties.listing import listing
from folkmoot.dav.properties.live import BodyText, Wanted
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.reports.bodies import bodies_of
from folkmoot.dav.resolve import resolve_target, resources_below
from folkmoot.dav.resource import CollectionResource, DirectoryBook, ObjectResource, Resource
from folkmoot.dav.wire.elements import only_child
from folkmoot.dav.wire.headers import Depth, parse_depth, parse_preferences
from folkmoot.dav.wire.multistatus import XML_TYPE, multistatus
from folkmoot.dav.wire.rfc4918 import PROP, parse_propfind
from folkmoot.dav.wire.xml import Element, parse_body


async def propfind(lookups: Lookups) -> Response:
    """Answer a PROPFIND; Depth: infinity reaches as far as 1, as SOGo's clients are used to."""
    depth = parse_depth(lookups.request.headers, Depth.INFINITY)
    preferences = parse_preferences(lookups.request.headers)
    root = parse_body(lookups.request.body)
    asked = parse_propfind(root)
    deep = depth is not Depth.ZERO
    resource = await resolve_target(lookups)
    bodies = None if root is None else _bodies(lookups, root, resource)
    wanted = Wanted(asked.names, asked.everything, asked.names_only, preferences.minimal, bodies)
    shown: list[Resource] = [] if preferences.no_root and deep else [resource]
    if deep:
        shown += await resources_below(lookups, resource)
    responses: list[str] = await answers(lookups, shown, wanted)
    if deep and isinstance(resource, CollectionResource):
        responses += await listing(lookups, resource, wanted)
    if deep and isinstance(resource, DirectoryBook):
        cards = await lookups.services.directory_books.list_(lookups.caller, resource.book.place.name)
        responses += await object_answers(lookups, resource.book, cards, wanted)
    headers = [("Content-Type", XML_TYPE)]
    if preferences.applied:
        headers.append(("Preference-Applied", preferences.applied))
    return Response(207, headers, multistatus(responses))


def _bodies(lookups: Lookups, root: Element, resource: Resource) -> Mapping[str, BodyText] | None:
    # Old clients of SOGo, and its own tests, ask for the text of an object as for any property.
    prop = only_child(root, PROP)
    match resource:
        case CollectionResource() if prop is not None:
            return bodies_of(lookups, prop, resource.seen.collection) or None
        case DirectoryBook() if prop is not None:
            return bodies_of(lookups, prop, resource.book.seen.collection) or None
        case ObjectResource() if prop is not None:
            return bodies_of(lookups, prop, resource.parent.seen.collection) or None
        case _:
            return None
