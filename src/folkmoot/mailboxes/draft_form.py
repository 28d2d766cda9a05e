"""A draft as a value, and as a message: what must survive until it is sent stands in the message itself.

Ordinary fields say what they can; the rest stands in fields that begin with ``X-Folkmoot-`` and go when it is sent.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Final
from urllib.parse import quote, unquote

from folkmoot.core.errors import MalformedInput
from folkmoot.mail.envelope import USER_AGENT
from folkmoot.mailboxes.values import MessageRef
from folkmoot.mime.charsets import to_text
from folkmoot.mime.composing import Attachment, NewMessage, Priority, compose, file_name
from folkmoot.mime.filenames import part_name
from folkmoot.mime.flowed import unflow
from folkmoot.mime.headers import Headers, MailAddress, message_ids
from folkmoot.mime.html_text import text_of_html
from folkmoot.mime.part import Part
from folkmoot.mime.reading import Message

PREFIX: Final = "X-Folkmoot-"
VERSION: Final = "X-Folkmoot-Version"
ANSWERS: Final = "X-Folkmoot-Answers"
FORWARDS: Final = "X-Folkmoot-Forwards"
OPTIONS: Final = "X-Folkmoot-Options"
REFS_MAX: Final = 100  # messages forwarded together
_VERSION: Final = re.compile(r"([0-9]{1,9}) ([0-9a-f]{24})")
_REF: Final = re.compile(r"([0-9]{1,10})/([0-9]{1,10})/(\S{1,2000})")
_PRIORITY: Final = re.compile(r"\s*([1-5])")
_IMPORTANCE: Final = {"high": Priority.HIGH, "low": Priority.LOW, "urgent": Priority.HIGH, "non-urgent": Priority.LOW}


@dataclass(frozen=True, slots=True)
class InDraft:
    """A part of the version of the draft that is replaced."""

    path: str


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What was uploaded a moment ago (``uploads``)."""

    id: str


@dataclass(frozen=True, slots=True)
class InMessage:
    """A part of another message of the account; path "": the whole message, attached as one."""

    ref: MessageRef
    path: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """Octets that the caller has."""

    content: bytes = field(repr=False)


Source = InDraft | Uploaded | InMessage | Given


@dataclass(frozen=True, slots=True)
class DraftFile:
    """An attachment, or a picture inside the HTML (``cid``)."""

    name: str
    content_type: str
    source: Source
    size: int = 0  # octets, about
    cid: str = ""
    inline: bool = False
    parameters: tuple[tuple[str, str], ...] = ()  # of the content type, beside its name


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody is writing."""

    sender: MailAddress
    to: tuple[MailAddress, ...] = ()
    cc: tuple[MailAddress, ...] = ()
    bcc: tuple[MailAddress, ...] = ()
    reply_to: tuple[MailAddress, ...] = ()
    subject: str = ""
    text: str = ""  # lines ended by LF; "" with HTML: made of the HTML
    html: str = ""
    files: tuple[DraftFile, ...] = ()
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    answers: MessageRef | None = None  # becomes \Answered
    forwards: tuple[MessageRef, ...] = ()  # become $Forwarded
    priority: Priority = Priority.NORMAL
    receipt: bool = False  # asks to be told when it was read
    notice: bool = False  # asks to be told when it was delivered
    sign: bool = False
    encrypt: bool = False


@dataclass(frozen=True, slots=True)
class StoredDraft:
    """A draft as it stands in IMAP."""

    ref: MessageRef
    message_id: str
    version: int  # rises with every save; 0: another program wrote it
    draft: Draft


def is_own_field(name: str) -> bool:
    """Whether a field (name in lower case) is about the draft and not part of the message; other programs' too."""
    return name.startswith((PREFIX.lower(), "x-mozilla-")) or name in _DRAFTS_ONLY


# What other programs note in their drafts.
_DRAFTS_ONLY: Final = frozenset(
    {"fcc", "x-identity-key", "x-account-key", "x-unsent", "x-uniform-type-identifier", "x-evolution-identity"}
    | {
        "x-evolution-transport",
        "x-evolution-fcc",
        "x-evolution-source",
        "x-apple-auto-saved",
        "x-apple-mail-remote-attachments",
    }
    | {"x-draft-info", "x-kmail-identity", "x-kmail-transport", "x-kmail-fcc", "x-universally-unique-identifier"}
)


def write_draft(
    draft: Draft,
    contents: Mapping[Source, bytes],
    *,
    message_id: str,
    version: int,
    date: datetime,
    acting: MailAddress | None = None,
) -> bytes:
    """Return a draft as a message; ``contents`` has the octets of all its files.

    Raises:
        MalformedInput: a control character where a header field is, or an address that cannot be one.
        TooLarge: more recipients, files or text than a message may have.
    """
    digest = digest_of(draft)
    fields = [(VERSION, f"{version} {digest}")]
    if draft.answers is not None:
        fields.append((ANSWERS, ref_text(draft.answers)))
    if draft.forwards:
        fields += [(FORWARDS, ref_text(one)) for one in draft.forwards[:REFS_MAX]]
    options = [name for name in ("notice", "sign", "encrypt") if getattr(draft, name)]
    if options:
        fields.append((OPTIONS, " ".join(options)))
    files = [
        Attachment(
            name=one.name,
            content=contents[one.source],
            content_type=one.content_type,
            cid=one.cid,
            parameters=one.parameters,
            inline=one.inline,
        )
        for one in draft.files
    ]
    return compose(
        NewMessage(
            sender=draft.sender,
            message_id=message_id,
            date=date,
            to=draft.to,
            cc=draft.cc,
            bcc=draft.bcc,
            subject=draft.subject,
            text=draft.text,
            html=draft.html,
            attachments=tuple(files),
            reply_to=draft.reply_to,
            acting=acting,
            in_reply_to=draft.in_reply_to,
            references=draft.references,
            priority=draft.priority,
            receipt_to=draft.sender if draft.receipt else None,
            fields=tuple(fields),
            user_agent=USER_AGENT,
        )
    )


