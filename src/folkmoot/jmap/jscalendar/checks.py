"""Checks of single JSON values: each returns the value as we keep it, or says which property is wrong.

All limits are far above what calendars hold; they stop a value from growing without end.
"""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, Final

from folkmoot.ical import Duration, find_zone, parse_duration
from folkmoot.jmap.jscalendar.errors import JsError
from folkmoot.jmap.jscalendar.pointers import pointer_of

Check = Callable[[Any, tuple[str, ...]], Any]
"""Takes a value and the steps that lead to it."""

TEXT_MAX: Final = 1_000_000  # characters; descriptions with the text of a whole contract in them occur
SHORT_MAX: Final = 10_000  # characters of names and titles
URI_MAX: Final = 8_000_000  # characters; small pictures come as data: addresses
ENTRIES_MAX: Final = 5_000  # of one map or list; meetings of whole companies
VENDOR_DEPTH_MAX: Final = 12
VENDOR_VALUES_MAX: Final = 2_000
INTEGER_MAX: Final = 2**31 - 1  # iCalendar's INTEGER (RFC 5545 section 3.3.8)
ID_LENGTH_MAX: Final = 255
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,255}")
_LOCAL: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_UTC: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,9})?Z")
_DURATION: Final = re.compile(
    r"([+-]?)P(?=.)(?:\d{1,7}W)?(?:\d{1,7}D)?(?:T(?=.)(?:\d{1,9}H)?(?:\d{1,9}M)?(?:\d{1,9}S)?)?"
)
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20\x7f]*")
_EMAIL: Final = re.compile(r"[^\s<>\"@:]{1,64}@[^\s<>\"@:]{1,255}")
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")
_UNWRITABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LINE_BREAK: Final = re.compile(r"\r\n?")


def refused(steps: tuple[str, ...], why: str) -> JsError:
    """Return the refusal of what the steps lead to."""
    pointer = pointer_of(steps)[:300]
    return JsError(f"{pointer}: {why}", pointer)


def text(maximum: int = SHORT_MAX, *, empty: bool = True) -> Check:
    r"""Return the check of a text; line breaks become ``\n``, other control characters go."""

    def check(value: Any, steps: tuple[str, ...]) -> str:
        if not isinstance(value, str) or len(value) > maximum or not (value or empty):
            raise refused(steps, f"a text of at most {maximum} characters is expected")
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise refused(steps, "half of a character") from error
        if "\r" in value:
            value = _LINE_BREAK.sub("\n", value)
        return _UNWRITABLE.sub("", value)

    return check


def _pattern(pattern: re.Pattern[str], what: str, maximum: int) -> Check:
    def check(value: Any, steps: tuple[str, ...]) -> str:
        if not isinstance(value, str) or len(value) > maximum or not pattern.fullmatch(value):
            raise refused(steps, f"{what} is expected")
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise refused(steps, "half of a character") from error
        return value

    return check


identifier: Final = _pattern(_ID, "an id", 255)
uri: Final = _pattern(_URI, "a URI", URI_MAX)
email: Final = _pattern(_EMAIL, "a mail address", 320)
token: Final = _pattern(_TOKEN, "a token", 100)


def boolean(value: Any, steps: tuple[str, ...]) -> bool:
    """Check a Boolean."""
    if not isinstance(value, bool):
        raise refused(steps, "true or false is expected")
    return value


def true(value: Any, steps: tuple[str, ...]) -> bool:
    """Check a member of a set (RFC 8984 section 1.4: its value is always true)."""
    if value is not True:
        raise refused(steps, "true is expected")
    return True


def integer(lowest: int = 0, highest: int = INTEGER_MAX, *, zero: bool = True) -> Check:
    """Return the check of a whole number."""

    def check(value: Any, steps: tuple[str, ...]) -> int:
        if type(value) is not int or not lowest <= value <= highest or (value == 0 and not zero):
            raise refused(steps, f"a whole number from {lowest} to {highest} is expected")
        return value

    return check


def one_of(*values: str) -> Check:
    """Return the check of an enumeration; a name with a colon is a vendor's and is let through."""

    def check(value: Any, steps: tuple[str, ...]) -> str:
        if not isinstance(value, str) or (value not in values and not (":" in value and len(value) <= SHORT_MAX)):
            raise refused(steps, f"one of {', '.join(values)} is expected")
        return str(text()(value, steps))

    return check


def local_time(value: Any, steps: tuple[str, ...]) -> str:
    """Check a LocalDateTime (RFC 8984 section 1.4.4)."""
    if isinstance(value, str) and _LOCAL.fullmatch(value) and value.isascii():
        try:
            datetime.fromisoformat(value)
        except ValueError:
            pass
        else:
            return value
    raise refused(steps, "a local time like 2026-01-31T09:00:00 is expected")


def utc_time(value: Any, steps: tuple[str, ...]) -> str:
    """Check a UTCDateTime (RFC 8984 section 1.4.3); fractions of seconds are dropped."""
    match = _UTC.fullmatch(value) if isinstance(value, str) and value.isascii() else None
    if match:
        try:
            datetime.fromisoformat(match[1])
        except ValueError:
            pass
        else:
            return match[1] + "Z"
    raise refused(steps, "a time in UTC like 2026-01-31T09:00:00Z is expected")


