"""From a path below ``Mail/`` to what is there: the home of accounts, an account, a mailbox, a message."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.errors import MalformedInput, NotFound
from folkmoot.core.identifiers import escaped
from folkmoot.core.ids import PrincipalId
from folkmoot.dav.hrefs import Location, locate
from folkmoot.dav.mail.services import MailServices
from folkmoot.mail.imap.names import encode_name
from folkmoot.mailboxes.access import account_id_of
from folkmoot.mailboxes.summaries import MessageSummary
from folkmoot.mailboxes.tree import Folder, Tree
from folkmoot.mailboxes.values import MAIN

HOME: Final = "Mail"
PREFIX: Final = "folder"
_MESSAGE: Final = re.compile(r"([1-9][0-9]{0,9})(?:\.mail|\.eml)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class MailPath:
    """A path, split: whose, which account, the levels of a mailbox, and a name in it."""

    owner: PrincipalId
    account: str = ""  # as in the path; empty: the home of accounts
    levels: tuple[str, ...] = ()  # without the prefix
    name: str = ""  # of a message; empty: the mailbox or the account itself
    segments: tuple[str, ...] = ()

    @property
    def uid(self) -> int:
        """The message's UID.

        Raises:
            NotFound: no message is called so.
        """
        match = _MESSAGE.fullmatch(self.name)
        if match is None or int(match[1]) >= 2**32:
            raise NotFound("no such message")
        return int(match[1])


def mail_path(path: str) -> MailPath | None:
    """Return where a path leads in the tree of mail; None if it is elsewhere.

    Raises:
        MalformedInput: as for ``hrefs.locate``.
    """
    location: Location = locate(path)
    if location.owner is None or location.home is not None or location.names[:1] != (HOME,):
        return None
    segments = (location.owner, *location.names)
    account = location.names[1] if len(location.names) > 1 else ""
    rest = list(location.names[2:])
    name = rest.pop() if rest and not rest[-1].startswith(PREFIX) else ""
    if any(not one.startswith(PREFIX) for one in rest):
        raise MalformedInput(f"mailboxes are called {PREFIX} and their name")
    levels = tuple(one[len(PREFIX) :] for one in rest)
    return MailPath(PrincipalId(location.owner), account, levels, name, segments)


def account_of(caller: Caller, path: MailPath) -> str:
    """Return the account that a path means: the owner's own, or one that the caller has added.

    Raises:
        NotFound: accounts elsewhere are their owner's alone.
    """
    if path.owner == caller.principal:
        return path.account
    if path.account != MAIN:
        raise NotFound("no such mail account")
    return account_id_of(path.owner)


async def tree_of(services: MailServices, caller: Caller, path: MailPath, *, counts: bool = False) -> Tree:
    """Return all mailboxes of a path's account."""
    return await services.folders.tree(caller, account_of(caller, path), counts=counts, subscribed_only=False)


def find_folder(tree: Tree, levels: Sequence[str]) -> Folder:
    """Return the mailbox at these levels, whichever way they are written.

    Raises:
        NotFound: there is none.
    """
    parent = ""
    found: Folder | None = None
    for level in levels:
        below = [one for one in tree.folders if one.parent == parent]
        found = next((one for one in below if one.name == level), None)
        found = found or next((one for one in below if level in {identifier(one), one.name.upper()}), None)
        if found is None:
            raise NotFound("no such mailbox")
        parent = found.path
    if found is None:
        raise NotFound("no such mailbox")
    return found


def identifier(folder: Folder) -> str:
    """Return a mailbox's name as SOGo writes it into paths, without the prefix."""
    return escaped(encode_name(folder.name).decode("ascii"))


def children_of(tree: Tree, parent: str) -> list[Folder]:
    """Return the mailboxes right below one; "" is the top."""
    return [one for one in tree.folders if one.parent == parent]


def etag_of(message: MessageSummary) -> str:
    """Return a message's ETag; messages never change."""
    return f"{message.ref.uid_validity}-{message.ref.uid}"
