"""``EmailSubmission``: emails on their way out (RFC 8621 section 7), which are rows of ``mailboxes.sending``.

The email stays where it is; the client files it by ``onSuccessUpdateEmail``.  One that waits and is moved is followed;
one that waits and is to be destroyed goes when it has been sent.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import msgspec

from folkmoot.core.errors import Conflict, FolkmootError, MalformedInput, NotFound, Unavailable
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.mail.email_changing import place_of
from folkmoot.jmap.mail.email_set import EMAIL_SET
from folkmoot.jmap.mail.ids import EmailId, thread_id
from folkmoot.jmap.mail.small_states import SmallType
from folkmoot.jmap.mail.submission_envelope import Envelope, Wanted, read_envelope, too_many
from folkmoot.jmap.mail.views import Mailboxes, mail_of, mailboxes_of
from folkmoot.jmap.protocol.calling import CREATED, Call, Context
from folkmoot.jmap.protocol.describing import (
    Arguments,
    DataType,
    Described,
    Feed,
    Id,
    Reference,
    UTCDate,
    immutable,
    server_set,
    told,
)
from folkmoot.jmap.protocol.errors import SetFailed
from folkmoot.jmap.protocol.patches import Patch
from folkmoot.jmap.protocol.standard import JsonObject, OneByOne, SetArguments, also, set_method
from folkmoot.mail.errors import RecipientsRefused, Uncertain
from folkmoot.mail.submission import RECIPIENTS_MAX
from folkmoot.mailboxes.identities import NotYourAddress
from folkmoot.mailboxes.outgoing import NoRecipients, TooManyRecipients
from folkmoot.mailboxes.sending import LATER_MAX_MS
from folkmoot.mailboxes.submission_values import SendEnvelope, SendOptions, Submission
from folkmoot.mailboxes.transmission import NotYourEnvelope
from folkmoot.mailboxes.values import MessageRef
from folkmoot.store.submissions import State

DELAY_MAX_SECONDS: Final = LATER_MAX_MS // 1000
_ID: Final = re.compile(r"s([1-9][0-9]{0,17})\Z", re.ASCII)
_ENVELOPE_MAIL: Final = "envelope"
UNDO: Final[Mapping[State, str]] = {State.WAITING: "pending", State.CANCELLED: "canceled"}


class DeliveryStatus(Described):
    """What is known of one recipient (RFC 8621 section 7)."""

    smtp_reply: str = ""
    delivered: str = "unknown"
    displayed: str = "unknown"


class EmailSubmission(Described):
    """An email on its way (RFC 8621 section 7)."""

    identity_id: Annotated[Reference, immutable]
    email_id: Annotated[str, immutable]
    id: Annotated[Id, server_set] = ""
    thread_id: Annotated[Id | None, server_set, told("null where the email is not there any more")] = None
    envelope: Annotated[Envelope | None, immutable] = None
    send_at: Annotated[UTCDate, server_set] = ""
    undo_status: str = "pending"
    delivery_status: Annotated[dict[str, DeliveryStatus] | None, server_set] = None
    dsn_blob_ids: Annotated[list[Id], server_set] = msgspec.field(default_factory=list)
    mdn_blob_ids: Annotated[list[Id], server_set] = msgspec.field(default_factory=list)


EMAIL_SUBMISSION: Final = DataType("EmailSubmission", EmailSubmission, Feed.PERSON)


class SubmissionSetArguments(SetArguments):
    """Of ``EmailSubmission/set`` (RFC 8621 section 7.5)."""

    on_success_update_email: dict[str, dict[str, Any]] | None = None
    on_success_destroy_email: list[str] | None = None
    # Beyond the standard: what has no time of its own waits for as long as its sender wants to be able to take it back.
    use_undo_delay: bool = False


async def _all(context: Context, account: Account) -> dict[str, JsonObject]:
    listed = await context.services.mail.sending.all_of(context.caller, mail_of(account))
    mailboxes = await mailboxes_of(context, account) if listed else None
    return {f"s{one.id}": shown(one, mailboxes) for one in listed}


SUBMISSIONS: Final = SmallType(EMAIL_SUBMISSION, _all)


def shown(one: Submission, mailboxes: Mailboxes | None) -> JsonObject:
    """Return a message on its way as JMAP shows it."""
    path = mailboxes.ids.get(one.draft.mailbox) if mailboxes is not None else None
    email = str(EmailId(path, one.draft.uid_validity, one.draft.uid)) if path else ""
    return {
        "id": f"s{one.id}",
        "identityId": one.identity or None,
        "emailId": email or None,
        "threadId": thread_id(one.thread) if one.thread and email else None,
        "envelope": _envelope(one.envelope),
        "sendAt": datetime.fromtimestamp(one.send_at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "undoStatus": UNDO.get(one.state, "final"),
        "deliveryStatus": _delivery(one),
        "dsnBlobIds": [],
        "mdnBlobIds": [],
    }


def _envelope(envelope: SendEnvelope | None) -> JsonObject | None:
    if envelope is None:
        return None
    return {
        "mailFrom": {"email": envelope.mail_from, "parameters": None},
        "rcptTo": [{"email": address, "parameters": None} for address in envelope.recipients],
    }


def _delivery(one: Submission) -> dict[str, JsonObject] | None:
    if one.state in UNDO or one.envelope is None:
        return None
    if one.state in {State.SENDING, State.HANDING}:
        reply, delivered = "", "queued"
    elif one.state is State.FAILED:
        reply, delivered = one.fault, "no"
    elif one.state is State.UNCERTAIN:
        reply, delivered = one.fault, "unknown"
    else:
        reply, delivered = one.answer, "unknown"  # taken by our server; what becomes of it then is not told
    return {
        address: {
            "smtpReply": one.refused.get(address, reply),
            "delivered": "no" if address in one.refused else delivered,
            "displayed": "unknown",
        }
        for address in one.envelope.recipients
    }


class _Setter(OneByOne):
    call: Call[SubmissionSetArguments]

    async def state(self) -> str:
        return await SUBMISSIONS.state(self.call.context, self.call.account)

    async def create_one(self, creation: str, value: dict[str, Any]) -> JsonObject:
        call, context = self.call, self.call.context
        if value.get("undoStatus", "pending") == "canceled":
            raise SetFailed("invalidProperties", "what is cancelled is not sent", properties=("undoStatus",))
        mailboxes = await mailboxes_of(context, call.account)
        email = context.id_of(value["emailId"])
        place = place_of(mailboxes, email)
        ref = MessageRef(place.path, place.email.uid_validity, place.email.uid)
        identity = await self._identity(value["identityId"])
        services = call.services
        now = services.clock.milliseconds()
        wanted = read_envelope(value["envelope"], now, DELAY_MAX_SECONDS) if value.get("envelope") else None
        options = await self._options(wanted, identity, ref, remove=self._goes(creation))
        try:
            sent = await services.mail.sending.send(call.caller, mail_of(call.account), ref, options)
        except FolkmootError as error:
            raise send_failed(error) from error
        if not sent.fresh:
            raise SetFailed("alreadyExists", "this email was sent, or is on its way", existingId=f"s{sent.id}")
        return {name: value for name, value in shown(sent, mailboxes).items() if name not in {"identityId", "emailId"}}

    async def update_one(self, id_: str, patch: Patch) -> JsonObject | None:
        one = await self._find(id_)
        before = shown(one, await mailboxes_of(self.call.context, self.call.account))
        left = self.kind.refuse_fixed(patch, before)
        status = left.applied(before).get("undoStatus")
        if status == before["undoStatus"]:
            return None
        if status != "canceled":
            raise SetFailed("invalidProperties", "undoStatus can become canceled", properties=("undoStatus",))
        try:
            await self.call.services.mail.sending.cancel(self.call.caller, one.id)
        except Conflict as error:
            raise SetFailed("cannotUnsend", str(error)) from error
        return None

    async def destroy_one(self, id_: str) -> None:
        one = await self._find(id_)
        try:
            await self.call.services.mail.sending.forget(self.call.caller, one.id)
        except Conflict as error:
            raise SetFailed("forbidden", str(error)) from error

    async def _find(self, id_: str) -> Submission:
        matched = _ID.match(id_)
        try:
            found = await self.call.services.mail.sending.find(self.call.caller, int(matched[1]) if matched else 0)
        except NotFound as error:
            raise SetFailed("notFound", "there is no such submission") from error
        if found.account != mail_of(self.call.account):
            raise SetFailed("notFound", "there is no such submission")
        return found

    async def _identity(self, wanted: str) -> str:
        id_ = self.call.context.id_of(wanted)
        listed = await self.call.services.mail.identity_editing.list(self.call.caller, mail_of(self.call.account))
        if all(one.identity.id != id_ for one in listed):
            raise SetFailed("invalidProperties", "there is no such identity", properties=("identityId",))
        return id_

    async def _options(self, wanted: Wanted | None, identity: str, ref: MessageRef, *, remove: bool) -> SendOptions:
        return SendOptions(
            delay_seconds=None if self.call.arguments.use_undo_delay else 0,
            send_at=wanted.send_at if wanted is not None else None,
            partial=False,
            client_address=self.call.context.client,
            envelope=wanted.envelope if wanted is not None else None,
            files_itself=True,
            remove=remove and wanted is not None and wanted.send_at is not None,
            identity=identity,
        )

    def _goes(self, creation: str) -> bool:
        return f"{CREATED}{creation}" in (self.call.arguments.on_success_destroy_email or [])


def send_failed(error: FolkmootError) -> SetFailed:
    """Return what the standard calls a failure to send (RFC 8621 section 7.5).

    Raises:
        Unavailable: the mail server is away: nothing was sent, and it may be asked again.
    """
    match error:
        case SetFailed():
            return error
        case RecipientsRefused():
            refused = sorted(error.refusals)
            return SetFailed("invalidRecipients", str(error), invalidRecipients=refused)
        case NotYourEnvelope():
            return SetFailed("forbiddenMailFrom", str(error))
        case Uncertain():
            return SetFailed("forbiddenToSend", f"{error}; it may have been sent")
        case Unavailable():
            raise error
        case NotFound():
            return SetFailed("notFound", "there is no such email", properties=("emailId",))
        case NotYourAddress():
            return SetFailed("forbiddenFrom", str(error))
        case TooManyRecipients():
            return too_many(RECIPIENTS_MAX)
        case NoRecipients():
            return SetFailed("noRecipients", str(error))
        case MalformedInput():
            return SetFailed("invalidEmail", str(error), properties=("emailId",))
    return SetFailed("forbiddenToSend", str(error))  # what the mail server or our limits say


async def _finish(call: Call[SubmissionSetArguments], answer: dict[str, Any]) -> None:
    """Update and destroy the emails of what went well, as the client asked (section 7.5)."""
    asked = call.arguments
    updates, destroys = asked.on_success_update_email or {}, asked.on_success_destroy_email or []
    if not updates and not destroys:
        return
    well = {
        *(f"{CREATED}{creation}" for creation in answer["created"] or {}),
        *(answer["updated"] or {}),
        *(answer["destroyed"] or []),
    }
    emails = await _emails(call, [*updates, *destroys])
    update = {emails[id_]: patch for id_, patch in updates.items() if id_ in well and id_ in emails}
    waiting = {
        f"{CREATED}{creation}" for creation, one in (answer["created"] or {}).items() if one["undoStatus"] == "pending"
    }
    destroy = [emails[id_] for id_ in destroys if id_ in well and id_ in emails and id_ not in waiting]
    if update or destroy:
        await also(call, EMAIL_SET, {"update": update or None, "destroy": destroy or None})


async def _emails(call: Call[SubmissionSetArguments], ids: Sequence[str]) -> dict[str, str]:
    """Return the emails of submissions, by the submissions' ids as the client wrote them."""
    created = {f"{CREATED}{key}": one.get("emailId") for key, one in (call.arguments.create or {}).items()}
    found = {id_: call.context.id_of(email) for id_, email in created.items() if id_ in ids and isinstance(email, str)}
    others = [id_ for id_ in ids if id_ not in found]
    if others:
        known = await _all(call.context, call.account)
        resolved = {id_: call.context.created.get(id_[1:], id_) if id_.startswith(CREATED) else id_ for id_ in others}
        found |= {id_: known[key]["emailId"] for id_, key in resolved.items() if key in known and known[key]["emailId"]}
    return found


class _Condition(Arguments):
    identity_ids: list[str] | None = None
    email_ids: list[str] | None = None
    thread_ids: list[str] | None = None
    undo_status: str | None = None
    before: UTCDate | None = None
    after: UTCDate | None = None


def _holds(condition: _Condition, one: JsonObject) -> bool:
    return all(
        wanted is None or one[name] in wanted
        for name, wanted in (
            ("identityId", condition.identity_ids),
            ("emailId", condition.email_ids),
            ("threadId", condition.thread_ids),
            ("undoStatus", None if condition.undo_status is None else [condition.undo_status]),
        )
    ) and (condition.before or "9") > one["sendAt"] >= (condition.after or "")


METHODS: Final = (
    SUBMISSIONS.get(),
    SUBMISSIONS.changes(),
    SUBMISSIONS.query(_Condition, _holds, {"emailId": "emailId", "threadId": "threadId", "sentAt": "sendAt"}),
    SUBMISSIONS.query_changes(),
    set_method(EMAIL_SUBMISSION, lambda call: _Setter(EMAIL_SUBMISSION, call), SubmissionSetArguments, _finish),
)
