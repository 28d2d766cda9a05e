"""From what a client sent to the object that is wanted: checked, in RFC 8984's words, with what follows said too."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, Final

from folkmoot.ical import Duration, find_zone, parse_duration
from folkmoot.ical.values import shift
from folkmoot.jmap.jscalendar.alerts import settled_alert
from folkmoot.jmap.jscalendar.checks import duration_text, is_vendors, refused, uri, utc_time, zone_name
from folkmoot.jmap.jscalendar.errors import JsError
from folkmoot.jmap.jscalendar.links import settled_link
from folkmoot.jmap.jscalendar.people import address_of, mail_of, participant_id, settled_participant, ways_to
from folkmoot.jmap.jscalendar.pointers import apply_changes, parse_patch, pointer_of
from folkmoot.jmap.jscalendar.reading import END_LOCATION
from folkmoot.jmap.jscalendar.rules import is_whole_day
from folkmoot.jmap.jscalendar.schema import SCHEMAS, checked
from folkmoot.jmap.jscalendar.times import MIDNIGHT, local_text

_OFF: Final = ("showWithoutTime", "useDefaultAlerts", "isDraft", "mayInviteSelf", "mayInviteOthers", "hideAttendees")
_ALIASES: Final = frozenset(
    {"recurrenceRule", "organizerCalendarAddress", "endTimeZone", "utcStart", "utcEnd", "version"}
)
"""JSCalendar 2's names, and the JMAP Calendars draft's, taken beside RFC 8984's."""

Changes = dict[tuple[str, ...], Any]


