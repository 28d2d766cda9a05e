"""What of an attendee's copy is its owner's, and stays when the organizer sends the rest anew (RFC 6638 3.2.2)."""

from typing import Final

from folkmoot.ical import Component, Line
from folkmoot.scheduling.changes import PERSONAL
from folkmoot.scheduling.meeting import NEEDS_ACTION, address_of, answer, own_line
from folkmoot.scheduling.receiving.draft import CANCELLED, OF_SERIES
from folkmoot.scheduling.values import Actor
from folkmoot.scheduling.writing import as_sent

# Parameters that an answer consists of; who gave it for the attendee is told, too, as SOGo does.
ANSWER: Final = ("PARTSTAT", "RSVP", "DELEGATED-TO", "DELEGATED-FROM", "SENT-BY")
REPLIED: Final = "X-FOLKMOOT-REPLIED"  # parameter of an organizer's ATTENDEE: DTSTAMP of the last answer
_PROGRESS: Final = frozenset({"STATUS", "PERCENT-COMPLETE", "COMPLETED"})  # of a task, as its attendee goes on
_BOOK_KEEPING: Final = frozenset({"DTSTAMP", "LAST-MODIFIED", CANCELLED})
_NOT_FILED: Final = frozenset({"REQUEST-STATUS"}) | OF_SERIES
_SERVERS_OWN: Final = frozenset({"SCHEDULE-AGENT", "SCHEDULE-STATUS", "SCHEDULE-FORCE-SEND", REPLIED})
# Extensions that tell the same as other properties: gone when the organizer sends them no more.
_ORGANIZERS: Final = ("X-ALT-DESC", "X-MICROSOFT-", "X-MS-", "X-GOOGLE-", "X-NUM-GUESTS", "X-APPLE-STRUCTURED-LOCATION")


def filed(component: Component) -> Component:
    """Return a component of a message as it is stored: without the sender's alarms and what is for the server."""
    lines = [plain(line) for line in component.properties if line.name not in _NOT_FILED]
    inside = [inner.copy() for inner in component.components if inner.name != "VALARM"]
    return Component(component.name, lines, inside)


def is_asked_again(sent: Component, own: Component, recipient: Actor, *, changed: bool) -> bool:
    """Whether the recipient's answer is taken back: a new version or time, and the organizer awaits another one."""
    line, had = own_line(sent, recipient.addresses), own_line(own, recipient.addresses)
    if line is None or had is None:
        return True
    return changed and answer(line) == NEEDS_ACTION


def merged(sent: Component, own: Component, recipient: Actor, *, asked_again: bool) -> Component:
    """Return a filed component with what the recipient's own copy of it had.

    These are alarms, transparency, categories, extensions of clients and, unless asked again, the
    answer and the progress of a task.
    """
    new = sent.copy()
    line, had = own_line(sent, recipient.addresses), own_line(own, recipient.addresses)
    if sent.get("ATTENDEE") is None:
        new.properties += own.all("ATTENDEE")
    elif line is not None and had is not None and answer(had) != NEEDS_ACTION and not asked_again:
        _replace(new, line, with_answer(line, had))
        if new.name == "VTODO":
            _take_over(new, own, _PROGRESS)
    _take_over(new, own, PERSONAL)
    names = {line.name for line in new.properties}
    new.properties += [line for line in own.properties if _is_owners(line) and line.name not in names]
    agent = (own.get("ORGANIZER") or Line("ORGANIZER", "")).param("SCHEDULE-AGENT")
    organizer = new.get("ORGANIZER")
    if agent is not None and organizer is not None:
        new.set(organizer.with_param("SCHEDULE-AGENT", agent))
    new.components += [inner.copy() for inner in own.components if inner.name == "VALARM"]
    return new


def with_answer(line: Line, had: Line) -> Line:
    """Return an ATTENDEE with the answer that another line of the same person has."""
    kept = [parameter for parameter in line.params if parameter.name not in ANSWER]
    return line.replace(params=[*kept, *(parameter for parameter in had.params if parameter.name in ANSWER)])


def plain(line: Line) -> Line:
    """Return a line without the parameters that are between a client and its server."""
    if not line.has_params or all(parameter.name not in _SERVERS_OWN for parameter in line.params):
        return line
    return line.replace(params=[parameter for parameter in line.params if parameter.name not in _SERVERS_OWN])


def tells_more(old: Component, new: Component, recipient: Actor) -> bool:
    """Whether a copy differs in more than answers of others and book-keeping (RFC 6638 section 3.2.10)."""
    if not as_sent(_essence(old, recipient, people=False), _essence(new, recipient, people=False)):
        return True
    return not as_sent(_essence(old, recipient), _essence(new, recipient))


def _essence(calendar: Component, recipient: Actor, *, people: bool = True) -> Component:
    essence = Component(calendar.name)
    for component in calendar.components:
        if component.name == "VTIMEZONE":
            continue
        lines = []
        for line in component.properties:
            if line.name in _BOOK_KEEPING or (line.name == "ATTENDEE" and not people):
                continue
            if line.name == "ATTENDEE" and address_of(line) not in recipient.addresses:
                line = line.replace(params=[one for one in line.params if one.name not in (*ANSWER, *_SERVERS_OWN)])
            lines.append(line)
        essence.components.append(Component(component.name, lines, component.components))
    return essence


def _take_over(new: Component, own: Component, names: frozenset[str]) -> None:
    new.properties[:] = [line for line in new.properties if line.name not in names]
    new.properties += [line for line in own.properties if line.name in names]


def _replace(component: Component, line: Line, by: Line) -> None:
    component.properties[:] = [by if one is line else one for one in component.properties]


def _is_owners(line: Line) -> bool:
    return line.name.startswith("X-") and not line.name.startswith(_ORGANIZERS)
