"""Live properties of the DAV namespace, rights apart (RFC 4918 section 15, RFC 3253, 3744, 5397, 6578)."""

import re
import uuid
from datetime import UTC, datetime
from email.utils import formatdate
from functools import lru_cache
from typing import Final

from folkmoot.collections.content import Place
from folkmoot.collections.locks import covers
from folkmoot.dav.hrefs import HOME_NAMES
from folkmoot.dav.locking import SUPPORTED_LOCK, active_lock
from folkmoot.dav.properties.live import Constant, Live, Registry, Row
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.resolve import FREE_BUSY, INBOX, PERSONAL, PROXY_READ, PROXY_WRITE
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
    owner_of,
)
from folkmoot.dav.wire.names import clark, empty_element
from folkmoot.dav.wire.xml import escape
from folkmoot.store.records import Collection, Kind, ObjectMeta

_IDS: Final = uuid.UUID("6f1d2d3a-7b0e-5c43-9a55-3f0c8e5c4a10")  # name space of our resource ids (RFC 5842)
_PLACEHOLDER: Final = re.compile(r"%\{(\w{1,20})\}")
_DIRECTORY: Final = "httpd/unix-directory"  # what SOGo and Apache call a collection

_COMMON_REPORTS: Final = ("{DAV:}expand-property",)
_PRINCIPAL_REPORTS: Final = (
    "{DAV:}principal-match",
    "{DAV:}principal-property-search",
    "{DAV:}principal-search-property-set",
    "{DAV:}acl-principal-prop-set",
    "{http://calendarserver.org/ns/}calendarserver-principal-search",
)
_USER_REPORTS: Final = (
    "{urn:inverse:params:xml:ns:inverse-dav}collection-query",
    "{urn:inverse:params:xml:ns:inverse-dav}user-query",
)
_CALENDAR_REPORTS: Final = (
    "{urn:ietf:params:xml:ns:caldav}calendar-query",
    "{urn:ietf:params:xml:ns:caldav}calendar-multiget",
    "{urn:ietf:params:xml:ns:caldav}free-busy-query",
)
_ADDRESSBOOK_REPORTS: Final = (
    "{urn:ietf:params:xml:ns:carddav}addressbook-query",
    "{urn:ietf:params:xml:ns:carddav}addressbook-multiget",
)
_KIND_REPORTS: Final = {
    Kind.CALENDAR: _CALENDAR_REPORTS,
    Kind.ADDRESSBOOK: _ADDRESSBOOK_REPORTS,
    Kind.FILES: (),
    Kind.INBOX: _CALENDAR_REPORTS[:2],
    Kind.NOTIFICATIONS: (),
}


async def _displayname(lookups: Lookups, resource: Resource) -> str | None:
    match resource:
        case PrincipalResource(principal=principal):
            return escape(principal.display_name)
        case HomeSet(kind=kind):
            return HOME_NAMES[kind]
        case InboxResource():
            return INBOX
        case CollectionResource(place=Place(kind=Kind.NOTIFICATIONS as kind)):
            return HOME_NAMES[kind]
        case CollectionResource() | ExportResource():
            parent = resource.parent if isinstance(resource, ExportResource) else resource
            return escape(shown_name(lookups, parent))
        case ProxyGroup(write=write):
            return PROXY_WRITE if write else PROXY_READ
        case FreeBusyResource():
            return FREE_BUSY
        case Root():
            return "Folkmoot"
        case ObjectResource() | DirectoryBook():
            return None


def display_name(collection: Collection) -> str:
    """Return the name that people gave a collection, or its resource name."""
    name = collection.properties.get("displayname")
    return name if isinstance(name, str) else collection.name.rpartition("/")[2]


def shown_name(lookups: Lookups, resource: CollectionResource) -> str:
    """Return a collection's name; others than its owner also read whose it is, as the administrator phrased it."""
    owner, text = resource.principal, display_name(resource.seen.collection)
    if resource.mount is not None and "displayname" in resource.mount.properties:
        return text
    if owner.id == lookups.caller.principal or lookups.caller.anonymous or resource.place.kind is Kind.FILES:
        return text
    values = {
        "FolderName": text,
        "UserName": owner.display_name,
        "Email": next(iter(lookups.services.people.addresses(owner)), ""),
        "Owner": owner.id,
        "Domain": owner.domain or "",
    }
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), lookups.settings.shared_name)


async def _resourcetype(lookups: Lookups, resource: Resource) -> str:
    match resource:
        case PrincipalResource():
            return "<D:collection/><D:principal/>"
        case ProxyGroup(write=write):
            return f"<D:collection/><D:principal/><CS:calendar-proxy-{'write' if write else 'read'}/>"
        case InboxResource():
            return "<D:collection/><C:schedule-inbox/>"
        case ExportResource() | FreeBusyResource():
            return ""
        case CollectionResource():
            return await _collection_types(lookups, resource)
        case _:
            return "<D:collection/>"


