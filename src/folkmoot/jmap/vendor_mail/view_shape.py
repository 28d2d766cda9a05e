"""A message that is shown as an ``EmailView``."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from folkmoot.ical.summary import Summary
from folkmoot.jmap.disposition import is_raster
from folkmoot.jmap.mail.ids import BlobId, EmailId
from folkmoot.jmap.protocol.calling import UrlOf
from folkmoot.jmap.vendor_mail.view_ids import PATH_MAX, Shows, ViewId
from folkmoot.jmap.vendor_mail.view_rendering import ANY_PICTURE, Shown
from folkmoot.mail.smime.certificates import Certificate
from folkmoot.mail.smime.values import Layer, Signature
from folkmoot.mailboxes.calendar_parts import CalendarPart
from folkmoot.mailboxes.reading import MessageView
from folkmoot.mime.list_headers import priority_of
from folkmoot.mime.part import Part
from folkmoot.mime.rendering import Attachment, Rendered

DOCUMENT_MAX: Final = 512 * 1024  # characters of a page told in an answer; longer ones are served
TEXT_MAX: Final = 256 * 1024  # characters of the text; the page shows more
_KINDS: Final[Mapping[str, str]] = {
    "message/rfc822": "message",
    "message/global": "message",
    "text/calendar": "calendar",
    "application/ics": "calendar",
    "text/vcard": "card",
    "text/x-vcard": "card",
    "text/directory": "card",
    "text/html": "page",
    "application/xhtml+xml": "page",
    "text/plain": "text",
    "text/enriched": "text",
    "text/csv": "text",
    "text/markdown": "text",
    "application/pdf": "pdf",
}
_SUFFIXES: Final[Mapping[str, str]] = {
    ".eml": "file",
    ".ics": "calendar",
    ".vcf": "card",
    ".txt": "text",
    ".pdf": "pdf",
    ".png": "picture",
    ".jpg": "picture",
    ".jpeg": "picture",
    ".gif": "picture",
    ".webp": "picture",
    ".bmp": "picture",
}
_OCTETS: Final = "application/octet-stream"
_TYPE: Final = re.compile(r"[a-z0-9!#$&^_.+-]{1,127}/[a-z0-9!#$&^_.+-]{1,127}", re.ASCII)  # RFC 6838 section 4.2
_JPEG: Final = frozenset({"image/jpg", "image/pjpeg", "image/x-png", "image/x-ms-bmp"})
_SORTS: Final[Mapping[str, str]] = {"VEVENT": "event", "VTODO": "task", "VJOURNAL": "journal"}
_ASKS: Final = frozenset({"REQUEST", "ADD"})
_TELLS: Final = frozenset({"", "PUBLISH"})
_ORGANIZER, _FILED = "organizer", "filed"
_ANSWERS: Final = ("accepted", "tentative", "declined")
# Of what is plain text whatever it is called, a page is made, with the charset that the message tells.
_AS_PAGE: Final = frozenset({"page", "text", "calendar", "card"})
_EARLIEST, _LATEST = -62_135_596_800, 253_402_300_799


def view_object(id_: str, wanted: ViewId, one: Shown, receipt: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the object of a message that is shown."""
    view, rendered, url = one.view, one.view.rendered, one.url
    attachments = [_attachment(found, wanted, url) for found in rendered.attachments]
    every = str(replace(wanted, shows=Shows.ZIP))
    return {
        "id": id_,
        "document": rendered.document if len(rendered.document) <= DOCUMENT_MAX else None,
        "documentUrl": url(str(wanted), "message.html", shown=True),
        "documentPolicy": rendered.csp,
        "text": rendered.text[:TEXT_MAX],
        "isTextCut": len(rendered.text) > TEXT_MAX,
        "isPlain": rendered.text_only,
        "alternatives": sorted(rendered.alternatives),
        "pictures": _pictures(one),
        "attachments": attachments,
        "attachmentsUrl": url(every, "attachments.zip", "application/zip") if len(attachments) > 1 else None,
        "invitations": [_invitation(found, wanted.email) for found in view.calendars],
        "security": _security(view),
        "receipt": receipt,
        "mailingList": _list(rendered),
        "authentication": _authentication(rendered),
        "priority": priority_of(rendered.headers),
        "oddities": [{"kind": hint.kind, "shown": hint.shown, "real": hint.real} for hint in rendered.hints],
        "reports": [
            {
                "recipients": [
                    {
                        "recipient": outcome.recipient,
                        "action": outcome.action,
                        "status": outcome.status or None,
                        "diagnostic": outcome.diagnostic or None,
                    }
                    for outcome in report.recipients
                ],
                "originalMessageId": report.original_id or None,
                "reporter": report.reporter or None,
            }
            for report in rendered.reports
        ],
    }


def _pictures(one: Shown) -> dict[str, Any]:
    rendered, remote, opened = one.view.rendered, one.remote, one.view.opened
    return {
        "found": rendered.remote_content,
        "shown": len(remote.shown),
        "blocked": len(remote.blocked),
        "because": remote.consent if remote.shown else None,
        "protected": rendered.remote_content and opened is not None and not opened.remote_allowed,
        "trackers": rendered.trackers,
    }


def kind_of(content_type: str, name: str) -> str:
    """Return what a file is to people, by its type, or its name where the type tells nothing."""
    if is_raster(content_type) or content_type in _JPEG:
        return "picture"
    if content_type == _OCTETS:
        return _SUFFIXES.get(f".{name.rpartition('.')[2].lower()}", "file")
    return _KINDS.get(content_type, "file")


