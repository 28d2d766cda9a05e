"""MKCOL, plain and extended, and MKCALENDAR (RFC 4918 section 9.3, RFC 5689, RFC 4791 section 5.3.1)."""

from typing import Final

from folkmoot.collections.content import Place
from folkmoot.core.errors import Conflict, Forbidden, NotFound
from folkmoot.dav.conditions import submitted
from folkmoot.dav.errors import ConditionFailed, MethodNotAllowed
from folkmoot.dav.hrefs import Location, own_href
from folkmoot.dav.http import Response
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.properties.patching import Patch, sort_changes
from folkmoot.dav.properties.settable import settable_at_birth
from folkmoot.dav.targets import is_collection_at, object_target, required_collection
from folkmoot.dav.wire.multistatus import XML_TYPE, document, multistatus, propstat_element, response
from folkmoot.dav.wire.names import CALDAV, CARDDAV, clark
from folkmoot.dav.wire.rfc5689 import MKCALENDAR, MKCOL, NewCollection, parse_new_collection
from folkmoot.store.records import Kind

_TYPES: Final = {
    Kind.CALENDAR: frozenset(["{DAV:}collection", clark(CALDAV, "calendar")]),
    Kind.ADDRESSBOOK: frozenset(["{DAV:}collection", clark(CARDDAV, "addressbook")]),
    Kind.FILES: frozenset(["{DAV:}collection"]),
}
_VALID_TYPE: Final = "{DAV:}valid-resourcetype"


async def mkcol(lookups: Lookups) -> Response:
    """Make a collection of the kind that its home holds."""
    wanted = parse_new_collection(lookups.request.body, MKCOL)
    location = await lookups.locate(lookups.request.path)
    place = await _free_place(lookups, location)
    if wanted.types is not None and wanted.types != _TYPES[place.kind]:
        raise ConditionFailed(_VALID_TYPE, message="this home holds another kind of collection")
    patch = await _make(lookups, place, wanted)
    if not wanted.extended:
        return Response(201)
    body = document("D:mkcol-response", "".join(map(propstat_element, patch.propstats())))
    return Response(424 if patch.refused else 201, [("Content-Type", XML_TYPE)], body)


async def mkcalendar(lookups: Lookups) -> Response:
    """Make a calendar."""
    wanted = parse_new_collection(lookups.request.body, MKCALENDAR)
    location = await lookups.locate(lookups.request.path)
    if location.home is not Kind.CALENDAR:
        raise ConditionFailed(clark(CALDAV, "calendar-collection-location-ok"), message="calendars live in Calendar/")
    place = await _free_place(lookups, location)
    patch = await _make(lookups, place, wanted)
    if patch.refused:
        href = own_href(lookups.request)
        return Response(207, [("Content-Type", XML_TYPE)], multistatus([response(href, patch.propstats())]))
    return Response(201, [("Cache-Control", "no-cache")])


async def _free_place(lookups: Lookups, location: Location) -> Place:
    if location.home not in {None, Kind.FILES} and len(location.names) > 1:
        parent = Place(location.owner or lookups.caller.principal, location.home or Kind.CALENDAR, location.names[0])
        if await is_collection_at(lookups, parent):
            raise ConditionFailed(
                clark(CALDAV, "calendar-collection-location-ok"), message="no collections inside of this one"
            )
        raise Conflict("the parent does not exist")
    place = required_collection(lookups, location)
    if await is_collection_at(lookups, place) or await _is_taken_by_file(lookups, location):
        raise MethodNotAllowed("there is something here already")
    if not (lookups.caller.superuser or lookups.caller.principal == place.owner):
        raise Forbidden("collections are made in one's own home")
    return place


async def _is_taken_by_file(lookups: Lookups, location: Location) -> bool:
    target = object_target(lookups, location) if location.home is Kind.FILES else None
    if target is None:
        return False
    try:
        await lookups.services.objects.read(lookups.caller, target.place, target.name)
    except NotFound:
        return False
    return True


async def _make(lookups: Lookups, place: Place, wanted: NewCollection) -> Patch:
    tokens = await submitted(lookups)
    patch = sort_changes(wanted.changes, settable_at_birth(place.kind))
    if not patch.refused:
        dead = {name: text for name, text in patch.dead.items() if text is not None}
        await lookups.services.collections.create(lookups.caller, place, patch.live, dead, tokens)
    return patch
