"""What one does with emails beyond ``Email/set``: to the trash, junk or not, sent on as they are."""

from typing import Annotated, Any, Final

from msgspec import Meta

from folkmoot.core.errors import FolkmootError, MalformedInput
from folkmoot.jmap.mail.describing import Address
from folkmoot.jmap.mail.email_set import chosen_of
from folkmoot.jmap.mail.submission import send_failed
from folkmoot.jmap.mail.views import forget, mail_of, mailboxes_of
from folkmoot.jmap.protocol.calling import Answer, Call, Method
from folkmoot.jmap.protocol.describing import Arguments, Id
from folkmoot.jmap.protocol.errors import MethodFailed, set_failed
from folkmoot.jmap.vendor_mail.chosen_emails import found_emails, moved_ids, one_email, undo_of
from folkmoot.mime.headers import MailAddress

REDIRECTED_MAX: Final = 100  # recipients of one message sent on


class EmailsArguments(Arguments):
    """Of a method about some emails."""

    account_id: Id
    email_ids: list[str]


class JunkArguments(EmailsArguments):
    """Of ``Email/junk``."""

    is_junk: bool = True


class RedirectArguments(Arguments):
    """Of ``Email/redirect``."""

    account_id: Id
    email_id: str
    identity_id: str
    to: Annotated[list[Address], Meta(min_length=1, max_length=REDIRECTED_MAX)]


async def _delete(call: Call[EmailsArguments]) -> Answer:
    """Move emails to the trash; those in there are destroyed."""
    mailboxes, there, failed = await found_emails(call, call.arguments.email_ids)
    moved: dict[str, str | None] = {}
    undo: dict[str, Any] = {}
    destroyed: list[str] = []
    for path, places in there.items():
        try:
            deleted = await call.services.mail.deleting.delete(
                call.caller, mail_of(call.account), chosen_of(path, places)
            )
        except FolkmootError as error:
            failed |= {one.id: set_failed(error).told() for one in places}
            continue
        if deleted.moved is None:
            destroyed += [one.id for one in places]
            continue
        forget(call.context, call.account)  # the trash may have been made
        mailboxes = await mailboxes_of(call.context, call.account)
        new = moved_ids(mailboxes, places, deleted.moved)
        moved |= new
        undo |= undo_of(places, new)
    forget(call.context, call.account)
    return {
        "accountId": call.account.id,
        "moved": moved,
        "destroyed": destroyed,
        "undo": undo,
        "notDeleted": failed or None,
    }


async def _junk(call: Call[JunkArguments]) -> Answer:
    """Judge emails, report them where the administrator wants it, and move them where they belong."""
    mailboxes, there, failed = await found_emails(call, call.arguments.email_ids)
    moved: dict[str, str | None] = {}
    undo: dict[str, Any] = {}
    reported, fault = 0, ""
    for path, places in there.items():
        try:
            judged = await call.services.mail.junk.mark(
                call.caller, mail_of(call.account), chosen_of(path, places), junk=call.arguments.is_junk
            )
        except FolkmootError as error:
            failed |= {one.id: set_failed(error).told() for one in places}
            continue
        reported += judged.reported
        fault = fault or judged.fault
        if judged.moved is not None:
            forget(call.context, call.account)
            mailboxes = await mailboxes_of(call.context, call.account)
            new = moved_ids(mailboxes, places, judged.moved)
            moved |= new
            undo |= undo_of(places, new)
    forget(call.context, call.account)
    return {
        "accountId": call.account.id,
        "moved": moved,
        "undo": undo,
        "reported": reported,
        "notReportedBecause": fault or None,
        "notJudged": failed or None,
    }


async def _redirect(call: Call[RedirectArguments]) -> Answer:
    """Send an email on as it is, with a note of who did so."""
    asked = call.arguments
    ref = await one_email(call, asked.email_id)
    wanted = call.context.id_of(asked.identity_id)
    listed = await call.services.mail.identity_editing.list(call.caller, mail_of(call.account))
    identity = next((one.identity for one in listed if one.identity.id == wanted), None)
    if identity is None:
        raise MethodFailed("invalidArguments", "there is no such identity")
    sender = MailAddress(identity.name, identity.address)
    to = [MailAddress(one.name or "", one.email) for one in asked.to]
    try:
        submitted = await call.services.mail.redirecting.redirect(call.caller, mail_of(call.account), ref, sender, to)
    except MalformedInput as error:
        raise MethodFailed("invalidArguments", str(error)) from error
    except FolkmootError as error:
        raise send_failed(error) from error
    refused = {address: refusal.answer for address, refusal in submitted.refusals.items()}
    return {"accountId": call.account.id, "smtpReply": submitted.answer, "refused": refused}


METHODS: Final = (
    Method(
        "Email/deleteToTrash", EmailsArguments, _delete, "Moves to the trash, and tells how to undo it.", writes=True
    ),
    Method("Email/junk", JunkArguments, _junk, "Judges emails, moves them, and tells how to undo it.", writes=True),
    Method("Email/redirect", RedirectArguments, _redirect, "Sends an email on as it is.", writes=True),
)
