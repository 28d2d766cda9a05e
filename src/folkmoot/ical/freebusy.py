"""Free and busy time: what calendar objects say of it, and VFREEBUSY text (RFC 4791 section 7.10)."""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from folkmoot.contentline import Line
from folkmoot.ical.component import Component
from folkmoot.ical.component import format as format_component
from folkmoot.ical.recurrence import expand_series
from folkmoot.ical.series import series_of
from folkmoot.ical.summary import calendar_address
from folkmoot.ical.values import format_utc, instant, parse_period
from folkmoot.ical.zones import Zones

BUSY: Final = "BUSY"
TENTATIVE: Final = "BUSY-TENTATIVE"
UNAVAILABLE: Final = "BUSY-UNAVAILABLE"
_TYPES: Final = frozenset({BUSY, TENTATIVE, UNAVAILABLE})
_UNDECIDED: Final = frozenset({"NEEDS-ACTION", "TENTATIVE"})  # the attendee may come
_AWAY: Final = frozenset({"DECLINED", "DELEGATED"})  # the attendee will not come


@dataclass(frozen=True, slots=True, order=True)
class BusyPeriod:
    """A time that is not free, in UTC, the end not included; ``type`` is an FBTYPE (RFC 5545 section 3.2.9)."""

    start: datetime
    end: datetime
    type: str = BUSY


def busy_type(status: str, participation: str) -> str | None:
    """Return the FBTYPE of an opaque event, ``None`` if it leaves time free.

    ``status`` is STATUS, ``participation`` the PARTSTAT of whose calendar it is in (RFC 5545 sections 3.8.1.11 and
    3.2.12), both in upper case; anything unknown means that the time is taken.
    """
    if status == "CANCELLED" or participation in _AWAY:
        return None
    return TENTATIVE if status == "TENTATIVE" or participation in _UNDECIDED else BUSY


def busy_periods(
    calendar: Component,
    start: datetime,
    end: datetime,
    *,
    default_zone: tzinfo,
    attendee: Container[str] = frozenset(),
) -> list[BusyPeriod]:
    """Return the busy time of a calendar object within a window, clipped to it, by start.

    Transparent and cancelled events are free; tentative ones are BUSY-TENTATIVE; VFREEBUSY counts
    by its own types.  ``attendee`` holds the addresses of whose calendar it is in, as ``calendar_address``
    gives them: what that person has declined or delegated is free, what is not yet answered is tentative.

    Raises:
        MalformedInput: a date, time, duration or rule cannot be read.
    """
    zones = Zones(calendar, default_zone)
    periods: list[BusyPeriod] = []
    for series in series_of(calendar, zones):
        if (series.master or series.overrides[0].component).name != "VEVENT":
            continue
        for occurrence in expand_series(series, start, end):
            kind = _type_of(occurrence.component, attendee)
            if kind is not None:
                periods.append(BusyPeriod(occurrence.start, occurrence.end, kind))
    for component in calendar.children("VFREEBUSY"):
        periods.extend(_stated(component, zones))
    clipped = (
        BusyPeriod(max(period.start, start), min(period.end, end), period.type)
        for period in periods
        if period.start < end and period.end > start
    )
    return sorted(period for period in clipped if period.start < period.end)


def merge(periods: Iterable[BusyPeriod]) -> list[BusyPeriod]:
    """Return the same busy time without overlaps within one type, by start."""
    merged: dict[str, list[BusyPeriod]] = {}
    for period in sorted(periods):
        row = merged.setdefault(period.type, [])
        if row and period.start <= row[-1].end:
            row[-1] = BusyPeriod(row[-1].start, max(row[-1].end, period.end), period.type)
        else:
            row.append(period)
    return sorted(period for row in merged.values() for period in row)


def freebusy_component(
    start: datetime,
    end: datetime,
    periods: Sequence[BusyPeriod],
    *,
    stamp: datetime,
    uid: str | None = None,
    organizer: str | None = None,
    attendee: str | None = None,
) -> Component:
    """Return a VFREEBUSY for a window; addresses are CAL-ADDRESS values such as ``mailto:anna@example.org``."""
    component = Component("VFREEBUSY")
    if uid:
        component.add(Line("UID", uid))
    component.add(Line("DTSTAMP", format_utc(stamp)))
    component.add(Line("DTSTART", format_utc(start)))
    component.add(Line("DTEND", format_utc(end)))
    if organizer:
        component.add(Line("ORGANIZER", organizer))
    if attendee:
        component.add(Line("ATTENDEE", attendee))
    for period in periods:
        line = Line("FREEBUSY", f"{format_utc(period.start)}/{format_utc(period.end)}")
        component.add(line if period.type == BUSY else line.with_param("FBTYPE", period.type))
    return component


def format_freebusy(
    start: datetime,
    end: datetime,
    periods: Sequence[BusyPeriod],
    *,
    stamp: datetime,
    product: str,
    method: str | None = None,
    uid: str | None = None,
    organizer: str | None = None,
    attendee: str | None = None,
) -> str:
    """Return a whole VCALENDAR with one VFREEBUSY; ``method`` is REPLY or PUBLISH where iTIP asks for it."""
    head = [Line("VERSION", "2.0"), Line("PRODID", product)]
    if method:
        head.append(Line("METHOD", method))
    component = freebusy_component(start, end, periods, stamp=stamp, uid=uid, organizer=organizer, attendee=attendee)
    return format_component(Component("VCALENDAR", head, [component]))


def _type_of(component: Component, attendee: Container[str]) -> str | None:
    """Return the FBTYPE of an event, ``None`` if it leaves time free."""
    if (component.text("TRANSP") or "").strip().upper() == "TRANSPARENT":
        return None
    return busy_type((component.text("STATUS") or "").strip().upper(), _participation(component, attendee))


def _participation(component: Component, attendee: Container[str]) -> str:
    """Return the PARTSTAT of the first line that is the attendee's, "" without one; the organizer always comes."""
    organizer = component.get("ORGANIZER")
    if organizer is not None and calendar_address(organizer.value) in attendee:
        return ""
    for line in component.all("ATTENDEE"):
        if calendar_address(line.value) in attendee:
            return (line.param("PARTSTAT") or "NEEDS-ACTION").upper()
    return ""


def _stated(component: Component, zones: Zones) -> Iterator[BusyPeriod]:
    for line in component.all("FREEBUSY"):
        kind = (line.param("FBTYPE") or BUSY).upper()
        if kind == "FREE":
            continue
        for value in line.value.split(","):
            period = parse_period(value, zones.zone_of(line))
            yield BusyPeriod(
                instant(period.start, zones.default),
                instant(period.end, zones.default),
                kind if kind in _TYPES else BUSY,  # an unknown type is busy (RFC 5545 section 3.2.9)
            )
