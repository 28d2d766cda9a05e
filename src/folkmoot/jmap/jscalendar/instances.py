"""Single occurrences of a series: reading one, changing one, leaving one out, and cutting the series in two."""

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any

from folkmoot.core.errors import NotFound
from folkmoot.ical import Component, escape_text, instant, occurrences, split_series
from folkmoot.ical.values import shift
from folkmoot.jmap.jscalendar.checks import local_time
from folkmoot.jmap.jscalendar.errors import JsError
from folkmoot.jmap.jscalendar.objects import patched
from folkmoot.jmap.jscalendar.pointers import steps_of
from folkmoot.jmap.jscalendar.reading import (
    OWN_OF_COMPONENTS,
    Opened,
    occurrence_base,
    opened,
    override_of,
    read_component,
    read_object,
    read_overrides,
)
from folkmoot.jmap.jscalendar.schema import ONCE_ONLY
from folkmoot.jmap.jscalendar.settling import wanted_object


def occurrence(calendar: Component, recurrence_id: str, *, default_zone: tzinfo) -> dict[str, Any]:
    """Return one occurrence as an Event or Task of its own, with ``recurrenceId`` and without rules and overrides.

    ``recurrence_id`` is a LocalDateTime on the clock of the series.

    Raises:
        NotFound: the series has no such occurrence, or leaves it out.
        Unsupported: neither an event nor a task.
        MalformedInput: a date, time, duration or rule cannot be read.
    """
    return _read(_found(calendar, recurrence_id, default_zone), recurrence_id)


def _found(calendar: Component, recurrence_id: str, default_zone: tzinfo) -> Opened:
    """Return the object taken apart, if it has the occurrence."""
    local_time(recurrence_id, ("recurrenceId",))
    whole = opened(calendar, default_zone)
    if recurrence_id in whole.overrides:
        return whole
    if whole.alone:
        if read_object(whole, frozenset({"recurrenceId"})).get("recurrenceId") == recurrence_id:
            return whole
        raise NotFound("there is no such occurrence")
    moment = instant(whole.frame.when(recurrence_id), default_zone)
    bare = Component("VCALENDAR", [], [*calendar.children("VTIMEZONE"), whole.base])
    around = timedelta(days=1)  # a day of a whole-day series begins elsewhere in other zones
    for one in occurrences(bare, shift(moment, -around), shift(moment, around), default_zone=default_zone):
        if whole.frame.local(one.local_start if one.recurrence_id is None else one.recurrence_id) == recurrence_id:
            return whole
    raise NotFound("there is no such occurrence")


def _read(whole: Opened, recurrence_id: str) -> dict[str, Any]:
    component = whole.overrides.get(recurrence_id)
    if component is not None or whole.alone:
        found = read_component(component or whole.base, whole.zones)
        found = {
            name: value for name, value in found.items() if name not in {"recurrenceRules", "excludedRecurrenceRules"}
        }
    else:
        base = read_component(whole.base, whole.zones)
        found = occurrence_base(base, recurrence_id)
        listed = Opened(whole.calendar, whole.zones, whole.base, {}, alone=False)
        found.update(read_overrides(listed, base).get(recurrence_id, {}))
    found["recurrenceId"] = recurrence_id
    if whole.frame.name is not None:
        found["recurrenceIdTimeZone"] = whole.frame.name
    return found


