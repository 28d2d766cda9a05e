"""From a path to the resource that the caller may see there, and from a collection to its members."""

from collections.abc import Sequence
from typing import Final, Literal

from folkmoot.collections.access import Seen
from folkmoot.collections.content import Place
from folkmoot.collections.subscriptions import Mount
from folkmoot.core.errors import NotFound
from folkmoot.core.ids import PrincipalId, ResourceName
from folkmoot.dav.hrefs import HOME_NAMES, Location, encode_segment, href_of, own_href, path_of_href
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.resource import (
    CollectionResource,
    DirectoryBook,
    ExportResource,
    FreeBusyResource,
    HomeSet,
    InboxResource,
    ObjectResource,
    PrincipalResource,
    ProxyGroup,
    Resource,
    Root,
)
from folkmoot.directory.principal import Principal, PrincipalKind
from folkmoot.store.records import Kind, ObjectMeta

INBOX: Final = "inbox"
PERSONAL: Final = "personal"  # everybody's first calendar, and first address book
PROXY_READ: Final = "calendar-proxy-read"
PROXY_WRITE: Final = "calendar-proxy-write"
FREE_BUSY: Final = "freebusy.ifb"
ROOTED: Final = frozenset([Kind.FILES, Kind.NOTIFICATIONS])  # homes that are a collection of objects themselves
_FORMS: Final[dict[str, Literal["ics", "xml"]]] = {".ics": "ics", ".xml": "xml"}


def place_of(owner: PrincipalId, home: Kind, name: str) -> Place:
    """Return where a collection of a home is kept; the inbox among the calendars is of a kind of its own."""
    return Place(owner, Kind.INBOX if home is Kind.CALENDAR and name == INBOX else home, name)


async def resolve_target(lookups: Lookups) -> Resource:
    """Return the request's own target; its href is as the client wrote it.

    Raises:
        NotFound: nothing there, or nothing the caller may know of.
    """
    return await resolve(lookups, await lookups.locate(lookups.request.path), own_href(lookups.request))


async def resolve_href(lookups: Lookups, href: str) -> Resource:
    """Return the resource that an href in a body names; its own href is printed in our form.

    Raises:
        NotFound: nothing there, nothing the caller may know of, or not on this server.
    """
    path = path_of_href(lookups.request, href)
    if path is None:
        raise NotFound("not on this server")
    segments = [segment for segment in path.split("/") if segment]
    return await resolve(
        lookups,
        await lookups.locate(path),
        href_of(lookups.request, segments, slash=path.endswith("/")) or lookups.href(),
    )


async def resolve(lookups: Lookups, location: Location, href: str) -> Resource:
    """Return the resource at ``location``, printed as ``href``.

    Raises:
        NotFound: nothing there, or nothing the caller may know of.
    """
    if location.owner is None:
        return Root(href)
    principal = await lookups.principal(location.owner)
    if principal is None:
        raise NotFound("no such principal")
    match location.home:
        case None:
            return _of_principal(location, href, principal)
        case Kind.FILES | Kind.NOTIFICATIONS:
            return await _of_rooted(lookups, location, location.home, href, principal)
        case kind:
            check_served(lookups, kind)
            return await _of_home(lookups, location, href, principal)


def check_served(lookups: Lookups, kind: Kind) -> None:
    """Refuse homes that the administrator has taken off DAV, or closed to the caller.

    Raises:
        NotFound: it is.
    """
    if not lookups.serves(kind):
        raise NotFound("not served over DAV")


def _of_principal(location: Location, href: str, principal: Principal) -> Resource:
    match location.names:
        case ():
            return PrincipalResource(href, principal)
        case (name,) if name in {PROXY_READ, PROXY_WRITE}:
            return ProxyGroup(href, principal, name == PROXY_WRITE)
        case (name,) if name == FREE_BUSY:
            return FreeBusyResource(href, principal)
        case _:
            raise NotFound("no such resource")


