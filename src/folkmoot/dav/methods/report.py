"""REPORT: finds the module that answers (RFC 3253 section 3.6)."""

from typing import TYPE_CHECKING

from folkmoot.core.errors import MalformedInput
from folkmoot.dav.errors import ConditionFailed
from folkmoot.dav.http import Request, Response
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.reports import REPORTS
from folkmoot.dav.resolve import resolve_target
from folkmoot.dav.wire.xml import parse_body

if TYPE_CHECKING:
    from folkmoot.dav.face import DavFace


async def report(face: "DavFace", request: Request) -> Response:
    """Answer the report that the body's root element names."""
    root = parse_body(request.body)
    if root is None:
        raise MalformedInput("a REPORT has a body")
    handler = REPORTS.get(str(root.tag))
    if handler is None:
        raise ConditionFailed("{DAV:}supported-report", message="no such report")
    lookups = Lookups(face.services, face.settings, request, face.listings)
    return await handler(lookups, await resolve_target(lookups), root)
