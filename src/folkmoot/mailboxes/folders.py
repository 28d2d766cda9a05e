"""What one can do to mailboxes: see, create, rename, move, delete, subscribe, mark read and empty them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.errors import Conflict, FolkmootError, Forbidden, NotFound, TooLarge
from folkmoot.mail.imap.connection import Connection
from folkmoot.mail.imap.criteria import all_, flag, not_
from folkmoot.mail.imap.values import Uids
from folkmoot.mailboxes.access import MODULE, MailAccess, dictionary
from folkmoot.mailboxes.accounts import Accounts
from folkmoot.mailboxes.naming import free_name, is_below, level_name, path_below
from folkmoot.mailboxes.special import INBOX, KEYS, MADE, SEPARATOR, Use
from folkmoot.mailboxes.tree import INBOX_USE, Folder, Place, Tree, build_tree
from folkmoot.mailboxes.values import MAIN, Account
from folkmoot.sharing.choices import Choices
from folkmoot.sharing.preferences import DEFAULTS, SETTINGS
from folkmoot.sharing.preferences import flag as is_on

COUNTS: Final = ("MESSAGES", "UNSEEN", "UIDNEXT", "UIDVALIDITY", "HIGHESTMODSEQ", "GUID")
RIGHTS_MAX: Final = 200  # mailboxes of others in one tree whose rights are asked for
BATCH: Final = 1_000  # messages in one step, so that others get their turn
ORDERS: Final = "MailboxOrder"  # in the caller's settings of the module: by account, by path
ORDERS_MAX: Final = 1_000
SUBSCRIBED_ONLY: Final = "SOGoMailShowSubscribedFoldersOnly"
_SEEN: Final = "\\Seen"
_DELETED: Final = "\\Deleted"


class Folders:
    """The mailboxes of accounts."""

    def __init__(self, access: MailAccess, accounts: Accounts, choices: Choices) -> None:
        self._access = access
        self._accounts = accounts
        self._choices = choices

    async def tree(
        self,
        caller: Caller,
        account_id: str = MAIN,
        *,
        counts: bool = True,
        subscribed_only: bool | None = None,
        make: bool = False,
    ) -> Tree:
        """Return all mailboxes; ``subscribed_only`` None: as the person has chosen.

        With ``make`` special mailboxes that are missing are made, in accounts that are not somebody else's.

        Raises: what ``MailAccess.connection`` raises.
        """
        account = await self._access.account(caller, account_id)
        layout = await self._access.layout(caller, account_id, make=MADE if make and not account.delegated else ())
        if subscribed_only is None:
            subscribed_only = await self._subscribed_only(account)
        async with self._access.connection(caller, account_id) as connection:
            namespaces = await connection.namespaces()
            listed = await connection.list("*", status=COUNTS if counts else ())
            root, _ = await self._access.root(account, listed, namespaces)
            among_others = account.delegated and not await self._opens_directly(account)
            tree = build_tree(
                listed, namespaces, layout, root=root, delegated=among_others, subscribed_only=subscribed_only
            )
            return await _with_rights(connection, tree, all_=among_others)

    async def create(self, caller: Caller, account_id: str, parent: str, name: str, *, use: Use | None = None) -> str:
        """Create a mailbox, subscribe to it and return its path; ``parent`` "" is the top.

        Raises:
            MalformedInput: no name for a mailbox.
            Conflict: there is one of that name, or none can be within ``parent``.
            Forbidden: no right to.
        """
        special = await self._access.special(caller, account_id, make=())
        level = level_name(name, special.separator)
        path = path_below(parent or await self._top(caller, account_id), level, special.separator)
        if path.upper() == INBOX:
            raise Conflict("there is one inbox")
        async with self._access.connection(caller, account_id) as connection:
            await connection.create(path)
            await connection.subscribe(path)
        if use is not None:
            await self.set_use(caller, account_id, path, use)
        return path

    async def rename(self, caller: Caller, account_id: str, path: str, name: str) -> str:
        """Give a mailbox another name at its place, and return its new path; what is below it comes along.

        Raises:
            MalformedInput: no name for a mailbox.
            Forbidden: the inbox or a special mailbox, or no right to.
            NotFound: no such mailbox.
            Conflict: there is one of that name.
        """
        special = await self._access.special(caller, account_id, make=())
        level = level_name(name, special.separator)
        head, separator, _ = path.rpartition(special.separator) if special.separator else ("", "", path)
        return await self._relocate(caller, account_id, path, head + separator + level)

    async def move(self, caller: Caller, account_id: str, path: str, parent: str) -> str:
        """Put a mailbox into another one, or to the top, and return its new path; what is below it comes along.

        Raises:
            Forbidden: the inbox or a special mailbox, or no right to.
            NotFound: no such mailbox.
            Conflict: into itself, or there is one of that name.
        """
        special = await self._access.special(caller, account_id, make=())
        if parent == path or is_below(parent, path, special.separator):
            raise Conflict("a mailbox cannot lie within itself")
        level = path.rpartition(special.separator)[2] if special.separator else path
        target = path_below(parent or await self._top(caller, account_id), level, special.separator)
        return await self._relocate(caller, account_id, path, target)

    async def delete(self, caller: Caller, account_id: str, path: str, *, for_good: bool = False) -> str:
        """Put a mailbox with all below it into the trash and return its path there.

        What lies in the trash already, or among the mailboxes of others, is deleted for good, as with ``for_good``;
        then the path is "".

        Raises:
            Forbidden: the inbox or a special mailbox, or one that holds such a one, or no right to.
            NotFound: no such mailbox.
            Conflict: the trash takes no mailboxes.
        """
        tree = await self.tree(caller, account_id, counts=False, subscribed_only=False)
        folder = _movable(tree, path)
        special = await self._access.special(caller, account_id)
        separator = special.separator
        in_trash = is_below(path, special.trash, separator)
        if not (for_good or in_trash or folder.place is not Place.OWN):
            taken = frozenset(one.name for one in tree.folders if one.parent == special.trash)
            target = path_below(special.trash, free_name(folder.name, taken), separator)
            return await self._relocate(caller, account_id, path, target, tree=tree)
        doomed = [one for one in tree.folders if one.path == path or is_below(one.path, path, separator)]
        async with self._access.connection(caller, account_id) as connection:
            for one in sorted(doomed, key=lambda one: one.path.count(separator) if separator else 0, reverse=True):
                if one.subscribed:
                    await connection.unsubscribe(one.path)
                if one.selectable:
                    await connection.delete(one.path)
                else:
                    await _delete_level(connection, one.path)
        return ""

    async def subscribe(self, caller: Caller, account_id: str, paths: Sequence[str], *, wanted: bool) -> None:
        """Add mailboxes to those that are shown, or take them away.

        Raises:
            NotFound: no such mailbox.
        """
        async with self._access.connection(caller, account_id) as connection:
            for path in paths:
                await (connection.subscribe(path) if wanted else connection.unsubscribe(path))

    async def mark_read(self, caller: Caller, account_id: str, path: str, *, below: bool = False) -> int:
        """Mark all messages of a mailbox as read, with ``below`` also of those within it; return how many.

        Raises:
            NotFound: no such mailbox.
            Forbidden: no right to.
        """
        marked = 0
        for one in await self._with_below(caller, account_id, path) if below else [path]:
            async with self._access.selected(caller, account_id, one, write=True) as connection:
                unseen = await connection.search(not_(flag(_SEEN)))
                for batch in batches(unseen):
                    await connection.store(batch, add=[_SEEN])
                marked += len(unseen)
        return marked

    async def expunge(self, caller: Caller, account_id: str, path: str) -> int:
        """Remove the messages that are marked as deleted for good, and return how many.

        Raises:
            NotFound: no such mailbox.
            Forbidden: no right to.
        """
        async with self._access.selected(caller, account_id, path, write=True) as connection:
            doomed = await connection.search(flag(_DELETED))
            await connection.expunge(doomed)
            return len(doomed)

    async def empty(self, caller: Caller, account_id: str, use: Use) -> int:
        """Delete all that lies in the trash, mailboxes included, or all junk, for good; return how many messages.

        Raises:
            Forbidden: another use, or no right to.
        """
        if use not in {Use.TRASH, Use.JUNK}:
            raise Forbidden("only trash and junk are emptied")
        special = await self._access.special(caller, account_id)
        path = special.trash if use is Use.TRASH else special.junk
        removed = 0
        async with self._access.selected(caller, account_id, path, write=True) as connection:
            for batch in batches(await connection.search(all_())):
                await connection.store(batch, add=[_DELETED])
                await connection.expunge(batch)
                removed += len(batch)
        if use is Use.TRASH:
            tree = await self.tree(caller, account_id, subscribed_only=False)
            for folder in tree.folders:
                if folder.parent == path and not _holds_special(tree, folder.path):
                    removed += _messages_in(tree, folder.path)
                    await self.delete(caller, account_id, folder.path, for_good=True)
        return removed

    async def set_use(self, caller: Caller, account_id: str, path: str, use: Use) -> None:
        """Use a mailbox for drafts, sent mail, trash, junk or templates.

        Raises:
            NotFound: no such mailbox.
            Forbidden: the inbox, a mailbox of others, or an account of somebody else.
            Conflict: it is used for something else.
        """
        tree = await self.tree(caller, account_id, counts=False, subscribed_only=False)
        folder = tree.find(path)
        if folder is None or not folder.selectable:
            raise NotFound("no such mailbox")
        if folder.use == INBOX_USE or folder.place is not Place.OWN:
            raise Forbidden("neither the inbox nor a mailbox of others can have another use")
        if folder.use in set(Use) - {use}:
            raise Conflict(f"this mailbox is used for {folder.use}; let another be that first")
        account = await self._access.account(caller, account_id)
        written = path.replace(tree.separator, SEPARATOR) if tree.separator else path
        if account.external:
            await self._accounts.set_mailbox(caller, account_id, KEYS[use], written)
        else:
            await self._choices.save(caller, account.owner, {KEYS[use]: written}, {})
        self._access.forget(caller, account_id)

    async def orders(self, caller: Caller, account_id: str) -> Mapping[str, int]:
        """Return where the caller wants mailboxes to stand among others, by path; what is missing has its usual place.

        Raises:
            NotFound: no such account.
        """
        account = await self._access.account(caller, account_id)
        kept = dictionary(await self._access.profile(caller.principal), SETTINGS, MODULE, ORDERS).get(account.id)
        if not isinstance(kept, dict):
            return {}
        return {str(path): order for path, order in kept.items() if isinstance(order, int)}

    async def set_order(
        self, caller: Caller, account_id: str, path: str, order: int | None, *, before: str = ""
    ) -> None:
        """Choose where a mailbox stands among others; None is its usual place, ``before`` its path until now.

        Raises:
            NotFound: no such account.
            TooLarge: too many mailboxes have places of their own.
        """
        account = await self._access.account(caller, account_id)
        module = dictionary(await self._access.profile(caller.principal), SETTINGS, MODULE, ORDERS)
        present = dict(await self.orders(caller, account_id))
        after = {name: place for name, place in present.items() if name not in {path, before}}
        if order is not None:
            after[path] = order
        if len(after) > ORDERS_MAX:
            raise TooLarge(f"at most {ORDERS_MAX} mailboxes have places of their own")
        if after != present:
            kept = {name: one for name, one in {**module, account.id: after}.items() if one}
            await self._choices.save(caller, caller.principal, {}, {MODULE: {ORDERS: kept or None}})

    async def _relocate(self, caller: Caller, account_id: str, old: str, new: str, *, tree: Tree | None = None) -> str:
        if new == old:
            return old
        tree = tree or await self.tree(caller, account_id, counts=False, subscribed_only=False)
        _movable(tree, old)
        if tree.find(new) is not None:
            raise Conflict("there is a mailbox of that name")
        separator = tree.separator
        followed = [
            one.path
            for one in tree.folders
            if one.subscribed and (one.path == old or is_below(one.path, old, separator))
        ]
        async with self._access.connection(caller, account_id) as connection:
            await connection.rename(old, new)
            for path in followed:
                await connection.unsubscribe(path)
                await connection.subscribe(new + path[len(old) :])
        self._access.forget(caller, account_id)
        return new

    async def _with_below(self, caller: Caller, account_id: str, path: str) -> Sequence[str]:
        tree = await self.tree(caller, account_id, counts=False, subscribed_only=False)
        found = [
            one.path
            for one in tree.folders
            if one.selectable and (one.path == path or is_below(one.path, path, tree.separator))
        ]
        if tree.find(path) is None:
            raise NotFound("no such mailbox")
        return found

    async def _top(self, caller: Caller, account_id: str) -> str:
        account = await self._access.account(caller, account_id)
        async with self._access.connection(caller, account_id) as connection:
            root, _ = await self._access.root(account, (), await connection.namespaces())
            return root

    async def _opens_directly(self, account: Account) -> bool:
        return self._access.reaches_others(await self._access.person(account.owner))

    async def _subscribed_only(self, account: Account) -> bool:
        owner = await self._access.person(account.owner)
        chosen = dictionary(await self._access.profile(account.owner), DEFAULTS).get(SUBSCRIBED_ONLY)
        return self._access.settings_of(owner).imap.subscribed_only if chosen is None else is_on(chosen)


def batches(uids: Uids) -> Sequence[Uids]:
    """Return UIDs in pieces that are handled at once."""
    return [uids[start : start + BATCH] for start in range(0, len(uids), BATCH)]


def _movable(tree: Tree, path: str) -> Folder:
    """Return a mailbox that may be renamed, moved and deleted.

    Raises:
        NotFound: there is none.
        Forbidden: it has a use, or one within it has.
    """
    folder = tree.find(path)
    if folder is None:
        raise NotFound("no such mailbox")
    if folder.place is Place.OWN and _holds_special(tree, path):
        raise Forbidden("the inbox and mailboxes with a use stay where they are")
    return folder


def _holds_special(tree: Tree, path: str) -> bool:
    return any(one.use and (one.path == path or is_below(one.path, path, tree.separator)) for one in tree.folders)


def _messages_in(tree: Tree, path: str) -> int:
    inside = [one for one in tree.folders if one.path == path or is_below(one.path, path, tree.separator)]
    return sum(one.status.messages or 0 for one in inside if one.status is not None)


async def _delete_level(connection: Connection, path: str) -> None:
    """Delete what only held other mailboxes; many servers have done so with the last of these."""
    try:
        await connection.delete(path)
    except NotFound:
        return


async def _with_rights(connection: Connection, tree: Tree, *, all_: bool) -> Tree:
    """Return the tree with the caller's rights in mailboxes of others, as far as the server tells."""
    if "ACL" not in connection.capabilities:
        return tree
    asked = [one for one in tree.folders if one.selectable and (all_ or one.place is not Place.OWN)][:RIGHTS_MAX]
    rights: dict[str, str] = {}
    for one in asked:
        try:
            rights[one.path] = await connection.my_rights(one.path)
        except FolkmootError:
            if not connection.usable:
                raise
    return replace(tree, folders=[replace(one, rights=rights.get(one.path, "")) for one in tree.folders])
