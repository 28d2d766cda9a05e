"""POST of a free-busy request to the scheduling outbox, which is the personal calendar (RFC 6638 section 5)."""

from collections.abc import Sequence

from folkmoot.dav.calendar_users import find_calendar_user
from folkmoot.dav.errors import ConditionFailed
from folkmoot.dav.freebusy import PRODUCT
from folkmoot.dav.http import Response
from folkmoot.dav.privileges import SEND_FREE_BUSY, sending_privileges
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
from folkmoot.ical.freebusy import BusyPeriod, format_freebusy


async def outbox_free_busy(lookups: Lookups, outbox: CollectionResource) -> Response:
    """Answer when each attendee is busy.

    Raises:
        ConditionFailed: the outbox of somebody for whom the caller may not send.
        Unsupported: anything but a free-busy request.
    """
    if SEND_FREE_BUSY not in sending_privileges(outbox.seen.rights):
        raise ConditionFailed(clark(CALDAV, "originator-allowed"), message="this is not your outbox to ask with")
    recipients = [address.strip() for address in lookups.request.header("recipient").split(",") if address.strip()]
    asked = parse_free_busy_request(lookups.request.body, recipients)
    services = lookups.services
    people = {address: await find_calendar_user(lookups, address) for address in asked.attendees}
    known = [person.id for person in people.values() if person is not None]
    busy = await services.free_busy.of(lookups.caller, known, asked.start, asked.end, without=asked.without)
    answers = [
        _recipient(lookups, asked, address, None if person is None else busy.get(person.id))
        for address, person in people.items()
    ]
    return Response(200, [("Content-Type", XML_TYPE)], schedule_response(answers))


def _recipient(
    lookups: Lookups, asked: FreeBusyRequest, address: str, periods: Sequence[BusyPeriod] | None
) -> Recipient:
    if periods is None:
        return Recipient(address, INVALID_USER)
    text = format_freebusy(
        asked.start,
        asked.end,
        periods,
        stamp=lookups.services.clock.now(),
        product=PRODUCT,
        method="REPLY",
        uid=asked.uid,
        organizer=asked.organizer,
        attendee=address,
    )
    return Recipient(address, SUCCESS, text)