async def _of_home(lookups: Lookups, location: Location, href: str, principal: Principal) -> Resource:
    kind = location.home or Kind.CALENDAR
    shown = await _of_directory(lookups, location, href, principal)
    if shown is not None:
        return shown
    match location.names:
        case ():
            return HomeSet(href, principal, kind)
        case (name,) if kind is Kind.CALENDAR and name == INBOX:
            place = place_of(principal.id, kind, name)
            return InboxResource(href, principal, place, await _seen(lookups, place))
        case (name,):
            form = _FORMS.get(name[-4:]) if kind is Kind.CALENDAR and lookups.settings.calendar_export else None
            place = Place(principal.id, kind, name)
            try:
                return shown_through(href, principal, place, await _seen(lookups, place), location.mount)
            except NotFound:
                if form is None:
                    raise
            place = Place(principal.id, kind, name[:-4])
            seen = await _seen(lookups, place)
            own = lookups.collection_href(place)
            return ExportResource(href, shown_through(own, principal, place, seen, location.mount), form)
        case (collection, name):
            place = place_of(principal.id, kind, collection)
            return await _object(lookups, place, name, href, principal, location.mount)
        case _:
            raise NotFound("no such resource")


async def _of_directory(
    lookups: Lookups, location: Location, href: str, principal: Principal
) -> DirectoryBook | ObjectResource | None:
    """Return an address book of the directory or one of its cards; None if the location is elsewhere."""
    books = lookups.services.directory_books
    if location.home is not Kind.ADDRESSBOOK or not location.names or not books.reserves(location.names[0]):
        return None
    name, *cards = location.names
    seen = await books.find(lookups.caller, principal.id, name)
    if seen is None or cards[1:]:
        raise NotFound("no such address book")
    book = directory_book(lookups, href if not cards else None, principal, seen)
    if not cards:
        return book
    return ObjectResource(href, book.book, await books.read(lookups.caller, name, ResourceName(cards[0])))


def directory_book(lookups: Lookups, href: str | None, principal: Principal, seen: Seen) -> DirectoryBook:
    """Return an address book of the directory in a principal's home; ``href`` is ours if there is none."""
    name = seen.collection.name
    own = href or lookups.href(principal.id, HOME_NAMES[Kind.ADDRESSBOOK], name, slash=True)
    return DirectoryBook(
        own, principal, CollectionResource(own, principal, Place(principal.id, Kind.ADDRESSBOOK, name), seen)
    )


async def _of_rooted(lookups: Lookups, location: Location, kind: Kind, href: str, principal: Principal) -> Resource:
    place = Place(principal.id, kind, "/".join(location.names))
    try:
        return CollectionResource(href, principal, place, await _seen(lookups, place))
    except NotFound:
        if not location.names:
            raise
    parent = Place(principal.id, kind, "/".join(location.names[:-1]))
    return await _object(lookups, parent, location.names[-1], href, principal)


async def _object(
    lookups: Lookups, place: Place, name: str, href: str, principal: Principal, mount: Mount | None = None
) -> ObjectResource:
    seen, stored = await lookups.services.objects.read(lookups.caller, place, ResourceName(name))
    parent = shown_through(lookups.collection_href(place), principal, place, seen, mount)
    return ObjectResource(href, parent, stored)


def shown_through(href: str, principal: Principal, place: Place, seen: Seen, mount: Mount | None) -> CollectionResource:
    """Return a collection as it is shown where the caller met it: in its owner's home, or in a subscriber's."""
    shown = seen if mount is None else Seen(mount.over(seen.collection), seen.rights)
    return CollectionResource(href, principal, place, shown, mount)


async def _seen(lookups: Lookups, place: Place) -> Seen:
    try:
        return await lookups.services.collections.seen(lookups.caller, place)
    except NotFound:
        if place.name != PERSONAL or not await _make_for_resource(lookups, place.owner, place.kind):
            raise
        return await lookups.services.collections.seen(lookups.caller, place)


async def _make_for_resource(lookups: Lookups, owner: PrincipalId, kind: Kind) -> bool:
    """Make the first collections of a room or a thing, which never signs in itself; say whether it is one."""
    principal = await lookups.principal(owner)
    if principal is None or principal.kind not in {PrincipalKind.LOCATION, PrincipalKind.THING}:
        return False
    await lookups.services.collections.ensure_defaults(owner, kind)
    return True


