"""Junk: moved to where it belongs, marked with the keywords that filters learn from, and reported."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from folkmoot.config.mail_section import JunkReporting
from folkmoot.core.caller import Caller
from folkmoot.core.errors import FolkmootError
from folkmoot.mail.imap.connection import Connection
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.chosen import Chosen, uids_of
from folkmoot.mailboxes.keywords import kept_of
from folkmoot.mailboxes.moving import Moved, Moving
from folkmoot.mailboxes.special import Use

JUNK: Final = "$Junk"  # registered keywords, which Dovecot's and Rspamd's training scripts look at
NOT_JUNK: Final = "$NotJunk"
OLD_JUNK: Final = "Junk"  # what Thunderbird sets
OLD_NOT_JUNK: Final = "NonJunk"
REPORTED_OCTETS_MAX: Final = 20 * 1024 * 1024  # of one report; mail servers refuse larger ones anyway

Report = Callable[[Caller, str, str, Sequence[bytes]], Awaitable[None]]
"""Sends messages as attachments: caller, account, address to send to, the messages."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of the messages."""

    moved: Moved | None  # None: they were there already
    reported: int = 0  # messages
    fault: str = ""  # why they could not be reported


class Junk:
    """Says what is junk and what is not."""

    def __init__(self, access: MailAccess, moving: Moving, report: Report | None = None) -> None:
        self._access = access
        self._moving = moving
        self._report = report

    async def mark(self, caller: Caller, account: str, chosen: Chosen, *, junk: bool) -> Judged:
        """Mark messages as junk and move them to the junk mailbox, or as not junk and to the inbox.

        With ``SOGoMailJunkSettings`` they are reported first; that this fails keeps nobody from moving them.

        Raises:
            Conflict: the mailbox was made anew.
            Forbidden: the caller may not.
        """
        special = await self._access.special(caller, account, make=(Use.JUNK,))
        target = special.junk if junk else special.inbox
        async with self._access.selected(caller, account, chosen.mailbox, write=True) as connection:
            uids = await uids_of(connection, chosen)
            if not uids:
                return Judged(None)
            added, removed = ((JUNK,), (NOT_JUNK, OLD_NOT_JUNK)) if junk else ((NOT_JUNK,), (JUNK, OLD_JUNK))
            keep = kept_of(connection.mailbox, added)
            if keep:
                await connection.store(uids, add=keep, remove=kept_of(connection.mailbox, removed))
            reporting = await self._reporting(caller, account, junk=junk)
            messages = await _read(connection, uids, reporting) if reporting is not None else ()
            selected = connection.mailbox
        reported, fault = await self._send(caller, account, reporting, messages, junk=junk)
        if target == chosen.mailbox:
            return Judged(None, reported, fault)
        meant = Chosen(chosen.mailbox, uids, selected.uid_validity if selected else None)
        return Judged(await self._moving.move(caller, account, meant, target), reported, fault)

    async def _reporting(self, caller: Caller, account: str, *, junk: bool) -> JunkReporting | None:
        if self._report is None or (await self._access.account(caller, account)).external:
            return None
        settings = self._access.settings_of(await self._access.person(caller.principal)).mail.junk_reporting
        if settings is None or settings.vendor != "generic" or not _address(settings, junk=junk):
            return None
        return settings

    async def _send(
        self, caller: Caller, account: str, reporting: JunkReporting | None, messages: Sequence[bytes], *, junk: bool
    ) -> tuple[int, str]:
        if self._report is None or reporting is None or not messages:
            return 0, ""
        try:
            await self._report(caller, account, _address(reporting, junk=junk), messages)
        except FolkmootError as error:
            return 0, str(error)
        return len(messages), ""


def _address(settings: JunkReporting, *, junk: bool) -> str:
    return settings.junk_address if junk else settings.not_junk_address


async def _read(connection: Connection, uids: Sequence[int], reporting: JunkReporting) -> Sequence[bytes]:
    wanted = uids[: max(reporting.limit, 0)]
    if not wanted:
        return ()
    sizes = {one.uid: one.size or 0 for one in await connection.fetch(wanted, ("RFC822.SIZE",))}
    together, few = 0, []
    for uid in wanted:
        together += sizes.get(uid, 0)
        if uid in sizes and together <= REPORTED_OCTETS_MAX:
            few.append(uid)
    found = {one.uid: one.sections for one in await connection.fetch(few, ("BODY.PEEK[]",))} if few else {}
    return [octets for uid in few for octets in found.get(uid, {}).values()]
