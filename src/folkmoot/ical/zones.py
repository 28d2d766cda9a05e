"""From TZID to a time zone: IANA names, the names other programs write, and VTIMEZONE as a last resort.

A name that is known wins over a VTIMEZONE that says otherwise: clients ship old rules under
good names far more often than good rules under wrong ones.
"""

import re
from datetime import UTC, timedelta, timezone, tzinfo
from functools import cache, lru_cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from folkmoot.contentline import Line
from folkmoot.core.errors import MalformedInput
from folkmoot.ical.component import Component
from folkmoot.ical.component import format as format_component
from folkmoot.ical.custom_zone import custom_zone
from folkmoot.ical.values import When, parse_day, parse_when
from folkmoot.ical.windows_zones import WINDOWS_ZONES

TZID_MAX: Final = 255  # longer than any name in use; keeps the cache small
_UTC_OFFSET: Final = re.compile(r"\(?(?:UTC|GMT)\s*([+-])(\d{1,2}):?(\d\d)?\)?", re.IGNORECASE)
_PREFIX: Final = re.compile(r"^\((?:utc|gmt)[^)]*\)\s*")
_WORD: Final = re.compile(r"[,;/&()]|\s-\s")
_HINTS: Final = ("X-LIC-LOCATION", "TZID-ALIAS-OF", "X-TZINFO")


class Zones:
    """The zones one calendar object speaks of; anything unknown is the default zone."""

    __slots__ = ("_calendar", "_found", "default")

    def __init__(self, calendar: Component, default: tzinfo) -> None:
        self.default: Final = default
        self._calendar = calendar
        self._found: dict[str, tzinfo] = {}

    def get(self, tzid: str) -> tzinfo:
        """Return the zone that a TZID stands for in this object."""
        zone = self._found.get(tzid)
        if zone is None:
            zone = self._found[tzid] = self._resolve(tzid)
        return zone

    def when(self, line: Line) -> When:
        """Return the DATE or DATE-TIME of a property, in the zone its TZID names.

        Raises:
            MalformedInput: neither a date nor a time.
        """
        if not line.has_params:
            return parse_when(line.value)
        return self.when_of(line, line.value)

    def when_of(self, line: Line, value: str) -> When:
        """Return one value of a property that has several, read by its parameters."""
        tzid = line.param("TZID")
        kind = line.param("VALUE")
        if kind is not None and kind.upper() == "DATE":
            return parse_day(value)
        return parse_when(value, self.get(tzid) if tzid else None)

    def zone_of(self, line: Line) -> tzinfo | None:
        """Return the zone that the TZID of a property names, or ``None`` without one."""
        tzid = line.param("TZID")
        return self.get(tzid) if tzid else None

    def _resolve(self, tzid: str) -> tzinfo:
        zone = find_zone(tzid)
        if zone is None:
            definition = self._definition(tzid)
            if definition is not None:
                zone = _defined(definition)
        return zone or offset_zone(tzid) or self.default

    def _definition(self, tzid: str) -> Component | None:
        wanted = _plain(tzid)
        for component in self._calendar.components:
            if component.name == "VTIMEZONE" and _plain(component.text("TZID") or "") == wanted:
                return component
        return None


def find_zone(name: str) -> tzinfo | None:
    """Return the zone of a name, if it is an IANA name, ends in one, or is one of the names other programs use."""
    return None if len(name) > TZID_MAX else _find_zone(name)


def iana_name(name: str) -> str | None:
    """Return the IANA name behind a TZID of any kind, or ``None``."""
    zone = find_zone(name)
    if isinstance(zone, ZoneInfo):
        return zone.key
    return "Etc/UTC" if zone is UTC else None


def offset_zone(name: str) -> tzinfo | None:
    """Return the fixed offset that a name such as ``GMT+01:00`` spells out, or ``None``."""
    match = _UTC_OFFSET.search(name[:TZID_MAX])
    if not match:
        return None
    offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    if offset > timedelta(hours=18):
        return None
    return timezone(-offset if match[1] == "-" else offset)


@lru_cache(maxsize=4096)
def _find_zone(name: str) -> tzinfo | None:
    plain = _plain(name)
    if plain in ("utc", "z", "gmt", "etc/utc", "etc/gmt"):
        return UTC
    keys = _iana_keys()
    known = WINDOWS_ZONES.get(_PREFIX.sub("", plain))
    if known is None:
        known = keys.get(plain)
    if known is None and "/" in plain:
        known = _tail(plain, keys)
    if known is None and ("(" in plain or "," in plain):
        known = _city(plain)
    if known == "Etc/UTC":
        return UTC
    return None if known is None else _zone(known)


def _tail(plain: str, keys: dict[str, str]) -> str | None:
    """Return the IANA name at the end of a path such as ``/freeassociation.sourceforge.net/Europe/Berlin``."""
    pieces = plain.strip("/").split("/")
    for length in (3, 2, 1):
        if length < len(pieces):
            known = keys.get("/".join(pieces[-length:]))
            if known is not None and (length > 1 or plain.startswith("/")):
                return known
    return None


def _city(plain: str) -> str | None:
    """Return the IANA name of the first city in a name such as ``(UTC+01:00) Amsterdam, Berlin, Rome``."""
    cities = _cities()
    for word in _WORD.split(plain):
        known = cities.get(word.strip().replace(" ", "_").replace(".", ""))
        if known is not None:
            return known
    return None


def _plain(name: str) -> str:
    return name.strip().strip("\"'").strip().lower()


@cache
def _iana_keys() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones()}


@cache
def _cities() -> dict[str, str]:
    return {
        name.rpartition("/")[2].lower(): name
        for name in sorted(available_timezones())
        if "/" in name and not name.startswith(("Etc/", "US/", "Brazil/", "Canada/", "Mexico/", "Chile/", "SystemV/"))
    }


def _zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # listed by the system, and gone since
        return None


def _defined(definition: Component) -> tzinfo | None:
    for name in _HINTS:
        line = definition.get(name)
        zone = find_zone(line.value) if line is not None else None
        if zone is not None:
            return zone
    try:
        return _custom_zone(format_component(definition))
    except MalformedInput:
        return None


@lru_cache(maxsize=256)
def _custom_zone(text: str) -> tzinfo | None:
    return custom_zone(text)
