"""The mailboxes of an account as one answer of the mail server tells them, once for all calls of a request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from folkmoot.jmap.accounts import Account
from folkmoot.jmap.mail.ids import mailbox_id
from folkmoot.jmap.protocol.calling import Context
from folkmoot.jmap.protocol.errors import MethodFailed
from folkmoot.mailboxes.states import MailboxState, state_of
from folkmoot.mailboxes.tree import Folder, Tree

_KEPT: Final = "mail/mailboxes"


@dataclass(frozen=True)
class Mailboxes:
    """The mailboxes of an account, and what IMAP calls them."""

    mail: str  # the account's name in the mailboxes room
    tree: Tree
    orders: Mapping[str, int] = field(default_factory=dict)  # where the caller wants mailboxes to stand, by path

    @cached_property
    def by_id(self) -> Mapping[str, Folder]:
        """All mailboxes in the tree's order, levels that only hold others among them."""
        found: dict[str, Folder] = {}
        for folder in self.tree.folders:
            guid = folder.status.guid if folder.status is not None else None
            id_ = mailbox_id(guid, folder.path)
            # One mailbox may be seen under two names; the second is known by its name.
            found[mailbox_id(None, folder.path) if id_ in found else id_] = folder
        return found

    @cached_property
    def ids(self) -> Mapping[str, str]:
        """Ids by path."""
        return {folder.path: id_ for id_, folder in self.by_id.items()}

    @cached_property
    def states(self) -> Mapping[str, MailboxState]:
        """The state of each mailbox that holds messages, by id."""
        return {
            id_: state_of(folder.status)
            for id_, folder in self.by_id.items()
            if folder.selectable and folder.status is not None
        }

    def path(self, id_: str) -> str | None:
        """Return the path of a mailbox that can hold messages; None if there is none of this id."""
        folder = self.by_id.get(id_)
        return folder.path if folder is not None and folder.selectable else None

    @property
    def readable(self) -> Sequence[tuple[str, Folder]]:
        """The mailboxes whose messages the caller may see: ids and folders."""
        return [(id_, self.by_id[id_]) for id_ in self.states]


async def mailboxes_of(context: Context, account: Account) -> Mailboxes:
    """Return an account's mailboxes as they were when the request first asked, or since ``forget``."""
    found: Mailboxes | None = context.kept.get((_KEPT, account.id))
    if found is None:
        mail = mail_of(account)
        tree = await context.services.mail.folders.tree(context.caller, mail, subscribed_only=False, make=True)
        found = context.kept[_KEPT, account.id] = Mailboxes(
            mail, tree, await context.services.mail.folders.orders(context.caller, mail)
        )
    return found


def forget(context: Context, account: Account) -> None:
    """Ask the mail server again, as something was changed."""
    context.kept.pop((_KEPT, account.id), None)


def mail_of(account: Account) -> str:
    """Return the mailboxes room's name of an account.

    Raises:
        MethodFailed: ``accountNotSupportedByMethod``: it is without mail.
    """
    if account.mail is None:
        raise MethodFailed("accountNotSupportedByMethod", "this account is without mail")
    return account.mail
