"""GET and HEAD of stored objects; computed documents and collections have functions of their own."""

from typing import Final

from folkmoot.core.errors import MalformedInput, NotFound, PreconditionFailed
from folkmoot.dav.conditions import etag_condition, submitted
from folkmoot.dav.errors import MethodNotAllowed
from folkmoot.dav.export import export
from folkmoot.dav.freebusy import free_busy
from folkmoot.dav.hrefs import Location, own_href
from folkmoot.dav.http import Response
from folkmoot.dav.methods.byte_range import Whole, parse_range
from folkmoot.dav.negotiation import accepted_card
from folkmoot.dav.properties.dav import http_date
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.resolve import resolve
from folkmoot.dav.resource import ExportResource, FreeBusyResource, ObjectResource, Resource
from folkmoot.dav.targets import object_target
from folkmoot.store.records import Kind, ObjectMeta, StoredObject

_NO_SCRIPTS: Final = [
    # A file may be a page with scripts: it must not run as ours.
    ("Content-Disposition", "attachment"),
    ("Content-Security-Policy", "default-src 'none'; sandbox"),
]


async def get(lookups: Lookups) -> Response:
    """Answer with the bytes that the client who wrote them sent."""
    location = await lookups.locate(lookups.request.path)
    if lookups.request.header("if"):
        await submitted(lookups)
    stored = await _object(lookups, location)
    if stored is not None:
        return object_response(lookups, location.home, stored)
    resource = await resolve(lookups, location, own_href(lookups.request))
    return await _other(lookups, resource)


async def head(lookups: Lookups) -> Response:
    """Answer as GET does, without the body; the length stands in the headers."""
    response = await get(lookups)
    headers = [*response.headers, ("Content-Length", str(len(response.body)))]
    return Response(response.status, headers)


async def _object(lookups: Lookups, location: Location) -> StoredObject | None:
    target = None if location.home is Kind.FILES and location.slash else object_target(lookups, location)
    if target is None:
        return None
    try:
        _, stored = await lookups.services.objects.read(lookups.caller, target.place, target.name)
    except NotFound:
        if location.home is Kind.CALENDAR:
            raise
        return None
    return stored


def object_response(lookups: Lookups, kind: Kind | None, stored: StoredObject) -> Response:
    """Return the answer to a GET of one object, 304 and 206 included.

    Raises:
        PreconditionFailed: If-Match does not hold.
        MalformedInput: no lists of ETags.
    """
    converted = accepted_card(stored, lookups.request.header("accept")) if kind is Kind.ADDRESSBOOK else None
    etag = f'"{stored.meta.etag}"' if converted is None else f'W/"{stored.meta.etag}"'
    meta = stored.meta
    body, content_type = converted or (stored.body, meta.content_type)
    headers = [
        ("ETag", etag),
        ("Last-Modified", http_date(meta.modified_at // 1000)),
        ("Content-Type", content_type),
        ("X-Content-Type-Options", "nosniff"),
    ]
    if meta.schedule_tag is not None:
        headers.append(("Schedule-Tag", f'"{meta.schedule_tag}"'))
    if kind is Kind.ADDRESSBOOK:
        headers.append(("Vary", "Accept"))
    if not_modified(lookups, meta.etag):
        return Response(304, headers[:2])
    if kind is not Kind.FILES:
        return Response(200, headers, body)
    return _part(lookups, meta, [*headers, *_NO_SCRIPTS, ("Accept-Ranges", "bytes")], body)


def not_modified(lookups: Lookups, etag: str) -> bool:
    """Whether the client has this version already.

    Raises:
        PreconditionFailed: If-Match does not hold.
        MalformedInput: no lists of ETags.
    """
    condition = etag_condition(lookups)
    if condition.match is not None and not condition.match & {etag, "*"}:
        raise PreconditionFailed("not at the version named by If-Match")
    return condition.none_match is not None and bool(condition.none_match & {etag, "*"})


def _part(lookups: Lookups, meta: ObjectMeta, headers: list[tuple[str, str]], body: bytes) -> Response:
    if_range = lookups.request.header("if-range").strip()
    if "range" not in lookups.request.headers or (if_range and if_range != f'"{meta.etag}"'):
        return Response(200, headers, body)
    part = parse_range(lookups.request.header("range"), len(body))
    if part is None:
        return Response(416, [("Content-Range", f"bytes */{len(body)}")])
    if isinstance(part, Whole):
        return Response(200, headers, body)
    headers.append(("Content-Range", f"bytes {part.start}-{part.stop - 1}/{len(body)}"))
    return Response(206, headers, body[part.start : part.stop])


async def _other(lookups: Lookups, resource: Resource) -> Response:
    match resource:
        case ExportResource():
            return await export(lookups, resource)
        case FreeBusyResource():
            return await free_busy(lookups, resource)
        case ObjectResource(parent=parent, stored=stored) if parent.place.kind is Kind.ADDRESSBOOK:
            return object_response(lookups, Kind.ADDRESSBOOK, stored)  # of the directory
        case ObjectResource():
            raise MalformedInput("a file's name has no final slash")
        case _ if "text/html" in lookups.request.header("accept"):
            return Response(302, [("Location", lookups.settings.landing)])
        case _:
            raise MethodNotAllowed("a collection has no content of its own; ask with PROPFIND")
