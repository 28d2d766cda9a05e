"""``EmailView``: an email as it is shown, described."""

from typing import Annotated, Final, Literal

import msgspec

from folkmoot.jmap.mail.describing import Address
from folkmoot.jmap.protocol.describing import DataType, Described, Feed, Id, UnsignedInt, UTCDate, server_set, told


class ShownPictures(Described):
    """Pictures that lie elsewhere; they are shown by way of this server alone."""

    found: Annotated[bool, told("there are some, shown or not")] = False
    shown: UnsignedInt = 0
    blocked: UnsignedInt = 0
    because: Annotated[
        Literal["asked", "preference", "sender"] | None, told("why they are shown; null: they are not")
    ] = None
    protected: Annotated[bool, told("never shown, as the message was encrypted and nobody vouches for it")] = False
    trackers: Annotated[UnsignedInt, told("pictures that nobody can see; never loaded")] = 0


class ShownAttachment(Described):
    """A file of the message."""

    part_id: str = ""
    blob_id: Id | None = None
    name: str = ""
    type: str = ""
    size: Annotated[UnsignedInt, told("octets as they stand in the message")] = 0
    kind: Literal["picture", "message", "calendar", "card", "text", "page", "pdf", "file"] = "file"
    cid: str | None = None
    is_inline: Annotated[bool, told("shown within the text")] = False
    url: Annotated[str | None, told("saves it")] = None
    preview_url: Annotated[str | None, told("shows it in a frame, or as a picture, where that is safe")] = None


class Invitation(Described):
    """A calendar in the message, and how the reader stands to it."""

    part_id: str = ""
    blob_id: Annotated[Id | None, told("for CalendarEvent/parse")] = None
    method: Annotated[str, told("REQUEST, REPLY, CANCEL ...; empty: a file")] = ""
    uid: str | None = None
    sort: Annotated[Literal["event", "task", "journal"] | None, told("null: more than one object")] = None
    title: str | None = None
    start: UTCDate | None = None
    end: UTCDate | None = None
    is_recurring: bool = False
    status: str | None = None
    organizer: str | None = None
    sequence: UnsignedInt = 0
    own: Annotated[
        str | None,
        told("the reader's answer (`accepted`, `needs-action` ...), `organizer`, or `filed`; null: in no calendar"),
    ] = None
    answers: Annotated[list[str], told("what can be done: `accepted`, `tentative`, `declined`; `file`; `remove`")] = (
        msgspec.field(default_factory=list)
    )
    fault: Annotated[str | None, told("why it could not be read")] = None


class Signer(Described):
    """Who signed, as the certificate says."""

    name: str = ""
    addresses: list[str] = msgspec.field(default_factory=list)
    issuer: str = ""
    not_before: UTCDate = ""
    not_after: UTCDate = ""
    fingerprint: Annotated[str, told("SHA-256, hexadecimal")] = ""


class ShownSignature(Described):
    """A signature."""

    verdict: Literal["valid", "expired", "untrusted", "unsuitable", "altered", "unreadable"] = "unreadable"
    is_good: Annotated[bool, told("the sender, and nobody else, wrote what was signed")] = False
    is_of_other_address: bool = False
    signers: list[Signer] = msgspec.field(default_factory=list)
    error: str | None = None


class Security(Described):
    """What is signed and encrypted."""

    is_signed: bool = False
    is_encrypted: bool = False
    is_decrypted: bool = False
    standard: Literal["smime", "pgp"] | None = None
    signatures: Annotated[list[ShownSignature], told("from the outside")] = msgspec.field(default_factory=list)
    fault: Annotated[str | None, told("why it was not opened")] = None


class Verdicts(Described):
    """What a server that the administrator trusts found out about the sender (RFC 8601)."""

    server: str = ""
    spf: str | None = None
    dkim: str | None = None
    dmarc: str | None = None
    domain: Annotated[str | None, told("for which DMARC or DKIM passed")] = None
    is_failed: Annotated[bool, told("From was found to be forged, or nothing vouches for it")] = False


class ListShown(Described):
    """The mailing list it came by, and how to leave it."""

    id: str | None = None
    name: str | None = None
    post: Annotated[str | None, told("mailto: URL")] = None
    unsubscribe_mail: Annotated[str | None, told("mailto: URL")] = None
    unsubscribe_web: Annotated[str | None, told("to be opened")] = None
    unsubscribe_one_click: Annotated[str | None, told("takes a POST without asking (RFC 8058)")] = None


class ReceiptAsked(Described):
    """Who wants to be told that the message was read."""

    to: list[Address] = msgspec.field(default_factory=list)
    action: Annotated[Literal["ignore", "ask", "send"], told("what the reader's rules say")] = "ask"


class Oddity(Described):
    """What is odd: a hint, never acted upon."""

    kind: str = ""
    shown: Annotated[str, told("what the reader sees")] = ""
    real: Annotated[str, told("what is behind it")] = ""


class RecipientOutcome(Described):
    """What became of a message for one recipient."""

    recipient: str = ""
    action: str = ""
    status: str | None = None
    diagnostic: str | None = None


class DeliveryReport(Described):
    """A report about a message that was sent."""

    recipients: list[RecipientOutcome] = msgspec.field(default_factory=list)
    original_message_id: str | None = None
    reporter: str | None = None


class EmailView(Described):
    """An email, or a message within it, ready to be shown."""

    id: Annotated[Id, server_set] = ""
    document: Annotated[
        str | None, server_set, told("a whole page of safe HTML, for a sandboxed frame; null where it is too long")
    ] = None
    document_url: Annotated[str, server_set, told("the same page, served with its policy")] = ""
    document_policy: Annotated[str, server_set, told("the Content-Security-Policy of the page")] = ""
    text: Annotated[str, server_set, told("the same as plain text")] = ""
    is_text_cut: Annotated[bool, server_set] = False
    is_plain: Annotated[bool, server_set, told("nothing of it was HTML")] = False
    alternatives: Annotated[list[str], server_set, told("`plain`, `html`, where there is a choice")] = msgspec.field(
        default_factory=list
    )
    pictures: Annotated[ShownPictures, server_set] = msgspec.field(default_factory=ShownPictures)
    attachments: Annotated[list[ShownAttachment], server_set] = msgspec.field(default_factory=list)
    attachments_url: Annotated[str | None, server_set, told("all of them as a zip")] = None
    invitations: Annotated[list[Invitation], server_set] = msgspec.field(default_factory=list)
    security: Annotated[Security, server_set] = msgspec.field(default_factory=Security)
    receipt: Annotated[ReceiptAsked | None, server_set] = None
    mailing_list: Annotated[ListShown | None, server_set] = None
    authentication: Annotated[Verdicts | None, server_set] = None
    priority: Annotated[UnsignedInt, server_set, told("1, the highest, to 5")] = 3
    oddities: Annotated[list[Oddity], server_set] = msgspec.field(default_factory=list)
    reports: Annotated[list[DeliveryReport], server_set] = msgspec.field(default_factory=list)


EMAIL_VIEW: Final = DataType("EmailView", EmailView, Feed.MAIL)