async def _collection_types(lookups: Lookups, resource: CollectionResource) -> str:
    extra, collection = lookups.client.extra_types, resource.seen.collection
    match resource.place.kind:
        case Kind.CALENDAR:
            taken = collection.properties.get("components")
            types = {"VEVENT": "<G:vevent-collection/>", "VTODO": "<G:vtodo-collection/>"}
            shown = [t for name, t in types.items() if not isinstance(taken, list) or not taken or name in taken]
            outbox = "<C:schedule-outbox/>" if collection.name == PERSONAL and resource.mount is None else ""
            shared = await _sharing_type(lookups, resource)
            return "<D:collection/><C:calendar/>" + shared + ("".join([*shown, outbox]) if extra else "")
        case Kind.ADDRESSBOOK:
            return "<D:collection/><CR:addressbook/>" + ("<G:vcard-collection/>" if extra else "")
        case Kind.NOTIFICATIONS:
            return "<D:collection/><CS:notification/>"
        case Kind.FILES | Kind.INBOX:
            return "<D:collection/>"
        case Kind.MAIL | Kind.SHARES | Kind.EVENT_NOTICES | Kind.PERSON:  # which are in no home
            return "<D:collection/>"


async def _sharing_type(lookups: Lookups, resource: CollectionResource) -> str:
    """Return how a calendar is shared, to clients that share by CalendarServer's rules: others have no use for it."""
    if lookups.client.extra_types:
        return ""
    if resource.mount is not None:
        return "<CS:shared/>"
    shares = await lookups.shares(resource.place.owner)
    return "<CS:shared-owner/>" if shares.get(resource.seen.collection.id) else ""


async def _object_resourcetype(lookups: Lookups, collection: CollectionResource) -> Row:
    return Constant("")


async def _etag(lookups: Lookups, resource: Resource) -> str | None:
    if isinstance(resource, ExportResource):
        return f"&quot;{export_etag(resource)}&quot;"
    return None


def export_etag(resource: ExportResource) -> str:
    """Return the ETag of a whole calendar, without quotes: it changes with every write, its name and one's rights."""
    collection, rights = resource.parent.seen.collection, resource.parent.seen.rights
    shown = f"-{rights.shown}" if rights.shown else ""
    return f"{collection.id}-{collection.revision}-{collection.modified_at}-{resource.form}{shown}"


async def _object_etag(lookups: Lookups, collection: CollectionResource) -> Row:
    return lambda meta: f"&quot;{meta.etag}&quot;"


async def _content_type(lookups: Lookups, resource: Resource) -> str | None:
    match resource:
        case ExportResource(form=form):
            return "text/calendar; charset=utf-8" if form == "ics" else "application/calendar+xml; charset=utf-8"
        case FreeBusyResource():
            return "text/calendar; charset=utf-8"
        case _:
            return _DIRECTORY


async def _object_content_type(lookups: Lookups, collection: CollectionResource) -> Row:
    known: dict[str, str] = {}  # a calendar has a handful

    def row(meta: ObjectMeta) -> str:
        text = known.get(meta.content_type)
        return text if text is not None else known.setdefault(meta.content_type, escape(meta.content_type))

    return row


async def _object_length(lookups: Lookups, collection: CollectionResource) -> Row:
    return lambda meta: str(meta.size) if meta.size >= 0 else None


@lru_cache(maxsize=10_000)
def http_date(seconds: int) -> str:
    """Return an HTTP date for seconds since 1970 UTC."""
    return formatdate(seconds, usegmt=True)


