"""A new message: from a value to octets that every server takes (RFC 5322, RFC 2045).

Bodies are quoted-printable or base64, so that a message is ASCII unless an address is not, and lines stay short.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from enum import IntEnum
from hashlib import blake2b
from typing import Final

from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.mime import writing
from folkmoot.mime.address_lists import MailAddress
from folkmoot.mime.flowed import flow
from folkmoot.mime.html_text import text_of_html
from folkmoot.mime.writing import HARD_LINE_MAX, LINE_MAX, base64_lines, quoted_printable

RECIPIENTS_MAX: Final = 2_000  # in To, Cc and Bcc together
ATTACHMENTS_MAX: Final = 500
REFERENCES_MAX: Final = 100  # ids: the first and the newest ones; servers cut longer fields
TEXT_MAX: Final = 10_000_000  # characters of a text that somebody wrote
FILE_NAME_MAX: Final = 255  # characters, as file systems have it
_UNSAFE_IN_NAMES: Final = re.compile(r"[\x00-\x1f\x7f/\\\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_BASE64_FROM: Final = 3  # of so many octets one beyond ASCII: base64 is shorter by then
_PART_BREAK: Final = b"\r\n"


class Priority(IntEnum):
    """X-Priority, as SOGo and most programs write it."""

    HIGHEST = 1
    HIGH = 2
    NORMAL = 3
    LOW = 4
    LOWEST = 5


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes along; one with ``cid`` is shown inside the HTML that names it."""

    name: str
    content: bytes = field(repr=False)
    content_type: str = "application/octet-stream"
    cid: str = ""  # without angle brackets
    parameters: tuple[tuple[str, str], ...] = ()  # of the content type, such as method of a calendar
    inline: bool = False


@dataclass(frozen=True, slots=True)
class NewMessage:
    """What somebody has written."""

    sender: MailAddress
    message_id: str
    date: datetime  # aware, in the sender's zone
    to: tuple[MailAddress, ...] = ()
    cc: tuple[MailAddress, ...] = ()
    bcc: tuple[MailAddress, ...] = ()
    subject: str = ""
    text: str = ""  # lines ended by LF
    html: str = ""  # "": no HTML
    attachments: tuple[Attachment, ...] = ()
    reply_to: tuple[MailAddress, ...] = ()
    acting: MailAddress | None = None  # who sends on behalf of ``sender``
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    priority: Priority = Priority.NORMAL
    receipt_to: MailAddress | None = None
    fields: tuple[tuple[str, str], ...] = ()  # further ones
    user_agent: str = ""


def compose(message: NewMessage) -> bytes:
    """Return the octets of a message, Bcc included.

    Raises:
        MalformedInput: a control character where a header field is, or an address that cannot be one.
        TooLarge: more recipients, files or text than a message may have.
    """
    _check(message)
    header = b"".join(_header(message))
    body = _Boundaries(message)
    return header + body.whole()


def file_name(name: str) -> str:
    """Return a name that a file can have anywhere: no path, nothing invisible that changes how it is read."""
    return _UNSAFE_IN_NAMES.sub("_", name).strip(" .")[-FILE_NAME_MAX:] or "attachment"


def chain(references: Sequence[str]) -> tuple[str, ...]:
    """Return references, each once, the oldest and the newest where there are too many (RFC 5322 section 3.6.4)."""
    once = list(dict.fromkeys(references))
    return tuple(once if len(once) <= REFERENCES_MAX else [once[0], *once[1 - REFERENCES_MAX :]])


def _check(message: NewMessage) -> None:
    if len(message.to) + len(message.cc) + len(message.bcc) > RECIPIENTS_MAX:
        raise TooLarge(f"a message has at most {RECIPIENTS_MAX} recipients")
    if len(message.attachments) > ATTACHMENTS_MAX:
        raise TooLarge(f"a message has at most {ATTACHMENTS_MAX} attachments")
    if len(message.text) + len(message.html) > TEXT_MAX:
        raise TooLarge(f"a message has at most {TEXT_MAX} characters of text")
    if message.date.tzinfo is None:
        raise MalformedInput("the date of a message has a zone")


def _header(message: NewMessage) -> Iterator[bytes]:
    yield writing.field("Date", format_datetime(message.date))
    yield writing.address_field("From", [message.sender])
    if message.acting is not None and message.acting.address.lower() != message.sender.address.lower():
        yield writing.address_field("Sender", [message.acting])
    for name, addresses in (
        ("Reply-To", message.reply_to),
        ("To", message.to),
        ("Cc", message.cc),
        ("Bcc", message.bcc),
    ):
        if addresses:
            yield writing.address_field(name, addresses)
    yield writing.field("Subject", message.subject)
    yield writing.ids_field("Message-ID", [message.message_id])
    if message.in_reply_to:
        yield writing.ids_field("In-Reply-To", message.in_reply_to)
    if message.references:
        yield writing.ids_field("References", chain(message.references))
    if message.receipt_to is not None:
        yield writing.address_field("Disposition-Notification-To", [message.receipt_to])
    if message.priority is not Priority.NORMAL:
        yield writing.field("X-Priority", f"{message.priority.value} ({message.priority.name.capitalize()})")
        high = message.priority < Priority.NORMAL
        yield writing.field("Importance", "high" if high else "low")
    if message.user_agent:
        yield writing.field("User-Agent", message.user_agent)
    for name, value in message.fields:
        yield writing.field(name, value)
    yield b"MIME-Version: 1.0\r\n"


