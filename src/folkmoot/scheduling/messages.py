"""iTIP messages as calendar text: what goes into each method, and what stays at home (RFC 5546 section 3)."""

from collections.abc import Container, Iterable, Sequence
from datetime import datetime
from typing import Final

from folkmoot.ical import Component, Line, escape_text, format_utc, iana_name, vtimezone
from folkmoot.scheduling.instances import Parts
from folkmoot.scheduling.meeting import SEQUENCE_MAX, address_of, components, mailto, organizer_line, own_line, sequence
from folkmoot.scheduling.own_parts import REPLIED
from folkmoot.scheduling.receiving.draft import COMMENT
from folkmoot.scheduling.values import Actor, Address, Message, Method, Reason

PRODUCT: Final = "-//Folkmoot//Scheduling//EN"
SUCCESS: Final = "2.0;Success"
_OURS: Final = frozenset({"SCHEDULE-AGENT", "SCHEDULE-STATUS", "SCHEDULE-FORCE-SEND", REPLIED})  # RFC 6638 section 7
NOTED: Final = "X-FOLKMOOT-"  # parameters in which we note something for ourselves
_AT_HOME: Final = ("X-MOZ-", "X-LIC-ERROR", "X-EVOLUTION-", "X-FOLKMOOT-", COMMENT)  # noted for oneself
_WHAT: Final = ("UID", "RECURRENCE-ID", "DTSTART", "DTEND", "DURATION", "DUE", "SUMMARY", "LOCATION")
_CANCELLED: Final = frozenset({*_WHAT, "RRULE", "RDATE", "EXDATE", "CLASS", "COMMENT"})
_ANSWERED: Final = frozenset({*_WHAT, "COMPLETED", "PERCENT-COMPLETE"})
_TOLD_OF_TASKS: Final = frozenset({"IN-PROCESS", "COMPLETED", "NEEDS-ACTION"})  # STATUS of a VTODO in a REPLY


def request(parts: Parts, chosen: Iterable[Component], *, now: datetime) -> Component:
    """Return a REQUEST with the components chosen, without alarms and what is nobody else's business."""
    return _message(Method.REQUEST, parts.calendar, [_shown(one, now) for one in chosen])


def cancel(parts: Parts, chosen: Iterable[tuple[Component, int]], recipient: Address, *, now: datetime) -> Component:
    """Return a CANCEL of components, each with the SEQUENCE it goes out with, naming only the recipient.

    Exchange wants the times (RFC 5546 section 3.2.5 leaves them open).
    """
    cancelled = []
    for one, number in chosen:
        lines = [_plain(line) for line in one.properties if line.name in _CANCELLED]
        lines += _people(one, {recipient})
        lines += [Line("SEQUENCE", str(number)), Line("DTSTAMP", format_utc(now)), Line("STATUS", "CANCELLED")]
        cancelled.append(Component(one.name, lines))
    return _message(Method.CANCEL, parts.calendar, cancelled)


def reply(
    parts: Parts, answered: Iterable[tuple[Component, Sequence[Line]]], owner: frozenset[Address], *, now: datetime
) -> Component:
    """Return a REPLY: of each component the owner's line, those it delegates to, comments, and what it is about.

    Exchange wants organizer and times back (RFC 5546 section 3.2.3 leaves the times open).
    """
    replies = []
    for one, comments in answered:
        own = own_line(one, owner)
        delegates: frozenset[Address] = frozenset() if own is None else delegates_of(own)
        lines = [_plain(line) for line in one.properties if line.name in _ANSWERED]
        if one.name == "VTODO":
            lines += [line for line in one.all("STATUS")[:1] if line.value.strip().upper() in _TOLD_OF_TASKS]
        lines += [
            line.with_param("RSVP") if address_of(line) in owner else line for line in _people(one, owner | delegates)
        ]
        lines += [Line("SEQUENCE", str(sequence(one))), Line("DTSTAMP", format_utc(now))]
        lines += [*comments, Line("REQUEST-STATUS", SUCCESS)]
        replies.append(Component(one.name, lines))
    return _message(Method.REPLY, parts.calendar, replies)


def counter(copy: Component, proposed: Component, actor: Actor, *, now: datetime) -> Message | None:
    """Return an attendee's COUNTER to the organizer of its copy; ``None`` if the owner of the copy is not invited.

    ``proposed`` holds the components as the attendee would have them (RFC 5546 section 3.2.7).
    """
    chosen = []
    for one in components(proposed):
        line = own_line(one, actor.addresses)
        if line is not None:
            countered = _shown(one, now)
            countered.set(Line("SEQUENCE", str(max(sequence(one), _highest(copy)))))
            chosen.append(countered)
    return _to_organizer(Method.COUNTER, Reason.COUNTER, copy, proposed, chosen, actor)


def refresh(copy: Component, actor: Actor, *, now: datetime) -> Message | None:
    """Return an attendee's REFRESH to the organizer of its copy (RFC 5546 section 3.2.6)."""
    chosen = []
    for one in components(copy):
        if own_line(one, actor.addresses) is not None:
            lines = [_plain(line) for line in one.properties if line.name in ("UID", "RECURRENCE-ID")]
            lines += _people(one, actor.addresses)
            chosen.append(Component(one.name, [*lines, Line("DTSTAMP", format_utc(now))]))
    return _to_organizer(Method.REFRESH, Reason.REPLY, copy, copy, chosen, actor)


