"""What an Event and a Task may have (RFC 8984 sections 4 and 5, and the JMAP Calendars draft)."""

from collections.abc import Mapping
from typing import Any, Final

from folkmoot.jmap.jscalendar.checks import (
    TEXT_MAX,
    Check,
    boolean,
    duration,
    email,
    identifier,
    integer,
    is_vendors,
    listing,
    local_time,
    mapping,
    one_of,
    record,
    refused,
    set_of,
    signed_duration,
    text,
    token,
    uri,
    utc_time,
    vendor_value,
    zone_name,
)
from folkmoot.jmap.jscalendar.pointers import POINTERS_MAX, parse_patch, steps_of

RULES_MAX: Final = 5  # as many as are read of a component
OVERRIDES_MAX: Final = 20_000  # a daily exception for 54 years
PARTS_MAX: Final = 800  # values of one part of a rule, both signs of every day of a year
ZONES_MAX: Final = 20  # of one object
ONCE_ONLY: Final = frozenset(
    {
        "@type", "excludedRecurrenceRules", "method", "privacy", "prodId", "recurrenceId", "recurrenceIdTimeZone",
        "recurrenceOverrides", "recurrenceRules", "relatedTo", "replyTo", "sentBy", "timeZones", "uid",
        "isDraft", "mayInviteSelf", "mayInviteOthers", "hideAttendees",
    }
)  # fmt: skip
"""What an override cannot change (RFC 8984 section 4.3.5)."""

_short = text()
_named = text(empty=False)
_day = one_of("mo", "tu", "we", "th", "fr", "sa", "su")


def _month(value: Any, steps: tuple[str, ...]) -> str:
    number = value.removesuffix("L") if isinstance(value, str) else ""
    if not (number.isascii() and number.isdecimal() and len(number) < 3 and 1 <= int(number) <= 13):  # noqa: PLR2004
        raise refused(steps, "a month like 12 or 5L, as text, is expected")
    return str(int(number)) + ("L" if value.endswith("L") else "")


def _numbers(lowest: int, highest: int, *, zero: bool = True) -> Check:
    return listing(integer(lowest, highest, zero=zero), PARTS_MAX)


_NDAY = record("NDay", {"day": _day, "nthOfPeriod": integer(-53, 53, zero=False)}, needed=["day"], vendors=False)
_RULE_PARTS = record(
    "RecurrenceRule",
    {
        "frequency": one_of("yearly", "monthly", "weekly", "daily", "hourly", "minutely", "secondly"),
        "interval": integer(1, 1_000_000_000),
        "rscale": token,
        "skip": one_of("omit", "backward", "forward"),
        "firstDayOfWeek": _day,
        "byDay": listing(_NDAY, PARTS_MAX),
        "byMonthDay": _numbers(-31, 31, zero=False),
        "byMonth": listing(_month, PARTS_MAX),
        "byYearDay": _numbers(-366, 366, zero=False),
        "byWeekNo": _numbers(-53, 53, zero=False),
        "byHour": _numbers(0, 23),
        "byMinute": _numbers(0, 59),
        "bySecond": _numbers(0, 60),
        "bySetPosition": _numbers(-366, 366, zero=False),
        "count": integer(1, 1_000_000_000),
        "until": local_time,
    },
    needed=["frequency"],
    vendors=False,
)


def rule(value: Any, steps: tuple[str, ...]) -> dict[str, Any]:
    """Check a RecurrenceRule; parts with their default value, and empty ones, are left out."""
    taken: dict[str, Any] = _RULE_PARTS(value, steps)
    if "count" in taken and "until" in taken:
        raise refused((*steps, "until"), "a rule ends after a count or at a time, not both")
    for name in ("frequency", "skip", "firstDayOfWeek"):
        if ":" in taken.get(name, ""):
            raise refused((*steps, name), "unknown")
    if any(":" in day["day"] for day in taken.get("byDay", ())):
        raise refused((*steps, "byDay"), "unknown")
    if taken.get("rscale", "").lower() == "gregorian":
        del taken["rscale"]
    elif "rscale" in taken:
        taken["rscale"] = taken["rscale"].lower()
    if any(month.endswith("L") or month == "13" for month in taken.get("byMonth", ())) and "rscale" not in taken:
        raise refused((*steps, "byMonth"), "no month of the Gregorian calendar")
    defaults = {"interval": 1, "skip": "omit", "firstDayOfWeek": "mo"}
    return {name: part for name, part in taken.items() if part != [] and defaults.get(name) != part}


