"""Cutting and joining: files into objects, objects into files, a series into two."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from folkmoot.contentline import Line, Parameter, escape_text
from folkmoot.core.errors import NotFound
from folkmoot.ical.component import Component
from folkmoot.ical.recur import Recur, format_recur, parse_recur
from folkmoot.ical.recurrence import expand_series
from folkmoot.ical.rule import expand
from folkmoot.ical.series import Key, Series, series_of, wall_of
from folkmoot.ical.values import Floating, When, format_utc, format_when, in_zone, instant, is_day, shift, shift_day
from folkmoot.ical.zones import Zones

_HEAD: Final = ("VERSION", "PRODID", "CALSCALE")


def split_objects(calendars: Iterable[Component], make_uid: Callable[[], str]) -> list[Component]:
    """Return one calendar object for each kind and UID found, with the VTIMEZONEs it needs.

    A component without UID is given one and stands alone; METHOD is dropped, as what is stored is
    no message (RFC 4791 section 4.1).
    """
    objects: dict[tuple[str, str], Component] = {}
    needed: dict[tuple[str, str], dict[str, Component]] = {}
    for calendar in calendars:
        zones = {(zone.text("TZID") or "").strip(): zone for zone in calendar.children("VTIMEZONE")}
        head = [line for name in _HEAD for line in calendar.all(name)[:1]]
        for component in calendar.components:
            if component.name == "VTIMEZONE":
                continue
            component = with_uid(component, make_uid)
            key = (component.name, (component.text("UID") or "").strip())
            whole = objects.get(key)
            if whole is None:
                whole = objects[key] = Component("VCALENDAR", head)
            whole.components.append(component)
            named = needed.setdefault(key, {})
            for tzid in _tzids(component):
                if tzid in zones:
                    named.setdefault(tzid, zones[tzid])
    for key, whole in objects.items():
        whole.components[:0] = needed[key].values()
    return list(objects.values())


def join_objects(
    calendars: Iterable[Component], *, product: str, name: str | None = None, method: str | None = "PUBLISH"
) -> Component:
    """Return one VCALENDAR with the components of all, each VTIMEZONE once by TZID."""
    joined = Component("VCALENDAR", [Line("VERSION", "2.0"), Line("PRODID", product), Line("CALSCALE", "GREGORIAN")])
    if method:
        joined.add(Line("METHOD", method))
    if name:
        joined.add(Line("X-WR-CALNAME", escape_text(name)))
    zones: dict[str, Component] = {}
    components: list[Component] = []
    for calendar in calendars:
        for component in calendar.components:
            if component.name == "VTIMEZONE":
                zones.setdefault((component.text("TZID") or "").strip(), component)
            else:
                components.append(component)
    joined.components = [*zones.values(), *components]
    return joined


def with_uid(component: Component, make_uid: Callable[[], str]) -> Component:
    """Return the component itself if it has a UID, else a copy with a new one."""
    if (component.text("UID") or "").strip():
        return component
    named = component.copy()
    named.remove("UID")
    named.properties.insert(0, Line("UID", make_uid()))
    return named


def split_series(calendar: Component, at: When, *, new_uid: str, default_zone: tzinfo) -> tuple[Component, Component]:
    """Return the object cut in two before the occurrence ``at``: what was, and the series from there on.

    ``at`` is the RECURRENCE-ID of an occurrence.  Rules with a COUNT are divided between the two,
    overrides, RDATE and EXDATE go where they belong.

    Raises:
        NotFound: nothing recurs, or ``at`` is its very beginning, or not one of its occurrences.
        MalformedInput: a date, time, duration or rule cannot be read.
    """
    zones = Zones(calendar, default_zone)
    series = next((one for one in series_of(calendar, zones) if one.recurs and one.span is not None), None)
    if series is None or series.master is None or series.span is None:
        raise NotFound("iCalendar: nothing here recurs")
    cut = series.key(at)
    start = _start_of(series, at)
    if start is None or cut == series.key(series.span.start):
        raise NotFound("iCalendar: the series has no later occurrence at that time")
    before, after = series.master.copy(), series.master.copy()
    _divide_rules(series, before, after, wall_of(start))
    for name in ("RDATE", "EXDATE"):
        _divide_dates(series, before, after, name, cut)
    _move(after, start, series.span.end_of(start), series)
    after.set(Line("UID", new_uid))
    first, second = [before], [after]
    for override in series.overrides:
        if series.key(override.recurrence_id) < cut:
            first.append(override.component)
        else:
            renamed = override.component.copy()
            renamed.set(Line("UID", new_uid))
            second.append(renamed)
    return _with_components(calendar, first), _with_components(calendar, second)


def _start_of(series: Series, at: When) -> When | None:
    """Return the start that the rules themselves give to the occurrence named, overridden or not."""
    bare = Series(series.zones, series.master, series.span, series.rules, series.excluding)
    moment = instant(at, series.zone)
    around = timedelta(days=2)
    for occurrence in expand_series(bare, shift(moment, -around), shift(moment, around)):
        if occurrence.recurrence_id is not None and series.key(occurrence.recurrence_id) == series.key(at):
            return occurrence.local_start
    return None


def _divide_rules(series: Series, before: Component, after: Component, wall: datetime) -> None:
    for component in (before, after):
        component.remove("RRULE")
    for line in series.master.all("RRULE") if series.master else ():
        rule = parse_recur(line.value)
        past, future = _divided(rule, series, wall)
        before.add(line.replace(value=format_recur(past)))
        if future is not None:
            after.add(line.replace(value=format_recur(future)))


def _divided(rule: Recur, series: Series, wall: datetime) -> tuple[Recur, Recur | None]:
    if rule.count is not None:
        happened = sum(1 for _ in expand(rule, series.wall, before=wall))
        left = rule.count - happened
        return replace(rule, count=max(happened, 1)), replace(rule, count=left) if left > 0 else None
    end = shift(wall, timedelta(seconds=-1))
    until: When
    if series.span is not None and series.span.all_day:
        until = shift_day(wall.date(), -1)
    elif series.span is not None and series.span.floating:
        until = Floating(end)
    else:
        until = instant(end.replace(tzinfo=series.zone), UTC)
    return replace(rule, until=until), rule


def _divide_dates(series: Series, before: Component, after: Component, name: str, cut: Key) -> None:
    before.remove(name)
    after.remove(name)
    for line in series.master.all(name) if series.master else ():
        sides: tuple[list[str], list[str]] = ([], [])
        for value in line.value.split(","):
            when = series.zones.when_of(line, value.partition("/")[0].strip())
            later = series.key(when) >= cut
            sides[later].append(value)
        for component, values in zip((before, after), sides, strict=True):
            if values:
                component.add(line.replace(value=",".join(values)))


def _move(component: Component, start: When, end: When, series: Series) -> None:
    """Give the component another start, and the end that follows from it."""
    for name, when in (("DTSTART", start), ("DTEND", end), ("DUE", end)):
        line = component.get(name)
        if line is not None:
            component.set(_dated_like(line, when, series))


def _dated_like(line: Line, when: When, series: Series) -> Line:
    """Return a date property with another value, in the zone and of the kind it had."""
    if isinstance(when, datetime) and not is_day(when):
        zone = series.zones.zone_of(line)
        if zone is None or line.value.strip().upper().endswith("Z"):
            return line.replace(value=format_utc(when), params=_without(line, "TZID"))
        return line.replace(value=format_when(in_zone(when, zone)).rstrip("Z"))
    return line.replace(value=format_when(when))


def _without(line: Line, name: str) -> list[Parameter]:
    return [parameter for parameter in line.params if parameter.name != name]


def _tzids(component: Component) -> list[str]:
    """Return the zones a component speaks of, each once, in order."""
    names: dict[str, None] = {}
    for inner in component.walk():
        for line in inner.properties:
            tzid = (line.param("TZID") or "").strip() if line.has_params else ""
            if tzid:
                names[tzid] = None
    return list(names)


def _with_components(calendar: Component, components: Sequence[Component]) -> Component:
    zones = calendar.children("VTIMEZONE")
    return Component(calendar.name, calendar.properties, [*zones, *components])
