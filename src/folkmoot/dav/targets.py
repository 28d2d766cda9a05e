"""Where a request that writes points: at an object's name in a collection, or at a collection's own name."""

from dataclasses import dataclass

from folkmoot.collections.content import Place
from folkmoot.core.errors import Conflict, Forbidden, NotFound
from folkmoot.core.ids import ResourceName
from folkmoot.dav.errors import MethodNotAllowed
from folkmoot.dav.hrefs import Location
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.resolve import INBOX, ROOTED, check_served, place_of
from folkmoot.store.records import Kind


@dataclass(frozen=True, slots=True)
class ObjectTarget:
    """A member name of a collection, taken or free."""

    place: Place
    name: ResourceName


def object_target(lookups: Lookups, location: Location) -> ObjectTarget | None:
    """Return the object name that a location is, or (files) may be; None if only a collection can be there.

    Raises:
        NotFound: the home is not served.
    """
    if location.owner is None or location.home is None or not location.names:
        return None
    check_served(lookups, location.home)
    if location.home in ROOTED:
        collection = "/".join(location.names[:-1])
    else:
        collection, *names = location.names
        if len(names) != 1:
            return None
    return ObjectTarget(place_of(location.owner, location.home, collection), ResourceName(location.names[-1]))


def collection_target(lookups: Lookups, location: Location) -> Place | None:
    """Return the collection name that a location is, or (files) may be; None if none can be there.

    Raises:
        NotFound: the home is not served.
    """
    if location.owner is None or location.home is None or not location.names:
        return None
    check_served(lookups, location.home)
    if location.home is Kind.FILES:
        return Place(location.owner, Kind.FILES, "/".join(location.names))
    if location.home is Kind.NOTIFICATIONS:
        return None
    if len(location.names) != 1 or (location.home is Kind.CALENDAR and location.names[0] == INBOX):
        return None
    return Place(location.owner, location.home, location.names[0])


def required_object(lookups: Lookups, location: Location) -> ObjectTarget:
    """Return the object name that a PUT, COPY or MOVE writes to.

    Raises:
        MethodNotAllowed: only a collection can be there.
        Forbidden: an address book of the directory.
        Conflict: below an object.
        NotFound: as for ``object_target``.
    """
    target = object_target(lookups, location)
    if target is None:
        if location.home is not None and len(location.names) > 1:
            raise Conflict("there are no collections inside of this one")
        raise MethodNotAllowed("only a collection can be here")
    _check_not_of_directory(lookups, target.place)
    return target


def required_collection(lookups: Lookups, location: Location) -> Place:
    """Return the collection name that a MKCOL, COPY or MOVE makes.

    Raises:
        MethodNotAllowed: it is a home, a principal or the root.
        Forbidden: no collection can be made there.
        NotFound: as for ``collection_target``.
    """
    place = collection_target(lookups, location)
    if place is None:
        if location.home is None or not location.names:
            raise MethodNotAllowed("this collection is always there")
        raise Forbidden("no collection can be made here")
    _check_not_of_directory(lookups, place)
    return place


def _check_not_of_directory(lookups: Lookups, place: Place) -> None:
    if place.kind is Kind.ADDRESSBOOK and lookups.services.directory_books.reserves(place.name):
        raise Forbidden("this address book is made of the directory")


async def is_collection_at(lookups: Lookups, place: Place) -> bool:
    """Whether the caller sees a collection at ``place``."""
    try:
        await lookups.services.collections.seen(lookups.caller, place)
    except NotFound:
        return False
    return True


def missing_parent(lookups: Lookups, place: Place, error: NotFound) -> Conflict | NotFound:
    """Return what to raise when a write found no collection: to its owner, that the parent is missing.

    Everybody else must not learn whether it exists.
    """
    if lookups.caller.superuser or lookups.caller.principal == place.owner:
        return Conflict("the collection does not exist")
    return error
