"""What may be made of a message that came by mail before its reader has seen it (RFC 6047 section 2.3, section 3)."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from folkmoot.ical import Component
from folkmoot.scheduling.meeting import address_of, components, own_line
from folkmoot.scheduling.receiving.incoming import speaks_for
from folkmoot.scheduling.values import Address, Method

ORGANIZERS: Final = frozenset({Method.REQUEST, Method.ADD, Method.CANCEL, Method.DECLINECOUNTER})
ANSWERS: Final = frozenset({Method.REPLY, Method.COUNTER})


class Doubt(StrEnum):
    """Why a message is left to its reader."""

    SENDER = "it names no sender, or several"
    FORGED = "the sender was found to be forged"
    NOT_THE_ORGANIZER = "it does not come from the organizer"
    NOT_INVITED = "it does not name the reader as an attendee"
    OWN_MEETING = "it speaks of a meeting that the reader organizes"
    OTHERS_MEETING = "it answers to a meeting that somebody else organizes"
    NOT_TAKEN = "messages of this kind are nobody's meetings"
    NOT_WANTED = "the reader does not want invitations to be filed"


def doubt(method: Method, calendar: Component, owner: frozenset[Address], senders: Sequence[Address]) -> Doubt | None:
    """Return why a parsed message is not acted on with nobody watching; None if it may be received.

    ``senders`` are the addresses of the mail's From, ``owner`` those of whose mailbox it is in.  What is to be
    changed must fit, too, which ``receive`` sees to.
    """
    if len(senders) != 1:
        return Doubt.SENDER
    if method not in ORGANIZERS | ANSWERS:
        return Doubt.NOT_TAKEN  # PUBLISH is for who subscribes, REFRESH wants an answer that only people give
    lines = [line for one in components(calendar) for line in one.all("ORGANIZER")]
    organizers = {address_of(line) for line in lines}
    if method in ANSWERS:
        return None if organizers and organizers <= owner else Doubt.OTHERS_MEETING
    if organizers & owner:
        return Doubt.OWN_MEETING
    if len(organizers) != 1 or not all(speaks_for(senders[0], line) for line in lines):
        return Doubt.NOT_THE_ORGANIZER
    if method in {Method.REQUEST, Method.ADD} and all(own_line(one, owner) is None for one in components(calendar)):
        return Doubt.NOT_INVITED
    return None
