"""A whole calendar as one document: iCalendar, or xCal (RFC 6321)."""

from typing import Final

from folkmoot.core.errors import PreconditionFailed
from folkmoot.dav.conditions import etag_condition
from folkmoot.dav.http import Response
from folkmoot.dav.properties.dav import export_etag
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.resource import ExportResource
from folkmoot.ical import parse
from folkmoot.ical.xcal import format_xcal

_TYPES: Final = {"ics": "text/calendar; charset=utf-8", "xml": "application/calendar+xml; charset=utf-8"}


async def export(lookups: Lookups, resource: ExportResource) -> Response:
    """Answer with what of a calendar the caller may see; 304 where the client has it already.

    Raises:
        PreconditionFailed: If-Match does not hold.
        MalformedInput: no lists of ETags.
    """
    etag = export_etag(resource)
    condition = etag_condition(lookups)
    if condition.match is not None and not condition.match & {etag, "*"}:
        raise PreconditionFailed("not at the version named by If-Match")
    headers = [("ETag", f'"{etag}"')]
    if condition.none_match is not None and condition.none_match & {etag, "*"}:
        return Response(304, headers)
    text = await lookups.services.calendars.export(lookups.request.caller, resource.parent.place)
    if resource.form == "xml":
        text = format_xcal(parse(text))
    return Response(200, [*headers, ("Content-Type", _TYPES[resource.form])], text.encode("utf-8", "replace"))
