"""JSCalendar to iCalendar: the lines of one component that say what is wanted different, and no others."""

from datetime import datetime
from typing import Any

from folkmoot.ical import Component, format_utc, vtimezone
from folkmoot.jmap.jscalendar import rules, when
from folkmoot.jmap.jscalendar.extras import write_extras
from folkmoot.jmap.jscalendar.plain import stamp
from folkmoot.jmap.jscalendar.reading import MAPPED, read_component
from folkmoot.jmap.jscalendar.source import Target

OF_THE_OBJECT = frozenset(
    {"@type", "prodId", "method", "recurrenceId", "recurrenceIdTimeZone", "recurrenceOverrides", "timeZones"}
)
"""Properties that no single component carries."""


def write_component(target: Target, now: datetime) -> bool:
    """Write what is wanted different into the component; return whether anything was.

    Raises:
        JsError: a value has no place in this object.
    """
    names = target.before.keys() | target.wanted.keys()
    touched = {name for name in names if target.changes(name)} - OF_THE_OBJECT
    if not touched:
        return False
    written = set(touched)
    mapping = (when.EVENT, when.write_event) if target.kind == "Event" else (when.TASK, when.write_task)
    moving = touched & set(mapping[0].names) or when.end_zone(dict(target.before)) != when.end_zone(target.wanted)
    if moving:
        mapping[1](target)
        written.update(mapping[0].names)
    if moving or touched & {"recurrenceRules", "excludedRecurrenceRules"}:
        for mapped in rules.RULES:
            if target.component.get(mapped.carriers[0]) is not None or mapped.names[0] in target.wanted:
                mapped.write(target)
    for mapped in MAPPED[target.kind]:
        if mapped is mapping[0] or mapped in rules.RULES:
            continue
        if touched.intersection(mapped.names):
            mapped.write(target)
            written.update(mapped.names)
    native = read_component(target.component, target.zones, extras=False)
    write_extras(target.component, native, target.wanted, written)
    if "updated" not in touched:
        stamp(target.component, format_utc(now))
    return True


def named_zones(calendar: Component) -> set[str]:
    """Return the TZIDs that an object uses or defines; a client may have left out what it uses."""
    used = {(definition.text("TZID") or "").strip() for definition in calendar.children("VTIMEZONE")}
    for component in calendar.components:
        used.update(tzid for line in component.properties if line.has_params and (tzid := line.param("TZID")))
    return used


def complete_zones(calendar: Component, tzids: dict[str, int], defined: set[str]) -> None:
    """Add the definition of each zone that came to be named (RFC 5545 section 3.6.5)."""
    place = sum(1 for part in calendar.components if part.name == "VTIMEZONE")
    for tzid, year in tzids.items():
        if tzid not in defined:
            definition = vtimezone(tzid, min(max(year, 1970), 2037))
            if definition.text("TZID") != tzid:
                definition.set(definition.properties[0].replace(value=tzid))
            calendar.components.insert(place, definition)
            place += 1


def settle_rules(target: Target) -> None:
    """Let the wanted rules be as they will read: an end that clocks skip moves."""
    frame = rules.wanted_frame(target)
    for name in ("recurrenceRules", "excludedRecurrenceRules"):
        if target.changes(name) and name in target.wanted:
            target.wanted[name] = [rules.settled_rule(rule, frame) for rule in target.wanted[name]]


def same_clock(before: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Whether recurrence ids mean the same as before."""
    return before.get("timeZone") == wanted.get("timeZone") and rules.is_whole_day(before) == rules.is_whole_day(wanted)
