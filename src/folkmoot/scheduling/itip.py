"""A message of iTIP read and checked: is it one, and does it have what its method needs (RFC 5546 section 3)."""

from collections.abc import Mapping
from datetime import UTC
from typing import Final

from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.ical import Component, Zones, parse
from folkmoot.ical.series import series_of
from folkmoot.scheduling.receiving.cleaning import clean
from folkmoot.scheduling.receiving.versions import version_of
from folkmoot.scheduling.values import Method

OCTETS_MAX: Final = 10 * 1024 * 1024  # as much as a calendar stores of one object
COMPONENTS_MAX: Final = 500  # a working day's series of two years with each day changed
ATTENDEES_MAX: Final = 1_000  # of one component; as many as a calendar stores
KINDS: Final = frozenset({"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY"})

_Needs = Mapping[Method, frozenset[str]]
_EVENT: Final[_Needs] = {
    Method.PUBLISH: frozenset({"UID", "DTSTART"}),
    Method.REQUEST: frozenset({"UID", "DTSTART", "ORGANIZER", "ATTENDEE"}),
    Method.REPLY: frozenset({"UID", "ATTENDEE"}),
    Method.ADD: frozenset({"UID", "DTSTART", "ORGANIZER"}),
    Method.CANCEL: frozenset({"UID", "ORGANIZER"}),
    Method.REFRESH: frozenset({"UID", "ATTENDEE"}),
    Method.COUNTER: frozenset({"UID", "DTSTART"}),
    Method.DECLINECOUNTER: frozenset({"UID"}),
}
NEEDED: Final[Mapping[str, _Needs]] = {
    "VEVENT": _EVENT,
    "VTODO": {method: needs - {"DTSTART"} for method, needs in _EVENT.items()},  # a task need not begin
    "VJOURNAL": {method: _EVENT[method] for method in (Method.PUBLISH, Method.ADD, Method.CANCEL)},
    "VFREEBUSY": {
        Method.PUBLISH: frozenset({"DTSTART", "DTEND"}),
        Method.REQUEST: frozenset({"DTSTART", "DTEND", "ORGANIZER", "ATTENDEE"}),
        Method.REPLY: frozenset({"DTSTART", "DTEND", "ATTENDEE"}),
    },
}
"""What each method cannot do without (RFC 5546 sections 3.2 to 3.5).

The tables there ask for more: DTSTAMP and SUMMARY always, ORGANIZER in what goes to the organizer,
SEQUENCE where something changes.  Exchange and others leave these out now and then, and the copy tells.
"""

_ONCE: Final = ("UID", "DTSTAMP", "DTSTART", "DTEND", "DUE", "DURATION", "ORGANIZER", "RECURRENCE-ID", "SEQUENCE")
_NOT_IN_ADD: Final = ("RECURRENCE-ID", "EXRULE", "EXDATE")


def parse_message(body: bytes) -> tuple[Method, Component]:
    """Return the method and the VCALENDAR of a message, with known mistakes of vendors put right.

    All components are about one UID: files with several are imported, not received.

    Raises:
        MalformedInput: it does not parse, has no known METHOD, mixes kinds of component or UIDs, or
            lacks what its method needs.
        TooLarge: a limit of this module is exceeded.
    """
    calendar = parse(body, octets_max=OCTETS_MAX)
    method = _method(calendar)
    clean(calendar)
    components = [component for component in calendar.components if component.name in KINDS]
    if not components:
        raise MalformedInput("iTIP: nothing in the message that can be scheduled")
    if len(components) > COMPONENTS_MAX:
        raise TooLarge(f"iTIP: more than {COMPONENTS_MAX} components")
    kinds = {component.name for component in components}
    if len(kinds) > 1:
        raise MalformedInput(f"iTIP: several kinds of component: {', '.join(sorted(kinds))}")
    needs = NEEDED[components[0].name].get(method)
    if needs is None:
        raise MalformedInput(f"iTIP: {components[0].name} knows no {method}")
    for component in components:
        _check(component, method, needs)
    _check_identity(components)
    _check_dates(calendar, components)
    return method, calendar


def _method(calendar: Component) -> Method:
    lines = calendar.all("METHOD")
    if len(lines) != 1:
        raise MalformedInput("iTIP: METHOD is missing" if not lines else "iTIP: METHOD is there twice")
    name = lines[0].value.strip().upper()
    if name not in Method.__members__:
        raise MalformedInput(f"iTIP: METHOD {name[:40]!r} is not known")
    return Method(name)


def _check(component: Component, method: Method, needs: frozenset[str]) -> None:
    present = {line.name for line in component.properties if line.value.strip()}
    missing = sorted(needs - present)
    if missing:
        raise MalformedInput(f"iTIP: {method} of a {component.name} needs {', '.join(missing)}")
    for name in _ONCE:
        if name in present and len(component.all(name)) > 1:
            raise MalformedInput(f"iTIP: {name} is there twice")
    if method is Method.ADD:
        excess = [name for name in _NOT_IN_ADD if name in present]
        if excess:
            raise MalformedInput(f"iTIP: ADD has no {', '.join(excess)} (RFC 5546 section 3.2.4)")
    if len(component.all("ATTENDEE")) > ATTENDEES_MAX:
        raise TooLarge(f"iTIP: more than {ATTENDEES_MAX} attendees")
    line = component.get("SEQUENCE")
    if line is not None and not (line.value.strip().isascii() and line.value.strip().isdigit()):
        raise MalformedInput(f"iTIP: SEQUENCE {line.value[:20]!r}")


def _check_identity(components: list[Component]) -> None:
    uids = {(component.text("UID") or "").strip() for component in components}
    if len(uids) > 1:
        raise MalformedInput(f"iTIP: {len(uids)} different UIDs in one message")
    instances = [line.value.strip() if (line := one.get("RECURRENCE-ID")) else "" for one in components]
    if len(set(instances)) < len(instances):
        raise MalformedInput("iTIP: two components for the same instance")


def _check_dates(calendar: Component, components: list[Component]) -> None:
    """Read every date once, so that whoever works with them later finds no bad one."""
    zones = Zones(calendar, UTC)
    for component in components:
        version_of(component)
        for name in ("DTSTART", "DTEND", "DUE", "RECURRENCE-ID"):
            line = component.get(name)
            if line is not None:
                zones.when(line)
    for series in series_of(calendar, zones):
        series.excluded()
        for _ in series.added():
            pass