_RELATION = record("Relation", {"relation": set_of(_named)})
_LINK = record(
    "Link",
    {
        "href": uri,
        "cid": _short,
        "contentType": _named,
        "size": integer(),
        "rel": _named,
        "display": _named,
        "title": _short,
    },
    needed=["href"],
)


def _link(value: Any, steps: tuple[str, ...]) -> Any:
    shown = value.get("display") if isinstance(value, Mapping) else None
    if isinstance(shown, Mapping):  # JSCalendar 2 has a set, RFC 8984 one
        if len(shown) != 1:
            raise refused((*steps, "display"), "one way to show it is expected")
        value = {**value, "display": next(iter(shown))}
    return _LINK(value, steps)


_LOCATION = record(
    "Location",
    {
        "name": _short,
        "description": text(TEXT_MAX),
        "locationTypes": set_of(_named),
        "relativeTo": one_of("start", "end"),
        "timeZone": zone_name,
        "coordinates": uri,
        "links": mapping(identifier, _link),
    },
)
_VIRTUAL = record(
    "VirtualLocation",
    {"name": _short, "description": text(TEXT_MAX), "uri": uri, "features": set_of(_named)},
    needed=["uri"],
)
_PARTICIPANT = record(
    "Participant",
    {
        "name": _short,
        "email": email,
        "description": text(TEXT_MAX),
        "descriptionContentType": _named,
        "calendarAddress": uri,
        "sendTo": mapping(token, uri),
        "kind": one_of("individual", "group", "location", "resource", "unknown"),
        "roles": set_of(_named),
        "locationId": identifier,
        "language": token,
        "participationStatus": one_of("needs-action", "accepted", "declined", "tentative", "delegated"),
        "participationComment": text(TEXT_MAX),
        "expectReply": boolean,
        "scheduleAgent": one_of("server", "client", "none"),
        "scheduleForceSend": boolean,
        "scheduleSequence": integer(),
        "scheduleStatus": listing(_named, 100),
        "scheduleUpdated": utc_time,
        "sentBy": email,
        "invitedBy": identifier,
        "delegatedTo": set_of(identifier),
        "delegatedFrom": set_of(identifier),
        "memberOf": set_of(identifier),
        "links": mapping(identifier, _link),
        "progress": one_of("needs-action", "in-process", "completed", "failed"),
        "progressUpdated": utc_time,
        "percentComplete": integer(0, 100),
    },
)
_OFFSET = record(
    "OffsetTrigger",
    {"offset": signed_duration, "relativeTo": one_of("start", "end")},
    needed=["offset"],
    vendors=False,
)
_ABSOLUTE = record("AbsoluteTrigger", {"when": utc_time}, needed=["when"], vendors=False)


def _trigger(value: Any, steps: tuple[str, ...]) -> dict[str, Any]:
    kind = value.get("@type", "OffsetTrigger" if "offset" in value else None) if isinstance(value, Mapping) else None
    if kind is None and isinstance(value, Mapping) and "when" in value:
        kind = "AbsoluteTrigger"
    if kind == "AbsoluteTrigger":
        taken: dict[str, Any] = _ABSOLUTE(value, steps)
        return taken
    taken = _OFFSET(value, steps)
    if ":" in taken.get("relativeTo", ""):
        raise refused((*steps, "relativeTo"), "start or end is expected")
    return {name: part for name, part in taken.items() if (name, part) != ("relativeTo", "start")}


_ALERT = record(
    "Alert",
    {
        "trigger": _trigger,
        "acknowledged": utc_time,
        "relatedTo": mapping(_named, _RELATION),
        "action": one_of("display", "email"),
    },
    needed=["trigger"],
)


def _patch(value: Any, steps: tuple[str, ...]) -> dict[str, Any]:
    """Check the shape of a PatchObject that is kept as it is."""
    if not isinstance(value, Mapping) or len(value) > POINTERS_MAX:
        raise refused(steps, "a patch is expected")
    parse_patch(value)
    for pointer, inner in value.items():
        vendor_value({pointer: inner}, steps)
    return dict(value)


