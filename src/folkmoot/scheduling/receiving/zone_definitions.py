"""VTIMEZONEs of two calendar objects that become one: each name has one meaning (RFC 5545 section 3.6.5)."""

from collections.abc import Iterable, Mapping
from typing import Final

from folkmoot.ical import Component, Line, Parameter, find_zone

NAMES_MAX: Final = 50  # meanings of one name in one object; Exchange calls every odd zone "Customized Time Zone"


def adopt_zones(calendar: Component, source: Component, used: Iterable[Component]) -> Mapping[str, str]:
    """Add to a calendar the definitions of another one that some components use.

    Returns the names that must be changed in these components: in the calendar they mean something else.
    """
    present = {_name(zone): zone for zone in calendar.children("VTIMEZONE")}
    offered = {_name(zone): zone for zone in source.children("VTIMEZONE")}
    renamed: dict[str, str] = {}
    for name in names_of(used):
        zone = offered.get(name)
        if zone is None:
            continue
        there = present.get(name)
        if there is not None and (find_zone(name) is not None or _meaning(there) == _meaning(zone)):
            continue
        if there is not None:
            other = _free(name, zone, present)
            renamed[name] = other
            if other in present:
                continue
            zone = zone.copy()
            zone.set(Line("TZID", other))
        present[_name(zone)] = zone
        calendar.components.insert(sum(one.name == "VTIMEZONE" for one in calendar.components), zone)
    return renamed


def with_names(component: Component, renamed: Mapping[str, str]) -> Component:
    """Return a component with other names of zones."""
    if not renamed:
        return component
    lines = []
    for line in component.properties:
        name = (line.param("TZID") or "").strip() if line.has_params else ""
        if name in renamed:
            lines.append(
                line.replace(
                    params=[Parameter("TZID", (renamed[name],)) if one.name == "TZID" else one for one in line.params]
                )
            )
        else:
            lines.append(line)
    return Component(component.name, lines, [with_names(inner, renamed) for inner in component.components])


def names_of(components: Iterable[Component]) -> list[str]:
    """Return the names of zones that components use, each once."""
    found: dict[str, None] = {}
    for component in components:
        for inner in component.walk():
            for line in inner.properties:
                name = (line.param("TZID") or "").strip() if line.has_params else ""
                if name:
                    found[name] = None
    return list(found)


def _free(name: str, zone: Component, present: Mapping[str, Component]) -> str:
    """Return a name that means this zone already, or nothing yet."""
    for number in range(2, NAMES_MAX):
        other = f"{name} {number}"
        if other not in present or _meaning(present[other]) == _meaning(zone):
            return other
    return name


def _name(zone: Component) -> str:
    return (zone.text("TZID") or "").strip()


def _meaning(zone: Component) -> list[Component]:
    return zone.components
