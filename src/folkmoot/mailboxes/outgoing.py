"""What goes out of a draft: without what is only for its writer, with the present date, to all its recipients."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Final

from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.mail.addresses import header_text, mailbox
from folkmoot.mail.errors import Refused
from folkmoot.mail.submission import RECIPIENTS_MAX, DeliveryNotice
from folkmoot.mailboxes.draft_form import is_own_field, state_of
from folkmoot.mailboxes.values import MessageRef
from folkmoot.mime import writing
from folkmoot.mime.header_edit import edit_header
from folkmoot.mime.headers import Headers, MailAddress, message_ids, parse_headers

_LONG_LINE: Final = re.compile(rb"[^\n]{1000}")  # 998 octets, CR among what is counted (RFC 5322 section 2.1.1)
_TRACE: Final = frozenset({"return-path", "delivered-to", "received", "x-original-to"})


class NoRecipients(MalformedInput):
    """A message that names nobody who would get it."""


class TooManyRecipients(TooLarge):
    """A message to more than a server takes."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that is ready to go."""

    octets: bytes = field(repr=False)  # what recipients get
    hidden: bytes = field(repr=False)  # the fields that stand in front of it in the sender's copy only: Bcc
    message_id: str
    sender: MailAddress
    recipients: tuple[str, ...]
    answers: MessageRef | None = None
    forwards: tuple[MessageRef, ...] = ()
    notice: bool = False
    sign: bool = False
    encrypt: bool = False
    mail_from: str = ""  # of the envelope; "": the sender's
    envelope_notice: DeliveryNotice | None = None  # wanted in the envelope's own words

    @property
    def filed(self) -> bytes:
        """The sender's copy."""
        return self.hidden + self.octets


def outgoing_of(
    draft: bytes,
    *,
    otherwise_id: str,
    date: datetime,
    client_address: str = "",
    recipients: tuple[str, ...] = (),
    keep_date: bool = False,
) -> Outgoing:
    """Return what goes out of a draft.

    Args:
        draft: the message as it stands among the drafts, whichever program wrote it.
        otherwise_id: Message-ID of a draft that has none.
        date: the present, in the sender's zone.
        client_address: where the sender sits (X-Forward); "" leaves it out.
        recipients: who gets it; empty: whom its fields name.
        keep_date: it goes with the date that it has.

    Raises:
        MalformedInput: it has no recipients, not one sender, or an address that is none.
        TooLarge: it has more recipients than a server takes.
        Refused: a line is longer than may be sent.
    """
    headers = parse_headers(draft)
    senders = headers.addresses("from")
    if len(senders) != 1:
        raise MalformedInput("a message is from one sender")
    ids = message_ids(headers.get("message-id") or b"")
    identity = ids[0] if ids else otherwise_id
    keep_date = keep_date and headers.get("date") is not None
    put = [] if keep_date else [writing.field("Date", format_datetime(date))]
    if not ids:
        put.append(writing.ids_field("Message-ID", [identity]))
    if headers.get("mime-version") is None:
        put.append(b"MIME-Version: 1.0\r\n")
    if client_address:
        put.append(writing.field("X-Forward", header_text(client_address)))

    def drop(name: str) -> bool:
        if name == "date":
            return not keep_date
        return name in {"bcc", "sender", "x-forward"} or name in _TRACE or is_own_field(name)

    octets = edit_header(draft, drop=drop, put=put)
    if _LONG_LINE.search(octets):
        raise Refused(f"a line of the message is longer than {writing.HARD_LINE_MAX} octets")
    state = state_of(headers)
    return Outgoing(
        octets=octets,
        hidden=_fields(draft, "bcc"),
        message_id=identity,
        sender=senders[0],
        recipients=recipients or recipients_of(headers),
        answers=state.answers,
        forwards=state.forwards,
        notice=state.notice,
        sign=state.sign,
        encrypt=state.encrypt,
    )


def recipients_of(headers: Headers) -> tuple[str, ...]:
    """Return who gets a message, each once.

    Raises:
        MalformedInput: nobody, or something that is no address.
        TooLarge: more than a server takes.
    """
    found: dict[str, str] = {}
    for name in ("to", "cc", "bcc"):
        for one in headers.addresses(name):
            if one.address or one.name:
                address = mailbox(one.address)
                found.setdefault(address.lower(), address)
    if not found:
        raise NoRecipients("the message has no recipients")
    if len(found) > RECIPIENTS_MAX:
        raise TooManyRecipients(f"a message has at most {RECIPIENTS_MAX} recipients")
    return tuple(found.values())


def _fields(octets: bytes, wanted: str) -> bytes:
    kept = edit_header(octets, drop=lambda name: name != wanted)
    return kept[: kept.find(b"\r\n\r\n") + 2] if not kept.startswith(b"\r\n") else b""
