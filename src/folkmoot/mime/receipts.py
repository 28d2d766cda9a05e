"""Message disposition notifications: who asks for one, what is done about it, and the notification (RFC 8098)."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from enum import StrEnum
from hashlib import blake2b
from typing import Final

from folkmoot.mime import writing
from folkmoot.mime.address_lists import MailAddress
from folkmoot.mime.header_edit import ascii_field, split_header
from folkmoot.mime.headers import Headers, message_ids
from folkmoot.mime.writing import quoted_printable

HEADER_MAX: Final = 64 * 1024  # octets of the original's header that go back
_BULK: Final = frozenset({"bulk", "list", "junk"})
_RETURNED: Final = frozenset({"date", "from", "to", "subject", "message-id", "in-reply-to", "references", "sender"})
_TRACE: Final = re.compile(r"<([^<>]*)>|(\S+)")


class Action(StrEnum):
    """What to do about a request."""

    IGNORE = "ignore"
    ASK = "ask"
    SEND = "send"


@dataclass(frozen=True, slots=True)
class ReceiptRules:
    """What a person wants (SOGoMailReceipt…)."""

    allowed: bool = False
    non_recipient: Action = Action.IGNORE
    outside: Action = Action.IGNORE
    otherwise: Action = Action.IGNORE


def requested_by(headers: Headers) -> tuple[MailAddress, ...]:
    """Return who wants to know that a message was displayed."""
    return tuple(one for one in headers.addresses("disposition-notification-to") if "@" in one.address)


def action_for(headers: Headers, own: Collection[str], domains: Collection[str], rules: ReceiptRules) -> Action:
    """Decide about a request; ``own`` addresses and ``domains`` are lower case.

    Nothing is sent to lists, to robots, or about one's own messages.  Where the request could be a trap, as it names
    somebody else than the message came from, the person is asked at least (RFC 8098 section 2.1).
    """
    wanted = requested_by(headers)
    if not rules.allowed or not wanted or _is_automatic(headers):
        return Action.IGNORE
    senders = {one.address.lower() for one in headers.addresses("from")}
    if not senders.isdisjoint(own):
        return Action.IGNORE
    named = {one.address.lower() for name in ("to", "cc") for one in headers.addresses(name)}
    if named.isdisjoint(own):
        action = rules.non_recipient
    elif any(one.address.lower().rpartition("@")[2] not in domains for one in wanted):
        action = rules.outside
    else:
        action = rules.otherwise
    if action is Action.SEND and (len({one.address.lower() for one in wanted}) > 1 or not _is_sender(headers, wanted)):
        return Action.ASK
    return action


def _is_automatic(headers: Headers) -> bool:
    submitted = headers.text("auto-submitted").strip().lower()
    return (
        (submitted not in {"", "no"})
        or headers.text("precedence").strip().lower() in _BULK
        or any(headers.get(name) is not None for name in ("list-id", "list-post", "list-unsubscribe"))
        or "report" in headers.text("content-type").partition(";")[0].lower()
    )


def _is_sender(headers: Headers, wanted: Collection[MailAddress]) -> bool:
    """Whether the message came from who wants the receipt, as the server noted it."""
    found = _TRACE.search(headers.text("return-path"))
    path = ((found[1] or found[2] or "") if found else "").lower()
    return bool(path) and {one.address.lower() for one in wanted} == {path}


@dataclass(frozen=True, slots=True)
class Receipt:
    """A notification to be made."""

    sender: MailAddress  # whose mailbox displayed it
    to: tuple[MailAddress, ...]
    subject: str
    text: str  # for people
    message_id: str
    date: datetime
    user_agent: str
    automatic: bool  # by rule, and nobody was asked
    by_rule: bool = False  # what was done to the message was (RFC 8098 section 3.2.6.1)
    disposition: str = "displayed"  # displayed, deleted, dispatched, processed (section 3.2.6.2)


def write_receipt(receipt: Receipt, original: bytes) -> bytes:
    """Return the notification about a message, of which ``original`` is the header at least.

    Raises:
        MalformedInput: an address that no field can hold.
    """
    headers = _headers_of(original)
    seed = f"{receipt.message_id} receipt".encode(errors="replace")
    boundary = f"=_{blake2b(seed, digest_size=15).hexdigest()}"
    kind = [("report-type", "disposition-notification"), ("boundary", boundary)]
    top = b"".join(
        [
            writing.field("Date", format_datetime(receipt.date)),
            writing.address_field("From", [receipt.sender]),
            writing.address_field("To", receipt.to),
            writing.field("Subject", receipt.subject),
            writing.ids_field("Message-ID", [receipt.message_id]),
            *([writing.ids_field("References", headers)] if headers else []),
            writing.field("Auto-Submitted", "auto-replied"),  # RFC 3834 section 5: nobody answers it by machine
            writing.field("User-Agent", receipt.user_agent),
            b"MIME-Version: 1.0\r\n",
            writing.parameters_field("Content-Type", "multipart/report", kind),
        ]
    )
    mark = b"--" + boundary.encode("ascii")
    text = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    parts = [
        text + quoted_printable(receipt.text.encode(errors="replace")),
        b"Content-Type: message/disposition-notification\r\n\r\n" + _fields(receipt, original, headers),
        b"Content-Type: text/rfc822-headers\r\n\r\n" + _returned(original),
    ]
    return top + b"".join(b"\r\n" + mark + b"\r\n" + part for part in parts) + b"\r\n" + mark + b"--\r\n"


def _fields(receipt: Receipt, original: bytes, ids: tuple[str, ...]) -> bytes:
    action = "automatic-action" if receipt.by_rule else "manual-action"
    mode = "MDN-sent-automatically" if receipt.automatic else "MDN-sent-manually"
    kept = dict(split_header(original[:HEADER_MAX])[0])
    recipient = kept.get("original-recipient", b"")
    final = f"rfc822;{receipt.sender.address}"
    lines = [
        writing.field("Reporting-UA", receipt.user_agent),
        recipient if recipient and recipient.isascii() else b"",
        writing.field("Final-Recipient", final if final.isascii() else f"utf-8;{receipt.sender.address}"),
        writing.ids_field("Original-Message-ID", ids[:1]) if ids else b"",
        writing.field("Disposition", f"{action}/{mode}; {receipt.disposition}"),
    ]
    return b"".join(lines)


def _returned(original: bytes) -> bytes:
    """Return the fields by which a sender knows the message again; nothing of its way."""
    fields, _ = split_header(original[:HEADER_MAX].partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
    return b"".join(ascii_field(name, one) for name, one in fields if name in _RETURNED)


def _headers_of(original: bytes) -> tuple[str, ...]:
    fields = dict(split_header(original[:HEADER_MAX].partition(b"\r\n\r\n")[0] + b"\r\n\r\n")[0])
    value = fields.get("message-id", b"").partition(b":")[2]
    return tuple(one for one in message_ids(value)[:1] if one.isascii() and " " not in one)
