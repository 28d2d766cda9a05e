"""When it takes place: start, duration, due, time zone, whole days (RFC 8984 sections 4.2.4, 4.7, 5.1 and 5.2)."""

from datetime import datetime
from typing import Any, Final

from folkmoot.core.errors import MalformedInput
from folkmoot.ical import Duration, Floating, Line, Parameter, When, add, format_duration, parse_duration
from folkmoot.ical.span import between, day_of
from folkmoot.ical.values import in_zone, is_day
from folkmoot.jmap.jscalendar.checks import duration_text
from folkmoot.jmap.jscalendar.rules import wanted_frame
from folkmoot.jmap.jscalendar.source import Mapped, Source, Target, place, put
from folkmoot.jmap.jscalendar.times import UTC_NAME, Frame, ical_when, name_of, tzid_of

_DAY: Final = 86400
_NAMES: Final = ("start", "timeZone", "showWithoutTime")


def _read_clock(source: Source, found: dict[str, Any]) -> Frame:
    frame = source.frame
    if frame.all_day:
        found["showWithoutTime"] = True
    elif frame.zone is not None:
        found["timeZone"] = frame.name
    return frame


def _read_event(source: Source, found: dict[str, Any]) -> None:
    start = source.start
    if start is None or "DTSTART" not in source.lines:
        raise MalformedInput("iCalendar: an event without DTSTART")
    frame = _read_clock(source, found)
    found["start"] = frame.local(start)
    length = _length(source, start)
    if length is not None:
        found["duration"] = length


def _length(source: Source, start: When) -> str | None:
    """Return the duration; a day without an end lasts a day (RFC 5545 section 3.6.1)."""
    whole = is_day(start)
    ends = source.lines.get("DTEND")
    if ends:
        end = source.zones.when(ends[0])
        if whole:
            return f"P{max((day_of(end) - day_of(start)).days, 1)}D"
        seconds = between(start, end, source.zones).seconds
        return duration_text(Duration(0, seconds)) if seconds > 0 else None
    lasts = source.lines.get("DURATION")
    length = parse_duration(lasts[0].value) if lasts else Duration(0)
    if whole:
        return f"P{max(length.days + length.seconds // _DAY, 1)}D"
    return duration_text(length) if length.days > 0 or length.seconds > 0 else None


def _read_task(source: Source, found: dict[str, Any]) -> None:
    frame = _read_clock(source, found)
    if "DTSTART" in source.lines and source.start is not None:
        found["start"] = frame.local(source.start)
    if "DUE" in source.lines:
        found["due"] = frame.local(source.zones.when(source.lines["DUE"][0]))
    for carrier in ("ESTIMATED-DURATION", "DURATION"):
        if carrier in source.lines:
            length = parse_duration(source.lines[carrier][0].value)
            if length.days >= 0 and length.seconds >= 0:
                found["estimatedDuration"] = duration_text(length)
            return


def end_zone(value: dict[str, Any]) -> str | None:
    """Return the time zone in which an object ends, if a location says one (RFC 8984 section 4.2.5)."""
    for location in (value.get("locations") or {}).values():
        if location.get("relativeTo") == "end" and "timeZone" in location:
            return str(location["timeZone"])
    return None


def read_end_zone(source: Source) -> str | None:
    """Return the time zone of DTEND if it is another than that of DTSTART; UTC is no place to arrive in."""
    ends = source.lines.get("DTEND")
    frame = source.frame
    if not ends or frame.zone is None or not ends[0].has_params:
        return None
    end = source.zones.when(ends[0])
    if not isinstance(end, datetime) or end.tzinfo is None:
        return None
    name = name_of(end.tzinfo)
    return None if name in {frame.name, UTC_NAME} else name


