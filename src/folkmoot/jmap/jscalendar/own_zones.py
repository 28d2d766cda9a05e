"""Time zones that an object defines itself: VTIMEZONE and ``timeZones`` (RFC 8984 section 4.7.2)."""

from datetime import UTC, timezone
from typing import Any, Final

from folkmoot.core.errors import MalformedInput
from folkmoot.ical import Component, Line, escape_text, parse_offset, parse_when, unescape_text
from folkmoot.jmap.jscalendar.rules import read_rule, write_rule
from folkmoot.jmap.jscalendar.times import Frame, custom_name, ical_utc, ical_when, utc_text

OBSERVANCES_MAX: Final = 200  # as many as are read of a VTIMEZONE
DATES_MAX: Final = 1_000
_INSTANTS: Final = (("updated", "LAST-MODIFIED"), ("validUntil", "TZUNTIL"))


def read_zones(calendar: Component, names: set[str]) -> dict[str, Any]:
    """Return the TimeZone of each of these names that the object defines."""
    zones: dict[str, Any] = {}
    for definition in calendar.children("VTIMEZONE"):
        name = custom_name((definition.text("TZID") or "").strip())
        if name in names and name not in zones:
            zones[name] = _read_zone(definition)
    return zones


def _read_zone(definition: Component) -> dict[str, Any]:
    zone: dict[str, Any] = {"@type": "TimeZone", "tzId": (definition.text("TZID") or "").strip()}
    for name, carrier in _INSTANTS:
        line = definition.get(carrier)
        if line is not None:
            try:
                zone[name] = utc_text(parse_when(line.value), UTC)
            except MalformedInput:
                continue
    url = definition.get("TZURL")
    if url is not None and url.value:
        zone["url"] = url.value
    aliases = {alias.value: True for alias in definition.all("TZID-ALIAS-OF") if alias.value}
    if aliases:
        zone["aliases"] = aliases
    for kind in ("standard", "daylight"):
        observances = []
        for observance in definition.children(kind.upper())[:OBSERVANCES_MAX]:
            try:
                observances.append(_read_observance(observance))
            except MalformedInput:
                continue
        if observances:
            zone[kind] = observances
    return zone


def _read_observance(observance: Component) -> dict[str, Any]:
    offset = observance.get("TZOFFSETTO")
    before = observance.get("TZOFFSETFROM") or offset
    start = observance.get("DTSTART")
    if offset is None or before is None or start is None:
        raise MalformedInput("iCalendar: an observance without offset or start")
    frame = Frame(timezone(parse_offset(before.value)), all_day=False, default=UTC)
    parse_offset(offset.value)
    rule: dict[str, Any] = {
        "@type": "TimeZoneRule",
        "start": frame.local(parse_when(start.value)),
        "offsetFrom": before.value.strip().replace(":", ""),
        "offsetTo": offset.value.strip().replace(":", ""),
    }
    rules = [read_rule(line.value, frame) for line in observance.all("RRULE")[:5]]
    if rules:
        rule["recurrenceRules"] = rules
    dates = [value for line in observance.all("RDATE") for value in line.value.split(",")[:DATES_MAX]]
    if dates:
        rule["recurrenceOverrides"] = {
            frame.local(parse_when(value.partition("/")[0])): {} for value in dates[:DATES_MAX]
        }
    names = {unescape_text(line.value): True for line in observance.all("TZNAME") if line.value}
    if names:
        rule["names"] = names
    comments = [unescape_text(line.value) for line in observance.all("COMMENT")]
    if comments:
        rule["comments"] = comments[:10]
    return rule


def write_zones(calendar: Component, before: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Write the TimeZones that are wanted different as VTIMEZONE, and drop those wanted no more."""
    for name in before.keys() | wanted.keys():
        if before.get(name) == wanted.get(name):
            continue
        old = [
            definition
            for definition in calendar.children("VTIMEZONE")
            if custom_name((definition.text("TZID") or "").strip()) == name
        ]
        calendar.components[:] = [part for part in calendar.components if not any(part is one for one in old)]
        if name in wanted:
            called = wanted[name]["tzId"]
            tzid = (old[0].text("TZID") or name) if old else called if custom_name(called) == name else name
            calendar.components.insert(0, _write_zone(tzid, wanted[name]))


def _write_zone(tzid: str, zone: dict[str, Any]) -> Component:
    definition = Component("VTIMEZONE", [Line("TZID", escape_text(tzid))])
    for name, carrier in _INSTANTS:
        if name in zone:
            definition.add(Line(carrier, ical_utc(zone[name])))
    if "url" in zone:
        definition.add(Line("TZURL", zone["url"]))
    for alias in zone.get("aliases", ()):
        definition.add(Line("TZID-ALIAS-OF", alias))
    for kind in ("standard", "daylight"):
        definition.components.extend(_write_observance(kind, rule) for rule in zone.get(kind, ()))
    return definition


def _write_observance(kind: str, rule: dict[str, Any]) -> Component:
    floating = Frame(None, all_day=False, default=UTC)
    frame = Frame(timezone(parse_offset(rule["offsetFrom"])), all_day=False, default=UTC)
    observance = Component(
        kind.upper(),
        [
            Line("DTSTART", ical_when(floating.when(rule["start"]))),
            Line("TZOFFSETFROM", rule["offsetFrom"]),
            Line("TZOFFSETTO", rule["offsetTo"]),
        ],
    )
    for name in rule.get("names", ()):
        observance.add(Line("TZNAME", escape_text(name)))
    for one in rule.get("recurrenceRules", ()):
        observance.add(Line("RRULE", write_rule(one, frame)))
    for start in rule.get("recurrenceOverrides", ()):
        observance.add(Line("RDATE", ical_when(floating.when(start))))
    for comment in rule.get("comments", ()):
        observance.add(Line("COMMENT", escape_text(comment)))
    return observance
