"""What a method is given: who asks, in which account, with which arguments."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, Protocol, TypeVar
from urllib.parse import quote, urlencode

from folkmoot.core.caller import Caller
from folkmoot.core.errors import NotFound, TooLarge
from folkmoot.jmap.accounts import Account, Accounts
from folkmoot.jmap.protocol.describing import DataType
from folkmoot.jmap.protocol.errors import SetFailed
from folkmoot.jmap.protocol.request import Invocation
from folkmoot.jmap.services import JmapServices

A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Blob:
    """Octets that a client downloads or makes something of (RFC 8620 section 6)."""

    content_type: str
    name: str
    size: int | None  # octets, where they are known beforehand
    pieces: AsyncIterator[bytes]
    # Of a page that we have made, such as a mail made safe to show: it is shown, under this Content-Security-Policy.
    page_policy: str = ""


class UrlOf(Protocol):
    """Makes URLs of one account's blobs, without waiting."""

    def __call__(self, blob: str, name: str = "", content_type: str = "", *, shown: bool = False) -> str:
        """Return the URL of a blob; ``shown`` as ``Context.content_url`` has it."""


class ContentUrls(Protocol):
    """Makes URLs on the path where browsers send no cookies."""

    @property
    def place(self) -> str:
        """What all these URLs begin with."""

    async def urls(self, account: str) -> UrlOf:
        """Return what makes URLs of an account's blobs."""

    async def url(self, account: str, blob: str, name: str, content_type: str, *, shown: bool = False) -> str:
        """Return the URL of a blob."""


OpenBlob = Callable[["Context", Account, str], Awaitable[Blob]]


@dataclass(frozen=True, slots=True)
class BlobHolders:
    """Finds the objects that hold blobs of one letter (RFC 9404 section 4.3).

    ``find`` returns, for each blob that the caller may read, ids by the names of types.
    """

    types: frozenset[str]
    find: Callable[["Context", Account, Sequence[str]], Awaitable[Mapping[str, Mapping[str, Sequence[str]]]]]


_DOWNLOADS: Final = "/SOGo/jmap/download/"
CREATED: Final = "#"  # begins a creation id where an id may stand


@dataclass(slots=True)
class Context:
    """One request while it is answered; the calls of one request see what the earlier ones made."""

    services: JmapServices
    caller: Caller
    accounts: Accounts
    using: frozenset[str] = frozenset()
    created: dict[str, str] = field(default_factory=dict)  # creation id: id
    client: str = ""  # address
    agent: str = ""  # User-Agent
    origin: str = ""  # public URL of this server, without a slash at the end
    session: str = ""  # digest of the session's id, where a browser asks
    # What one call has read and later ones of the same request may use; the key begins with the room's name.
    kept: dict[tuple[str, ...], Any] = field(default_factory=dict)
    blobs: Mapping[str, OpenBlob] = field(default_factory=dict)  # by the first letter of a blob's id
    holders: Mapping[str, BlobHolders] = field(default_factory=dict)  # likewise
    contents: ContentUrls | None = None  # for a browser with a session

    async def content_url(
        self, account: Account, blob: str, name: str = "", content_type: str = "", *, shown: bool = False
    ) -> str:
        """Return the URL of a blob for whom asks now, good for at least a quarter of an hour.

        ``shown``: not saved as a file, where it is a picture, plain text, or a page of ours.
        """
        return (await self.content_urls(account))(blob, name, content_type, shown=shown)

    async def content_urls(self, account: Account) -> UrlOf:
        """Return what makes such URLs of an account's blobs; they are to be used at once."""
        if self.contents is not None:
            return await self.contents.urls(account.id)

        def url(blob: str, name: str = "", content_type: str = "", *, shown: bool = False) -> str:
            asked = {"type": content_type or "application/octet-stream"} | ({"disposition": "inline"} if shown else {})
            segments = "/".join(quote(one, safe="") for one in (account.id, blob, name or "file"))
            return f"{self.origin}{_DOWNLOADS}{segments}?{urlencode(asked)}"

        return url

    @property
    def content_place(self) -> str:
        """What these URLs begin with."""
        return self.contents.place if self.contents is not None else f"{self.origin}{_DOWNLOADS}"

    async def open_blob(self, account: Account, blob: str) -> Blob:
        """Open a blob of an account, by its id or by what made it in this request (RFC 9404 section 4.1).

        Raises:
            NotFound: there is none of this id that the caller may read.
        """
        if blob.startswith(CREATED):
            blob = self.created.get(blob[1:], blob)
        opener = self.blobs.get(blob[:1])
        if opener is None:
            raise NotFound("no such blob")
        return await opener(self, account, blob)

    async def read_blob(self, account: Account, blob: str, *, limit: int) -> bytes:
        """Return the octets of a blob.

        Raises:
            NotFound: there is none of this id that the caller may read.
            TooLarge: it has more than ``limit`` octets.
        """
        opened = await self.open_blob(account, blob)
        parts: list[bytes] = []
        size = 0
        async for piece in opened.pieces:
            size += len(piece)
            if size > limit:
                raise TooLarge(f"the blob has more than {limit} octets")
            parts.append(piece)
        return b"".join(parts)

    def id_of(self, id_or_creation: str) -> str:
        """Return the id that ``#creation`` stands for; any other id as it is.

        Raises:
            SetFailed: nothing was created under it.
        """
        if not id_or_creation.startswith(CREATED):
            return id_or_creation
        made = self.created.get(id_or_creation[1:])
        if made is None:
            raise SetFailed("notFound", f"nothing was created as {id_or_creation[:60]}")
        return made


@dataclass(frozen=True, slots=True)
class Call(Generic[A]):
    """One method call, its arguments checked."""

    context: Context
    name: str
    arguments: A
    id: str
    account: Account  # of ``accountId``; the caller's own for methods without one
    more: list[Invocation] = field(default_factory=list)  # answers beside the method's own, in their order

    @property
    def services(self) -> JmapServices:
        return self.context.services

    @property
    def caller(self) -> Caller:
        return self.context.caller


Answer = Mapping[str, Any]
Handler = Callable[[Call[Any]], Awaitable[Answer]]
StateOf = Callable[[Context, Account], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Method:
    """One method: its name, the shape of its arguments, and what runs it."""

    name: str  # "Mailbox/get"
    arguments: Any  # a subclass of ``Arguments``, or another type that msgspec converts to
    run: Handler
    document: str = ""  # a sentence for the documentation, where the standard does not tell
    writes: bool = False


@dataclass(frozen=True, slots=True)
class Capability:
    """What a client names in ``using``, and what it then may call.

    ``session`` and ``account`` return the objects that the session resource tells (RFC 8620 section 2); None means
    that an account is without it.
    """

    urn: str
    methods: Sequence[Method] = ()
    types: Sequence[DataType] = ()
    states: Mapping[str, StateOf] = field(default_factory=dict)  # by the type's name; for pushes
    session: Callable[[Context], Mapping[str, Any]] = lambda _context: {}
    account: Callable[[Context, Account], Mapping[str, Any] | None] = lambda _context, _account: None
    blobs: Mapping[str, OpenBlob] = field(default_factory=dict)  # by the first letter of their ids
    holders: Mapping[str, BlobHolders] = field(default_factory=dict)  # likewise; without one, nothing holds them
    primary: bool = True  # told in primaryAccounts
    in_session: bool = True  # told among the session's capabilities, and named in ``using``
    document: str = ""
