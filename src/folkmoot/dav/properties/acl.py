"""Access control as properties (RFC 3744 section 5): what the caller may do, and what the owner has granted."""

from collections.abc import Iterable, Mapping
from typing import Final

from folkmoot.calendars.meetings.copies import PERSONAL
from folkmoot.collections.content import Place
from folkmoot.core.caller import Caller
from folkmoot.core.ids import PrincipalId
from folkmoot.dav.privileges import (
    ADMIN,
    ALL,
    BIND,
    DELIVER,
    READ,
    READ_ACL,
    READ_FREE_BUSY,
    READ_OWN,
    RECORDS,
    SCHEDULE,
    SEND,
    UNBIND,
    UNLOCK,
    WRITE,
    WRITE_ACL,
    WRITE_CONTENT,
    WRITE_PROPERTIES,
    collection_privileges,
    object_privileges,
    privileges_of_roles,
    sending_privileges,
)
from folkmoot.dav.properties.live import Live, Registry, Row
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.resource import CollectionResource, ExportResource, HomeSet, ObjectResource, Resource, owner_of
from folkmoot.dav.wire.names import empty_element
from folkmoot.sharing.rights import ANONYMOUS, EVERYBODY, rights_of_roles
from folkmoot.store.records import Kind, ObjectMeta

_SUBJECTS: Final = {EVERYBODY: "<D:authenticated/>", ANONYMOUS: "<D:unauthenticated/>"}
_OWNER_ACE: Final = (
    "<D:ace><D:principal><D:property><D:owner/></D:property></D:principal>"
    "<D:grant><D:privilege><D:all/></D:privilege></D:grant><D:protected/></D:ace>"
)
_RESTRICTIONS: Final = "<D:grant-only/><D:no-invert/>"

# Aggregates and their parts (RFC 3744 section 5.3, RFC 4791 section 6.1.1).
_PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    ALL: (READ, WRITE, READ_ACL, WRITE_ACL, UNLOCK),
    READ: (READ_OWN,),
    WRITE: (WRITE_CONTENT, WRITE_PROPERTIES, BIND, UNBIND),
}
_CALENDAR_PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    ALL: (*_PARTS[ALL], *SCHEDULE, ADMIN, *RECORDS),
    READ: (READ_OWN, READ_FREE_BUSY),
    WRITE: _PARTS[WRITE],
}
_OUTBOX_PARTS: Final = {**_CALENDAR_PARTS, ALL: (*_CALENDAR_PARTS[ALL], SEND[0]), SEND[0]: SEND[1:]}
_INBOX_PARTS: Final = {**_PARTS, ALL: (*_PARTS[ALL], DELIVER[0]), DELIVER[0]: DELIVER[1:]}
_DESCRIPTIONS: Final = {
    ALL: "Everything the owner may do",
    READ: "Read everything",
    WRITE: "Change, create and delete",
    WRITE_CONTENT: "Change objects",
    WRITE_PROPERTIES: "Change properties",
    BIND: "Create objects",
    UNBIND: "Delete objects",
    UNLOCK: "Remove locks of others",
    READ_ACL: "See who may do what",
    WRITE_ACL: "Decide who may do what",
    READ_OWN: "See what one may do",
    READ_FREE_BUSY: "See when somebody is busy",
}


def privilege_elements(names: Iterable[str]) -> str:
    """Return a DAV:privilege element for each Clark name."""
    return "".join(f"<D:privilege>{empty_element(name)}</D:privilege>" for name in names)


def is_read_only(resource: CollectionResource) -> bool:
    """Whether a collection is computed from others."""
    return bool(resource.seen.collection.properties.get("read_only"))


def is_outbox(place: Place) -> bool:
    """Whether messages are sent by a POST there: to the personal calendar, as with SOGo."""
    return place.kind is Kind.CALENDAR and place.name == PERSONAL


def caller_privileges(caller: Caller, resource: Resource) -> tuple[str, ...]:
    """Return what the caller may do with a resource, as Clark names."""
    match resource:
        case CollectionResource():
            place, rights = resource.place, resource.seen.rights
            found = collection_privileges(place.kind, rights, read_only=is_read_only(resource))
            return (*found, *sending_privileges(rights)) if is_outbox(place) else found
        case ObjectResource():
            return _of_object(resource.parent, resource.meta)
        case ExportResource():
            return (READ, READ_OWN)
    owner = owner_of(resource)
    if owner is None or not (caller.superuser or caller.principal == owner.id):
        return (READ, READ_OWN)
    own = (READ, READ_OWN, READ_ACL, WRITE_PROPERTIES)
    return (*own, ALL, WRITE, WRITE_CONTENT, BIND, UNBIND) if isinstance(resource, HomeSet) else own