def patched_occurrence(
    calendar: Component, recurrence_id: str, patch: Mapping[str, Any], *, now: datetime, default_zone: tzinfo
) -> Component:
    """Return the object after a patch of one occurrence alone, which becomes an override.

    Raises:
        JsError: as ``patched``, or the patch touches what all occurrences have in common.
        NotFound: the series has no such occurrence, or leaves it out.
        Unsupported: neither an event nor a task.
        MalformedInput: a date, time, duration or rule cannot be read.
    """
    whole = _found(calendar, recurrence_id, default_zone)
    before = _read(whole, recurrence_id)
    common = sorted({steps_of(pointer)[0] for pointer in patch} & (ONCE_ONLY - {"@type"}))
    touched = [name for name in common if name not in patch or patch[name] != before.get(name)]
    if touched:
        raise JsError("all occurrences of a series have this in common", *touched)
    if whole.alone and recurrence_id not in whole.overrides:
        return patched(calendar, patch, now=now, default_zone=default_zone)
    wanted = wanted_object(whole.kind, before, {name: value for name, value in patch.items() if name not in common})
    base = read_object(whole)
    override = override_of(base, recurrence_id, wanted)
    override = {name: value for name, value in override.items() if name not in OWN_OF_COMPONENTS}
    change = {f"recurrenceOverrides/{recurrence_id}": override}
    if "recurrenceOverrides" not in base:
        change = {"recurrenceOverrides": {recurrence_id: override}}
    return patched(calendar, change, now=now, default_zone=default_zone)


def excluded(calendar: Component, recurrence_id: str, *, now: datetime, default_zone: tzinfo) -> Component:
    """Return the object without one of its occurrences.

    Raises:
        NotFound: the series has no such occurrence, or leaves it out already.
        Unsupported: neither an event nor a task.
        MalformedInput: a date, time, duration or rule cannot be read.
    """
    whole = _found(calendar, recurrence_id, default_zone)
    if whole.alone:
        return _without(whole, recurrence_id)
    change: dict[str, Any] = {f"recurrenceOverrides/{recurrence_id}": {"excluded": True}}
    if "recurrenceOverrides" not in read_object(whole, frozenset({"recurrenceOverrides"})):
        change = {"recurrenceOverrides": {recurrence_id: {"excluded": True}}}
    return patched(calendar, change, now=now, default_zone=default_zone)


def _without(whole: Opened, recurrence_id: str) -> Component:
    """Return an object of overrides only without one of them.

    Raises:
        NotFound: it would be left with none.
    """
    gone = whole.overrides.get(recurrence_id, whole.base)
    if gone is whole.base and not whole.overrides:
        raise NotFound("nothing would be left of the object")
    calendar = whole.calendar
    return Component(
        calendar.name, calendar.properties, [part.copy() for part in calendar.components if part is not gone]
    )


def split_following(
    calendar: Component,
    recurrence_id: str,
    patch: Mapping[str, Any],
    *,
    new_uid: str,
    now: datetime,
    default_zone: tzinfo,
) -> tuple[Component, Component]:
    """Return the series up to an occurrence, and a new one from there on with the patch applied.

    Rules with a count are divided, overrides, RDATE and EXDATE go where they belong, and each is related to the
    other: the new one to its ``first``, the old one to its ``next`` (RFC 8984 section 4.1.3).

    Raises:
        NotFound: the series has no such occurrence, or begins with it.
        JsError: as ``patched``.
        Unsupported: neither an event nor a task.
        MalformedInput: a date, time, duration or rule cannot be read.
    """
    local_time(recurrence_id, ("recurrenceId",))
    whole = opened(calendar, default_zone)
    at = whole.frame.when(recurrence_id)
    before, after = split_series(calendar, at, new_uid=escape_text(new_uid), default_zone=default_zone)
    uid = (whole.base.text("UID") or "").strip()
    related = read_object(whole, frozenset({"relatedTo"})).get("relatedTo") or {}
    first = next((other for other, relation in related.items() if relation["relation"].get("first")), uid)
    kept = {
        other: relation for other, relation in related.items() if not relation["relation"].keys() & {"first", "next"}
    }
    old = patched(before, {"relatedTo": {**related, new_uid: _relation("next")}}, now=now, default_zone=default_zone)
    new = patched(after, {"relatedTo": {**kept, first: _relation("first")}}, now=now, default_zone=default_zone)
    return old, patched(new, patch, now=now, default_zone=default_zone)


def _relation(kind: str) -> dict[str, Any]:
    return {"@type": "Relation", "relation": {kind: True}}
