"""What one does with whole mailboxes: empty, expunge, mark as read, clean; all of it as a zip."""

from collections.abc import Sequence
from contextlib import aclosing
from datetime import date
from time import monotonic
from typing import Annotated, Final

from msgspec import Meta

from folkmoot.core.errors import NotFound
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.mail.views import forget, mail_of, mailboxes_of
from folkmoot.jmap.protocol.calling import Answer, Blob, Call, Context, Method
from folkmoot.jmap.protocol.describing import Arguments, Id
from folkmoot.jmap.protocol.errors import MethodFailed
from folkmoot.mailboxes.cleaning import Progress
from folkmoot.mailboxes.special import Use

CLEAN_SECONDS: Final = 10.0  # of one call; whoever gets ``isDone`` false calls again
ZIP: Final = "Z"  # begins the blob id of a mailbox as a zip
_BELOW: Final = "b"  # after it: with the mailboxes within


class MailboxArguments(Arguments):
    """Of a method about one mailbox."""

    account_id: Id
    mailbox_id: str


class MarkReadArguments(MailboxArguments):
    """Of ``Mailbox/markRead``."""

    with_children: bool = False


class CleanArguments(Arguments):
    """Of ``Mailbox/clean``; without a mailbox it is the whole account but for the trash."""

    account_id: Id
    before: Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]
    mailbox_id: str | None = None
    with_children: bool = False
    for_good: bool = False


async def _path(call: Call[MailboxArguments]) -> str:
    return await _path_of(call.context, call.account, call.arguments.mailbox_id)


async def _path_of(context: Context, account: Account, id_: str) -> str:
    path = (await mailboxes_of(context, account)).path(context.id_of(id_))
    if path is None:
        raise MethodFailed("invalidArguments", "there is no such mailbox")
    return path


async def _empty(call: Call[MailboxArguments]) -> Answer:
    """Destroy all that lies in the trash, or among the junk."""
    mailboxes = await mailboxes_of(call.context, call.account)
    folder = mailboxes.by_id.get(call.context.id_of(call.arguments.mailbox_id))
    if folder is None or folder.use not in {Use.TRASH, Use.JUNK}:
        raise MethodFailed("invalidArguments", "only trash and junk are emptied")
    count = await call.services.mail.folders.empty(call.caller, mail_of(call.account), Use(folder.use))
    forget(call.context, call.account)
    return {"accountId": call.account.id, "count": count}


async def _expunge(call: Call[MailboxArguments]) -> Answer:
    """Destroy what other programs have marked as deleted."""
    count = await call.services.mail.folders.expunge(call.caller, mail_of(call.account), await _path(call))
    forget(call.context, call.account)
    return {"accountId": call.account.id, "count": count}


async def _mark_read(call: Call[MarkReadArguments]) -> Answer:
    """Mark all emails of a mailbox as read."""
    below = call.arguments.with_children
    path = await _path_of(call.context, call.account, call.arguments.mailbox_id)
    count = await call.services.mail.folders.mark_read(call.caller, mail_of(call.account), path, below=below)
    forget(call.context, call.account)
    return {"accountId": call.account.id, "count": count}


async def _clean(call: Call[CleanArguments]) -> Answer:
    """Delete what is older than a day, for some seconds; the next call goes on."""
    asked = call.arguments
    path = "" if asked.mailbox_id is None else await _path_of(call.context, call.account, asked.mailbox_id)
    try:
        before = date.fromisoformat(asked.before)
    except ValueError as error:
        raise MethodFailed("invalidArguments", "no such day") from error
    cleaning = call.services.mail.cleaning.clean(
        call.caller, mail_of(call.account), path, before, below=asked.with_children, for_good=asked.for_good
    )
    until = monotonic() + CLEAN_SECONDS
    progress: Progress | None = None
    async with aclosing(cleaning) as steps:  # type: ignore[type-var] # the service says iterator, and is a generator
        async for one in steps:
            progress = one
            if monotonic() > until:
                break
    forget(call.context, call.account)
    done = progress is None or progress.mailboxes_done == progress.mailboxes
    return {
        "accountId": call.account.id,
        "isDone": done,
        "count": progress.messages if progress is not None else 0,
        "mailboxesDone": progress.mailboxes_done if progress is not None else 0,
        "mailboxes": progress.mailboxes if progress is not None else 0,
    }


async def open_zip(context: Context, account: Account, blob: str) -> Blob:
    """Open a mailbox as a zip: ``Z`` and its id; with ``b`` after the letter also what lies within it.

    Raises:
        NotFound: there is no such mailbox.
        Forbidden: mail is not exported here.
    """
    below = blob[1:2] == _BELOW
    id_ = blob[2:] if below else blob[1:]
    mailboxes = await mailboxes_of(context, account)
    folder = mailboxes.by_id.get(id_)
    if folder is None:
        raise NotFound("no such blob")
    pieces = context.services.mail.exporting.mailbox(context.caller, mail_of(account), folder.path, below=below)
    return Blob("application/zip", f"{folder.name}.zip", None, pieces)


METHODS: Final[Sequence[Method]] = (
    Method("Mailbox/empty", MailboxArguments, _empty, "Destroys all in the trash, or all junk.", writes=True),
    Method("Mailbox/expunge", MailboxArguments, _expunge, "Destroys what is marked as deleted.", writes=True),
    Method("Mailbox/markRead", MarkReadArguments, _mark_read, "Marks all emails as read.", writes=True),
    Method("Mailbox/clean", CleanArguments, _clean, "Deletes old emails; called again until isDone.", writes=True),
)
