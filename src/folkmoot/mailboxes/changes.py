"""What has changed in a mailbox since a state (RFC 7162; RFC 8620 section 5.2 has the same question)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.errors import Conflict
from folkmoot.mail.imap.connection import Connection
from folkmoot.mail.imap.criteria import Criterion, and_, modseq, not_, uids
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.conditions import ALL, DELETED
from folkmoot.mailboxes.states import ITEMS, ITEMS_WITH_MODSEQ, MailboxState, parse_state, state_of

CHANGES_MAX: Final = 20_000  # messages; whoever missed more is better off reading the list anew
_DELETED: Final = "\\Deleted"


class CannotCalculate(Conflict):
    """What changed is not known; the client reads the mailbox anew."""


@dataclass(frozen=True, slots=True)
class MailboxChanges:
    """What has changed; UIDs, ascending.  A message that came and went meanwhile may stand in ``vanished``.

    What is marked as deleted is hidden: it is not created, and a message that was marked since then is gone for
    whoever shows lists.  One of which the mark was taken stands in ``changed``.
    """

    state: MailboxState  # the present one
    created: Sequence[int] = ()
    changed: Sequence[int] = ()  # flags
    vanished: Sequence[int] = ()
    hidden: Sequence[int] = ()  # there before, and now marked as deleted


class Following:
    """Tells what has changed in mailboxes."""

    def __init__(self, access: MailAccess) -> None:
        self._access = access

    async def state(self, caller: Caller, account: str, mailbox: str) -> MailboxState:
        """Return the present state of a mailbox."""
        async with self._access.connection(caller, account) as connection:
            return await _state(connection, mailbox)

    async def since(self, caller: Caller, account: str, mailbox: str, state: str) -> MailboxChanges:
        """Return what has changed since a state.

        Raises:
            MalformedInput: not a state.
            CannotCalculate: the server cannot tell, the mailbox was made anew, or too much has changed.
        """
        was = parse_state(state)
        async with self._access.selected(caller, account, mailbox) as connection:
            await connection.noop()
            now = await _state(connection, mailbox)
            if now == was and (now.modseq or not now.messages):  # without MODSEQ flags change unseen
                return MailboxChanges(now)
            if now.uid_validity != was.uid_validity or now.uid_next < was.uid_next or not (now.modseq and was.modseq):
                raise CannotCalculate("the mail server does not tell what has changed since then")
            if "QRESYNC" in connection.enabled:
                told = await connection.changes(was.modseq)
                touched = sorted({one.uid for one in told.changed})
                hidden = {one.uid for one in told.changed if _DELETED in (one.flags or ())}
                vanished = [uid for uid in told.vanished if uid < was.uid_next]
            else:
                changed = modseq(was.modseq + 1)
                touched = list(await connection.search(changed))
                hidden = set(await connection.search(and_(changed, DELETED))) if touched else set()
                vanished = []
                if was.messages + len(await _new(connection, was, now, ALL)) != now.messages:
                    raise CannotCalculate("the mail server does not tell which messages vanished")
            created = await _new(connection, was, now, not_(DELETED))
        if len(touched) + len(vanished) > CHANGES_MAX:
            raise CannotCalculate("too much has changed since then")
        before = [uid for uid in touched if uid < was.uid_next]
        return MailboxChanges(
            now,
            created,
            [uid for uid in before if uid not in hidden],
            sorted(vanished),
            [uid for uid in before if uid in hidden],
        )


async def _new(connection: Connection, was: MailboxState, now: MailboxState, criterion: Criterion) -> list[int]:
    """Return what came since; asked by UID, as who tells of changes in pieces may say a MODSEQ beyond them."""
    if now.uid_next == was.uid_next:
        return []
    return [uid for uid in await connection.search(and_(uids(f"{was.uid_next}:*"), criterion)) if uid >= was.uid_next]


async def _state(connection: Connection, mailbox: str) -> MailboxState:
    items = ITEMS_WITH_MODSEQ if "CONDSTORE" in connection.capabilities else ITEMS
    return state_of(await connection.status(mailbox, items))
