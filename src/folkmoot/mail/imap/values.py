r"""What an IMAP server answers, as values.

Lists of messages are msgspec structs, as they are made by the thousand.  Texts of messages are octets as the server
gave them, not decoded (RFC 2047 is the business of ``mime``).  Flags and keywords keep their case; system flags are
written as in RFC 9051 (``\Seen``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from msgspec import Struct

from folkmoot.mime.part import Part

Uids = Sequence[int]
"""UIDs in the order the server gave them: ascending for SEARCH, as sorted for SORT."""


@dataclass(frozen=True, slots=True)
class Status:
    """STATUS of a mailbox; what the server does not tell is None."""

    messages: int | None = None
    unseen: int | None = None
    recent: int | None = None
    uid_next: int | None = None
    uid_validity: int | None = None
    modseq: int | None = None  # HIGHESTMODSEQ
    size: int | None = None  # octets
    guid: str | None = None  # stays with the mailbox when it is renamed (RFC 8474 MAILBOXID, Dovecot's X-GUID)


@dataclass(frozen=True, slots=True)
class Listed:
    """A mailbox as LIST or LSUB tells it."""

    name: str
    separator: str  # "" where the server has no levels
    attributes: frozenset[str] = frozenset()  # lower case with backslash: \\noselect, \\haschildren, \\sent ...
    status: Status | None = None


@dataclass(frozen=True, slots=True)
class Namespace:
    """A prefix below which mailboxes live (RFC 2342)."""

    prefix: str
    separator: str


@dataclass(frozen=True, slots=True)
class Namespaces:
    """Where a user's own, other users' and shared mailboxes are."""

    personal: Sequence[Namespace] = ()
    others: Sequence[Namespace] = ()
    shared: Sequence[Namespace] = ()


@dataclass(frozen=True, slots=True)
class Selected:
    """What SELECT or EXAMINE told."""

    name: str
    uid_validity: int
    uid_next: int
    messages: int
    modseq: int | None = None  # None: the server keeps none (RFC 7162)
    flags: frozenset[str] = frozenset()
    permanent: frozenset[str] = frozenset()  # PERMANENTFLAGS; \\* among them: keywords may be made
    read_only: bool = False
    vanished: Uids = ()  # answer to QRESYNC
    changed: Sequence["Fetched"] = ()  # likewise


class Mailbox(Struct, frozen=True, gc=False):
    """An address in an ENVELOPE: ``name <local@host>``; a group's beginning has no host, its end neither."""

    name: bytes | None
    local: bytes | None
    host: bytes | None


class Envelope(Struct, frozen=True, gc=False):
    """ENVELOPE (RFC 9051 section 7.5.2)."""

    date: bytes
    subject: bytes
    from_: tuple[Mailbox, ...] = ()
    sender: tuple[Mailbox, ...] = ()
    reply_to: tuple[Mailbox, ...] = ()
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    bcc: tuple[Mailbox, ...] = ()
    in_reply_to: bytes = b""
    message_id: bytes = b""


class Fetched(Struct, frozen=True):
    """What FETCH told of one message; None or absent where not asked or not told."""

    uid: int
    flags: frozenset[str] | None = None
    modseq: int | None = None
    received: int | None = None  # INTERNALDATE in seconds since 1970 UTC
    size: int | None = None  # octets
    envelope: Envelope | None = None
    structure: Part | None = None  # BODYSTRUCTURE
    sections: Mapping[str, bytes] = MappingProxyType({})  # "1.2", "HEADER", "1.MIME", "" (all): as asked, upper case


class Thread(Struct, frozen=True, gc=False):
    """A message and what answers it; ``uid`` None: the root itself is not in this mailbox."""

    uid: int | None
    answers: Sequence["Thread"] = ()


@dataclass(frozen=True, slots=True)
class Stored:
    """What STORE did."""

    changed: Sequence[Fetched] = ()  # new flags, and modseq where the server tells
    refused: Uids = ()  # changed by others since the modseq that was named (MODIFIED)


@dataclass(frozen=True, slots=True)
class Changes:
    """What has happened in a mailbox since a modseq (RFC 7162)."""

    changed: Sequence[Fetched] = ()  # flags and modseq
    vanished: Uids = ()


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a server tells unasked (IDLE, NOTIFY)."""

    mailbox: str
    messages: int | None = None  # there are that many now
    expunged: bool = False
    flags: Fetched | None = None  # flags of a message have changed
    status: Status | None = None  # of a mailbox that is not selected (NOTIFY)


@dataclass(frozen=True, slots=True)
class Copied:
    """Where messages went (COPYUID, RFC 4315); ``targets`` stand in the order of ``sources``; empty: not told."""

    uid_validity: int | None = None
    sources: Uids = ()
    targets: Uids = ()


@dataclass(frozen=True, slots=True)
class Appended:
    """Where a message was stored (APPENDUID); None: not told."""

    uid_validity: int | None = None
    uid: int | None = None


@dataclass(frozen=True, slots=True)
class Quota:
    """One resource of one quota root (RFC 9208)."""

    root: str
    resource: str  # STORAGE in KiB, MESSAGE
    used: int
    limit: int


@dataclass(frozen=True, slots=True)
class Rights:
    """Who may do what in a mailbox (RFC 4314): identifier to letters."""

    mailbox: str
    grants: Mapping[str, str] = field(default_factory=dict)
