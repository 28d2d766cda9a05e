r"""What becomes of a draft when it has been sent: the sender's copy, the flags of what was answered, its end.

Each step can be done again: a copy that is there is not filed twice, and a flag that is set stays set.
"""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

import structlog

from folkmoot.core.caller import Caller
from folkmoot.core.errors import FolkmootError, Forbidden, NotFound, Unsupported
from folkmoot.mail.imap.connection import Connection
from folkmoot.mail.imap.criteria import header
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.drafts import MESSAGE_MAX, remove_versions, require_same, zone_of
from folkmoot.mailboxes.outgoing import Outgoing
from folkmoot.mailboxes.values import MessageRef
from folkmoot.mime.headers import message_ids, parse_headers

ANSWERED: Final = "\\Answered"
FORWARDED: Final = "$Forwarded"
PENDING: Final = "$SubmitPending"  # RFC 5550 section 5.3.1
FILES_ITSELF: Final = "X-GM-EXT-1"  # Gmail puts a copy of what it sends among the sent messages
COPIES_MAX: Final = 20  # of one Message-ID that are looked at
_ID_FIELD: Final = "HEADER.FIELDS (MESSAGE-ID)"

log: Final = structlog.get_logger("folkmoot.submissions")


class Filing:
    """Reads drafts that are to go, and tidies up after them."""

    def __init__(self, access: MailAccess) -> None:
        self._access = access

    async def draft(self, caller: Caller, account_id: str, ref: MessageRef, message_id: str = "") -> bytes:
        """Return a draft; one that has moved is found by its Message-ID where it was, and where it may have gone.

        Raises:
            NotFound: it is gone.
        """
        try:
            return await self._draft_in(caller, account_id, ref, message_id)
        except NotFound:
            if not message_id:
                raise
        special = await self._access.special(caller, account_id, make=())
        for other in dict.fromkeys((special.drafts, special.sent)):
            if other == ref.mailbox:
                continue
            with suppress(NotFound):
                return await self._draft_in(caller, account_id, MessageRef(other, 0, 0), message_id)
        raise NotFound("the draft is not there any more")

    async def _draft_in(self, caller: Caller, account_id: str, ref: MessageRef, message_id: str) -> bytes:
        async with self._access.selected(caller, account_id, ref.mailbox) as connection:
            try:
                require_same(connection, ref)
                return await connection.fetch_part(ref.uid, "", limit=MESSAGE_MAX)
            except NotFound:
                found = await _with_id(connection, message_id) if message_id else []
                if not found:
                    raise NotFound("the draft is not there any more") from None
                return await connection.fetch_part(found[-1], "", limit=MESSAGE_MAX)

    async def finish(self, caller: Caller, account_id: str, ref: MessageRef, outgoing: Outgoing) -> None:
        """File the copy, set flags, remove the draft, in this order.

        Raises:
            Unavailable: the mail server went away; to be done again.
        """
        special = await self._access.special(caller, account_id)
        await self._file(caller, account_id, special.sent, outgoing)
        await self._flag_originals(caller, account_id, outgoing)
        settings = self._access.settings_of(await self._access.person(caller.principal))
        async with self._access.selected(caller, account_id, ref.mailbox, write=True) as connection:
            present = connection.mailbox
            same = present is not None and present.uid_validity == ref.uid_validity
            if settings.mail.keep_drafts:
                if same:
                    await connection.store([ref.uid], remove=[PENDING])
                return
            await remove_versions(connection, outgoing.message_id, also=[ref.uid] if same else [])

    async def leave(
        self, caller: Caller, account_id: str, ref: MessageRef, outgoing: Outgoing, *, remove: bool
    ) -> None:
        """Set flags, and leave the message where it is, or remove it: a client files what it sends by itself.

        Raises:
            Unavailable: the mail server went away; to be done again.
        """
        await self._flag_originals(caller, account_id, outgoing)
        with suppress(NotFound, Forbidden, Unsupported):
            async with self._access.selected(caller, account_id, ref.mailbox, write=True) as connection:
                require_same(connection, ref)
                if remove:
                    await connection.store([ref.uid], add=["\\Deleted"])
                    await connection.expunge([ref.uid])
                    return
                found = await connection.fetch([ref.uid], ["FLAGS"])
                if any(PENDING.lower() == flag.lower() for one in found for flag in one.flags or ()):
                    await connection.store([ref.uid], remove=[PENDING])

    async def _flag_originals(self, caller: Caller, account_id: str, outgoing: Outgoing) -> None:
        if outgoing.answers is not None:
            await self._flag(caller, account_id, outgoing.answers, ANSWERED)
        for one in outgoing.forwards:
            await self._flag(caller, account_id, one, FORWARDED)

    async def mark_waiting(self, caller: Caller, account_id: str, ref: MessageRef, *, waiting: bool) -> None:
        """Let other programs see that a draft is on its way; those that cannot are none the worse."""
        try:
            async with self._access.selected(caller, account_id, ref.mailbox, write=True) as connection:
                require_same(connection, ref)
                change = [PENDING]
                await connection.store([ref.uid], add=change if waiting else [], remove=[] if waiting else change)
        except FolkmootError as error:
            log.info("draft not marked", owner=caller.principal, waiting=waiting, fault=str(error))

    async def local_time(self, caller: Caller, milliseconds: int) -> datetime:
        """Return a time in the zone in which somebody lives."""
        return datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone(await zone_of(self._access, caller))

    async def _file(self, caller: Caller, account_id: str, mailbox: str, outgoing: Outgoing) -> None:
        async with self._access.selected(caller, account_id, mailbox) as connection:
            if FILES_ITSELF in connection.capabilities or await _with_id(connection, outgoing.message_id):
                return
            await connection.append(mailbox, outgoing.filed, flags=["\\Seen"])

    async def _flag(self, caller: Caller, account_id: str, ref: MessageRef, flag: str) -> None:
        try:
            async with self._access.selected(caller, account_id, ref.mailbox, write=True) as connection:
                require_same(connection, ref)
                await connection.store([ref.uid], add=[flag])
        except (NotFound, Forbidden, Unsupported) as error:  # deleted or moved since, or read-only
            log.debug("original not marked", owner=caller.principal, flag=flag, fault=str(error))


async def _with_id(connection: Connection, message_id: str) -> list[int]:
    """Return the messages of exactly this Message-ID; servers search for parts of a field."""
    uids = list(await connection.search(header("Message-ID", message_id)))[-COPIES_MAX:]
    if not uids:
        return []
    found = await connection.fetch(uids, [f"BODY.PEEK[{_ID_FIELD}]"])
    return [one.uid for one in found if message_id in _ids(one.sections.get(_ID_FIELD, b""))]


def _ids(octets: bytes) -> tuple[str, ...]:
    return message_ids(parse_headers(octets).get("message-id") or b"")
