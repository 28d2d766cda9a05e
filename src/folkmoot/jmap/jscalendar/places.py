"""Locations, real and virtual (RFC 8984 sections 4.2.5 and 4.2.6, RFC 7986 section 5.11, RFC 9073)."""

import re
from typing import Any, Final

from folkmoot.contentline.text import split_values
from folkmoot.ical import Component, Line, Parameter, escape_text, unescape_text
from folkmoot.jmap.jscalendar.identity import CHOSEN, VALID, digest, identified, kept
from folkmoot.jmap.jscalendar.source import Mapped, Source, Target, place, put, swap, with_params

_GEO: Final = re.compile(r"\s*([+-]?\d{1,3}(?:\.\d{1,20})?)\s*;\s*([+-]?\d{1,3}(?:\.\d{1,20})?)\s*")
_GEO_URI: Final = re.compile(r"geo:([+-]?\d{1,3}(?:\.\d{1,20})?),([+-]?\d{1,3}(?:\.\d{1,20})?)")
_FEATURES: Final = frozenset({"audio", "chat", "feed", "moderator", "phone", "screen", "video"})


def _derive_line(_: Line, position: int) -> str:
    return str(position + 1)


def _derive_part(part: Component, position: int) -> str:
    uid = part.text("UID")
    if not uid:
        return f"v{position + 1}"
    return uid if VALID.fullmatch(uid) else digest(uid)


def _choose_line(line: Line, chosen: str) -> Line:
    return line.with_param(CHOSEN, chosen)


def _choose_part(part: Component, chosen: str) -> Component:
    put(part, CHOSEN, chosen)
    return part


def _coordinates(line: Line | None) -> str | None:
    match = _GEO.fullmatch(line.value) if line is not None else None
    return f"geo:{match[1]},{match[2]}" if match else None


def _geo(coordinates: str | None) -> str | None:
    match = _GEO_URI.fullmatch(coordinates) if coordinates is not None else None
    return f"{match[1]};{match[2]}" if match else None


def _read_locations(source: Source, found: dict[str, Any]) -> None:
    """Show LOCATION first; GEO is where it is, or a location of its own."""
    locations: dict[str, dict[str, Any]] = {}
    named = [line for line in source.lines.get("LOCATION", ()) if line.value]
    for key, line in identified(named, _derive_line):
        locations[key] = {"@type": "Location", "name": unescape_text(line.value)}
    coordinates = _coordinates(source.component.get("GEO")) if "GEO" in source.lines else None
    if coordinates is not None:
        first = next(iter(locations), "1")
        locations.setdefault(first, {"@type": "Location"})["coordinates"] = coordinates
    for key, part in identified(source.parts.get("VLOCATION", ()), _derive_part):
        if key not in locations:
            locations[key] = _read_part(part)
    if locations:
        found["locations"] = locations


def _read_part(part: Component) -> dict[str, Any]:
    location: dict[str, Any] = {"@type": "Location"}
    for name, carrier in (("name", "NAME"), ("description", "DESCRIPTION")):
        text = part.text(carrier)
        if text is not None:
            location[name] = text
    kinds = part.get("LOCATION-TYPE")
    if kinds is not None and kinds.value:
        location["locationTypes"] = {unescape_text(kind).strip(): True for kind in split_values(kinds.value)[:100]}
    coordinates = _coordinates(part.get("GEO"))
    if coordinates is not None:
        location["coordinates"] = coordinates
    return location


def _write_locations(target: Target) -> None:
    """Write the first location as LOCATION, which all clients show, and others as components.

    What a carrier is there for already stays there.
    """
    component = target.component
    source = Source(component, target.zones)
    wanted: dict[str, dict[str, Any]] = target.wanted.get("locations") or {}
    named = identified([line for line in source.lines.get("LOCATION", ()) if line.value], _derive_line)
    parts = {
        key: part for key, part in identified(source.parts.get("VLOCATION", ()), _derive_part) if key not in dict(named)
    }
    mains = [key for key, _ in named if key in wanted]
    if not mains:
        mains = _promoted(wanted, parts)
    _write_lines(component, dict(named), [(key, wanted[key]) for key in mains])
    alone = "1" in wanted and "1" not in parts and not wanted["1"].get("name")
    main = mains[0] if mains else "1" if alone else None
    coordinates = wanted[main].get("coordinates") if main is not None else None
    if coordinates != _coordinates(component.get("GEO")):
        put(component, "GEO", _geo(coordinates))
    _write_parts(component, parts, {key: one for key, one in wanted.items() if key not in mains})


