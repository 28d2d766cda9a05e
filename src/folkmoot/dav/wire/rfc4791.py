"""The bodies of CalDAV reports: what they ask for and where (RFC 4791 sections 7 and 9, RFC 7809 section 5.2)."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

from folkmoot.core.errors import MalformedInput
from folkmoot.dav.errors import ConditionFailed
from folkmoot.dav.wire.elements import limit, only_child
from folkmoot.dav.wire.names import CALDAV, clark
from folkmoot.dav.wire.xml import Element, inner_text, own_text
from folkmoot.ical.filter import TimeRange

CALENDAR_QUERY: Final = clark(CALDAV, "calendar-query")
CALENDAR_MULTIGET: Final = clark(CALDAV, "calendar-multiget")
FREE_BUSY_QUERY: Final = clark(CALDAV, "free-busy-query")
_INSTANT: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})Z\Z")


class DateLimits(Protocol):
    """The dates that a calendar serves; aware."""

    @property
    def earliest(self) -> datetime: ...

    @property
    def latest(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class ZoneRequest:
    """The zone a query names for floating times: iCalendar text, or an IANA name, or neither."""

    text: str | None
    name: str | None


def parse_zone(element: Element) -> ZoneRequest:
    """Return the timezone and timezone-id children of a query.

    Raises:
        MalformedInput: one of them twice.
    """
    text = only_child(element, clark(CALDAV, "timezone"))
    name = only_child(element, clark(CALDAV, "timezone-id"))
    return ZoneRequest(None if text is None else inner_text(text).strip(), None if name is None else own_text(name))


def parse_query_limit(element: Element) -> int | None:
    """Return how many results the client wants at most; ours is CardDAV's element in CalDAV's namespace.

    Raises:
        MalformedInput: no positive number.
    """
    return limit(element, CALDAV)


def parse_time_range(element: Element, limits: DateLimits, *, bounded: bool = False) -> TimeRange:
    """Return the range an element's start and end say; ``bounded`` if both must be there.

    Raises:
        MalformedInput: neither is there, one is no UTC date-time, or the end is not after the start.
        ConditionFailed: min-date-time, max-date-time.
    """
    start, end = _instant(element, "start", limits), _instant(element, "end", limits)
    if (bounded and (start is None or end is None)) or (start is None and end is None):
        raise MalformedInput("a range of time needs start and end" if bounded else "time-range: no start, no end")
    if start is not None and end is not None and start >= end:
        raise MalformedInput("a range of time ends after it starts")
    return TimeRange(start, end)


def _instant(element: Element, attribute: str, limits: DateLimits) -> datetime | None:
    text = element.get(attribute)
    if text is None:
        return None
    found = _INSTANT.match(text)
    instant = None
    if found is not None:
        year, month, day, hour, minute, second = map(int, found.groups())
        with suppress(ValueError):
            instant = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    if instant is None:
        raise MalformedInput(f"{attribute} is a date with UTC time, such as 20260131T140000Z")
    if instant < limits.earliest:
        raise ConditionFailed(clark(CALDAV, "min-date-time"), message=f"nothing is served before {limits.earliest:%Y}")
    if instant > limits.latest:
        raise ConditionFailed(clark(CALDAV, "max-date-time"), message=f"nothing is served after {limits.latest:%Y}")
    return instant
