"""The words of scheduling: who acts, what is sent, what comes of it (RFC 5546 section 1.4, RFC 6638)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import NewType

from folkmoot.core.errors import Conflict, Forbidden
from folkmoot.ical import Component, calendar_address

Address = NewType("Address", str)  # as ``ical.calendar_address`` gives it: lower case, without "mailto:"


class Method(StrEnum):
    """iTIP methods (RFC 5546 section 1.4)."""

    PUBLISH = "PUBLISH"
    REQUEST = "REQUEST"
    REPLY = "REPLY"
    ADD = "ADD"
    CANCEL = "CANCEL"
    REFRESH = "REFRESH"
    COUNTER = "COUNTER"
    DECLINECOUNTER = "DECLINECOUNTER"


class Reason(StrEnum):
    """Why a message goes out; chooses the words of its mail."""

    INVITATION = "invitation"
    UPDATE = "update"
    CANCELLATION = "cancellation"
    REPLY = "reply"
    COUNTER = "counter"
    DECLINE_COUNTER = "decline-counter"


@dataclass(frozen=True, slots=True)
class Actor:
    """Whose calendar is written to, and who writes."""

    addresses: frozenset[Address]  # of the calendar's owner
    main: Address  # the owner's first address
    name: str = ""  # the owner's, for CN
    acting: Address | None = None  # who writes if not the owner: becomes SENT-BY
    acting_name: str = ""

    def is_(self, value: str) -> bool:
        """Whether a CAL-ADDRESS value is one of the owner's."""
        return calendar_address(value) in self.addresses


@dataclass(frozen=True, slots=True)
class Message:
    """One iTIP message to one recipient."""

    method: Method
    sender: Address
    recipient: Address
    calendar: Component  # VCALENDAR with METHOD, as it goes; without alarms
    reason: Reason
    uid: str
    recurrence_ids: Sequence[str] = ()  # UTC, of the instances it is about; empty: the whole
    sequence: int = 0
    significant: bool = True  # False: only answers of others changed; no mail, and nobody is asked again
    force: bool = False  # SCHEDULE-FORCE-SEND (RFC 6638 section 7.2)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a request says about scheduling, and the circumstances that decide it."""

    now: datetime  # UTC
    default_zone: tzinfo  # of floating times
    schedule_reply: bool = True  # False: Schedule-Reply: F (RFC 6638 section 8.1)
    client: str = ""  # family of the client: apple, thunderbird, ...
    may_organize: bool = True  # False: the writer may only answer (the right to respond)
    keep_organizer_check: bool = True  # False: SOGoDisableOrganizerEventCheck


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows from a write on a calendar object."""

    calendar: Component | None  # what is stored; None: the object goes
    messages: Sequence[Message] = ()
    scheduling: bool = False  # the stored object is a scheduling object resource (RFC 6638 section 3.1)
    keeps_tag: bool = False  # Schedule-Tag stays as it was (RFC 6638 section 3.2.10)


class Effect(StrEnum):
    """What a received message did to a copy."""

    APPLIED = "applied"
    UNCHANGED = "unchanged"  # it said nothing new
    STALE = "stale"  # older than what the copy has
    UNKNOWN = "unknown"  # about a meeting, an instance or a person that the copy does not know
    REMOVED = "removed"  # the copy is to be deleted
    NOTED = "noted"  # for a human to decide: COUNTER, REFRESH, DECLINECOUNTER


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a recipient's copy becomes by a message."""

    effect: Effect
    calendar: Component | None = None  # the new copy where ``effect`` is APPLIED
    significant: bool = False  # the Schedule-Tag changes
    request_status: str = "2.0;Success"  # RFC 5546 section 3.6
    replied: Sequence[Address] = field(default=())  # attendees whose answer a REPLY has brought


class OrganizerChanged(Forbidden):
    """An attendee's write names another organizer (CALDAV:allowed-organizer-scheduling-object-change)."""


class AttendeeChangeRefused(Forbidden):
    """CALDAV:allowed-attendee-scheduling-object-change (RFC 6638 section 3.2.4.2)."""


class OldSequence(Conflict):
    """The write has a lower SEQUENCE than the stored object; the client's family decides between 403 and 409."""


class Prevented(Conflict):
    """People who let nobody invite them, resources that are full: nobody was invited.

    ``unavailable`` holds a line for each; ``conflict`` names title and time of the booking in the way;
    ``without`` are the addresses without which the others could be invited, none if there are no others.
    """

    def __init__(
        self, message: str, unavailable: Sequence[str] = (), conflict: str = "", without: Sequence[Address] = ()
    ) -> None:
        super().__init__(message)
        self.unavailable = unavailable
        self.conflict = conflict
        self.without = without