@lru_cache(maxsize=10_000)
def _iso_date(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


async def _last_modified(lookups: Lookups, resource: Resource) -> str | None:
    collection = _stored_collection(resource)
    return None if collection is None else http_date(collection.modified_at // 1000)


async def _object_last_modified(lookups: Lookups, collection: CollectionResource) -> Row:
    return lambda meta: http_date(meta.modified_at // 1000)


async def _creation_date(lookups: Lookups, resource: Resource) -> str | None:
    collection = _stored_collection(resource)
    return None if collection is None else _iso_date(collection.created_at // 1000)


async def _object_creation_date(lookups: Lookups, collection: CollectionResource) -> Row:
    return lambda meta: _iso_date(meta.created_at // 1000)


def _stored_collection(resource: Resource) -> Collection | None:
    match resource:
        case CollectionResource(seen=seen):
            return seen.collection
        case ExportResource(parent=parent):
            return parent.seen.collection
        case _:
            return None


async def _resource_id(lookups: Lookups, resource: Resource) -> str | None:
    match resource:
        case CollectionResource(seen=seen):
            name = str(seen.collection.id)
        case PrincipalResource(principal=principal):
            name = f"principal {principal.id}"
        case _:
            return None
    return f"<D:href>{uuid.uuid5(_IDS, name).urn}</D:href>"


async def _owner(lookups: Lookups, resource: Resource) -> str | None:
    owner = owner_of(resource)
    return None if owner is None else f"<D:href>{lookups.principal_href(owner.id)}</D:href>"


async def _object_owner(lookups: Lookups, collection: CollectionResource) -> Row:
    return Constant(f"<D:href>{lookups.principal_href(collection.place.owner)}</D:href>")


async def _group(lookups: Lookups, resource: Resource) -> str:
    return ""


async def _current_user_principal(lookups: Lookups, resource: Resource) -> str:
    if lookups.caller.anonymous:
        return "<D:unauthenticated/>"
    # Without a final slash, as SOGo has always written it.
    return f"<D:href>{lookups.href(lookups.caller.principal)}</D:href>"


async def _object_current_user_principal(lookups: Lookups, collection: CollectionResource) -> Row:
    return Constant(await _current_user_principal(lookups, collection))


async def _principal_url(lookups: Lookups, resource: Resource) -> str | None:
    match resource:
        case PrincipalResource(principal=principal):
            return f"<D:href>{lookups.principal_href(principal.id)}</D:href>"
        case ProxyGroup(principal=principal, write=write):
            return f"<D:href>{lookups.href(principal.id, PROXY_WRITE if write else PROXY_READ, slash=True)}</D:href>"
        case _:
            return None


async def _alternate_uris(lookups: Lookups, resource: Resource) -> str | None:
    return "" if isinstance(resource, PrincipalResource | ProxyGroup) else None


async def _sync_token(lookups: Lookups, resource: Resource) -> str | None:
    if not isinstance(resource, CollectionResource) or resource.place.kind is Kind.FILES:
        return None
    return str(resource.seen.sync_token)


async def _supported_reports(lookups: Lookups, resource: Resource) -> str:
    return report_set(supported_reports(resource))


async def _object_supported_reports(lookups: Lookups, collection: CollectionResource) -> Row:
    return Constant(report_set((*_COMMON_REPORTS, *_KIND_REPORTS[collection.place.kind])))


def supported_reports(resource: Resource) -> tuple[str, ...]:
    """Return the Clark names of the reports that a resource answers (RFC 3253 section 3.1.5)."""
    match resource:
        case PrincipalResource():
            return (*_COMMON_REPORTS, *_PRINCIPAL_REPORTS, *_USER_REPORTS)
        case Root() | ProxyGroup():
            return (*_COMMON_REPORTS, *_PRINCIPAL_REPORTS)
        case HomeSet(kind=kind):
            return (*_COMMON_REPORTS, *_KIND_REPORTS[kind])
        case CollectionResource(place=place):
            sync = () if place.kind is Kind.FILES else ("{DAV:}sync-collection",)
            return (*_COMMON_REPORTS, *sync, "{DAV:}acl-principal-prop-set", *_KIND_REPORTS[place.kind])
        case _:
            return _COMMON_REPORTS


def report_set(names: tuple[str, ...]) -> str:
    """Return the content of DAV:supported-report-set for the Clark names of reports."""
    return "".join(
        f"<D:supported-report><D:report>{empty_element(name)}</D:report></D:supported-report>" for name in names
    )


async def _supported_lock(lookups: Lookups, resource: Resource) -> str:
    return SUPPORTED_LOCK if isinstance(resource, CollectionResource) else ""


async def _object_supported_lock(lookups: Lookups, collection: CollectionResource) -> Row:
    return Constant(SUPPORTED_LOCK)


async def _lock_discovery(lookups: Lookups, resource: Resource) -> str:
    if not isinstance(resource, CollectionResource):
        return ""
    held = await lookups.locks(resource.place.owner)
    return "".join(active_lock(lookups, lock) for lock in held if covers(lock, resource.place.path))


async def _object_lock_discovery(lookups: Lookups, collection: CollectionResource) -> Row:
    held = await lookups.locks(collection.place.owner)
    if not held:
        return Constant("")
    place = collection.place
    return lambda meta: "".join(active_lock(lookups, lock) for lock in held if covers(lock, place.path_of(meta.name)))


def _name(local: str) -> str:
    return clark("DAV:", local)


LIVE: Final[Registry] = {
    _name("resourcetype"): Live(_resourcetype, _object_resourcetype, in_allprop=True),
    _name("displayname"): Live(_displayname, None, in_allprop=True),
    _name("getetag"): Live(_etag, _object_etag, in_allprop=True),
    _name("getcontenttype"): Live(_content_type, _object_content_type, in_allprop=True),
    _name("getcontentlength"): Live(None, _object_length, in_allprop=True),
    _name("getlastmodified"): Live(_last_modified, _object_last_modified, in_allprop=True),
    _name("creationdate"): Live(_creation_date, _object_creation_date, in_allprop=True),
    _name("supportedlock"): Live(_supported_lock, _object_supported_lock, in_allprop=True),
    _name("lockdiscovery"): Live(_lock_discovery, _object_lock_discovery, in_allprop=True),
    _name("resource-id"): Live(_resource_id),
    _name("owner"): Live(_owner, _object_owner),
    _name("group"): Live(_group),
    _name("current-user-principal"): Live(_current_user_principal, _object_current_user_principal),
    _name("principal-URL"): Live(_principal_url),
    _name("alternate-URI-set"): Live(_alternate_uris),
    _name("sync-token"): Live(_sync_token),
    _name("supported-report-set"): Live(_supported_reports, _object_supported_reports),
}
