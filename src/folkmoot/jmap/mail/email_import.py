"""``Email/import``: messages that were uploaded, stored as they are (RFC 8621 section 4.8)."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec

from folkmoot.core.errors import FolkmootError, MalformedInput, NotFound, TooLarge
from folkmoot.jmap.mail.email_changing import only_mailbox
from folkmoot.jmap.mail.email_set import Emails, store_failed
from folkmoot.jmap.mail.keyword_names import flags_of
from folkmoot.jmap.mail.views import mailboxes_of
from folkmoot.jmap.protocol.calling import Answer, Call, Method
from folkmoot.jmap.protocol.describing import Arguments, Described, Id, UTCDate, told
from folkmoot.jmap.protocol.errors import InvalidProperties, MethodFailed, SetFailed
from folkmoot.jmap.protocol.limits import OBJECTS_IN_SET_MAX
from folkmoot.mailboxes.adding import OCTETS_MAX


class EmailImport(Described):
    """A message to store (RFC 8621 section 4.8)."""

    blob_id: str
    mailbox_ids: dict[str, bool]
    keywords: dict[str, bool] = msgspec.field(default_factory=dict)
    received_at: Annotated[UTCDate | None, told("by default now")] = None


class ImportArguments(Arguments):
    """Of ``Email/import``."""

    account_id: Id
    emails: dict[str, dict[str, Any]]
    if_in_state: str | None = None


async def _import(call: Call[ImportArguments]) -> Answer:
    asked = call.arguments
    if len(asked.emails) > OBJECTS_IN_SET_MAX:
        raise MethodFailed("requestTooLarge", f"at most {OBJECTS_IN_SET_MAX} objects at once")
    emails = Emails(call)
    before = await emails.state()
    if asked.if_in_state not in {None, before}:
        raise MethodFailed("stateMismatch", "the state is another one by now")
    made: dict[str, Any] = {}
    failed: dict[str, Any] = {}
    for creation, value in asked.emails.items():
        try:
            made[creation] = await _one(call, emails, value)
            call.context.created[creation] = made[creation]["id"]
        except FolkmootError as error:
            failed[creation] = store_failed(error).told()
    return {
        "accountId": call.account.id,
        "oldState": before,
        "newState": await emails.state(),
        "created": made or None,
        "notCreated": failed or None,
    }


async def _one(call: Call[ImportArguments], emails: Emails, value: Mapping[str, Any]) -> dict[str, Any]:
    try:
        wanted = msgspec.convert(value, EmailImport)
    except msgspec.ValidationError as error:
        raise InvalidProperties(str(error)) from error
    mailboxes = await mailboxes_of(call.context, call.account)
    path = only_mailbox(call.context, mailboxes, wanted.mailbox_ids)
    flags = flags_of(wanted.keywords)
    blob = call.context.id_of(wanted.blob_id)
    try:
        octets = await call.context.read_blob(call.account, blob, limit=OCTETS_MAX)
    except NotFound as error:
        raise SetFailed("blobNotFound", "there is no such blob", notFound=[wanted.blob_id]) from error
    except TooLarge as error:
        raise SetFailed("tooLarge", str(error), maxSize=OCTETS_MAX) from error
    try:
        return await emails.store(mailboxes, path, octets, flags, wanted.received_at)
    except MalformedInput as error:
        raise SetFailed("invalidEmail", str(error), properties=("blobId",)) from error


EMAIL_IMPORT: Final = Method("Email/import", ImportArguments, _import, writes=True)
