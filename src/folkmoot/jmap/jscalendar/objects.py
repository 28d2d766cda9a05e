"""Whole objects: iCalendar as JSCalendar, a new one, and one after a patch."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

from folkmoot.ical import Component, Line, Zones, escape_text, format_utc
from folkmoot.jmap.jscalendar.errors import JsError
from folkmoot.jmap.jscalendar.overrides import Overriding
from folkmoot.jmap.jscalendar.own_zones import write_zones
from folkmoot.jmap.jscalendar.plain import stamp
from folkmoot.jmap.jscalendar.pointers import pointer_of
from folkmoot.jmap.jscalendar.reading import Opened, opened, read_object
from folkmoot.jmap.jscalendar.settling import moves, wanted_object
from folkmoot.jmap.jscalendar.source import COMPONENTS, Target, place, put
from folkmoot.jmap.jscalendar.times import Frame, zone_named
from folkmoot.jmap.jscalendar.when import dated
from folkmoot.jmap.jscalendar.writing import complete_zones, named_zones, same_clock, settle_rules, write_component

_FIXED = ("uid", "method", "recurrenceId", "recurrenceIdTimeZone")


def to_jscalendar(
    calendar: Component, *, default_zone: tzinfo, properties: Collection[str] | None = None
) -> dict[str, Any]:
    """Return the Event or Task that a calendar object resource is.

    ``default_zone`` stands for zones that nobody knows, and is where ``utcStart`` and ``utcEnd`` of floating
    times are looked at from.  With ``properties`` only these are read, which is quicker, and beside ``@type`` only
    they are returned; ``utcStart`` and ``utcEnd`` are only ever there if named.  An object of overrides
    without a master is its first one, with ``recurrenceId``, and the others are its ``recurrenceOverrides``.

    Raises:
        Unsupported: neither an event nor a task.
        MalformedInput: a date, time, duration or rule cannot be read.
    """
    return read_object(opened(calendar, default_zone), None if properties is None else frozenset(properties))


def new_calendar(value: Mapping[str, Any], *, prodid: str, now: datetime) -> Component:
    """Return a new VCALENDAR for an Event or a Task, with the VTIMEZONEs it needs.

    ``now`` is aware.  ``uid`` is the caller's to give.

    Raises:
        JsError: a property is missing, unknown or of no use.
    """
    kind = value.get("@type", "Event")
    if not isinstance(kind, str) or kind not in COMPONENTS:
        raise JsError("@type: Event or Task is expected", "@type")
    uid = value.get("uid")
    if not isinstance(uid, str) or not uid:
        raise JsError("uid: is missing", "uid")
    stamped = format_utc(now)
    component = Component(COMPONENTS[kind], [Line("UID", escape_text(uid)), Line("DTSTAMP", stamped)])
    calendar = Component("VCALENDAR", [Line("VERSION", "2.0"), Line("PRODID", escape_text(prodid))], [component])
    before: dict[str, Any] = {"@type": kind, **{name: value[name] for name in _FIXED if value.get(name) is not None}}
    if not isinstance(before.get("method", ""), str) or not isinstance(before.get("recurrenceId", ""), str):
        raise JsError("method and recurrenceId are texts", "method", "recurrenceId")
    patch = {pointer_of((name,)): inner for name, inner in value.items() if inner is not None and name != "prodId"}
    wanted = wanted_object(kind, before, patch)
    wanted.setdefault("created", _utc(now))
    if "method" in wanted:
        calendar.add(Line("METHOD", wanted["method"].upper()))
    whole = Opened(calendar, Zones(calendar, UTC), component, {}, alone=False)
    before = {"@type": kind, "uid": wanted["uid"]}
    return _written(whole, before, wanted, now)


def _utc(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def patched(calendar: Component, patch: Mapping[str, Any], *, now: datetime, default_zone: tzinfo) -> Component:
    """Return the object after a PatchObject (RFC 8620 section 5.3); what was given stays as it is.

    Only lines that say what the patch touches change, besides DTSTAMP and LAST-MODIFIED of the components they are
    in.  Overrides that do not say something of their own follow the series, and go along when it begins at another
    time, unless the patch sets ``recurrenceOverrides`` itself.  Pointers may lead into maps and into these.  Zones
    that come to be named bring their VTIMEZONE.

    Raises:
        JsError: a property is unknown, cannot be changed, or gets a value of no use.
        Unsupported: neither an event nor a task.
        MalformedInput: a date, time, duration or rule of the object cannot be read.
    """
    whole = opened(calendar.copy(), default_zone)
    before = read_object(whole)
    wanted = wanted_object(whole.kind, before, patch)
    return _written(whole, before, wanted, now)


def _written(whole: Opened, before: dict[str, Any], wanted: dict[str, Any], now: datetime) -> Component:
    calendar, base = whole.calendar, whole.base
    tzids: dict[str, int] = {}
    if before.get("timeZones") != wanted.get("timeZones"):
        write_zones(calendar, before.get("timeZones") or {}, wanted.get("timeZones") or {})
        whole.zones = Zones(calendar, whole.zones.default)
    named = named_zones(calendar)
    target = Target(calendar, base, whole.kind, whole.zones, before, wanted, tzids)
    settle_rules(target)
    clock_stays = whole.alone or same_clock(before, wanted) or not before.get("recurrenceOverrides")
    write_component(target, now)
    if wanted.get("prodId", before.get("prodId")) != before.get("prodId"):
        put(calendar, "PRODID", escape_text(wanted["prodId"]))
    if "recurrenceId" in wanted and base.get("RECURRENCE-ID") is None:
        _name_occurrence(target, wanted)
        whole.alone = True
    frame = whole.frame_now()
    overriding = Overriding(whole, frame, before, wanted, tzids, now)
    old, new = before.get("recurrenceOverrides") or {}, wanted.get("recurrenceOverrides") or {}
    moved = moves(before, wanted)
    if moved and new == {moved[key]: one for key, one in old.items()}:
        whole.overrides = {moved[key]: component for key, component in whole.overrides.items()}
        overriding.write(new, new, same_clock=False)
    else:
        overriding.write(old, new, same_clock=clock_stays)
    if old != new and not target.changes("updated"):  # the base tells when the object changed
        stamp(base, format_utc(now))
    complete_zones(calendar, tzids, named)
    return calendar


def _name_occurrence(target: Target, wanted: dict[str, Any]) -> None:
    name = wanted.get("recurrenceIdTimeZone")
    default = target.zones.default
    if name is not None:
        frame = Frame(zone_named(name, target.calendar, target.zones), all_day=False, default=default)
    else:
        whole_day = "timeZone" not in wanted and wanted.get("showWithoutTime") is True
        frame = Frame(None, all_day=whole_day, default=default)
    line = dated(target, Line("RECURRENCE-ID", ""), frame.when(wanted["recurrenceId"]), frame.name)
    place(target.component, line, after=("UID", "DTSTAMP"))