def write_event(target: Target) -> None:
    """Write DTSTART and what says the end; both move if only one of them is wanted different."""
    component, wanted = target.component, target.wanted
    frame = wanted_frame(target)
    start = frame.when(wanted["start"])
    set_date(target, "DTSTART", start, frame.name)
    text = wanted.get("duration", "PT0S")
    length = parse_duration(text)
    as_duration = component.get("DURATION") is not None and component.get("DTEND") is None
    if frame.all_day:
        endless = component.get("DTEND") is None and not as_duration
        if endless and length.days == 1 and "start" in target.before:
            return
        if not as_duration:
            set_date(target, "DTEND", add(start, length), None)
    elif length == Duration(0):
        component.remove("DTEND")
        component.remove("DURATION")
        return
    else:
        as_duration = as_duration or length.days > 0 or not _set_end(target, frame, start, length)
    if as_duration:
        component.remove("DTEND")
        put(component, "DURATION", format_duration(length))
    else:
        component.remove("DURATION")


def _set_end(target: Target, frame: Frame, start: When, length: Duration) -> bool:
    """Write DTEND, unless it comes to lie in an hour that comes twice and would be read as the first one."""
    end = add(start, length)
    name = frame.name
    other = end_zone(target.wanted)
    if isinstance(end, datetime) and other is not None and name is not None:
        name = other
    if isinstance(end, datetime) and name is not None:
        tzid = tzid_of(name, target.calendar)
        if tzid is not None:
            end = in_zone(end, target.zones.get(tzid))
            if end.fold:
                return False
    set_date(target, "DTEND", end, name)
    return True


def write_task(target: Target) -> None:
    """Write DTSTART, DUE and the duration; DURATION goes with a start alone (RFC 5545 section 3.6.2)."""
    component, wanted = target.component, target.wanted
    frame = wanted_frame(target)
    for name, carrier in (("start", "DTSTART"), ("due", "DUE")):
        if name in wanted:
            set_date(target, carrier, frame.when(wanted[name]), frame.name)
        else:
            component.remove(carrier)
    text = wanted.get("estimatedDuration")
    length = None if text is None else format_duration(parse_duration(text))
    alone = "start" in wanted and "due" not in wanted and component.get("ESTIMATED-DURATION") is None
    put(component, "DURATION", length if alone else None)
    put(component, "ESTIMATED-DURATION", None if alone else length)


def set_date(target: Target, carrier: str, when: When, zone: str | None) -> None:
    """Write a date or time; TZID and VALUE change only if the zone or the kind does."""
    component = target.component
    old = component.get(carrier)
    new = dated(target, old or Line(carrier, ""), when, zone)
    if old is None:
        place(component, new, after=("UID", "DTSTAMP", "DTSTART"))
    elif new is not old:
        component.set(new)


def dated(target: Target, line: Line, when: When, zone: str | None) -> Line:
    """Return the line with that value, on the clock of that zone; the line itself if nothing changes."""
    value = ical_when(when)
    tzid: str | None = None
    if isinstance(when, datetime) and zone is not None:
        tzid = tzid_of(zone, target.calendar)
    present = line.param("TZID")
    if present is not None and tzid is not None and name_of(target.zones.get(present)) == zone:
        tzid = present  # as the client calls it
    day = not isinstance(when, datetime | Floating)
    kind = (line.param("VALUE") or "").upper()
    if tzid == present and (kind == "DATE") is day and kind != "PERIOD":
        return line if line.value == value else line.replace(value=value)
    if tzid is not None:
        target.tzids.setdefault(tzid, when.year if not isinstance(when, Floating) else when.wall.year)
    params = [param for param in line.params if param.name not in {"TZID", "VALUE"}]
    if day:
        params.insert(0, Parameter("VALUE", ("DATE",)))
    if tzid is not None:
        params.insert(0, Parameter("TZID", (tzid,)))
    return line.replace(value=value, params=params)


EVENT: Final = Mapped((*_NAMES, "duration"), ("DTSTART", "DTEND", "DURATION"), _read_event, write_event)
TASK: Final = Mapped(
    (*_NAMES, "due", "estimatedDuration"),
    ("DTSTART", "DUE", "DURATION", "ESTIMATED-DURATION"),
    _read_task,
    write_task,
)