def wanted_object(kind: str, before: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a patch makes of an object.

    Raises:
        JsError: unknown properties, values that do not fit, pointers that lead nowhere.
    """
    changes = parse_patch(patch)
    refuse_unknown(kind, {steps[0] for steps in changes})
    changes = _in_our_words(before, changes)
    for name in ("@type", "uid", "method", "recurrenceId", "recurrenceIdTimeZone"):
        if changes.get((name,), before.get(name)) != before.get(name):
            raise JsError(f"{name} cannot be changed", name)
    plain: Changes = {}
    overriding: Changes = {}
    for steps, value in changes.items():
        inside = steps[0] == "recurrenceOverrides" and len(steps) > 2  # noqa: PLR2004
        (overriding if inside else plain)[steps] = value
    wanted = apply_changes(before, plain)
    for steps, value in overriding.items():
        _patch_override(wanted, steps, value)
    touched = {steps[0] for steps in changes}
    done = settled(kind, before, wanted, touched)
    if "recurrenceOverrides" not in touched:
        keys = moves(before, done)
        if keys:
            done["recurrenceOverrides"] = {keys[key]: one for key, one in before["recurrenceOverrides"].items()}
    return done


def moves(before: Mapping[str, Any], wanted: dict[str, Any]) -> dict[str, str]:
    """Return to what each recurrence id goes when a series begins at another time; nothing if it does not.

    RFC 8984 would let overrides stay where no occurrence is any more; nobody who moves a series means that.
    """
    old, new = before.get("start"), wanted.get("start")
    overrides = before.get("recurrenceOverrides")
    if old == new or old is None or new is None or not overrides or "recurrenceId" in before:
        return {}
    by = datetime.fromisoformat(new) - datetime.fromisoformat(old)
    moved = {key: local_text(shift(datetime.fromisoformat(key), by)) for key in overrides}
    return {key: to[:10] + MIDNIGHT for key, to in moved.items()} if is_whole_day(wanted) else moved


def refuse_unknown(kind: str, names: set[str]) -> None:
    """Refuse properties that are neither JSCalendar's nor a vendor's.

    Raises:
        JsError: names all of them.
    """
    unknown = sorted(
        name for name in names if name not in SCHEMAS[kind] and name not in _ALIASES and not is_vendors(name)
    )
    if unknown:
        raise JsError(f"no property of {kind}: {', '.join(unknown)[:200]}", *(name[:200] for name in unknown[:100]))


def settled(kind: str, before: Mapping[str, Any], wanted: dict[str, Any], touched: set[str]) -> dict[str, Any]:
    """Return the object with what was touched checked, and what follows from it said too.

    Raises:
        JsError: a value does not fit.
    """
    for name in touched:
        if wanted.get(name) is None:
            wanted.pop(name, None)
            continue
        value = checked(kind, name, wanted[name])
        if (value is False and name in _OFF) or value in ({}, []):
            wanted.pop(name)
        else:
            wanted[name] = value
    _settle_times(kind, wanted)
    for name, settle in (("links", settled_link), ("alerts", settled_alert)):
        if name in touched and name in wanted:
            wanted[name] = {key: settle(value) for key, value in wanted[name].items()}
    if touched & {"participants", "replyTo"}:
        _settle_people(before, wanted, touched)
    if "description" not in wanted:
        wanted.pop("descriptionContentType", None)
    elif wanted.get("descriptionContentType", "").lower() in {"text/plain", "text/html"}:
        wanted["descriptionContentType"] = wanted["descriptionContentType"].lower()
        if wanted["descriptionContentType"] == "text/plain":
            del wanted["descriptionContentType"]
    return wanted


def _settle_times(kind: str, wanted: dict[str, Any]) -> None:
    if kind == "Event":
        if "start" not in wanted:
            raise JsError("start: is missing", "start")
        if is_whole_day(wanted):
            days = parse_duration(wanted.get("duration", "P1D")).days
            wanted["duration"] = f"P{max(days, 1)}D"
        elif wanted.get("duration") == "PT0S":
            del wanted["duration"]
        return
    if "start" not in wanted and ("recurrenceRules" in wanted or "recurrenceOverrides" in wanted):
        raise JsError("start: a task that recurs needs one", "start")
    if "start" not in wanted and "due" not in wanted:
        for name in ("timeZone", "showWithoutTime"):
            if name in wanted:
                raise JsError(f"{name}: there is no time it would be for", name)


def _settle_people(before: Mapping[str, Any], wanted: dict[str, Any], touched: set[str]) -> None:
    """Make participants and ``replyTo`` agree on who organizes (RFC 8984 section 4.4.4)."""
    old: Mapping[str, Any] = before.get("participants") or {}
    people: dict[str, dict[str, Any]] = {}
    for key, one in (wanted.get("participants") or {}).items():
        people[key] = settled_participant(_following(old.get(key), one))
    if "replyTo" not in touched and not people:
        wanted.pop("replyTo", None)
    if "replyTo" not in touched and "replyTo" not in wanted:
        for one in people.values():
            address = address_of(one)
            if one["roles"].get("owner") and address is not None:
                wanted["replyTo"] = ways_to(address)
                break
    ways = wanted.get("replyTo")
    if ways is not None:
        _settle_organizer(ways, people)
    else:
        wanted.pop("sentBy", None)
    wanted.pop("participants", None)
    if people:
        wanted["participants"] = people


def _settle_organizer(ways: Mapping[str, str], people: dict[str, dict[str, Any]]) -> None:
    address = address_of({"sendTo": ways})
    if address is None:
        return
    mine = [key for key, one in people.items() if (address_of(one) or "").lower() == address.lower()]
    if not mine:
        key = participant_id(address)
        while key in people:
            key += "-o"
        one = {"@type": "Participant", "sendTo": ways_to(address), "roles": {"owner": True}}
        mail = mail_of(address)
        people[key] = one if mail is None else {**one, "email": mail}
    elif not any(people[key]["roles"].get("owner") for key in mine):
        first = people[mine[0]]
        people[mine[0]] = {**first, "roles": {**first["roles"], "owner": True}}


def _following(old: Mapping[str, Any] | None, one: dict[str, Any]) -> dict[str, Any]:
    """Let the mail address go with a changed calendar address, if it only repeated the old one."""
    if old is None or one.get("email") != old.get("email"):
        return one
    address, before = one.get("calendarAddress") or address_of(one), address_of(dict(old))
    if address != before and before is not None and mail_of(before) == old.get("email"):
        return {name: value for name, value in one.items() if name != "email"}
    return one


def _patch_override(wanted: dict[str, Any], steps: tuple[str, ...], value: Any) -> None:
    """Set a pointer within an override; what leads deeper than the override itself is a pointer of its own."""
    overrides = dict(wanted.get("recurrenceOverrides") or {})
    override = overrides.get(steps[1]) or {}
    if not isinstance(override, Mapping):
        raise refused(steps[:2], "a patch is expected")
    inner = pointer_of(steps[2:]) if len(steps) > 3 else steps[2]  # noqa: PLR2004
    changed = {
        pointer: old
        for pointer, old in override.items()
        if pointer != inner and not pointer.startswith(inner + "/") and pointer != "excluded"
    }
    above = next((pointer for pointer in changed if inner.startswith(pointer + "/")), None)
    if above is not None:
        below = parse_patch({inner.removeprefix(above + "/"): value})
        held = changed[above]
        if not isinstance(held, Mapping):
            raise refused(steps, "leads into nothing")
        changed[above] = apply_changes(held, below)
    else:
        changed[inner] = value
    overrides[steps[1]] = changed
    wanted["recurrenceOverrides"] = overrides


def _in_our_words(before: Mapping[str, Any], changes: Changes) -> Changes:
    """Return the changes with the names of JSCalendar 2 and of the JMAP draft put into RFC 8984's."""
    if not any(steps[0] in _ALIASES for steps in changes):
        return changes
    ours = {steps: value for steps, value in changes.items() if steps[0] not in _ALIASES}
    rule = {steps: value for steps, value in changes.items() if steps[0] == "recurrenceRule"}
    if rule:
        present = (before.get("recurrenceRules") or [None])[0]
        held = apply_changes({} if present is None else {"recurrenceRule": present}, rule).get("recurrenceRule")
        ours[("recurrenceRules",)] = None if held is None else [held]
    for steps, value in changes.items():
        if steps[0] not in _ALIASES or steps[0] == "recurrenceRule":
            continue
        if len(steps) > 1:
            raise refused(steps, "leads into nothing")
        if steps[0] == "organizerCalendarAddress":
            ours[("replyTo",)] = None if value is None else ways_to(uri(value, steps))
        elif steps[0] == "endTimeZone":
            _set_end_zone(before, ours, None if value is None else zone_name(value, steps))
        elif steps[0] == "version" and value not in (None, "1.0", "2.0"):
            raise refused(steps, "1.0 or 2.0 is expected")
    _take_utc(before, changes, ours)
    return ours


def _set_end_zone(before: Mapping[str, Any], ours: Changes, zone: str | None) -> None:
    """Say the time zone of the end as RFC 8984 does, by a location."""
    whole = ("locations",) in ours
    locations = ours[("locations",)] if whole else before.get("locations")
    if locations is None:
        locations = {}
    if not isinstance(locations, Mapping) or (zone is None and END_LOCATION not in locations):
        return  # what is no map is refused when it is checked
    present = locations.get(END_LOCATION)
    location = {**(present if isinstance(present, Mapping) else {}), "relativeTo": "end", "timeZone": zone}
    if not whole and locations:
        ours[("locations", END_LOCATION)] = None if zone is None else location
        return
    ours[("locations",)] = {key: one for key, one in locations.items() if key != END_LOCATION}
    if zone is not None:
        ours[("locations",)][END_LOCATION] = location


def _take_utc(before: Mapping[str, Any], changes: Changes, ours: Changes) -> None:
    """Turn instants into a local start and a duration (JMAP Calendars draft, section 5.1.1)."""
    given = {name: changes[(name,)] for name in ("utcStart", "utcEnd") if changes.get((name,)) is not None}
    if not given:
        return
    if "utcStart" in given and ("start",) in ours:
        raise JsError("utcStart: start is given too", "utcStart", "start")
    if "utcEnd" in given and ("duration",) in ours:
        raise JsError("utcEnd: duration is given too", "utcEnd", "duration")
    name = ours.get(("timeZone",), before.get("timeZone"))
    zone = _zone(name)
    times = {key: _instant(utc_time(value, (key,))) for key, value in given.items()}
    if "utcStart" in times:
        ours[("start",)] = local_text(times["utcStart"].astimezone(zone))
    if "utcEnd" in times:
        start = ours.get(("start",), before.get("start"))
        begin = times.get("utcStart")
        if begin is None:
            if not isinstance(start, str):
                raise JsError("utcEnd: there is no start", "utcEnd")
            begin = datetime.fromisoformat(checked("Event", "start", start)).replace(tzinfo=zone).astimezone(UTC)
        seconds = int((times["utcEnd"] - begin).total_seconds())
        if seconds < 0:
            raise JsError("utcEnd: before the start", "utcEnd")
        ours[("duration",)] = duration_text(Duration(0, seconds))


def _zone(name: Any) -> tzinfo:
    if name is None:
        return UTC
    zone = find_zone(zone_name(name, ("timeZone",)))
    if zone is None:
        raise JsError("utcStart and utcEnd need a time zone with a known name", "timeZone")
    return zone


def _instant(utc: str) -> datetime:
    return datetime.fromisoformat(utc.removesuffix("Z")).replace(tzinfo=UTC)
