"""A free-busy request to the scheduling outbox, and its answer (RFC 6638 section 5 and 10.7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from folkmoot.core.errors import MalformedInput, TooLarge, Unsupported
from folkmoot.dav.wire.multistatus import document
from folkmoot.dav.wire.xml import escape
from folkmoot.ical import Component, Zones, instant, parse

ATTENDEES_MAX: Final = 200  # of one request; each is a look-up and a read of all their calendars
MASK_UID: Final = "X-CALENDARSERVER-MASK-UID"  # sent by Apple's Calendar
SUCCESS: Final = "2.0;Success"
INVALID_USER: Final = "3.7;Invalid Calendar User"


@dataclass(frozen=True, slots=True)
class FreeBusyRequest:
    """Who is to be asked for which time; addresses as written, times in UTC."""

    start: datetime
    end: datetime
    uid: str | None
    organizer: str | None
    attendees: tuple[str, ...]
    without: str | None = None  # UID of the meeting that is being moved, which makes nobody busy


@dataclass(frozen=True, slots=True)
class Recipient:
    """The answer for one attendee; ``calendar`` is iCalendar text if there is any."""

    address: str
    status: str
    calendar: str = ""


def parse_free_busy_request(body: bytes, recipients: Sequence[str]) -> FreeBusyRequest:
    """Return the request; ``recipients`` are those of the Recipient headers of older drafts.

    Raises:
        Unsupported: another kind of message.
        MalformedInput: no window of time, or nobody to ask.
        TooLarge: too many attendees.
    """
    calendar = parse(body)
    found = [component for component in calendar.components if component.name != "VTIMEZONE"]
    if (calendar.text("METHOD") or "").upper() != "REQUEST" or [c.name for c in found] != ["VFREEBUSY"]:
        raise Unsupported("the outbox takes free-busy requests")
    attendees = tuple(dict.fromkeys((*(line.value for line in found[0].all("ATTENDEE")), *recipients)))
    if not attendees:
        raise MalformedInput("a free-busy request names attendees")
    if len(attendees) > ATTENDEES_MAX:
        raise TooLarge(f"at most {ATTENDEES_MAX} attendees in one request")
    start, end = _instant(calendar, found[0], "DTSTART"), _instant(calendar, found[0], "DTEND")
    organizer = found[0].get("ORGANIZER")
    return FreeBusyRequest(
        start,
        end,
        found[0].text("UID"),
        None if organizer is None else organizer.value,
        attendees,
        found[0].text(MASK_UID),
    )


def _instant(calendar: Component, component: Component, name: str) -> datetime:
    line = component.get(name)
    if line is None:
        raise MalformedInput(f"a free-busy request has a {name}")
    return instant(Zones(calendar, UTC).when(line), UTC)


def schedule_response(recipients: Sequence[Recipient]) -> bytes:
    """Return the body of the answer."""
    return document("C:schedule-response", "".join(map(_response, recipients)))


def _response(recipient: Recipient) -> str:
    data = f"<C:calendar-data>{escape(recipient.calendar)}</C:calendar-data>" if recipient.calendar else ""
    return (
        f"<C:response><C:recipient><D:href>{escape(recipient.address)}</D:href></C:recipient>"
        f"<C:request-status>{recipient.status}</C:request-status>{data}</C:response>"
    )
