"""POST of a free-busy request to the scheduling outbox, which is the personal calendar (RFC 6638 section 5)."""

from typing import Final

from folkmoot.core.errors import Unsupported
from folkmoot.dav.errors import ConditionFailed, MethodNotAllowed
from folkmoot.dav.freebusy import PRODUCT
from folkmoot.dav.http import Response
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.resolve import resolve_target
from folkmoot.dav.resource import CollectionResource
from folkmoot.dav.wire.multistatus import XML_TYPE
from folkmoot.dav.wire.names import CALDAV, clark
from folkmoot.dav.wire.rfc6638 import (
    INVALID_USER,
    SUCCESS,
    FreeBusyRequest,
    Recipient,
    parse_free_busy_request,
    schedule_response,
)
from folkmoot.ical.freebusy import format_freebusy
from folkmoot.store.records import Kind

OUTBOX: Final = "personal"


async def post(lookups: Lookups) -> Response:
    """Answer when each attendee is busy.

    Raises:
        MethodNotAllowed: elsewhere than at an outbox.
        ConditionFailed: somebody else's outbox.
        Unsupported: anything but a free-busy request.
    """
    resource = await resolve_target(lookups)
    if not isinstance(resource, CollectionResource) or resource.place.kind is not Kind.CALENDAR:
        raise MethodNotAllowed("nothing takes a POST here")
    if resource.place.name != OUTBOX:
        raise MethodNotAllowed("the outbox is the personal calendar")
    if lookups.request.header("content-type").partition(";")[0].strip().lower() != "text/calendar":
        raise Unsupported("the outbox takes text/calendar")
    if not resource.seen.rights.admin:
        raise ConditionFailed(clark(CALDAV, "originator-allowed"), message="only the owner asks with an outbox")
    recipients = [address.strip() for address in lookups.request.header("recipient").split(",") if address.strip()]
    asked = parse_free_busy_request(lookups.request.body, recipients)
    answers = [await _recipient(lookups, asked, address) for address in asked.attendees]
    return Response(200, [("Content-Type", XML_TYPE)], schedule_response(answers))


async def _recipient(lookups: Lookups, asked: FreeBusyRequest, address: str) -> Recipient:
    services = lookups.services
    person = await services.people.find_by_address(lookups.caller, address)
    if person is None:
        return Recipient(address, INVALID_USER)
    periods = await services.free_busy.of_one(lookups.caller, person.id, asked.start, asked.end)
    text = format_freebusy(
        asked.start,
        asked.end,
        periods,
        stamp=services.clock.now(),
        product=PRODUCT,
        method="REPLY",
        uid=asked.uid,
        organizer=asked.organizer,
        attendee=address,
    )
    return Recipient(address, SUCCESS, text)
