"""Alerts: VALARM (RFC 8984 section 4.5, RFC 5545 section 3.6.6, RFC 9074)."""

from contextlib import suppress
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from folkmoot.core.errors import MalformedInput
from folkmoot.ical import Component, Line, Parameter, escape_text, format_duration, parse_duration
from folkmoot.ical.alarms import is_absolute
from folkmoot.jmap.jscalendar.checks import duration_text
from folkmoot.jmap.jscalendar.identity import CHOSEN, VALID, digest, identified, kept
from folkmoot.jmap.jscalendar.source import Mapped, Source, Target, put
from folkmoot.jmap.jscalendar.times import ical_utc, utc_text

ALARMS_MAX: Final = 500  # of one component
_SNOOZED: Final = "SNOOZE"  # RFC 9074 section 7.1; a parent in JSCalendar
_REMINDER: Final = "Reminder"  # RFC 5545 asks for a text, and there is no title


def _derive(alarm: Component, _: int) -> str:
    uid = (alarm.text("UID") or alarm.text("X-WR-ALARMUID") or "").strip()
    if uid:
        return uid if VALID.fullmatch(uid) else digest(uid)
    trigger = alarm.get("TRIGGER")
    action = alarm.get("ACTION")
    written = "" if trigger is None else f"{trigger.value};{trigger.param('RELATED') or ''}"
    return digest(f"{written};{'' if action is None else action.value}".upper())


def _choose(alarm: Component, chosen: str) -> Component:
    put(alarm, CHOSEN, chosen)
    return alarm


def _shown(source: Source) -> list[Component]:
    """Return the alarms that ever go off; ACTION:NONE is how Apple says that there is none."""
    return [
        alarm
        for alarm in source.parts.get("VALARM", ())[:ALARMS_MAX]
        if (alarm.text("ACTION") or "").strip().upper() != "NONE" and _read_trigger(alarm, source) is not None
    ]


def _read_trigger(alarm: Component, source: Source) -> dict[str, Any] | None:
    line = alarm.get("TRIGGER")
    if line is None:
        return None
    try:
        if is_absolute(line.value):
            return {"@type": "AbsoluteTrigger", "when": utc_text(source.zones.when(line), source.default)}
        trigger = {"@type": "OffsetTrigger", "offset": duration_text(parse_duration(line.value))}
    except MalformedInput:
        return None
    if (line.param("RELATED") or "").upper() == "END":
        trigger["relativeTo"] = "end"
    return trigger


def _read(source: Source, found: dict[str, Any]) -> None:
    alarms = identified(_shown(source), _derive)
    if not alarms:
        return
    ids = {uid: key for key, alarm in alarms if (uid := (alarm.text("UID") or "").strip())}
    found["alerts"] = {key: _read_one(alarm, source, ids) for key, alarm in alarms}


def _read_one(alarm: Component, source: Source, ids: dict[str, str]) -> dict[str, Any]:
    alert: dict[str, Any] = {"@type": "Alert", "trigger": _read_trigger(alarm, source)}
    action = (alarm.text("ACTION") or "").strip().upper()
    if action:
        alert["action"] = "email" if action == "EMAIL" else "display"
    acknowledged = alarm.get("ACKNOWLEDGED")
    if acknowledged is not None:
        with suppress(MalformedInput):
            alert["acknowledged"] = utc_text(source.zones.when(acknowledged), source.default)
    for line in alarm.all("RELATED-TO"):
        other = ids.get(line.value.strip())
        if other is not None:
            related = alert.setdefault("relatedTo", {}).setdefault(other, {"@type": "Relation", "relation": {}})
            kind = (line.param("RELTYPE") or "PARENT").upper()
            related["relation"]["parent" if kind == _SNOOZED else kind.lower()] = True
    return alert


