"""What clients set on calendars, as it is kept."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from folkmoot.calendars.zone_documents import zone_document
from folkmoot.collections.content import JSON
from folkmoot.core.errors import FolkmootError
from folkmoot.ical import parse_duration
from folkmoot.jmap.calendars.describing import ALERTS_MAX
from folkmoot.jmap.calendars.shelf import ALERTS_DAYS, ALERTS_TIMED
from folkmoot.jmap.protocol.errors import InvalidProperties

TEXT_MAX: Final = 64 * 1024  # characters of a description
ORDER_MAX: Final = 2**31 - 1
_HEX: Final = re.compile(r"#(?:([0-9a-f]{3})|([0-9a-f]{6})([0-9a-f]{2})?)\Z", re.IGNORECASE)
_NAMED: Final = {
    "aqua": "00ffff", "black": "000000", "blue": "0000ff", "fuchsia": "ff00ff", "gray": "808080", "green": "008000",
    "lime": "00ff00", "maroon": "800000", "navy": "000080", "olive": "808000", "orange": "ffa500", "purple": "800080",
    "red": "ff0000", "silver": "c0c0c0", "teal": "008080", "white": "ffffff", "yellow": "ffff00",
}  # fmt: skip
_ALERT: Final = frozenset({"@type", "trigger", "action"})
_TRIGGER: Final = frozenset({"@type", "offset", "relativeTo"})


def kept_values(wanted: Mapping[str, Any]) -> dict[str, JSON]:
    """Return the properties of a collection for those of a Calendar or TaskList; None takes one away.

    What is not kept with the collection, such as ``isSubscribed``, is left out.

    Raises:
        InvalidProperties: a value that cannot be kept.
    """
    found: dict[str, JSON] = {}
    for name, value in wanted.items():
        if name in _KEYS:
            key, read = _KEYS[name]
            found[key] = None if value is None else read(name, value)
    return found


def _string(name: str, value: Any) -> JSON:
    if len(value) > TEXT_MAX or "\0" in value:
        raise InvalidProperties(f"{name} is too long, or no text", name)
    return str(value)


def _name(name: str, value: Any) -> JSON:
    if not value.strip() or any(ord(one) < ord(" ") for one in value):
        raise InvalidProperties("a name has no control characters, and something to see", name)
    return str(value)


def _color(name: str, value: Any) -> JSON:
    found = _HEX.match(value) or _HEX.match("#" + _NAMED.get(value.lower(), ""))
    if found is None:
        raise InvalidProperties("a colour is #RRGGBB, or one of CSS's basic names", name)
    digits = "".join(2 * one for one in found[1]) if found[1] else found[2]
    return f"#{digits}{found[3] or 'ff'}".upper()


def _order(name: str, value: Any) -> JSON:
    if value > ORDER_MAX:
        raise InvalidProperties(f"{name} is too large", name)
    return int(value)


def _as_it_is(_: str, value: Any) -> JSON:
    return bool(value)


def _availability(_: str, value: Any) -> JSON:
    return bool(value == "none")


def _zone(name: str, value: Any) -> JSON:
    try:
        return zone_document(value)
    except FolkmootError as error:
        raise InvalidProperties("there is no such time zone", name) from error


def _alerts(name: str, value: Any) -> JSON:
    if len(value) > ALERTS_MAX:
        raise InvalidProperties(f"at most {ALERTS_MAX} alerts", name)
    return {str(id_): _alert(name, alert) for id_, alert in value.items()}


def _alert(name: str, alert: Mapping[str, Any]) -> JSON:
    trigger = alert.get("trigger")
    if not isinstance(trigger, dict) or set(trigger) - _TRIGGER or set(alert) - _ALERT:
        raise InvalidProperties("an alert of a calendar has a trigger and an action", name)
    offset, relative = trigger.get("offset"), trigger.get("relativeTo", "start")
    action = alert.get("action", "display")
    try:
        parse_duration(offset if isinstance(offset, str) else "")
    except FolkmootError as error:
        raise InvalidProperties("the alerts of a calendar are relative: offset is a duration", name) from error
    if relative not in {"start", "end"} or action not in {"display", "email"}:
        raise InvalidProperties("relativeTo is start or end, action display or email", name)
    told: dict[str, JSON] = {"@type": "OffsetTrigger", "offset": str(offset), "relativeTo": str(relative)}
    return {"@type": "Alert", "trigger": told, "action": str(action)}


_KEYS: Final[Mapping[str, tuple[str, Callable[[str, Any], JSON]]]] = {
    "name": ("displayname", _name),
    "description": ("description", _string),
    "color": ("color", _color),
    "sortOrder": ("order", _order),
    "isVisible": ("active", _as_it_is),
    "includeInAvailability": ("transparent", _availability),
    "timeZone": ("timezone", _zone),
    "defaultAlertsWithTime": (ALERTS_TIMED, _alerts),
    "defaultAlertsWithoutTime": (ALERTS_DAYS, _alerts),
}
