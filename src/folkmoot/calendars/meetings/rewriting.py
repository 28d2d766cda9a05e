"""What the server changes in a meeting before anything is decided: whose it is, who is invited by a group."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Final

from folkmoot.calendars.meetings.invitees import Invitees, Person
from folkmoot.contentline import Parameter
from folkmoot.core.errors import MalformedInput
from folkmoot.core.ids import PrincipalId
from folkmoot.ical import Component, Line, parse_when
from folkmoot.scheduling.meeting import address_of, addresses_in, attendees, components, mailto, organizer

PrincipalOf = Callable[[str], PrincipalId | None]
_NAMING: Final = ("SENT-BY", "DELEGATED-TO", "DELEGATED-FROM", "MEMBER")  # parameters that hold CAL-ADDRESSes
_NOT_SENT_BY_US = frozenset(["NONE", "CLIENT"])  # SCHEDULE-AGENT (RFC 6638 section 7.1)


def principals_in(calendar: Component, principal_of: PrincipalOf | None) -> Mapping[str, PrincipalId]:
    """Return the CAL-ADDRESSes that name people otherwise than by mail, as they are written."""
    if principal_of is None:
        return {}
    written: dict[str, None] = {}
    for component in components(calendar):
        for line in component.properties:
            if line.name in ("ORGANIZER", "ATTENDEE"):
                written[line.value] = None
                written.update((value, None) for name in _NAMING for value in line.param_values(name))
    return {value: found for value in written if (found := principal_of(value)) is not None}


def addressed(
    calendar: Component, named: Mapping[str, PrincipalId], invitees: Invitees, before: Component | None = None
) -> Component:
    """Return a meeting in which those named otherwise are named by their mail address.

    It is the one that ``before`` has of them; without that, their first.  Who has none, and who is not there,
    stays as written.
    """
    known = addresses_in(before) if before is not None else frozenset()
    mails: dict[str, str] = {}
    for value, principal in named.items():
        person = invitees.principal(principal)
        if person is not None and person.addresses:
            mails[value] = mailto(min(known & person.addresses, default=person.main))
    if not mails:
        return calendar
    changed = calendar.copy()
    for component in components(changed):
        component.properties[:] = [
            _renamed(line, mails) if line.name in ("ORGANIZER", "ATTENDEE") else line for line in component.properties
        ]
    return changed


def _renamed(line: Line, mails: Mapping[str, str]) -> Line:
    line = line.replace(value=mails.get(line.value, line.value))
    for name in _NAMING:
        values = line.param_values(name)
        if any(value in mails for value in values):
            line = line.with_param(name, *(mails.get(value, value) for value in values))
    return line


def hosted(after: Component, before: Component | None, owner: Person, acting: Person | None) -> Component:
    """Return a meeting that somebody makes in another person's calendar as that person's.

    Clients that know of one identity only name the person who acts as organizer; invitations then go out in the
    name of the calendar's owner, sent by who acts (SOGo does the same).
    """
    if acting is None or acting.id == owner.id or organizer(after) not in acting.addresses:
        return after
    if before is not None and organizer(before) not in owner.addresses:
        return after
    if any(address in owner.addresses for address in attendees(after)):
        return after
    changed = after.copy()
    for component in components(changed):
        line = component.get("ORGANIZER")
        if line is not None and address_of(line) in acting.addresses:
            params = [Parameter("CN", (owner.principal.display_name,)), Parameter("SENT-BY", (mailto(acting.main),))]
            component.set(Line("ORGANIZER", mailto(owner.main), params))
    return changed


def expanded(calendar: Component, invitees: Invitees) -> Component:
    """Return a meeting in which groups that this server knows have given way to their members."""
    groups = {
        address: person
        for address, line in attendees(calendar).items()
        if (person := invitees.at(address)) is not None and person.members and _ours(line)
    }
    if not groups:
        return calendar
    changed = calendar.copy()
    for component in components(changed):
        present = {address_of(line) for line in component.all("ATTENDEE")}
        organizer_line = component.get("ORGANIZER")
        if organizer_line is not None:
            present.add(address_of(organizer_line))
        lines: list[Line] = []
        for line in component.properties:
            group = groups.get(address_of(line)) if line.name == "ATTENDEE" else None
            if group is None:
                lines.append(line)
                continue
            for member in group.members:
                person = invitees.at(member)
                if member in present or (person is not None and present & person.addresses):
                    continue
                present.add(member)
                name = person.principal.display_name if person else ""
                lines.append(_member_line(line, mailto(member), name))
        component.properties[:] = lines
    return changed


def _ours(line: Line) -> bool:
    return (line.param("SCHEDULE-AGENT") or "").upper() not in _NOT_SENT_BY_US


def _member_line(group: Line, address: str, name: str) -> Line:
    params = [Parameter("CN", (name,))] if name else []
    role = group.param("ROLE")
    params += [Parameter("ROLE", (role,))] if role else []
    params += [
        Parameter("CUTYPE", ("INDIVIDUAL",)),
        Parameter("PARTSTAT", ("NEEDS-ACTION",)),
        Parameter("RSVP", ("TRUE",)),
        Parameter("MEMBER", (group.value,)),
    ]
    return Line("ATTENDEE", address, params)


def transparent_days(calendar: Component) -> Component:
    """Return a calendar object whose all-day events leave the time free; itself if there are none to change."""
    changed: Component | None = None
    for number, component in enumerate(calendar.components):
        starts = component.get("DTSTART")
        if component.name != "VEVENT" or starts is None or not _is_day(starts):
            continue
        if (component.text("TRANSP") or "").upper() == "TRANSPARENT":
            continue
        changed = changed or calendar.copy()
        changed.components[number].set(Line("TRANSP", "TRANSPARENT"))
    return changed or calendar


def _is_day(line: Line) -> bool:
    if (line.param("VALUE") or "").upper() == "DATE":
        return True
    try:
        when = parse_when(line.value)
    except MalformedInput:
        return False
    return isinstance(when, date) and not isinstance(when, datetime)
