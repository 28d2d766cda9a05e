"""What an href names, as the caller may see it: frozen values that methods, properties and reports share.

``href`` is printed as it stands: percent-encoded, with the final slash the client wrote, or ours for members.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from folkmoot.collections.access import Seen
from folkmoot.collections.content import Place
from folkmoot.collections.subscriptions import Mount
from folkmoot.dav.hrefs import encode_segment
from folkmoot.directory.principal import Principal
from folkmoot.store.records import Kind, ObjectMeta, StoredObject


@dataclass(frozen=True, slots=True)
class Root:
    """The DAV root: the collection of principals (RFC 3744 section 5.8)."""

    href: str


@dataclass(frozen=True, slots=True)
class PrincipalResource:
    """A principal, which is also the collection of its homes."""

    href: str
    principal: Principal


@dataclass(frozen=True, slots=True)
class HomeSet:
    """The calendars or the address books of a principal (RFC 4791 section 6.2.1)."""

    href: str
    principal: Principal
    kind: Kind


@dataclass(frozen=True, slots=True)
class CollectionResource:
    """A calendar, an address book, or a collection of files."""

    href: str
    principal: Principal  # the owner
    place: Place
    seen: Seen
    mount: Mount | None = None  # the subscription in whose home the caller meets it

    def member_href(self, name: str) -> str:
        """Return the href of a member object."""
        return f"{self.href.rstrip('/')}/{encode_segment(name)}"

    def member_hrefs(self, names: Iterable[str]) -> list[str]:
        """Return the hrefs of many."""
        start = self.href.rstrip("/") + "/"
        return [start + encode_segment(name) for name in names]


@dataclass(frozen=True, slots=True)
class InboxResource(CollectionResource):
    """The scheduling inbox: messages that were received (RFC 6638 section 2.2)."""


@dataclass(frozen=True, slots=True)
class ObjectResource:
    """A calendar object resource, an address object resource, or a file."""

    href: str
    parent: CollectionResource
    stored: StoredObject

    @property
    def meta(self) -> ObjectMeta:
        return self.stored.meta


@dataclass(frozen=True, slots=True)
class DirectoryBook:
    """An address book made of a user source; a type of its own, so that nothing writes to it by accident."""

    href: str
    principal: Principal  # in whose home it is shown
    book: CollectionResource  # as which its cards are printed


@dataclass(frozen=True, slots=True)
class ExportResource:
    """A whole calendar as one document: iCalendar or xCal."""

    href: str
    parent: CollectionResource
    form: Literal["ics", "xml"]


@dataclass(frozen=True, slots=True)
class ProxyGroup:
    """The principals that may read, or write, for another (Apple's calendar-proxy)."""

    href: str
    principal: Principal
    write: bool


@dataclass(frozen=True, slots=True)
class FreeBusyResource:
    """``freebusy.ifb`` of a principal."""

    href: str
    principal: Principal


Resource = (
    Root
    | PrincipalResource
    | HomeSet
    | CollectionResource
    | ObjectResource
    | DirectoryBook
    | ExportResource
    | InboxResource
    | ProxyGroup
    | FreeBusyResource
)


def is_collection(resource: Resource) -> bool:
    """Whether the resource has members (RFC 4918 section 3)."""
    return not isinstance(resource, ObjectResource | ExportResource | FreeBusyResource)


def owner_of(resource: Resource) -> Principal | None:
    """Return the principal that the resource belongs to; None for the root."""
    match resource:
        case Root():
            return None
        case ObjectResource() | ExportResource():
            return resource.parent.principal
        case _:
            return resource.principal
