"""What a received message makes of a recipient's copy (RFC 5546 section 3, RFC 6638 section 4)."""

from datetime import UTC, datetime, tzinfo

from folkmoot.core.errors import Unsupported
from folkmoot.ical import Component
from folkmoot.scheduling.instances import Parts
from folkmoot.scheduling.meeting import attendees, components, organizer, sequence
from folkmoot.scheduling.receiving.cancellations import receive_cancel
from folkmoot.scheduling.receiving.incoming import NO_AUTHORITY, UNKNOWN_PERSON, UNKNOWN_UID, Incoming, unknown
from folkmoot.scheduling.receiving.invitations import receive_add, receive_request
from folkmoot.scheduling.receiving.replies import receive_reply
from folkmoot.scheduling.values import Actor, Address, Effect, Method, Receipt


def receive(
    copy: Component | None,
    message: Component,
    method: Method,
    recipient: Actor,
    *,
    now: datetime,
    default_zone: tzinfo = UTC,
    sender: Address | None = None,
) -> Receipt:
    """Return what becomes of a recipient's copy by a message that ``parse_message`` has accepted.

    Nothing given is changed.  ``sender`` is who certainly sent the message: then it must be the
    organizer or the attendee that the message speaks for, or who acts for that person.  ``None``
    is this server itself.

    Raises:
        Unsupported: the message is about free-busy, which no calendar object follows from.
        MalformedInput: a date, time, duration or rule cannot be read.
    """
    if not any(True for _ in components(message)):
        raise Unsupported("iTIP: only events, tasks and journal entries are received")
    incoming = Incoming(Parts(message, default_zone), recipient, sender, now, default_zone)
    match method:
        case Method.REQUEST | Method.PUBLISH:
            return receive_request(copy, incoming)
        case Method.ADD:
            return receive_add(copy, incoming)
        case Method.CANCEL:
            return receive_cancel(copy, incoming)
        case Method.REPLY:
            return receive_reply(copy, incoming)
        case Method.COUNTER | Method.REFRESH:
            return _asked(copy, incoming, current=method is Method.COUNTER)
        case Method.DECLINECOUNTER:
            return _declined(copy, incoming)


def _asked(copy: Component | None, incoming: Incoming, *, current: bool) -> Receipt:
    """Note an attendee's proposal or wish for the present version; the organizer decides.

    ``current``: it must be about the version that the organizer has (RFC 5546 sections 3.2.6, 3.2.7).
    """
    if copy is None:
        return unknown(UNKNOWN_UID)
    if organizer(copy) not in incoming.recipient.addresses:
        return unknown(NO_AUTHORITY)
    invited, asking = attendees(copy), attendees(incoming.calendar)
    if asking:
        asking = {who: line for who, line in asking.items() if incoming.is_from(line, invited.get(who))}
        if not asking:
            return unknown(NO_AUTHORITY)
    if incoming.sender not in invited and not asking.keys() & invited.keys():
        return unknown(UNKNOWN_PERSON)
    if current and _highest(incoming.calendar) < _lowest(copy):
        return Receipt(Effect.STALE)
    return Receipt(Effect.NOTED)


def _declined(copy: Component | None, incoming: Incoming) -> Receipt:
    """Note that the organizer keeps to its time (RFC 5546 section 3.2.8)."""
    if copy is None:
        return unknown(UNKNOWN_UID)
    if not incoming.is_from_organizer_of(copy):
        return unknown(NO_AUTHORITY)
    return Receipt(Effect.NOTED)


def _highest(calendar: Component) -> int:
    return max(map(sequence, components(calendar)))


def _lowest(calendar: Component) -> int:
    return min(map(sequence, components(calendar)), default=0)
