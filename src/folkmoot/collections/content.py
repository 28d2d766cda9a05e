"""What a kind of collection accepts: the contract that calendars, address books and files fulfil."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from folkmoot.core.caller import Caller
from folkmoot.core.errors import FolkmootError, PreconditionFailed, TooLarge, Unsupported
from folkmoot.core.ids import NO_OBJECT, ObjectId, PrincipalId, ResourceName
from folkmoot.database.statement import Transaction
from folkmoot.sharing.rights import Rights
from folkmoot.store.records import Collection, IndexRow, Kind, ObjectMeta

JSON = None | bool | int | float | str | list["JSON"] | dict[str, "JSON"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a collection is: whose home, which kind, which name below it."""

    owner: PrincipalId
    kind: Kind
    name: str

    @property
    def path(self) -> str:
        """The collection's path below its owner's home, as locks know it."""
        return f"{self.kind}/{self.name}" if self.name else str(self.kind)

    def path_of(self, name: str) -> str:
        """The path of one of its objects."""
        return f"{self.path}/{name}"


@dataclass(frozen=True, slots=True)
class Checked:
    """A body that its collection accepts, as it will be stored, and its index columns."""

    body: bytes
    content_type: str
    index: IndexRow


@dataclass(frozen=True, slots=True)
class DefaultCollection:
    """A collection that comes into being when its owner first looks."""

    name: str
    properties: Mapping[str, JSON]


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """What a request says about its write beside the body; faces fill it in.

    The first three are request headers of RFC 6638 section 8 and of SOGo.
    """

    schedule_reply: bool = True  # False: Schedule-Reply: F, an attendee who goes without an answer
    if_schedule_tag: str | None = None  # If-Schedule-Tag-Match, without quotes
    expand_groups: bool = True  # False: X-SOGo: NoGroupsDecomposition
    client: str = ""  # family of the client: apple, thunderbird, android, ... ; "" any other
    forced: bool = True  # False: conflicts of attendees refuse the write (the web application's first try)
    claims: bool = False  # the client takes the name for free; it may get an unanswered invitation that was filed there
    sends_mail: bool = True  # False: the client mails its invitations itself (ActiveSync)
    principal_of: Callable[[str], PrincipalId | None] | None = None  # whom a CAL-ADDRESS names that is no mail address


DEFAULT_OPTIONS = WriteOptions()


@dataclass(frozen=True, slots=True)
class Write:
    """A write on one object as it was asked for, on what was found in its unit of work."""

    caller: Caller
    collection: Collection
    rights: Rights
    name: ResourceName
    present: ObjectMeta | None  # what is there
    wanted: Checked | None  # what shall be there; None: nothing
    oid: ObjectId = NO_OBJECT  # of what is there, or comes; 0: it is not known yet


class Settling(Protocol):
    """One request's write in the making: made outside of its unit of work, which may run several times."""

    async def settle(self, tx: Transaction, write: Write) -> Checked | None:
        """Return what to store for a write that the caller may make (None: the object goes).

        What follows from it for others is done in the same transaction.

        Raises:
            Forbidden: a right is missing.
            Unresolved: people must be looked up first.
            FolkmootError: the write is refused.
        """

    async def settle_removal(self, tx: Transaction, collection: Collection, rights: Rights) -> None:
        """Do what follows for others when a whole collection goes, with all that is in it.

        Raises:
            Unresolved: people must be looked up first.
            TooLarge: too much follows to be done at once.
        """

    async def look_up(self, addresses: frozenset[str]) -> None:
        """Look up people outside of the transaction, before the unit of work runs again."""


class Unresolved(FolkmootError):
    """A unit of work needs to know who these calendar addresses are; it is run again when they are known."""

    def __init__(self, addresses: frozenset[str]) -> None:
        super().__init__("people are not looked up yet")
        self.addresses = addresses


class Content(Protocol):
    """The rules of one kind of collection."""

    @property
    def kind(self) -> Kind: ...

    @property
    def suffix(self) -> str:
        """How names end that the server itself gives, ``.ics`` or ``.vcf``."""

    @property
    def defaults(self) -> Sequence[DefaultCollection]:
        """Collections that come into being when their owner first looks."""

    def check(self, body: bytes, content_type: str, collection: Collection) -> Checked:
        """Accept a body for this collection.

        Raises:
            MalformedInput: it does not parse or breaks the format's rules.
            Unsupported: another media type, or a component this collection does not take.
            TooLarge: over the size or instance limit.
        """

    def settling(self, caller: Caller, place: Place, options: WriteOptions) -> Settling:
        """Return what settles the writes of one request."""

    async def written(
        self, tx: Transaction, collection: Collection, name: str, present: Checked | None, *, existed: bool
    ) -> None:
        """Follow a write in its own transaction: ``present`` is stored now, or None after a deletion."""

    async def removed(self, tx: Transaction, collection: Collection) -> None:
        """Follow the removal of a whole collection in its own transaction."""


class ReadOnly(FolkmootError):
    """The collection is computed; nobody may write to it."""


class SyncTokenInvalid(FolkmootError):
    """The sync token is not of this collection, or older than the kept history: start again."""


@dataclass(frozen=True, slots=True)
class Condition:
    """If-Match and If-None-Match of one request; None where the header is absent (RFC 9110 section 13.1)."""

    match: frozenset[str] | None = None  # ETags without quotes; "*" stands for any
    none_match: frozenset[str] | None = None

    def check(self, etag: str | None) -> None:
        """Compare with the present ETag, None if there is no object.

        Raises:
            PreconditionFailed: the condition does not hold.
        """
        if self.match is not None and (etag is None or not self.match & {etag, "*"}):
            raise PreconditionFailed("the object is not at the version named by If-Match")
        if self.none_match is not None and etag is not None and self.none_match & {etag, "*"}:
            raise PreconditionFailed("the object exists at the version named by If-None-Match")


UNCONDITIONAL = Condition()


class LimitExceeded(TooLarge):
    """A limit that the collection announces; ``limit`` is its property name, such as ``max-resource-size``."""

    def __init__(self, limit: str, message: str) -> None:
        super().__init__(message)
        self.limit = limit


class UnsupportedMediaType(Unsupported):
    """The collection takes another media type."""


class UnsupportedComponent(Unsupported):
    """The calendar does not take this kind of component (CALDAV:supported-calendar-component)."""
