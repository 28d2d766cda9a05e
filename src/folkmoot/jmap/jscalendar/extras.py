"""What JSCalendar says and iCalendar has no property for, kept beside the rest as JSON.

Each is a line JSPROP of the conversion draft: its parameter JSPTR is a pointer into the object, its
value the JSON that belongs there.  Reading trusts none of them: one that does not fit is passed
over, and what says when, who and whose is never taken from here.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from folkmoot.ical import Component, Line, Parameter, escape_text, unescape_text
from folkmoot.jmap.jscalendar.checks import is_vendors
from folkmoot.jmap.jscalendar.errors import JsError
from folkmoot.jmap.jscalendar.pointers import POINTER_MAX, STEPS_MAX, difference, steps_of
from folkmoot.jmap.jscalendar.schema import SCHEMAS, checked
from folkmoot.jmap.jscalendar.source import Source

CARRIER: Final = "JSPROP"
POINTER: Final = "JSPTR"
EXTRAS_MAX: Final = 5_000  # of one component: one for each attendee of the largest meetings
VALUE_MAX: Final = 100_000  # characters of one
_NEVER: Final = frozenset(
    {
        "@type", "uid", "prodId", "method", "sequence", "created", "updated", "start", "duration", "timeZone",
        "timeZones", "due", "recurrenceId", "recurrenceIdTimeZone", "recurrenceRules", "excludedRecurrenceRules",
        "recurrenceOverrides", "replyTo", "sentBy", "title", "privacy",
    }
)  # fmt: skip
_OWN: Final = frozenset({"sendTo", "email"})  # of a participant that has a line: who that is


def read_extras(source: Source, kind: str, found: dict[str, Any], wanted: frozenset[str] | None = None) -> None:
    """Put into an object what its JSPROP lines say, as far as the result is still a right value."""
    by_name: dict[str, list[tuple[tuple[str, ...], Any]]] = {}
    for line in source.lines[CARRIER][:EXTRAS_MAX]:
        pointer = line.param(POINTER)
        if not pointer or len(pointer) > POINTER_MAX or len(line.value) > VALUE_MAX:
            continue
        steps = steps_of(pointer.removeprefix("/"))
        name = steps[0]
        if name in _NEVER or len(steps) > STEPS_MAX or (wanted is not None and name not in wanted):
            continue
        if name not in SCHEMAS[kind] and not is_vendors(name):
            continue
        if len(steps) > 2 and name == "participants" and steps[2] in _OWN:  # noqa: PLR2004
            continue
        try:
            value = json.loads(unescape_text(line.value), parse_constant=_no_number)
        except (ValueError, RecursionError):
            continue
        by_name.setdefault(name, []).append((steps, value))
    for name, pieces in by_name.items():
        whole = _laid_over(found.get(name), pieces)
        try:
            found[name] = checked(kind, name, whole)
        except (JsError, RecursionError):
            continue


def _no_number(name: str) -> Any:
    raise ValueError(name)


def _laid_over(value: Any, pieces: list[tuple[tuple[str, ...], Any]]) -> Any:
    """Return a value with the pieces put where they belong; one that leads into nothing is left out."""
    holder: dict[str, Any] = {} if value is None else {"": value}
    fresh: set[int] = set()
    for steps, piece in sorted(pieces, key=lambda pair: len(pair[0])):
        below: Any = holder
        path = ("", *steps[1:])
        for step in path[:-1]:
            inner = below.get(step)
            if not isinstance(inner, Mapping):
                below = None
                break
            if id(inner) not in fresh:
                inner = dict(inner)
                fresh.add(id(inner))
                below[step] = inner
            below = inner
        if below is not None and piece is not None:
            below[path[-1]] = piece
    return holder.get("")


def write_extras(component: Component, native: Mapping[str, Any], wanted: Mapping[str, Any], names: set[str]) -> None:
    """Keep what the lines of a component do not say of these properties, and forget what was kept of them before."""
    missing: dict[str, Any] = {}
    for pointer, value in difference(
        {name: native[name] for name in names if name in native},
        {name: wanted[name] for name in names if name in wanted},
    ).items():
        steps = steps_of(pointer)
        if value is not None and steps[0] not in _NEVER:
            missing[pointer] = value
    for line in component.all(CARRIER):
        pointer = (line.param(POINTER) or "").removeprefix("/")
        if steps_of(pointer)[0] in names:
            if pointer in missing and _same(line, missing[pointer]):
                del missing[pointer]
            else:
                component.properties[:] = [other for other in component.properties if other is not line]
    if len(missing) > EXTRAS_MAX:
        raise JsError("too much that iCalendar has no place for", *sorted({steps_of(one)[0] for one in missing}))
    for pointer, value in missing.items():
        text = escape_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
        if len(text) > VALUE_MAX:
            raise JsError(f"{pointer[:80]}: too large to be kept", pointer[:300])
        component.add(Line(CARRIER, text, [Parameter("VALUE", ("TEXT",)), Parameter(POINTER, (pointer,))]))


def _same(line: Line, value: Any) -> bool:
    try:
        return bool(json.loads(unescape_text(line.value)) == value)
    except (ValueError, RecursionError):
        return False
