"""Delivery status and disposition notifications as values (RFC 3464, RFC 8098)."""

from typing import Final

from msgspec import Struct

from folkmoot.mime.headers import Headers, decode, parse_headers

RECIPIENTS_MAX: Final = 200  # told of in one report
REPORT_OCTETS_MAX: Final = 256 * 1024


class RecipientStatus(Struct, frozen=True):
    """What became of the message for one recipient."""

    recipient: str
    action: str  # failed, delayed, delivered, relayed, expanded; of a receipt: displayed, deleted, ...
    status: str = ""  # RFC 3463, such as 5.1.1
    diagnostic: str = ""


class Report(Struct, frozen=True):
    """A report about a message that was sent."""

    recipients: tuple[RecipientStatus, ...] = ()
    original_id: str = ""  # Message-ID of what it is about, where told
    reporter: str = ""

    @property
    def failed(self) -> bool:
        return any(recipient.action == "failed" for recipient in self.recipients)


def parse_delivery_status(octets: bytes) -> Report:
    """Read the groups of fields of message/delivery-status: one about the message, one for each recipient."""
    groups = [parse_headers(block) for block in _blocks(octets[:REPORT_OCTETS_MAX])]
    recipients = []
    for group in groups[: RECIPIENTS_MAX + 1]:
        recipient = _typed(group, "original-recipient") or _typed(group, "final-recipient")
        if recipient:
            action = group.text("action").partition(" ")[0].lower()
            status = group.text("status").partition(" ")[0]
            recipients.append(RecipientStatus(recipient, action, status, _typed(group, "diagnostic-code")[:1000]))
    first = groups[0] if groups else Headers()
    return Report(tuple(recipients), first.text("original-envelope-id"), _typed(first, "reporting-mta"))


def parse_disposition(octets: bytes) -> Report:
    """Read message/disposition-notification: what somebody did with a message that asked for a receipt."""
    fields = parse_headers(octets[:REPORT_OCTETS_MAX])
    recipient = _typed(fields, "original-recipient") or _typed(fields, "final-recipient")
    disposition = fields.text("disposition").rpartition(";")[2].partition("/")[0].strip().lower()
    return Report(
        (RecipientStatus(recipient, disposition),) if recipient or disposition else (),
        fields.text("original-message-id"),
        fields.text("reporting-ua"),
    )


def _typed(fields: Headers, name: str) -> str:
    """Return what follows the type: "rfc822; anna@example.com", "smtp; 550 no such user"."""
    value = decode(fields.get(name) or b"")
    kind, semicolon, rest = value.partition(";")
    return rest.strip() if semicolon and len(kind.split()) <= 1 else value


def _blocks(octets: bytes) -> list[bytes]:
    blocks: list[bytes] = []
    present: list[bytes] = []
    for line in octets.replace(b"\r\n", b"\n").split(b"\n"):
        if line.strip():
            present.append(line)
        elif present:
            blocks.append(b"\n".join(present))
            present = []
    if present:
        blocks.append(b"\n".join(present))
    return blocks
