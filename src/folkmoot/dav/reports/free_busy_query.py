"""CALDAV:free-busy-query (RFC 4791 section 7.10)."""

from typing import Final

from folkmoot.core.errors import MalformedInput
from folkmoot.dav.errors import ConditionFailed
from folkmoot.dav.freebusy import FREE_BUSY_TYPE, PRODUCT
from folkmoot.dav.http import Response
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.resource import CollectionResource, HomeSet, Resource
from folkmoot.dav.wire.elements import only_child
from folkmoot.dav.wire.names import CALDAV, clark
from folkmoot.dav.wire.rfc4791 import parse_time_range
from folkmoot.dav.wire.xml import Element
from folkmoot.ical.freebusy import format_freebusy
from folkmoot.store.records import Kind

_TIME_RANGE: Final = clark(CALDAV, "time-range")


async def free_busy_query(lookups: Lookups, resource: Resource, report: Element) -> Response:
    """Answer with a VFREEBUSY: of one calendar, or of all that count in a home.

    Raises:
        ConditionFailed: DAV:supported-report, CALDAV:min-date-time, CALDAV:max-date-time.
        MalformedInput: no range of time with both ends.
        TooLarge: the range is too long.
    """
    calendars = lookups.services.calendars
    found = only_child(report, _TIME_RANGE)
    if found is None:
        raise MalformedInput("free-busy-query: time-range is missing")
    window = parse_time_range(found, calendars.limits, bounded=True)
    start, end = window.window
    match resource:
        case CollectionResource() if resource.place.kind is Kind.CALENDAR:
            periods = await lookups.services.free_busy.of_calendar(lookups.caller, resource.place, start, end)
        case HomeSet() if resource.kind is Kind.CALENDAR:
            periods = await lookups.services.free_busy.of_one(lookups.caller, resource.principal.id, start, end)
        case _:
            raise ConditionFailed("{DAV:}supported-report", message="no such report here")
    text = format_freebusy(start, end, periods, stamp=lookups.services.clock.now(), product=PRODUCT)
    return Response(200, [("Content-Type", FREE_BUSY_TYPE)], text.encode())
