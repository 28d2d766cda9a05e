"""Who takes part in a calendar object: organizer, attendees, and what they answered (RFC 5545 section 3.8.4)."""

from collections.abc import Container, Iterator, Mapping
from functools import lru_cache
from typing import Final

from folkmoot.ical import Component, Line, calendar_address
from folkmoot.scheduling.values import Address

SCHEDULED: Final = frozenset({"VEVENT", "VTODO"})  # VJOURNAL can be published, but nobody answers it
ORGANIZED: Final = SCHEDULED | {"VJOURNAL"}
NEEDS_ACTION: Final = "NEEDS-ACTION"
ADDRESS_MAX: Final = 320  # characters; longer ones are no mail addresses, and not worth remembering
SEQUENCE_MAX: Final = 2**31 - 1  # INTEGER of RFC 5545 section 3.3.8


_known = lru_cache(maxsize=8192)(calendar_address)  # the same few people stand on line after line


def address_of(line: Line) -> Address:
    """Return the address of an ORGANIZER or ATTENDEE, made for comparing."""
    value = line.value
    return Address(_known(value) if len(value) <= ADDRESS_MAX else calendar_address(value))


def mailto(address: Address) -> str:
    """Return an address as a CAL-ADDRESS; what is no mail address is a URI or a path, and stays as it is."""
    return f"mailto:{address}" if "@" in address and ":" not in address and "/" not in address else address


def components(calendar: Component) -> Iterator[Component]:
    """Yield the events, tasks and journal entries of a calendar object."""
    return (component for component in calendar.components if component.name in ORGANIZED)


def organizer(calendar: Component) -> Address | None:
    """Return who organizes; the first component that says so speaks for all (RFC 6638 section 3.2.4.3)."""
    line = organizer_line(calendar)
    return None if line is None else address_of(line)


def organizer_line(calendar: Component) -> Line | None:
    """Return the first ORGANIZER of a calendar object."""
    for component in components(calendar):
        line = component.get("ORGANIZER")
        if line is not None and line.value.strip():
            return line
    return None


def attendees(calendar: Component) -> Mapping[Address, Line]:
    """Return each attendee of any component with the first line that speaks of it."""
    found: dict[Address, Line] = {}
    for component in components(calendar):
        for line in component.all("ATTENDEE"):
            address = address_of(line)
            if address:
                found.setdefault(address, line)
    return found


def addresses_in(calendar: Component) -> frozenset[Address]:
    """Return everybody a calendar object names: organizers, attendees, who acts for them, delegates."""
    found: set[str] = set()
    for component in components(calendar):
        for line in component.properties:
            if line.name in ("ORGANIZER", "ATTENDEE"):
                found.add(calendar_address(line.value))
                for name in ("SENT-BY", "DELEGATED-TO", "DELEGATED-FROM"):
                    found.update(map(calendar_address, line.param_values(name)))
    found.discard("")
    return frozenset(map(Address, found))


def own_line(component: Component, owner: Container[Address]) -> Line | None:
    """Return the ATTENDEE that is the owner, by any address."""
    for line in component.all("ATTENDEE"):
        if address_of(line) in owner:
            return line
    return None


def answer(line: Line) -> str:
    """Return the PARTSTAT of an attendee in upper case; without one nothing was answered."""
    return (line.param("PARTSTAT") or NEEDS_ACTION).strip().upper() or NEEDS_ACTION


def participation(calendar: Component, owner: Container[Address]) -> str:
    """Return the owner's PARTSTAT, of the master if it has one; empty if the owner is no attendee."""
    found = ""
    for component in components(calendar):
        line = own_line(component, owner)
        if line is not None:
            if component.get("RECURRENCE-ID") is None:
                return answer(line)
            found = found or answer(line)
    return found


def is_meeting(calendar: Component) -> bool:
    """Whether somebody organizes it for at least one other person."""
    who = organizer(calendar)
    return who is not None and any(address != who for address in attendees(calendar))


def sequence(component: Component) -> int:
    """Return the SEQUENCE, 0 if it is missing or no number."""
    line = component.get("SEQUENCE")
    text = "" if line is None else line.value.strip()
    return min(int(text), SEQUENCE_MAX) if text.isascii() and text.isdigit() and len(text) <= 12 else 0  # noqa: PLR2004
