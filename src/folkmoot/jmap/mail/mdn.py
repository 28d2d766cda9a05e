"""``MDN``: receipts sent and read (RFC 9007)."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec

from folkmoot.core.errors import Conflict, FolkmootError, MalformedInput, NotFound, TooLarge
from folkmoot.jmap.mail.email_changing import place_of
from folkmoot.jmap.mail.email_set import EMAIL_SET
from folkmoot.jmap.mail.views import mail_of, mailboxes_of
from folkmoot.jmap.protocol.calling import CREATED, Answer, Call, Method
from folkmoot.jmap.protocol.describing import Arguments, Described, Id
from folkmoot.jmap.protocol.errors import InvalidProperties, MethodFailed, SetFailed, set_failed
from folkmoot.jmap.protocol.standard import also
from folkmoot.mailboxes.receipts import Wording
from folkmoot.mailboxes.values import MessageRef
from folkmoot.mime.reading import read_message
from folkmoot.mime.receipt_reading import ReadReceipt, read_receipt

SENT_MAX: Final = 50  # receipts of one call: each is a message
PARSED_MAX: Final = 50  # blobs of one call
PARSED_OCTETS_MAX: Final = 5_000_000  # of one of them; receipts have a few thousand
TEXT_MAX: Final = 64 * 1024  # characters


class Disposition(Described):
    """What was done (RFC 9007 section 1.4)."""

    action_mode: Literal["manual-action", "automatic-action"]
    sending_mode: Literal["mdn-sent-manually", "mdn-sent-automatically"]
    type: Literal["deleted", "dispatched", "displayed", "processed"]


class Mdn(Described):
    """A receipt (RFC 9007 section 1.4)."""

    for_email_id: str | None = None
    subject: str | None = None
    text_body: str | None = None
    include_original_message: bool = False
    reporting_ua: str | None = msgspec.field(name="reportingUA", default=None)
    disposition: Disposition | None = None
    mdn_gateway: str | None = None
    original_recipient: str | None = None
    final_recipient: str | None = None
    original_message_id: str | None = None
    error: list[str] | None = None
    extension_fields: dict[str, str] | None = None


class SendArguments(Arguments):
    """Of ``MDN/send`` (RFC 9007 section 2.1)."""

    account_id: Id
    identity_id: str
    send: dict[str, dict[str, Any]]
    on_success_update_email: dict[str, dict[str, Any]] | None = None


class ParseArguments(Arguments):
    """Of ``MDN/parse`` (RFC 9007 section 2.2)."""

    account_id: Id
    blob_ids: list[str]


async def _send(call: Call[SendArguments]) -> Answer:
    asked = call.arguments
    if len(asked.send) > SENT_MAX:
        raise MethodFailed("requestTooLarge", f"at most {SENT_MAX} receipts at once")
    sender = await _sender(call, asked.identity_id)
    sent: dict[str, Any] = {}
    failed: dict[str, Any] = {}
    for creation, value in asked.send.items():
        try:
            sent[creation] = await _one(call, sender, value)
        except FolkmootError as error:
            failed[creation] = set_failed(error).told()
    update = {
        call.context.id_of(asked.send[id_[1:]]["forEmailId"]): patch
        for id_, patch in (asked.on_success_update_email or {}).items()
        if id_.startswith(CREATED) and id_[1:] in sent
    }
    answer = {"accountId": call.account.id, "sent": sent or None, "notSent": failed or None}
    if update:
        await also(call, EMAIL_SET, {"update": update})
    return answer


async def _sender(call: Call[SendArguments], identity: str) -> str:
    wanted = call.context.id_of(identity)
    listed = await call.services.mail.identity_editing.list(call.caller, mail_of(call.account))
    found = next((one.identity.address for one in listed if one.identity.id == wanted), None)
    if found is None:
        raise MethodFailed("invalidArguments", "there is no such identity")
    return found


async def _one(call: Call[SendArguments], sender: str, value: Mapping[str, Any]) -> dict[str, Any]:
    try:
        wanted = msgspec.convert(value, Mdn)
    except msgspec.ValidationError as error:
        raise InvalidProperties(str(error)) from error
    if wanted.for_email_id is None or wanted.disposition is None:
        raise InvalidProperties("a receipt is about an email, and says what was done", "forEmailId", "disposition")
    ours: dict[str, object] = {
        "includeOriginalMessage": wanted.include_original_message,
        "extensionFields": wanted.extension_fields,
    }
    ours |= {"mdnGateway": wanted.mdn_gateway, "error": wanted.error}
    refused = sorted(name for name, given in ours.items() if given)
    if refused:
        raise InvalidProperties(f"{refused[0]} is not sent from here", *refused)
    text = (wanted.text_body or "")[:TEXT_MAX]
    wording = Wording(
        sender=sender,
        subject=wanted.subject or "",
        text=text,
        by_rule=wanted.disposition.action_mode == "automatic-action",
        disposition=wanted.disposition.type,
    )
    place = place_of(await mailboxes_of(call.context, call.account), call.context.id_of(wanted.for_email_id))
    ref = MessageRef(place.path, place.email.uid_validity, place.email.uid)
    automatic = wanted.disposition.sending_mode == "mdn-sent-automatically"
    try:
        answered = await call.services.mail.receipts.answer(
            call.caller, mail_of(call.account), ref, send=True, automatic=automatic, wording=wording
        )
    except Conflict as error:
        raise SetFailed("mdnAlreadySent", str(error)) from error
    except MalformedInput as error:
        raise InvalidProperties(str(error), "forEmailId") from error
    if answered is None:
        return {}
    return {"finalRecipient": f"rfc822; {answered.final_recipient}", "originalMessageId": answered.message_id or None}


async def _parse(call: Call[ParseArguments]) -> Answer:
    asked = call.arguments
    if len(asked.blob_ids) > PARSED_MAX:
        raise MethodFailed("requestTooLarge", f"at most {PARSED_MAX} blobs at once")
    parsed: dict[str, Any] = {}
    missing: list[str] = []
    strange: list[str] = []
    for blob in dict.fromkeys(asked.blob_ids):
        try:
            octets = await call.context.read_blob(call.account, call.context.id_of(blob), limit=PARSED_OCTETS_MAX)
        except (NotFound, SetFailed):
            missing.append(blob)
            continue
        except TooLarge:
            strange.append(blob)
            continue
        found = await asyncio.to_thread(_read, octets)
        if found is None:
            strange.append(blob)
        else:
            parsed[blob] = _shown(found)
    return {
        "accountId": call.account.id,
        "parsed": parsed or None,
        "notParsable": strange or None,
        "notFound": missing or None,
    }


def _read(octets: bytes) -> ReadReceipt | None:
    return read_receipt(read_message(octets))


def _shown(receipt: ReadReceipt) -> dict[str, Any]:
    return {
        "forEmailId": None,
        "subject": receipt.subject or None,
        "textBody": receipt.text or None,
        "includeOriginalMessage": receipt.has_original,
        "reportingUA": receipt.reporting_ua or None,
        "disposition": {
            "actionMode": receipt.action,
            "sendingMode": receipt.sending,
            "type": receipt.disposition,
        },
        "mdnGateway": receipt.gateway or None,
        "originalRecipient": receipt.original_recipient or None,
        "finalRecipient": receipt.final_recipient or None,
        "originalMessageId": receipt.original_message_id or None,
        "error": list(receipt.errors) or None,
        "extensionFields": dict(receipt.extensions) or None,
    }


METHODS: Final = (
    Method("MDN/send", SendArguments, _send, writes=True),
    Method("MDN/parse", ParseArguments, _parse),
)