def _of_object(parent: CollectionResource, meta: ObjectMeta) -> tuple[str, ...]:
    rights = parent.seen.rights
    return object_privileges(parent.place.kind, rights, meta.classification, read_only=is_read_only(parent))


async def _own_privileges(lookups: Lookups, resource: Resource) -> str:
    return privilege_elements(caller_privileges(lookups.caller, resource))


async def _objects_privileges(_: Lookups, parent: CollectionResource) -> Row:
    texts: dict[int, str] = {}

    def row(meta: ObjectMeta) -> str:
        text = texts.get(meta.classification)
        if text is None:
            text = texts[meta.classification] = privilege_elements(_of_object(parent, meta))
        return text

    return row


async def _supported_privileges(_: Lookups, resource: Resource) -> str:
    if isinstance(resource, CollectionResource) and is_outbox(resource.place):
        return _supported_privilege(ALL, _OUTBOX_PARTS)
    return _supported(_kind(resource))


async def _objects_supported(_: Lookups, parent: CollectionResource) -> Row:
    text = _supported(parent.place.kind)
    return lambda _: text


def _supported(kind: Kind | None) -> str:
    parts = {Kind.CALENDAR: _CALENDAR_PARTS, Kind.INBOX: _INBOX_PARTS}
    return _supported_privilege(ALL, _PARTS if kind is None else parts.get(kind, _PARTS))


def _supported_privilege(name: str, parts: Mapping[str, tuple[str, ...]]) -> str:
    description = _DESCRIPTIONS.get(name) or name.partition("}")[2].replace("-", " ").capitalize()
    inner = "".join(_supported_privilege(part, parts) for part in parts.get(name, ()))
    return (
        f"<D:supported-privilege><D:privilege>{empty_element(name)}</D:privilege>"
        f'<D:description xml:lang="en">{description}</D:description>{inner}</D:supported-privilege>'
    )


def _kind(resource: Resource) -> Kind | None:
    match resource:
        case CollectionResource():
            return resource.place.kind
        case ObjectResource() | ExportResource():
            return resource.parent.place.kind
        case HomeSet():
            return resource.kind
        case _:
            return None


async def _acl(lookups: Lookups, resource: Resource) -> str | None:
    if READ_ACL not in caller_privileges(lookups.caller, resource):
        return None
    if not isinstance(resource, CollectionResource) or resource.place.kind in {Kind.FILES, Kind.INBOX}:
        return _OWNER_ACE
    _, granted = await lookups.services.grants.of(lookups.caller, resource.place)
    return _OWNER_ACE + "".join(
        _ace(lookups, resource.place.kind, subject, roles) for subject, roles in sorted(granted.items())
    )


def _ace(lookups: Lookups, kind: Kind, subject: str, roles: frozenset[str]) -> str:
    if not rights_of_roles(roles).any:
        return ""
    principal = _SUBJECTS.get(subject) or _href(lookups.principal_href(PrincipalId(subject.removeprefix("@"))))
    privileges = privilege_elements(privileges_of_roles(kind, roles))
    return f"<D:ace><D:principal>{principal}</D:principal><D:grant>{privileges}</D:grant></D:ace>"


def _href(href: str) -> str:
    return f"<D:href>{href}</D:href>"


async def _objects_acl(_: Lookups, parent: CollectionResource) -> Row:
    shown = parent.seen.rights.admin
    return lambda _: _OWNER_ACE if shown else None


async def _restrictions(_: Lookups, __: Resource) -> str:
    return _RESTRICTIONS


async def _objects_restrictions(_: Lookups, __: CollectionResource) -> Row:
    return lambda _: _RESTRICTIONS


async def _inherited(_: Lookups, __: Resource) -> str:
    return ""


async def _objects_inherited(_: Lookups, parent: CollectionResource) -> Row:
    text = _href(parent.href)
    return lambda _: text


LIVE: Final[Registry] = {
    "{DAV:}current-user-privilege-set": Live(_own_privileges, _objects_privileges),
    "{DAV:}supported-privilege-set": Live(_supported_privileges, _objects_supported),
    "{DAV:}acl": Live(_acl, _objects_acl),
    "{DAV:}acl-restrictions": Live(_restrictions, _objects_restrictions),
    "{DAV:}inherited-acl-set": Live(_inherited, _objects_inherited),
}