def _promoted(wanted: dict[str, dict[str, Any]], parts: dict[str, Component]) -> list[str]:
    for key, location in wanted.items():
        if location.get("name") and key not in parts and location.get("relativeTo") != "end":
            return [key]
    return []


def _write_lines(component: Component, old: dict[str, Line], wanted: list[tuple[str, dict[str, Any]]]) -> None:
    pairs = []
    for key, location in wanted:
        value = escape_text(location.get("name", ""))
        line = old.get(key)
        if value:
            pairs.append(
                (key, line.replace(value=value) if line and line.value != value else line or Line("LOCATION", value))
            )
    pairs = kept(pairs, _derive_line, _choose_line)
    new = dict(pairs)
    for key, line in old.items():
        swap(component, line, new.pop(key, None))
    for line in new.values():
        place(component, line, after=("SUMMARY",))


def _write_parts(component: Component, parts: dict[str, Component], wanted: dict[str, dict[str, Any]]) -> None:
    pairs = []
    for key, location in wanted.items():
        part = parts.get(key)
        if part is None:
            if not location.keys() & {"name", "description", "locationTypes"}:
                continue
            part = Component("VLOCATION", [Line("UID", key)])
        before = _read_part(part)
        for name, carrier in (("name", "NAME"), ("description", "DESCRIPTION")):
            if before.get(name) != location.get(name):
                put(part, carrier, escape_text(location[name]) if name in location else None)
        if before.get("locationTypes") != location.get("locationTypes"):
            kinds = location.get("locationTypes")
            put(part, "LOCATION-TYPE", ",".join(map(escape_text, kinds)) if kinds else None)
        if before.get("coordinates") != location.get("coordinates"):
            put(part, "GEO", _geo(location.get("coordinates")))
        pairs.append((key, part))
    pairs = kept(pairs, _derive_part, _choose_part)
    staying = [part for _, part in pairs]
    gone = [part for part in parts.values() if not any(part is other for other in staying)]
    component.components[:] = [inner for inner in component.components if not any(inner is part for part in gone)]
    component.components.extend(part for part in staying if not any(part is inner for inner in component.components))


def _derive_conference(line: Line, _: int) -> str:
    return digest(line.value)


def _read_virtual(source: Source, found: dict[str, Any]) -> None:
    places: dict[str, dict[str, Any]] = {}
    for key, line in identified(source.lines["CONFERENCE"], _derive_conference):
        place_: dict[str, Any] = {"@type": "VirtualLocation", "uri": line.value}
        label = line.param("LABEL")
        if label:
            place_["name"] = label
        features = {feature.strip().lower(): True for feature in line.param_values("FEATURE") if feature.strip()}
        if features:
            place_["features"] = features
        places[key] = place_
    found["virtualLocations"] = places


def _write_virtual(target: Target) -> None:
    component = target.component
    wanted: dict[str, dict[str, Any]] = target.wanted.get("virtualLocations") or {}
    before: dict[str, Any] = {}
    old = dict(identified(component.all("CONFERENCE"), _derive_conference))
    if old:
        _read_virtual(Source(component, target.zones), before)
    known = before.get("virtualLocations", {})
    pairs = []
    for key, location in wanted.items():
        line = old.get(key) or Line("CONFERENCE", location["uri"], [Parameter("VALUE", ("URI",))])
        if line.value != location["uri"]:
            line = line.replace(value=location["uri"])
        changes: dict[str, list[str] | None] = {}
        present = known.get(key, {})
        if present.get("name") != location.get("name"):
            changes["LABEL"] = [location["name"]] if location.get("name") else None
        if present.get("features") != location.get("features"):
            features = [feature.upper() for feature in location.get("features") or () if feature in _FEATURES]
            changes["FEATURE"] = features or None
        pairs.append((key, with_params(line, changes) if changes else line))
    new = dict(kept(pairs, _derive_conference, _choose_line))
    for key, line in old.items():
        replacement = new.pop(key, None)
        if replacement is not line:
            swap(component, line, replacement)
    for line in new.values():
        place(component, line)


LOCATIONS: Final = Mapped(("locations",), ("LOCATION", "GEO", "VLOCATION"), _read_locations, _write_locations)
VIRTUAL: Final = Mapped(("virtualLocations",), ("CONFERENCE",), _read_virtual, _write_virtual)
