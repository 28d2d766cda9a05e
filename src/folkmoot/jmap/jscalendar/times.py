"""Local times and zones: what JSCalendar writes as text beside ``timeZone`` (RFC 8984 section 1.4)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from folkmoot.ical import Component, Floating, When, Zones, find_zone, format_utc, format_when
from folkmoot.ical.custom_zone import CustomZone
from folkmoot.ical.span import day_of
from folkmoot.ical.values import in_zone, to_utc
from folkmoot.jmap.jscalendar.errors import JsError

UTC_NAME: Final = "Etc/UTC"
MIDNIGHT: Final = "T00:00:00"
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Frame:
    """On what clock the times of a component are: of a zone, floating, or whole days.

    ``zone`` is ``None`` for the last two; ``default`` is where instants are then looked at from.
    """

    zone: tzinfo | None
    all_day: bool
    default: tzinfo

    @property
    def name(self) -> str | None:
        """The TimeZoneId, or ``None`` for floating times and days."""
        return None if self.zone is None else name_of(self.zone)

    def local(self, when: When) -> str:
        """Return a value as a LocalDateTime on this clock."""
        if self.all_day:
            return day_of(when).isoformat() + MIDNIGHT
        if isinstance(when, Floating):
            return local_text(when.wall)
        if isinstance(when, datetime):
            zone = self.zone or self.default
            return local_text(when if when.tzinfo is zone else in_zone(when, zone))
        return when.isoformat() + MIDNIGHT

    def when(self, local: str) -> When:
        """Return the value that a LocalDateTime on this clock stands for."""
        wall = datetime.fromisoformat(local)
        if self.all_day:
            return wall.date()
        return Floating(wall) if self.zone is None else wall.replace(tzinfo=self.zone)


def frame_of(when: When, default: tzinfo) -> Frame:
    """Return the clock that a value is on."""
    if isinstance(when, Floating):
        return Frame(None, all_day=False, default=default)
    if isinstance(when, datetime):
        return Frame(when.tzinfo, all_day=False, default=default)
    return Frame(None, all_day=True, default=default)


def local_text(wall: datetime) -> str:
    """Return the clock's face as a LocalDateTime."""
    return f"{wall.year:04d}-{wall.month:02d}-{wall.day:02d}T{wall.hour:02d}:{wall.minute:02d}:{wall.second:02d}"


def utc_text(when: When, default: tzinfo) -> str:
    """Return a value as a UTCDateTime."""
    if isinstance(when, datetime):
        return local_text(when if when.tzinfo is UTC else to_utc(when)) + "Z"
    wall = when.wall if isinstance(when, Floating) else datetime.combine(when, datetime.min.time())
    return local_text(to_utc(wall.replace(tzinfo=default))) + "Z"


def ical_utc(utc: str) -> str:
    """Return a UTCDateTime as iCalendar's DATE-TIME."""
    return utc.replace("-", "").replace(":", "")


def ical_when(when: When) -> str:
    """Return the value of a DATE or DATE-TIME without its TZID; only UTC has a ``Z``."""
    return format_utc(when) if isinstance(when, datetime) and when.tzinfo is UTC else format_when(when)


def name_of(zone: tzinfo) -> str:
    """Return the TimeZoneId of a zone; one that iCalendar text defines itself has a name beginning with a slash."""
    if isinstance(zone, ZoneInfo):
        return zone.key
    if zone is UTC:
        return UTC_NAME
    if isinstance(zone, CustomZone):
        return custom_name(zone.tzid)
    offset = zone.utcoffset(None) or timedelta()
    hours, rest = divmod(offset, _HOUR)
    if not rest and -12 <= hours <= 14:  # noqa: PLR2004  # Etc/GMT-14 to Etc/GMT+12 exist, signs turned round
        return f"Etc/GMT{-hours:+d}" if hours else UTC_NAME
    return custom_name(str(timezone(offset)))


def custom_name(tzid: str) -> str:
    """Return the TimeZoneId of a VTIMEZONE of somebody's own (RFC 8984 section 1.4.8)."""
    return tzid if tzid.startswith("/") else "/" + tzid


def tzid_of(name: str, calendar: Component) -> str | None:
    """Return the TZID that a TimeZoneId has in this object, or ``None`` if it needs none, being UTC.

    Raises:
        JsError: a custom zone that the object does not define.
    """
    if name.startswith("/") and find_zone(name) is None:
        for definition in calendar.children("VTIMEZONE"):
            tzid = (definition.text("TZID") or "").strip()
            if tzid and custom_name(tzid) == name:
                return tzid
        raise JsError(f"timeZone: {name[:80]} is not in timeZones", "timeZone")
    zone = find_zone(name)
    if zone is UTC:
        return None
    return zone.key if isinstance(zone, ZoneInfo) else name


def zone_named(name: str, calendar: Component, zones: Zones) -> tzinfo:
    """Return the zone of a TimeZoneId in this object.

    Raises:
        JsError: a custom zone that the object does not define.
    """
    tzid = tzid_of(name, calendar)
    return UTC if tzid is None else zones.get(tzid)