def decline_counter(
    meeting: Component, countered: Component, attendee: Address, *, comment: str = "", now: datetime
) -> Message | None:
    """Return the organizer's DECLINECOUNTER to one attendee's COUNTER (RFC 5546 section 3.2.8).

    ``None`` if the meeting has no organizer or the counter no component.
    """
    line = organizer_line(meeting)
    chosen = []
    for one in components(countered):
        lines = [_plain(shown) for shown in one.properties if shown.name in _WHAT]
        lines += [_plain(shown) for shown in (line, own_line(one, {attendee})) if shown is not None]
        lines += [Line("SEQUENCE", str(_highest(meeting))), Line("DTSTAMP", format_utc(now))]
        lines += [Line("COMMENT", escape_text(comment))] if comment else []
        chosen.append(Component(one.name, [*lines, Line("REQUEST-STATUS", "3.0;Declined")]))
    if line is None or not chosen:
        return None
    return Message(
        Method.DECLINECOUNTER,
        address_of(line),
        attendee,
        _message(Method.DECLINECOUNTER, countered, chosen),
        Reason.DECLINE_COUNTER,
        uid_of(meeting),
        sequence=_highest(meeting),
    )


def uid_of(calendar: Component) -> str:
    """Return the UID that all components of a calendar object share."""
    return next(((one.text("UID") or "").strip() for one in components(calendar)), "")


def delegates_of(line: Line) -> frozenset[Address]:
    """Return to whom an attendee has delegated."""
    return frozenset(address_of(line.replace(value=value)) for value in line.param_values("DELEGATED-TO"))


def delegators_of(line: Line) -> frozenset[Address]:
    """Return who has delegated to an attendee."""
    return frozenset(address_of(line.replace(value=value)) for value in line.param_values("DELEGATED-FROM"))


def sent_by(line: Line, actor: Actor) -> Line:
    """Return a line of the owner's with who acted for it, or with nobody."""
    if actor.acting is None:
        return line.with_param("SENT-BY") if line.param("SENT-BY") is not None else line
    return line.with_param("SENT-BY", mailto(actor.acting))


def raised(number: int) -> int:
    """Return the next SEQUENCE."""
    return min(number + 1, SEQUENCE_MAX)


def _to_organizer(
    method: Method, reason: Reason, copy: Component, zones: Component, chosen: list[Component], actor: Actor
) -> Message | None:
    line = organizer_line(copy)
    own = next((own for one in components(copy) if (own := own_line(one, actor.addresses)) is not None), None)
    if line is None or own is None or not chosen:
        return None
    message = _message(method, zones, chosen)
    return Message(method, address_of(own), address_of(line), message, reason, uid_of(copy), sequence=_highest(copy))


def _highest(calendar: Component) -> int:
    return max((sequence(one) for one in components(calendar)), default=0)


def _shown(component: Component, now: datetime) -> Component:
    lines = [_plain(line) for line in component.properties if not line.name.startswith(_AT_HOME)]
    inside = [inner for inner in component.components if inner.name != "VALARM"]
    shown = Component(component.name, lines, inside)
    shown.set(Line("DTSTAMP", format_utc(now)))
    return shown


def _people(component: Component, wanted: Container[Address]) -> list[Line]:
    return [
        _plain(line)
        for line in component.properties
        if line.name == "ORGANIZER" or (line.name == "ATTENDEE" and address_of(line) in wanted)
    ]


def _plain(line: Line) -> Line:
    if not line.has_params:
        return line
    kept = [one for one in line.params if one.name not in _OURS and not one.name.startswith(NOTED)]
    return line if len(kept) == len(line.params) else line.replace(params=kept)


def _message(method: Method, source: Component, chosen: Sequence[Component]) -> Component:
    head = [Line("VERSION", "2.0"), Line("PRODID", PRODUCT), Line("METHOD", method), Line("CALSCALE", "GREGORIAN")]
    needed = {
        (line.param("TZID") or "").strip()
        for one in chosen
        for inner in one.walk()
        for line in inner.properties
        if line.has_params
    }
    zones = {
        tzid: zone for zone in source.children("VTIMEZONE") if (tzid := (zone.text("TZID") or "").strip()) in needed
    }
    for tzid in sorted(needed - zones.keys() - {""}):
        definition = _definition(tzid, chosen)
        if definition is not None:
            zones[tzid] = definition
    return Component("VCALENDAR", head, [*zones.values(), *chosen])


def _definition(tzid: str, chosen: Sequence[Component]) -> Component | None:
    """Return the VTIMEZONE that a client has left out, for others do not know its name (RFC 5545 section 3.6.5)."""
    name = iana_name(tzid)
    if name is None:
        return None
    years = [int(line.value[:4]) for one in chosen if (line := one.get("DTSTART")) and line.value[:4].isdecimal()]
    definition = vtimezone(name, min(years, default=1970))
    definition.set(Line("TZID", tzid))
    return definition
