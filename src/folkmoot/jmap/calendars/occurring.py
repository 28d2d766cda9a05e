"""Occurrences of objects, and the recurrence ids that JSCalendar names them by."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

from folkmoot.core.errors import FolkmootError
from folkmoot.ical import Component, Occurrence, When, Zones, find_zone, parse_duration
from folkmoot.ical.series import wall_of
from folkmoot.ical.values import in_zone, shift

LOCAL: Final = "%Y-%m-%dT%H:%M:%S"


def recurrence_id_of(one: Occurrence, zone: tzinfo) -> str | None:
    """Return the recurrence id of an occurrence on the clock of its series, None for what does not recur."""
    when = one.recurrence_id
    if when is None:
        return None
    if isinstance(when, datetime):
        when = in_zone(when, zone)
    return local_text(when)


def series_zone(calendar: Component, component: str, default: tzinfo) -> tzinfo:
    """Return the zone on whose clock a series recurs: that of its master's start, or of an override's recurrence id."""
    zones = Zones(calendar, default)
    ones = [one for one in calendar.components if one.name == component]
    masters = [one for one in ones if one.get("RECURRENCE-ID") is None]
    for one, names in [*((m, ("DTSTART", "DUE")) for m in masters), *((o, ("RECURRENCE-ID",)) for o in ones)]:
        for name in names:
            line = one.get(name)
            if line is None:
                continue
            try:
                when = zones.when(line)
            except FolkmootError:
                continue
            if isinstance(when, datetime) and when.tzinfo is not None:
                return when.tzinfo
            return default
    return default


def local_text(when: When) -> str:
    """Return a time as it stands on its own clock."""
    return f"{wall_of(when):{LOCAL}}".rjust(19, "0")


def zone_named(name: str | None, default: tzinfo) -> tzinfo:
    """Return the zone of a JSCalendar object; ``default`` for floating times and zones of its own."""
    found = find_zone(name) if name else None
    return found or default


def instants(value: dict[str, Any], default: tzinfo) -> tuple[datetime | None, datetime | None]:
    """Return start and end (a task's due time) of a JSCalendar object in UTC; None for what it has not."""
    zone = zone_named(value.get("timeZone"), default)
    begins = value.get("start")
    start = None if not isinstance(begins, str) else utc_of(begins, zone)
    if isinstance(value.get("due"), str):
        return start, utc_of(value["due"], zone)
    if start is None or not isinstance(begins, str):
        return None, None
    length = value.get("duration")
    if not isinstance(length, str):
        return start, start
    duration = parse_duration(length)
    wall = datetime.fromisoformat(begins) + timedelta(days=duration.days)
    return start, shift(wall.replace(tzinfo=zone).astimezone(UTC), duration.exact - timedelta(days=duration.days))


def utc_of(local: str, zone: tzinfo) -> datetime:
    """Return a LocalDateTime in UTC."""
    return datetime.fromisoformat(local).replace(tzinfo=zone).astimezone(UTC)


def utc_text(when: datetime) -> str:
    """Return a UTCDate."""
    return f"{when.astimezone(UTC):{LOCAL}}".rjust(19, "0") + "Z"


def local_moment(text: str, zone: tzinfo | ZoneInfo) -> int:
    """Return a LocalDateTime in seconds since 1970."""
    return int(utc_of(text, zone).timestamp())