def _attachment(one: Attachment, wanted: ViewId, url: UrlOf) -> dict[str, Any]:
    # Octets that are no text may stand in both, and in no URL.
    type_ = one.content_type if _TYPE.fullmatch(one.content_type) else _OCTETS
    one = msgspec.structs.replace(one, content_type=type_, name=one.name.encode("utf-8", "replace").decode())
    kind = kind_of(one.content_type, one.name)
    blob = _blob(wanted.email, one.path, one.index)
    return {
        "partId": one.path,
        "blobId": blob,
        "name": one.name,
        "type": one.content_type,
        "size": one.size,
        "kind": kind,
        "cid": one.content_id or None,
        "isInline": one.inline,
        "url": url(blob, one.name, one.content_type) if blob else None,
        "previewUrl": _preview(kind, one, wanted, url, blob),
    }


def _preview(kind: str, one: Attachment, wanted: ViewId, url: UrlOf, blob: str | None) -> str | None:
    if blob is None:
        return None
    if kind == "picture":
        return url(blob, one.name, ANY_PICTURE, shown=True)
    page = ViewId(wanted.email, Shows.ATTACHMENT, path=one.path)
    if kind == "message":
        page = replace(wanted, path=one.path, plain=False, charset="")
    elif kind not in _AS_PAGE or one.index:
        return None
    return url(str(page), f"{one.name}.html", shown=True)


def _blob(email: EmailId, path: str, index: int = 0) -> str | None:
    return str(BlobId(email, path, index)) if len(path) <= PATH_MAX else None


def _invitation(one: CalendarPart, email: EmailId) -> dict[str, Any]:
    told: dict[str, Any] = {
        "partId": one.path,
        "blobId": _blob(email, one.path),
        "method": one.method,
        "own": one.own or None,
        "answers": answers_of(one),
        "fault": one.fault or None,
    }
    return told | _of_summary(one.summary)


def _of_summary(summary: Summary | None) -> dict[str, Any]:
    if summary is None:
        nothing = dict.fromkeys(("uid", "sort", "title", "start", "end", "status", "organizer"))
        return {**nothing, "isRecurring": False, "sequence": 0}
    return {
        "uid": summary.uid or None,
        "sort": _SORTS.get(summary.component),
        "title": summary.title or None,
        "start": _moment(summary.start),
        "end": _moment(summary.end),
        "isRecurring": summary.recurring,
        "status": summary.status or None,
        "organizer": summary.organizer,
        "sequence": max(summary.sequence, 0),
    }


def answers_of(one: CalendarPart) -> Sequence[str]:
    """Return what the reader can do about a calendar in a message."""
    if one.summary is None or one.own == _ORGANIZER:
        return []
    if one.method in _ASKS:
        if not one.own:
            return ["file"]
        return [] if one.own == _FILED else list(_ANSWERS)
    if one.method == "CANCEL":
        return ["remove"] if one.own else []
    return ["file"] if one.method in _TELLS and not one.own else []


def _moment(seconds: int | None) -> str | None:
    if seconds is None or not _EARLIEST <= seconds <= _LATEST:
        return None
    return _utc(datetime.fromtimestamp(seconds, UTC))


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC).replace(tzinfo=None, microsecond=0).isoformat()}Z"


def _security(view: MessageView) -> dict[str, Any]:
    opened, rendered = view.opened, view.rendered
    signatures = opened.signatures if opened is not None else ()
    layers = opened.layers if opened is not None else ()
    signed = bool(signatures) or Layer.SIGNED in layers or rendered.signed is not None
    encrypted = Layer.ENCRYPTED in layers or rendered.encrypted is not None
    part = rendered.encrypted or rendered.signed
    return {
        "isSigned": signed,
        "isEncrypted": encrypted,
        "isDecrypted": opened is not None and opened.decrypted and rendered.encrypted is None,
        "standard": _standard(part) if part is not None else ("smime" if signed or encrypted else None),
        "signatures": [_signature(one) for one in signatures],
        "fault": view.fault or None,
    }


def _standard(part: Part) -> str:
    kinds = {part.subtype, part.parameter("protocol").lower(), *(child.subtype for child in part.children)}
    return "pgp" if any("pgp" in kind for kind in kinds) else "smime"


def _signature(one: Signature) -> dict[str, Any]:
    return {
        "verdict": one.verdict.value,
        "isGood": one.good,
        "isOfOtherAddress": one.mismatch,
        "signers": [_signer(certificate) for certificate in one.signers],
        "error": one.error or None,
    }


def _signer(certificate: Certificate) -> dict[str, Any]:
    return {
        "name": certificate.name,
        "addresses": list(certificate.addresses),
        "issuer": certificate.issuer,
        "notBefore": _utc(certificate.not_before),
        "notAfter": _utc(certificate.not_after),
        "fingerprint": certificate.fingerprint,
    }


def _list(rendered: Rendered) -> dict[str, Any] | None:
    found = rendered.lists
    if found is None:
        return None
    leave = found.unsubscribe
    return {
        "id": found.id or None,
        "name": found.name or None,
        "post": found.post or None,
        "unsubscribeMail": (leave.mail or None) if leave else None,
        "unsubscribeWeb": (leave.web or None) if leave else None,
        "unsubscribeOneClick": (leave.one_click or None) if leave else None,
    }


def _authentication(rendered: Rendered) -> dict[str, Any] | None:
    found = rendered.authentication
    if found is None:
        return None
    return {
        "server": found.server,
        "spf": found.spf or None,
        "dkim": found.dkim or None,
        "dmarc": found.dmarc or None,
        "domain": found.domain or None,
        "isFailed": found.failed,
    }