def duration(value: Any, steps: tuple[str, ...]) -> str:
    """Check a Duration and write it the one way: ``PT90M`` becomes ``PT1H30M``, weeks become days."""
    found = _DURATION.fullmatch(value) if isinstance(value, str) and value.isascii() else None
    if not found or found[1]:
        raise refused(steps, "a duration like PT1H30M is expected")
    return duration_text(parse_duration(value))


def signed_duration(value: Any, steps: tuple[str, ...]) -> str:
    """Check a SignedDuration (RFC 8984 section 1.4.7)."""
    if not isinstance(value, str) or not value.isascii() or not _DURATION.fullmatch(value):
        raise refused(steps, "a duration like -PT15M is expected")
    return duration_text(parse_duration(value))


def duration_text(duration: Duration) -> str:
    """Return a duration as JSCalendar writes it; days and seconds have the same sign."""
    sign = "-" if duration.days < 0 or duration.seconds < 0 else ""
    days, seconds = abs(duration.days), abs(duration.seconds)
    hours, seconds = divmod(seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "") + (f"{seconds}S" if seconds else "")
    if days:
        return f"{sign}P{days}D" + (f"T{clock}" if clock else "")
    return f"{sign}PT{clock}" if clock else "PT0S"


def zone_name(value: Any, steps: tuple[str, ...]) -> str:
    """Check a TimeZoneId: a name that is known, or one that ``timeZones`` has (RFC 8984 section 1.4.8)."""
    if isinstance(value, str) and 0 < len(value) <= ID_LENGTH_MAX and (value.startswith("/") or find_zone(value)):
        return str(text()(value, steps))
    raise refused(steps, "no time zone of that name is known")


def set_of(check: Check) -> Check:
    """Return the check of a set: an object whose names pass, and whose values are all true."""
    return mapping(check, true)


def mapping(name: Check, value: Check, maximum: int = ENTRIES_MAX) -> Check:
    """Return the check of a map with names and values of one kind each."""

    def check(found: Any, steps: tuple[str, ...]) -> dict[str, Any]:
        if not isinstance(found, Mapping) or len(found) > maximum:
            raise refused(steps, f"an object with at most {maximum} members is expected")
        return {
            name(key, (*steps, str(key)[:300])): value(inner, (*steps, str(key)[:300])) for key, inner in found.items()
        }

    return check


def listing(check_one: Check, maximum: int = ENTRIES_MAX) -> Check:
    """Return the check of a list with values of one kind."""

    def check(found: Any, steps: tuple[str, ...]) -> list[Any]:
        if not isinstance(found, list) or len(found) > maximum:
            raise refused(steps, f"a list with at most {maximum} values is expected")
        return [check_one(inner, (*steps, str(place))) for place, inner in enumerate(found)]

    return check


def record(kind: str, properties: Mapping[str, Check], *, needed: Collection[str] = (), vendors: bool = True) -> Check:
    """Return the check of an object of a type: its ``@type`` may be missing on the way in, never on the way out.

    Properties that are null are as good as missing; unknown ones are refused unless a vendor's.
    """

    def check(found: Any, steps: tuple[str, ...]) -> dict[str, Any]:
        if not isinstance(found, Mapping) or len(found) > ENTRIES_MAX:
            raise refused(steps, f"an object of type {kind} is expected")
        if found.get("@type", kind) != kind:
            raise refused((*steps, "@type"), f"{kind} is expected")
        taken: dict[str, Any] = {"@type": kind}
        for name, value in found.items():
            if value is None or name == "@type":
                continue
            below = (*steps, str(name)[:300])
            known = properties.get(name)
            if known is not None:
                taken[name] = known(value, below)
            elif vendors and is_vendors(name):
                taken[name] = vendor_value(value, below)
            else:
                raise refused(below, f"no property of {kind}")
        for name in needed:
            if name not in taken:
                raise refused((*steps, name), "is missing")
        return taken

    return check


def is_vendors(name: Any) -> bool:
    """Whether a property is named by a vendor (RFC 8984 section 3.3)."""
    return isinstance(name, str) and ":" in name[1:-1] and len(name) <= ID_LENGTH_MAX and name.isprintable()


def vendor_value(value: Any, steps: tuple[str, ...]) -> Any:
    """Check a value that we only keep: its size and depth."""
    left = VENDOR_VALUES_MAX
    open_: list[tuple[Any, int]] = [(value, 0)]
    short = text()
    while open_:
        inner, depth = open_.pop()
        left -= 1
        if left < 0 or depth > VENDOR_DEPTH_MAX:
            raise refused(steps, "too large or too deep")
        if isinstance(inner, str):
            if short(inner, steps) != inner:
                raise refused(steps, "control characters")
        elif isinstance(inner, Mapping):
            for name, below in inner.items():
                short(name, steps)
                open_.append((below, depth + 1))
        elif isinstance(inner, list):
            open_.extend((below, depth + 1) for below in inner)
        elif not isinstance(inner, bool | int | float | None):
            raise refused(steps, "no JSON")
        elif isinstance(inner, float) and not abs(inner) < float("inf"):
            raise refused(steps, "no number of JSON")
        elif isinstance(inner, int) and abs(inner) > 2**53:
            raise refused(steps, "a number too large for JSON")
    return value
