"""What the organizer's server puts right in an object that comes in."""

from typing import Final

from folkmoot.contentline import Parameter
from folkmoot.ical import Component, Line
from folkmoot.scheduling.meeting import NEEDS_ACTION, address_of, answer, components, mailto, organizer_line
from folkmoot.scheduling.values import Actor, Address, Wishes

FORCE: Final = "SCHEDULE-FORCE-SEND"
_SERVERS: Final = (FORCE, "SCHEDULE-STATUS")  # one is done when it is read, the other is not the client's to write


def tidied(
    after: Component, before: Component | None, actor: Actor, wishes: Wishes
) -> tuple[Component, frozenset[Address]]:
    """Return a copy of the owner's own meeting put right, and the attendees to whom REQUEST is forced.

    Every component names the same organizer: the owner's main address, unless the meeting went out under
    another of the owner's.  The owner is no attendee, everybody else is one once and has PARTSTAT,
    and RSVP until it has answered.
    Without any attendee left Apple's clients want no organizer either.
    """
    calendar = after.copy()
    forced: set[Address] = set()
    for component in components(calendar):
        component.properties[:] = _attendees(component, actor, forced)
    invited = any(component.get("ATTENDEE") is not None for component in components(calendar))
    line = _organizer(after, before, actor) if invited or organizer_line(after) is not None else None
    if not invited and before is None and wishes.client == "apple":
        line = None
    for component in components(calendar):
        if line is None:
            component.remove("ORGANIZER")
        else:
            component.set(line)
    return calendar, frozenset(forced)


def force_of(line: Line) -> str:
    """Return what SCHEDULE-FORCE-SEND asks for, in upper case (RFC 6638 section 7.2)."""
    return (line.param(FORCE) or "").strip().upper()


def _organizer(after: Component, before: Component | None, actor: Actor) -> Line | None:
    known = organizer_line(before) if before is not None else None
    line = organizer_line(after)
    if line is None or not actor.is_(line.value):
        line = known
    if line is None:
        return None
    if known is not None and actor.is_(known.value):
        value = known.value if address_of(known) != address_of(line) else line.value
    else:
        value = line.value if address_of(line) == actor.main else mailto(actor.main)
    params = [parameter for parameter in line.params if parameter.name not in (FORCE, "SENT-BY")]
    acted = (line if known is None else known).param_values("SENT-BY")
    if acted:
        params.append(Parameter("SENT-BY", acted))
    if actor.name and not any(parameter.name == "CN" for parameter in params):
        params.append(Parameter("CN", (actor.name,)))
    return line.replace(value=value, params=params)


def _attendees(component: Component, actor: Actor, forced: set[Address]) -> list[Line]:
    kept: list[Line] = []
    seen: set[Address] = set()
    for line in component.properties:
        if line.name != "ATTENDEE":
            kept.append(line)
            continue
        address = address_of(line)
        if address in seen or address in actor.addresses or not address:
            continue
        seen.add(address)
        if force_of(line) == "REQUEST":
            forced.add(address)
        for name in _SERVERS:
            line = line.with_param(name) if line.param(name) is not None else line
        kept.append(_complete(line))
    return kept


def _complete(line: Line) -> Line:
    if not (line.param("PARTSTAT") or "").strip():
        line = line.with_param("PARTSTAT", NEEDS_ACTION)
    if answer(line) != NEEDS_ACTION or line.param("RSVP") is not None:
        return line
    return line.with_param("RSVP", "TRUE")
