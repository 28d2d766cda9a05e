"""Recurrence rules (RFC 8984 section 4.3.3, RFC 5545 section 3.3.10, RFC 7529)."""

import re
from datetime import datetime
from typing import Any, Final

from folkmoot.core.errors import MalformedInput
from folkmoot.ical import Floating, Line, format_utc, format_when, parse_recur, parse_when
from folkmoot.ical.values import in_zone, is_day
from folkmoot.jmap.jscalendar.schema import RULES_MAX
from folkmoot.jmap.jscalendar.source import Mapped, Source, Target, place
from folkmoot.jmap.jscalendar.times import MIDNIGHT, Frame, local_text, zone_named

_NUMBERS: Final = {
    "byMonthDay": "BYMONTHDAY",
    "byYearDay": "BYYEARDAY",
    "byWeekNo": "BYWEEKNO",
    "byHour": "BYHOUR",
    "byMinute": "BYMINUTE",
    "bySecond": "BYSECOND",
    "bySetPosition": "BYSETPOS",
}
_NDAY: Final = re.compile(r"([+-]?\d{1,3})?(MO|TU|WE|TH|FR|SA|SU)")
_END_OF_DAY: Final = "T23:59:59"


def read_rule(value: str, frame: Frame) -> dict[str, Any]:
    """Return the RecurrenceRule of a RECUR value; its end is on the clock of the series.

    Raises:
        MalformedInput: no rule.
    """
    parts: dict[str, str] = {}
    for part in value.upper().split(";"):
        name, _, text = part.strip().partition("=")
        if text.strip():
            parts.setdefault(name.strip(), text.strip())
    rule: dict[str, Any] = {"@type": "RecurrenceRule", "frequency": parts.get("FREQ", "").lower()}
    plain = parts.get("RSCALE", "GREGORIAN") == "GREGORIAN"
    if plain or not rule["frequency"]:
        parse_recur(value)  # refuses what is no rule
    if not plain:
        rule["rscale"] = parts["RSCALE"].lower()
    try:
        _read_parts(parts, rule)
    except ValueError as error:
        raise MalformedInput(f"iCalendar: recurrence rule {value[:60]!r}") from error
    if "UNTIL" in parts:
        rule["until"] = _local_until(parts["UNTIL"], frame)
    return rule


def _read_parts(parts: dict[str, str], rule: dict[str, Any]) -> None:
    if parts.get("SKIP", "OMIT") in {"BACKWARD", "FORWARD"}:
        rule["skip"] = parts["SKIP"].lower()
    if "INTERVAL" in parts and int(parts["INTERVAL"][:12]) > 1:
        rule["interval"] = int(parts["INTERVAL"][:12])
    if parts.get("WKST", "MO") != "MO":
        rule["firstDayOfWeek"] = parts["WKST"].lower()
    if "BYDAY" in parts:
        rule["byDay"] = [_read_day(text) for text in parts["BYDAY"].split(",")]
    if "BYMONTH" in parts:
        rule["byMonth"] = [text.strip().lstrip("0+") for text in parts["BYMONTH"].split(",")]
    for name, part in _NUMBERS.items():
        if part in parts:
            rule[name] = [int(text) for text in parts[part].split(",")]
    if "COUNT" in parts and "UNTIL" not in parts:
        rule["count"] = max(int(parts["COUNT"][:12]), 1)


def _read_day(text: str) -> dict[str, Any]:
    match = _NDAY.fullmatch(text.replace(" ", ""))
    if not match:
        raise ValueError(text)
    day: dict[str, Any] = {"@type": "NDay", "day": match[2].lower()}
    if int(match[1] or 0):
        day["nthOfPeriod"] = int(match[1])
    return day


def _local_until(value: str, frame: Frame) -> str:
    until = parse_when(value)
    if frame.all_day:
        day = until.wall if isinstance(until, Floating) else until
        return (day.date() if isinstance(day, datetime) else day).isoformat() + MIDNIGHT
    if isinstance(until, Floating):
        return local_text(until.wall)
    if is_day(until):
        return until.isoformat() + _END_OF_DAY
    return frame.local(until)


