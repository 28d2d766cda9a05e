"""Messages and their parts as blobs, sent while they are fetched (RFC 8620 section 6, RFC 8621 section 4.1.4)."""

from collections.abc import Mapping, Sequence

from folkmoot.core.errors import NotFound
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.mail.emails import by_mailbox
from folkmoot.jmap.mail.ids import EmailId, parse_blob_id
from folkmoot.jmap.mail.views import mailboxes_of
from folkmoot.jmap.protocol.calling import Blob, Context
from folkmoot.mailboxes.values import MessageRef


async def ref_of(context: Context, account: Account, email: EmailId) -> MessageRef:
    """Return what the mailboxes room calls an email.

    Raises:
        NotFound: its mailbox is not there, or was made anew.
    """
    if account.mail is None:
        raise NotFound("there is no such message")
    mailboxes = await mailboxes_of(context, account)
    state, path = mailboxes.states.get(email.mailbox), mailboxes.path(email.mailbox)
    if state is None or path is None or state.uid_validity != email.uid_validity:
        raise NotFound("there is no such message")
    return MessageRef(path, email.uid_validity, email.uid)


async def open_mail_blob(context: Context, account: Account, blob: str) -> Blob:
    """Open a message or a part of it.

    Raises:
        NotFound: there is none that the caller may read.
    """
    wanted = parse_blob_id(blob)
    if wanted is None or account.mail is None:
        raise NotFound("no such blob")
    ref = await ref_of(context, account, wanted.email)
    downloading = context.services.mail.downloading
    if wanted.path is None:
        found = await downloading.source(context.caller, account.mail, ref)
    else:
        found = await downloading.part(context.caller, account.mail, ref, wanted.path, index=wanted.index)
    return Blob(found.content_type, found.name, found.size, found.pieces)


async def holders_of(
    context: Context, account: Account, blobs: Sequence[str]
) -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Return the email, thread and mailbox that blobs stand in."""
    if account.mail is None:
        return {}
    mailboxes = await mailboxes_of(context, account)
    named = {blob: wanted.email for blob in blobs if (wanted := parse_blob_id(blob)) is not None}
    found: dict[str, Mapping[str, Sequence[str]]] = {}
    there: set[EmailId] = set()
    for place in by_mailbox(mailboxes, map(str, set(named.values()))):
        fetched = await context.services.mail.gathering.visible(
            context.caller, mailboxes.mail, place.path, place.uids, [], uid_validity=place.state.uid_validity
        )
        there.update(map(place.email, fetched))
    for blob, email in named.items():
        if email in there:
            found[blob] = {"Email": [str(email)], "Mailbox": [email.mailbox]}
    return found