def digest_of(draft: Draft) -> str:
    """Return by what two saves of the same draft are known to be the same."""
    digest = blake2b(repr(draft).encode(errors="surrogatepass"), digest_size=12)
    for one in draft.files:
        if isinstance(one.source, Given):
            digest.update(one.source.content)
    return digest.hexdigest()


def version_of(headers: Headers) -> tuple[int, str]:
    """Return the version of a draft and its digest; (0, "") where another program wrote it."""
    found = _VERSION.fullmatch(headers.text(VERSION.lower()))
    return (int(found[1]), found[2]) if found else (0, "")


@dataclass(frozen=True, slots=True)
class DraftState:
    """What the own fields of a draft say."""

    answers: MessageRef | None = None
    forwards: tuple[MessageRef, ...] = ()
    notice: bool = False
    sign: bool = False
    encrypt: bool = False


def state_of(headers: Headers) -> DraftState:
    """Return what a draft is to do when it is sent."""
    options = headers.text(OPTIONS.lower()).split()
    return DraftState(
        answers=next(iter(_refs(headers, ANSWERS)), None),
        forwards=tuple(_refs(headers, FORWARDS)),
        notice="notice" in options,
        sign="sign" in options,
        encrypt="encrypt" in options,
    )


def read_draft(message: Message) -> Draft:
    """Return a draft from its message, whoever wrote it: text, HTML, and everything else as files."""
    headers = message.headers()
    body = _Body(message)
    html = body.html
    text = body.text
    if html and text.split() == text_of_html(html).split():
        text = ""
    senders = headers.addresses("from")
    state = state_of(headers)
    return Draft(
        sender=senders[0] if senders else MailAddress("", ""),
        to=headers.addresses("to"),
        cc=headers.addresses("cc"),
        bcc=headers.addresses("bcc"),
        reply_to=headers.addresses("reply-to"),
        subject=headers.text("subject"),
        text=text,
        html=html,
        files=tuple(body.files),
        in_reply_to=message_ids(headers.get("in-reply-to") or b""),
        references=message_ids(headers.get("references") or b""),
        answers=state.answers,
        forwards=state.forwards,
        priority=priority_of(headers),
        receipt=headers.get("disposition-notification-to") is not None,
        notice=state.notice,
        sign=state.sign,
        encrypt=state.encrypt,
    )


def priority_of(headers: Headers) -> Priority:
    """Return how urgent a message calls itself."""
    found = _PRIORITY.match(headers.text("x-priority"))
    if found:
        return Priority(int(found[1]))
    said = headers.text("importance") or headers.text("priority")
    return _IMPORTANCE.get(said.strip().lower(), Priority.NORMAL)


class _Body:
    """The text of a message that somebody goes on writing, and its files."""

    def __init__(self, message: Message) -> None:
        self._message = message
        self.text = ""
        self.html = ""
        self.files: list[DraftFile] = []
        self._has_text = False
        for part in _leaves(message.part):
            self._take(part)

    def _take(self, part: Part) -> None:
        loose = (
            part.disposition != "attachment" and not part.parameter("name") and part.content_type != "message/rfc822"
        )
        if loose and part.content_type == "text/plain" and (not self._has_text or not self.html):
            # Apple Mail writes text, picture, text.
            self.text += ("\n" if self._has_text and not self.text.endswith("\n") else "") + self._read(part)
            self._has_text = True
        elif loose and part.content_type == "text/html" and not self.html:
            self.html = self._read(part)
        else:
            self.files.append(_file_of(part))

    def _read(self, part: Part) -> str:
        text = to_text(self._message.content(part.path), part.parameter("charset")).replace("\r\n", "\n")
        if part.content_type == "text/plain" and part.parameter("format").lower() == "flowed":
            return unflow(text, delete_spaces=part.parameter("delsp").lower() == "yes")
        return text


def _leaves(top: Part) -> Iterator[Part]:
    """Yield the parts that are no multipart; a message within is one of them, not what is in it."""
    pending = [top]
    while pending:
        part = pending.pop()
        if part.is_multipart:
            pending.extend(reversed(part.children))
        else:
            yield part


def _file_of(part: Part) -> DraftFile:
    return DraftFile(
        name=file_name(part_name(part)),
        content_type=part.content_type,
        source=InDraft(part.path),
        size=part.size,
        cid=part.id.strip("<> \t"),
        inline=part.disposition == "inline",
        parameters=tuple(
            (key, value) for key, value in part.parameters if not key.startswith("name") and "*" not in key
        ),
    )


def ref_text(ref: MessageRef) -> str:
    """Return a message as the own fields of a draft name it."""
    return f"{ref.uid_validity}/{ref.uid}/{quote(ref.mailbox, safe='')}"


def _refs(headers: Headers, name: str) -> Iterator[MessageRef]:
    for value in headers.all(name.lower())[:REFS_MAX]:
        found = _REF.fullmatch("".join(value.decode("ascii", "replace").split()))
        if found:
            yield MessageRef(unquote(found[3]), int(found[1]), int(found[2]))


def require_sender(draft: Draft) -> MailAddress:
    """Return who a draft is from.

    Raises:
        MalformedInput: it does not say.
    """
    if not draft.sender.address:
        raise MalformedInput("the draft does not say who it is from")
    return draft.sender
