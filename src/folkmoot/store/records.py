"""The values that store functions take and return.

Times named ``*_at`` are milliseconds since 1970 UTC, except ``starts_at`` and ``ends_at``, which are seconds since
1970 UTC (inclusive, exclusive; ``None`` means unbounded).

What is read in thousands are msgspec structs: made in 0.1 microseconds where a frozen dataclass takes 2.4.
"""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b, sha256
from secrets import randbelow
from typing import Final

from msgspec import Struct

from folkmoot.core.errors import Conflict, Locked
from folkmoot.core.ids import CollectionId, ETag, ObjectId, PrincipalId, ResourceName, Revision

OIDS: Final = 2**53  # JavaScript's whole numbers end there
UID_MAX: Final = 255  # code points; a few clients send more
IMPORTED_ETAG_PREFIX: Final = "gcs"  # how SOGo's ETags start; objects taken over keep theirs


class Kind(StrEnum):
    """What a collection holds."""

    CALENDAR = "calendar"
    ADDRESSBOOK = "addressbook"
    FILES = "files"
    INBOX = "inbox"  # iTIP messages received (RFC 6638 section 2.2), one collection of this name
    NOTIFICATIONS = "notifications"  # CalendarServer's, one collection of this name
    SHARES = "shares"  # what others have done to one's rights (RFC 9670 section 3), one collection of this name
    EVENT_NOTICES = "event-notices"  # what others have done in one's calendars, one collection of this name
    MAIL = "mail"  # one for somebody's mailboxes, without objects: its revision rises as they change
    PERSON = "person"  # likewise one for what belongs to a person: preferences, subscriptions, sessions and the rest


@dataclass(frozen=True, slots=True)
class Collection:
    """A DAV collection with the counter that all sync tokens are views of."""

    id: CollectionId
    owner: PrincipalId
    kind: Kind
    name: str  # resource name; for files a path such as "a/b"
    properties: dict[str, object]  # JSON values, owned by services
    dead_properties: dict[str, str]  # Clark name -> XML element text
    revision: Revision
    history_start: Revision  # tokens below this one have lost tombstones
    created_at: int
    modified_at: int


@dataclass(frozen=True, slots=True)
class IndexRow:
    """What a service derives from a body so that queries need not parse it."""

    uid: str | None = None
    component: str = ""
    starts_at: int | None = None
    ends_at: int | None = None
    exact: bool = False  # one occurrence, just this extent
    transparent: bool = False
    classification: int = 0  # 0 public, 1 private, 2 confidential; more: ical.summary.CLASSIFICATIONS
    status: str = ""
    title: str = ""
    search: str | None = None
    schedule_tag: str | None = None  # None: no scheduling object (RFC 6638 section 3.2.10)
    participation: str = ""  # the owner's PARTSTAT; "": no attendee, ORGANIZER, or VARIES between instances


class ObjectMeta(Struct, frozen=True, gc=False):
    """An object without its body; its booleans are 0 or 1, as all three databases give them."""

    name: ResourceName
    uid: str | None  # see uid_key
    etag: ETag
    size: int  # octets
    content_type: str
    revision: Revision
    has_dead_properties: bool
    created_at: int
    modified_at: int
    component: str
    starts_at: int | None
    ends_at: int | None
    exact: bool
    transparent: bool
    classification: int
    status: str
    title: str
    schedule_tag: str | None = None
    participation: str = ""
    oid: ObjectId = ObjectId(0)  # 0: stored nowhere
    created_revision: Revision = Revision(0)  # at which it came into its collection


class StoredObject(Struct, frozen=True):
    """An object with the very bytes its client sent."""

    meta: ObjectMeta
    body: bytes
    dead_properties: dict[str, str]


@dataclass(frozen=True, slots=True)
class NewObject:
    """One row of a bulk write."""

    name: ResourceName
    body: bytes
    etag: ETag
    content_type: str
    index: IndexRow
    dead_properties: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """All that deciding about a request on one object takes, except bodies."""

    collection: Collection
    meta: ObjectMeta | None  # None: no such object
    locks: int  # lock rows in the owner's home, live and expired


class Change(Struct, frozen=True):
    """One step of a collection's history."""

    name: ResourceName
    etag: ETag | None  # None: deleted
    revision: Revision
    meta: ObjectMeta | None
    oid: ObjectId = ObjectId(0)
    created_revision: Revision = Revision(0)  # at which it came into the collection
    component: str = ""  # what it is or was


@dataclass(frozen=True, slots=True)
class PutResult:
    """The effect of a write on one object."""

    created: bool
    etag: ETag
    revision: Revision
    schedule_tag: str | None = None
    oid: ObjectId | None = None  # of an object that was created


@dataclass(frozen=True, slots=True)
class Lock:
    """A write lock (RFC 4918 section 6)."""

    token: str  # without "urn:uuid:"
    owner: PrincipalId  # whose home the path is in
    path: str  # below the home, "Calendar/personal/a.ics"
    infinite: bool  # Depth: infinity
    exclusive: bool
    principal: PrincipalId  # who took it
    owner_xml: str  # DAV:owner as the client sent it
    expires_at: int


@dataclass(frozen=True, slots=True)
class Profile:
    """What is kept about a principal."""

    principal: PrincipalId
    properties: dict[str, object]
    dead_properties: dict[str, str]
    modified_at: int  # 0: nothing kept yet


class UidConflict(Conflict):
    """Another object of the collection has this UID (RFC 4791 section 5.3.2.1, no-uid-conflict)."""

    def __init__(self, name: ResourceName) -> None:
        super().__init__(f"the UID is in use by {name}")
        self.name = name


class LockedPath(Locked):
    """A lock stands in the way; ``path`` is its root below the owner's home (DAV:lock-token-submitted)."""

    def __init__(self, path: str) -> None:
        super().__init__(f"locked: {path}")
        self.path = path


def uid_key(uid: str) -> str:
    """Return how a UID is stored: as it is, or its digest if it is longer than the column."""
    if len(uid) <= UID_MAX:
        return uid
    return "sha256:" + sha256(uid.encode(errors="surrogatepass")).hexdigest()


def new_oid() -> ObjectId:
    """Return a number for a new object: so many that two of one owner never meet, and JSON holds it exactly."""
    return ObjectId(randbelow(OIDS - 1) + 1)


def etag_of(body: bytes) -> ETag:
    """Return the ETag of a body: 32 hexadecimal digits."""
    return ETag(blake2b(body, digest_size=16).hexdigest())
