"""POST: iCalendar to the scheduling outbox, which is the personal calendar; XML by its root element."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from folkmoot.core.errors import MalformedInput, Unsupported
from folkmoot.dav.errors import MethodNotAllowed
from folkmoot.dav.http import Response
from folkmoot.dav.methods.outbox_freebusy import outbox_free_busy
from folkmoot.dav.methods.outbox_itip import is_itip, outbox_itip
from folkmoot.dav.methods.post_inverse import acl_query, subscribe, unsubscribe
from folkmoot.dav.methods.post_sharing import answer_invitation, publish, share, unpublish
from folkmoot.dav.properties.acl import is_outbox
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.resolve import resolve_target
from folkmoot.dav.resource import CollectionResource, Resource
from folkmoot.dav.wire.inverse import ACL_QUERY, SUBSCRIBE, UNSUBSCRIBE
from folkmoot.dav.wire.sharing import INVITE_REPLY, PUBLISH, SHARE, UNPUBLISH
from folkmoot.dav.wire.xml import Element, parse_body
from folkmoot.store.records import Kind

_XML: Final = frozenset(["text/xml", "application/xml"])

Action = Callable[[Lookups, Resource, Element], Awaitable[Response]]

ACTIONS: Final[Mapping[str, Action]] = {  # by the Clark name of the body's root element
    ACL_QUERY: acl_query,
    SUBSCRIBE: subscribe,
    UNSUBSCRIBE: unsubscribe,
    SHARE: share,
    INVITE_REPLY: answer_invitation,
    PUBLISH: publish,
    UNPUBLISH: unpublish,
}


async def post(lookups: Lookups) -> Response:
    """Find out by content type and resource what is wanted.

    Raises:
        MethodNotAllowed: nothing takes a POST there.
        Unsupported: another media type, or an XML document that says nothing to us.
        MalformedInput: XML without a root element.
    """
    resource = await resolve_target(lookups)
    media_type = lookups.request.header("content-type").partition(";")[0].strip().lower()
    if media_type in _XML:
        return await _xml(lookups, resource)
    if not isinstance(resource, CollectionResource) or resource.place.kind is not Kind.CALENDAR:
        raise MethodNotAllowed("nothing takes a POST here")
    if not is_outbox(resource.place):
        raise MethodNotAllowed("the outbox is the personal calendar")
    if media_type != "text/calendar":
        raise Unsupported("the outbox takes text/calendar")
    if is_itip(lookups.request.body):
        return await outbox_itip(lookups, resource)
    return await outbox_free_busy(lookups, resource)


async def _xml(lookups: Lookups, resource: Resource) -> Response:
    root = parse_body(lookups.request.body)
    if root is None:
        raise MalformedInput("a POST of XML has a body")
    action = ACTIONS.get(str(root.tag))
    if action is None:
        raise Unsupported(f"no such request: {root.tag}"[:200])
    return await action(lookups, resource, root)