def _override(value: Any, steps: tuple[str, ...]) -> dict[str, Any]:
    """Check the shape of an override; what it makes of the object is checked when it is applied."""
    if not isinstance(value, Mapping):
        raise refused(steps, "a patch is expected")
    parse_patch(value)
    if "excluded" in value and not isinstance(value["excluded"], bool | None):
        raise refused((*steps, "excluded"), "true or false is expected")
    if value.get("excluded"):
        return {"excluded": True}
    return {
        pointer: inner
        for pointer, inner in value.items()
        if pointer != "excluded" and steps_of(pointer)[0] not in ONCE_ONLY
    }


def _offset(value: Any, steps: tuple[str, ...]) -> str:
    digits = value[1:] if isinstance(value, str) else ""
    if not (digits.isascii() and digits.isdecimal() and len(digits) in {4, 6} and value[0] in "+-"):
        raise refused(steps, "an offset like +0100 is expected")
    if int(digits[:2]) > 23 or int(digits[2:4]) > 59 or int(digits[4:] or 0) > 59:  # noqa: PLR2004
        raise refused(steps, "an offset like +0100 is expected")
    return str(value)


_ZONE_RULE = record(
    "TimeZoneRule",
    {
        "start": local_time,
        "offsetFrom": _offset,
        "offsetTo": _offset,
        "recurrenceRules": listing(rule, RULES_MAX),
        "recurrenceOverrides": mapping(local_time, _override, 1_000),
        "names": set_of(_named),
        "comments": listing(_short, 10),
    },
    needed=["start", "offsetFrom", "offsetTo"],
    vendors=False,
)
_ZONE = record(
    "TimeZone",
    {
        "tzId": _named,
        "updated": utc_time,
        "url": uri,
        "validUntil": utc_time,
        "aliases": set_of(_named),
        "standard": listing(_ZONE_RULE, 200),
        "daylight": listing(_ZONE_RULE, 200),
    },
    needed=["tzId"],
    vendors=False,
)

_COMMON: Final[Mapping[str, Check]] = {
    "@type": one_of("Event", "Task"),
    "uid": _named,
    "prodId": _named,
    "created": utc_time,
    "updated": utc_time,
    "title": _short,
    "description": text(TEXT_MAX),
    "descriptionContentType": _named,
    "links": mapping(identifier, _link),
    "locale": token,
    "keywords": set_of(_named),
    "categories": set_of(uri),
    "color": _named,
    "relatedTo": mapping(_named, _RELATION),
    "sequence": integer(),
    "method": token,
    "showWithoutTime": boolean,
    "locations": mapping(identifier, _LOCATION),
    "mainLocationId": identifier,
    "virtualLocations": mapping(identifier, _VIRTUAL),
    "recurrenceId": local_time,
    "recurrenceIdTimeZone": zone_name,
    "recurrenceRules": listing(rule, RULES_MAX),
    "excludedRecurrenceRules": listing(rule, RULES_MAX),
    "recurrenceOverrides": mapping(local_time, _override, OVERRIDES_MAX),
    "priority": integer(0, 9),
    "freeBusyStatus": one_of("free", "busy"),
    "privacy": one_of("public", "private", "secret"),
    "replyTo": mapping(token, uri),
    "sentBy": email,
    "participants": mapping(identifier, _PARTICIPANT),
    "requestStatus": _named,
    "useDefaultAlerts": boolean,
    "alerts": mapping(identifier, _ALERT),
    "localizations": mapping(token, _patch, 200),
    "timeZone": zone_name,
    "timeZones": mapping(_named, _ZONE, ZONES_MAX),
    "start": local_time,
    "isDraft": boolean,
    "mayInviteSelf": boolean,
    "mayInviteOthers": boolean,
    "hideAttendees": boolean,
}
EVENT: Final[Mapping[str, Check]] = {
    **_COMMON,
    "duration": duration,
    "status": one_of("confirmed", "cancelled", "tentative"),
}
TASK: Final[Mapping[str, Check]] = {
    **_COMMON,
    "due": local_time,
    "estimatedDuration": duration,
    "percentComplete": integer(0, 100),
    "progress": one_of("needs-action", "in-process", "completed", "failed", "cancelled"),
    "progressUpdated": utc_time,
}
SCHEMAS: Final = {"Event": EVENT, "Task": TASK}


def checked(kind: str, name: str, value: Any) -> Any:
    """Return the value of one property of an Event or Task as we keep it.

    Raises:
        JsError: unknown property, or not a value of it.
    """
    check = SCHEMAS[kind].get(name)
    if check is not None:
        return check(value, (name,))
    if is_vendors(name):
        return vendor_value(value, (name,))
    raise refused((str(name)[:300],), f"no property of {kind}")
