"""Messages as a zip of ``.eml`` files, sent while it is made."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.errors import Conflict, Forbidden, NotFound, TooLarge
from folkmoot.mail.imap.connection import Connection
from folkmoot.mail.imap.criteria import all_
from folkmoot.mail.imap.values import Fetched
from folkmoot.mailboxes.access import MODULE, MailAccess
from folkmoot.mailboxes.folders import Folders
from folkmoot.mailboxes.naming import is_below
from folkmoot.mailboxes.zipping import ZipStream, safe_name
from folkmoot.mime.headers import decode

MESSAGES_MAX: Final = 100_000  # of one zip: what its list holds of each stays in memory until the end
TOGETHER: Final = 200  # messages that are asked for at once
TOGETHER_OCTETS: Final = 4 * 1024 * 1024  # fetched at once; a larger message comes in pieces
SUBJECT_MAX: Final = 80  # characters of a subject in a file's name

Lend = Callable[[], AbstractAsyncContextManager[Connection]]
Watch = Callable[[int, int], None]
"""Is told how many messages have been written, and of how many."""


class Exporting:
    """Writes messages into zip files."""

    def __init__(self, access: MailAccess, folders: Folders) -> None:
        self._access = access
        self._folders = folders

    async def mailbox(
        self, caller: Caller, account_id: str, path: str, *, below: bool = False, watch: Watch | None = None
    ) -> AsyncIterator[bytes]:
        """Yield a zip of all messages of a mailbox, with ``below`` also of those within it, each in a directory.

        Raises:
            Forbidden: mail is not exported here, or no right to.
            NotFound: no such mailbox.
            TooLarge: more than ``MESSAGES_MAX``.
        """
        await self._require_allowed(caller, account_id)
        tree = await self._folders.tree(caller, account_id, subscribed_only=False)
        if tree.find(path) is None:
            raise NotFound("no such mailbox")
        chosen = [
            one
            for one in tree.folders
            if one.selectable and (one.path == path or (below and is_below(one.path, path, tree.separator)))
        ]
        total = sum(one.status.messages or 0 for one in chosen if one.status is not None)
        if total > MESSAGES_MAX:
            raise TooLarge(f"one zip holds at most {MESSAGES_MAX} messages; take mailboxes one by one")
        made = ZipStream()
        written = 0
        for one in chosen:
            levels = one.path[len(path) :].split(tree.separator) if tree.separator else []
            folder = "/".join(safe_name(level) for level in levels if level)
            lend = partial(self._access.selected, caller, account_id, one.path)
            async with lend() as connection:
                uids = (await connection.search(all_()))[: MESSAGES_MAX - written]
            async for piece, messages in _write(lend, made, folder, uids):
                written += messages
                if watch is not None and messages:
                    watch(written, total)
                if piece:
                    yield piece
        yield await _closed(made)

    async def messages(
        self, caller: Caller, account_id: str, path: str, uids: Sequence[int], *, watch: Watch | None = None
    ) -> AsyncIterator[bytes]:
        """Yield a zip of these messages; those that are gone are left out.

        Raises: as ``mailbox``.
        """
        await self._require_allowed(caller, account_id)
        if len(uids) > MESSAGES_MAX:
            raise TooLarge(f"one zip holds at most {MESSAGES_MAX} messages")
        made = ZipStream()
        written = 0
        async for piece, messages in _write(partial(self._access.selected, caller, account_id, path), made, "", uids):
            written += messages
            if watch is not None and messages:
                watch(written, len(uids))
            if piece:
                yield piece
        yield await _closed(made)

    async def _require_allowed(self, caller: Caller, account_id: str) -> None:
        account = await self._access.account(caller, account_id)
        settings = self._access.settings_of(await self._access.person(account.owner))
        if MODULE.casefold() in (name.casefold() for name in settings.security.export_disabled):
            raise Forbidden("mail is not exported here")


async def _write(lend: Lend, made: ZipStream, folder: str, uids: Sequence[int]) -> AsyncIterator[tuple[bytes, int]]:
    """Yield pieces of the zip, each with how many messages it has ended.

    A connection is held only while something is fetched: whoever downloads may be slow.
    """
    validity: int | None = None
    for start in range(0, len(uids), TOGETHER):
        async with lend() as connection:
            validity = _same(connection, validity)
            asked = await connection.fetch(uids[start : start + TOGETHER], ["ENVELOPE", "RFC822.SIZE", "INTERNALDATE"])
        for group in _groups(asked):
            if len(group) == 1 and (group[0].size or 0) > TOGETHER_OCTETS:
                async with lend() as connection:
                    validity = _same(connection, validity)
                    async for piece in _large(connection, made, folder, group[0]):
                        yield piece, 0
                yield made.take(), 1
                continue
            async with lend() as connection:
                validity = _same(connection, validity)
                bodies = await connection.fetch([one.uid for one in group], ["BODY.PEEK[]"])
            by_uid = {one.uid: one.sections.get("", b"") for one in bodies}
            present = [(one, by_uid[one.uid]) for one in group if one.uid in by_uid]
            yield await asyncio.to_thread(_entries, made, folder, present), len(present)


async def _large(connection: Connection, made: ZipStream, folder: str, message: Fetched) -> AsyncIterator[bytes]:
    """Write a message piece by piece; one that goes away in the meantime ends where it was."""
    made.begin(folder, _name_of(message), ".eml", message.received or 0)
    try:
        async for octets in connection.stream(message.uid, ""):
            yield await asyncio.to_thread(_compressed, made, octets)
    except NotFound:
        pass
    finally:
        made.end()


def _same(connection: Connection, validity: int | None) -> int:
    """Return the mailbox's UIDVALIDITY.

    Raises:
        Conflict: it is another mailbox by now, and other messages have these UIDs.
    """
    present = connection.mailbox.uid_validity if connection.mailbox is not None else 0
    if validity not in {None, present}:
        raise Conflict("the mailbox was made anew in the meantime")
    return present


def _groups(messages: Sequence[Fetched]) -> list[list[Fetched]]:
    """Return messages in groups that are small enough to be fetched at once."""
    groups: list[list[Fetched]] = []
    octets = 0
    for one in messages:
        size = one.size or 0
        if not groups or octets + size > TOGETHER_OCTETS:
            groups.append([])
            octets = 0
        groups[-1].append(one)
        octets += size
    return groups


def _compressed(made: ZipStream, octets: bytes) -> bytes:
    made.write(octets)
    return made.take()


def _entries(made: ZipStream, folder: str, messages: Sequence[tuple[Fetched, bytes]]) -> bytes:
    for one, octets in messages:
        made.begin(folder, _name_of(one), ".eml", one.received or 0)
        made.write(octets)
        made.end()
    return made.take()


async def _closed(made: ZipStream) -> bytes:
    await asyncio.to_thread(made.close)
    return made.take()


def _name_of(message: Fetched) -> str:
    subject = decode(message.envelope.subject) if message.envelope is not None else ""
    return f"{subject[:SUBJECT_MAX]} {message.uid}".strip()
