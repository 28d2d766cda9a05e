"""Writes calendar objects: one event or task with its overrides and the time zones it names (RFC 5545)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from folkmoot.contentline import escape_text, fold
from folkmoot.ical import format as format_component
from folkmoot.ical.vtimezone import vtimezone

PRODUCT: Final = "-//Folkmoot//Demo//EN"
When = datetime | date


@dataclass(frozen=True, slots=True)
class At:
    """A time of day in a zone; without a zone it is floating."""

    day: date
    hour: int
    minute: int = 0
    zone: str = ""

    def plus(self, minutes: int) -> "At":
        moved = self.local + timedelta(minutes=minutes)
        return At(moved.date(), moved.hour, moved.minute, self.zone)

    def on(self, day: date) -> "At":
        return At(day, self.hour, self.minute, self.zone)

    @property
    def local(self) -> datetime:
        return datetime(self.day.year, self.day.month, self.day.day, self.hour, self.minute)  # noqa: DTZ001 - wall time


def moment(name: str, at: At | date) -> str:
    """Return a property that holds a date, a floating time or a time in a zone."""
    if isinstance(at, date):
        return f"{name};VALUE=DATE:{at:%Y%m%d}"
    zone = f";TZID={at.zone}" if at.zone else ""
    return f"{name}{zone}:{at.local:%Y%m%dT%H%M%S}"


def text(name: str, value: str) -> str:
    """Return a property that holds text."""
    return f"{name}:{escape_text(value)}"


def alarm(before: str, words: str) -> list[str]:
    """Return a reminder, ``before`` as a duration such as PT15M."""
    return ["BEGIN:VALARM", "ACTION:DISPLAY", f"TRIGGER:-{before}", text("DESCRIPTION", words), "END:VALARM"]


def component(kind: str, uid: str, stamp: datetime, lines: Iterable[str]) -> list[str]:
    """Return one VEVENT or VTODO; ``stamp`` in UTC."""
    return [f"BEGIN:{kind}", f"UID:{uid}", f"DTSTAMP:{stamp:%Y%m%dT%H%M%SZ}", *lines, f"END:{kind}"]


def timed(at: At, minutes: int, words: str, *more: str) -> list[str]:
    """Return the lines of what begins at a time of day."""
    return [moment("DTSTART", at), moment("DTEND", at.plus(minutes)), text("SUMMARY", words), *more]


def all_day(day: date, days: int, words: str, *more: str, busy: bool) -> list[str]:
    """Return the lines of what takes whole days."""
    return [
        moment("DTSTART", day),
        moment("DTEND", day + timedelta(days=days)),
        text("SUMMARY", words),
        f"TRANSP:{'OPAQUE' if busy else 'TRANSPARENT'}",
        *more,
    ]


def document(components: Iterable[list[str]], zones: Iterable[str], year: int) -> str:
    """Return a whole calendar object; its zones are described from ``year`` on."""
    described = [format_component(vtimezone(zone, year)).rstrip("\r\n") for zone in sorted(set(zones)) if zone]
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}"]
    body = [fold(line) for component_lines in components for line in component_lines]
    return "\r\n".join([*lines, *described, *body, "END:VCALENDAR", ""])
