"""The types of mail (RFC 8621): mailboxes, threads, emails."""

import re
from dataclasses import dataclass
from typing import Annotated, Any, Final

import msgspec

from folkmoot.jmap.protocol.describing import (
    DataType,
    Date,
    Described,
    Feed,
    Id,
    Reference,
    UnsignedInt,
    UTCDate,
    immutable,
    server_set,
    told,
)
from folkmoot.jmap.protocol.errors import InvalidProperties

HEADER: Final = re.compile(
    r"header:([!-9;-~]{1,200})"
    r"(?::(asRaw|asText|asAddresses|asGroupedAddresses|asMessageIds|asDate|asURLs))?(:all)?\Z",
    re.ASCII,
)


class MailboxRights(Described):
    """What the caller may do with a mailbox (RFC 8621 section 2)."""

    may_read_items: bool = False
    may_add_items: bool = False
    may_remove_items: bool = False
    may_set_seen: bool = False
    may_set_keywords: bool = False
    may_create_child: bool = False
    may_rename: bool = False
    may_delete: bool = False
    may_submit: bool = False
    may_share: Annotated[bool, told("beyond the standard, as RFC 9670 has it for other types")] = False


class Mailbox(Described):
    """A mailbox, or a level that only holds others."""

    name: str
    id: Annotated[Id, server_set] = ""
    parent_id: Reference | None = None
    role: str | None = None
    sort_order: UnsignedInt = 0
    total_emails: Annotated[UnsignedInt, server_set] = 0
    unread_emails: Annotated[UnsignedInt, server_set] = 0
    total_threads: Annotated[UnsignedInt, server_set] = 0
    unread_threads: Annotated[UnsignedInt, server_set] = 0
    my_rights: Annotated[MailboxRights, server_set] = msgspec.field(default_factory=MailboxRights)
    is_subscribed: bool = False


class Thread(Described):
    """A conversation; the ids of its emails stand oldest first."""

    id: Annotated[Id, server_set] = ""
    email_ids: Annotated[list[Id], server_set] = msgspec.field(default_factory=list)


class Address(Described):
    """A name and an address as a message has them (RFC 8621 section 4.1.2.3)."""

    email: str
    name: str | None = None


class BodyValue(Described):
    """The text of a part (RFC 8621 section 4.1.4)."""

    value: str
    is_encoding_problem: bool = False
    is_truncated: bool = False


class HeaderField(Described):
    """A header field as written."""

    name: str
    value: str


class BodyPart(Described):
    """A part of a message (RFC 8621 section 4.1.4); ``header:…`` beside these."""

    part_id: str | None = None
    blob_id: Id | None = None
    size: UnsignedInt = 0
    headers: list[HeaderField] | None = None
    name: str | None = None
    type: str | None = None
    charset: str | None = None
    disposition: str | None = None
    cid: str | None = None
    language: list[str] | None = None
    location: str | None = None
    sub_parts: list[dict[str, Any]] | None = None


class Email(Described):
    """A message; ``header:…`` beside these (RFC 8621 section 4.1)."""

    mailbox_ids: dict[Reference, bool]
    id: Annotated[Id, server_set] = ""
    blob_id: Annotated[Id, server_set] = ""
    thread_id: Annotated[Id, server_set] = ""
    keywords: dict[str, bool] = msgspec.field(default_factory=dict)
    size: Annotated[UnsignedInt, server_set] = 0
    received_at: Annotated[UTCDate, immutable] = ""
    message_id: Annotated[list[str] | None, immutable] = None
    in_reply_to: Annotated[list[str] | None, immutable] = None
    references: Annotated[list[str] | None, immutable] = None
    sender: Annotated[list[Address] | None, immutable] = None
    from_: Annotated[list[Address] | None, immutable] = msgspec.field(name="from", default=None)
    to: Annotated[list[Address] | None, immutable] = None
    cc: Annotated[list[Address] | None, immutable] = None
    bcc: Annotated[list[Address] | None, immutable] = None
    reply_to: Annotated[list[Address] | None, immutable] = None
    subject: Annotated[str | None, immutable] = None
    sent_at: Annotated[Date | None, immutable] = None
    headers: Annotated[list[HeaderField] | None, immutable] = None
    body_structure: Annotated[dict[str, Any] | None, immutable] = None
    body_values: Annotated[dict[str, BodyValue] | None, immutable] = None
    text_body: Annotated[list[dict[str, Any]] | None, immutable] = None
    html_body: Annotated[list[dict[str, Any]] | None, immutable] = None
    attachments: Annotated[list[dict[str, Any]] | None, immutable] = None
    has_attachment: Annotated[bool, server_set] = False
    preview: Annotated[str, server_set] = ""
    smime_status: Annotated[str | None, server_set, told("RFC 9219")] = None
    smime_status_at_delivery: Annotated[str | None, server_set] = None
    smime_errors: Annotated[list[str] | None, server_set] = None
    smime_verified_at: Annotated[UTCDate | None, server_set] = None
    priority: Annotated[UnsignedInt, server_set, told("beyond the standard: 1, the highest, to 5")] = 3
    list_id: Annotated[str | None, server_set, told("beyond the standard: of the mailing list it came by")] = None


@dataclass(frozen=True)
class TypeWithHeaders(DataType):
    """A type whose objects have a property for each header field, in each form (RFC 8621 section 4.1.3)."""

    def check_names(self, names: frozenset[str]) -> None:
        """Check property names, ``header:…`` among them.

        Raises:
            InvalidProperties: there is none of that name.
        """
        wrong = sorted(name for name in names if name.startswith("header:") and HEADER.match(name) is None)
        if wrong:
            raise InvalidProperties(f"{wrong[0][:60]} is no form of a header field", *wrong)
        super().check_names(frozenset(name for name in names if not name.startswith("header:")))


MAILBOX: Final = DataType("Mailbox", Mailbox, Feed.MAIL)
THREAD: Final = DataType("Thread", Thread, Feed.MAIL)
EMAIL: Final = TypeWithHeaders("Email", Email, Feed.MAIL)
BODY_PART: Final = TypeWithHeaders("EmailBodyPart", BodyPart)
