"""One message as a list shows it, made of what FETCH tells without opening the message."""

from collections.abc import Iterable, Sequence
from email.utils import mktime_tz, parsedate_tz
from hashlib import blake2b
from typing import Final

from msgspec import Struct

from folkmoot.mail.imap.values import Envelope, Fetched, Mailbox
from folkmoot.mailboxes.conditions import HAS_ATTACHMENT_KEYWORD
from folkmoot.mailboxes.values import MessageRef
from folkmoot.mime.headers import Headers, MailAddress, decode, message_ids, parse_headers
from folkmoot.mime.part import Part

FIELDS: Final = "HEADER.FIELDS (REFERENCES X-PRIORITY IMPORTANCE LIST-ID)"
ITEMS: Final = ("FLAGS", "ENVELOPE", "RFC822.SIZE", "INTERNALDATE", "BODYSTRUCTURE", f"BODY.PEEK[{FIELDS}]")
ADDRESSES_MAX: Final = 200  # of one field in a list; the message itself tells all of them
SUBJECT_MAX: Final = 2_000  # characters
NORMAL: Final = 3  # priority, of 1 (highest) to 5
EARLIEST: Final = -62_135_596_800  # seconds since 1970: the years 1 to 9999
LATEST: Final = 253_402_300_799
THREAD_OCTETS: Final = 15
_NO_ENVELOPE: Final = Envelope(b"", b"")
_WORDS: Final = {"high": 1, "urgent": 1, "normal": NORMAL, "low": 5, "non-urgent": 5}


class MessageSummary(Struct, frozen=True, kw_only=True):
    """A message in a list."""

    ref: MessageRef
    subject: str
    from_: tuple[MailAddress, ...]
    sender: tuple[MailAddress, ...]
    reply_to: tuple[MailAddress, ...]
    to: tuple[MailAddress, ...]
    cc: tuple[MailAddress, ...]
    bcc: tuple[MailAddress, ...]
    sent: int | None  # Date, in seconds since 1970; None where that cannot be read
    received: int | None  # likewise
    size: int  # octets
    flags: frozenset[str]  # system flags and keywords
    priority: int  # 1 (highest) to 5
    has_attachment: bool
    message_id: str  # with its angle brackets, or empty
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    list_id: str  # of mailing lists
    thread_id: str  # the same for all messages of a conversation, in every mailbox
    thread: tuple[int, ...] = ()  # UIDs of the conversation in this mailbox, ascending
    thread_unseen: int = 0  # of these

    @property
    def seen(self) -> bool:
        return "\\Seen" in self.flags

    @property
    def flagged(self) -> bool:
        return "\\Flagged" in self.flags

    @property
    def answered(self) -> bool:
        return "\\Answered" in self.flags

    @property
    def forwarded(self) -> bool:
        return any(flag.lower() in {"$forwarded", "forwarded"} for flag in self.flags)

    @property
    def draft(self) -> bool:
        return "\\Draft" in self.flags

    @property
    def keywords(self) -> frozenset[str]:
        """Flags that somebody made: labels, and what programs note."""
        return frozenset(flag for flag in self.flags if not flag.startswith("\\"))


def summary_of(fetched: Fetched, mailbox: str, uid_validity: int) -> MessageSummary:
    """Return a message as a list shows it."""
    envelope = fetched.envelope or _NO_ENVELOPE
    headers = _headers(fetched)
    flags = fetched.flags or frozenset()
    ids = message_ids(envelope.message_id)
    in_reply_to = message_ids(envelope.in_reply_to)
    references = message_ids(headers.get("references") or b"")
    ref = MessageRef(mailbox, uid_validity, fetched.uid)
    return MessageSummary(
        ref=ref,
        subject=decode(envelope.subject)[:SUBJECT_MAX],
        from_=_addresses(envelope.from_),
        sender=_addresses(envelope.sender),
        reply_to=_addresses(envelope.reply_to),
        to=_addresses(envelope.to),
        cc=_addresses(envelope.cc),
        bcc=_addresses(envelope.bcc),
        sent=_moment(envelope.date),
        received=fetched.received,
        size=fetched.size or 0,
        flags=flags,
        priority=_priority(headers),
        has_attachment=has_attachment(fetched.structure, flags),
        message_id=ids[0] if ids else "",
        in_reply_to=in_reply_to,
        references=references,
        list_id=headers.text("list-id"),
        thread_id=thread_id_of(references, in_reply_to, ids, ref),
    )


def thread_id_of(
    references: Sequence[str], in_reply_to: Sequence[str], message_id: Sequence[str], ref: MessageRef
) -> str:
    """Return the id of a message's conversation: a digest of the id of the message that began it.

    What has no ids at all is a conversation of its own.
    """
    root = next(iter((*references[:1], *in_reply_to[:1], *message_id[:1])), None)
    if root is None:
        root = f"{ref.uid_validity}:{ref.uid}:{ref.mailbox}"
    return blake2b(root.encode("utf-8", "surrogatepass"), digest_size=THREAD_OCTETS).hexdigest()


def _headers(fetched: Fetched) -> Headers:
    return parse_headers(next(iter(fetched.sections.values()), b""))


def _addresses(boxes: Iterable[Mailbox]) -> tuple[MailAddress, ...]:
    found = []
    for box in boxes:
        if box.host is None or box.local is None:  # begin or end of a group
            continue
        address = (box.local + b"@" + box.host if box.host else box.local).decode("utf-8", "replace")
        found.append(MailAddress(decode(box.name) if box.name else "", address))
        if len(found) == ADDRESSES_MAX:
            break
    return tuple(found)


def _moment(date: bytes) -> int | None:
    try:
        parsed = parsedate_tz(date.decode("ascii", "replace"))
        moment = None if parsed is None else mktime_tz(parsed)
    except (ValueError, OverflowError, IndexError, TypeError):  # what senders write there knows no bounds
        return None
    return moment if moment is not None and EARLIEST <= moment <= LATEST else None


def _priority(headers: Headers) -> int:
    number = (headers.get("x-priority") or b"").lstrip()[:1]
    if number.isdigit() and 1 <= int(number) <= 5:  # noqa: PLR2004 - the scale
        return int(number)
    return _WORDS.get((headers.get("importance") or b"").decode("ascii", "replace").strip().lower(), NORMAL)


def has_attachment(structure: Part | None, flags: frozenset[str]) -> bool:
    """Return whether people would say that a message has files; ``flags`` where the structure is not known."""
    if structure is None:
        return HAS_ATTACHMENT_KEYWORD in flags
    return any(_is_attachment(part, alone=part is structure) for part in structure.walk() if not part.is_multipart)


def _is_attachment(part: Part, *, alone: bool) -> bool:
    if part.disposition == "attachment":
        return True
    if part.type == "text" or part.content_type in {"application/pkcs7-signature", "application/pgp-signature"}:
        return part.type == "text" and part.subtype not in {"plain", "html", "enriched"} and not alone
    return not part.id  # what has a Content-ID is a picture within the text
