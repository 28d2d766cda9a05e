"""COPY and MOVE (RFC 4918 sections 9.8 and 9.9)."""

from typing import TYPE_CHECKING

from folkmoot.collections.content import Place
from folkmoot.core.errors import Forbidden, MalformedInput
from folkmoot.dav.conditions import submitted
from folkmoot.dav.errors import OtherHost
from folkmoot.dav.hrefs import Location, locate, path_of_href
from folkmoot.dav.http import Request, Response
from folkmoot.dav.methods.put import uid_conflict
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.resolve import resolve_target
from folkmoot.dav.resource import CollectionResource, ObjectResource, Resource
from folkmoot.dav.targets import is_collection_at, required_collection, required_object
from folkmoot.dav.wire.headers import Depth, parse_depth, parse_overwrite
from folkmoot.store.records import Kind, UidConflict

if TYPE_CHECKING:
    from folkmoot.dav.face import DavFace


async def copy(face: "DavFace", request: Request) -> Response:
    """Copy an object, or a collection with (Depth: infinity) or without (Depth: 0) its members."""
    return await _transfer(face, request, move=False)


async def move(face: "DavFace", request: Request) -> Response:
    """Move an object or a whole collection."""
    return await _transfer(face, request, move=True)


async def _transfer(face: "DavFace", request: Request, *, move: bool) -> Response:
    lookups = Lookups(face.services, face.settings, request)
    destination = _destination(request)
    overwrite = parse_overwrite(request.header("overwrite"))
    depth = parse_depth(request.headers, Depth.INFINITY)
    source = await resolve_target(lookups)
    tokens = await submitted(lookups)
    match source:
        case ObjectResource():
            created = await _object(lookups, source, destination, tokens, move=move, overwrite=overwrite)
        case CollectionResource() if depth is Depth.ONE or (move and depth is Depth.ZERO):
            raise MalformedInput("a collection is copied with Depth 0 or infinity, and moved with infinity")
        case CollectionResource():
            created = await lookups.services.transfers.transfer_collection(
                lookups.caller,
                source.place,
                _collection_destination(lookups, source, destination),
                move=move,
                overwrite=overwrite,
                deep=depth is Depth.INFINITY,
                tokens=tokens,
            )
        case _:
            raise Forbidden("this is always there, and only there")
    return Response(201 if created else 204)


def _destination(request: Request) -> Location:
    href = request.header("destination")
    if not href:
        raise MalformedInput("a COPY or MOVE names its Destination")
    if "#" in href:
        raise MalformedInput("a Destination has no fragment")
    path = path_of_href(request, href)
    if path is None:
        raise OtherHost("the destination is not on this server")
    return locate(path)


async def _object(
    lookups: Lookups,
    source: ObjectResource,
    destination: Location,
    tokens: frozenset[str],
    *,
    move: bool,
    overwrite: bool,
) -> bool:
    target = required_object(lookups, destination)
    place = target.place
    replaces = await _replace_collection(lookups, destination, tokens, source, overwrite=overwrite)
    try:
        created = await lookups.services.transfers.transfer_object(
            lookups.caller,
            source.parent.place,
            source.meta.name,
            place,
            target.name,
            move=move,
            overwrite=overwrite,
            tokens=tokens,
        )
    except UidConflict as conflict:
        raise uid_conflict(lookups, place, conflict) from conflict
    return created and not replaces


async def _replace_collection(
    lookups: Lookups, destination: Location, tokens: frozenset[str], source: ObjectResource, *, overwrite: bool
) -> bool:
    """Make room where a file goes over a collection (RFC 4918 section 9.9.3)."""
    if destination.home is not Kind.FILES or destination.owner is None or not overwrite:
        return False
    place = Place(destination.owner, Kind.FILES, "/".join(destination.names))
    inside = source.parent.place.name
    if f"{inside}/".startswith(f"{place.name}/") and source.parent.place.owner == place.owner:
        raise Forbidden("the destination contains the source")
    if not await is_collection_at(lookups, place):
        return False
    await lookups.services.collections.delete(lookups.caller, place, tokens)
    return True


def _collection_destination(lookups: Lookups, source: Resource, destination: Location) -> Place:
    target = required_collection(lookups, destination)
    if isinstance(source, CollectionResource) and not source.place.name:
        raise Forbidden("the home itself stays where it is")
    return target


