"""CALDAV:calendar-data in a request: which part of a calendar object, in which form (RFC 4791 section 9.6)."""

from typing import Final

from folkmoot.core.errors import MalformedInput
from folkmoot.dav.errors import ConditionFailed
from folkmoot.dav.wire.elements import only_child, required, yes_or_no
from folkmoot.dav.wire.names import CALDAV, clark
from folkmoot.dav.wire.rfc4791 import DateLimits, parse_time_range
from folkmoot.dav.wire.xml import Element, children
from folkmoot.ical.filter import TimeRange
from folkmoot.ical.restrict import CalendarDataRequest, CompRequest, PropRequest

CALENDAR_DATA: Final = clark(CALDAV, "calendar-data")
ELEMENTS_MAX: Final = 2_000  # of one calendar-data; a client that names every property there is needs 150
_COMP_DEPTH_MAX: Final = 8  # of comp elements; VCALENDAR, VEVENT, VALARM is three


def parse_calendar_data(element: Element, limits: DateLimits) -> CalendarDataRequest:
    """Return a calendar-data element of a request.

    Raises:
        ConditionFailed: supported-calendar-data, min-date-time, max-date-time.
        MalformedInput: it breaks its grammar.
    """
    content_type, version = element.get("content-type", "text/calendar"), element.get("version", "2.0")
    if content_type.partition(";")[0].strip().lower() != "text/calendar" or version != "2.0":
        raise ConditionFailed(clark(CALDAV, "supported-calendar-data"), message="only text/calendar 2.0")
    if sum(1 for _ in element.iter()) > ELEMENTS_MAX:
        raise MalformedInput(f"calendar-data: at most {ELEMENTS_MAX} elements")
    comp = only_child(element, clark(CALDAV, "comp"))
    expand = _range(element, "expand", limits)
    limit_set = _range(element, "limit-recurrence-set", limits)
    if expand is not None and limit_set is not None:
        raise MalformedInput("calendar-data: either expand or limit-recurrence-set")
    return CalendarDataRequest(
        comp=None if comp is None else _comp(comp, 1),
        expand=expand,
        limit_recurrence_set=limit_set,
        limit_freebusy_set=_range(element, "limit-freebusy-set", limits),
    )


def _range(element: Element, name: str, limits: DateLimits) -> TimeRange | None:
    found = only_child(element, clark(CALDAV, name))
    return None if found is None else parse_time_range(found, limits, bounded=True)


def _comp(element: Element, depth: int) -> CompRequest:
    if depth > _COMP_DEPTH_MAX:
        raise MalformedInput(f"calendar-data: comp nests at most {_COMP_DEPTH_MAX} levels")
    return CompRequest(
        name=required(element, "name").upper(),
        allprop=only_child(element, clark(CALDAV, "allprop")) is not None,
        props=tuple(
            PropRequest(required(child, "name").upper(), yes_or_no(child, "novalue"))
            for child in children(element, clark(CALDAV, "prop"))
        ),
        allcomp=only_child(element, clark(CALDAV, "allcomp")) is not None,
        comps=tuple(_comp(child, depth + 1) for child in children(element, clark(CALDAV, "comp"))),
    )
