"""COPY and MOVE (RFC 4918 sections 9.8 and 9.9)."""

from folkmoot.collections.content import Place
from folkmoot.collections.transfer import Transfer
from folkmoot.core.errors import Forbidden, MalformedInput, PreconditionFailed
from folkmoot.core.ids import ResourceName
from folkmoot.dav.conditions import submitted
from folkmoot.dav.errors import OtherHost
from folkmoot.dav.hrefs import Location, path_of_href
from folkmoot.dav.http import Response
from folkmoot.dav.methods.put import uid_conflict
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.resolve import resolve_target
from folkmoot.dav.resource import CollectionResource, ObjectResource
from folkmoot.dav.targets import is_collection_at, required_collection, required_object
from folkmoot.dav.wire.headers import Depth, parse_depth, parse_overwrite
from folkmoot.dav.write_options import write_options
from folkmoot.store.records import Kind, UidConflict


async def copy(lookups: Lookups) -> Response:
    """Copy an object, or a collection with (Depth: infinity) or without (Depth: 0) its members."""
    return await _transfer(lookups, move=False)


async def move(lookups: Lookups) -> Response:
    """Move an object or a whole collection."""
    return await _transfer(lookups, move=True)


async def _transfer(lookups: Lookups, *, move: bool) -> Response:
    destination = await _destination(lookups)
    overwrite = parse_overwrite(lookups.request.header("overwrite"))
    depth = parse_depth(lookups.request.headers, Depth.INFINITY)
    source = await resolve_target(lookups)
    tokens = await submitted(lookups)
    match source:
        case ObjectResource():
            target = required_object(lookups, destination)
            order = Transfer(source.parent.place, target.place, move, overwrite, tokens, write_options(lookups))
            created = await _object(lookups, order, source.meta.name, target.name)
        case CollectionResource() if depth is Depth.ONE or (move and depth is Depth.ZERO):
            raise MalformedInput("a collection is copied with Depth 0 or infinity, and moved with infinity")
        case CollectionResource() if destination.mount or (move and source.mount):
            raise Forbidden("a subscription has the name that follows from its collection")
        case CollectionResource():
            order = Transfer(source.place, required_collection(lookups, destination), move, overwrite, tokens)
            created = await lookups.services.transfers.transfer_collection(
                lookups.caller, order, deep=depth is Depth.INFINITY
            )
        case _:
            raise Forbidden("this is always there, and only there")
    return Response(201 if created else 204)


async def _destination(lookups: Lookups) -> Location:
    href = lookups.request.header("destination")
    if not href:
        raise MalformedInput("a COPY or MOVE names its Destination")
    if "#" in href:
        raise MalformedInput("a Destination has no fragment")
    path = path_of_href(lookups.request, href)
    if path is None:
        raise OtherHost("the destination is not on this server")
    return await lookups.locate(path)


async def _object(lookups: Lookups, order: Transfer, name: ResourceName, new_name: ResourceName) -> bool:
    replaces = await _replace_collection(lookups, order, new_name)
    try:
        created = await lookups.services.transfers.transfer_object(lookups.caller, order, name, new_name)
    except UidConflict as conflict:
        raise uid_conflict(lookups, order.target, conflict) from conflict
    return created and not replaces


async def _replace_collection(lookups: Lookups, order: Transfer, new_name: ResourceName) -> bool:
    """Make room where a file goes over a collection (RFC 4918 section 9.9.3)."""
    source, target = order.source, order.target
    if target.kind is not Kind.FILES:
        return False
    place = Place(target.owner, Kind.FILES, f"{target.name}/{new_name}".lstrip("/"))
    if not await is_collection_at(lookups, place):
        return False
    if not order.overwrite:
        raise PreconditionFailed("the destination exists")
    if source.owner == place.owner and f"{source.name}/".startswith(f"{place.name}/"):
        raise Forbidden("the destination contains the source")
    await lookups.services.collections.delete(lookups.caller, place, order.tokens)
    return True
