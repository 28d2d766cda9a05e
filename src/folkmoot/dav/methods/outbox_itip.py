"""POST of an invitation, an answer or a cancellation to the outbox, as older clients send them (RFC 6638 drafts)."""

from functools import partial
from typing import Final

from folkmoot.calendars.meetings.service import Outgoing
from folkmoot.core.errors import MalformedInput
from folkmoot.dav.calendar_users import mail_address, principal_at
from folkmoot.dav.errors import ConditionFailed
from folkmoot.dav.http import Response
from folkmoot.dav.privileges import sending_privileges
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.resource import CollectionResource
from folkmoot.dav.wire.multistatus import XML_TYPE
from folkmoot.dav.wire.names import CALDAV, clark
from folkmoot.dav.wire.rfc6638 import INVALID_USER, SUCCESS, Recipient, schedule_response
from folkmoot.ical import calendar_address, parse
from folkmoot.scheduling.meeting import SCHEDULED

METHODS: Final = frozenset(["REQUEST", "REPLY", "CANCEL", "COUNTER", "DECLINECOUNTER", "ADD", "REFRESH"])
RECIPIENTS_MAX: Final = 1_000  # in Recipient headers; as many attendees as one meeting may have
_STATUSES: Final = {"3.7": INVALID_USER, "5.2": "5.2;No way to reach that address"}


def is_itip(body: bytes) -> bool:
    """Whether a body is a message about a meeting or a task; what cannot be read is none.

    Raises:
        MalformedInput: no calendar text.
    """
    calendar = parse(body)
    method = (calendar.text("METHOD") or "").strip().upper()
    kinds = {component.name for component in calendar.components} - {"VTIMEZONE"}
    return method in METHODS and bool(kinds) and kinds <= SCHEDULED


async def outbox_itip(lookups: Lookups, outbox: CollectionResource) -> Response:
    """Deliver a message to its recipients, and say what became of it for each.

    Raises:
        ConditionFailed: the outbox of somebody for whom the caller may not send, or an originator who is not its owner.
        Forbidden: the message is not its owner's to send, or the caller may not send it in the owner's name.
        MalformedInput: no iTIP message.
    """
    services, request = lookups.services, lookups.request
    if not sending_privileges(outbox.seen.rights):
        raise ConditionFailed(clark(CALDAV, "originator-allowed"), message="this is not your outbox to send with")
    originator = await mail_address(lookups, request.header("originator"))
    addresses = {calendar_address(mail) for mail in services.people.addresses(outbox.principal)}
    if originator and originator not in addresses:
        raise ConditionFailed(clark(CALDAV, "originator-allowed"), message="the originator is the outbox's owner")
    named = [address.strip() for address in request.header("recipient").split(",") if address.strip()]
    if len(named) > RECIPIENTS_MAX:
        raise MalformedInput(f"at most {RECIPIENTS_MAX} recipients of one message")
    written = {await mail_address(lookups, address): address for address in named}
    outgoing = Outgoing(request.body, tuple(written), partial(principal_at, request))
    sent = await services.meetings.send(lookups.caller, outbox.seen, outgoing)
    answers = [
        Recipient(written.get(one.recipient, f"mailto:{one.recipient}"), _STATUSES.get(one.status, SUCCESS))
        for one in sent
    ]
    return Response(200, [("Content-Type", XML_TYPE)], schedule_response(answers))