def write_rule(rule: dict[str, Any], frame: Frame) -> str:
    """Return the RECUR value of a checked RecurrenceRule."""
    parts = []
    if "rscale" in rule or "skip" in rule:
        parts.append(f"RSCALE={rule.get('rscale', 'gregorian').upper()}")
    parts.append(f"FREQ={rule['frequency'].upper()}")
    if "interval" in rule:
        parts.append(f"INTERVAL={rule['interval']}")
    if "count" in rule:
        parts.append(f"COUNT={rule['count']}")
    if "until" in rule:
        parts.append(f"UNTIL={_until(rule['until'], frame)}")
    if "byMonth" in rule:
        parts.append(f"BYMONTH={','.join(rule['byMonth'])}")
    for name, part in _NUMBERS.items():
        if name in rule:
            parts.append(f"{part}={','.join(map(str, rule[name]))}")
    if "byDay" in rule:
        parts.append(f"BYDAY={','.join(str(day.get('nthOfPeriod', '')) + day['day'].upper() for day in rule['byDay'])}")
    if "firstDayOfWeek" in rule:
        parts.append(f"WKST={rule['firstDayOfWeek'].upper()}")
    if "skip" in rule:
        parts.append(f"SKIP={rule['skip'].upper()}")
    return ";".join(parts)


def _until(local: str, frame: Frame) -> str:
    when = frame.when(local)
    return format_utc(in_zone(when, frame.zone)) if isinstance(when, datetime) and frame.zone else format_when(when)


def settled_rule(rule: dict[str, Any], frame: Frame) -> dict[str, Any]:
    """Return the rule as it reads after it was written: a time that clocks skip has moved."""
    return read_rule(write_rule(rule, frame), frame)


def _mapped(name: str, carrier: str) -> Mapped:
    def read(source: Source, found: dict[str, Any]) -> None:
        frame = source.frame
        found[name] = [read_rule(line.value, frame) for line in source.lines[carrier][:RULES_MAX]]

    def write(target: Target) -> None:
        """Write the rules that are wanted different; a rule that stays keeps its line."""
        component = target.component
        frame = target_frame(target)
        wanted = target.wanted.get(name) or []
        before = [(line, read_rule(line.value, frame)) for line in component.all(carrier)[:RULES_MAX]]
        if [rule for _, rule in before] == wanted:
            return
        component.remove(carrier)
        for rule in wanted:
            same = next((line for line, old in before if old == rule), None)
            place(component, same or Line(carrier, write_rule(rule, frame)), after=("DTSTART", "DTEND", "DUE"))

    return Mapped((name,), (carrier,), read, write)


def target_frame(target: Target) -> Frame:
    """Return the clock that the wanted object is on, which its lines are on by now."""
    return Source(target.component, target.zones).frame


def wanted_frame(target: Target) -> Frame:
    """Return the clock that the wanted object names, before anything was written."""
    name = target.wanted.get("timeZone")
    if name is not None:
        zone = zone_named(name, target.calendar, target.zones)
        return Frame(zone, all_day=False, default=target.zones.default)
    return Frame(None, all_day=is_whole_day(target.wanted), default=target.zones.default)


def is_whole_day(value: dict[str, Any]) -> bool:
    """Whether an object can be written with days instead of times."""
    times = [value[name] for name in ("start", "due") if name in value]
    lengths = [value[name] for name in ("duration", "estimatedDuration") if name in value]
    return (
        value.get("showWithoutTime") is True
        and "timeZone" not in value
        and bool(times)
        and all(time.endswith(MIDNIGHT) for time in times)
        and not any("T" in length and length != "PT0S" for length in lengths)
    )


RULES: Final = (_mapped("recurrenceRules", "RRULE"), _mapped("excludedRecurrenceRules", "EXRULE"))