async def members(lookups: Lookups, resource: Resource) -> tuple[Sequence[Resource], Sequence[ObjectMeta]]:
    """Return the members of a collection that the caller may see: resources, and the rows of a collection's objects."""
    if not isinstance(resource, CollectionResource):
        return await resources_below(lookups, resource), ()
    _, metas = await lookups.services.objects.list_(lookups.caller, resource.place, seen=resource.seen)
    return await resources_below(lookups, resource), metas


async def resources_below(lookups: Lookups, resource: Resource) -> Sequence[Resource]:
    """Return the members of a collection that the caller may see, but for the objects of a collection."""
    match resource:
        case Root():
            own = await lookups.principal(lookups.caller.principal)
            return [PrincipalResource(lookups.principal_href(own.id), own)] if own else []
        case PrincipalResource():
            return _homes(lookups, resource)
        case HomeSet():
            return await _collections(lookups, resource)
        case CollectionResource():
            return await _nested(lookups, resource)
        case _:
            return ()


def _homes(lookups: Lookups, resource: PrincipalResource) -> list[Resource]:
    base, principal = resource.href.rstrip("/"), resource.principal
    homes: list[Resource] = [
        HomeSet(f"{base}/{HOME_NAMES[kind]}/", principal, kind)
        for kind in (Kind.CALENDAR, Kind.ADDRESSBOOK)
        if lookups.serves(kind)
    ]
    if lookups.serves(Kind.CALENDAR):
        homes += [ProxyGroup(f"{base}/{name}/", principal, name == PROXY_WRITE) for name in (PROXY_READ, PROXY_WRITE)]
        homes.append(FreeBusyResource(f"{base}/{FREE_BUSY}", principal))
    return homes


async def _collections(lookups: Lookups, home: HomeSet) -> list[Resource]:
    base = home.href.rstrip("/")
    found: list[Resource] = []
    for collection in await _own_and_subscribed(lookups, home):
        found.append(collection)
        if home.kind is Kind.CALENDAR and lookups.settings.calendar_export and lookups.client.exports:
            href = collection.href.rstrip("/")
            found += [ExportResource(f"{href}{suffix}", collection, form) for suffix, form in _FORMS.items()]
    if home.kind is Kind.ADDRESSBOOK and not lookups.client.one_book:
        books = await lookups.services.directory_books.home(lookups.caller, home.principal.id)
        found += [
            directory_book(lookups, f"{base}/{encode_segment(seen.collection.name)}/", home.principal, seen)
            for seen in books
        ]
    return found


async def _own_and_subscribed(lookups: Lookups, home: HomeSet) -> list[CollectionResource]:
    base, owner = home.href.rstrip("/"), home.principal
    await _make_for_resource(lookups, owner.id, home.kind)
    own = await lookups.services.collections.home(lookups.caller, owner.id, home.kind)
    found = []
    for seen in own:
        place = Place(owner.id, home.kind, seen.collection.name)
        found.append(CollectionResource(f"{base}/{encode_segment(place.name)}/", owner, place, seen))
    if home.kind is Kind.ADDRESSBOOK and lookups.client.one_book:
        return [collection for collection in found if collection.place.name == PERSONAL]
    mounted = await lookups.mounted(owner.id, home.kind)
    await lookups.principals([one.mount.place.owner for one in mounted])
    taken = {collection.place.name for collection in found}
    for one in mounted:
        principal = await lookups.principal(one.mount.place.owner)
        if principal is not None and one.mount.name not in taken:
            href = f"{base}/{encode_segment(one.mount.name)}/"
            found.append(CollectionResource(href, principal, one.mount.place, one.seen, one.mount))
    return found


async def _nested(lookups: Lookups, resource: CollectionResource) -> list[Resource]:
    if resource.place.kind is not Kind.FILES:
        return []
    place, base = resource.place, resource.href.rstrip("/")
    start = f"{place.name}/" if place.name else ""
    found: list[Resource] = []
    for seen in await lookups.services.collections.home(lookups.caller, place.owner, place.kind):
        name = seen.collection.name
        below = name[len(start) :]
        if name.startswith(start) and below and "/" not in below:
            place_of = Place(place.owner, place.kind, name)
            found.append(CollectionResource(f"{base}/{encode_segment(below)}/", resource.principal, place_of, seen))
    return found
