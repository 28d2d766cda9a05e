"""DELETE (RFC 4918 section 9.6)."""

from folkmoot.core.errors import Forbidden, MalformedInput, NotFound
from folkmoot.dav.conditions import etag_condition, submitted
from folkmoot.dav.hrefs import Location
from folkmoot.dav.http import Response
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.resolve import resolve_target
from folkmoot.dav.targets import collection_target, object_target
from folkmoot.dav.wire.headers import Depth, parse_depth
from folkmoot.dav.write_options import write_options
from folkmoot.store.records import Kind


async def delete(lookups: Lookups) -> Response:
    """Delete an object, or a collection with all in it."""
    location = await lookups.locate(lookups.request.path)
    tokens = await submitted(lookups)
    if not (await _object(lookups, location, tokens) or await _collection(lookups, location, tokens)):
        await resolve_target(lookups)
        raise Forbidden("this is always there")
    return Response(204)


async def _object(lookups: Lookups, location: Location, tokens: frozenset[str]) -> bool:
    target = object_target(lookups, location)
    if target is None:
        return False
    try:
        await lookups.services.objects.delete(
            lookups.caller, target.place, target.name, etag_condition(lookups), tokens, write_options(lookups)
        )
    except NotFound:
        if location.home is not Kind.FILES:
            raise
        return False
    return True


async def _collection(lookups: Lookups, location: Location, tokens: frozenset[str]) -> bool:
    place = collection_target(lookups, location)
    if place is None:
        return False
    if parse_depth(lookups.request.headers, Depth.INFINITY) is not Depth.INFINITY:
        raise MalformedInput("a collection is deleted with Depth: infinity")
    mount = location.mount
    if mount is not None:
        if mount.place != place:
            raise Forbidden("this is always there")
        await lookups.services.subscriptions.unsubscribe(lookups.caller, place, [mount.subscriber])
        return True
    try:
        await lookups.services.collections.delete(lookups.caller, place, tokens)
    except NotFound:
        await resolve_target(lookups)  # a computed document such as personal.ics
        raise Forbidden("this is always there") from None
    return True
