"""POST of a free-busy request to the scheduling outbox, which is the personal calendar (RFC 6638 section 5)."""

from folkmoot.dav.errors import ConditionFailed
from folkmoot.dav.freebusy import PRODUCT
from folkmoot.dav.http import Response
from folkmoot.dav.properties.lookups import Lookups
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


async def outbox_free_busy(lookups: Lookups, outbox: CollectionResource) -> Response:
    """Answer when each attendee is busy.

    Raises:
        ConditionFailed: somebody else's outbox.
        Unsupported: anything but a free-busy request.
    """
    if not outbox.seen.rights.admin:
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