class _Boundaries:
    """Makes the body; knows how many multiparts it has made."""

    def __init__(self, message: NewMessage) -> None:
        self._message = message
        self._count = 0

    def whole(self) -> bytes:
        message = self._message
        shown = {one.cid for one in message.attachments if one.cid and f"cid:{one.cid}" in message.html}
        inline = [one for one in message.attachments if one.cid in shown]
        beside = [one for one in message.attachments if one.cid not in shown]
        text = _text("plain", flow(message.text or text_of_html(message.html)), (("format", "flowed"),))
        body = text
        if message.html:
            html = _text("html", message.html)
            if inline:
                html = self._multipart("related", [html, *map(_file, inline)], (("type", "text/html"),))
            body = self._multipart("alternative", [text, html])
        if beside:
            body = self._multipart("mixed", [body, *map(_file, beside)])
        return body

    def _multipart(self, subtype: str, parts: Sequence[bytes], parameters: Sequence[tuple[str, str]] = ()) -> bytes:
        boundary = self._boundary(parts)
        mark = b"--" + boundary.encode("ascii")
        head = writing.parameters_field("Content-Type", f"multipart/{subtype}", [*parameters, ("boundary", boundary)])
        pieces = [head, _PART_BREAK]
        for part in parts:
            pieces += [mark, _PART_BREAK, part, _PART_BREAK]
        return b"".join([*pieces, mark, b"--", _PART_BREAK])

    def _boundary(self, parts: Sequence[bytes]) -> str:
        # "=_" stands neither in quoted-printable nor in base64 (RFC 2045 section 6.7); in messages within it may.
        while True:
            self._count += 1
            seed = f"{self._message.message_id} {self._count}".encode(errors="replace")
            boundary = f"=_{blake2b(seed, digest_size=15).hexdigest()}"
            if not any(boundary.encode("ascii") in part for part in parts):
                return boundary


def _text(subtype: str, text: str, parameters: Sequence[tuple[str, str]] = ()) -> bytes:
    octets = text.encode(errors="replace").replace(b"\0", b"").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    encoding, body = encoded_text(octets)
    head = writing.parameters_field("Content-Type", f"text/{subtype}", [("charset", "utf-8"), *parameters])
    return head + b"Content-Transfer-Encoding: " + encoding + b"\r\n\r\n" + body


def encoded_text(octets: bytes) -> tuple[bytes, bytes]:
    """Return how a text with lines ended by LF travels: Content-Transfer-Encoding, and its octets so."""
    lines = octets.split(b"\n")
    if octets.isascii() and not any(len(line) > LINE_MAX or line.startswith((b"From ", b".")) for line in lines):
        return b"7bit", b"\r\n".join(lines)
    wide = sum(byte > 0x7E for byte in octets)  # noqa: PLR2004  # beyond ASCII
    if wide * _BASE64_FROM > len(octets):
        return b"base64", base64_lines(octets.replace(b"\n", b"\r\n"))
    return b"quoted-printable", quoted_printable(octets)


def _file(one: Attachment) -> bytes:
    name = file_name(one.name)
    content_type, content, encoding = one.content_type.lower(), one.content, b"base64"
    if content_type.startswith(("message/", "multipart/")):
        # Only 7bit and 8bit may be said of them (RFC 2046 section 5.2.1).
        content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
        fits = max(map(len, content.split(b"\r\n"))) <= HARD_LINE_MAX and b"\0" not in content
        if content_type == "message/rfc822" and fits:
            encoding = b"7bit" if content.isascii() else b"8bit"
        else:
            content_type = "application/octet-stream"
    parameters = [*one.parameters, ("name", name)]
    pieces = [
        _content_type(content_type, parameters),
        b"Content-Transfer-Encoding: " + encoding + b"\r\n",
        writing.parameters_field(
            "Content-Disposition", "inline" if one.inline or one.cid else "attachment", [("filename", name)]
        ),
    ]
    if one.cid:
        pieces.append(writing.ids_field("Content-ID", [f"<{one.cid}>"]))
    return b"".join([*pieces, b"\r\n", base64_lines(content) if encoding == b"base64" else content])


def _content_type(content_type: str, parameters: Sequence[tuple[str, str]]) -> bytes:
    try:
        return writing.parameters_field("Content-Type", content_type, parameters)
    except MalformedInput:  # what a browser or another message calls it is of no weight
        named = [(key, value) for key, value in parameters if key == "name"]
        return writing.parameters_field("Content-Type", "application/octet-stream", named)
