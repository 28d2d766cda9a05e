"""REPORT: finds the module that answers (RFC 3253 section 3.6)."""

from folkmoot.core.errors import MalformedInput
from folkmoot.dav.errors import ConditionFailed
from folkmoot.dav.http import Response
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.reports import REPORTS
from folkmoot.dav.reports.kept import key_of, may_keep
from folkmoot.dav.resolve import resolve_target
from folkmoot.dav.wire.xml import parse_body


async def report(lookups: Lookups) -> Response:
    """Answer the report that the body's root element names."""
    target = await resolve_target(lookups)
    key = key_of(lookups, target)
    known = None if key is None else lookups.kept.answers.get(key)
    if known is not None:
        return Response(known.status, list(known.headers), known.body)
    root = parse_body(lookups.request.body)
    if root is None:
        raise MalformedInput("a REPORT has a body")
    handler = REPORTS.get(str(root.tag))
    if handler is None:
        raise ConditionFailed("{DAV:}supported-report", message="no such report")
    response = await handler(lookups, target, root)
    if key is not None and may_keep(root, response):
        lookups.kept.answers.put(key, Response(response.status, list(response.headers), response.body))
    return response
