"""CALDAV:calendar-query (RFC 4791 section 7.8)."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Final

from folkmoot.core.errors import FolkmootError
from folkmoot.dav.errors import ConditionFailed
from folkmoot.dav.http import Response
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.reports.homes import collections_of
from folkmoot.dav.reports.wanted import answer, answers_with_bodies, asked_depth, truncated, wanted_of
from folkmoot.dav.resource import CollectionResource, HomeSet, ObjectResource, Resource
from folkmoot.dav.window import shown_in_listing
from folkmoot.dav.wire.calendar_filter import parse_calendar_filter
from folkmoot.dav.wire.headers import Depth
from folkmoot.dav.wire.names import CALDAV, clark
from folkmoot.dav.wire.rfc4791 import ZoneRequest, parse_query_limit, parse_zone
from folkmoot.dav.wire.xml import Element
from folkmoot.ical import Zones, find_zone, parse
from folkmoot.ical.filter import CompFilter, match
from folkmoot.store.records import Kind, StoredObject

RESULTS_MAX: Final = 50_000  # objects of one answer (DAV:number-of-matches-within-limits)


async def calendar_query(lookups: Lookups, resource: Resource, report: Element) -> Response:
    """Answer with the calendar objects that match; with 507 for the target where the client's limit left some out.

    A missing Depth counts as 1: at 0, as the standard has it, a query of a calendar finds nothing.

    Raises:
        ConditionFailed: a precondition of section 7.8, or DAV:supported-report.
        MalformedInput: the report breaks its grammar.
    """
    services = lookups.services
    wanted_objects = parse_calendar_filter(report, services.calendars.limits)
    asked_zone = parse_zone(report)
    count = parse_query_limit(report)
    depth = asked_depth(lookups, Depth.ONE)
    if isinstance(resource, ObjectResource) and resource.parent.place.kind in {Kind.CALENDAR, Kind.INBOX}:
        return answer(lookups, await _of_object(lookups, resource, report, wanted_objects, asked_zone))
    shown = shown_in_listing(lookups.settings, services.clock)
    responses: list[str] = []
    for calendar in await _calendars(lookups, resource, depth):
        zone = _zone(asked_zone, services.calendars.zone(calendar.seen.collection))
        _, rows = await services.calendars.query(
            lookups.caller, calendar.place, wanted_objects, zone=zone, seen=calendar.seen
        )
        found: Sequence[StoredObject] = [row for row in rows if shown(row.meta)]
        left = None if count is None else count - len(responses)
        if len(responses) + len(found) > RESULTS_MAX and left is None:
            message = f"at most {RESULTS_MAX} objects in one answer"
            raise ConditionFailed("{DAV:}number-of-matches-within-limits", message=message)
        wanted = wanted_of(lookups, report, calendar.seen.collection)
        responses += await answers_with_bodies(lookups, calendar, found[:left], wanted)
        if left is not None and len(found) > left:
            return answer(lookups, [*responses, truncated(resource.href)])
    return answer(lookups, responses)


async def _calendars(lookups: Lookups, resource: Resource, depth: Depth) -> Sequence[CollectionResource]:
    match resource:
        case CollectionResource() if resource.place.kind in {Kind.CALENDAR, Kind.INBOX}:
            return [] if depth is Depth.ZERO else [resource]
        case HomeSet() if resource.kind is Kind.CALENDAR:
            return await collections_of(lookups, resource) if depth is Depth.INFINITY else []
        case _:
            raise ConditionFailed("{DAV:}supported-report", message="no such report here")


async def _of_object(
    lookups: Lookups, resource: ObjectResource, report: Element, wanted_objects: CompFilter, asked_zone: ZoneRequest
) -> list[str]:
    collection = resource.parent.seen.collection
    zone = _zone(asked_zone, lookups.services.calendars.zone(collection))
    if not match(parse(resource.stored.body), wanted_objects, default_zone=zone):
        return []
    wanted = wanted_of(lookups, report, collection)
    return await answers_with_bodies(lookups, resource.parent, [resource.stored], wanted, hrefs=[resource.href])


def _zone(asked: ZoneRequest, own: tzinfo) -> tzinfo:
    """Return the zone of floating times: what the query says, else the calendar's.

    Raises:
        ConditionFailed: CALDAV:valid-calendar-data, CALDAV:valid-timezone (RFC 7809 section 5.2).
    """
    if asked.name:
        zone = find_zone(asked.name)
        if zone is None:
            raise ConditionFailed(clark(CALDAV, "valid-timezone"), message="no such time zone")
        return zone
    if not asked.text:
        return own
    try:
        calendar = parse(asked.text)
        zones = [c.text("TZID") for c in calendar.components if c.name == "VTIMEZONE"]
    except FolkmootError as malformed:
        raise ConditionFailed(clark(CALDAV, "valid-calendar-data"), message=str(malformed)) from malformed
    if len(zones) != 1 or not zones[0]:
        raise ConditionFailed(clark(CALDAV, "valid-calendar-data"), message="timezone holds one VTIMEZONE")
    return Zones(calendar, own).get(zones[0])
