"""DAV:sync-collection: what changed since a token (RFC 6578 section 3.2)."""

from folkmoot.dav.errors import ConditionFailed
from folkmoot.dav.http import Response
from folkmoot.dav.properties.answers import object_answers
from folkmoot.dav.properties.listing import listing
from folkmoot.dav.properties.live import Wanted
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.reports.wanted import answer, asked_depth, truncated, wanted_of
from folkmoot.dav.resource import CollectionResource, Resource
from folkmoot.dav.window import shown_in_listing
from folkmoot.dav.wire.headers import Depth
from folkmoot.dav.wire.multistatus import status_response
from folkmoot.dav.wire.rfc6578 import parse_sync_collection
from folkmoot.dav.wire.xml import Element
from folkmoot.store.records import Kind


async def sync_collection(lookups: Lookups, resource: Resource, report: Element) -> Response:
    """Answer with one page of changes and the token that follows it.

    A page that ends before the present says so with a 507 for the target; its token asks for the next one.
    Calendars and address books have no collections in them, so that both sync levels mean the same.

    Raises:
        ConditionFailed: DAV:supported-report.
        SyncTokenInvalid: DAV:valid-sync-token, if the client must start again.
        MalformedInput: no token element, or another level.
    """
    if not isinstance(resource, CollectionResource) or resource.place.kind is Kind.FILES:
        raise ConditionFailed("{DAV:}supported-report", message="only collections of objects are synchronised")
    infinite_depth = asked_depth(lookups, Depth.ZERO) is Depth.INFINITY
    asked = parse_sync_collection(report, infinite_depth=infinite_depth)
    wanted = wanted_of(lookups, report, resource.seen.collection)
    if not asked.token and asked.limit is None:
        return await _everything(lookups, resource, wanted)
    services = lookups.services
    _, changes = await services.objects.changes(
        lookups.caller, resource.place, asked.token or None, asked.limit, seen=resource.seen
    )
    live = [change.meta for change in changes.rows if change.meta is not None]
    if not asked.token:
        live = list(filter(shown_in_listing(lookups.settings, services.clock), live))
    responses = await object_answers(lookups, resource, live, wanted)
    responses += [
        status_response(resource.member_href(change.name), 404) for change in changes.rows if change.meta is None
    ]
    if changes.truncated:
        responses.append(truncated(resource.href))
    return answer(lookups, responses, changes.token)


async def _everything(lookups: Lookups, resource: CollectionResource, wanted: Wanted) -> Response:
    """Answer a first sync whole: it is the listing that PROPFIND gives, and the token of a state not younger."""
    responses = await listing(lookups, resource, wanted)
    return answer(lookups, responses, str(resource.seen.sync_token))
