"""CALDAV:calendar-multiget and CARDDAV:addressbook-multiget (RFC 4791 section 7.9, RFC 6352 section 8.7)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from folkmoot.collections.content import Place
from folkmoot.core.errors import MalformedInput, NotFound, TooLarge
from folkmoot.core.ids import PrincipalId, ResourceName
from folkmoot.dav.errors import ConditionFailed
from folkmoot.dav.hrefs import locate, path_of_href
from folkmoot.dav.http import Response
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.reports.wanted import answer, answers_with_bodies, wanted_of
from folkmoot.dav.resolve import place_of
from folkmoot.dav.resource import (
    CollectionResource,
    DirectoryBook,
    HomeSet,
    InboxResource,
    ObjectResource,
    Resource,
    Root,
)
from folkmoot.dav.wire.elements import hrefs
from folkmoot.dav.wire.multistatus import status_response
from folkmoot.dav.wire.xml import Element, escape
from folkmoot.store.records import Kind, StoredObject

COLLECTIONS_MAX: Final = 500  # of one multiget at a home; nobody shows more at once


@dataclass(slots=True)
class _Asked:
    """What is asked for, sorted by collection; in both the hrefs as the client wrote them."""

    places: dict[Place, dict[ResourceName, str]] = field(default_factory=dict)
    elsewhere: list[str] = field(default_factory=list)


async def calendar_multiget(lookups: Lookups, resource: Resource, report: Element) -> Response:
    """Return the calendar objects with these hrefs."""
    return await _multiget(lookups, resource, report, Kind.CALENDAR)


async def addressbook_multiget(lookups: Lookups, resource: Resource, report: Element) -> Response:
    """Return the address objects with these hrefs."""
    return await _multiget(lookups, resource, report, Kind.ADDRESSBOOK)


async def _multiget(lookups: Lookups, resource: Resource, report: Element, kind: Kind) -> Response:
    """Answer for each href once: with properties, or 404 for what is not there or not below the target.

    Raises:
        ConditionFailed: DAV:supported-report, on something that has no such objects.
        TooLarge: too many hrefs, or collections.
    """
    if isinstance(resource, ObjectResource):
        resource = resource.parent
    if not _serves(resource, kind):
        raise ConditionFailed("{DAV:}supported-report", message="no such report here")
    directory = isinstance(resource, DirectoryBook)
    if isinstance(resource, DirectoryBook):
        resource = resource.book
    if isinstance(resource, HomeSet):
        await lookups.mounted(resource.principal.id, kind)
    asked = _sort(lookups, resource, kind, hrefs(report))
    if len(asked.places) > COLLECTIONS_MAX:
        raise TooLarge(f"a multiget reads at most {COLLECTIONS_MAX} collections")
    responses: list[str] = []
    for place, names in asked.places.items():
        if directory and isinstance(resource, CollectionResource):
            responses += await _of_directory(lookups, resource, names, report)
        else:
            responses += await _of_collection(lookups, resource, place, names, report)
    responses += [status_response(escape(href), 404) for href in asked.elsewhere]
    return answer(lookups, responses)


def _serves(resource: Resource, kind: Kind) -> bool:
    match resource:
        case InboxResource():
            return kind is Kind.CALENDAR
        case CollectionResource():
            return resource.place.kind is kind
        case DirectoryBook():
            return kind is Kind.ADDRESSBOOK
        case HomeSet():
            return resource.kind is kind
        case _:
            return isinstance(resource, Root)


def _sort(lookups: Lookups, resource: Resource, kind: Kind, asked: list[str]) -> _Asked:
    found = _Asked()
    base = f"{resource.href.rstrip('/')}/" if isinstance(resource, CollectionResource) else None
    for href in dict.fromkeys(asked):
        if base is not None and href.startswith(base) and isinstance(resource, CollectionResource):
            name = ResourceName(href[len(base) :])
            if name.isascii() and name.replace("-", "").replace(".", "").isalnum():
                found.places.setdefault(resource.place, {})[name] = href
                continue
        where = _place_of(lookups, resource, kind, href)
        if where is None:
            found.elsewhere.append(href)
        else:
            found.places.setdefault(where[0], {}).setdefault(where[1], href)
    return found


def _place_of(lookups: Lookups, resource: Resource, kind: Kind, href: str) -> tuple[Place, ResourceName] | None:
    try:
        path = path_of_href(lookups.request, href)
        location = None if path is None else lookups.located(path)
    except MalformedInput:
        return None
    if location is None or location.owner is None or location.home is not kind:
        return None
    match location.names:
        case (collection, name):
            place = place_of(_owner(lookups, resource, location.owner), kind, collection)
        case _:
            return None
    home = place.owner if location.mount is None else location.mount.subscriber
    if isinstance(resource, HomeSet) and home != resource.principal.id:
        return None
    if isinstance(resource, CollectionResource) and place != resource.place:
        return None
    return place, ResourceName(name)


def _owner(lookups: Lookups, resource: Resource, owner: PrincipalId) -> PrincipalId:
    """Return whose home an href is about: the target's owner by whichever name the target was reached."""
    if isinstance(resource, CollectionResource | HomeSet) and owner == locate(lookups.request.path).owner:
        return resource.principal.id
    return owner


async def _of_collection(
    lookups: Lookups, target: Resource, place: Place, names: dict[ResourceName, str], report: Element
) -> list[str]:
    principal = await lookups.principal(place.owner)
    try:
        if principal is None:
            raise NotFound("no such principal")
        known = target.seen if isinstance(target, CollectionResource) else None
        seen, stored = await lookups.services.objects.read_many(lookups.caller, place, list(names), seen=known)
    except NotFound:
        return [status_response(escape(href), 404) for href in names.values()]
    if isinstance(target, CollectionResource):
        collection = target
    else:
        collection = CollectionResource(lookups.collection_href(place), principal, place, seen)
    return await _shown(lookups, collection, names, stored, report)


async def _of_directory(
    lookups: Lookups, book: CollectionResource, names: dict[ResourceName, str], report: Element
) -> list[str]:
    stored = await lookups.services.directory_books.read_many(lookups.caller, book.place.name, list(names))
    return await _shown(lookups, book, names, stored, report)


async def _shown(
    lookups: Lookups,
    collection: CollectionResource,
    names: Mapping[ResourceName, str],
    stored: Mapping[str, StoredObject],
    report: Element,
) -> list[str]:
    wanted = wanted_of(lookups, report, collection.seen.collection)
    found = [stored[name] for name in names if name in stored]
    missing = [status_response(escape(href), 404) for name, href in names.items() if name not in stored]
    return await answers_with_bodies(lookups, collection, found, wanted) + missing
