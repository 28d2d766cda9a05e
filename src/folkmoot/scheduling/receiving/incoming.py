"""One message on its way to one recipient, and who may say such things (RFC 5546 section 6.1, RFC 6047 section 2.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from folkmoot.ical import Component, Line
from folkmoot.scheduling.instances import Parts
from folkmoot.scheduling.meeting import address_of, organizer_line
from folkmoot.scheduling.values import Actor, Address, Effect, Receipt

UNKNOWN_UID: Final = "3.1;Invalid property value;UID"
UNKNOWN_INSTANCE: Final = "3.1;Invalid property value;RECURRENCE-ID"
UNKNOWN_PERSON: Final = "3.7;Invalid calendar user;ATTENDEE"
NO_AUTHORITY: Final = "3.8;No authority"
NO_SECOND_SERIES: Final = "3.14;Unsupported capability;RRULE"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message, read, with the circumstances of its delivery."""

    parts: Parts  # of the message
    recipient: Actor
    sender: Address | None  # who certainly sent it; None: this server, which has looked
    now: datetime  # UTC
    default_zone: tzinfo  # of floating times

    @property
    def calendar(self) -> Component:
        """The message as it came."""
        return self.parts.calendar

    def is_from(self, line: Line, stored: Line | None) -> bool:
        """Whether the sender may speak for the person of a line of the message.

        ``stored`` is what the copy says of the same person.  Who acts for somebody is believed if
        the copy knows it or both have their mail in one domain: anybody can write SENT-BY.
        """
        if self.sender is None or (stored is not None and self.sender in _deputies(stored)):
            return True
        return speaks_for(self.sender, line)

    def is_from_organizer_of(self, copy: Component) -> bool:
        """Whether the message comes from the organizer that the copy names.

        A copy that names none is the recipient's own event, which nobody's meeting takes the place of: only what
        names no organizer either, as published calendars may, is believed.  Another organizer takes over only by
        word of the present one.  Nobody tells the recipient about meetings that the recipient organizes, not even a
        mail that went to oneself.
        """
        stored, sent = organizer_line(copy), organizer_line(self.calendar)
        if stored is None:
            return sent is None
        if address_of(stored) in self.recipient.addresses:
            return False
        if sent is not None and address_of(sent) == address_of(stored):
            return self.is_from(sent, stored)
        return self.sender is not None and self.sender in {address_of(stored), *_deputies(stored)}


def speaks_for(sender: Address, line: Line) -> bool:
    """Whether a sender is the person of a line, or acts for it from a mailbox of the same domain."""
    if sender == address_of(line):
        return True
    return sender in _deputies(line) and _domain(sender) == _domain(address_of(line)) != ""


def unknown(request_status: str) -> Receipt:
    """Return the receipt for a message that fits nothing known."""
    return Receipt(Effect.UNKNOWN, request_status=request_status)


def combined(effects: Sequence[Effect]) -> Effect:
    """Return what a message with several components did."""
    for effect in (Effect.APPLIED, Effect.UNKNOWN, Effect.STALE):
        if effect in effects:
            return effect
    return Effect.UNCHANGED


def _deputies(line: Line) -> set[Address]:
    return {address_of(line.replace(value=value)) for value in line.param_values("SENT-BY")}


def _domain(address: Address) -> str:
    return address.rpartition("@")[2] if "@" in address else ""
