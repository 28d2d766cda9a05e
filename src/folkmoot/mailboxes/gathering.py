"""Whatever IMAP tells of many messages, asked of each mailbox once."""

from collections.abc import Mapping, Sequence
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.mail.imap.criteria import Criterion, and_, uids
from folkmoot.mail.imap.values import Fetched
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.chosen import require_same

MESSAGES_MAX: Final = 5_000  # of one mailbox in one call
SECTIONS_MAX: Final = 20_000  # parts of one call
OCTETS_MAX: Final = 48 * 1024 * 1024  # of parts of one call, as far as their sizes are known
_DELETED: Final = "\\Deleted"


class Gathering:
    """Fetches items of many messages."""

    def __init__(self, access: MailAccess) -> None:
        self._access = access

    async def fetch(
        self,
        caller: Caller,
        account: str,
        mailbox: str,
        wanted: Sequence[int],
        items: Sequence[str],
        *,
        uid_validity: int | None = None,
    ) -> dict[int, Fetched]:
        """Return items of messages by UID; those that are gone are left out.

        Raises:
            MalformedInput: too many messages, or an item that does not merely peek.
            Conflict: the mailbox was made anew since it had this UIDVALIDITY.
            NotFound: no such mailbox.
            Unavailable: the mail server does not answer.
        """
        if len(wanted) > MESSAGES_MAX:
            raise MalformedInput(f"at most {MESSAGES_MAX} messages at once")
        if not wanted:
            return {}
        async with self._access.selected(caller, account, mailbox) as connection:
            require_same(connection, uid_validity)
            return {one.uid: one for one in await connection.fetch(sorted(wanted), items)}

    async def visible(
        self,
        caller: Caller,
        account: str,
        mailbox: str,
        wanted: Sequence[int],
        items: Sequence[str],
        *,
        uid_validity: int | None = None,
    ) -> dict[int, Fetched]:
        """Return items of messages and their flags, without what is marked as deleted; raises as ``fetch``."""
        with_flags = items if "FLAGS" in items else ["FLAGS", *items]
        found = await self.fetch(caller, account, mailbox, wanted, with_flags, uid_validity=uid_validity)
        return {uid: one for uid, one in found.items() if _DELETED not in (one.flags or ())}

    async def sections(
        self,
        caller: Caller,
        account: str,
        mailbox: str,
        wanted: Mapping[int, Sequence[tuple[str, int]]],
        *,
        uid_validity: int | None = None,
        limit: int,
    ) -> dict[int, dict[str, bytes]]:
        """Return parts of messages, each at most ``limit`` octets of it; ``wanted`` names sections and their sizes.

        Messages that want the same sections are asked for together, all within one mailbox visited once.

        Raises, beside what ``fetch`` raises:
            TooLarge: more parts, or more of them, than one answer may hold.
        """
        together: dict[tuple[str, ...], list[int]] = {}
        parts = octets = 0
        for uid, sections in wanted.items():
            names = tuple(dict.fromkeys(name for name, _ in sections))
            parts += len(names)
            octets += sum(min(size, limit) for _, size in sections)
            if names:
                together.setdefault(names, []).append(uid)
        if parts > SECTIONS_MAX or octets > OCTETS_MAX:
            raise TooLarge("these bodies are too much for one answer; ask for fewer messages, or for less of each")
        found: dict[int, dict[str, bytes]] = {}
        if not together:
            return found
        async with self._access.selected(caller, account, mailbox) as connection:
            require_same(connection, uid_validity)
            for names, which in together.items():
                items = [f"BODY.PEEK[{name}]<0.{limit}>" for name in names]
                for start in range(0, len(items), _ITEMS_AT_ONCE):
                    for one in await connection.fetch(sorted(which), items[start : start + _ITEMS_AT_ONCE]):
                        found.setdefault(one.uid, {}).update(one.sections)
        return found

    async def having(
        self,
        caller: Caller,
        account: str,
        mailbox: str,
        which: Sequence[int],
        criterion: Criterion,
        *,
        uid_validity: int | None = None,
    ) -> Sequence[int]:
        """Return those of some messages that meet a criterion, ascending."""
        if not which:
            return ()
        async with self._access.selected(caller, account, mailbox) as connection:
            require_same(connection, uid_validity)
            return await connection.search(and_(uids(which), criterion))


_ITEMS_AT_ONCE: Final = 50
