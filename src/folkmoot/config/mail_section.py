"""Parameters of reading and writing mail."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from folkmoot.config.declaring import domain, nested, system, user
from folkmoot.config.kinds import anything, boolean, choice, integer, mapping, names, path, text
from folkmoot.config.nodes import Plain
from folkmoot.config.reading import dictionary

COLUMNS: Final = ("Thread", "Flagged", "Attachment", "Subject", "From", "Unread", "Date", "Priority", "Size")
LABELS: Final[Mapping[str, tuple[str, ...]]] = {
    "$label1": ("Important", "#FF0000"),
    "$label2": ("Work", "#FF9900"),
    "$label3": ("Personal", "#009900"),
    "$label4": ("To Do", "#3333FF"),
    "$label5": ("Later", "#993399"),
    "$forwarded": ("Forwarded", ""),
    "$mdnsent": ("Receipt sent", ""),
}
_RECEIPT: Final = choice("ignore", "send", "ask")
_PLACEMENT: Final = choice("above", "below")


@dataclass(frozen=True, slots=True, kw_only=True)
class JunkReporting:
    """Where messages marked as junk or not junk are reported to."""

    vendor: str = nested("vendor", text, "generic", "Kind of the filter that learns.")
    junk_address: str = nested("junkEmailAddress", text, "", "Address that gets junk.")
    not_junk_address: str = nested("notJunkEmailAddress", text, "", "Address that gets what was wrongly held for junk.")
    limit: int = nested("limit", integer(), 25, "Messages in one report.")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """Reading and writing mail."""

    spool_path: str = domain(
        "SOGoMailSpoolPath", path, "/var/spool/sogo", "Directory for drafts in progress.", served=True
    )
    temporary_path: str = system("NGMimeBuildMimeTempDirectory", path, "/tmp", "Directory for messages being built.")  # noqa: S108 - SOGo's default
    auxiliary_accounts: bool = domain(
        "SOGoMailAuxiliaryUserAccountsEnabled",
        boolean,
        default=False,
        doc="People may add mail accounts elsewhere.",
        served=True,
    )
    custom_from: bool = domain(
        "SOGoMailCustomFromEnabled",
        boolean,
        default=False,
        doc="People may choose the sender's name and address.",
        served=True,
    )
    keep_drafts: bool = domain(
        "SOGoMailKeepDraftsAfterSend",
        boolean,
        default=False,
        doc="A draft stays after it was sent.",
        aliases=("SOGoNoDraftDeleteAfterSend",),
        served=True,
    )
    inline_text_attachments: bool = domain(
        "SOGoMailAttachTextDocumentsInline",
        boolean,
        default=False,
        doc="Text documents are attached inline.",
        aliases=("SOGoShowTextAttachmentsInline",),
    )
    certificates: bool = domain(
        "SOGoMailCertificateEnabled", boolean, default=True, doc="People may use S/MIME.", served=True
    )
    certificate_authorities: str = system(
        "FolkmootMailAuthoritiesFile",
        path,
        "",
        "PEM file of authorities whose S/MIME certificates are trusted, beside those that the machine trusts.",
        served=True,
    )
    authentication_servers: tuple[str, ...] = domain(
        "FolkmootAuthenticationServers",
        names,
        (),
        "Own mail servers whose Authentication-Results are believed, as they name themselves there.",
        served=True,
    )
    junk_reporting: JunkReporting | None = domain(
        "SOGoMailJunkSettings", dictionary("dictionary", JunkReporting), None, "Where junk is reported to.", served=True
    )
    cleaning: bool = system(
        "SOGoEnableMailCleaning", boolean, default=False, doc="People may delete old mail in bulk.", served=True
    )
    undo_send_seconds: int = user(
        "FolkmootUndoSendSeconds",
        integer(),
        0,
        "How long a message can be taken back after it was sent, at most 60.",
        served=True,
        unit="seconds",
    )
    etag_disabled: bool = system("SOGoMailDisableETag", boolean, default=False, doc="Message lists carry no ETag.")
    raw_html_signature: bool = domain(
        "SOGoForceRawHtmlSignature", boolean, default=True, doc="Signatures are kept as typed, in HTML."
    )
    columns: tuple[str, ...] = user("SOGoMailListViewColumnsOrder", names, COLUMNS, "Columns of message lists.")
    outlook_style_replies: bool = user(
        "SOGoMailUseOutlookStyleReplies", boolean, default=False, doc="Replies quote as Outlook does.", served=True
    )
    collect_addresses: bool = user(
        "SOGoMailAddOutgoingAddresses",
        boolean,
        default=False,
        doc="Recipients who are in no address book of theirs are put into one.",
        served=True,
    )
    collected_address_book: str = user(
        "SOGoSelectedAddressBook",
        text,
        "collected",
        "The address book for that, one of the user's own.",
        aliases=("SelectedAddressBook",),
        served=True,
    )
    forwarding: str = user(
        "SOGoMailMessageForwarding",
        choice("inline", "attached"),
        "inline",
        "How messages are forwarded.",
        aliases=("MessageForwarding",),
        served=True,
    )
    reply_placement: str = user(
        "SOGoMailReplyPlacement",
        _PLACEMENT,
        "below",
        "Where the answer stands.",
        aliases=("ReplyPlacement",),
        served=True,
    )
    signature_placement: str = user(
        "SOGoMailSignaturePlacement",
        _PLACEMENT,
        "below",
        "Where the signature stands.",
        aliases=("SignaturePlacement",),
        served=True,
    )
    sign_new: bool = user("SOGoMailUseSignatureOnNew", boolean, default=True, doc="Sign new messages.", served=True)
    sign_replies: bool = user("SOGoMailUseSignatureOnReply", boolean, default=True, doc="Sign replies.", served=True)
    sign_forwards: bool = user(
        "SOGoMailUseSignatureOnForward", boolean, default=True, doc="Sign forwarded messages.", served=True
    )
    compose_type: str = user(
        "SOGoMailComposeMessageType",
        choice("html", "text"),
        "html",
        "How messages are written.",
        aliases=("ComposeMessagesType",),
        served=True,
    )
    compose_font_size: int = user("SOGoMailComposeFontSize", integer(), 0, "Size of letters; 0 is the browser's.")
    compose_window: str = user(
        "SOGoMailComposeWindow", choice("inline", "popup"), "inline", "Where messages are written."
    )
    full_addresses: bool = user("SOGoMailDisplayFullEmail", boolean, default=False, doc="Lists show whole addresses.")
    hide_inline_attachments: bool = user(
        "SOGoMailHideInlineAttachments", boolean, default=False, doc="Inline parts are not listed as attachments."
    )
    remote_images: str = user(
        "SOGoMailDisplayRemoteInlineImages",
        choice("never", "always"),
        "never",
        "Show pictures from elsewhere.",
        served=True,
    )
    picture_senders: tuple[str, ...] = user(
        "FolkmootPictureSenders",
        names,
        (),
        "Senders whose pictures from elsewhere are shown all the same: addresses, or `@` and a domain.",
        served=True,
    )
    attachments_above: bool = user(
        "SOGoMailDisplayAttachmentAbove", boolean, default=False, doc="Attachments are listed above the text."
    )
    mark_read_delay_seconds: int = user(
        "SOGoMailAutoMarkAsReadDelay", integer(-1), 0, "When a shown message counts as read; -1: never.", unit="seconds"
    )
    autosave_minutes: int = user("SOGoMailAutoSave", integer(), 5, "How often drafts are saved.", unit="minutes")
    threads: bool = user("SOGoMailSortByThreads", boolean, default=False, doc="Lists show conversations.")
    sync_default_only: bool = user(
        "SOGoMailSynchronizeOnlyDefaultFolders", boolean, default=False, doc="Devices get the usual mailboxes only."
    )
    labels: Mapping[str, tuple[str, ...]] = user(
        "SOGoMailLabelsColors",
        mapping(names),
        LABELS,
        "IMAP keywords, each with the name and colour shown.",
        served=True,
    )
    receipts: bool = user(
        "SOGoMailReceiptAllow", boolean, default=False, doc="Requests for receipts are looked at.", served=True
    )
    receipt_non_recipient: str = user(
        "SOGoMailReceiptNonRecipientAction", _RECEIPT, "ignore", "If the user is no recipient.", served=True
    )
    receipt_outside: str = user(
        "SOGoMailReceiptOutsideDomainAction", _RECEIPT, "ignore", "If the sender is of another domain.", served=True
    )
    receipt_any: str = user("SOGoMailReceiptAnyAction", _RECEIPT, "ignore", "In all other cases.", served=True)
    identities: Plain = user(
        "SOGoMailIdentities",
        anything,
        [],
        "Senders: fullName, email, replyTo, signature, isDefault of each.",
        served=True,
    )
    force_default_identity: bool = user(
        "SOGoMailForceDefaultIdentity",
        boolean,
        default=False,
        doc="Replies too come from the default identity.",
        served=True,
    )
    certificate: str = user(
        "SOGoMailCertificate", text, "", "The user's S/MIME certificate and key, PEM.", secret=True, served=True
    )
    always_sign: bool = user(
        "SOGoMailCertificateAlwaysSign", boolean, default=False, doc="Sign with S/MIME.", served=True
    )
    always_encrypt: bool = user(
        "SOGoMailCertificateAlwaysEncrypt",
        boolean,
        default=False,
        doc="Encrypt with S/MIME where possible.",
        served=True,
    )
    custom_name: str = user("SOGoMailCustomFullName", text, "", "Sender's name, from before identities.", served=True)
    custom_address: str = user(
        "SOGoMailCustomEmail", text, "", "Sender's address, from before identities.", served=True
    )
    reply_to: str = user("SOGoMailReplyTo", text, "", "Address for replies, from before identities.", served=True)
    signature: str = user(
        "SOGoMailSignature", text, "", "Signature, from before identities.", aliases=("MailSignature",), served=True
    )
