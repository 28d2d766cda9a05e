"""Messages of a file, put into a mailbox: each once, however often the file comes."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

from folkmoot.collections.importing import Effect, Item, Outcome
from folkmoot.core.caller import Caller
from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.mail.imap.criteria import header
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.adding import Adding
from folkmoot.mime.headers import decode, message_ids, parse_headers

TITLE_MAX: Final = 200


class MailImports:
    """Imports messages into mailboxes."""

    def __init__(self, access: MailAccess) -> None:
        self._access = access
        self._adding = Adding(access)

    async def run(
        self, caller: Caller, account_id: str, mailbox: str, items: Sequence[Item], *, dry_run: bool = False
    ) -> AsyncIterator[Outcome]:
        """Import messages and report on each in its order; one whose Message-ID is there already stays as it is.

        Raises:
            NotFound: no such mailbox for this caller.
            Forbidden: no right to put messages there.
            Unavailable: the mail server does not answer.
        """
        seen: set[str] = set()
        for item in items:
            yield await self._one(caller, account_id, mailbox, item, seen, dry_run=dry_run)

    async def _one(
        self, caller: Caller, account_id: str, mailbox: str, item: Item, seen: set[str], *, dry_run: bool
    ) -> Outcome:
        if item.fault is not None:
            return Outcome(item.where, Effect.REJECTED, item.fault)
        headers = parse_headers(item.body)
        title = decode(headers.get("subject") or b"")[:TITLE_MAX]
        identity = next(iter(message_ids(headers.get("message-id") or b"")), "")
        if identity and (identity in seen or await self._has(caller, account_id, mailbox, identity)):
            return Outcome(item.where, Effect.UNCHANGED, title)
        seen.add(identity)
        if not headers.fields:
            return Outcome(item.where, Effect.REJECTED, "not a message")
        if not dry_run:
            try:
                await self._adding.add(
                    caller, account_id, mailbox, item.body, flags=["\\Seen"], received=_date(headers.get("date"))
                )
            except (MalformedInput, TooLarge) as error:
                return Outcome(item.where, Effect.REJECTED, str(error))
        return Outcome(item.where, Effect.CREATED, title)

    async def _has(self, caller: Caller, account_id: str, mailbox: str, identity: str) -> bool:
        async with self._access.selected(caller, account_id, mailbox) as connection:
            return bool(await connection.search(header("Message-ID", identity)))


def _date(value: bytes | None) -> int | None:
    """Return when a message was written, for the date by which lists are sorted; None: now."""
    try:
        when = parsedate_to_datetime((value or b"").decode("ascii", "replace"))
        return max(0, int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()))
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
