"""A calendar behind a secret link: GET and HEAD of one iCalendar document, and nothing else."""

from hashlib import blake2b
from typing import Final

from folkmoot.collections.content import Condition
from folkmoot.collections.links import Opened
from folkmoot.core.errors import FolkmootError, MalformedInput, NotFound
from folkmoot.dav.errors import status_of
from folkmoot.dav.http import Request, Response
from folkmoot.dav.services import Services
from folkmoot.dav.wire.headers import parse_etags

ENDING: Final = ".ics"
_ALLOW: Final = "GET, HEAD, OPTIONS"
_HEADERS: Final = (
    # The address is the key: no cache but the reader's own may keep what it opens, and no search engine may name it.
    ("Cache-Control", "private, no-cache"),
    ("X-Robots-Tag", "noindex, nofollow"),
)


async def follow(services: Services, request: Request) -> Response:
    """Answer a request for a link; ``request.path`` is what stands below the links' own path.

    Unknown, revoked and expired links get the same answer.
    """
    if request.method == "OPTIONS":
        return Response(200, [("Allow", _ALLOW)])
    if request.method not in {"GET", "HEAD"}:
        return Response(405, [("Allow", _ALLOW)])
    try:
        response = await _document(services, request)
    except FolkmootError as error:
        text = "There is nothing here.\n" if isinstance(error, NotFound) else f"{error}\n"
        return Response(status_of(error), [("Content-Type", "text/plain; charset=utf-8"), *_HEADERS], text.encode())
    if request.method == "HEAD":
        return Response(response.status, [*response.headers, ("Content-Length", str(len(response.body)))])
    return response


async def _document(services: Services, request: Request) -> Response:
    name = request.path.removeprefix("/")
    if not name.endswith(ENDING):
        raise NotFound("there is nothing here")
    opened = await services.links.open(name.removesuffix(ENDING))
    if await services.people.public(opened.place.owner) is None:
        raise NotFound("there is nothing here")
    etag = _etag(opened)
    headers = [*_HEADERS, ("ETag", f'"{etag}"')]
    if _known(request, etag):
        return Response(304, headers)
    text = await services.calendars.export(opened.caller, opened.place, seen=opened.seen)
    headers.append(("Content-Type", "text/calendar; charset=utf-8"))
    return Response(200, headers, text.encode("utf-8", "replace"))


def _etag(opened: Opened) -> str:
    # A digest, as the numbers in it are nobody's business.
    collection, rights = opened.seen.collection, opened.seen.rights
    state = f"{opened.caller.principal} {collection.revision} {collection.modified_at} {rights.shown}"
    return blake2b(state.encode(), digest_size=16).hexdigest()


def _known(request: Request, etag: str) -> bool:
    try:
        condition = Condition(none_match=parse_etags(request.headers.get("if-none-match")))
    except MalformedInput:
        return False
    return condition.none_match is not None and bool(condition.none_match & {etag, "*"})
