"""Message disposition notifications that came, read (RFC 8098 section 3)."""

import re
from dataclasses import dataclass
from typing import Final

from folkmoot.mime.charsets import to_text
from folkmoot.mime.headers import Headers, message_ids, parse_headers
from folkmoot.mime.part import Part
from folkmoot.mime.reading import Message

TEXT_MAX: Final = 64 * 1024  # characters of the text for people
EXTENSIONS_MAX: Final = 50  # fields beyond the standard's
PARTS_MAX: Final = 100  # that are looked at
_DISPOSITION: Final = re.compile(r"\s*([a-z-]+)\s*/\s*([a-z-]+)\s*;\s*([a-z-]+)", re.IGNORECASE)
_KNOWN: Final = frozenset(
    {"reporting-ua", "mdn-gateway", "original-recipient", "final-recipient", "original-message-id", "disposition"}
    | {"error", "failure", "warning"}
)


@dataclass(frozen=True, slots=True)
class ReadReceipt:
    """What a notification says."""

    subject: str
    text: str
    action: str  # manual-action or automatic-action
    sending: str  # mdn-sent-manually or mdn-sent-automatically
    disposition: str
    reporting_ua: str
    gateway: str
    original_recipient: str
    final_recipient: str
    original_message_id: str
    errors: tuple[str, ...]
    extensions: tuple[tuple[str, str], ...]
    has_original: bool  # the whole message came back


def read_receipt(message: Message) -> ReadReceipt | None:
    """Return what a notification says; None if the message is none."""
    headers = message.headers()
    parts = _parts(message.part)
    report = next((part for part in parts if part.content_type == "message/disposition-notification"), None)
    if report is None:
        return None
    fields = parse_headers(message.content(report.path).lstrip(b"\r\n"))
    matched = _DISPOSITION.match(fields.text("disposition"))
    if matched is None:
        return None
    text = next((part for part in parts if part.content_type == "text/plain"), None)
    ids = message_ids(fields.get("original-message-id") or b"")
    return ReadReceipt(
        subject=headers.text("subject"),
        text=to_text(message.content(text.path), text.parameter("charset"))[:TEXT_MAX] if text is not None else "",
        action=matched[1].lower(),
        sending=matched[2].lower(),
        disposition=matched[3].lower(),
        reporting_ua=fields.text("reporting-ua").strip(),
        gateway=fields.text("mdn-gateway").strip(),
        original_recipient=fields.text("original-recipient").strip(),
        final_recipient=fields.text("final-recipient").strip(),
        original_message_id=ids[0] if ids else "",
        errors=tuple(one.decode("utf-8", "replace").strip() for one in fields.all("error")[:EXTENSIONS_MAX]),
        extensions=_extensions(fields),
        has_original=any(part.content_type == "message/rfc822" for part in parts),
    )


def _extensions(fields: Headers) -> tuple[tuple[str, str], ...]:
    names = dict.fromkeys(name for name, _ in fields.fields if name not in _KNOWN)
    return tuple((name, fields.text(name).strip()) for name in list(names)[:EXTENSIONS_MAX])


def _parts(top: Part) -> list[Part]:
    found: list[Part] = []
    pending = [top]
    while pending and len(found) < PARTS_MAX:
        part = pending.pop(0)
        found.append(part)
        if part.is_multipart:
            pending.extend(part.children)
    return found
