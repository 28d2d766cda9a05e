"""What vendors write wrongly into their messages, put right before anybody reads it."""

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import unquote

from folkmoot.core.errors import MalformedInput
from folkmoot.ical import Component, Line, Parameter, calendar_address

ADDRESS_MAX: Final = 1_000  # octets; an address of mail has at most 254, a URI some more
_ANGLED: Final = re.compile(r'^\s*"?(?P<name>[^<"]*?)"?\s*<(?P<address>[^<>]*)>\s*$')
_FORBIDDEN: Final = re.compile(r"[\x00-\x20\x7f<>]")
_PEOPLE: Final = frozenset({"ORGANIZER", "ATTENDEE"})
_NAMING: Final = frozenset({"SENT-BY", "DELEGATED-TO", "DELEGATED-FROM", "MEMBER"})
_SERVERS_OWN: Final = frozenset({"SCHEDULE-AGENT", "SCHEDULE-STATUS", "SCHEDULE-FORCE-SEND"})
_STEERING: Final = ("X-SOGO-", "X-FOLKMOOT-", "X-CALENDARSERVER-")


def clean(calendar: Component) -> None:
    """Put right, in place, what is known to be written wrongly.

    Blanks around TZID and TZNAME (Microsoft) go; calendar addresses lose percent encoding, display
    names become CN, people named twice in a component are named once.  Whatever would steer this
    server goes too: parameters of RFC 6638 section 7, which messages do not have, and properties
    by which calendars of ours are told what to do.

    Raises:
        MalformedInput: a calendar address with blanks or control characters in it.
    """
    for component in calendar.walk():
        if any(line.name.startswith(_STEERING) for line in component.properties):
            component.properties[:] = [line for line in component.properties if not line.name.startswith(_STEERING)]
        for place, line in enumerate(component.properties):
            if line.name in _PEOPLE:
                component.properties[place] = _clean_person(line)
            elif line.name in ("TZID", "TZNAME"):
                component.properties[place] = _stripped(line)
            elif line.has_params and line.param("TZID") is not None:
                component.properties[place] = _with_stripped_zone(line)
        if component.get("ATTENDEE") is not None:
            _once_each(component)


def clean_address(value: str) -> tuple[str, str]:
    """Return a CAL-ADDRESS as it should be written, and the display name found inside it.

    Raises:
        MalformedInput: blanks or control characters remain in it.
    """
    text = value.strip()
    scheme, colon, rest = text.partition(":")
    mail = bool(colon) and scheme.strip().lower() == "mailto"
    name = ""
    if mail or ("@" in text and (not colon or "<" in scheme)):
        text = unquote(rest.partition("?")[0] if mail else text).strip()
        angled = _ANGLED.match(text)
        if angled is not None:
            name, text = angled["name"].strip(), angled["address"].strip()
            if text[:7].lower() == "mailto:":
                text = text[7:]
        text = f"mailto:{text}" if text else ""
    if len(text) > ADDRESS_MAX or _FORBIDDEN.search(text):
        raise MalformedInput(f"iTIP: calendar address {value[:60]!r}")
    return text, name


def _clean_person(line: Line) -> Line:
    value, name = clean_address(line.value)
    parameters: list[Parameter] = []
    for parameter in line.params:
        if parameter.name in _NAMING:
            parameters.append(_map(parameter, lambda written: clean_address(written)[0]))
        elif parameter.name not in _SERVERS_OWN and not parameter.name.startswith("X-FOLKMOOT-"):
            parameters.append(parameter)
    if name and line.param("CN") is None:
        parameters.insert(0, Parameter("CN", (name,)))
    if value == line.value and tuple(parameters) == line.params:
        return line
    return line.replace(value=value, params=parameters)


def _once_each(component: Component) -> None:
    seen: set[str] = set()
    kept: list[Line] = []
    for line in component.properties:
        if line.name == "ATTENDEE":
            address = calendar_address(line.value)
            if not address or address in seen:
                continue
            seen.add(address)
        kept.append(line)
    component.properties[:] = kept


def _stripped(line: Line) -> Line:
    value = line.value.strip()
    return line if value == line.value else line.replace(value=value)


def _with_stripped_zone(line: Line) -> Line:
    parameters = [_map(one, str.strip) if one.name == "TZID" else one for one in line.params]
    return line if tuple(parameters) == line.params else line.replace(params=parameters)


def _map(parameter: Parameter, change: Callable[[str], str]) -> Parameter:
    return Parameter(parameter.name, tuple(change(value) for value in parameter.values))
