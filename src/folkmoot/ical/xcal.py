"""xCal: a calendar as XML (RFC 6321)."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from folkmoot.contentline import Line, split_values, unescape_text
from folkmoot.core.errors import MalformedInput
from folkmoot.ical.component import Component
from folkmoot.ical.recur import parse_recur
from folkmoot.ical.values import Floating, is_day, parse_offset, parse_period, parse_when

NAMESPACE: Final = "urn:ietf:params:xml:ns:icalendar-2.0"
_NAME: Final = re.compile(r"[a-z_][a-z0-9_-]*")
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # XML 1.0 section 2.2
_DATE_TIMES: Final = (
    "DTSTART DTEND DUE DTSTAMP CREATED LAST-MODIFIED COMPLETED RECURRENCE-ID RDATE EXDATE ACKNOWLEDGED TZUNTIL"
)
_TYPES: Final = {
    **dict.fromkeys(_DATE_TIMES.split(), "date-time"),
    **dict.fromkeys(("TZOFFSETFROM", "TZOFFSETTO"), "utc-offset"),
    **dict.fromkeys(("RRULE", "EXRULE"), "recur"),
    **dict.fromkeys(("DURATION", "TRIGGER", "REFRESH-INTERVAL"), "duration"),
    **dict.fromkeys(("ATTENDEE", "ORGANIZER"), "cal-address"),
    **dict.fromkeys(("URL", "TZURL", "ATTACH", "SOURCE", "CONFERENCE", "IMAGE"), "uri"),
    **dict.fromkeys(("SEQUENCE", "PRIORITY", "PERCENT-COMPLETE", "REPEAT"), "integer"),
    "FREEBUSY": "period",
}
_LISTS: Final = frozenset({"CATEGORIES", "RESOURCES", "FREEBUSY", "RDATE", "EXDATE"})
_PARAMETER_TYPES: Final = {
    **dict.fromkeys(("ALTREP", "DIR"), "uri"),
    **dict.fromkeys(("DELEGATED-FROM", "DELEGATED-TO", "MEMBER", "SENT-BY"), "cal-address"),
    "RSVP": "boolean",
}


def format_xcal(calendar: Component) -> str:
    """Return the XML of a calendar, with its declaration.

    Values that cannot be read as their type are given as text of that type's element, as they stand.
    """
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<icalendar xmlns="{NAMESPACE}">'
        + "".join(_component(calendar))
        + "</icalendar>\n"
    )


def _component(component: Component) -> Iterator[str]:
    name = _element(component.name)
    yield f"<{name}>"
    if component.properties:
        yield "<properties>"
        for line in component.properties:
            yield _property(line)
        yield "</properties>"
    if component.components:
        yield "<components>"
        for inner in component.components:
            yield from _component(inner)
        yield "</components>"
    yield f"</{name}>"


def _property(line: Line) -> str:
    name = _element(line.name)
    kind = (line.param("VALUE") or "").lower() or _TYPES.get(line.name, "")
    if not kind:
        kind = "unknown" if line.name.startswith("X-") else "text"
    return f"<{name}>{_parameters(line)}{''.join(_values(line, _element(kind)))}</{name}>"


def _parameters(line: Line) -> str:
    written = []
    for parameter in line.params:
        if parameter.name == "VALUE":
            continue
        name = _element(parameter.name)
        kind = _PARAMETER_TYPES.get(parameter.name, "text")
        values = "".join(f"<{kind}>{_escape(value)}</{kind}>" for value in parameter.values)
        written.append(f"<{name}>{values}</{name}>")
    return f"<parameters>{''.join(written)}</parameters>" if written else ""


def _values(line: Line, kind: str) -> Iterator[str]:
    if line.name == "GEO":
        latitude, _, longitude = line.value.partition(";")
        yield f"<latitude>{_escape(latitude)}</latitude><longitude>{_escape(longitude)}</longitude>"
        return
    if line.name == "REQUEST-STATUS":
        names = ("code", "description", "data")
        for name, piece in zip(names, split_values(line.value, ";"), strict=False):
            yield f"<{name}>{_escape(unescape_text(piece))}</{name}>"
        return
    pieces = split_values(line.value) if line.name in _LISTS else [line.value]
    for piece in pieces:
        try:
            yield _value(piece, kind)
        except MalformedInput:
            yield f"<{kind}>{_escape(piece)}</{kind}>"


def _value(value: str, kind: str) -> str:
    match kind:
        case "date-time" | "date":
            when = parse_when(value)
            return f"<date>{_when(value)}</date>" if is_day(when) else f"<date-time>{_when(value)}</date-time>"
        case "period":
            parse_period(value)
            start, _, end = value.partition("/")
            last = f"<duration>{_escape(end)}</duration>" if end[:1] in "Pp+-" else f"<end>{_when(end)}</end>"
            return f"<period><start>{_when(start)}</start>{last}</period>"
        case "utc-offset":
            seconds = int(parse_offset(value).total_seconds())
            sign, seconds = "-" if seconds < 0 else "+", abs(seconds)
            tail = f":{seconds % 60:02d}" if seconds % 60 else ""
            return f"<utc-offset>{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}{tail}</utc-offset>"
        case "recur":
            return f"<recur>{_recur(value)}</recur>"
        case "text" | "unknown":
            return f"<{kind}>{_escape(unescape_text(value))}</{kind}>"
        case _:
            return f"<{kind}>{_escape(value)}</{kind}>"


def _recur(value: str) -> str:
    parse_recur(value)
    written = []
    for part in value.split(";"):
        name, _, values = part.strip().partition("=")
        element = _element(name)
        pieces = values.split(",") if name.upper().startswith("BY") else [values]
        if name.upper() == "UNTIL":
            pieces = [_when(values)]
        written += [f"<{element}>{_escape(piece)}</{element}>" for piece in pieces if name]
    return "".join(written)


def _when(value: str) -> str:
    """Return a date or time with ISO 8601's punctuation (RFC 6321 sections 3.6.4 and 3.6.5)."""
    when = parse_when(value)
    if isinstance(when, Floating):
        return when.wall.isoformat()
    if isinstance(when, datetime):
        return when.replace(tzinfo=None).isoformat() + "Z"
    return when.isoformat()


def _element(name: str) -> str:
    """Return the element of a name; one that XML cannot have becomes a vendor's."""
    element = name.lower()
    return element if _NAME.fullmatch(element) else "x-" + re.sub(r"[^a-z0-9_-]", "-", element)


def _escape(text: str) -> str:
    text = _CONTROL.sub("", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
