"""What there is to say of messages on their way: how to send them, and how far they have come."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from types import MappingProxyType

from folkmoot.core.errors import FolkmootError
from folkmoot.mail.submission import DeliveryNotice, Notify
from folkmoot.mailboxes.outgoing import Outgoing, recipients_of
from folkmoot.mailboxes.summaries import thread_id_of
from folkmoot.mailboxes.values import MessageRef
from folkmoot.mime.headers import message_ids, parse_headers
from folkmoot.store.submissions import State, StoredSubmission


@dataclass(frozen=True, slots=True)
class SendEnvelope:
    """Who sends and who gets a message, whatever its fields say."""

    recipients: tuple[str, ...]
    mail_from: str = ""  # "": the sender of the message
    notice: DeliveryNotice | None = None

    def payload(self) -> dict[str, object]:
        """Return it as a row keeps it."""
        kept: dict[str, object] = {"to": list(self.recipients), "mail_from": self.mail_from}
        if self.notice is not None:
            kept["notify"] = sorted(one.value for one in self.notice.notify)
            kept["whole"] = self.notice.whole_message
            kept["envid"] = self.notice.identifier
        return kept


@dataclass(frozen=True, slots=True)
class SendOptions:
    """How to send."""

    delay_seconds: int | None = None  # time in which it can be taken back; None: what the person has chosen
    send_at: int | None = None  # milliseconds since 1970 UTC
    partial: bool = False  # go on for those whom the server takes, if it refuses others
    client_address: str = ""  # where the sender sits
    envelope: SendEnvelope | None = None  # None: what the message's fields say
    files_itself: bool = False  # the message stays where it is, as it is; who sends it files it
    remove: bool = False  # with ``files_itself``: the message goes when it has been sent
    identity: str = ""  # by which the sender knows as whom it was sent


@dataclass(frozen=True, slots=True)
class Submission:
    """A message on its way out, as its sender sees it."""

    id: int
    account: str
    message_id: str
    draft: MessageRef
    state: State
    send_at: int
    fault: str = ""
    refused: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))  # what was said to recipients
    answer: str = ""  # what the server said when it had taken it
    envelope: SendEnvelope | None = None  # None: as the message's fields say
    identity: str = ""
    thread: str = ""  # digest of its conversation, as ``summaries.thread_id_of`` makes it
    fresh: bool = True  # False: it was on its way already when it was to be sent


def submission_of(row: StoredSubmission) -> Submission:
    """Return what a row tells its sender."""
    refused = row.payload.get("refused")
    return Submission(
        id=row.id,
        account=row.account,
        message_id=str(row.payload.get("id", row.message_id)),
        draft=ref_of(row),
        state=row.state,
        send_at=row.send_at,
        fault=row.fault,
        refused=MappingProxyType({str(key): str(value) for key, value in refused.items()})
        if isinstance(refused, dict)
        else MappingProxyType({}),
        answer=str(row.payload.get("answer", "")),
        envelope=envelope_of(row),
        identity=str(row.payload.get("identity", "")),
        thread=str(row.payload.get("thread", "")),
    )


def envelope_of(row: StoredSubmission) -> SendEnvelope | None:
    """Return the envelope that was given with a message."""
    kept = row.payload.get("envelope")
    if not isinstance(kept, dict):
        return None
    notice = None
    if "notify" in kept:
        notice = DeliveryNotice(frozenset(map(Notify, kept["notify"])), kept["whole"] is True, str(kept["envid"]))
    return SendEnvelope(tuple(map(str, kept.get("to", ()))), str(kept.get("mail_from", "")), notice)


def thread_of(message: bytes, ref: MessageRef) -> str:
    """Return the digest of a message's conversation."""
    headers = parse_headers(message)
    ids = [message_ids(headers.get(name) or b"") for name in ("references", "in-reply-to", "message-id")]
    return thread_id_of(ids[0], ids[1], ids[2], ref)


def enveloped(outgoing: Outgoing, envelope: SendEnvelope | None) -> Outgoing:
    """Return what goes out with the envelope that was given."""
    if envelope is None:
        return outgoing
    return replace(outgoing, mail_from=envelope.mail_from, envelope_notice=envelope.notice)


def another_key(draft: bytes, envelope: SendEnvelope | None) -> str:
    """Return what makes a message to others than its fields name another one: it may go once to each of them."""
    if envelope is None:
        return ""
    try:
        named = recipients_of(parse_headers(draft))
    except FolkmootError:
        named = ()
    if {one.lower() for one in envelope.recipients} == {one.lower() for one in named}:
        return ""
    listed = " ".join(sorted(one.lower() for one in envelope.recipients))
    return f" {blake2b(listed.encode(errors='replace'), digest_size=12).hexdigest()}"


def ref_of(row: StoredSubmission) -> MessageRef:
    """Return where the draft of a submission was when it was asked for."""
    return MessageRef(row.mailbox, row.uid_validity, row.uid)
