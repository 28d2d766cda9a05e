"""A whole conversation, wherever its messages lie: asked and answered, filed away, in the trash."""

from collections.abc import Sequence
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.errors import FolkmootError, NotFound, TooLarge, Unavailable
from folkmoot.mail.imap.criteria import Criterion, header, or_
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.listing import LIMIT_MAX, Listing
from folkmoot.mailboxes.searching import Searching, SearchPlace
from folkmoot.mailboxes.summaries import MessageSummary
from folkmoot.mailboxes.values import MessageRef

MAILBOXES_MAX: Final = 100  # that are looked into; more are a search
MESSAGES_MAX: Final = LIMIT_MAX  # of a conversation; the newest of each mailbox are kept
ID_MAX: Final = 900  # octets of a message id that is searched for; servers bound lines


class Conversations:
    """Finds the messages that belong together."""

    def __init__(self, access: MailAccess, listing: Listing, searching: Searching) -> None:
        self._access = access
        self._listing = listing
        self._searching = searching

    async def of(
        self, caller: Caller, account: str, ref: MessageRef, mailboxes: Sequence[str] | None = None
    ) -> list[MessageSummary]:
        """Return the messages of the conversation that a message is in, oldest first, each once.

        Without ``mailboxes`` these are its own, the inbox and the sent messages, or the mailbox that holds all
        messages where the server has one (RFC 6154).

        Raises:
            NotFound: the message is gone.
            Conflict: its mailbox was made anew.
            TooLarge: too many mailboxes.
            Unavailable: the mail server does not answer.
        """
        found = await self._listing.rows(caller, account, ref.mailbox, [ref.uid], uid_validity=ref.uid_validity)
        if not found:
            raise NotFound("the message is gone")
        message = found[0]
        places = list(dict.fromkeys([ref.mailbox, *(mailboxes or await self._usual(caller, account))]))
        if len(places) > MAILBOXES_MAX:
            raise TooLarge(f"at most {MAILBOXES_MAX} mailboxes")
        criterion = _criterion(message)
        if criterion is None:
            return [message]
        together = {message.message_id: message}
        for row in await self._search(caller, account, places, criterion):
            together.setdefault(row.message_id or str(row.ref), row)
        rows = sorted(together.values(), key=lambda row: (row.sent or row.received or 0, row.ref))
        return rows[-MESSAGES_MAX:]

    async def _search(
        self, caller: Caller, account: str, places: Sequence[str], criterion: Criterion
    ) -> list[MessageSummary]:
        rows: dict[str, list[MessageSummary]] = {}
        async for found in self._searching.run(caller, [SearchPlace(account, places)], criterion):
            if found.uids:
                wanted = found.uids[:MESSAGES_MAX]
                validity = found.uid_validity
                try:
                    some = await self._listing.rows(caller, account, found.mailbox, wanted, uid_validity=validity)
                except Unavailable:
                    raise
                except FolkmootError:  # deleted or made anew in this moment
                    continue
                rows[found.mailbox] = some
        return [row for place in places for row in rows.get(place, ())]

    async def _usual(self, caller: Caller, account: str) -> Sequence[str]:
        special = await self._access.special(caller, account)
        async with self._access.connection(caller, account) as connection:
            listed = await connection.list("*") if "SPECIAL-USE" in connection.capabilities else []
        all_ = [one.name for one in listed if "\\all" in one.attributes]
        return all_ or [special.inbox, special.sent]


def _criterion(message: MessageSummary) -> Criterion | None:
    """Return what finds the conversation: all that names its first message, or this one."""
    root = next(iter((*message.references[:1], *message.in_reply_to[:1], message.message_id)), "")
    ids = [one for one in dict.fromkeys((root, message.message_id)) if one and len(one.encode()) <= ID_MAX]
    if not ids:
        return None
    fields = ("Message-ID", "References", "In-Reply-To")
    return or_(*(header(name, one) for one in ids for name in fields))
