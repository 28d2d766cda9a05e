"""Deleting old mail in bulk, a batch at a time, so that it can be watched, stopped and gone on with."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.errors import Forbidden, NotFound
from folkmoot.mail.imap.connection import Connection
from folkmoot.mail.imap.criteria import Criterion, before
from folkmoot.mail.imap.values import Uids
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.folders import Folders, batches
from folkmoot.mailboxes.naming import is_below
from folkmoot.mailboxes.tree import Place

_DELETED: Final = "\\Deleted"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it has got."""

    path: str  # the mailbox that was last worked on
    mailboxes_done: int
    mailboxes: int
    messages: int  # deleted so far


class Cleaning:
    """Cleans mailboxes of what is older than a day."""

    def __init__(self, access: MailAccess, folders: Folders) -> None:
        self._access = access
        self._folders = folders

    async def clean(
        self,
        caller: Caller,
        account_id: str,
        path: str,
        older_than: date,
        *,
        below: bool = False,
        for_good: bool = False,
    ) -> AsyncIterator[Progress]:
        """Delete the messages of a mailbox that arrived before a day; tell after each batch how far it has got.

        They go to the trash, or with ``for_good`` and out of the trash itself nowhere.  A ``path`` of "" is the whole
        account but for what is in the trash.  Who stops listening stops it; no batch is left half done.

        Raises:
            Forbidden: SOGoEnableMailCleaning is off, or no right to.
            NotFound: no such mailbox.
        """
        account = await self._access.account(caller, account_id)
        if not self._access.settings_of(await self._access.person(account.owner)).mail.cleaning:
            raise Forbidden("old mail is not deleted in bulk here")
        special = await self._access.special(caller, account_id)
        paths = await self._paths(caller, account_id, path, special.trash, below=below)
        criterion = before(older_than)
        deleted = 0
        for number, one in enumerate(paths):
            in_trash = one == special.trash or is_below(one, special.trash, special.separator)
            target = "" if for_good or in_trash else special.trash
            async for count in self._clean_one(caller, account_id, one, criterion, target):
                deleted += count
                yield Progress(one, number, len(paths), deleted)
        yield Progress(path, len(paths), len(paths), deleted)

    async def _paths(self, caller: Caller, account_id: str, path: str, trash: str, *, below: bool) -> list[str]:
        tree = await self._folders.tree(caller, account_id, counts=False, subscribed_only=False)
        separator = tree.separator
        chosen = [one for one in tree.folders if one.selectable]
        if not path:
            own = [one.path for one in chosen if one.place is Place.OWN]
            return [one for one in own if one != trash and not is_below(one, trash, separator)]
        if tree.find(path) is None:
            raise NotFound("no such mailbox")
        return [one.path for one in chosen if one.path == path or (below and is_below(one.path, path, separator))]

    async def _clean_one(
        self, caller: Caller, account_id: str, path: str, criterion: Criterion, target: str
    ) -> AsyncIterator[int]:
        async with self._access.selected(caller, account_id, path, write=True) as connection:
            old = await connection.search(criterion)
            validity = connection.mailbox.uid_validity if connection.mailbox is not None else 0
        for batch in batches(old):
            async with self._access.selected(caller, account_id, path, write=True) as connection:
                if connection.mailbox is None or connection.mailbox.uid_validity != validity:
                    return  # another mailbox of that name: these are not its messages
                await _delete(connection, batch, target)
            yield len(batch)


async def _delete(connection: Connection, uids: Uids, target: str) -> None:
    if target:
        await connection.move(uids, target)
    else:
        await connection.store(uids, add=[_DELETED])
        await connection.expunge(uids)