def _write(target: Target) -> None:
    component = target.component
    source = Source(component, target.zones)
    wanted: dict[str, dict[str, Any]] = target.wanted.get("alerts") or {}
    old = dict(identified(_shown(source), _derive))
    ids = {uid: key for key, alarm in old.items() if (uid := (alarm.text("UID") or "").strip())}
    before = {key: _read_one(alarm, source, ids) for key, alarm in old.items()}
    pairs: list[tuple[str, Component]] = []
    for key, alert in wanted.items():
        alarm = old.get(key)
        if alarm is None:
            alarm = _new(key, target)
        if before.get(key) != alert:
            _change(alarm, before.get(key, {}), alert)
        pairs.append((key, alarm))
    uids = {key: uid for key, alarm in pairs if (uid := (alarm.text("UID") or "").strip())}
    for key, alarm in pairs:
        if before.get(key, {}).get("relatedTo") != wanted[key].get("relatedTo"):
            _relate(alarm, wanted[key].get("relatedTo") or {}, uids)
    pairs = kept(pairs, _derive, _choose)
    gone = {id(alarm) for key, alarm in old.items() if key not in wanted}
    component.components[:] = [part for part in component.components if id(part) not in gone]
    component.components.extend(alarm for key, alarm in pairs if key not in old)


def _new(key: str, target: Target) -> Component:
    """Return an alarm with a UID that is the same whenever this alert of this object is written."""
    uid = uuid5(NAMESPACE_URL, f"alert:{target.component.text('UID') or ''}:{key}")
    text = target.wanted.get("title") or _REMINDER
    return Component(
        "VALARM", [Line("UID", str(uid)), Line("ACTION", "DISPLAY"), Line("DESCRIPTION", escape_text(text))]
    )


def _change(alarm: Component, before: dict[str, Any], alert: dict[str, Any]) -> None:
    if before.get("trigger") != alert["trigger"]:
        _set_trigger(alarm, alert["trigger"])
    action = alert.get("action")
    if before.get("action") != action and action in {"display", "email"}:
        put(alarm, "ACTION", action.upper())
        if action == "email" and alarm.get("SUMMARY") is None:  # which RFC 5545 section 3.6.6 asks for
            described = alarm.get("DESCRIPTION")
            put(alarm, "SUMMARY", _REMINDER if described is None else described.value)
    elif "action" in before and action is None:
        put(alarm, "ACTION", "DISPLAY")
    if before.get("acknowledged") != alert.get("acknowledged"):
        put(alarm, "ACKNOWLEDGED", ical_utc(alert["acknowledged"]) if "acknowledged" in alert else None)


def _set_trigger(alarm: Component, trigger: dict[str, Any]) -> None:
    line = alarm.get("TRIGGER") or Line("TRIGGER", "")
    params = [param for param in line.params if param.name not in {"VALUE", "RELATED", "TZID"}]
    if trigger["@type"] == "AbsoluteTrigger":
        params.append(Parameter("VALUE", ("DATE-TIME",)))
        alarm.set(line.replace(value=ical_utc(trigger["when"]), params=params))
        return
    if trigger.get("relativeTo") == "end":
        params.append(Parameter("RELATED", ("END",)))
    alarm.set(line.replace(value=format_duration(parse_duration(trigger["offset"])), params=params))


def _relate(alarm: Component, related: dict[str, Any], uids: dict[str, str]) -> None:
    alarm.remove("RELATED-TO")
    for key, relation in related.items():
        if key in uids:
            for kind in relation.get("relation") or {"parent": True}:
                word = _SNOOZED if kind == "parent" else kind.upper()
                alarm.add(Line("RELATED-TO", uids[key], [Parameter("RELTYPE", (word,))]))


def settled_alert(alert: dict[str, Any]) -> dict[str, Any]:
    """Return a checked alert with the action that it has anyway said too (RFC 8984 section 4.5.2)."""
    return {**alert, "action": alert.get("action", "display")}


ALERTS: Final = Mapped(("alerts",), ("VALARM",), _read, _write)
